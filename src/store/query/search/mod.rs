//! Full text over posts and articles, best first: `question` reads what was asked, `expression` says it to FTS5, `marks` shows
//! the match in the words as they were written.
//!
//! Ranking every match of a common word takes as long as there are posts. So the newest of them are ranked, and the others
//! follow, newest first. What is shown of a hit (its words around the match) costs more than finding it, and is read for
//! one part alone.

mod expression;
mod marks;
mod question;

use super::{
    content,
    filter::{ARTICLE_FITS, Filter, Named, Orders, POST_FITS},
    posts,
    walk::{MAX_COUNTED, few},
};
use crate::{
    model::{Facets, Findings, Part, Reading, SearchHit, Start, Total},
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
        index::{self, Index},
    },
    words,
};
use question::Node;
use rusqlite::{Connection, Row};
use std::collections::HashSet;

/// Beyond this many matches of each kind, the newest are ranked.
const MAX_RANKED: usize = 2000;

/// The same for an answer that is to be there at once, and for one in which a filter is asked of each match.
const MAX_RANKED_AT_ONCE: usize = 1000;
const MAX_RANKED_NARROWED: usize = 500;

/// A filter that leaves little of very many matches is asked of so many of the newest.
const MAX_LOOKED_AT: u64 = 200_000;

/// A longer query is cut: nobody types it, and FTS5 would parse all of it.
const MAX_QUERY_BYTES: usize = 2000;

/// Values of a facet that are told.
const MAX_FACETS: usize = 12;

/// What a find counts for that has all the words as they follow one another.
const PHRASE_WORTH: f64 = 2.0;

const ORDERS: Orders = &[
    ("best", "score DESC", "score"),
    ("captured", "captured_at DESC", "captured_at"),
    ("published", "published DESC", "published"),
];

impl Store {
    /// What fits the words, best first (sorts: `best`, `captured`, `published`): words (all of them), `"a phrase"`, `prefix*`,
    /// `AND`, `OR`, `NOT`, `-without`, parentheses, `column:word`; a query that is not valid so is taken as plain words.
    /// Filters of posts (platform, author, state, rung) leave articles out.
    ///
    /// # Errors
    /// [`StoreError::Query`] where no word is left, [`StoreError::Sort`], or where the archive cannot be read.
    pub fn search(&self, query: &str, filter: &Filter) -> Result<Vec<SearchHit>, StoreError> {
        let start = filter.offset.map_or(Start::First, Start::Skip);
        let part = Part { size: filter.limit.unwrap_or(2 * MAX_RANKED), start };
        self.searched(query, filter, &part, false).map(|found| found.hits)
    }

    /// A part of the same, with how many there are and what they are of. A part begins at a number: a mark is read as the
    /// beginning.
    ///
    /// # Errors
    /// As [`Store::search`].
    pub fn search_part(&self, query: &str, filter: &Filter, part: &Part) -> Result<Findings, StoreError> {
        self.searched(query, filter, part, true)
    }

    /// `tell`: how many there are, and what they are of.
    fn searched(&self, query: &str, filter: &Filter, part: &Part, tell: bool) -> Result<Findings, StoreError> {
        let order = self.order(filter, ORDERS)?;
        let query = cut(query).replace('\0', " ");
        if words::plain(&query).is_empty() {
            let detail = "there is no word in it".to_owned();
            return Err(StoreError::Query { query, detail });
        }
        self.read("search", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(nothing()) };
            let named = parameters.any();
            let read = question::read(&query).flatten();
            let is_signed = query.contains(['#', '@', '＃', '＠']);
            let mut best = None;
            for (reading, node) in [(Reading::AsWritten, read), (Reading::PlainWords, question::plain(&query))] {
                // A tag or a name that nobody wrote with its sign may stand there without it.
                if best.is_some() && !is_signed {
                    continue;
                }
                let Some(node) = node else { continue };
                let phrase = question::phrase(&query);
                let asked = Asked { connection, filter, named: &named, node: &node, phrase, order, tell };
                let found = asked.findings(part, reading)?;
                if found.total != Total::Exactly(0) {
                    return Ok(found);
                }
                best.get_or_insert(found);
            }
            Ok(best.unwrap_or_else(nothing))
        })
    }
}

