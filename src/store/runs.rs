//! Runs: when each began and ended, and what it did. One without an end was killed.

use super::{
    Store, StoreError,
    columns::{At, count},
};
use crate::model::Summary;
use jiff::Timestamp;

impl Store {
    /// Opens a run of `command` (`run`, `add`) and returns its number.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn begin_run(&mut self, command: &str, started_at: Timestamp) -> Result<i64, StoreError> {
        self.begin_run_as_of(command, started_at, started_at)
    }

    /// The same for a run that takes another instant for now: the end of the recording that it replays.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn begin_run_as_of(
        &mut self,
        command: &str,
        started_at: Timestamp,
        as_of: Timestamp,
    ) -> Result<i64, StoreError> {
        self.write("begin a run", |transaction| {
            transaction.execute(
                "INSERT INTO runs (command, started_at, as_of) VALUES (?1, ?2, ?3)",
                (command, At(started_at), At(as_of)),
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// Closes the run `summary.run` with what it did.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn finish_run(&mut self, summary: &Summary, finished_at: Timestamp) -> Result<(), StoreError> {
        self.write("finish a run", |transaction| {
            transaction.execute(
                "UPDATE runs SET finished_at = ?2, stopped = ?3, articles_new = ?4, articles_changed = ?5, \
                 articles_unchanged = ?6, articles_failed = ?7, embeds = ?8, posts_captured = ?9, \
                 posts_unchanged = ?10, posts_gone = ?11, posts_withheld = ?12, posts_quoted_only = ?13, \
                 posts_deferred = ?14, media_stored = ?15, media_deduplicated = ?16, media_failed = ?17, \
                 requests = ?18, downloaded_bytes = ?19, elapsed_ms = ?20 WHERE id = ?1",
                rusqlite::params![
                    summary.run,
                    At(finished_at),
                    summary.stopped,
                    count(summary.articles.new),
                    count(summary.articles.changed),
                    count(summary.articles.unchanged),
                    count(summary.articles.failed),
                    count(summary.embeds),
                    count(summary.posts.captured),
                    count(summary.posts.unchanged),
                    count(summary.posts.gone),
                    count(summary.posts.withheld),
                    count(summary.posts.quoted_only),
                    count(summary.posts.deferred),
                    count(summary.media.stored),
                    count(summary.media.deduplicated),
                    count(summary.media.failed),
                    count(summary.requests),
                    count(summary.downloaded_bytes),
                    count(summary.elapsed_ms),
                ],
            )?;
            Ok(())
        })
    }
}
