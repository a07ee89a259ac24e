//! Whether all of another archive is here already, told by its runs: what a run entered is named by the digest of its record,
//! with the root over its entries. So a shard that was merged before is known again without a look at its rows.
//!
//! A stranger's file can give its runs the digests of ours. Its records and entries are held against those digests first; and
//! nothing is taken of a file that is known, so that whatever else it holds is worth no more than if it were not there. An
//! archive in which anything stands beside what its runs entered, or of which more is there than here, is merged as any other.

use super::{Merge, rows, runs};
use crate::store::{
    Store, StoreError,
    entries::{BLOB, Kind, NO_ROW, seal},
};
use rusqlite::{Connection, OptionalExtension};

/// Whether every run of the other archive is here, with all that it entered.
pub(super) fn is_known(main: &Connection, other: &Connection) -> rusqlite::Result<bool> {
    if !seal::open_runs(other)?.is_empty() {
        return Ok(false);
    }
    let mut sealed = other.prepare("SELECT id, digest, entries FROM runs WHERE digest IS NOT NULL")?;
    let mut sealed = sealed.query([])?;
    let mut any = false;
    while let Some(row) = sealed.next()? {
        let (there, digest, entries): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(here) = run_with(main, &digest)? else { return Ok(false) };
        let (told, mine) = (count(other, there)?, count(main, here)?);
        // What was taken away here alone may be there to be had.
        if mine.0 != entries || told.0 != entries || mine.1 > told.1 {
            return Ok(false);
        }
        any = true;
    }
    Ok(any && all_is_entered(other)? && !has_bytes_back(main, other)?)
}

/// Whether the other archive has bytes that were let go here.
fn has_bytes_back(main: &Connection, other: &Connection) -> rusqlite::Result<bool> {
    let mut buried = main.prepare(
        "SELECT b.sha256 FROM tombstones t JOIN blobs b ON b.sha256 = lower(hex(t.sha256)) \
         WHERE t.kind = ?1 AND length(b.data) = 0",
    )?;
    let mut buried = buried.query([BLOB])?;
    while let Some(row) = buried.next()? {
        let has: bool = other
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM blobs WHERE sha256 = ?1 AND length(data) > 0)")?
            .query_row([row.get::<_, String>(0)?], |row| row.get(0))?;
        if has {
            return Ok(true);
        }
    }
    Ok(false)
}

fn run_with(main: &Connection, digest: &str) -> rusqlite::Result<Option<i64>> {
    main.prepare_cached("SELECT id FROM runs WHERE digest = ?1")?.query_row([digest], |row| row.get(0)).optional()
}

/// The entries of a run, and those of them whose row was taken away.
fn count(archive: &Connection, run: i64) -> rusqlite::Result<(i64, i64)> {
    archive
        .prepare_cached("SELECT count(*), count(*) FILTER (WHERE row = ?2) FROM entries WHERE run = ?1")?
        .query_row((run, NO_ROW), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Whether there are as many rows as were entered.
fn all_is_entered(archive: &Connection) -> rusqlite::Result<bool> {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Run) {
        let (table, entered) = (kind.table(), kind.entered());
        let (rows, told): (i64, i64) = archive.query_row(
            &format!(
                "SELECT (SELECT count(*) FROM {table} WHERE {entered}), \
                 (SELECT count(DISTINCT row) FROM entries WHERE kind = ?1 AND row <> ?2)"
            ),
            (kind.as_str(), NO_ROW),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if rows > told {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What may have been added to an archive that is known: time stamps of its runs.
pub(super) fn take_stamps(merge: &Merge<'_>, store: &mut Store) -> Result<(), StoreError> {
    let other = merge.other;
    store.write("take the stamps of another archive", |main| {
        let mut stamped = other.prepare(
            "SELECT id, digest FROM runs r WHERE digest IS NOT NULL AND EXISTS (SELECT 1 FROM stamps WHERE run = r.id)",
        )?;
        let mut stamped = stamped.query([])?;
        while let Some(row) = stamped.next()? {
            let (there, digest): (i64, String) = (row.get(0)?, row.get(1)?);
            if let Some(here) = run_with(main, &digest)? {
                rows::pair(main, "runs", there, here)?;
                runs::stamps(main, other, there)?;
            }
        }
        Ok(())
    })
}