fn nothing() -> Findings {
    Findings {
        hits: Vec::new(),
        total: Total::Exactly(0),
        ranked: None,
        looked_at: None,
        reading: Reading::AsWritten,
        facets: Facets::default(),
    }
}

/// One of the two searches: where the words are, and what is shown of a hit.
struct Search {
    index: &'static Index,
    joins: &'static str,
    fits: &'static str,
    /// Weights of the columns for `bm25`.
    weights: &'static str,
    /// What a match counts for that only an article quotes.
    worth: &'static str,
    /// What is asked of a match beside its score: the row that has it, and the time of its capture.
    captured: (&'static str, &'static str),
    /// These by its number.
    dated: &'static str,
    /// A hit by its number.
    hit: &'static str,
    /// Its texts in the order in which a match in them is shown: by their places among the columns of the index.
    shown: &'static [usize],
    read: fn(&Row<'_>) -> rusqlite::Result<SearchHit>,
}

static POSTS: Search = Search {
    index: &index::POSTS,
    joins: "JOIN posts p ON p.id = f.rowid JOIN snapshots s ON s.id = p.snapshot",
    fits: POST_FITS,
    weights: "1.0, 2.0, 2.0, 0.7",
    worth: "CASE WHEN p.via = 'quoted' THEN 0.5 ELSE 1.0 END",
    captured: ("JOIN posts p ON p.id = f.rowid", "p.captured_at"),
    dated: "SELECT captured_at, published FROM posts WHERE id = ?1",
    hit: "SELECT p.key, p.url, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, \
          p.state, p.via, p.captured_at, s.published FROM posts p JOIN snapshots s ON s.id = p.snapshot WHERE p.id = ?1",
    shown: &[0, 3, 1, 2],
    read: post,
};

static ARTICLES: Search = Search {
    index: &index::ARTICLES,
    joins: "JOIN articles a ON a.id = f.rowid JOIN article_versions v ON v.id = a.version",
    fits: ARTICLE_FITS,
    weights: "3.0, 1.5, 1.0",
    worth: "1.0",
    captured: ("JOIN articles a ON a.id = f.rowid", "a.captured_at"),
    dated: "SELECT a.captured_at, v.published FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
    hit: "SELECT a.id, coalesce(a.url, a.name) AS url, v.title, v.byline, a.captured_at, v.published \
          FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
    shown: &[2, 0, 1],
    read: article,
};

/// A match: enough of it to be sorted.
struct Match {
    search: &'static Search,
    id: i64,
    score: f64,
    captured_at: Option<String>,
    published: Option<String>,
}

/// The matches of one of the two searches.
struct Matches {
    search: &'static Search,
    expression: String,
    ranked: Vec<Match>,
    total: Total,
    /// The lowest number among the ranked, where there are more.
    oldest: Option<i64>,
    looked_at: Option<u64>,
}

/// A search in one reading of its words.
struct Asked<'a> {
    connection: &'a Connection,
    filter: &'a Filter,
    named: &'a Named<'a>,
    node: &'a Node,
    /// All the words as they follow one another: finds that have them so come first.
    phrase: Option<question::Words>,
    order: &'static str,
    tell: bool,
}

