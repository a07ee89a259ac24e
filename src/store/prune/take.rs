//! Letting go of what was chosen: each row leaves its digest and a tombstone, and what follows from the rows is worked out again.

use crate::store::{
    Transaction,
    columns::At,
    entries::{self, Kind},
    index, posts,
    redact::empty,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// A prune under way.
struct Take<'a> {
    main: &'a Transaction<'a>,
    run: i64,
    reason: &'a str,
    now: Timestamp,
}

/// Lets go of all that was chosen.
pub(super) fn take(main: &Transaction<'_>, run: i64, reason: &str, now: Timestamp) -> rusqlite::Result<()> {
    let take = Take { main, run, reason, now };
    // Posts of which something goes, and that stay.
    main.execute_batch(
        "DELETE FROM temp.pruned_posts; \
         INSERT OR IGNORE INTO temp.pruned_posts SELECT s.post FROM temp.prunable g JOIN snapshots s ON s.id = g.id WHERE g.kind = 'snapshot'; \
         INSERT OR IGNORE INTO temp.pruned_posts SELECT l.post FROM temp.prunable g JOIN looks l ON l.id = g.id WHERE g.kind = 'look'; \
         DELETE FROM temp.pruned_posts WHERE id IN (SELECT id FROM temp.prunable WHERE kind = 'post');",
    )?;
    take.each("post", |post| {
        index::remove(main, &index::POSTS, post)?;
        take.run(
            "UPDATE posts SET snapshot = NULL, via = NULL, captured_at = NULL, published = NULL WHERE id = ?1",
            post,
        )
    })?;
    take.each("article", |article| take.article(article))?;
    take.each("look", |look| {
        take.bury(Kind::Look, look)?;
        take.run("DELETE FROM look_exchanges WHERE look = ?1", look)?;
        take.run("DELETE FROM looks WHERE id = ?1", look)
    })?;
    take.quoting()?;
    take.each("snapshot", |snapshot| take.snapshot(snapshot))?;
    take.each("version", |version| {
        take.bury(Kind::Version, version)?;
        take.bury(Kind::Reading, version)?;
        take.run("DELETE FROM article_pages WHERE version = ?1", version)?;
        take.run("DELETE FROM embeds WHERE version = ?1", version)?;
        take.run("DELETE FROM article_versions WHERE id = ?1", version)
    })?;
    take.each("exchange", |exchange| {
        take.bury(Kind::Exchange, exchange)?;
        take.run("DELETE FROM exchange_hops WHERE exchange = ?1", exchange)?;
        take.run("DELETE FROM exchanges WHERE id = ?1", exchange)
    })?;
    take.each("file", |blob| empty(main, run, blob, reason, now))?;
    take.each("blob", |blob| {
        entries::bury_bytes(main, run, blob, now, reason)?;
        take.run("DELETE FROM blobs WHERE id = ?1", blob)
    })?;
    take.each("post", |post| take.post(post))?;
    numbers(main, "SELECT id FROM temp.pruned_posts ORDER BY id", [], |post| posts::refresh(main, post))?;
    // What a row that stays refers to has not gone: nothing is kept otherwise.
    let broken =
        main.prepare("SELECT 1 FROM pragma_foreign_key_check LIMIT 1")?.query_row([], |_| Ok(())).optional()?;
    broken.map_or(Ok(()), |()| Err(rusqlite::Error::QueryReturnedMoreThanOneRow))
}

