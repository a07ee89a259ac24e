//! auto-archiver's records: the metadata of one address as JSON, or a row of the sheet that it fills.
//!
//! Shapes: `Metadata` and `Media` of auto-archiver 0.6 to 1.1 (dates as seconds since 1970, or as text; of X the content is
//! the whole answer as JSON, and the title its words), and the default
//! columns of its sheets (Link, Archive status, Archive location, Archive date, Timestamp, Title, Text). Its `csv_db` writes one
//! column for each field of `Metadata` (status, metadata, media), those that are no text as Python prints them.

use super::{Imported, ImportedPost, file_name, python};
use crate::{
    model::{Author, Media, MediaKind, Post, PostRef, Target, When},
    platforms::{self, twitter},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// Files of one record that are read.
const MAX_FILES: usize = 100;

/// Reads one JSON record.
#[must_use]
pub fn auto_archiver(record: &Value) -> Imported {
    let metadata = &record["metadata"];
    let Some(url) = metadata["url"].as_str() else { return Imported::Left("no record of auto-archiver") };
    let Some(name) = post_at(url) else { return Imported::Left("an address that names no post") };
    if !record["status"].as_str().is_some_and(|status| status.contains("success")) {
        return Imported::Named(name);
    }
    let words = words(text(&metadata["content"]).or_else(|| text(&metadata["text"])), text(&metadata["title"]));
    let dump = text(&metadata["content"]).and_then(|content| dump(&name, &content));
    let imported = match dump {
        Some(post) => Some(ImportedPost::new(post)),
        None => {
            words.map(|words| self::post(name.clone(), words, author(metadata, &name), date(&metadata["timestamp"])))
        }
    };
    let Some(mut imported) = imported else { return Imported::Named(name) };
    imported.dated = instant(&metadata["_processed_at"]);
    for file in record["media"].as_array().into_iter().flatten().take(MAX_FILES) {
        add(&mut imported, file);
    }
    Imported::Post(Box::new(imported))
}

/// Reads a row of a sheet; `cell` gives the value of a column by its name in small letters.
#[must_use]
pub fn auto_archiver_row(cell: impl Fn(&str) -> Option<String>) -> Imported {
    if let Some(metadata) = cell("metadata") {
        let Some(metadata) = python::literal(&metadata) else { return Imported::Left("a record that cannot be read") };
        let media = cell("media").and_then(|media| python::literal(&media)).unwrap_or_default();
        return auto_archiver(&json!({ "status": cell("status"), "metadata": metadata, "media": media }));
    }
    let Some(url) = cell("link").or_else(|| cell("url")) else { return Imported::Left("a row without a link") };
    let Some(name) = post_at(&url) else { return Imported::Left("an address that names no post") };
    let content = cell("text").or_else(|| cell("text content"));
    let dump = content.as_deref().and_then(|content| dump(&name, content));
    let words = words(content, cell("upload title").or_else(|| cell("title")));
    let published = cell("upload timestamp").or_else(|| cell("timestamp")).and_then(|when| When::parse(&when));
    let archived = cell("archive status").is_some_and(|status| status.contains("success"));
    let author = Author { handle: name.author.clone().unwrap_or_default(), ..Author::default() };
    let read = match dump {
        Some(post) => Some(ImportedPost::new(post)),
        None => words.map(|words| post(name.clone(), words, author, published)),
    };
    let Some(mut post) = read.filter(|_| archived) else { return Imported::Named(name) };
    let at = cell("archive date").and_then(|when| When::parse(&when));
    post.dated = at.and_then(|when| instant(&Value::String(when.to_string())));
    Imported::Post(Box::new(post))
}

/// The words of a post: its content, or its title where the content is what an API answered.
fn words(content: Option<String>, title: Option<String>) -> Option<String> {
    content.filter(|content| !is_object(content)).or(title)
}

fn is_object(text: &str) -> bool {
    text.starts_with('{') && serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok()
}

/// The post in the answer that stands for the content of those of X.
fn dump(name: &PostRef, content: &str) -> Option<Post> {
    let answer = serde_json::from_str::<Value>(content).ok().filter(Value::is_object)?;
    twitter::of_answer(name, &answer)
}

/// The author: an account as an API tells it, or what yt-dlp says of who put a film up, whose numbers are no handles.
fn author(metadata: &Value, name: &PostRef) -> Author {
    let accounts = ["author", "user"].map(|field| &metadata[field]);
    let of_account =
        |names: &[&str]| accounts.iter().find_map(|account| names.iter().find_map(|name| text(&account[*name])));
    let is_handle =
        |handle: &String| !handle.contains(char::is_whitespace) && !handle.bytes().all(|byte| byte.is_ascii_digit());
    let single = ["uploader_id", "author", "uploader", "username", "user"];
    let handle = of_account(&["handle", "username", "screen_name"])
        .or_else(|| name.author.clone())
        .or_else(|| single.iter().find_map(|field| text(&metadata[*field]).filter(is_handle)))
        .map(|handle| handle.trim_start_matches('@').to_owned())
        .unwrap_or_default();
    let named = of_account(&["displayName", "full_name", "name"]).or_else(|| text(&metadata["uploader"]));
    Author { name: named.filter(|name| *name != handle), handle, ..Author::default() }
}

fn post(name: PostRef, words: String, author: Author, published: Option<When>) -> ImportedPost {
    let mut post = Post::new(name, author, words);
    post.published = published;
    ImportedPost::new(post)
}

/// A file of a record: what was archived, not the screenshots and pages that the tool made of it.
fn add(imported: &mut ImportedPost, file: &Value) {
    let Some(name) = text(&file["filename"]).or_else(|| text(&file["key"])) else { return };
    let made = file["properties"]["id"].as_str().is_some_and(|id| id == "screenshot" || id == "_final_media");
    let mime = text(&file["_mimetype"]).or_else(|| text(&file["mimetype"])).unwrap_or_default();
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let kind = match (mime.split('/').next().unwrap_or_default(), ending.as_str()) {
        ("image", _) | ("", "jpg" | "jpeg" | "png" | "gif" | "webp") => MediaKind::Image,
        ("video", _) | ("", "mp4" | "webm" | "mov") => MediaKind::Video,
        ("audio", _) | ("", "mp3" | "m4a" | "ogg") => MediaKind::Audio,
        _ => return,
    };
    if made {
        return;
    }
    let src = text(&file["properties"]["src"]).or_else(|| text(&file["urls"][0]));
    let url = src.filter(|src| src.starts_with("http")).unwrap_or_else(|| format!("urn:auto-archiver:{name}"));
    // An answer names the same file by another size of it.
    let stem = |url: &str| file_name(url).split('.').next().unwrap_or_default().to_owned();
    let known = imported.post.media.iter().find(|media| media.url == url || stem(&media.url) == stem(&url));
    let url = match known {
        Some(media) => media.url.clone(),
        None => {
            imported.post.media.push(Media::new(kind, url.clone()));
            url
        }
    };
    let key = text(&file["key"]);
    let names = [Some(name.clone()), key, Some(file_name(&name).to_owned())];
    imported.files.push((url, names.into_iter().flatten().collect()));
}

fn post_at(url: &str) -> Option<PostRef> {
    match platforms::recognize(&Url::parse(url.trim()).ok()?)? {
        Target::Post(post) => Some(post),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn date(value: &Value) -> Option<When> {
    instant(value).map(When::Instant).or_else(|| When::parse(value.as_str()?))
}

#[allow(clippy::cast_possible_truncation, reason = "seconds are asked of a type that checks their range")]
fn instant(value: &Value) -> Option<Timestamp> {
    if let Some(seconds) = value.as_f64() {
        return Timestamp::from_millisecond((seconds * 1_000.0) as i64).ok();
    }
    match When::parse(value.as_str()?)? {
        When::Instant(at) => Some(at),
        When::Day(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, mut metadata: Value, media: &Value) -> ImportedPost {
        metadata["url"] = json!(url);
        match auto_archiver(&json!({"status": "yt-dlp_x: success", "metadata": metadata, "media": media})) {
            Imported::Post(post) => *post,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_kept_as_content_is_read_and_never_shown_as_words() {
        let answer = json!({
            "id_str": "1626922779105759235", "full_text": "Low &amp; still https://t.co/pic", "created_at": "Sat Feb 18 12:33:11 +0000 2023",
            "user": {"screen_name": "mika_tide", "name": "Mika Tide"}, "favorite_count": 3,
            "entities": {"media": [{"url": "https://t.co/pic", "indices": [16, 32]}]},
            "extended_entities": {"media": [{"type": "photo", "media_url_https": "https://pbs.twimg.com/media/FqQUAYpic.jpg", "ext_alt_text": "A quay"}]},
        });
        let url = "https://twitter.com/mika_tide/status/1626922779105759235";
        let media = json!([{"filename": "x/1.jpg", "_mimetype": "image/jpeg",
            "properties": {"src": "https://pbs.twimg.com/media/FqQUAYpic?format=jpg&name=orig"}}]);
        let imported =
            read(url, json!({"title": "Low &amp; still https://t.co/pic", "content": answer.to_string()}), &media);
        let post = &imported.post;
        assert_eq!((post.text.as_str(), post.author.name.as_deref()), ("Low & still", Some("Mika Tide")));
        assert_eq!((post.media.len(), imported.files.len()), (1, 1), "{:?}", post.media);
        assert_eq!(post.media[0].alt.as_deref(), Some("A quay"));
        assert_eq!(imported.files[0].0, post.media[0].url);

        let other = read(
            "https://bsky.app/profile/tide.example/post/3kxyzabcdefgh",
            json!({"title": "Words", "content": "{\"a\": 1}"}),
            &json!([]),
        );
        assert_eq!(other.post.text, "Words");
        let row = |name: &str| match name {
            "link" => Some(url.to_owned()),
            "archive status" => Some("twitter: success".to_owned()),
            "text" => Some(answer.to_string()),
            _ => None,
        };
        let Imported::Post(post) = auto_archiver_row(row) else { panic!("a row") };
        assert_eq!(post.post.text, "Low & still");
    }

    #[test]
    fn who_put_a_film_up_is_known_by_the_handle() {
        let who = |url: &str, metadata: Value| {
            let author = read(url, metadata, &json!([])).post.author;
            (author.handle, author.name.unwrap_or_default())
        };
        let youtube = json!({"title": "A film", "uploader": "Quay Films", "uploader_id": "@quayfilms"});
        assert_eq!(
            who("https://www.youtube.com/watch?v=cQ4bNd_St2g", youtube),
            ("quayfilms".to_owned(), "Quay Films".to_owned())
        );
        let tiktok = json!({"title": "A dance", "uploader": "Mika Tide", "uploader_id": "68123"});
        assert_eq!(
            who("https://www.tiktok.com/@mika.tide/video/6806030056956251397", tiktok),
            ("mika.tide".to_owned(), "Mika Tide".to_owned())
        );
        let bluesky = json!({"title": "Words", "author": {"did": "did:plc:x", "handle": "mika.tide.example", "displayName": "Mika"}});
        let url = "https://bsky.app/profile/did:plc:tide2222tide2222tide2222/post/3kxyzabcdefgh";
        assert_eq!(who(url, bluesky), ("mika.tide.example".to_owned(), "Mika".to_owned()));
    }
}
