//! Stored bytes as `data:` URLs: only types that a browser shows as a picture, a film or a sound, and only so many.

use super::markup::Markup;
use crate::{
    media_type,
    model::{MediaKind, StoredMedia},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Largest picture that is put into a page.
pub const MAX_INLINE_IMAGE_BYTES: usize = 32 << 20;

/// Largest video or sound that is put into a page.
pub const MAX_INLINE_VIDEO_BYTES: usize = 64 << 20;

/// All that is put into one page; browsers tire of more.
pub const MAX_INLINE_PAGE_BYTES: usize = 256 << 20;

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

/// Inlines the files of one page, and counts.
pub(super) struct Inliner {
    left_bytes: usize,
}

/// A file inside the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inlined {
    /// `data:…`
    pub(super) url: Markup,
    /// From the allow-list.
    pub(super) mime: &'static str,
}

impl Inliner {
    pub(super) fn new() -> Self {
        Self { left_bytes: MAX_INLINE_PAGE_BYTES }
    }

    /// The file as a `data:` URL.
    ///
    /// # Errors
    /// Why it is not in the page, in words for its reader.
    pub(super) fn inline(&mut self, media: &StoredMedia) -> Result<Inlined, String> {
        let Some(bytes) = media.bytes.as_deref().filter(|bytes| !bytes.is_empty()) else {
            return Err(match (&media.failure, &media.digest) {
                (Some(failure), _) => format!("could not be fetched: {failure}"),
                (None, Some(_)) => "is in the archive, not in this file".to_owned(),
                (None, None) => "was not fetched".to_owned(),
            });
        };
        let (allowed, limit): (&[&'static str], usize) = match media.kind {
            MediaKind::Image | MediaKind::Poster | MediaKind::Avatar => (&IMAGES, MAX_INLINE_IMAGE_BYTES),
            MediaKind::Video => (&VIDEOS, MAX_INLINE_VIDEO_BYTES),
            MediaKind::Audio => (&SOUNDS, MAX_INLINE_VIDEO_BYTES),
        };
        let sniffed = media_type::of(bytes);
        // An animated picture is often what a platform calls a video.
        let allowed = if media.kind == MediaKind::Video && sniffed == Some("image/gif") { &IMAGES } else { allowed };
        let Some(mime) = sniffed.and_then(|sniffed| allowed.iter().copied().find(|mime| *mime == sniffed)) else {
            return Err(format!(
                "is kept in the archive; its type ({}) is not one that a page shows safely",
                sniffed.unwrap_or("unknown")
            ));
        };
        if bytes.len() > limit.min(self.left_bytes) {
            return Err(format!("is kept in the archive; with {} it is too large for this file", size(bytes.len())));
        }
        self.left_bytes -= bytes.len();
        Ok(Inlined {
            url: Markup::vouched(format!("data:{};base64,{}", shown_as(mime), STANDARD.encode(bytes))),
            mime: shown_as(mime),
        })
    }
}

/// The name by which browsers play a type that they know by another.
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

fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(kind: MediaKind, bytes: &[u8]) -> StoredMedia {
        StoredMedia {
            kind,
            url: "https://media.example/x".to_owned(),
            alt: None,
            width_px: None,
            height_px: None,
            duration_ms: None,
            mime: Some("image/jpeg".to_owned()),
            digest: None,
            size_bytes: None,
            bytes: Some(bytes.to_vec()),
            failure: None,
            obtained: None,
            note: None,
        }
    }

    #[test]
    fn the_bytes_say_what_a_file_is() {
        let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
        let inlined = Inliner::new().inline(&media(MediaKind::Image, gif)).unwrap();
        assert_eq!(inlined.mime, "image/gif");
        assert!(inlined.url.as_str().starts_with("data:image/gif;base64,R0lGOD"));
    }

    #[test]
    fn a_document_is_never_a_picture() {
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"[..],
            b"<!doctype html><script>x()</script>",
            b"%PDF-1.7",
        ] {
            assert!(Inliner::new().inline(&media(MediaKind::Image, bytes)).unwrap_err().contains("type"));
        }
    }

    #[test]
    fn what_is_too_large_is_left_out_and_said() {
        let mut bytes = b"\x00\x00\x00\x18ftypmp42".to_vec();
        bytes.resize(MAX_INLINE_VIDEO_BYTES + 1, 0);
        assert!(Inliner::new().inline(&media(MediaKind::Video, &bytes)).unwrap_err().contains("67 MB"));
    }
}
