//! Reads a post as the scripts of Facebook's pages state it: a `Story` in `script[data-sjs]`, in pieces that lie
//! anywhere in the tree (yt-dlp's facebook.py and public readers, 2022 to 2026; no recording).

use super::super::page_parts::{pixels, text_of, web, whole};
use super::{PLATFORM, page, urls};
use crate::model::{Author, Card, Media, MediaKind, Post, PostRef, Related, When};
use jiff::Timestamp;
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::LazyLock;

/// Values of all scripts that are looked at; a page has some ten thousand.
const MAX_VALUES: usize = 400_000;
/// Scripts of a page with state.
const MAX_SCRIPTS: usize = 120;
/// Values of one piece of a story.
const MAX_PIECE_VALUES: usize = 60_000;
/// Pieces in which a page states one story.
const MAX_PIECES: usize = 12;
/// Files of one post.
const MAX_FILES: usize = 40;

static STATES: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("script[type='application/json']").expect("a fixed selector"));

/// The post, where a story of it is stated.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    let states: Vec<Value> = page
        .select(&STATES)
        .take(MAX_SCRIPTS)
        .filter_map(|script| serde_json::from_str(script.text().collect::<String>().trim()).ok())
        .collect();
    let pieces: Vec<&Value> = states
        .iter()
        .flat_map(|state| all(state, MAX_VALUES, |value| is_story(value, post)))
        .take(MAX_PIECES)
        .collect();
    of_pieces(post, &pieces, 0)
}

/// A story or a film with the post's number, or with an address that names the post.
fn is_story(value: &Value, post: &PostRef) -> bool {
    let named = [&value["post_id"], &value["video_id"], &value["videoId"]];
    let is_video = value["__typename"] == "Video" && value["id"] == post.id.as_str();
    is_video
        || named.iter().any(|id| **id == post.id.as_str())
        || (value["__typename"] == "Story" || value["message"].is_object())
            && ["url", "permalink_url", "wwwURL"]
                .iter()
                .filter_map(|name| value[*name].as_str())
                .any(|url| url.contains(post.id.as_str()) && urls::names(url, post))
}

fn of_pieces(post: &PostRef, pieces: &[&Value], depth: usize) -> Option<Post> {
    let find = |fits: fn(&Value) -> bool| pieces.iter().find_map(|piece| shallowest(piece, fits));
    let message =
        find(|value| value["message"]["text"].is_string()).and_then(|value| text_of(&value["message"]["text"]));
    let who = find(|value| value["actors"][0]["name"].is_string()).map(|value| &value["actors"][0]);
    let who = who.or_else(|| find(|value| value["owner"]["name"].is_string()).map(|value| &value["owner"]))?;
    let time = find(|value| ["creation_time", "publish_time"].iter().any(|name| value[*name].as_i64().is_some()));
    let time = time.and_then(|value| value["creation_time"].as_i64().or_else(|| value["publish_time"].as_i64()));
    let url = [&who["url"], &who["profile_url"]].into_iter().find_map(|url| web(url.as_str()?));
    let author = Author {
        id: text_of(&who["id"]),
        handle: url.as_deref().and_then(page::handle).or_else(|| post.author.clone()).unwrap_or_default(),
        name: text_of(&who["name"]),
        avatar: ["profile_picture", "profilePicture", "displayPicture"]
            .iter()
            .find_map(|name| web(who[*name]["uri"].as_str()?)),
        url,
    };
    let mut found = Post::new(post.clone(), author, message.unwrap_or_default());
    found.published = time.and_then(|at| Timestamp::from_second(at).ok()).map(When::Instant);
    found.media = pieces.iter().map(|piece| files(piece)).find(|files| !files.is_empty()).unwrap_or_default();
    found.card = find(|value| value["story_attachment_link_renderer"].is_object() || is_link(value)).and_then(card);
    let counts = [("likes", "reaction_count"), ("reposts", "share_count"), ("replies", "total_comment_count")];
    for (name, field) in counts {
        let count = pieces.iter().find_map(|piece| {
            all(piece, MAX_PIECE_VALUES, |value| !value[field].is_null())
                .find_map(|value| whole(&value[field]["count"]).or_else(|| whole(&value[field])))
        });
        found.counts.extend(count.map(|n| (name.to_owned(), n)));
    }
    if depth == 0 {
        found.quoted =
            find(|value| value["attached_story"].is_object()).and_then(|value| shared(&value["attached_story"]));
    }
    let nothing = found.text.is_empty() && found.media.is_empty() && found.card.is_none();
    (!nothing).then_some(found)
}

