//! Full text over posts and articles, best first.

use super::{
    MATCH_END, MATCH_START,
    filter::{ARTICLE_FITS, Filter, Orders, POST_FITS, Parameters},
};
use crate::{
    model::SearchHit,
    store::{
        Store, StoreError,
        columns::{At, Word},
    },
};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, ffi::ErrorCode};

/// Ranking every match of a common word takes as long as there are posts; beyond this many, the newest are ranked.
const MAX_RANKED: i64 = 2000;

/// A longer query is cut: nobody types it, and FTS5 would parse all of it.
const MAX_QUERY_BYTES: usize = 2000;

const ORDERS: Orders = &[
    ("best", "score DESC", "score"),
    ("captured", "captured_at DESC", "captured_at"),
    ("published", "published DESC", "published"),
];

impl Store {
    /// What fits the words, best first (sorts: `best`, `captured`, `published`). The syntax is that of FTS5: words (all of
    /// them), `"a phrase"`, `prefix*`, `AND`, `OR`, `NOT`, parentheses; a query that is not valid so is taken as plain words.
    /// Filters of posts (platform, author, state, rung) leave articles out.
    ///
    /// # Errors
    /// [`StoreError::Query`] where no word is left, [`StoreError::Sort`], or where the archive cannot be read.
    pub fn search(&self, query: &str, filter: &Filter) -> Result<Vec<SearchHit>, StoreError> {
        let order = self.order(filter, ORDERS)?;
        let query = cut(query).replace('\0', " ");
        if !query.chars().any(char::is_alphanumeric) {
            let detail = "there is no word in it".to_owned();
            return Err(StoreError::Query { query, detail });
        }
        let found = self.read("search", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let articles =
                filter.platform.is_none() && filter.author.is_none() && filter.state.is_none() && filter.via.is_none();
            for expression in [query.clone(), plain(&query)] {
                let posts = matches(connection, &POSTS, &expression, &parameters, order, post)?;
                let articles = if articles {
                    matches(connection, &ARTICLES, &expression, &parameters, order, article)?
                } else {
                    None
                };
                if posts.is_some() || articles.is_some() {
                    return Ok(posts.into_iter().chain(articles).flatten().collect());
                }
            }
            Ok(Vec::new())
        });
        let mut hits = found?;
        sort(&mut hits, order);
        hits.truncate(filter.limit.unwrap_or(usize::MAX));
        Ok(hits)
    }
}

/// One of the two searches: where the words are, and what is shown of a hit.
struct Search {
    index: &'static str,
    joins: &'static str,
    fits: &'static str,
    /// Weights of the columns for `bm25`.
    weights: &'static str,
    /// What hits may be sorted by, beside their score.
    dates: &'static str,
    columns: &'static str,
}

const POSTS: Search = Search {
    index: "posts_fts",
    joins: "JOIN posts p ON p.id = f.rowid JOIN snapshots s ON s.id = p.snapshot",
    fits: POST_FITS,
    weights: "1.0, 2.0, 2.0, 0.7",
    dates: "p.captured_at AS captured_at, s.published AS published",
    columns: "p.key, p.url, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, \
              p.state, p.via",
};

const ARTICLES: Search = Search {
    index: "articles_fts",
    joins: "JOIN articles a ON a.id = f.rowid JOIN article_versions v ON v.id = a.version",
    fits: ARTICLE_FITS,
    weights: "3.0, 1.5, 1.0",
    dates: "a.captured_at AS captured_at, v.published AS published",
    columns: "coalesce(a.url, a.name) AS url, v.title, v.byline",
};

