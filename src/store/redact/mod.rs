//! Redacting: what must not be shown. The rows themselves are changed, so that whoever reads
//! the archive, with whatever tool, finds the word that stands in their place, and nothing else. What stood there is kept
//! aside where it is only hidden. The digest of what was entered stays, with a tombstone.

mod guard;
mod work;

pub(super) use guard::{guard_post, guard_version, is_article_redacted, is_redacted};
pub(super) use work::empty;

use super::{
    Store, StoreError, Transaction,
    articles::aliases,
    columns::At,
    entries::{self, Kind},
    posts, runs,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use work::Work;

/// What is to be redacted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Redaction {
    /// `post`, `article` or `media`.
    pub what: String,
    /// The post's key, the article's name, or the file's SHA-256.
    pub target: String,
    /// `hidden` or `removed`.
    pub mode: String,
    /// When.
    pub redacted_at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Store {
    /// What is redacted, oldest first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn redactions(&self) -> Result<Vec<Redaction>, StoreError> {
        self.read("list what is redacted", |connection| {
            let mut rows = connection.prepare(
                "SELECT what, target, mode, redacted_at, reason FROM redactions ORDER BY redacted_at, target",
            )?;
            let rows = rows.query_map([], |row| {
                Ok(Redaction {
                    what: row.get(0)?,
                    target: row.get(1)?,
                    mode: row.get(2)?,
                    redacted_at: row.get::<_, At>(3)?.0,
                    reason: row.get(4)?,
                })
            })?;
            rows.collect()
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
        let failed = |source| StoreError::from_sqlite(&self.path, "redact", source);
        // What is taken away is written over with zeros, also in what was free before.
        self.connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
        let done = self.write("redact", |main| {
            let named = targets.iter().map(|target| named(main, target)).collect::<rusqlite::Result<Vec<_>>>()?;
            let Some(named) = named.into_iter().collect::<Option<Vec<_>>>().filter(|named| !named.is_empty()) else {
                return Ok(Vec::new());
            };
            runs::close(main)?;
            let run = runs::begin(main, "redact", now, now)?;
            let mut done = Vec::new();
            for (what, target) in named {
                let mode = if remove { "removed" } else { "hidden" };
                let (what, mode, reason) = (what.to_owned(), mode.to_owned(), reason.to_owned());
                let redaction = Redaction { what, target, mode, redacted_at: now, reason };
                put(main, run, &redaction)?;
                apply(main, run, &redaction, now)?;
                done.push(redaction);
            }
            forget(main)?;
            end(main, run, now)?;
            Ok(done)
        })?;
        if remove && !done.is_empty() {
            self.compact()?;
        }
        Ok(done)
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

    /// Redacts what came in after its redaction: a merge brings it. Where there is nothing, nothing is written.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub(super) fn redact_again(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let redactions = self.redactions()?;
        self.write("redact what came in", |main| {
            let mut run = None;
            for redaction in &redactions {
                if let Some(post) = redacted_post(main, redaction)? {
                    rest(main, post)?;
                }
                let id = main.query_row(
                    "SELECT id FROM redactions WHERE what = ?1 AND target = ?2",
                    (&redaction.what, &redaction.target),
                    |row| row.get(0),
                )?;
                let is_as_entered = entries::is_as_entered(main, Kind::Redaction, id)?;
                if is_as_entered && !is_open(main, redaction)? {
                    continue;
                }
                let run = match run {
                    Some(run) => run,
                    None => *run.insert(runs::begin(main, "redact", now, now)?),
                };
                entries::changed(main, run, Kind::Redaction, id, now, "redacted elsewhere too")?;
                apply(main, run, redaction, now)?;
            }
            forget(main)?;
            run.map_or(Ok(()), |run| end(main, run, now))
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

/// A redaction here, with when it was; a later one takes the place of an earlier one.
fn put(main: &Transaction<'_>, run: i64, redaction: &Redaction) -> rusqlite::Result<()> {
    let Redaction { what, target, mode, redacted_at, reason } = redaction;
    let id = main
        .prepare_cached(
            "INSERT INTO redactions (redacted_at, what, target, mode, reason) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (what, target) DO UPDATE SET redacted_at = excluded.redacted_at, mode = excluded.mode, \
             reason = excluded.reason RETURNING id",
        )?
        .query_row((At(*redacted_at), what, target, mode, reason), |row| row.get(0))?;
    entries::changed(main, run, Kind::Redaction, id, *redacted_at, "redacted anew")
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

/// Takes out of the file what was kept aside of what is removed by now.
fn forget(main: &Connection) -> rusqlite::Result<()> {
    main.execute(
        "DELETE FROM redacted_rows WHERE (what, target) IN (SELECT what, target FROM redactions WHERE mode = 'removed')",
        [],
    )
    .map(drop)
}

/// The row of the post that a redaction is of.
fn redacted_post(main: &Connection, redaction: &Redaction) -> rusqlite::Result<Option<i64>> {
    let named = redaction.target.split_once(':').filter(|_| redaction.what == "post");
    Ok(named.map(|(platform, id)| posts::find(main, platform, id)).transpose()?.flatten())
}

/// Whether anything of what is redacted can be read.
fn is_open(main: &Connection, redaction: &Redaction) -> rusqlite::Result<bool> {
    let words = notice(redaction);
    match redaction.what.as_str() {
        "post" => {
            main.query_row(
                "SELECT EXISTS (SELECT 1 FROM snapshots WHERE post = ?1 AND outcome = 'found' AND text IS NOT ?2) \
                 OR EXISTS (SELECT 1 FROM snapshots s JOIN snapshot_media m ON m.snapshot = s.id \
                   WHERE s.post = ?1 AND (m.url <> 'redacted:' OR m.blob IS NOT NULL)) \
                 OR EXISTS (SELECT 1 FROM embeds WHERE post = ?1 AND (quoted_text IS NOT NULL OR target_author IS NOT NULL \
                   OR quoted_author_name IS NOT NULL OR quoted_author_handle IS NOT NULL)) \
                 OR EXISTS (SELECT 1 FROM looks l JOIN look_exchanges x ON x.look = l.id JOIN exchanges e ON e.id = x.exchange \
                   JOIN blobs b ON b.id = e.body WHERE length(b.data) > 0 AND (l.post = ?1 \
                   OR l.snapshot IN (SELECT r.snapshot FROM relations r WHERE r.post = ?1))) \
                 OR EXISTS (SELECT 1 FROM embeds e JOIN article_versions v ON v.id = e.version JOIN blobs b ON b.id = v.original \
                   WHERE e.post = ?1 AND length(b.data) > 0)",
                (redacted_post(main, redaction)?, words),
                |row| row.get(0),
            )
        }
        "article" => main.query_row(
            "SELECT EXISTS (SELECT 1 FROM article_versions WHERE article = ?1 AND text IS NOT ?2)",
            (aliases::find_named(main, &redaction.target)?, words),
            |row| row.get(0),
        ),
        _ => main.query_row(
            "SELECT EXISTS (SELECT 1 FROM blobs WHERE sha256 = ?1 AND length(data) > 0)",
            [&redaction.target],
            |row| row.get(0),
        ),
    }
}

/// The words that stand in the place of what is redacted.
fn notice(redaction: &Redaction) -> String {
    format!("redacted on {}: {}", redaction.redacted_at.strftime("%Y-%m-%d"), redaction.reason)
}

fn apply(main: &Transaction<'_>, run: i64, redaction: &Redaction, now: Timestamp) -> rusqlite::Result<()> {
    let work = Work { main, run, redaction, notice: notice(redaction), now };
    match redaction.what.as_str() {
        "post" => redacted_post(main, redaction)?.map_or(Ok(()), |post| work.post(post)),
        "article" => aliases::find_named(main, &redaction.target)?.map_or(Ok(()), |article| work.article(article)),
        _ => {
            let blob = main
                .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
                .query_row([&redaction.target], |row| row.get(0))
                .optional()?;
            blob.map_or(Ok(()), |blob| work.empty(blob))
        }
    }
}

/// The address of a file of which nothing must be known.
pub(in crate::store) const REDACTED: &str = "redacted:";

/// A post that nobody asks for: what was never asked is due for no other look.
fn rest(main: &Connection, post: i64) -> rusqlite::Result<()> {
    main.prepare_cached("DELETE FROM queue WHERE post = ?1")?.execute([post])?;
    main.prepare_cached("UPDATE posts SET asked_at = NULL WHERE id = ?1")?.execute([post]).map(drop)
}
