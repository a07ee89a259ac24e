//! Runs: each is one row, whichever archives it came through, with what it entered and its place in the chain. Both histories
//! stay as they are; the next run comes after both.

use super::{
    Merge, Merged,
    rows::{self, NEW_RUNS, Table, Taker},
};
use crate::store::{
    Store, StoreError, Transaction,
    entries::{Kind, NO_ROW, seal},
    runs::KILLED,
};
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};
use std::path::Path;

/// Runs of before an upgrade have no salt; a machine begins one run of a command at an instant.
static RUNS: Table =
    Table { name: "runs", key: &["salt", "digest", "started_at", "command", "as_of", "host", "version"], refers: &[] };

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let taker = taker(store, &RUNS)?;
    let failed = |source| StoreError::from_sqlite(Path::new("this archive"), "read its runs", source);
    // Who merges holds the archive alone: a run without an end was killed. It is sealed behind those that it came after,
    // unless the other archive saw its end.
    let (parents, open) =
        (seal::heads(&store.connection).map_err(failed)?, seal::open_runs(&store.connection).map_err(failed)?);
    let whole = merge.batches(store, "take a run of another archive", "runs", |merged, other, main, there| {
        if let Some(here) = same(main, other, there)? {
            rows::pair(main, "runs", there, here)?;
            complete(main, other, there, here)?;
            return Ok(1);
        }
        let taken = taker.take(main, other, there)?;
        if taken.is_new {
            merged.runs += 1;
            rows::pair(main, NEW_RUNS, there, taken.id)?;
        }
        Ok(1)
    })?;
    store.write("seal runs that were killed", |main| seal_all(main, &open, parents))?;
    Ok(whole)
}

/// Seals runs that are still open, the first behind these and each further one behind the one before it.
fn seal_all(main: &Transaction<'_>, open: &[i64], mut parents: Vec<String>) -> rusqlite::Result<()> {
    for run in open {
        main.execute(
            "UPDATE runs SET stopped = ?2 WHERE id = ?1 AND finished_at IS NULL AND stopped IS NULL AND digest IS NULL",
            (run, KILLED),
        )?;
        seal::seal_behind(main, *run, &parents)?;
        parents = vec![main.query_row("SELECT digest FROM runs WHERE id = ?1", [run], |row| row.get(0))?];
    }
    Ok(())
}

