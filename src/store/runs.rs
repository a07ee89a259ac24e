//! Runs: when each began and ended, on which machine, and what it did. One without an end was killed, or goes on.

use super::{
    Store, StoreError,
    columns::{At, Json, count},
    entries::seal,
};
use crate::model::{Problem, Summary};
use jiff::Timestamp;
use rusqlite::{Connection, named_params};

/// What the next run writes into one that never came to an end.
pub(super) const KILLED: &str = "killed";

impl Store {
    /// Opens a run of `command` (`run`, `add`) and returns its number.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn begin_run(&mut self, command: &str, started_at: Timestamp) -> Result<i64, StoreError> {
        self.begin_run_as_of(command, started_at, started_at)
    }

    /// The same for a run that takes another instant for now: the end of the recording that it replays. Who begins a run
    /// holds the archive alone, so every run before it that has no end was killed, and is marked so.
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
            close(transaction)?;
            begin(transaction, command, started_at, as_of)
        })
    }

    /// Closes the run `summary.run` with what it did.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn finish_run(&mut self, summary: &Summary, finished_at: Timestamp) -> Result<(), StoreError> {
        self.write("finish a run", |transaction| {
            write_counts(transaction, summary)?;
            transaction.execute(
                "UPDATE runs SET finished_at = ?2, stopped = ?3, elapsed_ms = ?4 WHERE id = ?1",
                (summary.run, At(finished_at), &summary.stopped, count(summary.elapsed_ms)),
            )?;
            Ok(())
        })
    }

    /// Notes how the process of a run that has been closed ends, and what a person should look at. It is the last that is
    /// written of a run, which is sealed with it. Returns the digest of its record.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn conclude_run(
        &mut self,
        run: i64,
        exit_code: u8,
        problems: &[Problem],
    ) -> Result<Option<String>, StoreError> {
        self.write("conclude a run", |transaction| {
            transaction.execute(
                "UPDATE runs SET exit_code = ?2, problems = ?3 WHERE id = ?1",
                (run, exit_code, Json(problems)),
            )?;
            seal::seal(transaction, run)?;
            transaction.query_row("SELECT digest FROM runs WHERE id = ?1", [run], |row| row.get(0))
        })
    }

    /// Seals a run that has been closed and of which nothing more will be written. [`Store::conclude_run`] does it by itself.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn seal_run(&mut self, run: i64) -> Result<(), StoreError> {
        self.write("seal a run", |transaction| seal::seal(transaction, run))
    }

    /// Closes the newest run, where it is still open, as one that ended with an error. Returns its number.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn fail_run(&mut self, reason: &str, exit_code: u8, at: Timestamp) -> Result<Option<i64>, StoreError> {
        self.write("close a failed run", |transaction| {
            let mut statement = transaction.prepare(
                "UPDATE runs SET finished_at = ?1, stopped = ?2, exit_code = ?3, \
                 elapsed_ms = max(0, CAST((julianday(?1) - julianday(started_at)) * 86400000 AS INTEGER)) \
                 WHERE finished_at IS NULL AND stopped IS NULL AND id = (SELECT max(id) FROM runs) RETURNING id",
            )?;
            let mut closed = statement.query((At(at), reason, exit_code))?;
            closed.next()?.map(|row| row.get(0)).transpose()
        })
    }
}

/// Marks the runs that never came to an end as killed, and seals every run before the next one begins.
pub(super) fn close(connection: &Connection) -> rusqlite::Result<()> {
    for run in seal::open_runs(connection)? {
        connection
            .prepare_cached("UPDATE runs SET stopped = ?2 WHERE id = ?1 AND finished_at IS NULL AND stopped IS NULL")?
            .execute((run, KILLED))?;
        seal::seal(connection, run)?;
    }
    Ok(())
}

/// The row of a run that begins.
pub(super) fn begin(
    connection: &Connection,
    command: &str,
    started_at: Timestamp,
    as_of: Timestamp,
) -> rusqlite::Result<i64> {
    connection
        .prepare_cached(
            "INSERT INTO runs (command, started_at, as_of, host, version, salt) \
             VALUES (?1, ?2, ?3, ?4, ?5, lower(hex(randomblob(32))))",
        )?
        .execute((command, At(started_at), At(as_of), host(), env!("CARGO_PKG_VERSION")))?;
    Ok(connection.last_insert_rowid())
}

/// Every count of a summary, into its row.
fn write_counts(connection: &Connection, summary: &Summary) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE runs SET articles_new = :new, articles_changed = :changed, articles_unchanged = :unchanged, \
         articles_failed = :failed, embeds = :embeds, posts_captured = :posts_captured, \
         posts_unchanged = :posts_unchanged, posts_gone = :gone, posts_withheld = :withheld, \
         posts_quoted_only = :quoted, posts_deferred = :deferred, media_stored = :stored, \
         media_deduplicated = :deduplicated, media_failed = :media_failed, requests = :requests, \
         downloaded_bytes = :bytes, sources_polled = :polled, sources_unchanged = :sources_unchanged, \
         sources_not_due = :not_due, sources_failed = :sources_failed, robots_refused = :robots, \
         hosts_rested = :rested, put_off = :put_off, waited_ms = :waited, skipped = :skipped, queue = :queue, \
         archive_bytes = :archive_bytes WHERE id = :run",
        named_params! {
            ":run": summary.run,
            ":new": count(summary.articles.new),
            ":changed": count(summary.articles.changed),
            ":unchanged": count(summary.articles.unchanged),
            ":failed": count(summary.articles.failed),
            ":embeds": count(summary.embeds),
            ":posts_captured": count(summary.posts.captured),
            ":posts_unchanged": count(summary.posts.unchanged),
            ":gone": count(summary.posts.gone),
            ":withheld": count(summary.posts.withheld),
            ":quoted": count(summary.posts.quoted_only),
            ":deferred": count(summary.posts.deferred),
            ":stored": count(summary.media.stored),
            ":deduplicated": count(summary.media.deduplicated),
            ":media_failed": count(summary.media.failed),
            ":requests": count(summary.requests),
            ":bytes": count(summary.downloaded_bytes),
            ":polled": count(summary.sources.polled),
            ":sources_unchanged": count(summary.sources.unchanged),
            ":not_due": count(summary.sources.not_due),
            ":sources_failed": count(summary.sources.failed),
            ":robots": count(summary.politeness.robots_refused),
            ":rested": count(summary.politeness.hosts_rested),
            ":put_off": count(summary.politeness.put_off),
            ":waited": count(summary.politeness.waited_ms),
            ":skipped": Json(&summary.skipped),
            ":queue": Json(&summary.queue),
            ":archive_bytes": count(summary.archive_bytes),
        },
    )?;
    Ok(())
}

/// This machine's name, as far as the system tells it.
fn host() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.filter(|name| !name.is_empty())
}
