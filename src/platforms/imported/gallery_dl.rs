//! gallery-dl's metadata: a JSON object a file, or a list of them, beside the file (`NAME.EXT.json`), or one a post.
//!
//! Fields by gallery-dl's extractors as of 2026: twitter (`tweet_id`, `author.name` is the handle, `nick` the name),
//! bluesky (the record's own fields beside `author`), instagram (`post_shortcode`, `description`), and mastodon (the
//! status of the client API). Of other sites the post's address, the words and the author are read where they have
//! their usual names.

use super::{Imported, ImportedPost, file_name};
use crate::{
    model::{Author, Media, MediaKind, Post, PostRef, Target, When},
    platforms::{self, bluesky, fediverse},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads one object; `beside` is the name of the file that its own file's name says it describes.
#[must_use]
pub fn gallery_dl(record: &Value, beside: Option<&str>) -> Imported {
    let Some(category) = record["category"].as_str() else { return Imported::Left("no record of gallery-dl") };
    if is_repost(record) {
        return Imported::Left("a repost, whose words are another's");
    }
    let read = match category {
        "twitter" => twitter(record),
        "bluesky" => of_bluesky(record),
        "instagram" => instagram(record),
        _ if record["account"]["acct"].is_string() => fediverse::of_status(record),
        _ => other(record),
    };
    let Some(mut post) = read else { return Imported::Left("a record that names no post") };
    let mut imported = ImportedPost::new(post.clone());
    if let Some(media) = media(record) {
        let names = beside.map(str::to_owned).into_iter().chain(named(record)).collect();
        if !post.media.iter().any(|known| known.url == media.url) {
            // A record of one file names no other; those that follow bring theirs.
            post.media = vec![media.clone()];
        }
        imported.files.push((media.url, names));
    }
    imported.post = post;
    Imported::Post(Box::new(imported))
}

/// Reposts, which it keeps where that is asked for, have the number of the one post and the author of the other.
fn is_repost(record: &Value) -> bool {
    let original = id(&record["retweet_id"]);
    (original.is_some() && original != id(&record["tweet_id"])) || record["reblog"].is_object()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Ids are numbers in some versions and strings in others.
fn id(value: &Value) -> Option<String> {
    value.as_u64().filter(|id| *id > 0).map(|id| id.to_string()).or_else(|| text(value))
}

/// `2024-08-11 20:15:00`, in UTC.
fn date(value: &Value) -> Option<When> {
    let words = value.as_str()?.trim();
    When::parse(words).or_else(|| When::parse(&words.replacen(' ', "T", 1)))
}

fn counts(record: &Value, names: &[(&str, &str)]) -> BTreeMap<String, u64> {
    names.iter().filter_map(|(name, field)| Some(((*name).to_owned(), record[*field].as_u64()?))).collect()
}

fn twitter(record: &Value) -> Option<Post> {
    let handle = text(&record["author"]["name"])?;
    let number = id(&record["tweet_id"])?;
    let name = post_at(&format!("https://twitter.com/{handle}/status/{number}"))?;
    let author = Author {
        id: id(&record["author"]["id"]),
        name: text(&record["author"]["nick"]),
        url: Some(format!("https://x.com/{handle}")),
        avatar: text(&record["author"]["profile_image"]),
        handle,
    };
    let mut post = Post::new(name, author, text(&record["content"]).unwrap_or_default());
    post.published = date(&record["date"]);
    post.lang = text(&record["lang"]).filter(|lang| lang != "und" && lang != "zxx");
    post.sensitive = record["sensitive"].as_bool() == Some(true);
    post.counts = counts(
        record,
        &[
            ("likes", "favorite_count"),
            ("replies", "reply_count"),
            ("reposts", "retweet_count"),
            ("quotes", "quote_count"),
            ("views", "view_count"),
        ],
    );
    Some(post)
}

fn of_bluesky(record: &Value) -> Option<Post> {
    let did = text(&record["author"]["did"])?;
    let key = text(&record["post_id"]).or_else(|| Some(file_name(record["uri"].as_str()?).to_owned()))?;
    let mut post = bluesky::of_record(&did, &key, record, None)?;
    post.author.handle = text(&record["author"]["handle"]).unwrap_or_default();
    post.author.name = text(&record["author"]["displayName"]);
    post.author.avatar = text(&record["author"]["avatar"]);
    post.counts = counts(
        record,
        &[("likes", "likeCount"), ("replies", "replyCount"), ("reposts", "repostCount"), ("quotes", "quoteCount")],
    );
    Some(post)
}

fn instagram(record: &Value) -> Option<Post> {
    let code = text(&record["post_shortcode"]).or_else(|| text(&record["shortcode"]))?;
    // Of a story the code is made of the reel's number, and names no post.
    let name = match text(&record["post_url"]) {
        Some(url) => post_at(&url)?,
        None => post_at(&format!("https://www.instagram.com/p/{code}/"))?,
    };
    let handle = text(&record["username"])?;
    let author = Author {
        id: id(&record["owner_id"]),
        name: text(&record["fullname"]),
        url: Some(format!("https://www.instagram.com/{handle}/")),
        handle,
        avatar: None,
    };
    let mut post = Post::new(name, author, text(&record["description"]).unwrap_or_default());
    post.published = date(&record["post_date"]).or_else(|| date(&record["date"]));
    post.counts = counts(record, &[("likes", "likes")]);
    Some(post)
}

/// Any other site whose address is a post's.
fn other(record: &Value) -> Option<Post> {
    let addresses = ["post_url", "webpage_url", "permalink", "page_url", "url"];
    let name = addresses.iter().find_map(|field| {
        let url = text(&record[*field])?;
        post_at(&url).or_else(|| post_at(&format!("https://www.reddit.com{url}")))
    })?;
    let words = ["content", "description", "caption", "selftext", "title"];
    let words = words.iter().find_map(|field| text(&record[*field])).unwrap_or_default();
    let words = match text(&record["title"]) {
        Some(title) if record["selftext"].is_string() && title != words => format!("{title}\n\n{words}"),
        _ if words.contains("</") || words.contains("<br") => crate::html::fragment_text(&words),
        _ => words,
    };
    let owner = &record["author"];
    let handle = text(owner).or_else(|| text(&owner["username"])).or_else(|| text(&record["username"]));
    let author = Author { handle: handle.unwrap_or_default(), name: text(&owner["name"]), ..Author::default() };
    let mut post = Post::new(name, author, words);
    post.published = date(&record["date"]);
    Some(post)
}

fn post_at(url: &str) -> Option<PostRef> {
    match platforms::recognize(&url::Url::parse(url).ok()?)? {
        Target::Post(post) => Some(post),
        _ => None,
    }
}

/// The file that a record is about.
fn media(record: &Value) -> Option<Media> {
    let ending = text(&record["extension"])?.to_ascii_lowercase();
    let kind = match ending.as_str() {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif" => MediaKind::Image,
        "mp4" | "webm" | "mov" | "m4v" => MediaKind::Video,
        "mp3" | "m4a" | "ogg" | "wav" => MediaKind::Audio,
        _ => return None,
    };
    let addresses = ["url", "video_url", "display_url", "media_url"];
    let stated = addresses.iter().find_map(|field| text(&record[*field]).filter(|url| url.starts_with("http")));
    let stated = stated.or_else(|| text(&record["media"]["url"]));
    // Without its address a file is named as it stands in the export.
    let url = stated.unwrap_or_else(|| {
        let name = text(&record["filename"]).or_else(|| id(&record["media_id"])).unwrap_or_default();
        format!("urn:gallery-dl:{}:{}:{name}.{ending}", record["category"].as_str().unwrap_or_default(), number(record))
    });
    let attached = &record["media"];
    let px = |field: &str| {
        let px = record[field].as_u64().or_else(|| attached["meta"]["original"][field].as_u64());
        px.and_then(|px| u32::try_from(px).ok()).filter(|px| *px > 0)
    };
    // Elsewhere a description is the post's own words.
    let described =
        text(&record["description"]).filter(|_| record["category"] == "twitter" || record["category"] == "bluesky");
    Some(Media {
        alt: described.or_else(|| text(&attached["description"])),
        width_px: px("width"),
        height_px: px("height"),
        ..Media::new(kind, url)
    })
}

fn number(record: &Value) -> String {
    ["tweet_id", "post_id", "id"].iter().find_map(|field| id(&record[*field])).unwrap_or_default()
}

/// The names that gallery-dl gives the file by default.
fn named(record: &Value) -> Vec<String> {
    let Some(ending) = text(&record["extension"]) else { return Vec::new() };
    let (number, place) = (number(record), record["num"].as_u64().unwrap_or(1));
    let mut names = vec![format!("{number}_{place}.{ending}"), format!("{number}.{ending}")];
    names.extend(text(&record["filename"]).map(|name| format!("{name}.{ending}")));
    names.extend(id(&record["media_id"]).map(|media| format!("{media}.{ending}")));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(record: &Value) -> Post {
        match gallery_dl(record, None) {
            Imported::Post(post) => post.post,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_repost_is_not_its_reposters_words_and_a_story_is_no_post() {
        let twitter = |retweet: u64| {
            json!({"category": "twitter", "tweet_id": 1_626_922_779_105_759_235_u64, "retweet_id": retweet,
                "content": "RT @mika: Low", "author": {"name": "mika"}})
        };
        assert_eq!(
            gallery_dl(&twitter(1_600_000_000_000_000_000), None),
            Imported::Left("a repost, whose words are another's")
        );
        assert!(
            matches!(gallery_dl(&twitter(1_626_922_779_105_759_235), None), Imported::Post(_)),
            "the original itself"
        );
        assert!(matches!(gallery_dl(&twitter(0), None), Imported::Post(_)));
        let story = json!({"category": "instagram", "post_shortcode": "C8jYDeDkAAf", "username": "mika",
            "post_url": "https://www.instagram.com/stories/mika/", "description": ""});
        assert_eq!(gallery_dl(&story, None), Imported::Left("a record that names no post"));
    }

    #[test]
    fn a_description_is_an_alt_text_only_where_it_describes_the_file() {
        let status = json!({"category": "mastodon", "uri": "https://tide.example/users/mika/statuses/112940000000000001", "id": "112940000000000001",
            "account": {"acct": "mika", "url": "https://tide.example/@mika"}, "content": "<p>Low</p>", "reblog": null, "extension": "png",
            "media": {"url": "https://tide.example/a.png", "description": "A quay", "meta": {"original": {"width": 4, "height": 3}}}});
        let post = read(&status);
        assert_eq!(
            (post.text.as_str(), post.media[0].alt.as_deref(), post.media[0].width_px),
            ("Low", Some("A quay"), Some(4))
        );
        let pin = json!({"category": "flickr", "url": "https://live.staticflickr.com/1/a.jpg", "extension": "jpg",
            "webpage_url": "https://www.flickr.com/photos/mika/53012345678/", "description": "At <b>low</b> water"});
        let post = read(&pin);
        assert_eq!((post.text.as_str(), post.media[0].alt.as_deref()), ("At low water", None));
        let thread = json!({"category": "reddit", "permalink": "/r/tides/comments/2gmzqe/low/", "title": "Low", "selftext": "Water", "author": "mika"});
        assert_eq!(read(&thread).text, "Low\n\nWater");
    }
}
