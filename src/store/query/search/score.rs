//! Scores where words are so common that `bm25` of FTS5, which counts every match of each of them, takes longer than all else.
//!
//! The formula is its own: Okapi BM25 with k1 = 1.2 and b = 0.75. What differs: how many have a word is reckoned from how dense
//! its newest matches stand; how often a find has it is counted in the texts of the best finds alone (`refine`), but where
//! it stands is known of all; and a text is as long as it is beside those of the newest rows.

use super::{
    Asked, Match, Search, expression,
    find::Side,
    question::{Node, Words},
};
use crate::store::columns::Json;
use std::collections::HashMap;

/// An index of no more rows is counted: that takes a moment.
pub(super) const FEW_ROWS: i64 = 20_000;

/// So many matches of all words together are counted too, in a millisecond.
const FEW_MATCHES: f64 = 20_000.0;

/// So many matches tell how dense they stand.
const SAMPLE: usize = 1_000;

/// In a range of more rows nobody asks in which column a word stands.
const MAX_RANGE: i64 = 50_000;

/// The same of words that follow one another: all that have each of them are walked once a column. Where they stand is known of
/// the best finds, whose texts are read.
const MAX_RANGE_OF_PHRASES: i64 = 5_000;

/// How soon a word that stands in a weightier place counts no more.
const K1: f64 = 1.2;

/// How much it matters how long a text is.
const B: f64 = 0.75;

/// A word or a phrase that a side of the question wants, with how many rows have it, and what it counts for where it stands in
/// another place than as a rule.
pub(super) struct Leaf<'a> {
    side: usize,
    pub(super) words: &'a Words,
    having: f64,
    other: HashMap<i64, f64>,
    usual: f64,
}

/// A find with how many words all its texts have.
pub(super) struct Sized {
    pub(super) found: Match,
    worth: f64,
    words: f64,
}

/// What a score is made of beside a find and its words.
pub(super) struct Measure<'a> {
    sides: &'a [Side<'a>],
    rows: f64,
    mean_words: f64,
}

impl Measure<'_> {
    /// The score of a find; `counted` is what each of the leaves counts for in it, where that is more than its place tells.
    pub(super) fn score(&self, find: &Sized, leaves: &[Leaf<'_>], counted: &[f64]) -> f64 {
        let id = find.found.id;
        let length = K1 * (1.0 - B + B * find.words / self.mean_words.max(1.0));
        let of = |(at, leaf): (usize, &Leaf<'_>)| {
            self.sides.get(leaf.side).filter(|side| side.has.contains(&id))?;
            let placed = leaf.other.get(&id).copied().unwrap_or(leaf.usual);
            let weight = counted.get(at).copied().unwrap_or_default().max(placed);
            let rarity = ((self.rows - leaf.having + 0.5) / (leaf.having + 0.5)).ln().max(1e-6);
            Some(rarity * weight * (K1 + 1.0) / (weight + length))
        };
        find.worth * leaves.iter().enumerate().filter_map(of).sum::<f64>()
    }
}

