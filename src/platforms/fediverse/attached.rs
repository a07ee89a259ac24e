//! Files and links of an ActivityPub object: attachments of notes, the many forms of a PeerTube video, pictures of
//! articles.

use super::rest::kind_of_name;
use crate::model::{Card, Media, MediaKind, Variant};
use serde_json::Value;

/// Attachments read; forks allow 16 and more.
const MAX_MEDIA: usize = 64;

/// Links looked at in one object; a PeerTube video has some dozens.
const MAX_LINKS: usize = 400;

/// Smaller forms of a video that are worth a try where the largest fails.
const MAX_FALLBACKS: usize = 3;

/// A link to one form of a file.
struct Link<'a> {
    href: &'a str,
    media_type: &'a str,
    height: u64,
    width: u64,
}

/// The object's files, in its order.
pub(super) fn media(kind: &str, object: &Value) -> Vec<Media> {
    match kind {
        "Video" | "Audio" => film(kind, object),
        _ => {
            let own: Vec<Media> = listed(&object["attachment"]).filter_map(attachment).take(MAX_MEDIA).collect();
            // Lemmy and blogs put the one picture of a page apart.
            let picture = || {
                let image = Some(&object["image"]).filter(|image| !image.is_null())?;
                address(image).map(|url| Media { alt: text(&image["name"]), ..Media::new(MediaKind::Image, url) })
            };
            if own.is_empty() { picture().into_iter().collect() } else { own }
        }
    }
}

/// The link that a page shares (Lemmy).
pub(super) fn card(object: &Value) -> Option<Card> {
    let link = listed(&object["attachment"]).find(|one| one["type"] == "Link" && one["href"].is_string())?;
    if link["mediaType"].as_str().is_some_and(is_media) {
        return None;
    }
    Some(Card { url: link["href"].as_str()?.to_owned(), ..Card::default() })
}

/// The address in a property that is a string, an object with `url` or `href`, or a list of such.
pub(super) fn address(value: &Value) -> Option<String> {
    links(value).first().map(|link| link.href.to_owned())
}

/// The address of the widest of the pictures in a property.
pub(super) fn largest(value: &Value) -> Option<String> {
    links(value).iter().rev().max_by_key(|link| link.width).map(|link| link.href.to_owned())
}

fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    let one = (!value.is_array() && !value.is_null()).then_some(value);
    value.as_array().into_iter().flatten().chain(one)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn is_media(media_type: &str) -> bool {
    ["image/", "video/", "audio/"].iter().any(|start| media_type.starts_with(start))
}

/// One attachment of a note. Profile fields and bare links are none.
fn attachment(one: &Value) -> Option<Media> {
    let kind = one["type"].as_str().unwrap_or_default();
    let media_type = one["mediaType"].as_str().filter(|value| is_media(value));
    if kind == "PropertyValue" || (kind == "Link" && media_type.is_none()) {
        return None;
    }
    let links = links(one);
    let link = links.first()?;
    let kind = match (media_type.or(Some(link.media_type)).unwrap_or_default(), kind) {
        (media_type, _) if media_type.starts_with("image/") => MediaKind::Image,
        (media_type, _) if media_type.starts_with("video/") => MediaKind::Video,
        (media_type, _) if media_type.starts_with("audio/") => MediaKind::Audio,
        (_, "Image") => MediaKind::Image,
        (_, "Video") => MediaKind::Video,
        (_, "Audio") => MediaKind::Audio,
        _ => kind_of_name(link.href),
    };
    let px = |name: &str| one[name].as_u64().and_then(|px| px.try_into().ok());
    Some(Media {
        alt: text(&one["name"]).or_else(|| text(&one["summary"])),
        width_px: px("width"),
        height_px: px("height"),
        duration_ms: one["duration"].as_str().and_then(duration),
        mime: media_type.map(str::to_owned),
        ..Media::new(kind, link.href)
    })
}

/// A video or a recording: the largest file, smaller ones behind it, the playlist last; then its poster.
fn film(kind: &str, object: &Value) -> Vec<Media> {
    let (media_kind, start) = if kind == "Audio" { (MediaKind::Audio, "audio/") } else { (MediaKind::Video, "video/") };
    let all = links(&object["url"]);
    let mut files: Vec<&Link<'_>> = all.iter().filter(|link| link.media_type.starts_with(start)).collect();
    // Older PeerTube (2018) gives the height of a video as its width.
    files.sort_by_key(|link| std::cmp::Reverse(if link.height > 0 { link.height } else { link.width }));
    let playlist = all.iter().find(|link| link.media_type.eq_ignore_ascii_case("application/x-mpegURL"));
    let mut urls = files.iter().take(1 + MAX_FALLBACKS).copied().chain(playlist);
    let Some(best) = urls.next() else {
        return listed(&object["attachment"]).filter_map(attachment).take(MAX_MEDIA).collect();
    };
    let px = |px: u64| u32::try_from(px).ok().filter(|px| *px > 0);
    let size = |link: &Link<'_>| Variant {
        url: link.href.to_owned(),
        width_px: px(link.width).filter(|_| link.height > 0),
        height_px: px(link.height).or(px(link.width)),
        mime: Some(link.media_type.to_owned()),
        ..Variant::default()
    };
    let variants: Vec<_> = files.iter().take(1 + MAX_FALLBACKS).map(|link| size(link)).collect();
    let main = Media {
        variants: if variants.len() > 1 { variants } else { Vec::new() },
        fallbacks: urls.map(|link| link.href.to_owned()).collect(),
        width_px: px(best.width).filter(|_| best.height > 0),
        height_px: px(best.height),
        duration_ms: object["duration"].as_str().and_then(duration),
        mime: Some(best.media_type.to_owned()),
        ..Media::new(media_kind, best.href)
    };
    let poster = largest(&object["icon"]).or_else(|| largest(&object["image"]));
    std::iter::once(main).chain(poster.map(|url| Media::new(MediaKind::Poster, url))).collect()
}

/// Every link in a property, those inside a link's `tag` (the files of a playlist) after it. No recursion: the depth is
/// the sender's choice.
fn links(value: &Value) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        if found.len() >= MAX_LINKS {
            break;
        }
        match value {
            Value::Array(all) => waiting.extend(all.iter().take(MAX_LINKS).rev()),
            Value::String(href) => found.extend(link(href, &Value::Null)),
            Value::Object(_) => {
                if let Some(href) = value["href"].as_str().or_else(|| value["url"].as_str()) {
                    found.extend(link(href, value));
                    waiting.extend(Some(&value["tag"]).filter(|tag| tag.is_array()));
                } else {
                    waiting.extend([&value["url"]].into_iter().filter(|url| !url.is_null()));
                }
            }
            _ => {}
        }
    }
    found
}

fn link<'a>(href: &'a str, value: &'a Value) -> Option<Link<'a>> {
    let media_type = value["mediaType"].as_str().or_else(|| value["mimeType"].as_str()).unwrap_or_default();
    let px = |name: &str| value[name].as_u64().unwrap_or_default();
    let web = href.starts_with("https://") || href.starts_with("http://");
    web.then(|| Link { href, media_type, height: px("height"), width: px("width") })
}

/// An ISO 8601 length such as `PT1M30S`, in milliseconds.
fn duration(text: &str) -> Option<u64> {
    const DAY_MS: f64 = 86_400_000.0;
    let span: jiff::SignedDuration = text.parse().ok()?;
    let ms = span.as_millis_f64();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the check")]
    (ms > 0.0 && ms < DAY_MS).then(|| ms.round() as u64)
}
