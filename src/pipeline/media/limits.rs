//! How much media is kept: of one file, of one post, of one run.

use super::wire::Missing;
use crate::{
    model::Media,
    store::{CapturedMedia, FileBytes, MediaFile, Skipped},
};
use std::sync::atomic::{AtomicU64, Ordering};

/// Limits of the files of posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLimits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all files that one capture of a post brings.
    pub post_bytes: u64,
    /// Bytes of all files of a run; none for no limit.
    pub run_bytes: Option<u64>,
    /// The shorter side of a film, in pixels, where there is a choice.
    pub video_height_px: u32,
}

/// What is left for the files of one post.
pub(super) struct Purse<'a> {
    limits: &'a MediaLimits,
    post_left: u64,
    run_spent: &'a AtomicU64,
}

impl<'a> Purse<'a> {
    pub(super) fn new(limits: &'a MediaLimits, run_spent: &'a AtomicU64) -> Self {
        Self { limits, post_left: limits.post_bytes, run_spent }
    }

    /// Bytes that the next file may have, and the limit that says so.
    pub(super) fn allowed(&self) -> (u64, Skipped) {
        let MediaLimits { file_bytes, post_bytes, run_bytes, .. } = *self.limits;
        let mut least = (file_bytes, Skipped::file(file_bytes));
        if self.post_left < least.0 {
            least = (self.post_left, Skipped::post(post_bytes));
        }
        if let Some(run_bytes) = run_bytes {
            let left = run_bytes.saturating_sub(self.run_spent.load(Ordering::Relaxed));
            if left < least.0 {
                least = (left, Skipped::run(run_bytes));
            }
        }
        least
    }

    /// Takes what came of a file, if there is room for it; and whether another try may bring it. `limit` is the one
    /// that was in force when it was asked for.
    pub(super) fn take(
        &mut self,
        media: Media,
        found: Result<MediaFile, Missing>,
        limit: Skipped,
    ) -> (CapturedMedia, bool) {
        let passing = found.as_ref().is_err_and(|missing| missing.passing);
        let file = found.map_err(|missing| missing.told(limit)).and_then(|file| {
            // What is stored already costs nothing.
            let FileBytes::Stored(_) = file.bytes else {
                let (allowed, limit) = self.allowed();
                let size = file.bytes.len();
                if size > allowed {
                    return Err(crate::store::MissingFile::skipped(limit));
                }
                self.post_left -= size;
                self.run_spent.fetch_add(size, Ordering::Relaxed);
                return Ok(file);
            };
            Ok(file)
        });
        (CapturedMedia { media, file }, passing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::MediaKind, store::SkippedBy};

    #[test]
    fn each_limit_is_named_where_it_is_the_one_that_is_used_up() {
        let limits = MediaLimits { file_bytes: 10, post_bytes: 15, run_bytes: Some(22), video_height_px: 1080 };
        let spent = AtomicU64::new(0);
        let skipped = |purse: &mut Purse<'_>, size: usize| {
            let file = MediaFile::new("https://media.example/a".to_owned(), vec![7; size]);
            let (_, limit) = purse.allowed();
            let (captured, passing) =
                purse.take(Media::new(MediaKind::Image, "https://media.example/a"), Ok(file), limit);
            assert!(!passing);
            captured.file.err().and_then(|missing| missing.skipped).map(|skipped| skipped.by)
        };
        let mut purse = Purse::new(&limits, &spent);
        assert_eq!(skipped(&mut purse, 11), Some(SkippedBy::File));
        assert_eq!(skipped(&mut purse, 10), None);
        assert_eq!(skipped(&mut purse, 6), Some(SkippedBy::Post));
        assert_eq!(skipped(&mut purse, 5), None);
        let mut purse = Purse::new(&limits, &spent);
        assert_eq!(skipped(&mut purse, 8), Some(SkippedBy::Run));
        assert_eq!(skipped(&mut purse, 7), None);
    }
}
