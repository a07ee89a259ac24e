//! Articles that could not be had, and are tried again.

use super::{Queued, Retry, read_queued};
use crate::{
    model::Rest,
    store::{Store, StoreError, columns::At},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use url::Url;

/// An article that could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleRetry {
    /// Its URL or path, as the source gave it.
    pub name: String,
    /// The configured source's name, or `add`.
    pub source: String,
    /// When it failed.
    pub failed_at: Timestamp,
    /// When it is tried again, and why.
    pub retry: Retry,
}

/// An article that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleQueueItem {
    /// Its URL or path.
    pub name: String,
    /// The configured source's name, or `add`.
    pub source: String,
    /// How often it failed in a row.
    pub attempts: u32,
    /// Why it failed last.
    pub reason: String,
}

impl Store {
    /// Queues an article that failed; each time again that counts is one attempt more. Archiving it takes it off the queue.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn queue_article(&mut self, failed: &ArticleRetry) -> Result<(), StoreError> {
        let ArticleRetry { name, source, failed_at, retry } = failed;
        self.write("queue an article", |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO queue (article_name, source, site, due_at, attempts, reason, queued_at, tried_at, rests) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8) ON CONFLICT (article_name) DO UPDATE SET \
                     source = excluded.source, due_at = excluded.due_at, attempts = attempts + excluded.attempts, \
                     reason = excluded.reason, tried_at = excluded.tried_at, rests = excluded.rests",
                )?
                .execute((
                    name,
                    source,
                    site_of(name),
                    retry.due_at.map(At),
                    retry.counted,
                    &retry.reason,
                    At(*failed_at),
                    retry.rests.map(Rest::as_str),
                ))?;
            Ok(())
        })
    }

    /// Takes an article off the queue: it was had after all, or nobody wants it any more.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn unqueue_article(&mut self, name: &str) -> Result<(), StoreError> {
        self.write("take an article off the queue", |transaction| clear_article(transaction, name))
    }

    /// What the queue says of an article.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn queued_article(&self, name: &str) -> Result<Option<Queued>, StoreError> {
        self.read("read the queue", |connection| {
            connection
                .prepare_cached("SELECT attempts, due_at, rests, reason, queued_at FROM queue WHERE article_name = ?1")?
                .query_row([name], read_queued)
                .optional()
        })
    }

    /// The articles that are due at `now`, the longest waiting first, at most `limit`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn due_articles(&self, now: Timestamp, limit: usize) -> Result<Vec<ArticleQueueItem>, StoreError> {
        self.read("read the queue", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT article_name, coalesce(source, ''), attempts, reason FROM queue \
                 WHERE article_name IS NOT NULL AND due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
            )?;
            let items = statement.query_map((At(now), i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
                Ok(ArticleQueueItem {
                    name: row.get(0)?,
                    source: row.get(1)?,
                    attempts: row.get(2)?,
                    reason: row.get(3)?,
                })
            })?;
            items.collect()
        })
    }
}

/// The host by which people name the site of an article, without `www.`; none where its name is no URL.
pub(in crate::store) fn site_of(name: &str) -> Option<String> {
    let host = Url::parse(name).ok()?.host_str()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").map(str::to_owned).unwrap_or(host))
}

/// Takes an article off the queue.
pub(in crate::store) fn clear_article(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM queue WHERE article_name = ?1")?.execute([name])?;
    Ok(())
}
