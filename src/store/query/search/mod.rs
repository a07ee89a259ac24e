//! Full text over posts and articles, best first: `question` reads what was asked, `expression` says it to FTS5, `find` asks for
//! what fits, `rank`, `score` and `refine` weigh it, `shown` reads what is shown of it, and `marks` shows the match in the words as they
//! were written.
//!
//! Ranking every match of a common word takes as long as there are posts. So the newest of them are ranked, and the others
//! follow, newest first. What is shown of a hit (its words around the match) costs more than finding it, and is read for
//! one part alone.

mod expression;
mod facets;
mod find;
mod marks;
mod question;
mod rank;
mod refine;
mod score;
mod shown;

use super::filter::{Filter, Named, Orders};
use crate::{
    model::{Facets, Findings, Part, Reading, SearchHit, Start, Total},
    store::{Store, StoreError},
    words,
};
use question::Node;
use rusqlite::Connection;
use shown::{ARTICLES, POSTS, Search};

/// Beyond this many matches of each kind, the newest are ranked.
const MAX_RANKED: usize = 2000;

/// The same for an answer that is to be there at once, and for one in which a filter is asked of each match.
const MAX_RANKED_AT_ONCE: usize = 1000;
const MAX_RANKED_NARROWED: usize = 500;

/// A longer query is cut: nobody types it, and FTS5 would parse all of it.
const MAX_QUERY_BYTES: usize = 2000;

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
                let asked = Asked {
                    connection,
                    filter,
                    named: &named,
                    node: &node,
                    phrase,
                    order,
                    tell,
                    few_rows: score::FEW_ROWS,
                };
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
    /// An index of no more rows is ranked by counting.
    few_rows: i64,
}

impl Asked<'_> {
    fn findings(&self, part: &Part, reading: Reading) -> rusqlite::Result<Findings> {
        let of_posts = [self.filter.platform.is_some(), self.filter.author.is_some(), self.filter.via.is_some()];
        let alone = of_posts.contains(&true) || self.filter.state.is_some();
        let posts = self.matches(&POSTS)?;
        let articles = if alone { None } else { self.matches(&ARTICLES)? };
        let mut both: Vec<Matches> = articles.into_iter().chain(posts).collect();
        let mut ranked: Vec<Match> = both.iter_mut().flat_map(|matches| std::mem::take(&mut matches.ranked)).collect();
        rank::sort(&mut ranked, self.order);
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
}

fn counted_up(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
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
