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

/// Says that the row of these entries is to be taken away on purpose. It comes before the row goes.
///
/// # Errors
/// Where the archive can't be written.
pub(super) fn bury(
    connection: &Connection,
    run: i64,
    kind: Kind,
    row: i64,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let mut digests = connection.prepare_cached("SELECT DISTINCT sha256 FROM entries WHERE kind = ?1 AND row = ?2")?;
    let digests: Vec<Hash> =
        digests.query_map((kind.as_str(), row), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    digests.iter().try_for_each(|digest| tombstone(connection, run, kind.as_str(), digest, buried_at, reason))?;
    // Its number may be given to another row one day.
    connection
        .prepare_cached("UPDATE entries SET row = ?3 WHERE kind = ?1 AND row = ?2")?
        .execute((kind.as_str(), row, NO_ROW))
        .map(drop)
}

/// Enters a row that was changed on purpose as it is now. What was entered of it and is so no longer gets a tombstone; what
/// had one and is so again has none any more, which is entered too.
///
/// # Errors
/// Where the archive can't be written.
pub(super) fn changed(
    connection: &Connection,
    run: i64,
    kind: Kind,
    row: i64,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let Some(plain) = content::read(connection, kind, row)? else { return Err(rusqlite::Error::QueryReturnedNoRows) };
    let mut known =
        connection.prepare_cached("SELECT DISTINCT run, sha256 FROM entries WHERE kind = ?1 AND row = ?2")?;
    let known: Vec<(i64, Hash)> = known
        .query_map((kind.as_str(), row), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut stands = false;
    for (by, digest) in known {
        let content = plain.clone().entered_by(connection, kind, row, by)?;
        if content.is(connection, kind, row, &digest)?.is_some() {
            dig_up(connection, run, kind.as_str(), &digest, buried_at)?;
            stands = true;
        } else {
            tombstone(connection, run, kind.as_str(), &digest, buried_at, reason)?;
        }
    }
    if stands || !is_entered(connection, kind, row)? { Ok(()) } else { add(connection, run, kind, row) }
}

/// Whether [`changed`] has nothing to say of a row: what was entered of it and is so has no tombstone, all else has one.
pub(super) fn is_settled(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<bool> {
    let Some(plain) = content::read(connection, kind, row)? else { return Ok(true) };
    let mut known = connection.prepare_cached(
        "SELECT DISTINCT n.run, n.sha256, EXISTS (SELECT 1 FROM tombstones t WHERE t.kind = n.kind AND t.sha256 = n.sha256) \
         FROM entries n WHERE n.kind = ?1 AND n.row = ?2",
    )?;
    let mut known = known.query((kind.as_str(), row))?;
    let mut stands = false;
    while let Some(entry) = known.next()? {
        let (by, digest, is_buried): (i64, Hash, bool) = (entry.get(0)?, entry.get(1)?, entry.get(2)?);
        let content = plain.clone().entered_by(connection, kind, row, by)?;
        let is_so = content.is(connection, kind, row, &digest)?.is_some();
        if is_so == is_buried {
            return Ok(false);
        }
        stands |= is_so;
    }
    Ok(stands || !is_entered(connection, kind, row)?)
}

/// Whether a row is as some run entered it, tombstone or not.
pub(super) fn was_entered(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<bool> {
    let Some(plain) = content::read(connection, kind, row)? else { return Ok(false) };
    let mut known = connection.prepare_cached("SELECT run, sha256 FROM entries WHERE kind = ?1 AND row = ?2")?;
    let mut known = known.query((kind.as_str(), row))?;
    while let Some(entry) = known.next()? {
        let (by, digest): (i64, Hash) = (entry.get(0)?, entry.get(1)?);
        if plain.clone().entered_by(connection, kind, row, by)?.is(connection, kind, row, &digest)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether rows like this one are entered: a file that has not come is none.
fn is_entered(connection: &Connection, kind: Kind, row: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM {} t WHERE t.id = ?1 AND {})",
            kind.table(),
            kind.entered()
        ))?
        .query_row([row], |row| row.get(0))
}

/// Takes the tombstones of what is as it was away again.
pub(super) fn dig_up(
    connection: &Connection,
    run: i64,
    kind: &str,
    digest: &Hash,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let mut stones = connection.prepare_cached("SELECT id FROM tombstones WHERE kind = ?1 AND sha256 = ?2")?;
    let stones: Vec<i64> = stones.query_map((kind, digest), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    stones.into_iter().try_for_each(|stone| {
        bury(connection, run, Kind::Tombstone, stone, at, "it is as it was entered again")?;
        connection.prepare_cached("DELETE FROM tombstones WHERE id = ?1")?.execute([stone]).map(drop)
    })
}

/// The row of an entry whose row was taken away on purpose.
pub(super) const NO_ROW: i64 = 0;

/// Says that the bytes of a blob were taken away on purpose. Its row stays, with its SHA-256 and size, and no data.
///
/// # Errors
/// Where the archive can't be written.
pub(super) fn bury_bytes(
    connection: &Connection,
    run: i64,
    blob: i64,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    match digest_of(connection, blob)? {
        Some(digest) => tombstone(connection, run, BLOB, &digest, buried_at, reason),
        None => Ok(()),
    }
}

/// The SHA-256 of a blob, where it is one.
fn digest_of(connection: &Connection, blob: i64) -> rusqlite::Result<Option<Hash>> {
    let sha256: Option<String> = connection
        .prepare_cached("SELECT sha256 FROM blobs WHERE id = ?1")?
        .query_row([blob], |row| row.get(0))
        .optional()?;
    Ok(sha256.as_deref().and_then(crate::merkle::from_hex))
}

/// Whether a tombstone says of a blob that its bytes were taken away, other than by a prune.
pub(super) fn are_bytes_buried(connection: &Connection, blob: i64) -> rusqlite::Result<bool> {
    let Some(digest) = digest_of(connection, blob)? else { return Ok(false) };
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tombstones t JOIN entries n ON n.kind = 'tombstone' AND n.row = t.id \
             JOIN runs r ON r.id = n.run WHERE t.kind = ?1 AND t.sha256 = ?2 AND r.command <> 'prune')",
        )?
        .query_row((BLOB, digest), |row| row.get(0))
}

/// Whether the bytes of a blob are there that a tombstone says were taken away.
pub(super) fn is_whole_again(connection: &Connection, blob: i64) -> rusqlite::Result<bool> {
    let has_bytes: bool = connection
        .prepare_cached("SELECT length(data) > 0 FROM blobs WHERE id = ?1")?
        .query_row([blob], |row| row.get(0))?;
    Ok(has_bytes && are_bytes_buried(connection, blob)?)
}

/// Takes the tombstone of a blob's bytes away again: they are there.
pub(super) fn dig_up_bytes(connection: &Connection, run: i64, blob: i64, at: Timestamp) -> rusqlite::Result<()> {
    digest_of(connection, blob)?.map_or(Ok(()), |digest| dig_up(connection, run, BLOB, &digest, at))
}

/// What a tombstone says that it speaks of where that is a blob's bytes.
pub(super) const BLOB: &str = "blob";

/// Sets a tombstone, unless there is one. What a prune has set is none where something is redacted: a merge takes it away again.
fn tombstone(
    connection: &Connection,
    run: i64,
    kind: &str,
    digest: &Hash,
    buried_at: Timestamp,
    reason: &str,
) -> rusqlite::Result<()> {
    let is_buried: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tombstones t JOIN entries n ON n.kind = 'tombstone' AND n.row = t.id \
               JOIN runs r ON r.id = n.run WHERE t.kind = ?1 AND t.sha256 = ?2 \
               AND (r.command = 'prune') = (SELECT command = 'prune' FROM runs WHERE id = ?3))",
        )?
        .query_row((kind, digest, run), |row| row.get(0))?;
    if is_buried {
        return Ok(());
    }
    let mut at = buried_at;
    loop {
        let row: Option<i64> = connection
            .prepare_cached(
                "INSERT INTO tombstones (buried_at, kind, sha256, reason) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO NOTHING RETURNING id",
            )?
            .query_row((At(at), kind, digest, reason), |row| row.get(0))
            .optional()?;
        let Some(row) = row else { return Ok(()) };
        // One that says the same and was taken away again is gone for ever: this is another one.
        let same =
            content::read(connection, Kind::Tombstone, row)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.digest();
        let was_taken_away: bool = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstones WHERE kind = ?1 AND sha256 = ?2)")?
            .query_row((Kind::Tombstone.as_str(), same), |row| row.get(0))?;
        let later = at.checked_add(jiff::SignedDuration::from_millis(1)).ok().filter(|_| was_taken_away);
        let Some(later) = later else { return add(connection, run, Kind::Tombstone, row) };
        connection.prepare_cached("DELETE FROM tombstones WHERE id = ?1")?.execute([row])?;
        at = later;
    }
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
