//! The file itself: its pages and indexes by SQLite's own check, its references, and whether its schema is the expected one.

use super::{Check, MAX_FAULTS};
use crate::store::{Store, migrations};
use rusqlite::{Connection, types::FromSqlError};
use std::{collections::BTreeMap, sync::OnceLock};

/// Tables, indexes and views with the words that made them, without those of SQLite and of the full-text index.
type Schema = BTreeMap<(String, String), Option<String>>;

/// The schema that this version makes: an archive that is made only to be asked.
static EXPECTED: OnceLock<Schema> = OnceLock::new();

/// The schema against the one that this version makes. What a user has added beside it is left alone.
pub(super) fn schema(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != migrations::KNOWN {
        check.fault(
            "",
            None,
            format!("the file says schema {version}; this version of embalm writes {}", migrations::KNOWN),
        );
    }
    let expected = match EXPECTED.get() {
        Some(expected) => expected,
        None => {
            let fresh =
                Store::in_memory().map_err(|error| FromSqlError::other(std::io::Error::other(error.to_string())))?;
            let expected = read_schema(&fresh.connection)?;
            EXPECTED.get_or_init(|| expected)
        }
    };
    let found = read_schema(connection)?;
    for ((kind, name), words) in expected {
        match found.get(&(kind.clone(), name.clone())) {
            None => check.fault(name, None, format!("the {kind} is not there")),
            Some(other) if other != words => {
                check.fault(name, None, format!("the {kind} is not the one that embalm makes"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn read_schema(connection: &Connection) -> rusqlite::Result<Schema> {
    let mut statement = connection.prepare("SELECT type, name, sql FROM sqlite_schema")?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
    rows.collect()
}

/// Every page, every row's columns, and every index against its table.
pub(super) fn pages(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            check.fault("", None, line);
        }
    }
    Ok(())
}

/// Every reference from one row to another.
pub(super) fn references(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        check.fault(&table, id, format!("refers to a row of {parent} that is not there"));
    }
    Ok(())
}
