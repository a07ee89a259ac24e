//! Which files a page may show: types that a browser draws as a picture, a film or a sound, and nothing that could be a
//! document.

use crate::model::{MediaKind, StoredMedia};

/// What may be shown, by the bytes themselves. SVG is not among them: it is a document.
const IMAGES: [&str; 6] = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"];
const VIDEOS: [&str; 4] = ["video/mp4", "video/webm", "video/x-m4v", "video/quicktime"];
const SOUNDS: [&str; 9] = [
    "audio/mpeg",
    "audio/m4a",
    "audio/ogg",
    "audio/opus",
    "audio/aac",
    "audio/x-wav",
    "audio/x-flac",
    "video/mp4",
    "video/webm",
];

/// The name by which browsers show a file of this kind whose bytes were found to be of type `sniffed`; none where a
/// page does not show it.
#[must_use]
pub fn playable(kind: MediaKind, sniffed: &str) -> Option<&'static str> {
    let allowed: &[&'static str] = match kind {
        MediaKind::Image | MediaKind::Poster | MediaKind::Avatar => &IMAGES,
        // An animated picture is often what a platform calls a video.
        MediaKind::Video if sniffed == "image/gif" => &IMAGES,
        MediaKind::Video => &VIDEOS,
        MediaKind::Audio => &SOUNDS,
    };
    allowed.iter().find(|mime| **mime == sniffed).map(|mime| shown_as(mime))
}

/// The same where the kind is not known: for serving a file by its bytes alone.
#[must_use]
pub fn playable_as_any(sniffed: &str) -> Option<&'static str> {
    [MediaKind::Image, MediaKind::Video, MediaKind::Audio].into_iter().find_map(|kind| playable(kind, sniffed))
}

/// Why a file that is not there is not there, in words that go on from "The picture …"; none where it is stored.
#[must_use]
pub fn missing(media: &StoredMedia) -> Option<String> {
    match (&media.failure, &media.digest) {
        (Some(failure), _) => Some(format!("could not be fetched: {failure}")),
        (None, None) => Some("was not fetched".to_owned()),
        (None, Some(_)) => None,
    }
}

/// Why a stored file of this type is not shown, in words that go on from "The picture …".
#[must_use]
pub fn unsafe_type(sniffed: Option<&str>) -> String {
    format!("is kept in the archive; its type ({}) is not one that a page shows safely", sniffed.unwrap_or("unknown"))
}

fn shown_as(mime: &'static str) -> &'static str {
    match mime {
        "video/x-m4v" | "video/quicktime" => "video/mp4",
        "audio/m4a" => "audio/mp4",
        "audio/opus" => "audio/ogg",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        other => other,
    }
}