impl Asked<'_> {
    /// The finds with their scores; none where counting is quick, or where the question does not tell of every find which of
    /// its words it has.
    pub(super) fn scored(
        &self,
        search: &'static Search,
        sides: &[Side<'_>],
        ids: &[i64],
    ) -> rusqlite::Result<Option<Vec<Match>>> {
        let rows = self.rows(search)?;
        if rows <= self.few_rows {
            return Ok(None);
        }
        let mut leaves = Vec::new();
        for (side, asked) in sides.iter().enumerate() {
            let Some(all) = together(asked.node) else { return Ok(None) };
            let alone = matches!(asked.node, Node::Words(_)) && self.filter.narrows_nothing();
            for words in all {
                let having =
                    if alone { density(&asked.ids, self.cap(), rows) } else { self.having(search, words, rows)? };
                leaves.push(Leaf { side, words, having, other: HashMap::new(), usual: 1.0 });
            }
        }
        let quick = leaves.iter().all(|leaf| leaf.words.tokens.len() == 1 && !leaf.words.prefix);
        if quick && self.few_rows > 0 && leaves.iter().map(|leaf| leaf.having).sum::<f64>() <= FEW_MATCHES {
            return Ok(None);
        }
        for leaf in &mut leaves {
            (leaf.usual, leaf.other) = self.weights(search, leaf.words, ids)?;
        }
        let measure = Measure { sides, rows: real(rows), mean_words: self.mean_words(search)? };
        let mut finds = self.sized(search, ids)?;
        for find in &mut finds {
            find.found.score = measure.score(find, &leaves, &[]);
        }
        self.refine(search, &mut finds, &leaves, &measure)?;
        Ok(Some(finds.into_iter().map(|find| find.found).collect()))
    }

    /// How many rows the index has at most: their numbers have few gaps.
    fn rows(&self, search: &Search) -> rusqlite::Result<i64> {
        let sql = format!("SELECT coalesce(max(id), 0) FROM {}_docsize", search.index.table);
        self.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))
    }

    /// How many words the newest rows have in the mean.
    fn mean_words(&self, search: &Search) -> rusqlite::Result<f64> {
        let sql = format!("SELECT sz FROM {}_docsize ORDER BY id DESC LIMIT {SAMPLE}", search.index.table);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let sizes = statement.query_map([], |row| Ok(words(row.get_ref(0)?.as_blob().unwrap_or_default())))?;
        let sizes: Vec<f64> = sizes.collect::<rusqlite::Result<_>>()?;
        Ok(sizes.iter().sum::<f64>() / real(sizes.len()).max(1.0))
    }

    /// How many rows have these words, reckoned.
    fn having(&self, search: &Search, words: &Words, rows: i64) -> rusqlite::Result<f64> {
        let table = search.index.table;
        let Some(expression) = expression::of_words(words, search.index) else { return Ok(0.0) };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT rowid FROM {table} WHERE {table} MATCH ?1 ORDER BY rowid DESC LIMIT {}",
            SAMPLE + 1
        ))?;
        let ids: Vec<i64> = statement.query_map([expression], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(density(&ids, SAMPLE, rows))
    }

    /// What a word counts for in these finds: as a rule, and where it stands in another place.
    fn weights(&self, search: &Search, words: &Words, ids: &[i64]) -> rusqlite::Result<(f64, HashMap<i64, f64>)> {
        let index = search.index;
        let weights = || index.columns.iter().copied().zip(search.weights.iter().copied());
        let mut other = HashMap::new();
        let (Some(last), Some(first)) = (ids.first().copied(), ids.last().copied()) else { return Ok((1.0, other)) };
        if let Some(name) = words.column {
            let named = expression::columns(name, index);
            let weight = weights().filter(|(column, _)| named.contains(column)).map(|(_, weight)| weight);
            return Ok((weight.fold(0.0, f64::max).max(0.1), other));
        }
        let range = if words.tokens.len() > 1 { MAX_RANGE_OF_PHRASES } else { MAX_RANGE };
        if last - first > range {
            return Ok((1.0, other));
        }
        let table = index.table;
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT rowid FROM {table} WHERE {table} MATCH ?1 AND rowid BETWEEN ?2 AND ?3"))?;
        // All that begin so are gathered each time; those in the text, where most stand, a second time would be too many.
        for (column, weight) in weights().filter(|(column, _)| *column != "text" || !words.prefix) {
            let there = Words { column: Some(column), ..words.clone() };
            let Some(expression) = expression::of_words(&there, index) else { continue };
            for id in statement.query_map((expression, first, last), |row| row.get::<_, i64>(0))? {
                *other.entry(id?).or_insert(0.0) += weight;
            }
        }
        Ok((1.0, other))
    }

    /// These finds with the lengths of their texts.
    fn sized(&self, search: &'static Search, ids: &[i64]) -> rusqlite::Result<Vec<Sized>> {
        let Search { worth, captured: (joins, captured), .. } = search;
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT f.id, f.sz, {worth}, {captured} FROM (SELECT id, id AS rowid, sz FROM {}_docsize \
             WHERE id IN (SELECT value FROM json_each(?1))) f {joins}",
            search.index.table
        ))?;
        let finds = statement.query_map([Json(ids)], |row| {
            let found = Match { search, id: row.get(0)?, score: 0.0, captured_at: row.get(3)?, published: None };
            Ok(Sized { found, words: words(row.get_ref(1)?.as_blob().unwrap_or_default()), worth: row.get(2)? })
        })?;
        finds.collect()
    }
}

/// The words that every find of a side has; none where it may have some of them alone.
fn together(node: &Node) -> Option<Vec<&Words>> {
    match node {
        Node::Words(words) => Some(vec![words]),
        Node::All(nodes) => nodes.iter().map(together).collect::<Option<Vec<_>>>().map(|all| all.concat()),
        Node::Without(node, _) => together(node),
        Node::Any(_) => None,
    }
}

/// How many matches there are if all stand as dense as these newest ones: so many, where there are not more of them.
fn density(ids: &[i64], limit: usize, rows: i64) -> f64 {
    match (ids.first(), ids.last()) {
        (Some(first), Some(last)) if ids.len() > limit => real(ids.len()) * real(rows) / real(first - last + 1),
        _ => real(ids.len()),
    }
}

/// The words of all columns of a row: integers of SQLite's variable length, one a column
/// (<https://www.sqlite.org/fts5.html#the_docsize_table_docsize_table_>).
fn words(sizes: &[u8]) -> f64 {
    let (mut all, mut size) = (0.0, 0.0);
    for byte in sizes {
        size = size * 128.0 + f64::from(byte & 0x7f);
        if *byte < 0x80 {
            all += size;
            size = 0.0;
        }
    }
    all
}

