//! Files of posts out of an export, as a capture brings them.

use crate::{
    model::{Media, Obtained},
    pipeline::bundle::{Bundle, Payload, claims::MediaClaim},
    store::{CapturedMedia, FileBytes, MediaFile, MissingFile, Skipped},
};

/// The files that are named, with their bytes or why there are none. What nobody tried is left out.
pub(super) fn brought(bundle: &Bundle, claims: &[MediaClaim]) -> Vec<CapturedMedia> {
    claims.iter().filter_map(|claim| Some(CapturedMedia { media: named(claim), file: file(bundle, claim)? })).collect()
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

fn file(bundle: &Bundle, claim: &MediaClaim) -> Option<Result<MediaFile, MissingFile>> {
    let skipped = claim.skipped.map(|by| Skipped { by, limit_bytes: claim.skipped_limit_bytes.unwrap_or_default() });
    let Some(sha256) = &claim.sha256 else {
        let reason = claim.failure.clone()?;
        return Some(Err(MissingFile { reason, skipped }));
    };
    let url = claim.answered_url.clone().unwrap_or_else(|| claim.url.clone());
    let bytes = match bundle.payload(sha256) {
        Ok(Payload::Held(bytes)) => FileBytes::Held(bytes),
        Ok(Payload::Spooled { path, size_bytes }) => FileBytes::Spooled { path, size_bytes },
        Err(reason) => return Some(Err(reason.into())),
    };
    Some(Ok(MediaFile { bytes, mime: None, url, obtained: claim.obtained, note: claim.note.clone() }))
}
