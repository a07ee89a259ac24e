//! Bytes of the other archive, each unpacked and compared with its digest before it is kept. A large one is never held whole.

use super::{Merge, Merged, rows};
use crate::store::{
    Store, StoreError, Transaction,
    blobs::{self, MAX_BLOB_BYTES},
    verify,
};
use rusqlite::{Connection, MAIN_DB, OptionalExtension, blob::ZeroBlob, types::FromSqlError};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};

/// Bytes of one part of a file.
const PART_BYTES: usize = 64 << 10;

/// How much of a file tells what it is.
const HEAD_BYTES: usize = 8192;

/// Bytes that count as one row of a batch, so that a transaction of films is not larger than one of pages.
const BYTES_OF_A_ROW: u64 = 16 << 10;

/// The largest window that is given to unpacking, as a power of two, as everywhere.
const MAX_WINDOW_LOG: u32 = 23;

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    merge.batches(store, "take a file of another archive", "blobs", take_one)
}

fn take_one(merged: &mut Merged, other: &Connection, main: &Transaction<'_>, there: i64) -> rusqlite::Result<usize> {
    let (sha256, size, encoding): (String, i64, String) = other
        .prepare_cached("SELECT sha256, size_bytes, encoding FROM blobs WHERE id = ?1")?
        .query_row([there], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let known: Option<i64> = main
        .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
        .query_row([&sha256], |row| row.get(0))
        .optional()?;
    if let Some(here) = known {
        rows::pair(main, "blobs", there, here)?;
        if !lacks_bytes(main, here)? || lacks_bytes(other, there)? {
            return Ok(1);
        }
    }
    let size = u64::try_from(size).ok().filter(|size| *size <= MAX_BLOB_BYTES as u64);
    let size = size.ok_or_else(|| damaged(&sha256, "is of no size that a file can have"))?;
    if lacks_bytes(other, there)? {
        // Redacted or pruned there, by its own word: its digest is what is left of it, and what it was said to be.
        let mime: String =
            other.prepare_cached("SELECT mime FROM blobs WHERE id = ?1")?.query_row([there], |row| row.get(0))?;
        let mime = if verify::is_media_type(&mime) { mime.as_str() } else { "application/octet-stream" };
        main.prepare_cached(
            "INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, 'none', x'')",
        )?
        .execute((&sha256, i64::try_from(size).unwrap_or(i64::MAX), mime))?;
        rows::pair(main, "blobs", there, main.last_insert_rowid())?;
        return Ok(1);
    }
    let head = checked(other, there, &sha256, size, &encoding)?;
    let packed = other.blob_open(MAIN_DB, "blobs", "data", there, true)?;
    // What it is, its bytes say, never a column of somebody else's archive.
    let (mime, room) = (blobs::sniff(&head), ZeroBlob(packed.len() as u64));
    let here = match known {
        // Taken away here alone: what redacts it is heeded once all is here; what was only pruned is had again.
        Some(here) => {
            main.prepare_cached("UPDATE blobs SET mime = ?2, encoding = ?3, data = ?4 WHERE id = ?1")?
                .execute((here, mime, &encoding, room))?;
            here
        }
        None => {
            main.prepare_cached(
                "INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((&sha256, i64::try_from(size).unwrap_or(i64::MAX), mime, &encoding, room))?;
            main.last_insert_rowid()
        }
    };
    let stored = packed.len() as u64;
    if stored > 0 {
        let mut to = main.blob_open(MAIN_DB, "blobs", "data", here, false)?;
        copy(packed, |part| to.write_all(part))?;
        to.close()?;
    }
    rows::pair(main, "blobs", there, here)?;
    merged.blobs += 1;
    merged.bytes += stored;
    Ok(1 + usize::try_from(stored / BYTES_OF_A_ROW).unwrap_or(usize::MAX))
}

/// Whether the bytes of a blob were taken away.
fn lacks_bytes(archive: &Connection, blob: i64) -> rusqlite::Result<bool> {
    archive
        .prepare_cached("SELECT length(data) = 0 AND size_bytes > 0 FROM blobs WHERE id = ?1")?
        .query_row([blob], |row| row.get(0))
}

/// The first bytes of a blob of which all have the digest and the size that they should have.
fn checked(other: &Connection, id: i64, sha256: &str, size: u64, encoding: &str) -> rusqlite::Result<Vec<u8>> {
    let blob = other.blob_open(MAIN_DB, "blobs", "data", id, true)?;
    let (mut hash, mut head, mut length) = (Sha256::new(), Vec::new(), 0);
    let mut look = |part: &[u8]| {
        hash.update(part);
        length += part.len() as u64;
        head.extend(part.iter().take(HEAD_BYTES.saturating_sub(head.len())));
        Ok(())
    };
    if encoding == "none" {
        copy(blob.take(size.saturating_add(1)), &mut look)?;
    } else {
        let mut unpacked = zstd::stream::read::Decoder::new(blob).map_err(|_| damaged(sha256, "cannot be unpacked"))?;
        unpacked.window_log_max(MAX_WINDOW_LOG).map_err(|_| damaged(sha256, "cannot be unpacked"))?;
        copy(unpacked.take(size.saturating_add(1)), &mut look).map_err(|_| damaged(sha256, "cannot be unpacked"))?;
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if length == size && found == sha256 {
        Ok(head)
    } else {
        Err(damaged(sha256, "has other bytes than its digest says"))
    }
}

fn copy(mut from: impl Read, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> rusqlite::Result<()> {
    let mut part = vec![0; PART_BYTES];
    loop {
        let read = from.read(&mut part).map_err(|error| rusqlite::Error::from(FromSqlError::other(error)))?;
        if read == 0 {
            return Ok(());
        }
        to(part.get(..read).unwrap_or_default())
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    }
}

fn damaged(sha256: &str, how: &str) -> rusqlite::Error {
    FromSqlError::other(io::Error::other(format!("the file {sha256} of the other archive {how}"))).into()
}
