//! A stored file read in parts, however large it is: no more of it than one part is ever in memory.

use super::{
    Store, StoreError,
    blobs::{self, MAX_BLOB_BYTES},
};
use rusqlite::{Connection, InterruptHandle, MAIN_DB, OptionalExtension, types::FromSqlError};
use std::{
    fmt,
    io::{self, Read, Seek, SeekFrom},
    ops::{ControlFlow, Range},
    time::Duration,
};

/// Bytes of one part.
pub const STREAM_PART_BYTES: usize = 64 << 10;

/// How much of a file tells what it is; [`crate::media_type`] looks no further.
const HEAD_BYTES: u64 = 8192;

/// The largest window that is given to unpacking, as a power of two: 8 MiB. What embalm packs needs 2 MiB.
const MAX_WINDOW_LOG: u32 = 23;

/// So much of a document is read to be shown, in bytes: twice the largest that is ever captured. An archive can come from
/// somebody else, and say that a page of it has hundreds of megabytes.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// A file of the archive, by what its bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its SHA-256, in lower-case hex.
    pub sha256: String,
    /// Its size, unpacked, in bytes.
    pub size_bytes: u64,
    /// What its first bytes say; never what a server, a name or a column of the archive says.
    pub sniffed: &'static str,
    id: i64,
    is_packed: bool,
}

impl Store {
    /// The file of this SHA-256 (lower-case hex); none where the archive has none.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn stored_file(&self, sha256: &str) -> Result<Option<StoredFile>, StoreError> {
        self.read(&format!("look for the file {sha256}"), |connection| stored_file(connection, sha256))
    }

    /// Hands the bytes of this range to `take`, in parts of [`STREAM_PART_BYTES`] (the last one is smaller), until it
    /// breaks off. How many bytes were handed over.
    ///
    /// # Errors
    /// Where the archive cannot be read, or the file is not of the size that the archive says.
    pub fn read_stored(
        &self,
        file: &StoredFile,
        range: Range<u64>,
        mut take: impl FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<u64, StoreError> {
        self.read(&format!("read the file {}", file.sha256), |connection| {
            let mut left = range.end.saturating_sub(range.start);
            let mut bytes = open(connection, file, range.clone())?;
            let mut handed = 0;
            while left > 0 {
                let mut part = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(STREAM_PART_BYTES)];
                bytes.read_exact(&mut part).map_err(damaged)?;
                let length = part.len() as u64;
                if take(part).is_break() {
                    break;
                }
                handed += length;
                left -= length;
            }
            Ok(handed)
        })
    }

    /// Waits so long for another process's lock, instead of the usual time.
    ///
    /// # Errors
    /// Where SQLite refuses.
    pub fn wait_for_locks(&self, time_limit: Duration) -> Result<(), StoreError> {
        let set = self.connection.busy_timeout(time_limit);
        set.map_err(|source| StoreError::from_sqlite(&self.path, "wait for locks", source))
    }

    /// What ends a reading of this archive from another thread.
    #[must_use]
    pub fn interrupter(&self) -> Interrupter {
        Interrupter(self.connection.get_interrupt_handle())
    }
}

/// Ends what an archive is asked at this moment, from another thread. It must not be used when the archive may be at
/// the next question already.
pub struct Interrupter(InterruptHandle);

impl Interrupter {
    /// Whatever is being read fails at once; where nothing is, nothing happens.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl fmt::Debug for Interrupter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Interrupter")
    }
}

impl StoredFile {
    /// The number of its row.
    pub(super) fn row(&self) -> i64 {
        self.id
    }
}