impl Asked<'_> {
    fn findings(&self, part: &Part, reading: Reading) -> rusqlite::Result<Findings> {
        let of_posts = [self.filter.platform.is_some(), self.filter.author.is_some(), self.filter.via.is_some()];
        let alone = of_posts.contains(&true) || self.filter.state.is_some();
        let posts = self.matches(&POSTS)?;
        let articles = if alone { None } else { self.matches(&ARTICLES)? };
        let mut both: Vec<Matches> = articles.into_iter().chain(posts).collect();
        let mut ranked: Vec<Match> = both.iter_mut().flat_map(|matches| std::mem::take(&mut matches.ranked)).collect();
        sort(&mut ranked, self.order);
        let facets = if self.tell { self.facets(&ranked)? } else { Facets::default() };
        let start = if let Start::Skip(skip) = part.start { usize::try_from(skip).unwrap_or(usize::MAX) } else { 0 };
        let mut skip = start.saturating_sub(ranked.len());
        let mut shown: Vec<Match> = ranked.into_iter().skip(start).take(part.size).collect();
        for matches in both.iter().rev() {
            let Some(oldest) = matches.oldest else { continue };
            let search = matches.search;
            let left = part.size.saturating_sub(shown.len());
            if left > 0 {
                let older = self.older(matches, oldest, skip, left)?.into_iter();
                shown.extend(older.map(|id| Match { search, id, score: 0.0, captured_at: None, published: None }));
            }
            let others = usize::try_from(matches.total.at_least()).unwrap_or(usize::MAX).saturating_sub(self.cap());
            skip = skip.saturating_sub(others);
        }
        let hits: rusqlite::Result<Vec<_>> = shown.iter().map(|found| self.hit(found)).collect();
        Ok(Findings {
            hits: hits?,
            total: both.iter().fold(Total::Exactly(0), |sum, matches| sum.and(matches.total)),
            ranked: both.iter().any(|matches| matches.oldest.is_some()).then(|| counted_up(self.cap())),
            looked_at: both.iter().find_map(|matches| matches.looked_at),
            reading,
            facets,
        })
    }

    /// So many of the newest matches are ranked.
    fn cap(&self) -> usize {
        match (self.tell, self.filter.narrows_nothing()) {
            (true, _) => MAX_RANKED,
            (false, true) => MAX_RANKED_AT_ONCE,
            (false, false) => MAX_RANKED_NARROWED,
        }
    }

    /// Where the matches are read from: few posts that a filter leaves, each asked whether it has the words; or all that
    /// have the words.
    fn from(&self, search: &Search) -> rusqlite::Result<(String, bool)> {
        let Search { index: Index { table, .. }, joins, .. } = search;
        let few = if *table == index::POSTS.table {
            few(self.connection, self.filter, self.named, posts::STARTS)?
        } else {
            None
        };
        Ok(match few {
            Some(numbers) => (format!("({numbers}) n CROSS JOIN {table} f ON f.rowid = n.id {joins}"), true),
            None => (format!("{table} f {joins}"), false),
        })
    }

    /// None where nothing in this index can fit.
    fn matches(&self, search: &'static Search) -> rusqlite::Result<Option<Matches>> {
        let Search { index: Index { table, .. }, fits, .. } = search;
        let Some(expression) = expression::expression(self.node, search.index) else { return Ok(None) };
        let narrowed = !self.filter.narrows_nothing();
        let (from, few) = if narrowed { self.from(search)? } else { ((*table).to_owned() + " f", false) };
        let fits = if narrowed { *fits } else { "1" };
        let mut all = Total::Exactly(0);
        if self.tell || (narrowed && !few) {
            all = self.count(search, &expression, if narrowed { MAX_LOOKED_AT } else { MAX_COUNTED })?;
        }
        let mut looked_at = None;
        let mut horizon = i64::MIN;
        if let (true, false, Total::MoreThan(looked)) = (narrowed, few, all) {
            looked_at = Some(looked);
            horizon = self.nth(search, &expression, looked)?.unwrap_or(i64::MIN);
        }
        let bounds = [(":query", &expression as &dyn rusqlite::ToSql), (":horizon", &horizon)];
        let named = self.named.with(&bounds);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid FROM {from} WHERE f.{table} MATCH :query AND f.rowid > :horizon AND {fits} \
             ORDER BY f.rowid DESC LIMIT {}",
            self.cap() + 1
        ))?;
        let bound = named.of(&statement)?;
        let mut ids: Vec<i64> =
            statement.query_map(bound.as_slice(), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let more = ids.len() > self.cap();
        ids.truncate(self.cap());
        // Enough was found before the horizon.
        looked_at.take_if(|_| more);
        let total = match (more, narrowed) {
            (false, _) => Total::of(ids.len()),
            (true, false) if self.tell => all,
            (true, _) => Total::MoreThan(counted_up(self.cap())),
        };
        let wanted = expression::of_wanted(self.node, search.index).unwrap_or_else(|| expression.clone());
        let ranked = self.ranked(search, &wanted, &ids)?;
        let oldest = ids.last().copied().filter(|_| more);
        Ok(Some(Matches { search, expression, ranked, total, oldest, looked_at }))
    }

    /// The matches of these numbers, which are sorted downwards, with their scores.
    fn ranked(&self, search: &'static Search, expression: &str, ids: &[i64]) -> rusqlite::Result<Vec<Match>> {
        let Search { index: Index { table, .. }, weights, worth, captured: (joins, captured), .. } = search;
        let (Some(last), Some(first)) = (ids.first().copied(), ids.last().copied()) else { return Ok(Vec::new()) };
        if !self.order.starts_with("score") {
            return self.dated(search, ids);
        }
        let phrases = self.phrases(search, first, last)?;
        // One question for all of them: `bm25` counts every match of each word once a question. The sign keeps SQLite from
        // asking for one number after the other.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid AS id, -bm25({table}, {weights}) * {worth} AS score, {captured} AS captured_at FROM {table} f {joins} \
             WHERE f.{table} MATCH :query AND f.rowid BETWEEN :first AND :last \
             AND +f.rowid IN (SELECT value FROM json_each(:ids))",
        ))?;
        let bound: [(&str, &dyn rusqlite::ToSql); 4] =
            [(":ids", &Json(ids)), (":first", &first), (":last", &last), (":query", &expression)];
        let ranked = statement.query_map(&bound, |row| {
            let id = row.get("id")?;
            let score: f64 = row.get("score")?;
            let score = if phrases.contains(&id) { score * PHRASE_WORTH } else { score };
            Ok(Match { search, id, score, captured_at: row.get("captured_at")?, published: None })
        })?;
        ranked.collect()
    }

    /// The matches of these numbers, where nobody asks how well they fit.
    fn dated(&self, search: &'static Search, ids: &[i64]) -> rusqlite::Result<Vec<Match>> {
        let Search { dated, .. } = search;
        let mut statement = self.connection.prepare_cached(dated)?;
        let found = ids.iter().map(|id| {
            statement.query_row([id], |row| {
                Ok(Match { search, id: *id, score: 0.0, captured_at: row.get(0)?, published: row.get(1)? })
            })
        });
        found.collect()
    }

    /// Those of a range of numbers that have all the words as they follow one another.
    fn phrases(&self, search: &Search, first: i64, last: i64) -> rusqlite::Result<HashSet<i64>> {
        let table = search.index.table;
        let Some(phrase) = self.phrase.as_ref().and_then(|phrase| expression::of_words(phrase, search.index)) else {
            return Ok(HashSet::new());
        };
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT rowid FROM {table} WHERE {table} MATCH ?1 AND rowid BETWEEN ?2 AND ?3"))?;
        statement.query_map((phrase, first, last), |row| row.get(0))?.collect()
    }

    /// How many match the words, whatever the filter says, counted as far as `limit`.
    fn count(&self, search: &Search, expression: &str, limit: u64) -> rusqlite::Result<Total> {
        let table = search.index.table;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ?1 LIMIT {})",
            limit + 1
        ))?;
        let found = statement.query_row([expression], |row| row.get(0)).map(counted)?;
        Ok(Total::counted_to(limit, found))
    }

    /// The number of the match that stands behind so many newer ones.
    fn nth(&self, search: &Search, expression: &str, skip: u64) -> rusqlite::Result<Option<i64>> {
        let table = search.index.table;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT 1 OFFSET {skip}"
        ))?;
        let mut rows = statement.query([expression])?;
        rows.next()?.map(|row| row.get(0)).transpose()
    }

    /// Matches that are too many to be ranked, newest first.
    fn older(&self, matches: &Matches, oldest: i64, skip: usize, size: usize) -> rusqlite::Result<Vec<i64>> {
        let Search { index: Index { table, .. }, fits, .. } = matches.search;
        let (from, _) = self.from(matches.search)?;
        let (skip, size) = (i64::try_from(skip).unwrap_or(i64::MAX), i64::try_from(size).unwrap_or(i64::MAX));
        let bounds = [
            (":query", &matches.expression as &dyn rusqlite::ToSql),
            (":oldest", &oldest),
            (":skip", &skip),
            (":size", &size),
        ];
        let named = self.named.with(&bounds);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid FROM {from} WHERE f.{table} MATCH :query AND f.rowid < :oldest AND {fits} \
             ORDER BY f.rowid DESC LIMIT :size OFFSET :skip"
        ))?;
        let named = named.of(&statement)?;
        statement.query_map(named.as_slice(), |row| row.get(0))?.collect()
    }

    /// What is shown of a match.
    fn hit(&self, found: &Match) -> rusqlite::Result<SearchHit> {
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

    fn facets(&self, ranked: &[Match]) -> rusqlite::Result<Facets> {
        let of = |search: &Search| -> Vec<i64> {
            let table = search.index.table;
            ranked.iter().filter(|found| found.search.index.table == table).map(|found| found.id).collect()
        };
        let (posts, articles) = (Json(of(&POSTS)), Json(of(&ARTICLES)));
        let read = |sql: &str| -> rusqlite::Result<Vec<(String, u64)>> {
            let mut statement =
                self.connection.prepare_cached(&format!("{sql} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_FACETS}"))?;
            let named = Named::new(&[(":posts", &posts), (":articles", &articles)]);
            let named = named.of(&statement)?;
            let counts = statement.query_map(named.as_slice(), |row| Ok((row.get(0)?, counted(row.get(1)?))))?;
            counts.collect()
        };
        Ok(Facets {
            platforms: read("SELECT p.platform, count(*) FROM json_each(:posts) n JOIN posts p ON p.id = n.value")?,
            states: read("SELECT p.state, count(*) FROM json_each(:posts) n JOIN posts p ON p.id = n.value")?,
            sites: read(
                "SELECT site, count(*) FROM (\
                 SELECT DISTINCT a.site, n.value FROM json_each(:posts) n CROSS JOIN embeds e ON e.post = n.value \
                 JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article WHERE a.site IS NOT NULL \
                 UNION ALL SELECT a.site, n.value FROM json_each(:articles) n JOIN articles a ON a.id = n.value \
                 WHERE a.site IS NOT NULL)",
            )?,
        })
    }
}

