//! Rechecks: which known posts are due for another look, and what is known of a post before it.

use super::{
    Filter, Store, StoreError,
    columns::{At, Json},
    exchanges, posts,
    query::{POST_FITS, read_post_ref},
};
use crate::{
    http::{KnownAnswer, Validators},
    model::{PostRef, Via},
};
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

/// Looks are counted up to this many; a schedule has no more waits.
pub const MAX_STEPS: usize = 32;

/// Answers of one post that are asked for conditionally.
const MAX_ANSWERS: i64 = 12;

/// Posts fall due up to a tenth of their wait later than it says, each at its own place in it, so that posts captured
/// together don't all fall due together. The number is Knuth's multiplicative hash: neighbours fall far apart.
const DUE: &str = "unixepoch(p.asked_at) + w.wait_s + (p.id * 2654435761 % 1024) * w.wait_s / 10240";

/// What a recheck looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// The post.
    pub post: PostRef,
    /// No article embeds it: another post quotes or answers it.
    pub related: bool,
}

/// What is known of a post before it is looked at again, so that nothing is fetched twice.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Content from the platform itself, or from a web archive, is there.
    pub has_content: bool,
    /// Answers of its last looks that may be asked for conditionally.
    pub answers: Vec<KnownAnswer>,
    /// URLs whose bytes are stored, of this post and of those that it quotes or answers.
    pub files: HashSet<String>,
    /// Digests of snapshots of which every file is stored. For a recheck those too of which some were skipped for their
    /// size, unless they are queued to be fetched now.
    pub complete: HashSet<String>,
}

impl Store {
    /// The posts whose next look is due at `now`, the longest overdue first, at most `limit`. `waits` is the wait
    /// before each further look since the post's state last changed; a post that has used them all up is left alone.
    /// What is queued for another reason is left to the queue. `platforms` are those allowed; empty means all.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn due_rechecks(
        &self,
        now: Timestamp,
        waits: &[Duration],
        platforms: &[String],
        limit: usize,
    ) -> Result<Vec<Due>, StoreError> {
        self.read("look for posts that are due for a recheck", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{}SELECT p.id, {DUE} AS due FROM waits w CROSS JOIN posts p ON p.recheck_step = w.step AND p.asked_at <= w.latest \
                 WHERE due <= unixepoch(?2) AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.post = p.id AND q.rests IS NULL) \
                 AND (?4 = '[]' OR p.platform IN (SELECT value FROM json_each(?4))) \
                 ORDER BY due, p.id LIMIT ?3",
                waits_from("?1")
            ))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let ids = statement
                .query_map((Json(steps(now, waits)), At(now), limit, Json(platforms)), |row| row.get(0))?;
            ids.map(|id| due(connection, id?)).collect()
        })
    }

    /// The posts that fit a filter, those not asked for longest first; with `waits` only those that are due at `now`.
    /// Posts that only words name, without an address, are left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn posts_to_recheck(
        &self,
        filter: &Filter,
        due_at: Option<(Timestamp, &[Duration])>,
    ) -> Result<Vec<Due>, StoreError> {
        let chosen = due_at.map(|(now, waits)| self.due_rechecks(now, waits, &[], usize::MAX)).transpose()?;
        let chosen: Option<HashSet<_>> = chosen.map(|due| due.into_iter().map(|due| due.post.key()).collect());
        self.read("look for posts to recheck", |connection| {
            let Some(mut parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let limit = std::mem::replace(&mut parameters.limit, -1);
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut statement = connection.prepare_cached(&format!(
                "SELECT p.id FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot \
                 WHERE p.url LIKE 'http%' AND {POST_FITS} ORDER BY p.asked_at, p.id LIMIT :limit"
            ))?;
            let ids = statement.query_map(&parameters.named(), |row| row.get(0))?;
            let is_chosen = |due: &rusqlite::Result<Due>| match (&chosen, due) {
                (Some(keys), Ok(due)) => keys.contains(&due.post.key()),
                _ => true,
            };
            ids.map(|id| due(connection, id?)).filter(is_chosen).take(limit).collect()
        })
    }

    /// A post by its key (`platform:id`), aliases followed, as a recheck looks at it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_to_recheck(&self, key: &str) -> Result<Option<Due>, StoreError> {
        let Some((platform, id)) = key.split_once(':') else { return Ok(None) };
        self.read(&format!("look for {key}"), |connection| {
            posts::find(connection, platform, id)?.map(|id| due(connection, id)).transpose()
        })
    }

    /// What is known of a post, under any of its names; nothing where the archive does not know it. `rechecked`: it is
    /// looked at for news alone, and not to complete it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn known(&self, post: &PostRef, rechecked: bool) -> Result<Known, StoreError> {
        self.read(&format!("read what is known of {post}"), |connection| {
            let Some(post) = posts::find(connection, &post.platform, &post.id)? else { return Ok(Known::default()) };
            known(connection, post, rechecked)
        })
    }
}

/// The waits as SQL reads them: which look comes next, how long it waits, and the latest last look that can be due.
fn steps(now: Timestamp, waits: &[Duration]) -> Vec<(usize, i64, String)> {
    let step = |(n, wait): (usize, &Duration)| {
        let wait_s = i64::try_from(wait.as_secs()).ok()?;
        let latest = now.checked_sub(wait_s.seconds()).ok()?;
        Some((n + 1, wait_s, format!("{latest:.3}")))
    };
    waits.iter().take(MAX_STEPS).enumerate().filter_map(step).collect()
}

