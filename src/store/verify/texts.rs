//! The full-text index against the words that it stands for: they are indexed once more beside the archive, in a temporary
//! file of SQLite's, and both indexes are read side by side.

use super::Check;
use crate::store::index::{self, TOKENIZER};
use rusqlite::{Connection, Rows};

/// A word in a place: the word, the row, the column, its position there.
type Place = (String, i64, String, i64);

pub(super) fn search(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let indexes = [&index::POSTS, &index::ARTICLES];
    for (place, index) in indexes.into_iter().enumerate() {
        check.done(place as u64, indexes.len() as u64);
        let (table, columns) = (index.table, index.listed());
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE temp.again USING fts5 ({columns}, content = '', tokenize = '{TOKENIZER}');"
        ))?;
        index::fill(connection, index, "temp.again")?;
        connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE temp.places_again USING fts5vocab ('temp', 'again', 'instance'); \
             CREATE VIRTUAL TABLE temp.places USING fts5vocab ('main', '{table}', 'instance');"
        ))?;
        let compared = compare(connection, check, table);
        connection.execute_batch("DROP TABLE temp.places; DROP TABLE temp.places_again; DROP TABLE temp.again;")?;
        compared?;
    }
    Ok(())
}

/// Reads both indexes in their order, word by word and row by row.
fn compare(connection: &Connection, check: &mut Check<'_>, index: &str) -> rusqlite::Result<()> {
    let mut found = connection.prepare("SELECT term, doc, col, \"offset\" FROM temp.places")?;
    let mut expected = connection.prepare("SELECT term, doc, col, \"offset\" FROM temp.places_again")?;
    let (mut found, mut expected) = (found.query([])?, expected.query([])?);
    let (mut left, mut right) = (next(&mut found)?, next(&mut expected)?);
    loop {
        match (&left, &right) {
            (None, None) => return Ok(()),
            (Some(a), Some(b)) if a == b => (left, right) = (next(&mut found)?, next(&mut expected)?),
            (Some(a), b) if b.as_ref().is_none_or(|b| order(a) < order(b)) => {
                check.fault(
                    index,
                    Some(a.1),
                    format!("the search index has {:?} in {}, which is not in the words", a.0, a.2),
                );
                left = next(&mut found)?;
            }
            (_, Some(b)) => {
                check.fault(index, Some(b.1), format!("the search index lacks {:?} in {}", b.0, b.2));
                right = next(&mut expected)?;
            }
            (Some(_), None) => left = next(&mut found)?,
        }
    }
}

fn next(rows: &mut Rows<'_>) -> rusqlite::Result<Option<Place>> {
    rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).transpose()
}

/// The order in which an index is read: words by their bytes, then rows, then places.
fn order((term, row, column, offset): &Place) -> (&[u8], i64, &str, i64) {
    (term.as_bytes(), *row, column, *offset)
}
