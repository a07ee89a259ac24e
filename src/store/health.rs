//! Whether the file is whole, and how platforms answered run by run.

use super::{
    Store, StoreError,
    columns::{At, counted},
};
use crate::model::PlatformRun;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::BTreeMap;

/// Faults that are told one by one; a broken file has thousands.
const MAX_FAULTS: i64 = 20;

/// Runs of which a platform's answers are told.
const RECENT_RUNS: usize = 5;

/// The latest runs that are searched for them.
const SEARCHED_RUNS: i64 = 50;

/// What an examination of the file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveHealth {
    /// Faults in SQLite's words; empty where the file is whole.
    pub damage: Vec<String>,
    /// The schema's number.
    pub schema: i64,
    /// How changes are journalled: `wal`, or `delete` for one that no run has opened.
    pub journal: String,
    /// The newest run, where it has not ended: its number, and when it began.
    pub unfinished: Option<(i64, Timestamp)>,
}

impl Store {
    /// The archive's size in bytes.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn size_bytes(&self) -> Result<u64, StoreError> {
        self.read("measure the archive", size_bytes)
    }

    /// Checks every page of the file and every reference between rows. It takes seconds for each gigabyte.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn examine(&self) -> Result<ArchiveHealth, StoreError> {
        self.read("examine the archive", |connection| {
            let mut check = connection.prepare(&format!("PRAGMA quick_check({MAX_FAULTS})"))?;
            let mut damage: Vec<String> = check.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            damage.retain(|line| line != "ok");
            let mut dangling =
                connection.prepare("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT ?1")?;
            let dangling = dangling.query_map([MAX_FAULTS], |row| {
                let (table, id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(format!("row {} of {table} refers to a row of {parent} that is not there", id.unwrap_or_default()))
            })?;
            damage.extend(dangling.collect::<rusqlite::Result<Vec<_>>>()?);
            let newest = connection
                .query_row("SELECT id, started_at, finished_at IS NULL FROM runs ORDER BY id DESC LIMIT 1", [], |row| {
                    Ok((row.get(0)?, row.get::<_, At>(1)?.0, row.get::<_, bool>(2)?))
                })
                .optional()?;
            Ok(ArchiveHealth {
                damage,
                schema: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
                journal: connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?,
                unfinished: newest.filter(|(.., open)| *open).map(|(run, at, _)| (run, at)),
            })
        })
    }
}

/// The pages of the file, in bytes.
pub(super) fn size_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    connection.query_row(sql, [], |row| row.get(0)).map(counted)
}

/// How each platform answered in the last runs that asked it, the newest first.
pub(super) fn recent_runs(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Vec<PlatformRun>>> {
    let newest: i64 = connection.query_row("SELECT coalesce(max(id), 0) FROM runs", [], |row| row.get(0))?;
    // Compared with a value, and not with a query's, the view reads the looks of these runs alone.
    let mut statement = connection.prepare("SELECT * FROM platform_runs WHERE run > ?1 ORDER BY run DESC")?;
    let rows = statement.query_map([newest.saturating_sub(SEARCHED_RUNS)], |row| {
        Ok((row.get::<_, String>("platform")?, platform_run(row)?))
    })?;
    let mut recent: BTreeMap<String, Vec<PlatformRun>> = BTreeMap::new();
    for row in rows {
        let (platform, run) = row?;
        let runs = recent.entry(platform).or_default();
        if runs.len() < RECENT_RUNS {
            runs.push(run);
        }
    }
    Ok(recent)
}

fn platform_run(row: &Row<'_>) -> rusqlite::Result<PlatformRun> {
    let number = |column: &str| row.get(column).map(counted);
    Ok(PlatformRun {
        run: row.get("run")?,
        started_at: row.get::<_, At>("started_at")?.0,
        looks: number("looks")?,
        captured: number("captured")?,
        unchanged: number("unchanged")?,
        gone: number("gone")?,
        withheld: number("withheld")?,
        failed: number("failed")?,
        drifted: number("drifted")?,
        drift: row.get("drift")?,
    })
}
