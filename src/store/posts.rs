//! Posts and their names. What is worked out about a post (state, snapshot to show, search index) follows from its
//! looks and snapshots alone, and is worked out again whenever these grow.

use super::{
    Store, StoreError, Transaction,
    columns::{At, Word},
    index, queue, rechecks, redact,
};
use crate::model::{PostRef, State, Via};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// What is known of a post by now, for the decision whether to look at it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostStatus {
    /// By the platform's own word.
    pub state: State,
    /// When it was first seen to be so.
    pub state_since: Option<Timestamp>,
    /// When the platform last showed it.
    pub last_seen_at: Option<Timestamp>,
    /// The rung of the content to show; none where there is no content.
    pub best_via: Option<Via>,
    /// The last look, whatever came of it.
    pub last_looked_at: Option<Timestamp>,
    /// The last look at the platform asked nothing, for no way was known.
    pub had_no_route: bool,
    /// Tries since it last gave an answer, where it is queued.
    pub attempts: u32,
    /// When it is due, where it is queued and does not rest.
    pub due_at: Option<Timestamp>,
}

impl Store {
    /// What is known of a post, under any of its names; none where the archive does not know it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_status(&self, post: &PostRef) -> Result<Option<PostStatus>, StoreError> {
        self.read(&format!("read what is known of {post}"), |connection| {
            let Some(id) = find(connection, &post.platform, &post.id)? else { return Ok(None) };
            let queued = queue::of_post(connection, id)?;
            connection.prepare_cached(
                    "SELECT state, state_since, via, last_looked_at, coalesce((SELECT reason = 'no_route' FROM looks \
                     WHERE post = ?1 AND via NOT IN ('memento', 'import', 'quoted') ORDER BY looked_at DESC, id DESC LIMIT 1), 0) \
                     AS had_no_route FROM posts WHERE id = ?1",
                )?.query_row(
                [id],
                |row| {
                    Ok(Some(PostStatus {
                        state: row.get::<_, Word<State>>("state")?.0,
                        state_since: row.get::<_, Option<At>>("state_since")?.map(|At(at)| at),
                        last_seen_at: last_seen(connection, id)?,
                        best_via: row.get::<_, Option<Word<Via>>>("via")?.map(|Word(via)| via),
                        last_looked_at: row.get::<_, Option<At>>("last_looked_at")?.map(|At(at)| at),
                        had_no_route: row.get("had_no_route")?,
                        attempts: queued.as_ref().map_or(0, |queued| queued.attempts),
                        due_at: queued.as_ref().and_then(|queued| queued.due_at),
                    }))
                },
            )
        })
    }

    /// `provisional` (a short link, a handle's form of an id) turned out to be `real`: embeds, looks and snapshots
    /// move over, and the provisional name stays as an alias. A name that already leads to another post is left alone.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn adopt(&mut self, provisional: &PostRef, real: &PostRef) -> Result<(), StoreError> {
        self.write(&format!("note that {provisional} is {real}"), |transaction| {
            adopt(transaction, provisional, real).map(|_| ())
        })
    }
}

/// When the platform itself last showed a post.
pub(super) fn last_seen(connection: &Connection, post: i64) -> rusqlite::Result<Option<Timestamp>> {
    let seen: Option<At> = connection
        .prepare_cached("SELECT max(looked_at) FROM standing_looks WHERE post = ?1 AND state = 'live'")?
        .query_row([post], |row| row.get(0))?;
    Ok(seen.map(|At(at)| at))
}

/// The row of a post by its own name or an alias.
pub(super) fn find(connection: &Connection, platform: &str, id: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM posts WHERE platform = ?1 AND post_id = ?2 \
             UNION ALL SELECT post FROM post_aliases WHERE platform = ?1 AND post_id = ?2 LIMIT 1",
        )?
        .query_row((platform, id), |row| row.get(0))
        .optional()
}

