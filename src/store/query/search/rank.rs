//! The newest finds, weighed: by `bm25` of FTS5, or, where counting all that have a word takes too long, as `score` has it.

use super::{Asked, Match, Search, expression, find::Side};
use crate::store::{columns::Json, index::Index};
use std::collections::HashSet;

/// What a find counts for that has all the words as they follow one another.
const PHRASE_WORTH: f64 = 2.0;

impl Asked<'_> {
    /// The finds of these numbers, which are sorted downwards, with their scores.
    pub(super) fn ranked(
        &self,
        search: &'static Search,
        sides: &[Side<'_>],
        ids: &[i64],
    ) -> rusqlite::Result<Vec<Match>> {
        let (Some(last), Some(first)) = (ids.first().copied(), ids.last().copied()) else { return Ok(Vec::new()) };
        if !self.order.starts_with("score") {
            return self.dated(search, ids);
        }
        let scored = self.scored(search, sides, ids)?;
        let mut ranked = match scored {
            Some(ranked) => ranked,
            None => self.weighed(search, ids, first, last)?,
        };
        let phrases = self.phrases(search, first, last)?;
        for found in ranked.iter_mut().filter(|found| phrases.contains(&found.id)) {
            found.score *= PHRASE_WORTH;
        }
        Ok(ranked)
    }

    /// The same by `bm25`.
    pub(super) fn weighed(
        &self,
        search: &'static Search,
        ids: &[i64],
        first: i64,
        last: i64,
    ) -> rusqlite::Result<Vec<Match>> {
        let Search { index: Index { table, .. }, weights, worth, captured: (joins, captured), .. } = search;
        let Some(wanted) = expression::of_wanted(self.node, search.index) else { return Ok(Vec::new()) };
        let weights: Vec<String> = weights.iter().map(|weight| format!("{weight:.1}")).collect();
        let weights = weights.join(", ");
        // One question for all of them: `bm25` counts every match of each word once a question. The sign keeps SQLite from
        // asking for one number after the other.
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.rowid AS id, -bm25({table}, {weights}) * {worth} AS score, {captured} AS captured_at FROM {table} f {joins} \
             WHERE f.{table} MATCH :query AND f.rowid BETWEEN :first AND :last \
             AND +f.rowid IN (SELECT value FROM json_each(:ids))",
        ))?;
        let bound: [(&str, &dyn rusqlite::ToSql); 4] =
            [(":ids", &Json(ids)), (":first", &first), (":last", &last), (":query", &wanted)];
        let ranked = statement.query_map(&bound, |row| {
            let captured_at = row.get("captured_at")?;
            Ok(Match { search, id: row.get("id")?, score: row.get("score")?, captured_at, published: None })
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
}

/// Both searches' matches in one order; of equal ones the newest capture first. Instants and days are of equal width as text.
pub(super) fn sort(matches: &mut [Match], order: &str) {
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
