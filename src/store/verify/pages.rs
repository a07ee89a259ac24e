//! The file itself: its pages and indexes by SQLite's own check, its references, and whether its schema is the expected one.

use super::{Check, MAX_FAULTS};
use crate::store::{index, migrations};
use rusqlite::Connection;
use std::{collections::BTreeMap, sync::OnceLock};

/// Tables, indexes and views with the words that made them, without those of SQLite and of the full-text index.
type Schema = BTreeMap<(String, String), Option<String>>;

/// The schema against the one that this version makes. What a user has added beside it is left alone, but for triggers: they
/// act whenever embalm writes.
pub(super) fn schema(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != migrations::KNOWN {
        check.fault(
            "",
            None,
            format!("the file says schema {version}; this version of embalm writes {}", migrations::KNOWN),
        );
    }
    for (name, detail) in schema_faults(connection, migrations::KNOWN)? {
        check.fault(&name, None, detail);
    }
    for trigger in added_triggers(connection, migrations::KNOWN)? {
        check.fault(&trigger, None, "the trigger is not embalm's, and acts whenever embalm writes");
    }
    ranks(connection, check)
}

/// What the full-text indexes are told of ranking: none, so that what is set there was set by hand.
fn ranks(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    for index in [index::POSTS.table, index::ARTICLES.table] {
        let mut set = connection.prepare(&format!("SELECT k FROM {index}_config WHERE k <> 'version' ORDER BY k"))?;
        let mut set = set.query([])?;
        while let Some(row) = set.next()? {
            let key = row.get_ref(0)?.as_bytes().map(|key| String::from_utf8_lossy(key).into_owned());
            check.fault(index, None, format!("the search index is set otherwise than embalm does: {key:?}"));
        }
    }
    Ok(())
}

/// What of the schema is not as embalm of this schema makes it: what it is about, and what is wrong. What a user has added
/// beside it is left alone.
pub(in crate::store) fn schema_faults(
    connection: &Connection,
    version: i64,
) -> rusqlite::Result<Vec<(String, String)>> {
    let found = read_schema(connection)?;
    let expected = made(version)?.into_iter();
    let faults = expected.filter_map(|((kind, name), words)| match found.get(&(kind.clone(), name.clone())) {
        None => Some((name, format!("the {kind} is not there"))),
        Some(other) if *other != words => Some((name, format!("the {kind} is not the one that embalm makes"))),
        Some(_) => None,
    });
    Ok(faults.collect())
}

/// The triggers that embalm of this schema does not make.
pub(in crate::store) fn added_triggers(connection: &Connection, version: i64) -> rusqlite::Result<Vec<String>> {
    let made = made(version)?;
    let found = read_schema(connection)?.into_keys();
    Ok(found.filter(|key| key.0 == "trigger" && !made.contains_key(key)).map(|(_, name)| name).collect())
}

/// The schema that embalm makes in so many steps; that of today is made once.
fn made(version: i64) -> rusqlite::Result<Schema> {
    static TODAY: OnceLock<Schema> = OnceLock::new();
    if version == migrations::KNOWN
        && let Some(schema) = TODAY.get()
    {
        return Ok(schema.clone());
    }
    let fresh = Connection::open_in_memory()?;
    for step in migrations::STEPS.iter().take(usize::try_from(version).unwrap_or(0)) {
        fresh.execute_batch(step)?;
    }
    let schema = read_schema(&fresh)?;
    if version == migrations::KNOWN {
        TODAY.get_or_init(|| schema.clone());
    }
    Ok(schema)
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
