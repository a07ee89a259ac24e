//! What a run was asked for and has not reached: it waits in the queue for the next run.

use super::{Store, StoreError, columns::At, posts, queue};
use crate::model::PostRef;
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;

/// Why an article waits that no run has reached.
const NOT_REACHED: &str = "not yet reached";

impl Store {
    /// Queues articles (name and source) and posts that no run has looked at yet, all in one transaction. What is known,
    /// or waits already, is left as it is.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn expect(
        &mut self,
        articles: &[(String, Arc<str>)],
        named: &[PostRef],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if articles.is_empty() && named.is_empty() {
            return Ok(());
        }
        self.write("queue what was not reached", |transaction| {
            for (name, source) in articles {
                expect_article(transaction, name, source, at)?;
            }
            for post in named {
                let post = posts::ensure(transaction, post)?;
                queue::expect_post(transaction, post, at)?;
            }
            Ok(())
        })
    }
}

/// Queues an article that no run has looked at yet.
pub(super) fn expect_article(connection: &Connection, name: &str, source: &str, at: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO queue (article_name, source, site, due_at, attempts, reason, queued_at) \
             SELECT ?1, ?2, ?5, ?3, 0, ?4, ?3 WHERE NOT EXISTS (SELECT 1 FROM articles WHERE name = ?1) \
             ON CONFLICT (article_name) DO NOTHING",
        )?
        .execute((name, source, At(at), NOT_REACHED, queue::site_of(name)))?;
    Ok(())
}
