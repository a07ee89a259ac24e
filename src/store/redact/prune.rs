//! Files that are no longer wanted: which they are, and how their bytes are let go while their digests stay.

use super::{end, work::empty};
use crate::store::{
    Store, StoreError,
    columns::{At, count, counted},
    runs,
};
use jiff::Timestamp;
use std::time::Duration;

/// Which files are let go.
#[derive(Clone, Debug, Default)]
pub struct Prunable {
    /// The first part of their media type: `video`, `image`, `audio`.
    pub kind: Option<String>,
    /// Files of posts captured before this alone.
    pub older_than: Option<Timestamp>,
    /// At least so many bytes.
    pub at_least_bytes: Option<u64>,
    /// Files of posts of this platform alone.
    pub platform: Option<String>,
    /// Files with which a post is shown too.
    pub shown: bool,
}

/// A file that can be let go.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PrunableFile {
    /// Its SHA-256.
    pub sha256: String,
    /// What it is.
    pub mime: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// A post that names it.
    pub post: String,
    #[serde(skip)]
    id: i64,
}

impl Store {
    /// The files that fit, the largest first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn prunable(&self, which: &Prunable) -> Result<Vec<PrunableFile>, StoreError> {
        self.read("look for files to prune", |connection| {
            let mut rows = connection.prepare(
                "SELECT b.id, b.sha256, b.mime, b.size_bytes, min(p.key) FROM snapshot_media m JOIN blobs b ON b.id = m.blob \
                 JOIN snapshots s ON s.id = m.snapshot JOIN posts p ON p.id = s.post \
                 WHERE length(b.data) > 0 AND NOT EXISTS (SELECT 1 FROM exchanges x WHERE x.body = b.id) \
                 AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.original = b.id OR v.body = b.id) \
                 AND (?5 OR NOT EXISTS (SELECT 1 FROM snapshot_media n JOIN posts q ON q.snapshot = n.snapshot WHERE n.blob = b.id)) \
                 AND (?1 IS NULL OR b.mime LIKE ?1 || '/%') AND (?2 IS NULL OR b.size_bytes >= ?2) GROUP BY b.id \
                 HAVING (?3 IS NULL OR max(s.captured_at) < ?3) AND (?4 IS NULL OR (min(p.platform) = ?4 AND max(p.platform) = ?4)) \
                 ORDER BY b.size_bytes DESC, b.id",
            )?;
            let least = which.at_least_bytes.map(count);
            let rows = rows.query_map((&which.kind, least, which.older_than.map(At), &which.platform, which.shown), |row| {
                Ok(PrunableFile {
                    id: row.get(0)?,
                    sha256: row.get(1)?,
                    mime: row.get(2)?,
                    size_bytes: counted(row.get(3)?),
                    post: row.get(4)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Lets these files go: their bytes, not what is known of them. Their digests and a tombstone stay, and no run fetches
    /// them again.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn prune(&mut self, files: &[PrunableFile], rule: &str, now: Timestamp) -> Result<(), StoreError> {
        self.write("prune files", |main| {
            runs::close(main)?;
            let run = runs::begin(main, "prune", now, now)?;
            let reason = format!("pruned: {rule}");
            files.iter().try_for_each(|file| empty(main, run, file.id, None, &reason, now))?;
            end(main, run, now)
        })?;
        self.compact()
    }
}

/// How long ago an instant was, as `--older` gives it.
#[must_use]
pub fn before(now: Timestamp, age: Duration) -> Option<Timestamp> {
    now.checked_sub(jiff::SignedDuration::try_from(age).ok()?).ok()
}
