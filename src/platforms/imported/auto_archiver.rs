//! auto-archiver's records: the metadata of one address as JSON, or a row of the sheet that it fills.
//!
//! Shapes: `Metadata` and `Media` of auto-archiver 0.6 to 1.1 (dates as seconds since 1970, or as text), and the default
//! columns of its sheets (Link, Archive status, Archive location, Archive date, Timestamp, Title, Text). Its `csv_db` writes one
//! column for each field of `Metadata` (status, metadata, media), those that are no text as Python prints them.

use super::{Imported, ImportedPost, file_name, python};
use crate::{
    model::{Author, Media, MediaKind, Post, PostRef, Target, When},
    platforms,
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
    let words = text(&metadata["content"]).or_else(|| text(&metadata["text"])).or_else(|| text(&metadata["title"]));
    let author = ["author", "uploader", "username", "user"].iter().find_map(|field| {
        let value = &metadata[*field];
        text(value).or_else(|| text(&value["username"])).or_else(|| text(&value["screen_name"]))
    });
    let mut imported = post(name, words, author, date(&metadata["timestamp"]));
    let Some(imported_post) = imported.as_mut() else {
        return post_at(url).map_or(Imported::Left("an address that names no post"), Imported::Named);
    };
    imported_post.dated = instant(&metadata["_processed_at"]);
    for file in record["media"].as_array().into_iter().flatten().take(MAX_FILES) {
        add(imported_post, file);
    }
    imported.map_or(Imported::Left("a record without words"), |post| Imported::Post(Box::new(post)))
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
    let words =
        cell("text").or_else(|| cell("text content")).or_else(|| cell("upload title")).or_else(|| cell("title"));
    let published = cell("upload timestamp").or_else(|| cell("timestamp")).and_then(|when| When::parse(&when));
    let archived = cell("archive status").is_some_and(|status| status.contains("success"));
    match post(name.clone(), words.filter(|_| archived), None, published) {
        Some(mut post) => {
            let at = cell("archive date").and_then(|when| When::parse(&when));
            post.dated = at.and_then(|when| instant(&Value::String(when.to_string())));
            Imported::Post(Box::new(post))
        }
        None => Imported::Named(name),
    }
}

/// Without words there is nothing but a name.
fn post(name: PostRef, words: Option<String>, author: Option<String>, published: Option<When>) -> Option<ImportedPost> {
    let handle = author.or_else(|| name.author.clone()).unwrap_or_default();
    let author = Author { handle: handle.trim_start_matches('@').to_owned(), ..Author::default() };
    let mut post = Post::new(name, author, words?);
    post.published = published;
    Some(ImportedPost::new(post))
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
    imported.post.media.push(Media::new(kind, url.clone()));
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
