//! The full-text index: the only place that writes it. What it holds of a post or an article follows from the views
//! `post_texts` and `article_texts` alone, through [`words::indexed`].
//!
//! FTS5 takes a row out of an index only by the very words that it was given, so [`remove`] comes before any change of what the
//! views say of it, and [`add`] after it.

use super::{Store, StoreError};
use crate::words;
use rusqlite::{Connection, OptionalExtension, ToSql};

/// One index.
pub(super) struct Index {
    /// Its table.
    pub(super) table: &'static str,
    /// The view with the words.
    pub(super) view: &'static str,
    /// The columns of both.
    pub(super) columns: &'static [&'static str],
}

/// That of posts.
pub(super) static POSTS: Index =
    Index { table: "posts_fts", view: "post_texts", columns: &["text", "author_name", "author_handle", "alt"] };

/// That of articles.
pub(super) static ARTICLES: Index =
    Index { table: "articles_fts", view: "article_texts", columns: &["title", "byline", "text"] };

/// How the words of an index are told apart: they are folded and parted by spaces already.
pub(super) const TOKENIZER: &str = "unicode61 remove_diacritics 2 categories ''L* M* N* Co Cn So'' tokenchars ''#@''";

/// A handle is a name with its sign before it.
const HANDLE: &str = "author_handle";

impl Index {
    /// Its columns, with commas between them.
    pub(super) fn listed(&self) -> String {
        self.columns.join(", ")
    }
}

/// Puts the words of a post or an article into the index.
pub(super) fn add(connection: &Connection, index: &Index, id: i64) -> rusqlite::Result<()> {
    let Index { table, .. } = index;
    put(connection, index, id, &format!("INSERT INTO {table} (rowid, {})", index.listed()), &[])
}

/// Takes them out of it, before they change.
pub(super) fn remove(connection: &Connection, index: &Index, id: i64) -> rusqlite::Result<()> {
    let Index { table, .. } = index;
    put(connection, index, id, &format!("INSERT INTO {table} (rowid, {}, {table})", index.listed()), &[&"delete"])
}

fn put(connection: &Connection, index: &Index, id: i64, insert: &str, more: &[&dyn ToSql]) -> rusqlite::Result<()> {
    let Index { view, columns, .. } = index;
    let mut statement = connection.prepare_cached(&format!("SELECT {} FROM {view} WHERE id = ?1", index.listed()))?;
    let texts = statement.query_row([id], |row| texts(row, columns, 0)).optional()?;
    let Some(texts) = texts else { return Ok(()) };
    let mut values: Vec<&dyn ToSql> = vec![&id];
    values.extend(texts.iter().map(|text| text as &dyn ToSql));
    values.extend(more);
    let places = vec!["?"; values.len()].join(", ");
    connection.prepare_cached(&format!("{insert} VALUES ({places})"))?.execute(values.as_slice())?;
    Ok(())
}

/// What an index holds of a row that has the columns of its view from `first` on.
fn texts(row: &rusqlite::Row<'_>, columns: &[&str], first: usize) -> rusqlite::Result<Vec<Option<String>>> {
    let mut texts = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let text: Option<String> = row.get(first + at)?;
        texts.push(text.map(|text| words_of(column, &text)));
    }
    Ok(texts)
}

fn words_of(column: &str, text: &str) -> String {
    if column == HANDLE { words::indexed(&format!("@{text}")) } else { words::indexed(text) }
}

/// Fills `into`, which has the columns of an index and nothing in it, with the words of every post or article.
pub(super) fn fill(connection: &Connection, index: &Index, into: &str) -> rusqlite::Result<()> {
    let Index { view, columns, .. } = index;
    let places = vec!["?"; columns.len() + 1].join(", ");
    let mut insert =
        connection.prepare(&format!("INSERT INTO {into} (rowid, {}) VALUES ({places})", index.listed()))?;
    let mut statement = connection.prepare(&format!("SELECT id, {} FROM {view} ORDER BY id", index.listed()))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let texts = texts(row, columns, 1)?;
        let mut values: Vec<&dyn ToSql> = vec![&id];
        values.extend(texts.iter().map(|text| text as &dyn ToSql));
        insert.execute(values.as_slice())?;
    }
    Ok(())
}

/// Makes both indexes again from the words that stand in the archive.
pub(super) fn fill_all(connection: &Connection) -> rusqlite::Result<()> {
    for index in [&POSTS, &ARTICLES] {
        let Index { table, .. } = index;
        connection.execute(&format!("INSERT INTO {table} ({table}) VALUES ('delete-all')"), [])?;
        fill(connection, index, table)?;
    }
    Ok(())
}

impl Store {
    /// Makes the full-text index again from the words that stand in the archive.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn index_again(&mut self) -> Result<(), StoreError> {
        self.write("make the full-text index again", |transaction| fill_all(transaction))
    }
}
