//! Entries: what each run added, row by row, as digests of the rows' content. They are the leaves of the run's Merkle tree
//! (`seal`), and what `verify` holds the rows against. An entry is written in the transaction that writes its row, and
//! stays for ever: where a row is taken away or changed on purpose, a tombstone says so, which is entered itself.
//!
//! `content` says what of a row is entered: never a row's number, so that an entry is as true in another archive. The rules
//! for everything that writes are in `docs/trust.md`.

pub(super) mod content;
mod kind;
mod prove;
pub(super) mod seal;
pub(super) mod upgrade;

pub(super) use kind::Kind;
pub use prove::{Provable, Proving};

use super::columns::At;
use crate::merkle::Hash;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// Enters a row as it is now. It comes after all that the row's content names: its hops, relations, embeds, and the rows
/// that it refers to.
///
/// # Errors
/// There is no such row, or the archive can't be written.
pub(super) fn add(connection: &Connection, run: i64, kind: Kind, row: i64) -> rusqlite::Result<()> {
    let content = content::read(connection, kind, row)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    insert(connection, run, kind, row, &content.entered_by(connection, kind, row, run)?.digest())
}

/// Enters every row that this answers, by its number.
///
/// # Errors
/// As [`add`].
pub(super) fn add_all(
    connection: &Connection,
    run: i64,
    kind: Kind,
    rows: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<()> {
    let mut rows = connection.prepare(rows)?;
    let mut rows = rows.query(parameters)?;
    while let Some(row) = rows.next()? {
        add(connection, run, kind, row.get(0)?)?;
    }
    Ok(())
}

/// What becomes of a row whose entries are buried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "redaction and pruning are its callers")]
pub(super) enum Fate {
    /// It is deleted.
    Removed,
    /// It stays in another form, which [`add`] enters afterwards.
    Changed,
}

/// Says that the row of these entries is to be taken away, or changed, on purpose. It comes before the row goes.
///
/// # Errors
/// Where the archive can't be written.
#[allow(dead_code, reason = "redaction and pruning are its callers")]
pub(super) fn bury(
    connection: &Connection,
    run: i64,
    kind: Kind,
    row: i64,
    fate: Fate,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let mut digests = connection.prepare_cached("SELECT DISTINCT sha256 FROM entries WHERE kind = ?1 AND row = ?2")?;
    let digests: Vec<Hash> =
        digests.query_map((kind.as_str(), row), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    digests.iter().try_for_each(|digest| tombstone(connection, run, kind.as_str(), digest, buried_at, reason))?;
    if fate == Fate::Removed {
        // Its number may be given to another row one day.
        connection.prepare_cached("UPDATE entries SET row = ?3 WHERE kind = ?1 AND row = ?2")?.execute((
            kind.as_str(),
            row,
            NO_ROW,
        ))?;
    }
    Ok(())
}

/// The row of an entry whose row was taken away on purpose.
pub(super) const NO_ROW: i64 = 0;

/// Says that the bytes of a blob were taken away on purpose. Its row stays, with its SHA-256 and size, and no data.
///
/// # Errors
/// Where the archive can't be written.
#[allow(dead_code, reason = "redaction and pruning are its callers")]
pub(super) fn bury_bytes(
    connection: &Connection,
    run: i64,
    blob: i64,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let sha256: Option<String> = connection
        .prepare_cached("SELECT sha256 FROM blobs WHERE id = ?1")?
        .query_row([blob], |row| row.get(0))
        .optional()?;
    match sha256.as_deref().and_then(crate::merkle::from_hex) {
        Some(digest) => tombstone(connection, run, BLOB, &digest, buried_at, reason),
        None => Ok(()),
    }
}

/// What a tombstone says that it speaks of where that is a blob's bytes.
pub(super) const BLOB: &str = "blob";

fn tombstone(
    connection: &Connection,
    run: i64,
    kind: &str,
    digest: &Hash,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let row: Option<i64> = connection
        .prepare_cached(
            "INSERT INTO tombstones (buried_at, kind, sha256, reason) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO NOTHING RETURNING id",
        )?
        .query_row((At(buried_at), kind, digest, reason), |row| row.get(0))
        .optional()?;
    row.map_or(Ok(()), |row| add(connection, run, Kind::Tombstone, row))
}

fn insert(connection: &Connection, run: i64, kind: Kind, row: i64, digest: &Hash) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO entries (run, position, kind, row, sha256) VALUES \
             (?1, (SELECT coalesce(max(position), -1) + 1 FROM entries WHERE run = ?1), ?2, ?3, ?4)",
        )?
        .execute((run, kind.as_str(), row, digest))?;
    Ok(())
}