/// The file of this SHA-256.
pub(super) fn stored_file(connection: &Connection, sha256: &str) -> rusqlite::Result<Option<StoredFile>> {
    let found = connection
        .prepare_cached(
            "SELECT id, size_bytes, encoding FROM blobs WHERE sha256 = ?1 AND (size_bytes = 0 OR length(data) > 0)",
        )?
        .query_row([sha256], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)))
        .optional()?;
    let Some((id, size, encoding)) = found else { return Ok(None) };
    let size_bytes = u64::try_from(size).unwrap_or(0).min(MAX_BLOB_BYTES as u64);
    let is_packed = encoding != "none";
    let mut file =
        StoredFile { sha256: sha256.to_owned(), size_bytes, sniffed: "application/octet-stream", id, is_packed };
    let mut head = Vec::new();
    open(connection, &file, 0..size_bytes.min(HEAD_BYTES))?.read_to_end(&mut head).map_err(damaged)?;
    file.sniffed = blobs::sniff(&head);
    Ok(Some(file))
}

/// The bytes of a range, unpacked as they are read. A packed file is unpacked from its start: only pages and texts are.
fn open<'a>(connection: &'a Connection, file: &StoredFile, range: Range<u64>) -> rusqlite::Result<Box<dyn Read + 'a>> {
    let mut blob = connection.blob_open(MAIN_DB, "blobs", "data", file.id, true)?;
    let length = range.end.saturating_sub(range.start);
    if !file.is_packed {
        if blob.len() as u64 != file.size_bytes {
            return Err(damaged(io::Error::other(format!(
                "the file {} is not of the {} bytes that it says",
                file.sha256, file.size_bytes
            ))));
        }
        blob.seek(SeekFrom::Start(range.start)).map_err(damaged)?;
        return Ok(Box::new(blob.take(length)));
    }
    let mut decoder = zstd::stream::read::Decoder::new(blob).map_err(damaged)?;
    decoder.window_log_max(MAX_WINDOW_LOG).map_err(damaged)?;
    let passed = io::copy(&mut decoder.by_ref().take(range.start), &mut io::sink()).map_err(damaged)?;
    if passed != range.start {
        return Err(damaged(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(Box::new(decoder.take(length)))
}

/// A document that is to be shown, as far as [`MAX_DOCUMENT_BYTES`].
pub(super) fn document(connection: &Connection, id: i64) -> rusqlite::Result<Vec<u8>> {
    let (sha256, size, encoding): (String, i64, String) = connection
        .prepare_cached("SELECT sha256, size_bytes, encoding FROM blobs WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let is_taken_away: bool = connection
        .prepare_cached("SELECT length(data) = 0 FROM blobs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    if is_taken_away {
        return Ok(Vec::new());
    }
    let size_bytes = u64::try_from(size).unwrap_or(0);
    let is_packed = encoding != "none";
    let file = StoredFile { sha256, size_bytes, sniffed: "application/octet-stream", id, is_packed };
    let (shown, mut bytes) = (size_bytes.min(MAX_DOCUMENT_BYTES), Vec::new());
    // One byte further tells whether it is longer than it says.
    open(connection, &file, 0..shown.saturating_add(1))?.read_to_end(&mut bytes).map_err(damaged)?;
    let is_as_said = if shown < size_bytes { bytes.len() as u64 > shown } else { bytes.len() as u64 == size_bytes };
    if !is_as_said {
        let said = format!("the document {} is not of the {size} bytes that it says", file.sha256);
        return Err(damaged(io::Error::other(said)));
    }
    bytes.truncate(usize::try_from(shown).unwrap_or(usize::MAX));
    Ok(bytes)
}

/// Bytes that are not as they were stored are damage of the archive; SQLite's own word, where there is one, is kept.
fn damaged(error: io::Error) -> rusqlite::Error {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => error,
        Err(error) => FromSqlError::other(error).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(bytes: &[u8]) -> (Store, StoredFile) {
        let mut store = Store::in_memory().unwrap();
        store.write("store", |transaction| blobs::put(transaction, bytes)).unwrap();
        let file = store.stored_file(&blobs::sha256(bytes)).unwrap().unwrap();
        (store, file)
    }

    fn read(store: &Store, file: &StoredFile, range: Range<u64>) -> Vec<u8> {
        let mut read = Vec::new();
        store
            .read_stored(file, range, |part| {
                read.extend(part);
                ControlFlow::Continue(())
            })
            .unwrap();
        read
    }

    #[test]
    fn any_range_of_a_file_is_as_it_was_stored_whether_it_is_packed_or_not() {
        let numbers = (0..200_000_u32).flat_map(u32::to_le_bytes);
        let picture: Vec<u8> = b"\x89PNG\r\n\x1a\n".iter().copied().chain(numbers).collect();
        let page = b"<!doctype html><p>the ferry left at noon</p>\n".repeat(20_000);
        for (bytes, is_packed) in [(picture, false), (page, true)] {
            let (store, file) = stored(&bytes);
            assert_eq!((file.is_packed, file.size_bytes), (is_packed, bytes.len() as u64));
            let end = bytes.len();
            for range in [0..end, 0..1, end - 1..end, 0..0, 65_535..65_537, 300_000..800_000] {
                let (start, stop) = (range.start as u64, range.end as u64);
                assert!(read(&store, &file, start..stop) == bytes[range], "{start}..{stop}");
            }
        }
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        let (mut store, file) = stored(b"\x89PNG\r\n\x1a\n....");
        assert_eq!(file.sniffed, "image/png");
        store.write("lie", |transaction| transaction.execute("UPDATE blobs SET mime = 'text/html'", [])).unwrap();
        assert_eq!(store.stored_file(&file.sha256).unwrap().unwrap().sniffed, "image/png");
        assert_eq!(stored(b"<svg xmlns='http://www.w3.org/2000/svg'/>").1.sniffed, "text/xml");
        assert_eq!(stored(b"<!doctype html><title>x</title>").1.sniffed, "text/html");
        assert!(store.stored_file(&"0".repeat(64)).unwrap().is_none());
    }

    #[test]
    fn a_file_that_is_not_of_the_size_that_it_says_is_damage_and_never_unpacks_beyond_it() {
        let zeros = vec![b' '; 4 << 20];
        for size in [100_i64, 8 << 20, i64::MAX, -1] {
            let (mut store, _) = stored(&zeros);
            store.write("lie", |transaction| transaction.execute("UPDATE blobs SET size_bytes = ?1", [size])).unwrap();
            let Ok(Some(file)) = store.stored_file(&blobs::sha256(&zeros)) else { continue };
            let mut read = 0;
            let result = store.read_stored(&file, 0..file.size_bytes, |part| {
                read += part.len() as u64;
                ControlFlow::Continue(())
            });
            assert!(read <= file.size_bytes && read <= 4 << 20);
            assert_eq!(result.is_err(), size > 4 << 20, "{size}");
        }
        let (mut store, file) = stored(b"\x89PNG\r\n\x1a\n....");
        store.write("cut", |transaction| transaction.execute("UPDATE blobs SET data = x'8950'", [])).unwrap();
        assert!(matches!(store.stored_file(&file.sha256), Err(StoreError::Corrupt { .. })));
    }

    #[test]
    fn of_a_document_no_more_is_read_than_one_can_have() {
        let page = b"<p>noon</p>".repeat(7 << 20);
        for bytes in [&page[..], b"\x89PNG\r\n\x1a\n....", b""] {
            let (store, file) = stored(bytes);
            let read = store.read("read", |connection| document(connection, file.id)).unwrap();
            assert!(read == bytes[..bytes.len().min(64 << 20)], "{} of {}", read.len(), bytes.len());
        }
        let (mut store, file) = stored(b"<p>noon</p>");
        for size in [3_i64, 1 << 40, -1] {
            store.write("lie", |transaction| transaction.execute("UPDATE blobs SET size_bytes = ?1", [size])).unwrap();
            let read = store.read("read", |connection| document(connection, file.id));
            assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{size}");
        }
    }

    #[test]
    fn whoever_has_enough_ends_the_reading() {
        let (store, file) = stored(&vec![0xff; 3 * STREAM_PART_BYTES]);
        let mut parts = 0;
        let handed = store.read_stored(&file, 0..file.size_bytes, |_| {
            parts += 1;
            if parts == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((parts, handed.unwrap()), (2, STREAM_PART_BYTES as u64));
    }
}
