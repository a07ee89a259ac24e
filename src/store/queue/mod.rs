//! The queue of what to try again: posts and articles that failed for a passing reason, or that no run has reached yet.

mod articles;
mod release;

pub use articles::{ArticleQueueItem, ArticleRetry};
pub(super) use articles::{clear_article, site_of};

use super::{
    Store, StoreError,
    columns::{At, Json, Word, counted},
    exchanges::url,
};
use crate::model::{PostRef, QueueCounts, QueuedRecord, Quoted, Rest};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

/// When to try something again that gave nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Not before; none where it rests until somebody releases it.
    pub due_at: Option<Timestamp>,
    /// Why, in words for a person.
    pub reason: String,
    /// Whether it rests.
    pub rests: Option<Rest>,
    /// Whether this was an attempt: not where embalm itself held the request back.
    pub counted: bool,
}

impl Retry {
    /// A try at `due_at`, after one that counts.
    #[must_use]
    pub fn at(due_at: Timestamp, reason: impl Into<String>) -> Self {
        Self { due_at: Some(due_at), reason: reason.into(), rests: None, counted: true }
    }
}

/// What the queue says of an article or a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// How often it was tried since it last gave an answer.
    pub attempts: u32,
    /// Not before; none where it rests until somebody releases it.
    pub due_at: Option<Timestamp>,
    /// Whether it rests.
    pub rests: Option<Rest>,
    /// Why it waits or rests.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

impl Queued {
    /// Whether it is to be left alone at `now`.
    #[must_use]
    pub fn waits(&self, now: Timestamp) -> bool {
        self.due_at.is_none_or(|due_at| due_at > now)
    }
}

/// A post that is due.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueItem {
    /// The post.
    pub post: PostRef,
    /// How often it was tried since it last gave an answer; 0 where no run has reached it yet.
    pub attempts: u32,
    /// Why it waits.
    pub reason: String,
    /// What the newest article that embeds it says of it, so that the quoted rung can be made again.
    pub quoted: Quoted,
    /// When that article was archived; none where none embeds it.
    pub quoted_at: Option<Timestamp>,
    /// No article embeds it: another post quotes or answers it.
    pub related: bool,
}

impl Store {
    /// The posts that are due at `now`, the longest waiting first, at most `limit`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<QueueItem>, StoreError> {
        self.read("read the queue", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT p.platform, p.post_id, p.author_handle, p.url, q.attempts, q.reason, p.id, \
                 EXISTS (SELECT 1 FROM relations r WHERE r.post = p.id) \
                 AND NOT EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id) AS related \
                 FROM queue q JOIN posts p ON p.id = q.post WHERE q.due_at <= ?1 ORDER BY q.due_at, q.id LIMIT ?2",
            )?;
            let items = statement.query_map((At(now), i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
                let newest = newest_quoted(connection, row.get("id")?)?;
                let (quoted, quoted_at) = newest.map(|(quoted, at)| (quoted, Some(at))).unwrap_or_default();
                Ok(QueueItem {
                    post: PostRef {
                        platform: row.get("platform")?,
                        id: row.get("post_id")?,
                        author: row.get("author_handle")?,
                        url: url(row, "url")?,
                    },
                    attempts: row.get("attempts")?,
                    reason: row.get("reason")?,
                    quoted,
                    quoted_at,
                    related: row.get("related")?,
                })
            })?;
            items.collect()
        })
    }

    /// What waits, and what of it is due at `now`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn queue_counts(&self, now: Timestamp) -> Result<QueueCounts, StoreError> {
        self.read("count what waits", |connection| counts(connection, now))
    }
}

/// What waits longest.
pub(super) fn oldest(connection: &Connection) -> rusqlite::Result<Option<QueuedRecord>> {
    connection
        .query_row(
            "SELECT coalesce(p.key, q.article_name), q.queued_at, q.due_at, q.attempts, q.reason \
             FROM queue q LEFT JOIN posts p ON p.id = q.post \
             WHERE q.id = (SELECT id FROM queue WHERE rests IS NULL ORDER BY queued_at, id LIMIT 1)",
            [],
            |row| {
                Ok(QueuedRecord {
                    name: row.get(0)?,
                    since: row.get::<_, At>(1)?.0,
                    due_at: row.get::<_, Option<At>>(2)?.map(|At(at)| at),
                    attempts: row.get(3)?,
                    reason: row.get(4)?,
                })
            },
        )
        .optional()
}

