//! The two searches, and what is shown of a hit in each.

use super::{Asked, Match, marks};
use crate::{
    model::SearchHit,
    store::{
        columns::{At, Word},
        index::{self, Index},
        query::{
            content,
            filter::{ARTICLE_FITS, Filter},
        },
    },
};
use rusqlite::Row;

/// One of the two searches: where the words are, and what is shown of a hit.
pub(super) struct Search {
    pub(super) index: &'static Index,
    /// What a filter asks of a match: the rows that have it, and whether they fit.
    pub(super) fits: fn(&Filter) -> (&'static str, String),
    /// Weights of the columns of the index, in their order.
    pub(super) weights: &'static [f64],
    /// What a match counts for that only an article quotes.
    pub(super) worth: &'static str,
    /// In the texts of so many of the best it is counted how often they have the words.
    pub(super) refined: usize,
    /// What is asked of a match beside its score: the row that has it, and the time of its capture.
    pub(super) captured: (&'static str, &'static str),
    /// These by its number.
    pub(super) dated: &'static str,
    /// A hit by its number.
    hit: &'static str,
    /// Its texts in the order in which a match in them is shown: by their places among the columns of the index.
    shown: &'static [usize],
    read: fn(&Row<'_>) -> rusqlite::Result<SearchHit>,
}

/// That of posts.
pub(super) static POSTS: Search = Search {
    index: &index::POSTS,
    fits: posts_fit,
    weights: &[1.0, 2.0, 2.0, 0.7],
    worth: "CASE WHEN p.via = 'quoted' THEN 0.5 ELSE 1.0 END",
    refined: 50,
    captured: ("JOIN posts p ON p.id = f.rowid", "p.captured_at"),
    dated: "SELECT captured_at, published FROM posts WHERE id = ?1",
    hit: "SELECT p.key, p.url, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, \
          p.state, p.via, p.captured_at, s.published FROM posts p JOIN snapshots s ON s.id = p.snapshot WHERE p.id = ?1",
    shown: &[0, 3, 1, 2],
    read: post,
};

/// That of articles.
pub(super) static ARTICLES: Search = Search {
    index: &index::ARTICLES,
    fits: articles_fit,
    weights: &[3.0, 1.5, 1.0],
    worth: "1.0",
    // Their texts are ten times as long.
    refined: 20,
    captured: ("JOIN articles a ON a.id = f.rowid", "a.captured_at"),
    dated: "SELECT a.captured_at, v.published FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
    hit: "SELECT a.id, coalesce(a.url, a.name) AS url, v.title, v.byline, a.captured_at, v.published \
          FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
    shown: &[2, 0, 1],
    read: article,
};

/// A snapshot is read where something is asked of it: the rows of many matches are a page each.
fn posts_fit(filter: &Filter) -> (&'static str, String) {
    let joins = if filter.asks_snapshots() {
        "CROSS JOIN posts p ON p.id = f.rowid CROSS JOIN snapshots s ON s.id = p.snapshot"
    } else {
        "CROSS JOIN posts p ON p.id = f.rowid AND p.snapshot IS NOT NULL"
    };
    (joins, filter.posts_fit())
}

fn articles_fit(_: &Filter) -> (&'static str, String) {
    let joins = "CROSS JOIN articles a ON a.id = f.rowid CROSS JOIN article_versions v ON v.id = a.version";
    (joins, ARTICLE_FITS.to_owned())
}

impl Asked<'_> {
    /// What is shown of a match.
    pub(super) fn hit(&self, found: &Match) -> rusqlite::Result<SearchHit> {
        let Search { index, hit, shown, read, .. } = found.search;
        let mut hit = self.connection.prepare_cached(hit)?.query_row([found.id], read)?;
        if index.table == POSTS.index.table {
            let shown: Option<i64> = self
                .connection
                .prepare_cached("SELECT snapshot FROM posts WHERE id = ?1")?
                .query_row([found.id], |row| row.get(0))?;
            hit.warning = shown.map(|shown| content::warning(self.connection, shown)).transpose()?.flatten();
        }
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {} FROM {} WHERE id = ?1", index.listed(), index.view))?;
        let texts = statement.query_row([found.id], |row| {
            let text = |at: &usize| Ok((index.columns.get(*at).copied().unwrap_or_default(), row.get(*at)?));
            shown.iter().map(text).collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(SearchHit { score: found.score, snippet: marks::passage(self.node, index, &texts), ..hit })
    }
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
        warning: None,
        snippet: String::new(),
        score: 0.0,
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
        warning: None,
        snippet: String::new(),
        score: 0.0,
    })
}
