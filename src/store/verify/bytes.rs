//! Blobs: each is read in parts, unpacked, and compared with the digest and the size that were stored with it.

use super::{Check, Verified};
use crate::store::{blobs::MAX_BLOB_BYTES, columns::counted};
use rusqlite::{Connection, MAIN_DB};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Bytes in memory at once.
const PART_BYTES: usize = 1 << 20;

/// What is stored with a blob.
struct Stated {
    id: i64,
    sha256: String,
    size: u64,
    encoding: String,
}

pub(super) fn blobs(connection: &Connection, check: &mut Check<'_>, verified: &mut Verified) -> rusqlite::Result<()> {
    let whole: i64 = connection.query_row("SELECT count(*) FROM blobs", [], |row| row.get(0))?;
    let mut statement = connection.prepare("SELECT id, sha256, size_bytes, encoding FROM blobs ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, size) = (row.get("id")?, counted(row.get("size_bytes")?));
        let stated = Stated { id, sha256: row.get("sha256")?, size, encoding: row.get("encoding")? };
        verified.blobs += 1;
        match read(connection, &stated) {
            Ok(()) => verified.bytes += size,
            Err(fault) => check.fault("blobs", Some(id), fault),
        }
        check.done(verified.blobs, counted(whole));
    }
    articles(connection, check)
}

/// Reads a blob whole; an error is what is wrong with it.
fn read(connection: &Connection, stated: &Stated) -> Result<(), String> {
    let Stated { id, sha256, size, encoding } = stated;
    let blob = connection.blob_open(MAIN_DB, "blobs", "data", *id, true);
    let mut blob = blob.map_err(|error| format!("its bytes can't be read: {error}"))?;
    let mut hash = Sha256::new();
    let limit = (*size).min(MAX_BLOB_BYTES as u64).saturating_add(1);
    let length = match encoding.as_str() {
        "none" => digest(&mut blob, &mut hash, limit),
        _ => zstd::stream::read::Decoder::new(&mut blob).and_then(|decoder| digest(decoder, &mut hash, limit)),
    };
    let length = length.map_err(|error| format!("its bytes can't be unpacked: {error}"))?;
    if length != *size {
        return Err(format!(
            "it is {} {size} bytes that it says",
            if length < *size { "less than the" } else { "more than the" }
        ));
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if digest == *sha256 {
        Ok(())
    } else {
        Err(format!("its bytes are not those that were stored: SHA-256 {digest}, not {sha256}"))
    }
}

/// Hashes at most `limit` bytes; how many there were.
fn digest(reader: impl Read, hash: &mut Sha256, limit: u64) -> io::Result<u64> {
    let mut reader = reader.take(limit);
    let (mut part, mut length) = (vec![0; PART_BYTES], 0);
    while let read @ 1.. = reader.read(&mut part)? {
        hash.update(part.get(..read).unwrap_or_default());
        length += read as u64;
    }
    Ok(length)
}

/// Each version of an article names the digest of its original, and that is the blob's.
fn articles(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(
        "SELECT v.id FROM article_versions v LEFT JOIN blobs b ON b.id = v.original WHERE v.sha256 IS NOT b.sha256",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        check.fault("article_versions", row.get(0)?, "its SHA-256 is not that of its original");
    }
    Ok(())
}
