//! The files of a post: pictures, video, sound, posters, avatars. Each is fetched once and checked to be what it says.

use crate::{
    fetch::Transport,
    http::{Exchange, FetchError, Request},
    model::{Media, MediaKind, Post},
    store::{CapturedMedia, MediaFile},
};
use futures::{StreamExt, stream};
use std::collections::HashSet;
use url::Url;

/// Files of one post under way at once.
const CONCURRENCY: usize = 4;

/// Quoted posts inside quoted posts are not followed further than this.
const MAX_NESTING: usize = 3;

/// Everything of a post, and of the posts inside its answer, that is a file; each URL once.
pub(super) fn of_post(post: &Post) -> Vec<Media> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut level = vec![post];
    for _ in 0..MAX_NESTING {
        let mut inner = Vec::new();
        for post in level {
            let avatar = post.author.avatar.iter().map(|url| Media::new(MediaKind::Avatar, url));
            let card = post.card.iter().filter_map(|card| card.image.as_ref());
            let card = card.map(|url| Media::new(MediaKind::Poster, url));
            for media in post.media.iter().cloned().chain(avatar).chain(card) {
                if seen.insert(media.url.clone()) {
                    found.push(media);
                }
            }
            inner.extend([&post.quoted, &post.reply_to].into_iter().flatten().filter_map(|r| r.content.as_deref()));
        }
        level = inner;
    }
    found
}

/// The files of a post, and whether one is missing that another try may bring.
pub(super) struct Fetched {
    /// In the order of the post. A file that can't be had is kept as the reason why.
    pub(super) files: Vec<CapturedMedia>,
    /// At least one failed for a passing reason.
    pub(super) passing: bool,
}

/// Why a file can't be had.
struct Missing {
    reason: String,
    passing: bool,
}

impl Missing {
    fn for_good(reason: String) -> Self {
        Self { reason, passing: false }
    }
}

/// Fetches files, in their order.
pub(super) async fn fetch_all(transport: &dyn Transport, media: Vec<Media>, max_bytes: u64) -> Fetched {
    let fetches = media.into_iter().map(|media| fetch(transport, media, max_bytes));
    let fetched: Vec<_> = stream::iter(fetches).buffered(CONCURRENCY).collect().await;
    let passing = fetched.iter().any(|(_, passing)| *passing);
    Fetched { files: fetched.into_iter().map(|(file, _)| file).collect(), passing }
}

async fn fetch(transport: &dyn Transport, media: Media, max_bytes: u64) -> (CapturedMedia, bool) {
    let mut reason = None;
    let mut passing = false;
    for candidate in std::iter::once(&media.url).chain(&media.fallbacks) {
        match fetch_one(transport, candidate, media.kind, max_bytes).await {
            Ok(file) => return (CapturedMedia { media, file: Ok(file) }, false),
            Err(missing) => {
                passing |= missing.passing;
                reason = reason.or(Some(missing.reason));
            }
        }
    }
    (CapturedMedia { media, file: Err(reason.unwrap_or_default()) }, passing)
}

async fn fetch_one(
    transport: &dyn Transport,
    candidate: &str,
    kind: MediaKind,
    max_bytes: u64,
) -> Result<MediaFile, Missing> {
    let url = Url::parse(candidate).map_err(|error| Missing::for_good(format!("{candidate} is not a URL: {error}")))?;
    let mut request = Request::get(url);
    request.max_bytes = Some(max_bytes);
    let exchange = transport.fetch(request).await;
    let Exchange { answer, .. } = exchange;
    let response = answer.map_err(|error| Missing {
        passing: !matches!(error, FetchError::Refused { .. } | FetchError::TooLarge { .. }),
        reason: error.to_string(),
    })?;
    if !response.is_success() {
        let passing = matches!(response.status, 408 | 425 | 429 | 500..);
        return Err(Missing { reason: format!("status {}", response.status), passing });
    }
    let mime = infer::get(&response.body).map(|kind| kind.mime_type().to_owned());
    if !fits(kind, mime.as_deref()) {
        let said = response.headers.get("content-type").unwrap_or("no content type").to_owned();
        return Err(Missing::for_good(format!("not the {} itself: {}", kind.as_str(), mime.unwrap_or(said))));
    }
    Ok(MediaFile { url: response.url.to_string(), mime, bytes: response.body })
}

/// Whether bytes of this type can be that kind of file. A page or a playlist is no video.
fn fits(kind: MediaKind, mime: Option<&str>) -> bool {
    let Some((group, _)) = mime.and_then(|mime| mime.split_once('/')) else { return false };
    match kind {
        MediaKind::Image | MediaKind::Poster | MediaKind::Avatar => group == "image",
        // An animated picture may come as a video or as a GIF.
        MediaKind::Video => group == "video" || mime == Some("image/gif"),
        // Sound in an MP4 or WebM container reads as video.
        MediaKind::Audio => matches!(group, "audio" | "video"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_or_a_playlist_is_never_a_file_of_a_post() {
        assert!(fits(MediaKind::Image, Some("image/webp")));
        assert!(fits(MediaKind::Video, Some("video/mp4")));
        assert!(!fits(MediaKind::Image, Some("text/html")));
        assert!(!fits(MediaKind::Video, None));
    }
}