/// Numbers of rows are far below 2^52.
#[allow(clippy::cast_precision_loss, reason = "they are far below 2^52")]
fn real(number: impl TryInto<i64>) -> f64 {
    number.try_into().unwrap_or(i64::MAX) as f64
}

#[cfg(test)]
mod tests {
    use super::{super::question, *};
    use crate::{
        model::{Part, Reading, Start},
        store::{Filter, Store, index},
    };

    /// Posts of many lengths: each third has a harbour, each tenth a storm, and some are of people of such names.
    fn archive() -> Store {
        let store = Store::in_memory().unwrap();
        let sql = &store.connection;
        sql.execute_batch("INSERT INTO runs (id, command, started_at) VALUES (1, 'run', '2026-01-01T00:00:00.000Z')")
            .unwrap();
        for id in 1..=300_usize {
            let text = format!(
                "ferry {} {} {}",
                "and more ".repeat(id % 7),
                if id % 3 == 0 { "harbour" } else { "quay" },
                if id % 10 == 0 { "storms of winter" } else { "" }
            );
            let name = if id % 50 == 1 { "Harbour Storms" } else { "Zoe" };
            let at = format!("2026-01-01T00:00:{:02}.{:03}Z", id / 10, id);
            let row = (i64::try_from(id).unwrap(), format!("{id}"), text, name, at);
            sql.execute(
                "INSERT INTO posts (id, platform, post_id, url, via, captured_at) VALUES (?1, 'twitter', ?2, ?2, 'api', ?3)",
                (row.0, &row.1, &row.4),
            )
            .unwrap();
            sql.execute(
                "INSERT INTO snapshots (id, post, run, captured_at, via, outcome, text, author_name) VALUES (?1, ?1, 1, ?4, 'api', 'found', ?2, ?3)",
                (row.0, &row.2, row.3, &row.4),
            )
            .unwrap();
            sql.execute("UPDATE posts SET snapshot = id WHERE id = ?1", [row.0]).unwrap();
            index::add(sql, &index::POSTS, row.0).unwrap();
        }
        store
    }

    fn best(store: &Store, query: &str, few_rows: i64) -> Vec<String> {
        let filter = Filter::default();
        let parameters = filter.parameters(&store.connection).unwrap().unwrap();
        let node = question::read(query).flatten().unwrap();
        let asked = Asked {
            connection: &store.connection,
            filter: &filter,
            named: &parameters.any(),
            node: &node,
            phrase: question::phrase(query),
            order: "score DESC",
            tell: false,
            few_rows,
        };
        let found = asked.findings(&Part { size: 400, start: Start::First }, Reading::AsWritten).unwrap();
        found.hits.into_iter().map(|hit| hit.target).collect()
    }

    #[test]
    fn reckoned_scores_order_finds_as_counted_ones_do() {
        let store = archive();
        for query in [
            "ferry",
            "harbour",
            "harbour storms",
            "\"storms of winter\"",
            "qua*",
            "harbour OR storms",
            "ferry NOT harbour",
            "\"harbour storms\" OR winter NOT quay",
            "(harbour OR quay) storms",
        ] {
            let counted = best(&store, query, i64::MAX);
            let reckoned = best(&store, query, 0);
            assert!(!counted.is_empty());
            assert_eq!(reckoned, counted, "{query}");
        }
    }

    #[test]
    fn how_often_the_words_stand_there_is_counted_in_reckoned_scores_too() {
        let store = archive();
        // Of equal length, and the one that says it more often is the older one.
        for (id, text) in [(290, "quay quay lantern lantern lantern"), (291, "quay quay lantern quay harbour")] {
            index::remove(&store.connection, &index::POSTS, id).unwrap();
            store.connection.execute("UPDATE snapshots SET text = ?2 WHERE id = ?1", (id, text)).unwrap();
            index::add(&store.connection, &index::POSTS, id).unwrap();
        }
        for query in ["lantern", "lan*", "lantern OR winter", "lantern quay"] {
            let reckoned = best(&store, query, 0);
            assert_eq!(reckoned, best(&store, query, i64::MAX), "{query}");
        }
        assert_eq!(best(&store, "lantern", 0), ["twitter:290", "twitter:291"]);
    }

    #[test]
    fn how_many_have_a_word_follows_from_how_dense_its_newest_matches_stand() {
        let ids: Vec<i64> = (0..11).map(|n| 1_000 - 10 * n).collect();
        assert!((density(&ids, 10, 1_000) - 108.9).abs() < 0.1);
        assert!((density(&ids, 11, 1_000) - 11.0).abs() < 0.1);
        assert!(density(&[], 10, 1_000).abs() < 0.1);
    }
}
