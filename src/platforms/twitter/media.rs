//! Pictures, videos and their posters in an answer, in the largest form that X keeps.

use crate::model::{Media, MediaKind, Variant};
use serde_json::Value;
use url::Url;

/// More files than any post has.
const MAX_FILES: usize = 20;

/// The files of a post, in its order; a poster stands after its video.
pub(super) fn read(answer: &Value) -> Vec<Media> {
    let details = answer["mediaDetails"].as_array().or_else(|| answer["extended_entities"]["media"].as_array());
    if let Some(details) = details.filter(|details| !details.is_empty()) {
        return details.iter().take(MAX_FILES).flat_map(detail).collect();
    }
    let photos = answer["photos"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut files: Vec<Media> = photos.iter().take(MAX_FILES).filter_map(photo).collect();
    if answer["video"].is_object() {
        let video = &answer["video"];
        files.extend(moving(&video["variants"], video["durationMs"].as_u64(), None));
        files.extend(video["poster"].as_str().map(|url| full_size(url, MediaKind::Poster)));
    }
    files
}

/// One of `mediaDetails`.
fn detail(detail: &Value) -> Vec<Media> {
    let still = detail["media_url_https"].as_str().or_else(|| detail["media_url"].as_str());
    let size = |axis: &str| detail["original_info"][axis].as_u64().and_then(|px| u32::try_from(px).ok());
    let alt = detail["ext_alt_text"].as_str().filter(|alt| !alt.trim().is_empty()).map(str::to_owned);
    let is_moving = matches!(detail["type"].as_str(), Some("video" | "animated_gif"));
    let kind = if is_moving { MediaKind::Poster } else { MediaKind::Image };
    let mut files = Vec::new();
    if is_moving {
        let info = &detail["video_info"];
        files.extend(moving(&info["variants"], info["duration_millis"].as_u64(), alt.clone()));
    }
    if let Some(url) = still {
        let mut file = full_size(url, kind);
        file.width_px = size("width");
        file.height_px = size("height");
        file.alt = if is_moving { None } else { alt };
        files.push(file);
    }
    files
}

/// One of `photos`, which older answers have alone.
fn photo(photo: &Value) -> Option<Media> {
    let mut file = full_size(photo["url"].as_str()?, MediaKind::Image);
    let size = |axis: &str| photo[axis].as_u64().and_then(|px| u32::try_from(px).ok());
    file.width_px = size("width");
    file.height_px = size("height");
    file.alt = photo["accessibilityLabel"].as_str().map(str::to_owned);
    Some(file)
}

/// The MP4 of the highest bit rate, the others as fallbacks; a stream's playlist only where there is no file.
fn moving(variants: &Value, duration_ms: Option<u64>, alt: Option<String>) -> Option<Media> {
    let variants = variants.as_array()?;
    let mime =
        |variant: &Value| variant["content_type"].as_str().or_else(|| variant["type"].as_str()).map(str::to_owned);
    let url = |variant: &Value| variant["url"].as_str().or_else(|| variant["src"].as_str()).map(str::to_owned);
    let mut files: Vec<Variant> = variants
        .iter()
        .take(MAX_FILES)
        .filter(|variant| mime(variant).as_deref() == Some("video/mp4"))
        .filter_map(|variant| {
            let url = url(variant)?;
            let (width_px, height_px) = size_in(&url).unzip();
            let bitrate = variant["bitrate"].as_u64();
            Some(Variant { url, bitrate, width_px, height_px, mime: mime(variant) })
        })
        .collect();
    let area = |file: &Variant| u64::from(file.width_px.unwrap_or(0)) * u64::from(file.height_px.unwrap_or(0));
    files.sort_by_key(|file| std::cmp::Reverse(file.bitrate.unwrap_or_else(|| area(file))));
    let (best, mime, fallbacks) = match files.split_first() {
        Some((best, rest)) => {
            (best.url.clone(), "video/mp4".to_owned(), rest.iter().map(|file| file.url.clone()).collect())
        }
        None => {
            let stream = variants.first()?;
            (url(stream)?, mime(stream)?, Vec::new())
        }
    };
    let size = size_in(&best);
    Some(Media {
        fallbacks,
        alt,
        width_px: size.map(|(width, _)| width),
        height_px: size.map(|(_, height)| height),
        duration_ms,
        mime: Some(mime),
        // One alone leaves nothing to choose.
        variants: if files.len() > 1 { files } else { Vec::new() },
        ..Media::new(MediaKind::Video, best)
    })
}

/// The size stands in the path: `/vid/avc1/1280x720/a.mp4`.
fn size_in(url: &str) -> Option<(u32, u32)> {
    url.split('/').find_map(|segment| {
        let (width, height) = segment.split_once('x')?;
        Some((width.parse().ok()?, height.parse().ok()?))
    })
}

/// A picture in its original size, smaller ones as fallbacks (names as gallery-dl uses them, 2026).
pub(super) fn full_size(url: &str, kind: MediaKind) -> Media {
    let Ok(mut base) = Url::parse(url) else { return Media::new(kind, url) };
    if base.host_str() != Some("pbs.twimg.com") || !base.path().starts_with("/media/") {
        return Media::new(kind, url);
    }
    base.set_query(None);
    let named = |name: &str| format!("{base}?name={name}");
    let mut file = Media::new(kind, named("orig"));
    file.fallbacks = vec![named("4096x4096"), named("large"), base.to_string()];
    file
}

/// An avatar without the suffix that names a smaller size.
pub(super) fn full_avatar(url: &str) -> String {
    ["_normal.", "_bigger.", "_mini.", "_400x400.", "_200x200."]
        .iter()
        .find_map(|suffix| url.rsplit_once(suffix).map(|(name, ending)| format!("{name}.{ending}")))
        .unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_is_asked_for_in_full_size() {
        assert_eq!(full_avatar("https://pbs.example/1/face_normal.jpg"), "https://pbs.example/1/face.jpg");
        assert_eq!(full_avatar("https://pbs.example/1/face.png"), "https://pbs.example/1/face.png");
    }

    #[test]
    fn a_size_is_read_from_a_path() {
        assert_eq!(size_in("https://v.example/vid/avc1/576x1280/a.mp4?tag=12"), Some((576, 1280)));
        assert_eq!(size_in("https://v.example/tweet_video/ax.mp4"), None);
    }
}
