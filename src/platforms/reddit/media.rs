//! The pictures, films and links of a post's JSON.

use super::super::page_parts::{pixels, text_of, whole};
use super::thing::address;
use crate::model::{Card, Media, MediaKind};
use serde_json::Value;
use url::Url;

/// Pictures of a gallery; Reddit allows twenty.
const MAX_FILES: usize = 40;
/// Endings of addresses that are pictures.
const PICTURES: [&str; 6] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"];

/// All files: the gallery's, the film, the picture that the post links to, those among its words.
pub(super) fn files(data: &Value) -> Vec<Media> {
    let gallery = gallery(data);
    if !gallery.is_empty() {
        return gallery;
    }
    let film = film(data);
    if !film.is_empty() {
        return film;
    }
    match picture(data) {
        Some(picture) => vec![picture],
        None => inline(data),
    }
}

/// The pictures that stand among the words, in the order of their names.
pub(super) fn inline(data: &Value) -> Vec<Media> {
    let found = data["media_metadata"].as_object();
    found.into_iter().flatten().take(MAX_FILES).filter_map(|(id, file)| item(id, file, None)).collect()
}

fn gallery(data: &Value) -> Vec<Media> {
    let items = data["gallery_data"]["items"].as_array();
    items
        .into_iter()
        .flatten()
        .take(MAX_FILES)
        .filter_map(|own| {
            let id = own["media_id"].as_str()?;
            item(id, &data["media_metadata"][id], text_of(&own["caption"]))
        })
        .collect()
}

/// One file of `media_metadata`: `s` is the largest size, `m` the type of the original.
fn item(id: &str, file: &Value, caption: Option<String>) -> Option<Media> {
    if file["status"].as_str().is_some_and(|status| status != "valid") || !id.bytes().all(is_plain) {
        return None;
    }
    let source = &file["s"];
    let shown = address(&source["u"]);
    let mut media = match (file["e"].as_str().unwrap_or("Image"), address(&source["gif"]), address(&source["mp4"])) {
        ("RedditVideo", ..) => Media::new(MediaKind::Video, address(&file["hlsUrl"])?),
        ("AnimatedImage", Some(gif), mp4) => {
            let mut media = Media::new(MediaKind::Image, gif);
            media.fallbacks.extend(mp4);
            media
        }
        ("AnimatedImage", None, Some(mp4)) => Media::new(MediaKind::Video, mp4),
        _ => {
            let ending = file["m"].as_str().and_then(|mime| mime.strip_prefix("image/"));
            let ending = ending.map(|ending| if ending == "jpeg" { "jpg" } else { ending });
            match ending.filter(|ending| ending.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                // The upload itself; what is shown is made anew at each size.
                Some(ending) => {
                    let mut media = Media::new(MediaKind::Image, format!("https://i.redd.it/{id}.{ending}"));
                    media.fallbacks.extend(shown);
                    media
                }
                None => Media::new(MediaKind::Image, shown?),
            }
        }
    };
    media.width_px = pixels(&source["x"]).or_else(|| pixels(&file["x"]));
    media.height_px = pixels(&source["y"]).or_else(|| pixels(&file["y"]));
    media.alt = caption;
    Some(media)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A film on v.redd.it: the MP4 of `fallback_url` has no sound, so it is the film only where there is none.
fn film(data: &Value) -> Vec<Media> {
    let film = [&data["secure_media"], &data["media"]]
        .into_iter()
        .map(|media| &media["reddit_video"])
        .chain([&data["preview"]["reddit_video_preview"]])
        .find(|film| film.is_object());
    let Some(film) = film else { return Vec::new() };
    let silent = address(&film["fallback_url"]).map(|url| url.replace("?source=fallback", ""));
    let urls: Vec<String> = if film["has_audio"] == false || film["is_gif"] == true {
        silent.into_iter().chain(address(&film["hls_url"])).collect()
    } else {
        address(&film["hls_url"]).into_iter().chain(silent).collect()
    };
    let mut urls = urls.into_iter();
    let Some(url) = urls.next() else { return Vec::new() };
    let mut media = Media::new(MediaKind::Video, url);
    media.fallbacks = urls.collect();
    media.width_px = pixels(&film["width"]);
    media.height_px = pixels(&film["height"]);
    media.duration_ms = whole(&film["duration"]).map(|seconds| seconds.saturating_mul(1000)).filter(|ms| *ms > 0);
    [Some(media), still(data).map(|still| Media { kind: MediaKind::Poster, ..still })].into_iter().flatten().collect()
}

/// The picture that the post is a link to.
fn picture(data: &Value) -> Option<Media> {
    let url = linked(data)?;
    let is_picture = data["post_hint"] == "image"
        || PICTURES.iter().any(|ending| url.path().to_ascii_lowercase().ends_with(ending))
            && matches!(url.host_str(), Some("i.redd.it" | "i.imgur.com" | "preview.redd.it"));
    if !is_picture {
        return None;
    }
    let mut media = Media::new(MediaKind::Image, url.as_str());
    if let Some(still) = still(data) {
        (media.width_px, media.height_px) = (still.width_px, still.height_px);
        media.fallbacks.push(still.url);
    }
    Some(media)
}

fn still(data: &Value) -> Option<Media> {
    let source = &data["preview"]["images"][0]["source"];
    let mut still = Media::new(MediaKind::Image, address(&source["url"])?);
    (still.width_px, still.height_px) = (pixels(&source["width"]), pixels(&source["height"]));
    Some(still)
}

/// Where the post leads, unless it is its own page.
fn linked(data: &Value) -> Option<Url> {
    if data["is_self"] == true {
        return None;
    }
    let url = address(&data["url_overridden_by_dest"]).or_else(|| address(&data["url"]))?;
    let url = Url::parse(&url).ok()?;
    let own = data["permalink"].as_str().is_some_and(|own| url.path() == own);
    (!own).then_some(url)
}

/// The link that the post is.
pub(super) fn card(data: &Value) -> Option<Card> {
    let url = linked(data)?;
    let about = &data["secure_media"]["oembed"];
    let about = if about.is_object() { about } else { &data["media"]["oembed"] };
    Some(Card {
        site: text_of(&about["provider_name"]).or_else(|| text_of(&data["domain"])),
        title: text_of(&about["title"]),
        description: text_of(&about["description"]),
        image: still(data).map(|still| still.url).or_else(|| address(&about["thumbnail_url"])),
        url: url.into(),
    })
}