/// The story that this one passes on.
fn shared(story: &Value) -> Option<Related> {
    let url = all(story, MAX_PIECE_VALUES, |value| {
        ["url", "wwwURL", "permalink_url"].iter().any(|name| value[*name].is_string())
    })
    .flat_map(|value| ["url", "wwwURL", "permalink_url"].into_iter().filter_map(|name| value[name].as_str()))
    .find_map(|url| super::super::address::named(PLATFORM, url))?;
    let content = of_pieces(&url, &[story], 1).map(Box::new);
    Some(Related { post: url, content })
}

/// Pictures and films of a story, in the order of its attachments. What it passes on has its own.
fn files(story: &Value) -> Vec<Media> {
    let mut files: Vec<Media> = Vec::new();
    let is_file = |value: &Value| matches!(value["__typename"].as_str(), Some("Photo" | "Video"));
    for value in all(story, MAX_PIECE_VALUES, is_file).take(MAX_FILES) {
        for media in file(value) {
            if files.iter().all(|known| known.url != media.url) {
                files.push(media);
            }
        }
    }
    files
}

fn file(value: &Value) -> Vec<Media> {
    let still = ["photo_image", "viewer_image", "image", "full_width_image", "preferred_thumbnail", "thumbnailImage"];
    let still = still.iter().find_map(|name| {
        let image = if value[*name]["image"].is_object() { &value[*name]["image"] } else { &value[*name] };
        let mut media = Media::new(MediaKind::Image, web(image["uri"].as_str()?)?);
        (media.width_px, media.height_px) = (pixels(&image["width"]), pixels(&image["height"]));
        media.alt = text_of(&value["accessibility_caption"]);
        Some(media)
    });
    if value["__typename"] != "Video" {
        return still.into_iter().collect();
    }
    let sources = [value, &value["videoDeliveryLegacyFields"], &value["video_grid_renderer"]["video"]];
    let names = ["browser_native_hd_url", "playable_url_quality_hd", "browser_native_sd_url", "playable_url"];
    let mut urls: Vec<String> = Vec::new();
    for url in names.iter().flat_map(|name| sources.iter().filter_map(|from| web(from[*name].as_str()?))) {
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    let mut urls = urls.into_iter();
    let film = urls.next().map(|url| {
        let mut film = Media::new(MediaKind::Video, url);
        film.fallbacks = urls.collect();
        (film.width_px, film.height_px) = (pixels(&value["width"]), pixels(&value["height"]));
        film.duration_ms = whole(&value["playable_duration_in_ms"]);
        film
    });
    let kind = if film.is_some() { MediaKind::Poster } else { MediaKind::Image };
    film.into_iter().chain(still.map(|still| Media { kind, ..still })).collect()
}

fn is_link(value: &Value) -> bool {
    value["title_with_entities"]["text"].is_string() && value["web_link"]["url"].is_string()
}

fn card(value: &Value) -> Option<Card> {
    let link = shallowest(value, is_link).unwrap_or(value);
    Some(Card {
        url: web(link["web_link"]["url"].as_str().or_else(|| link["url"].as_str())?)?,
        title: text_of(&link["title_with_entities"]["text"]),
        description: text_of(&link["description"]["text"]),
        image: None,
        site: text_of(&link["source"]["text"]),
    })
}

/// The first value that fits, nearest to the root; what a story passes on is another story's.
fn shallowest(root: &Value, fits: impl Fn(&Value) -> bool) -> Option<&Value> {
    all(root, MAX_PIECE_VALUES, fits).next()
}

/// All objects that fit, those nearer to the root first.
fn all(root: &Value, most: usize, fits: impl Fn(&Value) -> bool) -> impl Iterator<Item = &Value> {
    let mut waiting = VecDeque::from([root]);
    let mut seen = 0_usize;
    std::iter::from_fn(move || {
        while let Some(value) = waiting.pop_front() {
            seen += 1;
            if seen > most {
                return None;
            }
            match value {
                Value::Array(values) => waiting.extend(values),
                Value::Object(fields) => {
                    let inner = fields.iter().filter(|(name, _)| name.as_str() != "attached_story");
                    waiting.extend(inner.map(|(_, value)| value).filter(|value| value.is_array() || value.is_object()));
                    if fits(value) {
                        return Some(value);
                    }
                }
                _ => {}
            }
        }
        None
    })
}