/// What waits, and what of it is due at `now`.
pub(super) fn counts(connection: &Connection, now: Timestamp) -> rusqlite::Result<QueueCounts> {
    connection.query_row(
        "SELECT count(post) FILTER (WHERE rests IS NULL), count(article_name) FILTER (WHERE rests IS NULL), \
         count(*) FILTER (WHERE rests IS NULL AND due_at <= ?1), count(*) FILTER (WHERE rests = 'failed'), \
         count(*) FILTER (WHERE rests = 'dead'), min(queued_at) FILTER (WHERE rests IS NULL), \
         min(due_at) FILTER (WHERE rests IS NULL) FROM queue",
        [At(now)],
        |row| {
            Ok(QueueCounts {
                posts: counted(row.get(0)?),
                articles: counted(row.get(1)?),
                due: counted(row.get(2)?),
                resting: counted(row.get(3)?),
                dead: counted(row.get(4)?),
                oldest_at: row.get::<_, Option<At>>(5)?.map(|At(at)| at),
                next_due_at: row.get::<_, Option<At>>(6)?.map(|At(at)| at),
            })
        },
    )
}

/// Queues a post that no run has looked at yet, so that a run killed after the article is archived loses nothing. One that is
/// redacted is not asked for.
pub(super) fn expect_post(connection: &Connection, post: i64, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO queue (post, due_at, attempts, reason, queued_at) \
             SELECT id, ?2, 0, 'not yet looked at', ?2 FROM posts p WHERE id = ?1 AND last_looked_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'post' AND r.target IN (SELECT p.key \
               UNION ALL SELECT a.platform || ':' || a.post_id FROM post_aliases a WHERE a.post = p.id)) \
             ON CONFLICT (post) DO NOTHING",
        )?
        .execute((post, At(at)))?;
    Ok(())
}

/// The same for a post that an article embeds, and for no other one.
pub(super) fn expect_embedded(connection: &Connection, post: i64, at: Timestamp) -> rusqlite::Result<()> {
    let is_embedded: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM embeds WHERE post = ?1 AND scope = 'article')")?
        .query_row([post], |row| row.get(0))?;
    if is_embedded { expect_post(connection, post, at) } else { Ok(()) }
}

/// Queues a post again, or takes it off the queue. `tried_at`: when it was looked at; none where that was put off.
pub(super) fn set_post(
    connection: &Connection,
    post: i64,
    retry: Option<&Retry>,
    tried_at: Option<Timestamp>,
) -> rusqlite::Result<()> {
    let Some(retry) = retry else {
        connection.prepare_cached("DELETE FROM queue WHERE post = ?1")?.execute([post])?;
        return Ok(());
    };
    let tried_at = tried_at.filter(|_| retry.counted);
    connection
        .prepare_cached(
            "INSERT INTO queue (post, due_at, attempts, reason, queued_at, tried_at, rests) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (post) DO UPDATE SET due_at = excluded.due_at, \
             attempts = attempts + excluded.attempts, reason = excluded.reason, \
             tried_at = coalesce(excluded.tried_at, tried_at), rests = excluded.rests",
        )?
        .execute((
            post,
            retry.due_at.map(At),
            tried_at.is_some(),
            &retry.reason,
            tried_at.or(retry.due_at).map(At),
            tried_at.map(At),
            retry.rests.map(Rest::as_str),
        ))?;
    Ok(())
}

/// What the newest embed of a post quotes of it, and when its article was archived.
fn newest_quoted(connection: &Connection, post: i64) -> rusqlite::Result<Option<(Quoted, Timestamp)>> {
    connection
        .prepare_cached(
            "SELECT quoted_text, quoted_author_name, quoted_author_handle, quoted_published, quoted_links, \
             v.captured_at FROM embeds e JOIN article_versions v ON v.id = e.version WHERE e.post = ?1 \
             ORDER BY quoted_text IS NULL, e.id DESC LIMIT 1",
        )?
        .query_row([post], |row| Ok((quoted(row)?, row.get::<_, At>("captured_at")?.0)))
        .optional()
}

/// The `quoted_` columns of an embed.
pub(super) fn quoted(row: &Row<'_>) -> rusqlite::Result<Quoted> {
    Ok(Quoted {
        text: row.get("quoted_text")?,
        author_name: row.get("quoted_author_name")?,
        author_handle: row.get("quoted_author_handle")?,
        published: row.get::<_, Option<Word<_>>>("quoted_published")?.map(|Word(when)| when),
        links: row.get::<_, Json<_>>("quoted_links")?.0,
    })
}

/// What the queue says of a post.
pub(super) fn of_post(connection: &Connection, post: i64) -> rusqlite::Result<Option<Queued>> {
    connection
        .prepare_cached("SELECT attempts, due_at, rests, reason, queued_at FROM queue WHERE post = ?1")?
        .query_row([post], read_queued)
        .optional()
}

fn read_queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    Ok(Queued {
        attempts: row.get("attempts")?,
        due_at: row.get::<_, Option<At>>("due_at")?.map(|At(at)| at),
        rests: row.get::<_, Option<Word<_>>>("rests")?.map(|Word(rest)| rest),
        reason: row.get("reason")?,
        since: row.get::<_, At>("queued_at")?.0,
    })
}
