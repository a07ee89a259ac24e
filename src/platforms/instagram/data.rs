//! Reads the two shapes in which Instagram's pages carry a post as JSON.
//!
//! `shortcode_media` (GraphQL; embed page and post pages of 2017 to 2026, recorded 2020) and the item of the mobile API
//! (`code`, `user`, `image_versions2`; post pages of 2023 to 2026, by public code). Counts of -1 mean "not shown".

use super::shortcode;
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use jiff::Timestamp;
use serde_json::Value;

/// Pictures and films of one post; Instagram allows twenty.
const MAX_MEDIA: usize = 40;

/// The post of a `shortcode_media` object, where it is that of this post.
pub(super) fn graph(post: &PostRef, media: &Value) -> Option<Post> {
    if media["shortcode"] != post.id.as_str() {
        return None;
    }
    let owner = &media["owner"];
    let text = media["edge_media_to_caption"]["edges"][0]["node"]["text"].as_str().unwrap_or_default();
    let mut found = Post::new(post.clone(), author(owner, "id")?, text.trim());
    found.published = published(post, &media["taken_at_timestamp"]);
    found.sensitive = !media["sensitivity_friction_info"].is_null() || media["gating_info"].is_object();
    match media["edge_sidecar_to_children"]["edges"].as_array().filter(|edges| !edges.is_empty()) {
        Some(edges) => {
            edges.iter().take(MAX_MEDIA).for_each(|edge| found.media.extend(graph_files(&edge["node"])));
        }
        None => found.media.extend(graph_files(media)),
    }
    count(&mut found, "likes", &[&media["edge_media_preview_like"]["count"], &media["edge_liked_by"]["count"]]);
    let comments = ["edge_media_to_parent_comment", "edge_media_to_comment", "edge_media_preview_comment"];
    count(&mut found, "replies", &comments.map(|name| &media[name]["count"]));
    count(&mut found, "views", &[&media["video_view_count"], &media["video_play_count"]]);
    Some(found)
}

/// The post of an item of the mobile API, where it is that of this post.
pub(in crate::platforms) fn item(post: &PostRef, item: &Value) -> Option<Post> {
    if item["code"] != post.id.as_str() {
        return None;
    }
    let user = if item["user"].is_object() { &item["user"] } else { &item["owner"] };
    let text = item["caption"]["text"].as_str().unwrap_or_default();
    let mut found = Post::new(post.clone(), author(user, "pk")?, text.trim());
    found.published = published(post, &item["taken_at"]);
    match item["carousel_media"].as_array().filter(|media| !media.is_empty()) {
        Some(media) => media.iter().take(MAX_MEDIA).for_each(|media| found.media.extend(item_files(media))),
        None => found.media.extend(item_files(item)),
    }
    let hidden = item["like_and_view_counts_disabled"] == true;
    if !hidden {
        count(&mut found, "likes", &[&item["like_count"]]);
        count(&mut found, "views", &[&item["view_count"], &item["play_count"]]);
    }
    count(&mut found, "replies", &[&item["comment_count"]]);
    Some(found)
}

/// When the post was made: as the answer says, else as its code does.
pub(super) fn published(post: &PostRef, seconds: &Value) -> Option<When> {
    let stated = seconds.as_i64().filter(|seconds| *seconds > 0).and_then(|at| Timestamp::from_second(at).ok());
    stated.or_else(|| shortcode::time(&post.id)).map(When::Instant)
}

/// An account; none without a handle.
fn author(user: &Value, id: &str) -> Option<Author> {
    let handle = user["username"].as_str().filter(|handle| !handle.is_empty())?;
    let number = |value: &Value| value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|id| id.to_string()));
    Some(Author {
        id: number(&user[id]).or_else(|| number(&user["id"])),
        handle: handle.to_owned(),
        name: words(&user["full_name"]),
        url: Some(format!("https://www.instagram.com/{handle}/")),
        avatar: words(&user["hd_profile_pic_url_info"]["url"]).or_else(|| words(&user["profile_pic_url"])),
    })
}

/// A film with its poster, or a picture. A film that is withheld still has its picture.
fn graph_files(node: &Value) -> Vec<Media> {
    let size = &node["dimensions"];
    let still = words(&node["display_url"]).or_else(|| largest(&node["display_resources"], "src", "config_width"));
    files(still, words(&node["video_url"]), &size["width"], &size["height"], node, "video_duration")
}

fn item_files(item: &Value) -> Vec<Media> {
    let still = largest(&item["image_versions2"]["candidates"], "url", "width");
    let film = largest(&item["video_versions"], "url", "width");
    files(still, film, &item["original_width"], &item["original_height"], item, "video_duration")
}

fn files(
    still: Option<String>,
    film: Option<String>,
    width: &Value,
    height: &Value,
    node: &Value,
    duration: &str,
) -> Vec<Media> {
    let sized = |kind: MediaKind, url: String| {
        let mut media = Media::new(kind, url);
        media.width_px = pixels(width);
        media.height_px = pixels(height);
        media
    };
    let alt = words(&node["accessibility_caption"]);
    match (film, still) {
        (Some(film), still) => {
            let mut film = sized(MediaKind::Video, film);
            film.alt = alt;
            film.duration_ms = node[duration].as_f64().filter(|s| (0.0..1e6).contains(s)).map(|s| (s * 1000.0) as u64);
            [film].into_iter().chain(still.map(|url| sized(MediaKind::Poster, url))).collect()
        }
        (None, Some(still)) => {
            let mut still = sized(MediaKind::Image, still);
            still.alt = alt;
            vec![still]
        }
        (None, None) => Vec::new(),
    }
}

fn largest(versions: &Value, url: &str, width: &str) -> Option<String> {
    let versions = versions.as_array()?.iter().take(MAX_MEDIA).rev();
    words(&versions.max_by_key(|version| version[width].as_u64().unwrap_or_default())?[url])
}

fn count(post: &mut Post, name: &str, values: &[&Value]) {
    if let Some(n) = values.iter().find_map(|value| value.as_u64()) {
        post.counts.insert(name.to_owned(), n);
    }
}

fn pixels(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0)
}

fn words(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
