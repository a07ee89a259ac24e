//! Full text over posts and articles, best first.
//!
//! Ranking every match of a common word takes as long as there are posts. So the newest of them are ranked, and the others
//! follow, newest first. What is shown of a hit (its words around the match) costs more than finding it, and is read for
//! one part alone.

use super::{
    filter::{ARTICLE_FITS, Filter, Named, Orders, POST_FITS},
    posts,
    walk::{MAX_COUNTED, few},
};
use crate::{
    model::{Facets, Findings, MATCH_END, MATCH_START, Part, Reading, SearchHit, Start, Total},
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
    },
};
use rusqlite::{Connection, Row, ffi::ErrorCode};
use std::collections::HashMap;

/// Beyond this many matches of each kind, the newest are ranked.
const MAX_RANKED: usize = 2000;

/// A filter that leaves little of very many matches is asked of so many of the newest.
const MAX_LOOKED_AT: u64 = 200_000;

/// A longer query is cut: nobody types it, and FTS5 would parse all of it.
const MAX_QUERY_BYTES: usize = 2000;

/// Values of a facet that are told.
const MAX_FACETS: usize = 12;

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
        let start = filter.offset.map_or(Start::First, Start::Skip);
        let part = Part { size: filter.limit.unwrap_or(2 * MAX_RANKED), start };
        self.search_part(query, filter, &part).map(|found| found.hits)
    }

    /// A part of the same, with how many there are and what they are of. A part begins at a number: a mark is read as the
    /// beginning.
    ///
    /// # Errors
    /// As [`Store::search`].
    pub fn search_part(&self, query: &str, filter: &Filter, part: &Part) -> Result<Findings, StoreError> {
        let order = self.order(filter, ORDERS)?;
        let query = cut(query).replace('\0', " ");
        if !query.chars().any(char::is_alphanumeric) {
            let detail = "there is no word in it".to_owned();
            return Err(StoreError::Query { query, detail });
        }
        self.read("search", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(nothing()) };
            let named = parameters.any();
            let mut readings = vec![(Reading::AsWritten, query.clone()), (Reading::PlainWords, plain(&query, ""))];
            if query.chars().any(is_unspaced) {
                readings.push((Reading::Beginnings, plain(&query, "*")));
            }
            let mut best = None;
            for (reading, expression) in readings {
                if best.is_some() && reading == Reading::PlainWords {
                    continue;
                }
                let asked = Asked { connection, filter, named: &named, expression: &expression, order };
                let Some(found) = asked.findings(part, reading)? else { continue };
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
    index: &'static str,
    joins: &'static str,
    fits: &'static str,
    /// Weights of the columns for `bm25`.
    weights: &'static str,
    /// What hits may be sorted by, beside their score.
    dates: &'static str,
    /// What a hit shows, the words around the match apart.
    columns: &'static str,
    /// The column of the index that is shown before others that match.
    passage: i8,
    read: fn(&Row<'_>) -> rusqlite::Result<SearchHit>,
}

static POSTS: Search = Search {
    index: "posts_fts",
    joins: "JOIN posts p ON p.id = f.rowid JOIN snapshots s ON s.id = p.snapshot",
    fits: POST_FITS,
    weights: "1.0, 2.0, 2.0, 0.7",
    dates: "p.captured_at AS captured_at, s.published AS published",
    columns: "p.key, p.url, s.author_name, coalesce(nullif(s.author_handle, ''), p.author_handle) AS author_handle, \
              p.state, p.via",
    passage: 0,
    read: post,
};

static ARTICLES: Search = Search {
    index: "articles_fts",
    joins: "JOIN articles a ON a.id = f.rowid JOIN article_versions v ON v.id = a.version",
    fits: ARTICLE_FITS,
    weights: "3.0, 1.5, 1.0",
    dates: "a.captured_at AS captured_at, v.published AS published",
    columns: "coalesce(a.url, a.name) AS url, v.title, v.byline",
    passage: 2,
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
    expression: &'a str,
    order: &'static str,
}

impl Asked<'_> {
    /// None where FTS5 does not understand the expression.
    fn findings(&self, part: &Part, reading: Reading) -> rusqlite::Result<Option<Findings>> {
        let of_posts = [self.filter.platform.is_some(), self.filter.author.is_some(), self.filter.via.is_some()];
        let alone = of_posts.contains(&true) || self.filter.state.is_some();
        let posts = self.matches(&POSTS)?;
        let articles = if alone { None } else { self.matches(&ARTICLES)? };
        if posts.is_none() && articles.is_none() {
            return Ok(None);
        }
        let mut both: Vec<Matches> = articles.into_iter().chain(posts).collect();
        let mut ranked: Vec<Match> = both.iter_mut().flat_map(|matches| std::mem::take(&mut matches.ranked)).collect();
        sort(&mut ranked, self.order);
        let facets = self.facets(&ranked)?;
        let start = if let Start::Skip(skip) = part.start { usize::try_from(skip).unwrap_or(usize::MAX) } else { 0 };
        let mut skip = start.saturating_sub(ranked.len());
        let mut shown: Vec<Match> = ranked.into_iter().skip(start).take(part.size).collect();
        for (search, matches) in [&ARTICLES, &POSTS].into_iter().rev().zip(both.iter().rev()) {
            let Some(oldest) = matches.oldest else { continue };
            let left = part.size.saturating_sub(shown.len());
            if left > 0 {
                let older = self.older(search, oldest, skip, left)?.into_iter();
                shown.extend(older.map(|id| Match { search, id, score: 0.0, captured_at: None, published: None }));
            }
            let others = usize::try_from(matches.total.at_least()).unwrap_or(usize::MAX).saturating_sub(MAX_RANKED);
            skip = skip.saturating_sub(others);
        }
        Ok(Some(Findings {
            hits: self.hits(&shown)?,
            total: both.iter().fold(Total::Exactly(0), |sum, matches| sum.and(matches.total)),
            ranked: both.iter().any(|matches| matches.oldest.is_some()).then(|| counted_up(MAX_RANKED)),
            looked_at: both.iter().find_map(|matches| matches.looked_at),
            reading,
            facets,
        }))
    }

    /// Where the matches are read from: few posts that a filter leaves, each asked whether it has the words; or all that
    /// have the words.
    fn from(&self, search: &Search) -> rusqlite::Result<(String, bool)> {
        let Search { index, joins, .. } = search;
        let few =
            if index == &POSTS.index { few(self.connection, self.filter, self.named, posts::STARTS)? } else { None };
        Ok(match few {
            Some(numbers) => (format!("({numbers}) n CROSS JOIN {index} f ON f.rowid = n.id {joins}"), true),
            None => (format!("{index} f {joins}"), false),
        })
    }

    fn matches(&self, search: &'static Search) -> rusqlite::Result<Option<Matches>> {
        let Search { index, fits, weights, dates, .. } = search;
        let (from, few) = self.from(search)?;
        let narrowed = !self.filter.narrows_nothing();
        let Some(all) = self.count(search, if narrowed { MAX_LOOKED_AT } else { MAX_COUNTED })? else {
            return Ok(None);
        };
        let mut looked_at = None;
        let mut horizon = i64::MIN;
        if let (true, false, Total::MoreThan(looked)) = (narrowed, few, all) {
            looked_at = Some(looked);
            horizon = self.nth(search, looked)?.unwrap_or(i64::MIN);
        }
        let bounds = [(":query", &self.expression as &dyn rusqlite::ToSql), (":horizon", &horizon)];
        let named = self.named.with(&bounds);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid FROM {from} WHERE f.{index} MATCH :query AND f.rowid > :horizon AND {fits} \
             ORDER BY f.rowid DESC LIMIT {}",
            MAX_RANKED + 1
        ))?;
        let bound = named.of(&statement)?;
        let mut ids: Vec<i64> =
            statement.query_map(bound.as_slice(), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let more = ids.len() > MAX_RANKED;
        ids.truncate(MAX_RANKED);
        // Enough was found before the horizon.
        looked_at.take_if(|_| more);
        let total = match (more, narrowed) {
            (false, _) => Total::of(ids.len()),
            (true, false) => all,
            (true, true) => Total::MoreThan(counted_up(MAX_RANKED)),
        };
        // One question for all of them: `bm25` counts every match of each word once a question. The sign keeps SQLite from
        // asking for one number after the other.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid AS id, -bm25({index}, {weights}) AS score, {dates} FROM {index} f {} \
             WHERE f.{index} MATCH :query AND f.rowid BETWEEN :first AND :last \
             AND +f.rowid IN (SELECT value FROM json_each(:ids))",
            search.joins
        ))?;
        let (last, first) = (ids.first().copied().unwrap_or(0), ids.last().copied().unwrap_or(0));
        let bound: [(&str, &dyn rusqlite::ToSql); 4] =
            [(":ids", &Json(&ids)), (":first", &first), (":last", &last), (":query", &self.expression)];
        let ranked = statement.query_map(&bound, |row| {
            Ok(Match {
                search,
                id: row.get("id")?,
                score: row.get("score")?,
                captured_at: row.get("captured_at")?,
                published: row.get("published")?,
            })
        })?;
        let ranked = ranked.collect::<rusqlite::Result<_>>()?;
        let oldest = ids.last().copied().filter(|_| more);
        Ok(Some(Matches { ranked, total, oldest, looked_at }))
    }

    /// How many match the words, whatever the filter says, counted as far as `limit`. None where the expression is not
    /// understood, or names a column that this index lacks, which FTS5 says only when it runs.
    fn count(&self, search: &Search, limit: u64) -> rusqlite::Result<Option<Total>> {
        let index = search.index;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {index} WHERE {index} MATCH ?1 LIMIT {})",
            limit + 1
        ))?;
        let counted = statement.query_row([self.expression], |row| row.get(0)).map(counted);
        Ok(tolerate(counted)?.map(|found| Total::counted_to(limit, found)))
    }

    /// The number of the match that stands behind so many newer ones.
    fn nth(&self, search: &Search, skip: u64) -> rusqlite::Result<Option<i64>> {
        let index = search.index;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT rowid FROM {index} WHERE {index} MATCH ?1 ORDER BY rowid DESC LIMIT 1 OFFSET {skip}"
        ))?;
        let mut rows = statement.query([self.expression])?;
        rows.next()?.map(|row| row.get(0)).transpose()
    }

    /// Matches that are too many to be ranked, newest first.
    fn older(&self, search: &Search, oldest: i64, skip: usize, size: usize) -> rusqlite::Result<Vec<i64>> {
        let Search { index, fits, .. } = search;
        let (from, _) = self.from(search)?;
        let (skip, size) = (i64::try_from(skip).unwrap_or(i64::MAX), i64::try_from(size).unwrap_or(i64::MAX));
        let bounds = [
            (":query", &self.expression as &dyn rusqlite::ToSql),
            (":oldest", &oldest),
            (":skip", &skip),
            (":size", &size),
        ];
        let named = self.named.with(&bounds);
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid FROM {from} WHERE f.{index} MATCH :query AND f.rowid < :oldest AND {fits} \
             ORDER BY f.rowid DESC LIMIT :size OFFSET :skip"
        ))?;
        let named = named.of(&statement)?;
        statement.query_map(named.as_slice(), |row| row.get(0))?.collect()
    }

    /// What is shown of matches of one of the searches, by their numbers, in one question: the beginning of a word may stand
    /// for thousands of words, and each question puts them together anew.
    fn read(&self, search: &Search, ids: &[i64]) -> rusqlite::Result<HashMap<i64, SearchHit>> {
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(HashMap::new()) };
        let Search { index, joins, dates, columns, passage, read, .. } = search;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid AS id, {dates}, {columns}, \
             snippet({index}, {passage}, '{MATCH_START}', '{MATCH_END}', '…', 24) AS passage, \
             snippet({index}, -1, '{MATCH_START}', '{MATCH_END}', '…', 24) AS snippet FROM {index} f {joins} \
             WHERE f.{index} MATCH :query AND f.rowid BETWEEN :first AND :last \
             AND +f.rowid IN (SELECT value FROM json_each(:ids))"
        ))?;
        let bound: [(&str, &dyn rusqlite::ToSql); 4] =
            [(":ids", &Json(ids)), (":first", first), (":last", last), (":query", &self.expression)];
        let hits = statement.query_map(&bound, |row| Ok((row.get("id")?, read(row)?)))?;
        hits.collect()
    }

    /// The hits of matches, in their order.
    fn hits(&self, found: &[Match]) -> rusqlite::Result<Vec<SearchHit>> {
        let mut read = HashMap::new();
        for search in [&POSTS, &ARTICLES] {
            let ids: Vec<i64> =
                found.iter().filter(|found| found.search.index == search.index).map(|found| found.id).collect();
            read.extend(self.read(search, &ids)?.into_iter().map(|(id, hit)| ((search.index, id), hit)));
        }
        let hits = found.iter().filter_map(|found| {
            let hit = read.remove(&(found.search.index, found.id))?;
            Some(SearchHit { score: found.score, ..hit })
        });
        Ok(hits.collect())
    }

    fn facets(&self, ranked: &[Match]) -> rusqlite::Result<Facets> {
        let of = |index: &str| -> Vec<i64> {
            ranked.iter().filter(|found| found.search.index == index).map(|found| found.id).collect()
        };
        let (posts, articles) = (Json(of(POSTS.index)), Json(of(ARTICLES.index)));
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

/// The words around the match, of the usual column where it is there.
fn around(row: &Row<'_>) -> rusqlite::Result<String> {
    let passage: Option<String> = row.get("passage")?;
    match passage.filter(|passage| passage.contains(MATCH_START)) {
        Some(passage) => Ok(passage),
        None => row.get("snippet"),
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
        snippet: around(row)?,
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
        snippet: around(row)?,
        score: 0.0,
    })
}

fn tolerate<T>(found: rusqlite::Result<T>) -> rusqlite::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == ErrorCode::Unknown => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every word as itself: none of FTS5's signs counts. `sign` follows each.
fn plain(query: &str, sign: &str) -> String {
    let words = query.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    words.map(|word| format!("\"{}\"{sign}", word.replace('"', " "))).collect::<Vec<_>>().join(" ")
}

/// Letters of scripts that set no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
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

/// Both searches' matches in one order. Instants and days are of equal width as text.
fn sort(matches: &mut [Match], order: &str) {
    match order {
        "captured_at DESC" => matches.sort_by(|a, b| b.captured_at.cmp(&a.captured_at)),
        "captured_at" => matches.sort_by(|a, b| a.captured_at.cmp(&b.captured_at)),
        "published DESC" => matches.sort_by(|a, b| b.published.cmp(&a.published)),
        "published" => matches.sort_by(|a, b| a.published.cmp(&b.published)),
        "score" => matches.sort_by(|a, b| a.score.total_cmp(&b.score)),
        _ => matches.sort_by(|a, b| b.score.total_cmp(&a.score)),
    }
}