/// The hits of one search; none where FTS5 does not understand the expression (or this index lacks a column that it
/// names), which it says only when it runs.
fn matches(
    connection: &Connection,
    search: &Search,
    expression: &str,
    parameters: &Parameters,
    order: &str,
    read: fn(&Row<'_>) -> rusqlite::Result<SearchHit>,
) -> rusqlite::Result<Option<Vec<SearchHit>>> {
    let Search { index, joins, fits, weights, dates, columns } = search;
    let mut named: Vec<(&str, &dyn ToSql)> = parameters.named().to_vec();
    named.push((":query", &expression));
    let mut oldest = connection.prepare_cached(&format!(
        "SELECT f.rowid FROM {index} f {joins} WHERE f.{index} MATCH :query AND {fits} AND :limit IS NOT NULL \
         ORDER BY f.rowid DESC LIMIT 1 OFFSET {MAX_RANKED}"
    ))?;
    let oldest = oldest.query_row(named.as_slice(), |row| row.get(0)).optional();
    let Some(oldest) = tolerate(oldest)? else { return Ok(None) };
    let oldest: i64 = oldest.unwrap_or(0);
    named.push((":oldest", &oldest));
    // Snippets are cut for what is shown alone: they cost more than the search.
    let mut statement = connection.prepare_cached(&format!(
        "WITH ranked AS MATERIALIZED (SELECT f.rowid AS id, -bm25({index}, {weights}) AS score, {dates} \
           FROM {index} f {joins} WHERE f.{index} MATCH :query AND f.rowid > :oldest AND {fits} \
           ORDER BY {order} LIMIT :limit) \
         SELECT ranked.*, {columns}, snippet({index}, -1, '{MATCH_START}', '{MATCH_END}', '…', 24) AS snippet \
         FROM ranked CROSS JOIN {index} f ON f.rowid = ranked.id {joins} WHERE f.{index} MATCH :query ORDER BY {order}"
    ))?;
    tolerate(statement.query_map(named.as_slice(), read).and_then(Iterator::collect))
}

fn post(row: &Row<'_>) -> rusqlite::Result<SearchHit> {
    Ok(SearchHit {
        what: "post".to_owned(),
        target: row.get("key")?,
        url: row.get("url")?,
        title: None,
        author_name: row.get("author_name")?,
        author_handle: row.get("author_handle")?,
        published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
        captured_at: row.get::<_, Option<At>>("captured_at")?.map(|At(at)| at),
        state: Some(row.get::<_, Word<_>>("state")?.0),
        via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
        snippet: row.get("snippet")?,
        score: row.get("score")?,
    })
}

fn article(row: &Row<'_>) -> rusqlite::Result<SearchHit> {
    Ok(SearchHit {
        what: "article".to_owned(),
        target: row.get::<_, i64>("id")?.to_string(),
        url: row.get("url")?,
        title: row.get("title")?,
        author_name: row.get("byline")?,
        author_handle: None,
        published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
        captured_at: Some(row.get::<_, At>("captured_at")?.0),
        state: None,
        via: None,
        snippet: row.get("snippet")?,
        score: row.get("score")?,
    })
}

fn tolerate<T>(found: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::Unknown => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every word as itself: none of FTS5's signs counts.
fn plain(query: &str) -> String {
    let words = query.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    words.map(|word| format!("\"{}\"", word.replace('"', " "))).collect::<Vec<_>>().join(" ")
}

/// Whole words up to the limit.
fn cut(query: &str) -> &str {
    if query.len() <= MAX_QUERY_BYTES {
        return query;
    }
    let end = (0..=MAX_QUERY_BYTES).rev().find(|end| query.is_char_boundary(*end)).unwrap_or(0);
    let start = query.get(..end).unwrap_or_default();
    start.rsplit_once(char::is_whitespace).map_or(start, |(words, _)| words)
}

/// The same order as that of the two searches, over both.
fn sort(hits: &mut [SearchHit], order: &str) {
    let published = |hit: &SearchHit| hit.published.map(|when| when.to_string());
    match order {
        "captured_at DESC" => hits.sort_by_key(|hit| std::cmp::Reverse(hit.captured_at)),
        "captured_at" => hits.sort_by_key(|hit| hit.captured_at),
        "published DESC" => hits.sort_by_key(|hit| std::cmp::Reverse(published(hit))),
        "published" => hits.sort_by_key(published),
        "score" => hits.sort_by(|a, b| a.score.total_cmp(&b.score)),
        _ => hits.sort_by(|a, b| b.score.total_cmp(&a.score)),
    }
}
