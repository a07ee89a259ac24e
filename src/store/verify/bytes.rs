//! Blobs: each is unpacked and compared with the digest, the size and the media type that were stored with it. One thread reads
//! the file, all cores hash; large blobs are read in parts.

use super::{Check, Verified};
use crate::{
    media_type, merkle,
    store::{blobs::MAX_BLOB_BYTES, columns::counted, entries::BLOB},
};
use rusqlite::{Connection, MAIN_DB};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

/// Bytes of a large blob in memory at once.
const PART_BYTES: usize = 1 << 20;

/// Blobs up to this size as stored, in bytes, are handed to another thread whole.
const WHOLE_BYTES: usize = 2 << 20;

/// Threads that hash, at most; the file is not read faster than a few of them hash.
const MAX_THREADS: usize = 16;

/// Media types of what is no file of a known kind.
const PLAIN: [&str; 4] = ["text/plain", "text/html", "text/xml", "application/octet-stream"];

/// What is stored with a blob.
#[derive(Clone)]
struct Stated {
    id: i64,
    sha256: String,
    size: u64,
    encoding: String,
    mime: String,
}

/// A blob with its bytes as stored, to be hashed.
type Job = (Stated, Vec<u8>);

/// A blob and what is wrong with it.
type Done = (Stated, Result<(), String>);