/// The row of a post, made where there is none.
pub(super) fn ensure(connection: &Connection, post: &PostRef) -> rusqlite::Result<i64> {
    if let Some(id) = find(connection, &post.platform, &post.id)? {
        if post.author.is_some() {
            connection
                .prepare_cached("UPDATE posts SET author_handle = ?2 WHERE id = ?1 AND author_handle IS NULL AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'post' AND r.target = posts.key)")?
                .execute((id, &post.author))?;
        }
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO posts (platform, post_id, url, author_handle) VALUES (?1, ?2, ?3, ?4)")?
        .execute((&post.platform, &post.id, post.url.as_str(), &post.author))?;
    Ok(connection.last_insert_rowid())
}

/// Makes `from` a name of the post `to`, and returns that post's row.
pub(super) fn adopt(connection: &Transaction<'_>, from: &PostRef, to: &PostRef) -> rusqlite::Result<i64> {
    let target = ensure(connection, to)?;
    let Some(old) = find(connection, &from.platform, &from.id)? else {
        alias(connection, from, target)?;
        return Ok(target);
    };
    if old == target {
        return Ok(target);
    }
    let own: bool = connection
        .prepare_cached("SELECT platform = ?2 AND post_id = ?3 FROM posts WHERE id = ?1")?
        .query_row((old, &from.platform, &from.id), |row| row.get(0))?;
    if own {
        merge(connection, old, target)?;
        alias(connection, from, target)?;
        refresh(connection, target)?;
        redact::settle_post(connection, target)?;
    }
    Ok(target)
}

fn alias(connection: &Connection, from: &PostRef, post: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO post_aliases (platform, post_id, url, post) VALUES (?1, ?2, ?3, ?4)")?
        .execute((&from.platform, &from.id, from.url.as_str(), post))?;
    Ok(())
}

/// Moves all that is known under one row to another, and takes the empty row away.
pub(super) fn merge(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    index::remove(connection, &index::POSTS, from)?;
    // Where the real post was looked at already, nothing is left to be tried for the provisional one.
    connection
        .prepare_cached(
            "DELETE FROM queue WHERE post = ?1 AND (EXISTS (SELECT 1 FROM queue WHERE post = ?2) \
             OR (SELECT last_looked_at FROM posts WHERE id = ?2) IS NOT NULL)",
        )?
        .execute((from, to))?;
    for statement in [
        "UPDATE queue SET post = ?2 WHERE post = ?1",
        "UPDATE embeds SET post = ?2 WHERE post = ?1",
        "UPDATE looks SET post = ?2 WHERE post = ?1",
        "UPDATE snapshots SET post = ?2 WHERE post = ?1",
        "UPDATE relations SET post = ?2 WHERE post = ?1",
        "UPDATE post_aliases SET post = ?2 WHERE post = ?1",
        "UPDATE saves SET post = ?2 WHERE post = ?1",
        "UPDATE OR IGNORE former_names SET post = ?2 WHERE post = ?1",
        "DELETE FROM former_names WHERE post = ?1 AND ?1 <> ?2",
        // What is kept aside of what waited is of the other post; its number may be another post's one day.
        "UPDATE OR IGNORE redacted_rows SET row = ?2 WHERE \"table\" = 'queue' AND row = ?1",
        "DELETE FROM redacted_rows WHERE \"table\" IN ('queue', 'posts') AND row = ?1 AND ?1 <> ?2",
    ] {
        connection.prepare_cached(statement)?.execute((from, to))?;
    }
    connection.prepare_cached("DELETE FROM posts WHERE id = ?1")?.execute([from])?;
    Ok(())
}

/// Works out again what follows from a post's looks and snapshots. Where two of one instant say different things, the run
/// decides, and within a run the order in which they were written: never numbers of rows, which archives that are merged
/// give in another order.
pub(super) fn refresh(connection: &Connection, post: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE posts SET last_looked_at = (SELECT max(looked_at) FROM looks WHERE post = ?1), \
             state = coalesce((SELECT l.state FROM standing_looks l JOIN runs r ON r.id = l.run \
               WHERE l.post = ?1 AND l.state IS NOT NULL ORDER BY l.looked_at DESC, r.started_at DESC, r.command DESC, \
               coalesce(r.host, '') DESC, (SELECT min(n.position) FROM entries n \
                 WHERE n.kind = 'look' AND n.row = l.id AND n.run = l.run) DESC, l.id DESC LIMIT 1), 'unknown'), \
             asked_at = (SELECT max(r.as_of) FROM looks l JOIN runs r ON r.id = l.run \
               WHERE l.post = ?1 AND l.via NOT IN ('memento', 'import', 'quoted') AND l.reparse_of IS NULL) WHERE id = ?1",
        )?
        .execute([post])?;
    // The state has held since the first look that proved it after the last one that proved another.
    connection
        .prepare_cached(
            "UPDATE posts SET state_since = (SELECT min(l.looked_at) FROM standing_looks l \
               WHERE l.post = ?1 AND l.state = posts.state AND l.looked_at >= coalesce((SELECT max(o.looked_at) \
                 FROM standing_looks o WHERE o.post = ?1 AND o.state <> posts.state), '')) WHERE id = ?1",
        )?
        .execute([post])?;
    rechecks::refresh(connection, post)?;
    let known: Option<i64> =
        connection.prepare_cached("SELECT snapshot FROM posts WHERE id = ?1")?.query_row([post], |row| row.get(0))?;
    let shown = shown_snapshot(connection, post)?;
    if known != shown {
        index::remove(connection, &index::POSTS, post)?;
        connection
            .prepare_cached(
                "UPDATE posts SET snapshot = ?2, via = (SELECT via FROM snapshots WHERE id = ?2), \
                 published = (SELECT published FROM snapshots WHERE id = ?2), captured_at = (SELECT captured_at FROM snapshots WHERE id = ?2) WHERE id = ?1",
            )?
            .execute((post, shown))?;
        index::add(connection, &index::POSTS, post)?;
    }
    Ok(())
}

