//! Files of posts out of an export, as a capture brings them.

use crate::{
    model::{Media, Obtained},
    pipeline::bundle::{Bundle, Payload, claims::MediaClaim},
    store::{CapturedMedia, FileBytes, MediaFile, MissingFile, Skipped},
};
use std::collections::HashMap;

/// What the files of one capture may take in memory, in bytes. More are held on disk.
const MAX_HELD_BYTES: usize = 64 << 20;

/// Files of one capture that are put back.
const MAX_FILES: usize = 2000;

/// The files that are named, with their bytes or why there are none. What nobody tried is left out.
pub(super) fn brought(bundle: &Bundle, claims: &[MediaClaim]) -> Vec<CapturedMedia> {
    let mut read = Read { bundle, spooled: HashMap::new(), left_bytes: MAX_HELD_BYTES };
    let tried = claims.iter().take(MAX_FILES);
    tried.filter_map(|claim| Some(CapturedMedia { media: named(claim), file: file(&mut read, claim)? })).collect()
}

/// Bytes that were read for one capture: the same may be named often.
struct Read<'a> {
    bundle: &'a Bundle,
    spooled: HashMap<String, FileBytes>,
    left_bytes: usize,
}

impl Read<'_> {
    fn bytes(&mut self, sha256: &str) -> Result<FileBytes, String> {
        if let Some(bytes) = self.spooled.get(sha256) {
            return Ok(bytes.clone());
        }
        let payload = match self.bundle.payload(sha256)? {
            Payload::Held(bytes) if bytes.len() <= self.left_bytes => {
                self.left_bytes -= bytes.len();
                return Ok(FileBytes::Held(bytes));
            }
            payload => payload.spooled()?,
        };
        let bytes = match payload {
            Payload::Held(bytes) => FileBytes::Held(bytes),
            Payload::Spooled { path, size_bytes } => FileBytes::Spooled { path, size_bytes },
        };
        self.spooled.insert(sha256.to_owned(), bytes.clone());
        Ok(bytes)
    }
}

/// The files of one part of a post, in their order.
pub(super) fn named_of(claims: &[MediaClaim], part: &str) -> Vec<Media> {
    claims.iter().filter(|claim| claim.part.as_deref() == Some(part)).map(named).collect()
}

fn named(claim: &MediaClaim) -> Media {
    Media {
        fallbacks: claim.fallbacks.clone(),
        alt: claim.alt.clone(),
        width_px: claim.width_px,
        height_px: claim.height_px,
        duration_ms: claim.duration_ms,
        mime: claim.stated_mime.clone(),
        // Of the others the platform's own answer names the file.
        obtained: claim.obtained.filter(|obtained| *obtained == Obtained::YtDlp),
        ..Media::new(claim.kind, claim.url.clone())
    }
}

fn file(read: &mut Read<'_>, claim: &MediaClaim) -> Option<Result<MediaFile, MissingFile>> {
    let skipped = claim.skipped.map(|by| Skipped { by, limit_bytes: claim.skipped_limit_bytes.unwrap_or_default() });
    let Some(sha256) = &claim.sha256 else {
        let reason = claim.failure.clone()?;
        return Some(Err(MissingFile { reason, skipped }));
    };
    let url = claim.answered_url.clone().unwrap_or_else(|| claim.url.clone());
    let bytes = match read.bytes(sha256) {
        Ok(bytes) => bytes,
        Err(reason) => return Some(Err(reason.into())),
    };
    Some(Ok(MediaFile { bytes, mime: None, url, obtained: claim.obtained, note: claim.note.clone() }))
}
