//! Redacting and pruning: what must not be shown, or is no longer wanted. The rows themselves are changed, so that whoever reads
//! the archive, with whatever tool, finds the word that stands in their place, and nothing else. What stood there is kept
//! aside where it is only hidden. The digest of what was entered stays, with a tombstone.

use super::{
    Store, StoreError, Transaction,
    articles::aliases,
    columns::At,
    entries::{self, Kind},
    index, posts, runs,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};
use std::time::Duration;

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
            let least = which.at_least_bytes.map(super::columns::count);
            let rows = rows.query_map((&which.kind, least, which.older_than.map(At), &which.platform, which.shown), |row| {
                Ok(PrunableFile {
                    id: row.get(0)?,
                    sha256: row.get(1)?,
                    mime: row.get(2)?,
                    size_bytes: super::columns::counted(row.get(3)?),
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

fn end(main: &Transaction<'_>, run: i64, now: Timestamp) -> rusqlite::Result<()> {
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

/// A redaction under way.
struct Work<'a> {
    main: &'a Transaction<'a>,
    run: i64,
    redaction: &'a Redaction,
    notice: String,
    now: Timestamp,
}

/// The address of a file of which nothing must be known.
pub(super) const REDACTED: &str = "redacted:";

const GONE: Value = Value::Null;

/// The columns of an embed that say anything of its post but which one it is.
fn no_quotation() -> [(&'static str, Value); 6] {
    let links = Value::Text("[]".to_owned());
    [
        ("quoted_text", GONE),
        ("quoted_author_name", GONE),
        ("quoted_author_handle", GONE),
        ("quoted_published", GONE),
        ("quoted_links", links),
        ("target_author", GONE),
    ]
}

/// A post that nobody asks for: what was never asked is due for no other look.
fn rest(main: &Connection, post: i64) -> rusqlite::Result<()> {
    main.prepare_cached("DELETE FROM queue WHERE post = ?1")?.execute([post])?;
    main.prepare_cached("UPDATE posts SET asked_at = NULL WHERE id = ?1")?.execute([post]).map(drop)
}

impl Work<'_> {
    fn numbers(&self, question: &str, of: i64) -> rusqlite::Result<Vec<i64>> {
        self.main.prepare(question)?.query_map([of], |row| row.get(0))?.collect()
    }

    fn post(&self, post: i64) -> rusqlite::Result<()> {
        index::remove(self.main, &index::POSTS, post)?;
        let text = |words: &str| Value::Text(words.to_owned());
        for snapshot in self.numbers("SELECT id FROM snapshots WHERE post = ?1 AND outcome = 'found'", post)? {
            for file in self.numbers("SELECT id FROM snapshot_media WHERE snapshot = ?1", snapshot)? {
                let blob: Option<i64> =
                    self.main.query_row("SELECT blob FROM snapshot_media WHERE id = ?1", [file], |row| row.get(0))?;
                let set = [
                    ("url", text(REDACTED)),
                    ("fallbacks", GONE),
                    ("alt", GONE),
                    ("answered_url", GONE),
                    ("failure", GONE),
                    ("blob", GONE),
                    ("note", GONE),
                    ("obtained", GONE),
                    ("stated_mime", GONE),
                    ("skipped", GONE),
                ];
                self.alter("snapshot_media", file, &[Kind::Media, Kind::File], &set)?;
                if let Some(blob) = blob {
                    let shared: bool = self.main.query_row(
                        "SELECT EXISTS (SELECT 1 FROM snapshot_media WHERE blob = ?1)",
                        [blob],
                        |row| row.get(0),
                    )?;
                    if !shared {
                        self.empty(blob)?;
                    }
                }
            }
            let set = [
                ("text", text(&self.notice)),
                ("text_html", GONE),
                ("author_id", GONE),
                ("author_handle", text("")),
                ("author_name", text("redacted")),
                ("author_url", GONE),
                ("author_avatar", GONE),
                ("published", GONE),
                ("edited", GONE),
                ("lang", GONE),
                ("counts", text("{}")),
                ("poll", GONE),
                ("card", GONE),
                ("warning", GONE),
                ("memento_url", GONE),
                ("memento_at", GONE),
                ("thread", GONE),
            ];
            self.alter("snapshots", snapshot, &[Kind::Snapshot], &set)?;
        }
        self.main.execute("UPDATE posts SET author_handle = NULL WHERE id = ?1", [post])?;
        index::add(self.main, &index::POSTS, post)?;
        posts::refresh(self.main, post)?;
        rest(self.main, post)?;
        self.answers(post)?;
        self.quotations(post)
    }

    /// The stored answers that a post was read from, its own and those of posts that quote it.
    fn answers(&self, post: i64) -> rusqlite::Result<()> {
        let answers = "SELECT DISTINCT e.body FROM exchanges e JOIN look_exchanges x ON x.exchange = e.id JOIN looks l ON l.id = x.look \
            WHERE e.body IS NOT NULL AND (l.post = ?1 OR l.snapshot IN (SELECT r.snapshot FROM relations r WHERE r.post = ?1))";
        self.numbers(answers, post)?.into_iter().try_for_each(|body| self.empty(body))
    }

    /// What articles quote of a post, and the pages that have it.
    fn quotations(&self, post: i64) -> rusqlite::Result<()> {
        for version in self.numbers("SELECT DISTINCT version FROM embeds WHERE post = ?1", post)? {
            self.quotation(version, post)?;
            self.stands(Kind::Version, version)?;
        }
        Ok(())
    }

    /// What a version of an article quotes of a post, and its page.
    fn quotation(&self, version: i64, post: i64) -> rusqlite::Result<()> {
        let mut embeds = self.main.prepare("SELECT id FROM embeds WHERE version = ?1 AND post = ?2")?;
        let embeds: Vec<i64> = embeds.query_map((version, post), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        embeds.into_iter().try_for_each(|embed| self.set("embeds", embed, &no_quotation()))?;
        // An embed of any form can name words of its post: a frame's title, a fallback, a script's data.
        self.pages(version, "SELECT original FROM article_versions WHERE id = ?1")
    }

    /// The stored pages that a version was read from.
    fn pages(&self, version: i64, own: &str) -> rusqlite::Result<()> {
        let pages = format!(
            "{own} UNION SELECT e.body FROM article_pages p JOIN exchanges e ON e.id = p.exchange WHERE p.version = ?1 AND e.body IS NOT NULL \
             UNION SELECT e.body FROM article_versions v JOIN exchanges e ON e.id = v.exchange WHERE v.id = ?1 AND e.body IS NOT NULL"
        );
        self.numbers(&pages, version)?.into_iter().try_for_each(|body| self.empty(body))
    }

    fn article(&self, article: i64) -> rusqlite::Result<()> {
        index::remove(self.main, &index::ARTICLES, article)?;
        for version in self.numbers("SELECT id FROM article_versions WHERE article = ?1", article)? {
            self.pages(
                version,
                "SELECT original FROM article_versions WHERE id = ?1 UNION SELECT body FROM article_versions WHERE id = ?1",
            )?;
            for embed in self.numbers("SELECT id FROM embeds WHERE version = ?1", version)? {
                self.set("embeds", embed, &no_quotation())?;
            }
            let notice = Value::Text(self.notice.clone());
            let set = [
                ("title", notice.clone()),
                ("text", notice),
                ("byline", GONE),
                ("site_name", GONE),
                ("published", GONE),
            ];
            self.alter("article_versions", version, &[Kind::Version], &set)?;
        }
        self.main.execute("UPDATE articles SET due_at = NULL WHERE id = ?1", [article])?;
        index::add(self.main, &index::ARTICLES, article)
    }

    /// Changes an entered row.
    fn alter(&self, table: &'static str, row: i64, kinds: &[Kind], set: &[(&str, Value)]) -> rusqlite::Result<()> {
        self.set(table, row, set)?;
        kinds.iter().try_for_each(|kind| self.stands(*kind, row))
    }

    /// Enters a row as it is by now.
    fn stands(&self, kind: Kind, row: i64) -> rusqlite::Result<()> {
        entries::changed(self.main, self.run, kind, row, self.now, &self.redaction.reason)
    }

    /// Other values into some columns of a row. Those that stood there are kept aside.
    fn set(&self, table: &str, row: i64, set: &[(&str, Value)]) -> rusqlite::Result<()> {
        if self.redaction.mode == "hidden" {
            let pairs: Vec<_> = set.iter().map(|(column, _)| format!("'{column}', \"{column}\"")).collect();
            self.main
                .prepare_cached(&format!(
                    "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content) \
                 SELECT ?1, ?2, '{table}', id, json_object({}) FROM {table} WHERE id = ?3",
                    pairs.join(", ")
                ))?
                .execute((&self.redaction.what, &self.redaction.target, row))?;
        }
        let columns: Vec<_> = set.iter().zip(2..).map(|((column, _), n)| format!("\"{column}\" = ?{n}")).collect();
        let values = [Value::Integer(row)].into_iter().chain(set.iter().map(|(_, value)| value.clone()));
        self.main
            .prepare_cached(&format!("UPDATE {table} SET {} WHERE id = ?1", columns.join(", ")))?
            .execute(params_from_iter(values))
            .map(drop)
    }

    fn empty(&self, blob: i64) -> rusqlite::Result<()> {
        let aside = (self.redaction.mode == "hidden").then_some(self.redaction);
        empty(self.main, self.run, blob, aside, &self.redaction.reason, self.now)
    }
}

/// Takes the bytes of a blob away: its digest and its size stay.
fn empty(
    main: &Transaction<'_>,
    run: i64,
    blob: i64,
    aside: Option<&Redaction>,
    reason: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if let Some(redaction) = aside {
        main.prepare_cached(
            "INSERT OR IGNORE INTO redacted_rows (what, target, \"table\", row, content, data) \
             SELECT ?1, ?2, 'blobs', id, encoding, data FROM blobs WHERE id = ?3 AND length(data) > 0",
        )?
        .execute((&redaction.what, &redaction.target, blob))?;
    }
    entries::bury_bytes(main, run, blob, now, reason)?;
    main.prepare_cached("UPDATE blobs SET data = x'', encoding = 'none' WHERE id = ?1")?.execute([blob]).map(drop)
}

/// Whether a post must not be kept any more of.
pub(super) fn is_redacted(connection: &Connection, post: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM redactions r JOIN posts p ON r.target = p.platform || ':' || p.post_id \
             WHERE r.what = 'post' AND p.id = ?1)",
        )?
        .query_row([post], |row| row.get(0))
}

/// Whether an article must not be kept any more of.
pub(super) fn is_article_redacted(connection: &Connection, article: i64) -> rusqlite::Result<bool> {
    let mut redacted = connection.prepare_cached("SELECT target FROM redactions WHERE what = 'article'")?;
    let mut redacted = redacted.query([])?;
    while let Some(row) = redacted.next()? {
        if aliases::find_named(connection, row.get_ref(0)?.as_str().unwrap_or_default())? == Some(article) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes what a new version of an article quotes of redacted posts out of it, before the version is entered.
pub(super) fn guard_version(main: &Transaction<'_>, run: i64, version: i64, now: Timestamp) -> rusqlite::Result<()> {
    guard(main, "SELECT DISTINCT post FROM embeds WHERE version = ?1", version, |redaction, post| {
        Work { main, run, redaction, notice: notice(redaction), now }.quotation(version, post)
    })
}

/// Takes the answers away that a post was read from and that hold a redacted one too.
pub(super) fn guard_post(main: &Transaction<'_>, run: i64, post: i64, now: Timestamp) -> rusqlite::Result<()> {
    const RELATED: &str =
        "SELECT DISTINCT r.post FROM relations r JOIN snapshots s ON s.id = r.snapshot WHERE s.post = ?1";
    guard(main, RELATED, post, |redaction, related| {
        Work { main, run, redaction, notice: notice(redaction), now }.answers(related)
    })
}

/// Does `work` for those of these posts that are redacted.
fn guard(
    main: &Transaction<'_>,
    posts: &str,
    of: i64,
    mut work: impl FnMut(&Redaction, i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let any: bool = main.prepare_cached("SELECT EXISTS (SELECT 1 FROM redactions)")?.query_row([], |row| row.get(0))?;
    if !any {
        return Ok(());
    }
    let mut found = main.prepare_cached(&format!(
        "SELECT p.id, r.what, r.target, r.mode, r.redacted_at, r.reason FROM redactions r JOIN posts p ON p.key = r.target \
         WHERE r.what = 'post' AND p.id IN ({posts})"
    ))?;
    let found: Vec<(i64, Redaction)> = found
        .query_map([of], |row| {
            let redaction = Redaction {
                what: row.get(1)?,
                target: row.get(2)?,
                mode: row.get(3)?,
                redacted_at: row.get::<_, At>(4)?.0,
                reason: row.get(5)?,
            };
            Ok((row.get(0)?, redaction))
        })?
        .collect::<rusqlite::Result<_>>()?;
    found.iter().try_for_each(|(post, redaction)| work(redaction, *post))
}

/// How long ago an instant was, as `--older` gives it.
#[must_use]
pub fn before(now: Timestamp, age: Duration) -> Option<Timestamp> {
    now.checked_sub(jiff::SignedDuration::try_from(age).ok()?).ok()
}
