//! Giving room back to the disk. The first time the file is written anew, which needs as much free space as it takes; from then
//! on free pages are given back in steps, each a short transaction.

use crate::store::{Store, StoreError, disk};
use rusqlite::Connection;
use std::{ops::ControlFlow, path::Path};

/// Pages of one step: 16 to 64 MB.
const STEP_PAGES: u32 = 4096;

/// SQLite's number for giving free pages back when it is asked to (<https://www.sqlite.org/pragma.html#pragma_auto_vacuum>).
const INCREMENTAL: i64 = 2;

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

impl Store {
    /// Bytes of free pages inside the file.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn free_inside_bytes(&self) -> Result<u64, StoreError> {
        self.read("look for free pages", |connection| {
            let (pages, size) = (number(connection, "freelist_count")?, number(connection, "page_size")?);
            Ok(u64::try_from(pages.saturating_mul(size)).unwrap_or(0))
        })
    }

    /// Makes the file as small as what it holds, and answers by how many bytes. `tell` hears how many pages of how many are
    /// given back, and may break off between steps; what was given back by then stays so.
    ///
    /// # Errors
    /// [`StoreError::Full`] where the disk has no room for it: the archive is whole then, and as large as before.
    pub fn shrink(&mut self, mut tell: impl FnMut(u64, u64) -> ControlFlow<()>) -> Result<u64, StoreError> {
        let attempted = "give back what is no longer used";
        let failed = |source| StoreError::from_sqlite(&self.path, attempted, source);
        let connection = &self.connection;
        let checkpoint = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        checkpoint().map_err(failed)?;
        let before = size_of(&self.path);
        let whole = number(connection, "freelist_count").map_err(failed)?;
        if whole == 0 {
            return Ok(0);
        }
        if number(connection, "auto_vacuum").map_err(failed)? == INCREMENTAL {
            let mut left = whole;
            while left > 0 {
                let done = u64::try_from(whole - left).unwrap_or(0);
                if tell(done, u64::try_from(whole).unwrap_or(0)).is_break() {
                    break;
                }
                connection.execute_batch(&format!("PRAGMA incremental_vacuum({STEP_PAGES})")).map_err(failed)?;
                checkpoint().map_err(failed)?;
                let now = number(connection, "freelist_count").map_err(failed)?;
                if now >= left {
                    break;
                }
                left = now;
            }
        } else {
            // The new file, and the journal through which it takes the old one's place.
            let held = number(connection, "page_count").map_err(failed)? - whole;
            let needed = u64::try_from(held * number(connection, "page_size").map_err(failed)?).unwrap_or(0);
            let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
            if disk::free_bytes(folder).is_some_and(|free| free < needed) {
                return Err(StoreError::Full { path: self.path.clone(), attempted: attempted.to_owned() });
            }
            connection.pragma_update(None, "auto_vacuum", INCREMENTAL).map_err(failed)?;
            connection.execute_batch("VACUUM").map_err(failed)?;
            checkpoint().map_err(failed)?;
        }
        Ok(before.saturating_sub(size_of(&self.path)))
    }
}

fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
