//! What came of each file that a rung named: its bytes, or why there are none.

use crate::{
    model::{Media, MediaKind, Obtained},
    store::{
        blobs,
        columns::Word,
        files::{CapturedMedia, FileBytes, MediaFile, MissingFile, Skipped},
    },
};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// What came of one file.
#[derive(Clone, Default)]
pub(super) struct Came {
    pub(super) blob: Option<i64>,
    pub(super) answered_url: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) skipped: Option<Skipped>,
    pub(super) obtained: Option<Obtained>,
    pub(super) note: Option<String>,
}

impl Came {
    fn not(missing: MissingFile) -> Self {
        Self { failure: Some(missing.reason), skipped: missing.skipped, ..Self::default() }
    }
}

/// The files of one rung, their bytes stored.
#[derive(Default)]
pub(in crate::store) struct Files {
    by_url: HashMap<String, Came>,
    pub(super) brought: Vec<Media>,
    pub(in crate::store) stored: u64,
    pub(in crate::store) deduplicated: u64,
}

impl Files {
    /// Stores the bytes of what a rung brought.
    pub(in crate::store) fn store(connection: &Connection, media: &[CapturedMedia]) -> rusqlite::Result<Self> {
        let mut files = Self::default();
        for captured in media {
            let came = match &captured.file {
                Err(missing) => Came::not(missing.clone()),
                Ok(file) => files.keep(connection, captured.media.kind, file)?,
            };
            files.by_url.insert(captured.media.url.clone(), came);
            files.brought.push(captured.media.clone());
        }
        Ok(files)
    }

    fn keep(&mut self, connection: &Connection, kind: MediaKind, file: &MediaFile) -> rusqlite::Result<Came> {
        let size = file.bytes.len();
        let put = match &file.bytes {
            FileBytes::Stored(sha256) => return self.known(connection, sha256, &file.url),
            _ if size == 0 => return Ok(Came::not("the answer is empty".to_owned().into())),
            _ if size > blobs::MAX_BLOB_BYTES as u64 => {
                return Ok(Came::not(MissingFile::skipped(Skipped::file(blobs::MAX_BLOB_BYTES as u64))));
            }
            FileBytes::Held(bytes) if blobs::sniff(bytes) == "text/html" => {
                return Ok(Came::not(format!("a web page came instead of the {}", kind.as_str()).into()));
            }
            FileBytes::Held(bytes) => blobs::put(connection, bytes)?,
            FileBytes::Spooled { path, .. } => blobs::put_file(connection, path)?,
        };
        if put.existed && blobs::may_come_again(connection, put.id)? {
            match &file.bytes {
                FileBytes::Held(bytes) => blobs::put_again(connection, put.id, bytes)?,
                FileBytes::Spooled { path, .. } => blobs::put_file_again(connection, put.id, path)?,
                FileBytes::Stored(_) => {}
            }
        }
        self.stored += u64::from(!put.existed);
        self.deduplicated += u64::from(put.existed);
        Ok(Came {
            blob: Some(put.id),
            answered_url: Some(file.url.clone()),
            obtained: file.obtained,
            note: file.note.clone(),
            ..Came::default()
        })
    }

    /// What is said of bytes that are stored already.
    fn known(&mut self, connection: &Connection, sha256: &str, url: &str) -> rusqlite::Result<Came> {
        let Some(blob) = blobs::find(connection, sha256)? else {
            return Ok(Came::not("it is no longer stored".to_owned().into()));
        };
        self.deduplicated += 1;
        linked(connection, blob, url)
    }

    /// The stored bytes of a file, where there are any.
    pub(in crate::store) fn blob(&self, connection: &Connection, media: &Media) -> rusqlite::Result<Option<i64>> {
        Ok(self.of(connection, media)?.blob)
    }

    pub(super) fn of(&self, connection: &Connection, media: &Media) -> rusqlite::Result<Came> {
        let brought = self.by_url.get(&media.url);
        if let Some(came) = brought.filter(|came| came.blob.is_some()) {
            return Ok(came.clone());
        }
        for url in std::iter::once(&media.url).chain(&media.fallbacks) {
            if let Some(blob) = stored(connection, url)? {
                return linked(connection, blob, url);
            }
        }
        Ok(brought.cloned().unwrap_or_default())
    }
}

/// What the newest row that links a URL to its bytes says of them.
fn linked(connection: &Connection, blob: i64, url: &str) -> rusqlite::Result<Came> {
    let told = connection
        .prepare_cached(
            "SELECT answered_url, obtained, note FROM snapshot_media WHERE blob = ?1 AND (url = ?2 OR answered_url = ?2) \
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row((blob, url), |row| {
            Ok(Came {
                blob: Some(blob),
                answered_url: row.get(0)?,
                obtained: row.get::<_, Option<Word<_>>>(1)?.map(|Word(obtained)| obtained),
                note: row.get(2)?,
                ..Came::default()
            })
        })
        .optional()?;
    Ok(told.unwrap_or(Came { blob: Some(blob), ..Came::default() }))
}

/// The blob stored for a URL.
pub(super) fn stored(connection: &Connection, url: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT blob FROM (SELECT id, blob FROM snapshot_media WHERE url = ?1 AND blob IS NOT NULL \
             UNION ALL SELECT id, blob FROM snapshot_media WHERE answered_url = ?1 AND blob IS NOT NULL) \
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([url], |row| row.get(0))
        .optional()
}
