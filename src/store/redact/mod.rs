//! Redacting: what must not be shown. The rows themselves are changed, so that whoever reads
//! the archive, with whatever tool, finds the word that stands in their place, and nothing else. What stood there is kept
//! aside where it is only hidden. The digest of what was entered stays, with a tombstone.

mod aside;
mod guard;
mod lift;
mod settle;
mod work;

pub(super) use aside::{hides, reveal, reveal_checked};
pub(super) use guard::{guard_post, guard_version, is_article_redacted, is_redacted};
pub use lift::Lift;
pub(super) use work::empty;

use super::{
    Store, StoreError, Transaction,
    articles::aliases,
    columns::At,
    entries::{self, Kind},
    posts, runs,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use settle::settle;
pub(super) use settle::{hide_again, settle_post};

/// What was said of something: that it is to be redacted, or shown again.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Redaction {
    /// `post`, `article` or `media`.
    pub what: String,
    /// The post's key, the article's name, or the file's SHA-256.
    pub target: String,
    /// `hidden`, `removed` or `lifted`.
    pub mode: String,
    /// When.
    pub redacted_at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Store {
    /// What is redacted, oldest first; with `all` everything that was ever said of it, lifts too.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn redactions(&self, all: bool) -> Result<Vec<Redaction>, StoreError> {
        self.read("list what is redacted", |connection| {
            records(connection, if all { "redactions" } else { "redacted" })
        })
    }

    /// Redacts posts (by their keys), articles, or files (by their SHA-256), in one transaction. With `remove` what stood there
    /// is gone from the file for ever; else it is kept aside. Where the archive has
    /// nothing of one of them, nothing is done, and nothing is the answer.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn redact(
        &mut self,
        targets: &[String],
        reason: &str,
        remove: bool,
        now: Timestamp,
    ) -> Result<Vec<Redaction>, StoreError> {
        self.overwrite()?;
        let done = self.write("redact", |main| {
            let named = targets.iter().map(|target| named(main, target)).collect::<rusqlite::Result<Vec<_>>>()?;
            let Some(named) = named.into_iter().collect::<Option<Vec<_>>>().filter(|named| !named.is_empty()) else {
                return Ok(Vec::new());
            };
            runs::close(main)?;
            let run = runs::begin(main, "redact", now, now)?;
            let mut done = Vec::new();
            for (what, target) in named {
                let redaction = said(main, what, target, reason, remove, now)?;
                put(main, run, &redaction)?;
                done.push(redaction);
            }
            settle(main, Some(run), now, (!remove).then_some(done.as_slice()))?;
            end(main, run, now)?;
            Ok(done)
        })?;
        if remove && !done.is_empty() {
            self.compact()?;
        }
        Ok(done)
    }

    /// The records that [`Store::redact`] would keep; nothing is touched.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn would_redact(
        &self,
        targets: &[String],
        reason: &str,
        remove: bool,
        now: Timestamp,
    ) -> Result<Vec<Redaction>, StoreError> {
        self.read("look what would be redacted", |connection| {
            let named = targets.iter().map(|target| named(connection, target)).collect::<rusqlite::Result<Vec<_>>>()?;
            let named = named.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default();
            named.into_iter().map(|(what, target)| said(connection, what, target, reason, remove, now)).collect()
        })
    }

    /// The keys of the posts of an author, by the handle that any snapshot of them names, in either case.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn posts_by(&self, platform: &str, handle: &str) -> Result<Vec<String>, StoreError> {
        self.read("look for the posts of an author", |connection| {
            let mut keys = connection.prepare(
                "SELECT p.key FROM posts p WHERE p.platform = ?1 AND (lower(p.author_handle) = lower(?2) OR EXISTS \
                 (SELECT 1 FROM snapshots s WHERE s.post = p.id AND lower(s.author_handle) = lower(?2))) ORDER BY p.key",
            )?;
            let keys = keys.query_map((platform, handle), |row| row.get(0))?;
            keys.collect()
        })
    }

    /// What is taken away is written over with zeros, also in what was free before.
    fn overwrite(&self) -> Result<(), StoreError> {
        let set = self.connection.pragma_update(None, "secure_delete", true);
        set.map_err(|source| StoreError::from_sqlite(&self.path, "redact", source))
    }

    /// Puts back what is hidden, for a merge: rows are compared by what they say.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub(super) fn reveal_all(&mut self) -> Result<(), StoreError> {
        self.write("put back what is hidden", reveal)
    }

    /// Hides again what is hidden, and what came in of it: a merge brings it. Where all is as it was, no run says so.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub(super) fn settle_redactions(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.write("redact what came in", |main| {
            settle(main, None, now, None)?.map_or(Ok(()), |run| end(main, run, now))
        })
    }

    /// Gives back to the disk what is no longer used, and leaves nothing of it in the file.
    fn compact(&mut self) -> Result<(), StoreError> {
        let done = self.connection.execute_batch(
            "INSERT INTO posts_fts (posts_fts) VALUES ('optimize'); INSERT INTO articles_fts (articles_fts) VALUES ('optimize'); \
             PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)",
        );
        done.map_err(|source| StoreError::from_sqlite(&self.path, "give back what is no longer used", source))
    }
}

