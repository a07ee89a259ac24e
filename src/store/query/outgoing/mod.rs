//! What an export takes along: the rows of a selection, all of one moment, however many there are.
//!
//! Their numbers stand in temporary tables beside the archive, so that memory does not grow with them; whoever writes them
//! out asks for one at a time. What is redacted is no part of it, nor is an exchange that shows it.

mod exchange;
mod file;
mod record;
mod select;

pub use exchange::{OutgoingAnswer, OutgoingExchange};
pub use file::{OutgoingFile, OutgoingPage};
pub use record::OutgoingRecord;
use select::Newest;
pub use select::Wanted;

use super::{articles, filter::Filter, posts, walk::Order};
use crate::store::{
    Store, StoreError, StoredFile,
    columns::{At, counted},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::ops::ControlFlow;

/// So much of the temporary tables is held in memory, in KiB; the rest is on the disk.
const CACHE_KIB: i64 = 32 * 1024;

/// Numbers that are read at a time.
const STEP: usize = 512;

/// A selection of the archive, as it was at one moment. The archive is read as it was then until this is dropped.
#[derive(Debug)]
pub struct Outgoing<'a> {
    store: &'a Store,
}

/// A payload that was written, to be referred to where it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenPayload {
    /// The record's id.
    pub record: String,
    /// Its `WARC-Target-URI`.
    pub url: String,
    /// Its `WARC-Date`.
    pub at: Timestamp,
}

/// Rows of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Runs.
    Runs,
    /// Exchanges, in the order in which they were asked.
    Exchanges,
    /// Articles.
    Articles,
    /// Posts.
    Posts,
    /// What is redacted, and would have been part of it.
    Redactions,
}

impl Rows {
    const fn table(self) -> &'static str {
        match self {
            Self::Runs => "out_runs",
            Self::Exchanges => "out_exchanges",
            Self::Articles => "out_articles",
            Self::Posts => "out_posts",
            Self::Redactions => "out_redactions",
        }
    }
}

impl Store {
    /// What is wanted of the archive. It must be open with room for temporary tables ([`Store::open_read_only_aside`]).
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn outgoing(&self, wanted: &Wanted) -> Result<Outgoing<'_>, StoreError> {
        let newest = self.newest(wanted)?;
        let failed = |source| StoreError::from_sqlite(&self.path, "begin to read", source);
        // One moment of the archive, whatever a run adds meanwhile.
        self.connection.pragma_update(Some("temp"), "cache_size", -CACHE_KIB).map_err(failed)?;
        self.connection.execute_batch("BEGIN").map_err(failed)?;
        let outgoing = Outgoing { store: self };
        outgoing.query("choose what is exported", |connection| select::fill(connection, wanted, &newest))?;
        Ok(outgoing)
    }

    /// In which order a limit counts. An order that only posts, or only articles, have is the usual one for the others.
    fn newest(&self, wanted: &Wanted) -> Result<Newest, StoreError> {
        let usual = Filter::default();
        let filter = match wanted {
            Wanted::Fitting(filter) => filter,
            Wanted::Named { .. } => &usual,
        };
        let by = |filter: &Filter, sorts| self.sort(filter, sorts).map(Order::by);
        let (articles, posts) = match (by(filter, articles::SORTS), by(filter, posts::SORTS)) {
            (Err(error), Err(_)) => return Err(error),
            (articles, posts) => (articles, posts),
        };
        Ok(Newest {
            articles: articles.or_else(|_| by(&usual, articles::SORTS))?,
            posts: posts.or_else(|_| by(&usual, posts::SORTS))?,
        })
    }
}

impl Drop for Outgoing<'_> {
    fn drop(&mut self) {
        // Nothing was written but temporary tables; where even this fails, closing the archive does it.
        let _ = self.store.connection.execute_batch("ROLLBACK");
    }
}

impl Outgoing<'_> {
    /// How many rows of a kind there are.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn count(&self, rows: Rows) -> Result<u64, StoreError> {
        self.query("count what is exported", |connection| {
            let sql = format!("SELECT count(*) FROM temp.{}", rows.table());
            connection.query_row(&sql, [], |row| row.get(0)).map(counted)
        })
    }

    /// Hands every row's number to `each`, until it fails: in an order that what the rows say gives, so that archives that
    /// hold the same give the same.
    ///
    /// # Errors
    /// Those of `each`, and where the archive cannot be read.
    pub fn each<E: From<StoreError>>(&self, rows: Rows, mut each: impl FnMut(i64) -> Result<(), E>) -> Result<(), E> {
        let sql = format!(
            "SELECT position, id FROM temp.out_order WHERE kind = '{}' AND position > ?1 ORDER BY position LIMIT {STEP}",
            rows.table()
        );
        let mut last = i64::MIN;
        loop {
            let step: Vec<(i64, i64)> = self.query("list what is exported", |connection| {
                let mut statement = connection.prepare_cached(&sql)?;
                let ids = statement.query_map([last], |row| Ok((row.get(0)?, row.get(1)?)))?;
                ids.collect()
            })?;
            let Some((end, _)) = step.last() else { return Ok(()) };
            last = *end;
            step.into_iter().try_for_each(|(_, id)| each(id))?;
        }
    }

    /// Keeps the id of the record that stands for an exchange, and where its answer is found again.
    ///
    /// # Errors
    /// Where the temporary table can't be written: the disk is full.
    pub fn note_exchange(&self, exchange: i64, record: &str) -> Result<(), StoreError> {
        self.query("note a record", |connection| {
            let mut update = connection.prepare_cached("UPDATE temp.out_exchanges SET record = ?2 WHERE id = ?1")?;
            update.execute((exchange, record)).map(drop)
        })
    }

    /// The record that held these bytes first.
    ///
    /// # Errors
    /// Where the temporary table can't be read.
    pub fn written(&self, file: &StoredFile) -> Result<Option<WrittenPayload>, StoreError> {
        self.query("look for a record", |connection| {
            connection
                .prepare_cached("SELECT record, url, at FROM temp.out_payloads WHERE blob = ?1")?
                .query_row([file.row()], |row| {
                    Ok(WrittenPayload { record: row.get(0)?, url: row.get(1)?, at: row.get::<_, At>(2)?.0 })
                })
                .optional()
        })
    }

    /// Keeps which record held these bytes first.
    ///
    /// # Errors
    /// Where the temporary table can't be written: the disk is full.
    pub fn note_payload(&self, file: &StoredFile, written: &WrittenPayload) -> Result<(), StoreError> {
        self.query("note a payload", |connection| {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO temp.out_payloads (blob, record, url, at) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((file.row(), &written.record, &written.url, At(written.at)))
                .map(drop)
        })
    }

    /// All bytes of a file, in parts.
    ///
    /// # Errors
    /// Where the archive cannot be read, or the file is not of the size that the archive says.
    pub fn bytes(&self, file: &StoredFile, take: impl FnMut(Vec<u8>) -> ControlFlow<()>) -> Result<u64, StoreError> {
        self.store.read_stored(file, 0..file.size_bytes, take)
    }

    fn query<T>(&self, what: &str, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.store.read(what, work)
    }
}
