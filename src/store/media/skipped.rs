//! Files that a limit kept out, and that other limits allow.

use crate::store::{
    Store, StoreError,
    columns::{At, count},
};
use jiff::Timestamp;

impl Store {
    /// Queues the posts that show a file which a limit kept out and these limits (in bytes; of one file, of one post)
    /// allow, and those that a run's limit left for the next run. Each is asked once for a limit. How many there are.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn queue_skipped(&mut self, file_bytes: u64, post_bytes: u64, now: Timestamp) -> Result<usize, StoreError> {
        self.write("queue the files that were skipped", |transaction| {
            let allowed = "m.blob IS NULL AND (m.skipped = 'run' OR m.skipped_limit_bytes < \
                 CASE m.skipped WHEN 'file' THEN ?1 ELSE ?2 END)";
            let limits = (count(file_bytes), count(post_bytes));
            let queued = transaction.execute(
                &format!(
                    "INSERT INTO queue (post, due_at, attempts, reason, queued_at) \
                     SELECT p.id, ?3, 0, 'some of its files were skipped for their size', ?3 FROM posts p \
                     WHERE p.state = 'live' AND EXISTS (SELECT 1 FROM snapshot_media m WHERE m.snapshot = p.snapshot \
                       AND m.skipped IS NOT NULL AND {allowed}) \
                     ON CONFLICT (post) DO UPDATE SET due_at = excluded.due_at, attempts = 0, \
                     reason = excluded.reason, rests = NULL WHERE queue.rests IS NOT NULL"
                ),
                (limits.0, limits.1, At(now)),
            )?;
            // A look that brings nothing must not come back at every run.
            transaction.execute(
                &format!(
                    "UPDATE snapshot_media AS m SET skipped_limit_bytes = CASE skipped WHEN 'file' THEN ?1 ELSE ?2 END \
                     WHERE m.skipped IN ('file', 'post') AND {allowed}"
                ),
                limits,
            )?;
            Ok(queued)
        })
    }
}
