//! One file: its forms are tried from the best within the limits down, and what comes is judged by its bytes.

use super::{
    Tools, hls,
    wire::{Missing, Wire},
};
use crate::{
    media_type,
    model::{Media, MediaKind},
    store::MediaFile,
};
use std::time::Duration;
use url::Url;

/// Forms of one file that are tried.
const MAX_CANDIDATES: usize = 12;

/// For all playlists and segments of one stream: many that come slowly must not hold a run for ever.
const STREAM_TIME_LIMIT: Duration = Duration::from_secs(3600);

/// Fetches a file in the best form of at most `max_bytes`.
pub(super) async fn fetch(
    wire: Wire<'_>,
    media: &Media,
    max_bytes: u64,
    max_lines_px: u32,
    tools: &Tools,
) -> Result<MediaFile, Missing> {
    let mut first: Option<Missing> = None;
    let mut passing = false;
    let mut over = false;
    for candidate in candidates(media, max_lines_px) {
        match fetch_one(wire, candidate, media.kind, max_bytes, max_lines_px, tools).await {
            Ok(mut file) => {
                if over && file.note.is_none() {
                    file.note = Some("a smaller form: larger ones are over the limit".to_owned());
                }
                return Ok(file);
            }
            Err(missing) => {
                passing |= missing.passing;
                over |= missing.over;
                first.get_or_insert(missing);
            }
        }
    }
    let first = first.unwrap_or_else(|| Missing::for_good("no URL"));
    // Only what is too large in every form is skipped for its size; any other reason is worth more.
    Err(Missing { over: first.over && !passing, passing, ..first })
}

/// The URLs to try, in order: variants within the height from the best down, the file's own URLs, larger variants from
/// the smallest up.
fn candidates(media: &Media, max_lines_px: u32) -> Vec<&str> {
    let lines = |variant: &crate::model::Variant| match (variant.width_px, variant.height_px) {
        (Some(width), Some(height)) => Some(width.min(height)),
        (None, height) => height,
        (width, None) => width,
    };
    let mut variants: Vec<_> = media.variants.iter().collect();
    variants.sort_by_key(|variant| std::cmp::Reverse((lines(variant), variant.bitrate)));
    let (within, mut over): (Vec<_>, Vec<_>) =
        variants.into_iter().partition(|variant| lines(variant).is_none_or(|lines| lines <= max_lines_px));
    over.reverse();
    let too_high: Vec<&str> = over.iter().map(|variant| variant.url.as_str()).collect();
    let own = std::iter::once(&media.url).chain(&media.fallbacks).map(String::as_str);
    let own = own.filter(|url| !too_high.contains(url));
    let mut urls: Vec<&str> = Vec::new();
    for url in within.iter().map(|variant| variant.url.as_str()).chain(own).chain(too_high.iter().copied()) {
        if !urls.contains(&url) && urls.len() < MAX_CANDIDATES {
            urls.push(url);
        }
    }
    urls
}

async fn fetch_one(
    wire: Wire<'_>,
    candidate: &str,
    kind: MediaKind,
    max_bytes: u64,
    max_lines_px: u32,
    tools: &Tools,
) -> Result<MediaFile, Missing> {
    let url = Url::parse(candidate).map_err(|error| Missing::for_good(format!("{candidate} is not a URL: {error}")))?;
    let body = wire.get(&url, max_bytes).await?;
    let mime = media_type::of(&body.bytes);
    if mime == Some(media_type::PLAYLIST) && matches!(kind, MediaKind::Video | MediaKind::Audio) {
        let want = hls::Want { max_lines_px, max_bytes, tools };
        let stream = hls::fetch(wire, &body.url, body.bytes, want);
        let late = || Missing::for_now(format!("the stream took longer than {} s", STREAM_TIME_LIMIT.as_secs()));
        return tokio::time::timeout(STREAM_TIME_LIMIT, stream).await.unwrap_or_else(|_| Err(late()));
    }
    if !fits(kind, mime) {
        let said = body.content_type.as_deref().unwrap_or("no content type");
        return Err(Missing::for_good(format!("not the {} itself: {}", kind.as_str(), mime.unwrap_or(said))));
    }
    let answered = body.url.to_string();
    Ok(MediaFile { mime: mime.map(str::to_owned), bytes: body.kept().await?, ..MediaFile::new(answered, Vec::new()) })
}

/// Whether bytes of this type can be that kind of file. A page or a playlist is no video.
pub(super) fn fits(kind: MediaKind, mime: Option<&str>) -> bool {
    let Some((group, _)) = mime.and_then(|mime| mime.split_once('/')) else { return false };
    match kind {
        MediaKind::Image | MediaKind::Poster | MediaKind::Avatar => group == "image",
        // An animated picture may come as a video or as a GIF. A fragment is a part of a film.
        MediaKind::Video => (group == "video" && mime != Some(media_type::FRAGMENT)) || mime == Some("image/gif"),
        // Sound in an MP4 or WebM container reads as video.
        MediaKind::Audio => matches!(group, "audio" | "video"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Variant;

    #[test]
    fn a_page_or_a_playlist_is_never_a_file_of_a_post() {
        assert!(fits(MediaKind::Image, Some("image/webp")));
        assert!(fits(MediaKind::Video, Some("video/mp4")));
        assert!(!fits(MediaKind::Image, Some("text/html")));
        assert!(!fits(MediaKind::Video, Some(media_type::FRAGMENT)));
        assert!(!fits(MediaKind::Video, None));
    }

    #[test]
    fn variants_within_the_height_come_first_and_those_above_it_last() {
        let variant = |url: &str, width, height| Variant {
            url: url.to_owned(),
            width_px: Some(width),
            height_px: Some(height),
            ..Variant::default()
        };
        let mut media = Media::new(MediaKind::Video, "large");
        media.fallbacks = vec!["stream".to_owned()];
        media.variants = vec![variant("small", 360, 640), variant("large", 1440, 2560), variant("right", 720, 1280)];
        assert_eq!(candidates(&media, 1080), ["right", "small", "stream", "large"]);
        media.variants.clear();
        assert_eq!(candidates(&media, 1080), ["large", "stream"]);
    }
}
