//! Reads the two shapes in which TikTok's pages state a post: `itemStruct` of the post's page (recorded 2024 and 2025)
//! and `videoData` of the embed's frame (by public code of 2026).

use super::super::page_parts::{pixels, text_of, web, whole};
use super::posted_at;
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use jiff::Timestamp;
use serde_json::Value;

/// Pictures of one post; TikTok allows thirty-five.
const MAX_PICTURES: usize = 60;
/// Encodings of one film.
const MAX_VARIANTS: usize = 40;

/// The post of an `itemStruct`, where it is this one.
pub(super) fn read(post: &PostRef, item: &Value) -> Option<Post> {
    if item["id"].as_str() != Some(&post.id) {
        return None;
    }
    let parts = item["contents"].as_array().into_iter().flatten().filter_map(|part| text_of(&part["desc"]));
    let parts = parts.collect::<Vec<_>>().join("\n");
    let text = text_of(&item["desc"]).filter(|text| text.len() >= parts.len()).unwrap_or(parts);
    let mut found = Post::new(post.clone(), author(item)?, text);
    found.published = seconds(&item["createTime"]).or_else(|| posted_at(&post.id));
    found.lang = text_of(&item["textLanguage"]).filter(|lang| lang != "un");
    found.sensitive = item["isContentClassified"] == true;
    found.media = pictures(&item["imagePost"]);
    if found.media.is_empty() {
        found.media = film(&item["video"]);
    } else {
        found.media.extend(music(&item["music"]));
    }
    let stats = [&item["statsV2"], &item["stats"]];
    for (name, field) in
        [("likes", "diggCount"), ("replies", "commentCount"), ("reposts", "shareCount"), ("views", "playCount")]
    {
        found.counts.extend(stats.iter().find_map(|stats| whole(&stats[field])).map(|n| (name.to_owned(), n)));
    }
    Some(found)
}

/// The post of a frame's `videoData`, where it is this one.
pub(super) fn of_frame(post: &PostRef, data: &Value) -> Option<Post> {
    let item = &data["itemInfos"];
    if item["id"].as_str() != Some(&post.id) {
        return None;
    }
    let who = &data["authorInfos"];
    let handle = text_of(&who["uniqueId"]).or_else(|| post.author.clone()).unwrap_or_default();
    let author = Author {
        id: text_of(&who["userId"]),
        name: text_of(&who["nickName"]).or_else(|| text_of(&who["nickname"])),
        url: address(&handle),
        avatar: ["coversLarger", "coversMedium", "covers"].iter().find_map(|name| first(&who[*name])),
        handle,
    };
    let mut found = Post::new(post.clone(), author, item["text"].as_str().unwrap_or_default().trim());
    found.published = seconds(&item["createTime"]).or_else(|| posted_at(&post.id));
    let images = [&data["imagePostInfo"]["displayImages"], &item["imagePostInfo"]["displayImages"]];
    let images = images.into_iter().filter_map(Value::as_array).flatten().take(MAX_PICTURES);
    found.media.extend(images.filter_map(picture));
    if found.media.is_empty() {
        let video = &item["video"];
        let meta = &video["videoMeta"];
        let film = first(&video["urls"]).map(|url| Media::new(MediaKind::Video, url));
        let still = ["coversOrigin", "covers"].iter().find_map(|name| first(&item[*name]));
        let still = still.map(|url| Media::new(MediaKind::Poster, url));
        let duration_ms = whole(&meta["duration"]).filter(|s| *s > 0).and_then(|s| s.checked_mul(1000));
        found.media.extend(sized(film, still, pixels(&meta["width"]), pixels(&meta["height"]), duration_ms));
    }
    for (name, field) in
        [("likes", "diggCount"), ("replies", "commentCount"), ("reposts", "shareCount"), ("views", "playCount")]
    {
        found.counts.extend(whole(&item[field]).map(|n| (name.to_owned(), n)));
    }
    let nothing = found.text.is_empty() && found.media.is_empty();
    (!nothing).then_some(found)
}

fn author(item: &Value) -> Option<Author> {
    let who = &item["author"];
    // The state of 2020 to 2023 has the handle alone there, and the name beside it.
    let handle = text_of(&who["uniqueId"]).or_else(|| text_of(who))?;
    let avatars = ["avatarLarger", "avatarMedium", "avatarThumb"];
    Some(Author {
        id: text_of(&who["id"]).or_else(|| text_of(&item["authorId"])),
        name: text_of(&who["nickname"]).or_else(|| text_of(&item["nickname"])),
        url: address(&handle),
        avatar: avatars.iter().find_map(|name| web(who[*name].as_str()?)),
        handle,
    })
}

