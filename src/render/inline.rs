//! Stored bytes as `data:` URLs: only types that a browser shows as a picture, a film or a sound, and only so many.

use super::{
    places::{Places, Shown},
    playable::{missing, playable, unsafe_type},
};
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

/// Inlines the files of one page, and counts.
pub(super) struct Inliner {
    left_bytes: usize,
}

impl Inliner {
    pub(super) fn new() -> Self {
        Self { left_bytes: MAX_INLINE_PAGE_BYTES }
    }
}

impl Places for Inliner {
    /// The file as a `data:` URL.
    fn media(&mut self, media: &StoredMedia) -> Result<Shown, String> {
        let Some(bytes) = media.bytes.as_deref().filter(|bytes| !bytes.is_empty()) else {
            return Err(missing(media).unwrap_or_else(|| "is in the archive, not in this file".to_owned()));
        };
        let limit = match media.kind {
            MediaKind::Image | MediaKind::Poster | MediaKind::Avatar => MAX_INLINE_IMAGE_BYTES,
            MediaKind::Video | MediaKind::Audio => MAX_INLINE_VIDEO_BYTES,
        };
        let sniffed = media_type::of(bytes);
        let Some(mime) = sniffed.and_then(|sniffed| playable(media.kind, sniffed)) else {
            return Err(unsafe_type(sniffed));
        };
        if bytes.len() > limit.min(self.left_bytes) {
            return Err(format!("is kept in the archive; with {} it is too large for this file", size(bytes.len())));
        }
        self.left_bytes -= bytes.len();
        Ok(Shown { url: format!("data:{mime};base64,{}", STANDARD.encode(bytes)), mime })
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
        let inlined = Inliner::new().media(&media(MediaKind::Image, gif)).unwrap();
        assert_eq!(inlined.mime, "image/gif");
        assert!(inlined.url.starts_with("data:image/gif;base64,R0lGOD"));
    }

    #[test]
    fn a_document_is_never_a_picture() {
        for bytes in [
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"[..],
            b"<!doctype html><script>x()</script>",
            b"%PDF-1.7",
        ] {
            assert!(Inliner::new().media(&media(MediaKind::Image, bytes)).unwrap_err().contains("type"));
        }
    }

    #[test]
    fn what_is_too_large_is_left_out_and_said() {
        let mut bytes = b"\x00\x00\x00\x18ftypmp42".to_vec();
        bytes.resize(MAX_INLINE_VIDEO_BYTES + 1, 0);
        assert!(Inliner::new().media(&media(MediaKind::Video, &bytes)).unwrap_err().contains("67 MB"));
    }
}
