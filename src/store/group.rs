//! Transactions. Each write is one of its own, or, while a group is open, a part of the group's: a write that fails then
//! leaves no trace, and the group's commit keeps all the others at once. A disk is waited for once a commit, so that a
//! hundred writes in a group take a fraction of what they take alone.

use super::{Store, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::ops::Deref;

/// The right to write, within a transaction or a part of one.
pub(super) struct Transaction<'a>(&'a Connection);

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// The name of a write inside a group.
const PART: &str = "part";

impl Store {
    /// Opens a group: what is written from now on is kept by [`Store::commit_group`], all of it or nothing. Nothing of it
    /// may be told as archived before. One that is open stays open.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn begin_group(&mut self) -> Result<(), StoreError> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE");
        begun.map_err(|source| StoreError::from_sqlite(&self.path, "begin to write", source))
    }

    /// Keeps what was written since the group was opened. Without one it does nothing.
    ///
    /// # Errors
    /// Where the archive cannot be written; nothing of the group is kept then.
    pub fn commit_group(&mut self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection.execute_batch("COMMIT").map_err(|source| {
            let failed = StoreError::from_sqlite(&self.path, "keep what was captured", source);
            self.drop_group();
            failed
        })
    }

    /// Takes back what was written since the group was opened. Without one it does nothing.
    pub fn drop_group(&mut self) {
        if !self.connection.is_autocommit() {
            // SQLite takes it back by itself where even this fails, when the archive is next opened.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Does `work` in one transaction: all of it is kept, or nothing. In a group it is kept with the group.
    pub(super) fn write<T>(
        &mut self,
        attempted: &str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let result = if self.connection.is_autocommit() {
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
                let value = work(&Transaction(&transaction))?;
                transaction.commit()?;
                Ok(value)
            })
        } else {
            // Dropped without a commit, it takes back what was written in it.
            self.connection.savepoint_with_name(PART).and_then(|part| {
                let value = work(&Transaction(&part))?;
                part.commit()?;
                Ok(value)
            })
        };
        result.map_err(|source| StoreError::from_sqlite(&self.path, attempted, source))
    }

    /// Reads in one transaction, so that a writer's commit in between changes nothing halfway.
    pub(super) fn read<T>(
        &self,
        attempted: &str,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let result = if self.connection.is_autocommit() {
            self.connection.unchecked_transaction().and_then(|transaction| work(&transaction))
        } else {
            work(&self.connection)
        };
        result.map_err(|source| StoreError::from_sqlite(&self.path, attempted, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(store: &Store) -> Vec<String> {
        store
            .read("read", |connection| {
                let mut rows = connection.prepare("SELECT command FROM runs ORDER BY id")?;
                rows.query_map([], |row| row.get(0))?.collect()
            })
            .unwrap()
    }

    fn write(store: &mut Store, name: &str, fails: bool) -> Result<(), StoreError> {
        store.write("write", |transaction| {
            transaction.execute("INSERT INTO runs (command, started_at, as_of) VALUES (?1, '', '')", [name])?;
            if fails { Err(rusqlite::Error::InvalidQuery) } else { Ok(()) }
        })
    }

    #[test]
    fn a_write_that_fails_leaves_no_trace_in_its_group_and_takes_no_other_with_it() {
        let mut store = Store::in_memory().unwrap();
        store.begin_group().unwrap();
        write(&mut store, "first", false).unwrap();
        assert!(write(&mut store, "second", true).is_err());
        write(&mut store, "third", false).unwrap();
        assert_eq!(names(&store), ["first", "third"], "its own reader sees it before it is kept");
        store.commit_group().unwrap();
        write(&mut store, "alone", false).unwrap();
        assert_eq!(names(&store), ["first", "third", "alone"]);
    }

    #[test]
    fn a_group_is_kept_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut store = Store::create_or_open(&path).unwrap();
        store.begin_group().unwrap();
        write(&mut store, "first", false).unwrap();
        assert!(names(&Store::open_read_only(&path).unwrap()).is_empty(), "nobody else sees it before it is kept");
        store.drop_group();
        assert!(names(&store).is_empty());
        store.commit_group().unwrap();
    }
}