/// One snapshot with content, as a candidate to be shown.
struct Candidate {
    id: i64,
    via: Via,
    has_text: bool,
    has_media: bool,
    truncated: bool,
}

impl Candidate {
    fn is_empty(&self) -> bool {
        !self.has_text && !self.has_media
    }

    /// The platform's own word, then a web archive's, then an export's, then the article's.
    fn class(&self) -> u8 {
        match self.via {
            Via::Memento => 1,
            Via::Import => 2,
            Via::Quoted => 3,
            _ => 0,
        }
    }

    /// Whether a newer snapshot lacks something that this one has.
    fn is_richer_than(&self, newer: &Self) -> bool {
        (self.has_text && !newer.has_text)
            || (self.has_media && !newer.has_media)
            || (newer.truncated && !self.truncated)
    }
}

/// The snapshot to show: the newest of the best class of rungs that has content. A poorer rung's newer answer does not
/// displace a richer one's: oEmbed without pictures says nothing against the pictures that the API gave.
fn shown_snapshot(connection: &Connection, post: i64) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.via, s.text <> '' AS has_text, s.truncated, \
         EXISTS (SELECT 1 FROM snapshot_media m WHERE m.snapshot = s.id AND m.part = 'media') AS has_media \
         FROM snapshots s JOIN runs r ON r.id = s.run WHERE s.post = ?1 AND s.outcome = 'found' \
         AND EXISTS (SELECT 1 FROM standing_looks l WHERE l.snapshot = s.id) \
         ORDER BY s.captured_at, r.started_at, r.command, coalesce(r.host, ''), (SELECT min(n.position) FROM entries n \
         WHERE n.kind = 'snapshot' AND n.row = s.id AND n.run = s.run), s.id",
    )?;
    let candidates = statement.query_map([post], |row| {
        Ok(Candidate {
            id: row.get("id")?,
            via: row.get::<_, Word<Via>>("via")?.0,
            has_text: row.get("has_text")?,
            has_media: row.get("has_media")?,
            truncated: row.get("truncated")?,
        })
    })?;
    let mut best: Option<Candidate> = None;
    for newer in candidates {
        let newer = newer?;
        let better = best.as_ref().is_none_or(|best| {
            let rank = |c: &Candidate| (c.is_empty(), c.class());
            match rank(&newer).cmp(&rank(best)) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Greater => false,
                std::cmp::Ordering::Equal => newer.via <= best.via || !best.is_richer_than(&newer),
            }
        });
        if better {
            best = Some(newer);
        }
    }
    Ok(best.map(|best| best.id))
}
