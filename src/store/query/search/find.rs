//! What fits a search, newest first, and how many do.
//!
//! The sides of an OR are asked one by one: so it is known which of them a find has, and none is walked twice.

use super::{Asked, Matches, POSTS, Search, counted_up, expression, question::Node};
use crate::{
    model::Total,
    store::{
        columns::counted,
        index::Index,
        query::{
            posts,
            walk::{MAX_COUNTED, few},
        },
    },
};
use std::collections::HashSet;

/// A filter that leaves little of very many matches is asked of so many of the newest.
const MAX_LOOKED_AT: u64 = 200_000;

/// A side of an OR, or all that is asked for.
pub(super) struct Side<'a> {
    pub(super) node: &'a Node,
    /// Its newest finds, newest first: all of them, or one more than are ranked.
    pub(super) ids: Vec<i64>,
    /// The same.
    pub(super) has: HashSet<i64>,
}

impl Asked<'_> {
    /// Where the matches are read from: few posts that a filter leaves, each asked whether it has the words; or all that
    /// have the words.
    fn from(&self, search: &Search) -> rusqlite::Result<(String, bool)> {
        let Search { index: Index { table, .. }, fits, .. } = search;
        let (joins, _) = fits(self.filter);
        let few = if *table == POSTS.index.table {
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
    pub(super) fn matches(&self, search: &'static Search) -> rusqlite::Result<Option<Matches>> {
        let Some(expression) = expression::expression(self.node, search.index) else { return Ok(None) };
        let narrowed = !self.filter.narrows_nothing();
        let mut all = Total::Exactly(0);
        if self.tell && !narrowed {
            all = self.count(search, &expression, MAX_COUNTED)?;
        }
        let mut few = false;
        let mut sides = Vec::new();
        for node in self.node.sides().filter(|_| !narrowed) {
            let Some(expression) = expression::expression(node, search.index) else { continue };
            let ids = self.newest(search, &expression)?;
            sides.push(Side { node, has: ids.iter().copied().collect(), ids });
        }
        if narrowed {
            let ids;
            (ids, few) = self.newest_that_fit(search, &expression)?;
            sides.push(Side { node: self.node, has: ids.iter().copied().collect(), ids });
        }
        let mut ids: Vec<i64> = sides.iter().flat_map(|side| side.ids.iter().copied()).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let more = ids.len() > self.cap();
        ids.truncate(self.cap());
        let mut looked_at = None;
        // Where enough was found, nobody has to know how many were not looked at.
        if narrowed && !few && !more {
            let all = self.count(search, &expression, MAX_LOOKED_AT)?;
            looked_at = if let Total::MoreThan(looked) = all { Some(looked) } else { None };
        }
        let total = match (more, narrowed) {
            (false, _) => Total::of(ids.len()),
            (true, false) if self.tell => all,
            (true, _) => Total::MoreThan(counted_up(self.cap())),
        };
        let ranked = self.ranked(search, &sides, &ids)?;
        let oldest = ids.last().copied().filter(|_| more);
        Ok(Some(Matches { search, expression, ranked, total, oldest, looked_at }))
    }

    /// One more than are ranked.
    fn newest(&self, search: &Search, expression: &str) -> rusqlite::Result<Vec<i64>> {
        let table = search.index.table;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT {}",
            self.cap() + 1
        ))?;
        statement.query_map([expression], |row| row.get(0))?.collect()
    }

    /// The same of those that the filter leaves, and whether it leaves so few posts that each of them was asked for the words. Else
    /// the newest matches are asked whether they fit, until there are enough.
    fn newest_that_fit(&self, search: &Search, expression: &str) -> rusqlite::Result<(Vec<i64>, bool)> {
        let Search { index: Index { table, .. }, fits, .. } = search;
        let (joins, fits) = fits(self.filter);
        let (from, few) = self.from(search)?;
        let limit = self.cap() + 1;
        let sql = if few {
            format!(
                "SELECT f.rowid FROM {from} WHERE f.{table} MATCH :query AND {fits} ORDER BY f.rowid DESC LIMIT {limit}"
            )
        } else {
            // The rows come as the inner question orders them, and no more of them are read than are asked for.
            format!(
                "SELECT f.rowid FROM (SELECT rowid FROM {table} WHERE {table} MATCH :query ORDER BY rowid DESC \
                 LIMIT {MAX_LOOKED_AT}) f {joins} WHERE {fits} LIMIT {limit}"
            )
        };
        let query = [(":query", &expression as &dyn rusqlite::ToSql)];
        let named = self.named.with(&query);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let bound = named.of(&statement)?;
        let ids = statement.query_map(bound.as_slice(), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok((ids, few))
    }

    /// How many match the words, whatever the filter says, counted as far as `limit`.
    pub(super) fn count(&self, search: &Search, expression: &str, limit: u64) -> rusqlite::Result<Total> {
        let table = search.index.table;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ?1 LIMIT {})",
            limit + 1
        ))?;
        let found = statement.query_row([expression], |row| row.get(0)).map(counted)?;
        Ok(Total::counted_to(limit, found))
    }

    /// Matches that are too many to be ranked, newest first.
    pub(super) fn older(&self, matches: &Matches, oldest: i64, skip: usize, size: usize) -> rusqlite::Result<Vec<i64>> {
        let Search { index: Index { table, .. }, fits, .. } = matches.search;
        let (_, fits) = fits(self.filter);
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
}
