//! Records of an AT Protocol repository as posts: a record names its files by the digests of their bytes, and knows
//! nothing of counts, handles or pictures of accounts.

use super::view::{self, View};
use crate::model::{Post, PostRef};
use serde_json::{Value, json};

/// The post of a record of `app.bsky.feed.post`; links in it are `{"$link": "bafy..."}` as in JSON of the protocol.
#[must_use]
pub fn of_record(did: &str, rkey: &str, record: &Value, name: Option<&str>) -> Option<Post> {
    if !record["text"].is_string() || !super::urls::is_did(did) {
        return None;
    }
    let view = json!({
        "uri": format!("at://{did}/{}/{rkey}", super::urls::COLLECTION),
        "author": {"did": did, "handle": "", "displayName": name},
        "record": record,
        "embed": embed(did, &record["embed"]),
    });
    match view::read(&view)? {
        View::Post(post) => Some(*post),
        View::MembersOnly(_) => None,
    }
}

/// The post that a record names by its `at://` address.
#[must_use]
pub fn post_at(uri: &str) -> Option<PostRef> {
    view::named(uri)
}

/// An embed as the API would show it.
fn embed(did: &str, embed: &Value) -> Value {
    match embed["$type"].as_str().unwrap_or_default() {
        "app.bsky.embed.recordWithMedia" => json!({
            "$type": "app.bsky.embed.recordWithMedia#view",
            "media": self::embed(did, &embed["media"]),
            "record": {"record": {"uri": embed["record"]["record"]["uri"]}},
        }),
        "app.bsky.embed.record" => {
            json!({"$type": "app.bsky.embed.record#view", "record": {"uri": embed["record"]["uri"]}})
        }
        "app.bsky.embed.images" => {
            let image = |image: &Value| {
                Some(json!({
                    "fullsize": picture("feed_fullsize", did, link(&image["image"])?),
                    "thumb": picture("feed_thumbnail", did, link(&image["image"])?),
                    "alt": image["alt"], "aspectRatio": image["aspectRatio"],
                }))
            };
            let images: Vec<Value> = embed["images"].as_array().into_iter().flatten().filter_map(image).collect();
            json!({"$type": "app.bsky.embed.images#view", "images": images})
        }
        "app.bsky.embed.video" => {
            let Some(cid) = link(&embed["video"]) else { return Value::Null };
            let at = format!("https://video.bsky.app/watch/{}/{cid}", did.replace(':', "%3A"));
            json!({
                "$type": "app.bsky.embed.video#view", "playlist": format!("{at}/playlist.m3u8"),
                "alt": embed["alt"], "aspectRatio": embed["aspectRatio"],
            })
        }
        "app.bsky.embed.external" => {
            let external = &embed["external"];
            let thumb = link(&external["thumb"]).map(|cid| picture("feed_thumbnail", did, cid));
            json!({"$type": "app.bsky.embed.external#view", "external": {
                "uri": external["uri"], "title": external["title"], "description": external["description"], "thumb": thumb,
            }})
        }
        _ => Value::Null,
    }
}

/// The digest by which a record names a file.
fn link(blob: &Value) -> Option<&str> {
    blob["ref"]["$link"].as_str().or_else(|| blob["cid"].as_str())
}

fn picture(size: &str, did: &str, cid: &str) -> String {
    format!("https://cdn.bsky.app/img/{size}/plain/{did}/{cid}@jpeg")
}

/// The digest in an address that [`of_record`] gave.
#[must_use]
pub fn blob_of(url: &str) -> Option<&str> {
    let mut parts = url.split('/').filter_map(|part| {
        let name = part.split('@').next()?;
        let is_digest = name.len() > 40 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        (is_digest && name.starts_with('b')).then_some(name)
    });
    parts.next()
}