/// The records of a table, oldest first.
fn records(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Redaction>> {
    let mut rows = connection.prepare(&format!(
        "SELECT what, target, mode, redacted_at, reason FROM {table} ORDER BY redacted_at, target, mode, reason"
    ))?;
    rows.query_map([], record)?.collect()
}

fn record(row: &Row<'_>) -> rusqlite::Result<Redaction> {
    Ok(Redaction {
        what: row.get("what")?,
        target: row.get("target")?,
        mode: row.get("mode")?,
        redacted_at: row.get::<_, At>("redacted_at")?.0,
        reason: row.get("reason")?,
    })
}

/// An instant that comes after all that these records say of a target, whatever clock they were made by: now, if it does.
fn after(main: &Connection, what: &str, target: &str, of: &str, now: Timestamp) -> rusqlite::Result<Timestamp> {
    let newest: Option<At> = main.query_row(
        &format!("SELECT max(redacted_at) FROM {of} WHERE what = ?1 AND target = ?2"),
        (what, target),
        |row| row.get(0),
    )?;
    let next = newest.and_then(|At(at)| at.checked_add(jiff::SignedDuration::from_millis(1)).ok());
    Ok(next.map_or(now, |next| next.max(now)))
}

/// What is said of a target.
fn said(
    connection: &Connection,
    what: &str,
    target: String,
    reason: &str,
    remove: bool,
    now: Timestamp,
) -> rusqlite::Result<Redaction> {
    let redacted_at = after(connection, what, &target, "redactions", now)?;
    let mode = if remove { "removed" } else { "hidden" };
    Ok(Redaction { what: what.to_owned(), target, mode: mode.to_owned(), redacted_at, reason: reason.to_owned() })
}

/// Keeps a record, for ever.
fn put(main: &Transaction<'_>, run: i64, redaction: &Redaction) -> rusqlite::Result<()> {
    let Redaction { what, target, mode, redacted_at, reason } = redaction;
    main.prepare_cached(
        "INSERT INTO redactions (redacted_at, what, target, mode, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((At(*redacted_at), what, target, mode, reason))?;
    entries::add(main, run, Kind::Redaction, main.last_insert_rowid())
}

/// Closes and seals a run of one transaction.
pub(super) fn end(main: &Transaction<'_>, run: i64, now: Timestamp) -> rusqlite::Result<()> {
    main.execute("UPDATE runs SET finished_at = ?2, exit_code = 0 WHERE id = ?1", (run, At(now)))?;
    entries::seal::seal(main, run)
}

/// What a target names: a post, an article, or a file.
fn named(connection: &Connection, target: &str) -> rusqlite::Result<Option<(&'static str, String)>> {
    let file = connection
        .prepare_cached("SELECT sha256 FROM blobs WHERE sha256 = lower(?1)")?
        .query_row([target], |row| row.get(0))
        .optional()?;
    if let Some(sha256) = file {
        return Ok(Some(("media", sha256)));
    }
    let named = target.trim().split_once(':').map(|(platform, id)| posts::find(connection, platform, id));
    if let Some(post) = named.transpose()?.flatten() {
        let key = connection.query_row("SELECT key FROM posts WHERE id = ?1", [post], |row| row.get(0))?;
        return Ok(Some(("post", key)));
    }
    let Some(article) = aliases::find_named(connection, target)? else { return Ok(None) };
    let name = connection.query_row("SELECT name FROM articles WHERE id = ?1", [article], |row| row.get(0))?;
    Ok(Some(("article", name)))
}

/// The row that a record is of: a post's, an article's or a blob's.
fn row_of(main: &Connection, redaction: &Redaction) -> rusqlite::Result<Option<i64>> {
    let target = redaction.target.as_str();
    match redaction.what.as_str() {
        "post" => {
            let named = target.split_once(':').map(|(platform, id)| posts::find(main, platform, id));
            Ok(named.transpose()?.flatten())
        }
        "article" => aliases::find_named(main, target),
        _ => main
            .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
            .query_row([target], |row| row.get(0))
            .optional(),
    }
}

/// The words that stand in the place of what is redacted.
fn notice(redaction: &Redaction) -> String {
    format!("redacted on {}: {}", redaction.redacted_at.strftime("%Y-%m-%d"), redaction.reason)
}

/// The address of a file of which nothing must be known.
pub(in crate::store) const REDACTED: &str = "redacted:";
