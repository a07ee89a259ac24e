//! Bytes of the other archive, each unpacked and compared with its digest before it is kept. A large one is never held whole.

use super::{Merge, Merged, rows};
use crate::store::{
    Store, StoreError, Transaction,
    blobs::{self, MAX_BLOB_BYTES},
    verify,
};
use rusqlite::{Connection, MAIN_DB, OptionalExtension, ToSql, blob::ZeroBlob, types::FromSqlError};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read, Write};
use zstd::zstd_safe::{DCtx, ResetDirective};

/// Bytes of one part of a file.
const PART_BYTES: usize = 64 << 10;

/// A file of up to so many bytes as stored is read and written at once.
const WHOLE_BYTES: i64 = 1 << 20;

/// How much of a file tells what it is.
const HEAD_BYTES: usize = 8192;

/// Bytes that count as one row of a batch, so that a transaction of films is not larger than one of pages.
const BYTES_OF_A_ROW: u64 = 16 << 10;

/// The largest window that is given to unpacking, as a power of two, as everywhere.
const MAX_WINDOW_LOG: u32 = 23;

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let mut unpacking = Unpacking { context: DCtx::create(), part: vec![0; PART_BYTES] };
    merge.batches(store, "take a file of another archive", "blobs", |merged, other, main, there| {
        take_one(&mut unpacking, merged, other, main, there)
    })
}

/// What unpacking needs, made once for all files.
struct Unpacking {
    context: DCtx<'static>,
    part: Vec<u8>,
}

fn take_one(
    unpacking: &mut Unpacking,
    merged: &mut Merged,
    other: &Connection,
    main: &Transaction<'_>,
    there: i64,
) -> rusqlite::Result<usize> {
    let (sha256, size, encoding, stored): (String, i64, String, i64) = other
        .prepare_cached("SELECT sha256, size_bytes, encoding, octet_length(data) FROM blobs WHERE id = ?1")?
        .query_row([there], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let known: Option<i64> = main
        .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
        .query_row([&sha256], |row| row.get(0))
        .optional()?;
    let is_taken_away = stored == 0 && size > 0;
    if let Some(here) = known {
        rows::pair(main, "blobs", there, here)?;
        if is_taken_away || !lacks_bytes(main, here)? {
            return Ok(1);
        }
    }
    let size = u64::try_from(size).ok().filter(|size| *size <= MAX_BLOB_BYTES as u64);
    let size = size.ok_or_else(|| damaged(&sha256, "is of no size that a file can have"))?;
    if is_taken_away {
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
    let taking = Taking { known, sha256: &sha256, size, encoding: &encoding };
    let here = if stored <= WHOLE_BYTES {
        let mut data = other.prepare_cached("SELECT data FROM blobs WHERE id = ?1")?;
        let mut data = data.query([there])?;
        let row = data.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let data = row.get_ref(0)?.as_bytes().map_err(|_| damaged(&sha256, "has no bytes"))?;
        let head = unpacking.checked(data, &taking)?;
        taking.put(main, &head, data)?
    } else {
        let open = || other.blob_open(MAIN_DB, "blobs", "data", there, true);
        let head = unpacking.checked(BufReader::new(open()?), &taking)?;
        let here = taking.put(main, &head, ZeroBlob(u64::try_from(stored).unwrap_or(u64::MAX)))?;
        let mut to = main.blob_open(MAIN_DB, "blobs", "data", here, false)?;
        copy(open()?, &mut unpacking.part, |part| to.write_all(part))?;
        to.close()?;
        here
    };
    rows::pair(main, "blobs", there, here)?;
    let stored = u64::try_from(stored).unwrap_or(0);
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

/// What the other archive says of a file that is taken.
struct Taking<'a> {
    /// Its row here, where it has one without bytes.
    known: Option<i64>,
    sha256: &'a str,
    size: u64,
    encoding: &'a str,
}

impl Taking<'_> {
    /// Its row here, with these bytes. What it is, its own first bytes say, never a column of somebody else's archive.
    fn put(&self, main: &Connection, head: &[u8], data: impl ToSql) -> rusqlite::Result<i64> {
        let mime = blobs::sniff(head);
        // Taken away here alone: what redacts it is heeded once all is here; what was only pruned is had again.
        if let Some(here) = self.known {
            main.prepare_cached("UPDATE blobs SET mime = ?2, encoding = ?3, data = ?4 WHERE id = ?1")?.execute((
                here,
                mime,
                self.encoding,
                data,
            ))?;
            return Ok(here);
        }
        main.prepare_cached(
            "INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((self.sha256, i64::try_from(self.size).unwrap_or(i64::MAX), mime, self.encoding, data))?;
        Ok(main.last_insert_rowid())
    }
}

impl Unpacking {
    /// The first bytes of a blob of which all have the digest and the size that they should have.
    fn checked(&mut self, stored: impl BufRead, taking: &Taking<'_>) -> rusqlite::Result<Vec<u8>> {
        let Taking { sha256, size, encoding, .. } = *taking;
        let (mut hash, mut head, mut length) = (Sha256::new(), Vec::new(), 0);
        let mut look = |part: &[u8]| {
            hash.update(part);
            length += part.len() as u64;
            let wanted = HEAD_BYTES.saturating_sub(head.len());
            head.extend_from_slice(part.get(..wanted).unwrap_or(part));
            Ok(())
        };
        if encoding == "none" {
            copy(stored.take(size.saturating_add(1)), &mut self.part, &mut look)?;
        } else {
            let failed = || damaged(sha256, "cannot be unpacked");
            self.context.reset(ResetDirective::SessionOnly).map_err(|_| failed())?;
            let mut unpacked = zstd::stream::read::Decoder::with_context(stored, &mut self.context);
            unpacked.window_log_max(MAX_WINDOW_LOG).map_err(|_| failed())?;
            copy(unpacked.take(size.saturating_add(1)), &mut self.part, &mut look).map_err(|_| failed())?;
        }
        let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if length == size && found == sha256 {
            Ok(head)
        } else {
            Err(damaged(sha256, "has other bytes than its digest says"))
        }
    }
}

fn copy(mut from: impl Read, part: &mut [u8], mut to: impl FnMut(&[u8]) -> io::Result<()>) -> rusqlite::Result<()> {
    loop {
        let read = from.read(part).map_err(|error| rusqlite::Error::from(FromSqlError::other(error)))?;
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
