//! The archive as tables, for programs of others: every row of a selection, in one transaction, one row in memory at a time.

mod choice;
mod columns;
mod of_articles;
mod of_posts;
mod of_runs;

pub use columns::{Cell, Column, ColumnKind, Table};

use super::Filter;
use crate::store::{Store, StoreError};
use rusqlite::{Connection, named_params};

/// All tables, in the order in which they are written.
pub const TABLES: [&Table; 9] = [
    &of_articles::ARTICLES,
    &of_articles::VERSIONS,
    &of_articles::EMBEDS,
    &of_posts::POSTS,
    &of_posts::SNAPSHOTS,
    &of_posts::MEDIA,
    &of_posts::LOOKS,
    &of_runs::RUNS,
    &of_runs::EXCHANGES,
];

/// What an export by tables is of: its rows, as they were when the reading began.
#[derive(Debug)]
pub struct TableReader<'a> {
    store: &'a Store,
    connection: &'a Connection,
}

/// Which rows are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableChoice {
    /// Narrows articles and posts as it narrows their lists; the limit is one of each. All else follows them.
    pub filter: Filter,
    /// Articles by number, with their posts. With targets the filter counts for nothing but runs.
    pub articles: Vec<i64>,
    /// Posts by key, with the articles that embed them.
    pub posts: Vec<String>,
}

impl Store {
    /// Reads tables in one transaction, so that they fit each other whatever a run writes meanwhile. The archive must be
    /// open with room aside ([`Store::open_read_only_aside`]).
    ///
    /// # Errors
    /// Where the archive cannot be read, and those of `work`.
    pub fn read_tables<T, E: From<StoreError>>(
        &self,
        choice: &TableChoice,
        work: impl FnOnce(&TableReader<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let failed = |source| StoreError::from_sqlite(&self.path, "choose what is exported", source);
        // Rolled back at its end: the tables aside go with it.
        let transaction = self.connection.unchecked_transaction().map_err(failed)?;
        choice::choose(&transaction, choice).map_err(failed)?;
        work(&TableReader { store: self, connection: &transaction })
    }
}

impl TableReader<'_> {
    /// The platforms of which a table has rows; none of a table whose rows are of no platform.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn platforms(&self, table: &Table) -> Result<Vec<String>, StoreError> {
        if !table.has_platforms() {
            return Ok(Vec::new());
        }
        let platforms = || {
            self.connection
                .prepare(&table.of.platforms())?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()
        };
        platforms().map_err(|source| self.failed(table, source))
    }

    /// Hands over the rows of a table in the order of their time; of one platform alone where it is named. How many
    /// there were.
    ///
    /// # Errors
    /// Where the archive cannot be read, and those of `each`, which end the reading.
    pub fn rows<E: From<StoreError>>(
        &self,
        table: &Table,
        platform: Option<&str>,
        mut each: impl FnMut(&[Cell]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let failed = |source| self.failed(table, source);
        // Numbers are sorted, not rows: these are large, and would be written to a file to be sorted.
        let mut numbers = self.connection.prepare(&table.of.numbers()).map_err(failed)?;
        let mut row = self.connection.prepare(table.row).map_err(failed)?;
        let mut numbers = numbers.query(named_params! { ":platform": platform }).map_err(failed)?;
        let (mut cells, mut count) = (Vec::with_capacity(table.columns.len()), 0);
        while let Some(number) = numbers.next().map_err(failed)? {
            let number: i64 = number.get(0).map_err(failed)?;
            row.query_row([number], |row| {
                cells.clear();
                for (at, column) in table.columns.iter().enumerate() {
                    cells.push(columns::cell(row, at, column.kind)?);
                }
                Ok(())
            })
            .map_err(failed)?;
            each(&cells)?;
            count += 1;
        }
        Ok(count)
    }

    fn failed(&self, table: &Table, source: rusqlite::Error) -> StoreError {
        StoreError::from_sqlite(&self.store.path, &format!("read the table {}", table.name), source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_reads_the_columns_that_it_says_in_their_order() {
        let store = Store::in_memory().unwrap();
        let read = store.read_tables(&TableChoice::default(), |reader| {
            for table in TABLES {
                let statement = reader.connection.prepare(table.row).unwrap();
                let named: Vec<_> = table.columns.iter().map(|column| column.name).collect();
                assert_eq!(statement.column_names().collect::<Vec<_>>(), named, "{}", table.name);
                assert!(named.contains(&table.time), "{}", table.name);
                assert_eq!(table.has_platforms(), named.contains(&"platform"), "{}", table.name);
                assert_eq!(reader.rows::<StoreError>(table, None, |_| Ok(()))?, 0);
                assert!(reader.platforms(table)?.is_empty());
            }
            Ok::<_, StoreError>(())
        });
        read.unwrap();
    }
}