fn address(handle: &str) -> Option<String> {
    (!handle.is_empty()).then(|| format!("https://www.tiktok.com/@{handle}"))
}

fn seconds(value: &Value) -> Option<When> {
    let at = whole(value).filter(|at| *at > 0).and_then(|at| i64::try_from(at).ok())?;
    Timestamp::from_second(at).ok().map(When::Instant)
}

/// The film in its best encoding that every browser plays, the others after it, and its still.
fn film(video: &Value) -> Vec<Media> {
    let mut variants: Vec<(bool, u64, String)> = video["bitrateInfo"]
        .as_array()
        .into_iter()
        .flatten()
        .take(MAX_VARIANTS)
        .filter_map(|variant| {
            let codec = variant["CodecType"].as_str().unwrap_or("h264");
            let url = first(&variant["PlayAddr"]["UrlList"])?;
            Some((codec.starts_with("h264"), whole(&variant["Bitrate"]).unwrap_or_default(), url))
        })
        .collect();
    variants.sort_by_key(|variant| std::cmp::Reverse((variant.0, variant.1)));
    let mut urls: Vec<String> = variants.into_iter().filter(|variant| variant.0).map(|variant| variant.2).collect();
    urls.extend(["playAddr", "downloadAddr"].iter().filter_map(|name| web(video[*name].as_str()?)));
    let mut seen = std::collections::HashSet::new();
    urls.retain(|url| seen.insert(url.clone()));
    let mut urls = urls.into_iter();
    let film = urls.next().map(|url| Media { fallbacks: urls.collect(), ..Media::new(MediaKind::Video, url) });
    let stills = ["originCover", "cover", "dynamicCover"].iter().find_map(|name| web(video[*name].as_str()?));
    let still = stills.map(|url| Media::new(MediaKind::Poster, url));
    let duration_ms = whole(&video["duration"]).filter(|s| *s > 0).and_then(|s| s.checked_mul(1000));
    sized(film, still, pixels(&video["width"]), pixels(&video["height"]), duration_ms)
}

/// A film with its still, or the still alone as a picture: it is then all that is shown.
fn sized(
    film: Option<Media>,
    still: Option<Media>,
    width_px: Option<u32>,
    height_px: Option<u32>,
    duration_ms: Option<u64>,
) -> Vec<Media> {
    match (film, still) {
        (Some(film), still) => {
            let film = Media { width_px, height_px, duration_ms, ..film };
            [film].into_iter().chain(still).collect()
        }
        (None, Some(still)) => vec![Media { kind: MediaKind::Image, duration_ms, ..still }],
        (None, None) => Vec::new(),
    }
}

fn pictures(post: &Value) -> Vec<Media> {
    post["images"].as_array().into_iter().flatten().take(MAX_PICTURES).filter_map(picture).collect()
}

/// `imageURL.urlList` on the post's page, `urlList` in the frame.
fn picture(image: &Value) -> Option<Media> {
    let list = if image["imageURL"].is_object() { &image["imageURL"]["urlList"] } else { &image["urlList"] };
    let mut urls = list.as_array()?.iter().take(8).filter_map(|url| web(url.as_str()?));
    let mut media = Media::new(MediaKind::Image, urls.next()?);
    media.fallbacks = urls.collect();
    media.width_px = pixels(&image["imageWidth"]).or_else(|| pixels(&image["width"]));
    media.height_px = pixels(&image["imageHeight"]).or_else(|| pixels(&image["height"]));
    Some(media)
}

/// The song under pictures: it is a part of such a post, and not of a film, which has it in itself.
fn music(music: &Value) -> Option<Media> {
    let mut media = Media::new(MediaKind::Audio, web(music["playUrl"].as_str()?)?);
    media.duration_ms = whole(&music["duration"]).filter(|s| *s > 0).and_then(|s| s.checked_mul(1000));
    let title = [&music["title"], &music["authorName"]].into_iter().filter_map(text_of).collect::<Vec<_>>().join(", ");
    media.alt = Some(title).filter(|title| !title.is_empty());
    Some(media)
}

fn first(list: &Value) -> Option<String> {
    list.as_array()?.iter().find_map(|url| web(url.as_str()?))
}