/// The run here that this one is, where one of both is not sealed: the salt tells it.
fn same(main: &Connection, other: &Connection, there: i64) -> rusqlite::Result<Option<i64>> {
    let (salt, is_sealed): (Option<String>, bool) = other
        .prepare_cached("SELECT salt, digest IS NOT NULL FROM runs WHERE id = ?1")?
        .query_row([there], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(salt) = salt else { return Ok(None) };
    main.prepare_cached(
        "SELECT id FROM runs WHERE salt = ?1 AND (digest IS NULL OR NOT ?2) ORDER BY digest IS NULL, id LIMIT 1",
    )?
    .query_row((salt, is_sealed), |row| row.get(0))
    .optional()
}

/// A copy that was made while a run went on knows less of it: what the one that saw its end says is kept.
fn complete(main: &Connection, other: &Connection, there: i64, here: i64) -> rusqlite::Result<()> {
    let is_sealed = |connection: &Connection, id: i64| -> rusqlite::Result<bool> {
        connection
            .prepare_cached("SELECT digest IS NOT NULL FROM runs WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
    };
    if is_sealed(main, here)? || !is_sealed(other, there)? {
        return Ok(());
    }
    let columns = rows::columns(main, "runs")?;
    let read = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    let mut values =
        other.prepare_cached(&format!("SELECT {read} FROM runs WHERE id = ?1"))?.query_row([there], |row| {
            (0..columns.len()).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>()
        })?;
    values.push(Value::Integer(here));
    let set = columns.iter().zip(1..).map(|(column, n)| format!("\"{column}\" = ?{n}")).collect::<Vec<_>>().join(", ");
    main.prepare_cached(&format!("UPDATE runs SET {set} WHERE id = ?{}", values.len()))?
        .execute(params_from_iter(values))
        .map(drop)
}

/// What runs entered, what was worked out of them as they went on, their stamps; and those that are open there are sealed as
/// that archive will seal them.
pub(super) fn close(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let whole = merge.batches(
        store,
        "take the records of a run of another archive",
        "runs",
        |_: &mut Merged, other, main, there| {
            looks_of(main, other, there)?;
            stamps(main, other, there)?;
            entries(main, other, there)
        },
    )?;
    let other = merge.other;
    store.write("seal runs of another archive", |main| {
        let open = seal::open_runs(other)?.into_iter().map(|there| rows::here(main, NEW_RUNS, there));
        let open: Vec<i64> = open.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().map_while(|run| run).collect();
        seal_all(main, &open, seal::heads(other)?)
    })?;
    Ok(whole)
}

/// The entries of a run: as they are, with the numbers that their rows have here.
fn entries(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<usize> {
    let Some(here) = rows::here(main, "runs", there)? else { return Ok(1) };
    let count = "SELECT count(*), (SELECT entries FROM runs WHERE id = ?1) FROM entries WHERE run = ?1";
    let (known, sealed): (i64, Option<i64>) =
        main.prepare_cached(count)?.query_row([here], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if sealed.is_some_and(|sealed| known >= sealed) {
        return Ok(1);
    }
    let mut entries = other.prepare_cached(
        "SELECT position, kind, row, sha256 FROM entries WHERE run = ?1 AND position >= ?2 ORDER BY position",
    )?;
    let mut entries = entries.query((there, known))?;
    let mut done = 1;
    while let Some(entry) = entries.next()? {
        let (position, word, row, sha256): (i64, String, i64, Vec<u8>) =
            (entry.get(0)?, entry.get(1)?, entry.get(2)?, entry.get(3)?);
        let table = Kind::of(&word).map(Kind::table);
        let row = match table.filter(|_| row != NO_ROW) {
            Some(table) => rows::here(main, table, row)?.unwrap_or(NO_ROW),
            None => NO_ROW,
        };
        main.prepare_cached(
            "INSERT OR IGNORE INTO entries (run, position, kind, row, sha256) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((here, position, word, row, sha256))?;
        done += 1;
    }
    Ok(done)
}

/// What time-stamp authorities said of a run.
pub(super) fn stamps(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<()> {
    let Some(here) = rows::here(main, "runs", there)? else { return Ok(()) };
    let mut stamps =
        other.prepare_cached("SELECT stamped_at, authority, token FROM stamps WHERE run = ?1 ORDER BY id")?;
    let mut stamps = stamps.query([there])?;
    while let Some(row) = stamps.next()? {
        let (stamped_at, authority, token): (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        main.prepare_cached(
            "INSERT INTO stamps (run, stamped_at, authority, token) SELECT ?1, ?2, ?3, ?4 \
             WHERE NOT EXISTS (SELECT 1 FROM stamps WHERE run = ?1 AND token = ?4)",
        )?
        .execute((here, stamped_at, authority, token))?;
    }
    Ok(())
}

/// The looks of a run by platform. Counted again they would be counted by what posts are called by now.
fn looks_of(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<()> {
    let Some(here) = rows::here(main, "runs", there)? else { return Ok(()) };
    let total = "SELECT coalesce(sum(looks), 0) FROM platform_looks WHERE run = ?1";
    let (known, told): (i64, i64) = (
        main.prepare_cached(total)?.query_row([here], |row| row.get(0))?,
        other.prepare_cached(total)?.query_row([there], |row| row.get(0))?,
    );
    // What a sealed run did is known to the end, also where rows of its looks had gone and came back with this merge.
    let is_sealed: bool = other
        .prepare_cached("SELECT digest IS NOT NULL FROM runs WHERE id = ?1")?
        .query_row([there], |row| row.get(0))?;
    if known > told && !is_sealed {
        return Ok(());
    }
    main.prepare_cached("DELETE FROM platform_looks WHERE run = ?1")?.execute([here])?;
    let mut rows = other.prepare_cached(
        "SELECT platform, looks, captured, unchanged, gone, withheld, failed, drifted, drift FROM platform_looks \
         WHERE run = ?1",
    )?;
    let mut rows = rows.query([there])?;
    while let Some(row) = rows.next()? {
        let values = (0..9).map(|place| row.get(place)).collect::<rusqlite::Result<Vec<Value>>>()?;
        main.prepare_cached(
            "INSERT INTO platform_looks (platform, looks, captured, unchanged, gone, withheld, failed, drifted, drift, \
             run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params_from_iter(values.into_iter().chain([Value::Integer(here)])))?;
    }
    Ok(())
}

/// What takes rows of a table.
pub(super) fn taker(store: &Store, table: &'static Table) -> Result<Taker, StoreError> {
    Taker::new(&store.connection, table)
        .map_err(|source| StoreError::from_sqlite(&store.path, "read the archive's schema", source))
}