fn counted_up(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
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

/// Whole words up to the limit.
fn cut(query: &str) -> &str {
    if query.len() <= MAX_QUERY_BYTES {
        return query;
    }
    let end = (0..=MAX_QUERY_BYTES).rev().find(|end| query.is_char_boundary(*end)).unwrap_or(0);
    let start = query.get(..end).unwrap_or_default();
    start.rsplit_once(char::is_whitespace).map_or(start, |(words, _)| words)
}

/// Both searches' matches in one order; of equal ones the newest capture first. Instants and days are of equal width as text.
fn sort(matches: &mut [Match], order: &str) {
    matches.sort_by(|a, b| b.captured_at.cmp(&a.captured_at));
    // Scores that differ by less than a thousandth of the best are equal. Of words that all texts have they are tiny.
    let best = matches.iter().map(|found| found.score).fold(0.0, f64::max);
    let score = |found: &Match| if best > 0.0 { (found.score / best * 1000.0).round() } else { 0.0 };
    match order {
        "captured_at DESC" => {}
        "captured_at" => matches.reverse(),
        "published DESC" => matches.sort_by(|a, b| b.published.cmp(&a.published)),
        "published" => matches.sort_by(|a, b| a.published.cmp(&b.published)),
        "score" => matches.sort_by(|a, b| score(a).total_cmp(&score(b))),
        _ => matches.sort_by(|a, b| score(b).total_cmp(&score(a))),
    }
}