pub(super) fn blobs(connection: &Connection, check: &mut Check<'_>, verified: &mut Verified) -> rusqlite::Result<()> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let (jobs, taken) = mpsc::sync_channel::<Job>(threads * 2);
    let (done, hashed) = mpsc::channel::<Done>();
    let taken = Arc::new(Mutex::new(taken));
    thread::scope(|scope| {
        for _ in 0..threads {
            let (taken, done) = (Arc::clone(&taken), done.clone());
            scope.spawn(move || {
                loop {
                    let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((stated, bytes)) = job else { break };
                    let found = compare(bytes.as_slice(), &stated);
                    if done.send((stated, found)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        let sent = send(connection, check, verified, &jobs, &hashed);
        drop(jobs);
        while let Ok(done) = hashed.recv() {
            note(connection, check, verified, &done)?;
        }
        sent
    })?;
    articles(connection, check)
}

/// The blobs that are named by what runs after this one entered.
const NAMED_AFTER: &str = "id IN (WITH added AS MATERIALIZED (SELECT kind, row FROM entries WHERE run > ?1) \
    SELECT body FROM exchanges WHERE id IN (SELECT row FROM added WHERE kind = 'exchange') UNION \
    SELECT request_body FROM exchanges WHERE id IN (SELECT row FROM added WHERE kind = 'exchange') UNION \
    SELECT body FROM exchange_hops WHERE exchange IN (SELECT row FROM added WHERE kind = 'exchange') UNION \
    SELECT original FROM article_versions WHERE id IN (SELECT row FROM added WHERE kind = 'version') UNION \
    SELECT body FROM article_versions WHERE id IN (SELECT row FROM added WHERE kind = 'version') UNION \
    SELECT blob FROM snapshot_media WHERE id IN (SELECT row FROM added WHERE kind = 'file'))";

/// Reads the file, and hands out what was read.
fn send(
    connection: &Connection,
    check: &mut Check<'_>,
    verified: &mut Verified,
    jobs: &mpsc::SyncSender<Job>,
    hashed: &mpsc::Receiver<Done>,
) -> rusqlite::Result<()> {
    // Those that later runs entered rows of; where there is no such run, all.
    let (which, after) = if verified.after.is_some() { (NAMED_AFTER, verified.after) } else { ("?1 IS NULL", None) };
    let count = format!("SELECT count(*) FROM blobs WHERE {which}");
    let whole: i64 = connection.query_row(&count, [after], |row| row.get(0))?;
    let mut statement = connection
        .prepare(&format!("SELECT id, sha256, size_bytes, encoding, mime FROM blobs WHERE {which} ORDER BY id"))?;
    let mut rows = statement.query([after])?;
    while let Some(row) = rows.next()? {
        let lossy = |place: usize| {
            row.get_ref(place).map(|value| match value.as_bytes() {
                Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Err(_) => String::new(),
            })
        };
        let (sha256, encoding, mime) = (lossy(1)?, lossy(3)?, lossy(4)?);
        let stated = Stated { id: row.get(0)?, sha256, size: counted(row.get(2)?), encoding, mime };
        match take(connection, &stated) {
            Ok(Some(bytes)) => {
                // Nobody takes any more only where every thread has died, which a panic in this crate's own code would mean.
                if jobs.send((stated, bytes)).is_err() {
                    break;
                }
            }
            Ok(None) => {
                let found = read(connection, &stated);
                note(connection, check, verified, &(stated, found))?;
            }
            Err(fault) => note(connection, check, verified, &(stated, Err(fault)))?,
        }
        while let Ok(done) = hashed.try_recv() {
            note(connection, check, verified, &done)?;
        }
        check.done(verified.blobs, counted(whole));
    }
    Ok(())
}

/// A small blob as it is stored; none for a large one.
fn take(connection: &Connection, stated: &Stated) -> Result<Option<Vec<u8>>, String> {
    let blob = connection.blob_open(MAIN_DB, "blobs", "data", stated.id, true).map_err(unreadable)?;
    if blob.len() > WHOLE_BYTES {
        return Ok(None);
    }
    let mut bytes = vec![0; blob.len()];
    blob.read_at_exact(&mut bytes, 0).map_err(unreadable)?;
    Ok(Some(bytes))
}

/// Reads a large blob in parts.
fn read(connection: &Connection, stated: &Stated) -> Result<(), String> {
    let blob = connection.blob_open(MAIN_DB, "blobs", "data", stated.id, true).map_err(unreadable)?;
    compare(blob, stated)
}

#[allow(clippy::needless_pass_by_value, reason = "errors are mapped by value")]
fn unreadable(error: rusqlite::Error) -> String {
    format!("its bytes can't be read: {error}")
}

/// Notes what came of a blob. Bytes that were taken away on purpose are not missed.
fn note(
    connection: &Connection,
    check: &mut Check<'_>,
    verified: &mut Verified,
    (stated, found): &Done,
) -> rusqlite::Result<()> {
    verified.blobs += 1;
    match found {
        Ok(()) => verified.bytes += stated.size,
        Err(fault) if !is_buried(connection, stated)? => check.fault("blobs", Some(stated.id), fault),
        Err(_) => {}
    }
    Ok(())
}

fn is_buried(connection: &Connection, stated: &Stated) -> rusqlite::Result<bool> {
    let Some(digest) = merkle::from_hex(&stated.sha256) else { return Ok(false) };
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM tombstones WHERE kind = ?1 AND sha256 = ?2) \
             AND (SELECT length(data) = 0 FROM blobs WHERE id = ?3)",
        )?
        .query_row((BLOB, digest, stated.id), |row| row.get(0))
}

/// Unpacks and hashes a blob; an error is what is wrong with it.
fn compare(bytes: impl Read, stated: &Stated) -> Result<(), String> {
    let Stated { sha256, size, encoding, mime, .. } = stated;
    let limit = (*size).min(MAX_BLOB_BYTES as u64).saturating_add(1);
    let read = match encoding.as_str() {
        "none" => digest(bytes, limit),
        _ => zstd::stream::read::Decoder::new(bytes).and_then(|decoder| digest(decoder, limit)),
    };
    let (length, digest, head) = read.map_err(|error| format!("its bytes can't be unpacked: {error}"))?;
    if length != *size {
        let than = if length < *size { "less than the" } else { "more than the" };
        return Err(format!("it is {than} {size} bytes that it says"));
    }
    if digest != *sha256 {
        return Err(format!("its bytes are not those that were stored: SHA-256 {digest}, not {sha256}"));
    }
    // What kinds are told apart may grow, so that an older blob can have another one's name; but never a word of no kind.
    if is_media_type(mime) || media_type::of(&head) == Some(mime) {
        Ok(())
    } else {
        Err(format!("{mime:?} is no media type that embalm gives"))
    }
}

/// Whether embalm gives this media type to anything.
pub(in crate::store) fn is_media_type(mime: &str) -> bool {
    PLAIN.contains(&mime) || media_type::is_known(mime)
}

/// Hashes at most `limit` bytes: how many there were, their SHA-256, and the first part of them.
fn digest(reader: impl Read, limit: u64) -> io::Result<(u64, String, Vec<u8>)> {
    let mut reader = reader.take(limit);
    let (mut hash, mut length, mut head) = (Sha256::new(), 0, Vec::new());
    let mut part = vec![0; PART_BYTES.min(usize::try_from(limit).unwrap_or(PART_BYTES))];
    while let read @ 1.. = reader.read(&mut part)? {
        let bytes = part.get(..read).unwrap_or_default();
        hash.update(bytes);
        if head.is_empty() {
            head = bytes.get(..HEAD_BYTES).unwrap_or(bytes).to_vec();
        }
        length += read as u64;
    }
    Ok((length, merkle::hex(&hash.finalize()), head))
}

/// How much of a blob tells its kind, in bytes.
const HEAD_BYTES: usize = 8192;

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
