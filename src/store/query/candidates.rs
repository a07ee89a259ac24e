//! Words of the archive by their beginnings, for the completions of shells: quick in any archive, and never all of them.

use crate::store::{Store, StoreError};
use rusqlite::{Connection, Row, named_params};

/// Rows that are looked through for different words.
const SEARCHED: i64 = 5_000;

/// What can be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// Handles, without `@`.
    Authors,
    /// Hosts of articles.
    Sites,
    /// Labels of sources.
    Labels,
    /// Sources by name.
    Sources,
    /// Posts by their keys.
    Posts,
    /// Articles by their addresses.
    Articles,
}

impl Store {
    /// At most `limit` words that begin so, each with what it stands for, where that is known. Without a beginning the
    /// newest come first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn candidates(
        &self,
        what: Candidates,
        begun: &str,
        limit: usize,
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        self.read("look for words to complete", |connection| found(connection, what, begun, limit))
    }
}

fn found(
    connection: &Connection,
    what: Candidates,
    begun: &str,
    limit: usize,
) -> rusqlite::Result<Vec<(String, Option<String>)>> {
    let sql = match (what, begun.is_empty()) {
        (Candidates::Authors, true) => {
            "SELECT s.author_handle, s.author_name FROM (SELECT snapshot, captured_at FROM posts WHERE captured_at IS NOT NULL \
             ORDER BY captured_at DESC LIMIT :searched) p JOIN snapshots s ON s.id = p.snapshot \
             WHERE s.author_handle <> '' AND :begun < :end GROUP BY s.author_handle ORDER BY max(p.captured_at) DESC LIMIT :limit"
        }
        (Candidates::Authors, false) => {
            "SELECT author_handle, max(author_name) FROM (SELECT author_handle, author_name FROM snapshots \
             WHERE author_handle >= :begun COLLATE NOCASE AND author_handle < :end COLLATE NOCASE LIMIT :searched) \
             GROUP BY author_handle LIMIT :limit"
        }
        (Candidates::Sites, _) => {
            "SELECT site, NULL FROM (SELECT site FROM articles WHERE site >= :begun AND site < :end LIMIT :searched) \
             GROUP BY site LIMIT :limit"
        }
        (Candidates::Labels, _) => {
            "SELECT DISTINCT j.value, NULL FROM (SELECT labels FROM sources LIMIT :searched) s, json_each(s.labels) j \
             WHERE j.value >= :begun AND j.value < :end ORDER BY 1 LIMIT :limit"
        }
        (Candidates::Sources, _) => {
            "SELECT name, place FROM (SELECT name, place FROM sources WHERE name >= :begun AND name < :end LIMIT :searched) \
             ORDER BY name LIMIT :limit"
        }
        (Candidates::Posts, true) => {
            "SELECT p.key, coalesce('@' || nullif(s.author_handle, '') || ': ', '') || substr(coalesce(s.text, ''), 1, 200) \
             FROM (SELECT key, snapshot FROM posts WHERE captured_at IS NOT NULL ORDER BY captured_at DESC \
               LIMIT min(:limit, :searched)) p \
             LEFT JOIN snapshots s ON s.id = p.snapshot WHERE :begun < :end"
        }
        (Candidates::Posts, false) => {
            "SELECT p.key, coalesce('@' || nullif(s.author_handle, '') || ': ', '') || substr(coalesce(s.text, ''), 1, 200) \
             FROM (SELECT key, snapshot FROM posts WHERE key >= :begun AND key < :end ORDER BY key LIMIT min(:limit, :searched)) p \
             LEFT JOIN snapshots s ON s.id = p.snapshot"
        }
        (Candidates::Articles, true) => {
            "SELECT coalesce(a.url, a.name), v.title FROM (SELECT * FROM articles WHERE :begun < :end \
               ORDER BY captured_at DESC LIMIT min(:limit, :searched)) a LEFT JOIN article_versions v ON v.id = a.version"
        }
        (Candidates::Articles, false) => {
            "SELECT coalesce(a.url, a.name), v.title FROM (SELECT * FROM articles WHERE url >= :begun AND url < :end \
               UNION SELECT * FROM articles WHERE name >= :begun AND name < :end LIMIT min(:limit, :searched)) a \
             LEFT JOIN article_versions v ON v.id = a.version"
        }
    };
    // Behind every text that begins so.
    let end = format!("{begun}\u{10ffff}");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let word = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut statement = connection.prepare_cached(sql)?;
    let words = statement
        .query_map(named_params! { ":begun": begun, ":end": end, ":searched": SEARCHED, ":limit": limit }, word)?;
    words.collect()
}
