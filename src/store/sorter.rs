//! Lines in their order, however many there are: what memory does not hold is on the disk, in a file that is gone with the
//! value.

use super::StoreError;
use rusqlite::Connection;
use std::path::PathBuf;

/// Pages of the sorter in memory, in KiB.
const CACHE_KIB: i64 = 16 * 1024;

/// Lines that are to be sorted.
#[derive(Debug)]
pub struct Sorter {
    connection: Connection,
}

impl Sorter {
    /// Without lines.
    ///
    /// # Errors
    /// Where no temporary file can be made.
    pub fn new() -> Result<Self, StoreError> {
        let open = || {
            // A database without a name is a temporary file of SQLite's own.
            let connection = Connection::open("")?;
            connection.pragma_update(None, "journal_mode", "OFF")?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            connection.pragma_update(None, "temp_store", "FILE")?;
            connection.execute_batch("BEGIN; CREATE TABLE lines (line TEXT NOT NULL)")?;
            Ok(connection)
        };
        open().map(|connection| Self { connection }).map_err(|error| failed("sort", error))
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where the disk is full.
    pub fn add(&self, line: &str) -> Result<(), StoreError> {
        let add = || self.connection.prepare_cached("INSERT INTO lines VALUES (?1)")?.execute([line]).map(drop);
        add().map_err(|error| failed("sort", error))
    }

    /// Hands every line over, sorted by its bytes.
    ///
    /// # Errors
    /// Those of `each`, and where the disk is full.
    pub fn each<E: From<StoreError>>(&self, mut each: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let failed = |error| E::from(failed("sort", error));
        let mut lines = self.connection.prepare("SELECT line FROM lines ORDER BY line").map_err(failed)?;
        let mut rows = lines.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let line: String = row.get(0).map_err(failed)?;
            each(&line)?;
        }
        Ok(())
    }
}

fn failed(attempted: &str, source: rusqlite::Error) -> StoreError {
    StoreError::from_sqlite(&PathBuf::from("a temporary file"), attempted, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_the_order_of_their_bytes() {
        let sorter = Sorter::new().unwrap();
        for line in ["b", "a b", "a", "Z", "ä", "a)"] {
            sorter.add(line).unwrap();
        }
        let mut sorted = Vec::new();
        sorter
            .each(|line| {
                sorted.push(line.to_owned());
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert_eq!(sorted, ["Z", "a", "a b", "a)", "b", "ä"]);
    }
}
