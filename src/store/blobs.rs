//! Bytes by their SHA-256: each stored once, whoever brought them. Text-like ones are compressed.

use crate::media_type;
use rusqlite::{Connection, MAIN_DB, OptionalExtension, blob::ZeroBlob, types::FromSqlError};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// The largest blob that is stored, in bytes; SQLite's own limit is 1,000,000,000 for a whole row.
pub(super) const MAX_BLOB_BYTES: usize = 900_000_000;

/// Level 3 leaves 18 % of HTML at 340 MB/s; level 19 leaves 16 % at 4 MB/s.
const ZSTD_LEVEL: i32 = 3;

/// A large file is read and written in parts of so many bytes.
const PART_BYTES: usize = 1 << 20;

/// How far into the bytes an SVG's root element is looked for.
const SNIFF_BYTES: usize = 1024;

/// A blob as stored.
#[derive(Clone, Copy)]
pub(super) struct Put {
    pub(super) id: i64,
    pub(super) existed: bool,
}

/// SHA-256 as lower-case hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The media type by the bytes alone. Pages and drawings that could hold scripts are never images.
pub(super) fn sniff(bytes: &[u8]) -> &'static str {
    if let Some(kind) = media_type::of(bytes) {
        return kind;
    }
    let start = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    if start.contains("<svg") {
        "text/xml"
    } else if std::str::from_utf8(bytes).is_ok() {
        "text/plain"
    } else {
        "application/octet-stream"
    }
}

/// The bytes with this SHA-256 (hex), where they are stored.
pub(super) fn find(connection: &Connection, sha256: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()
}

/// Stores `bytes`, or finds them stored.
pub(super) fn put(connection: &Connection, bytes: &[u8]) -> rusqlite::Result<Put> {
    let digest = sha256(bytes);
    if let Some(id) = find(connection, &digest)? {
        return Ok(Put { id, existed: true });
    }
    let mime = sniff(bytes);
    let packed = packed(mime, bytes);
    let (encoding, data) = packed.as_deref().map_or(("none", bytes), |packed| ("zstd", packed));
    connection
        .prepare_cached("INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((&digest, i64::try_from(bytes.len()).unwrap_or(i64::MAX), mime, encoding, data))?;
    Ok(Put { id: connection.last_insert_rowid(), existed: false })
}

fn packed(mime: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    if !compresses(mime) {
        return None;
    }
    zstd::bulk::compress(bytes, ZSTD_LEVEL).ok().filter(|packed| packed.len() < bytes.len())
}

/// Whether the bytes of a file were taken away that may be kept: with a post, and another one has it too, or to save room.
pub(super) fn may_come_again(connection: &Connection, id: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT length(data) = 0 AND size_bytes > 0 \
             AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'media' AND r.target = sha256) FROM blobs WHERE id = ?1",
        )?
        .query_row([id], |row| row.get(0))
}

/// Stores bytes again that were taken away.
pub(super) fn put_again(connection: &Connection, id: i64, bytes: &[u8]) -> rusqlite::Result<()> {
    let packed = packed(sniff(bytes), bytes);
    let (encoding, data) = packed.as_deref().map_or(("none", bytes), |packed| ("zstd", packed));
    connection
        .prepare_cached("UPDATE blobs SET encoding = ?2, data = ?3 WHERE id = ?1")?
        .execute((id, encoding, data))
        .map(drop)
}

/// The same of a file.
pub(super) fn put_file_again(connection: &Connection, id: i64, path: &Path) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE blobs SET encoding = 'none', data = zeroblob(size_bytes) WHERE id = ?1")?
        .execute([id])?;
    write(connection, id, &mut File::open(path).map_err(unreadable)?)
}

fn unreadable(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

/// Writes a file into the room that a blob has for it.
fn write(connection: &Connection, id: i64, file: &mut File) -> rusqlite::Result<()> {
    let mut part = vec![0; PART_BYTES];
    let mut blob = connection.blob_open(MAIN_DB, "blobs", "data", id, false)?;
    while let read @ 1.. = file.read(&mut part).map_err(unreadable)? {
        blob.write_all(&part[..read]).map_err(unreadable)?;
    }
    blob.close()
}

/// Stores the bytes of a file, or finds them stored, without holding them in memory.
pub(super) fn put_file(connection: &Connection, path: &Path) -> rusqlite::Result<Put> {
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut hash, mut size, mut head) = (Sha256::new(), 0_i64, Vec::new());
    let mut part = vec![0; PART_BYTES];
    while let read @ 1.. = file.read(&mut part).map_err(unreadable)? {
        hash.update(&part[..read]);
        if head.is_empty() {
            head = part[..read].to_vec();
        }
        size += read as i64;
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(id) = find(connection, &digest)? {
        return Ok(Put { id, existed: true });
    }
    let zeros = ZeroBlob(size.cast_unsigned());
    connection
        .prepare_cached("INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, 'none', ?4)")?
        .execute((&digest, size, sniff(&head), zeros))?;
    let id = connection.last_insert_rowid();
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    write(connection, id, &mut file)?;
    Ok(Put { id, existed: false })
}

/// The bytes of a blob, unpacked, and never more than the size that was stored with it.
pub(super) fn get(connection: &Connection, id: i64) -> rusqlite::Result<Vec<u8>> {
    let (size, encoding, data): (i64, String, Vec<u8>) = connection
        .prepare_cached("SELECT size_bytes, encoding, data FROM blobs WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let size = usize::try_from(size).unwrap_or(0).min(MAX_BLOB_BYTES);
    if encoding == "none" {
        return Ok(data);
    }
    let mut bytes = Vec::new();
    let damaged = |error: std::io::Error| rusqlite::Error::from(FromSqlError::other(error));
    let decoder = zstd::stream::read::Decoder::new(data.as_slice()).map_err(damaged)?;
    decoder.take(size as u64 + 1).read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() == size {
        Ok(bytes)
    } else {
        Err(damaged(std::io::Error::other(format!("blob {id} is not of the {size} bytes that it says"))))
    }
}

fn compresses(mime: &str) -> bool {
    mime.starts_with("text/") || mime == "application/octet-stream"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_drawings_are_no_images() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(sniff(b"<!DOCTYPE html><title>Sorry</title>"), "text/html");
        assert_eq!(sniff(b"<?xml version=\"1.0\"?><svg onload=\"x()\"/>"), "text/xml");
        assert_eq!(sniff(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "text/xml");
        assert_eq!(sniff(b"{\"a\": 1}"), "text/plain");
        assert_eq!(sniff(&[0xc3, 0x28, 0, 1]), "application/octet-stream");
    }
}