/// Does `work` for each number that a question answers.
fn numbers(
    main: &Connection,
    question: &str,
    parameters: impl rusqlite::Params,
    mut work: impl FnMut(i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows = main.prepare(question)?;
    let mut rows = rows.query(parameters)?;
    while let Some(row) = rows.next()? {
        work(row.get(0)?)?;
    }
    Ok(())
}

impl Take<'_> {
    fn each(&self, kind: &str, work: impl FnMut(i64) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        numbers(self.main, "SELECT id FROM temp.prunable WHERE kind = ?1 ORDER BY id", [kind], work)
    }

    fn run(&self, statement: &str, of: i64) -> rusqlite::Result<()> {
        self.main.prepare_cached(statement)?.execute([of]).map(drop)
    }

    fn bury(&self, kind: Kind, row: i64) -> rusqlite::Result<()> {
        entries::bury(self.main, self.run, kind, row, self.now, self.reason)
    }

    /// An article's own row and its addresses; its versions follow. What its sources have named stays named.
    fn article(&self, article: i64) -> rusqlite::Result<()> {
        index::remove(self.main, &index::ARTICLES, article)?;
        self.run("DELETE FROM article_aliases WHERE article = ?1", article)?;
        self.run("DELETE FROM queue WHERE article_name = (SELECT name FROM articles WHERE id = ?1)", article)?;
        self.run("DELETE FROM articles WHERE id = ?1", article)
    }

    fn snapshot(&self, snapshot: i64) -> rusqlite::Result<()> {
        let mut files = self.main.prepare_cached("SELECT id FROM snapshot_media WHERE snapshot = ?1")?;
        let files: Vec<i64> = files.query_map([snapshot], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for file in files {
            self.bury(Kind::Media, file)?;
            self.bury(Kind::File, file)?;
        }
        self.bury(Kind::Snapshot, snapshot)?;
        self.run("DELETE FROM snapshot_media WHERE snapshot = ?1", snapshot)?;
        self.run("DELETE FROM relations WHERE snapshot = ?1", snapshot)?;
        self.run("DELETE FROM snapshots WHERE id = ?1", snapshot)
    }

    /// Snapshots that stay and quote one that goes: they quote the post from now on, and are entered so.
    fn quoting(&self) -> rusqlite::Result<()> {
        let mut quoting = self.main.prepare(
            "SELECT DISTINCT r.snapshot FROM relations r JOIN temp.prunable g ON g.kind = 'snapshot' AND g.id = r.related_snapshot \
             WHERE NOT EXISTS (SELECT 1 FROM temp.prunable s WHERE s.kind = 'snapshot' AND s.id = r.snapshot)",
        )?;
        let quoting: Vec<i64> = quoting.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for snapshot in quoting {
            self.run(
                "UPDATE relations SET related_snapshot = NULL WHERE snapshot = ?1 \
                 AND related_snapshot IN (SELECT id FROM temp.prunable WHERE kind = 'snapshot')",
                snapshot,
            )?;
            entries::changed(self.main, self.run, Kind::Snapshot, snapshot, self.now, self.reason)?;
        }
        Ok(())
    }

    /// A post of which nothing is known any more. Where an article or another post names it, its name stays, and it rests; else
    /// its row goes.
    fn post(&self, post: i64) -> rusqlite::Result<()> {
        self.run("DELETE FROM queue WHERE post = ?1", post)?;
        let is_named: bool = self
            .main
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM embeds WHERE post = ?1) OR EXISTS (SELECT 1 FROM relations WHERE post = ?1)",
            )?
            .query_row([post], |row| row.get(0))?;
        if is_named {
            self.main
                .prepare_cached(
                    "INSERT INTO queue (post, due_at, attempts, reason, queued_at, rests) VALUES (?1, NULL, 0, ?2, ?3, 'dead')",
                )?
                .execute((post, self.reason, At(self.now)))?;
            posts::refresh(self.main, post)?;
            return index::add(self.main, &index::POSTS, post);
        }
        numbers(self.main, "SELECT id FROM saves WHERE post = ?1", [post], |save| self.bury(Kind::Save, save))?;
        for statement in [
            "DELETE FROM saves WHERE post = ?1",
            "DELETE FROM post_aliases WHERE post = ?1",
            "DELETE FROM former_names WHERE post = ?1",
            "DELETE FROM posts WHERE id = ?1",
        ] {
            self.run(statement, post)?;
        }
        Ok(())
    }
}