fn waits_from(parameter: &str) -> String {
    format!(
        "WITH waits (step, wait_s, latest) AS (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each({parameter})) "
    )
}

fn due(connection: &Connection, post: i64) -> rusqlite::Result<Due> {
    connection
        .prepare_cached(
            "SELECT platform, post_id, author_handle, url, \
             EXISTS (SELECT 1 FROM relations r WHERE r.post = p.id) \
             AND NOT EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id) AS related FROM posts p WHERE id = ?1",
        )?
        .query_row([post], |row| Ok(Due { post: read_post_ref(row)?, related: row.get("related")? }))
}

fn known(connection: &Connection, post: i64, rechecked: bool) -> rusqlite::Result<Known> {
    let via: Option<String> =
        connection.prepare_cached("SELECT via FROM posts WHERE id = ?1")?.query_row([post], |row| row.get(0))?;
    let mut files = connection.prepare_cached(
        "SELECT m.url, m.answered_url FROM snapshots s JOIN snapshot_media m ON m.snapshot = s.id \
         WHERE m.blob IS NOT NULL AND (s.post = ?1 OR s.post IN (SELECT r.post FROM snapshots o \
           JOIN relations r ON r.snapshot = o.id WHERE o.post = ?1))",
    )?;
    let files = files.query_map([post], |row| Ok([row.get::<_, Option<String>>(0)?, row.get(1)?]))?;
    let files: Vec<[Option<String>; 2]> = files.collect::<rusqlite::Result<_>>()?;
    let mut complete = connection.prepare_cached(
        "SELECT s.digest FROM snapshots s WHERE s.post = ?1 AND s.digest IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.snapshot = s.id AND m.blob IS NULL \
           AND (NOT ?2 OR m.skipped IS NULL OR EXISTS (SELECT 1 FROM queue q WHERE q.post = s.post AND q.rests IS NULL)))",
    )?;
    let complete = complete.query_map((post, rechecked), |row| row.get(0))?;
    Ok(Known {
        has_content: via.is_some_and(|via| via != Via::Quoted.as_str()),
        answers: answers(connection, post)?,
        files: files.into_iter().flatten().flatten().collect(),
        complete: complete.collect::<rusqlite::Result<_>>()?,
    })
}

/// The newest stored answers to a post's requests that name a version, with the version that a later look saw.
fn answers(connection: &Connection, post: i64) -> rusqlite::Result<Vec<KnownAnswer>> {
    let mut ids = connection.prepare_cached(
        "SELECT max(x.id) FROM looks l JOIN look_exchanges y ON y.look = l.id JOIN exchanges x ON x.id = y.exchange \
         WHERE l.post = ?1 AND x.status = 200 AND x.body IS NOT NULL AND x.method = 'GET' \
         AND (x.response_headers LIKE '%\"etag\"%' OR x.response_headers LIKE '%\"last-modified\"%') \
         GROUP BY x.url ORDER BY 1 DESC LIMIT ?2",
    )?;
    let ids: Vec<i64> = ids.query_map([post, MAX_ANSWERS], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Only the newest word on the post stands for what the platform has now.
    let newest: Option<Option<Json<BTreeMap<String, Validators>>>> = connection
        .prepare_cached(
            "SELECT validators FROM looks WHERE post = ?1 AND state IS NOT NULL ORDER BY looked_at DESC, id DESC LIMIT 1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()?;
    let mut newest = newest.flatten().map(|Json(validators)| validators).unwrap_or_default();
    let mut answers = Vec::with_capacity(ids.len());
    for id in ids {
        let exchange = exchanges::load(connection, id)?;
        let validators = newest.remove(exchange.request.url.as_str()).or_else(|| Validators::of(&exchange));
        answers.extend(validators.map(|validators| KnownAnswer { exchange, validators }));
    }
    Ok(answers)
}

/// Works out which wait of the schedule comes next: the number of runs that have proven the post's present state. A post
/// that vanished or returned starts anew; an edit does not, so that a post which is never the same twice still comes to rest.
pub(super) fn refresh(connection: &Connection, post: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE posts SET recheck_step = (SELECT min(count(DISTINCT coalesce(o.run, l.run)), ?2) \
             FROM standing_looks l LEFT JOIN looks o ON o.id = l.reparse_of WHERE l.post = ?1 AND l.state IS NOT NULL AND l.looked_at >= posts.state_since) WHERE id = ?1",
        )?
        .execute((post, i64::try_from(MAX_STEPS).unwrap_or(i64::MAX)))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_posts_are_asked_by_the_index() {
        let store = Store::in_memory().unwrap();
        let plan = format!(
            "EXPLAIN QUERY PLAN {}SELECT p.id, {DUE} AS due FROM waits w CROSS JOIN posts p \
             ON p.recheck_step = w.step AND p.asked_at <= w.latest WHERE due <= unixepoch(?2)",
            waits_from("?1")
        );
        let mut plan = store.connection.prepare(&plan).unwrap();
        let rows = plan.query_map(("[]", ""), |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = rows.map(Result::unwrap).collect();
        assert!(plan.iter().any(|line| line.contains("posts_recheck (recheck_step=? AND asked_at<?)")), "{plan:?}");
    }
}
