//! The API's own JSON, which the Wayback Machine's crawler was given in place of pages: version 2 with its `includes`,
//! or the older shape that embed data still has. Version 2 is turned into that shape, so that one reader serves both.

use super::syndication;
use crate::model::{Poll, PollOption, Post, PostRef};
use serde_json::{Value, json};

/// More than any answer holds of one kind.
const MAX_ITEMS: usize = 100;

/// Reads an answer; None where it is of another post, or of none.
pub(super) fn read(post: &PostRef, answer: &Value) -> Option<Post> {
    if !answer["data"]["text"].is_string() {
        return syndication::read_value(post, answer);
    }
    let (data, includes) = (&answer["data"], &answer["includes"]);
    let mut shaped = shape(data, includes)?;
    for reference in items(&data["referenced_tweets"]) {
        let other = items(&includes["tweets"]).find(|other| other["id"] == reference["id"]);
        let other = other.and_then(|other| shape(other, includes));
        match reference["type"].as_str() {
            Some("quoted") => {
                shaped["quoted_tweet"] = other.unwrap_or_else(|| json!({"id_str": reference["id"]}));
            }
            Some("replied_to") => match other {
                Some(other) => shaped["parent"] = other,
                None => shaped["in_reply_to_status_id_str"] = reference["id"].clone(),
            },
            // A post that only repeats another is not the other.
            _ => {}
        }
    }
    let mut read = syndication::read_value(post, &shaped)?;
    read.poll = poll(data, includes);
    Some(read)
}

/// A post of version 2 in the older shape.
fn shape(data: &Value, includes: &Value) -> Option<Value> {
    let user = items(&includes["users"]).find(|user| user["id"] == data["author_id"])?;
    let urls: Vec<Value> = items(&data["entities"]["urls"]).map(indexed).collect();
    let is_file = |url: &&Value| {
        let shown = url["display_url"].as_str().unwrap_or_default();
        url["media_key"].is_string() || shown.starts_with("pic.twitter.com/") || shown.starts_with("pic.x.com/")
    };
    let (files, links): (Vec<_>, Vec<_>) = urls.into_iter().partition(|url| is_file(&url));
    let mentions: Vec<Value> = items(&data["entities"]["mentions"])
        .map(|mention| {
            let mut mention = indexed(mention);
            mention["screen_name"] = mention["username"].clone();
            mention
        })
        .collect();
    let tags: Vec<Value> = items(&data["entities"]["hashtags"])
        .map(|tag| {
            let mut tag = indexed(tag);
            tag["text"] = tag["tag"].clone();
            tag
        })
        .collect();
    let keys: Vec<&Value> = items(&data["attachments"]["media_keys"]).collect();
    let details: Vec<Value> = keys
        .iter()
        .filter_map(|key| items(&includes["media"]).find(|media| media["media_key"] == **key))
        .map(detail)
        .collect();
    let metrics = &data["public_metrics"];
    Some(json!({
        "id_str": data["id"], "text": data["text"], "created_at": data["created_at"], "lang": data["lang"],
        "possibly_sensitive": data["possibly_sensitive"],
        "favorite_count": metrics["like_count"], "retweet_count": metrics["retweet_count"],
        "reply_count": metrics["reply_count"], "quote_count": metrics["quote_count"],
        "user": {
            "id_str": user["id"], "name": user["name"], "screen_name": user["username"],
            "profile_image_url_https": user["profile_image_url"],
        },
        "entities": {"urls": links, "media": files, "user_mentions": mentions, "hashtags": tags},
        "mediaDetails": details,
    }))
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().take(MAX_ITEMS)
}

fn indexed(entity: &Value) -> Value {
    let mut entity = entity.clone();
    entity["indices"] = json!([entity["start"], entity["end"]]);
    entity
}

fn detail(media: &Value) -> Value {
    let variants: Vec<Value> = items(&media["variants"])
        .map(|variant| {
            json!({"url": variant["url"], "content_type": variant["content_type"], "bitrate": variant["bit_rate"]})
        })
        .collect();
    let still = if media["url"].is_string() { &media["url"] } else { &media["preview_image_url"] };
    json!({
        "type": media["type"], "media_url_https": still, "ext_alt_text": media["alt_text"],
        "original_info": {"width": media["width"], "height": media["height"]},
        "video_info": {"variants": variants, "duration_millis": media["duration_ms"]},
    })
}

fn poll(data: &Value, includes: &Value) -> Option<Poll> {
    let id = data["attachments"]["poll_ids"].get(0)?;
    let poll = items(&includes["polls"]).find(|poll| poll["id"] == *id)?;
    let options: Vec<PollOption> = items(&poll["options"])
        .filter_map(|option| {
            Some(PollOption { label: option["label"].as_str()?.to_owned(), votes: option["votes"].as_u64() })
        })
        .collect();
    let ends = poll["end_datetime"].as_str().and_then(|end| end.parse().ok());
    (!options.is_empty()).then_some(Poll { options, ends, multiple: false })
}
