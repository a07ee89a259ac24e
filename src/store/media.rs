//! Files of posts: bytes by digest, and the rows that say which snapshot names which file.

use super::{
    Store, StoreError, blobs,
    columns::{Json, count},
};
use crate::model::{Media, MediaKind, Post};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{HashMap, HashSet};

/// A file as the ladder brought it.
#[derive(Clone, Debug)]
pub struct CapturedMedia {
    /// As the post names it.
    pub media: Media,
    /// Its bytes, or why they could not be had, in words for a person.
    pub file: Result<MediaFile, String>,
}

/// The bytes of a file.
#[derive(Clone, Debug)]
pub struct MediaFile {
    /// The whole body.
    pub bytes: Vec<u8>,
    /// As the answer's header says; what is stored is what the bytes say.
    pub mime: Option<String>,
    /// The URL that answered.
    pub url: String,
}

impl Store {
    /// SHA-256 (hex) of the bytes already stored for this URL, of the newest snapshot where there are several. Where a
    /// capture names a URL without bringing its bytes, these are linked to it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn media_digest(&self, url: &str) -> Result<Option<String>, StoreError> {
        self.read(&format!("look for stored bytes of {url}"), |connection| {
            let Some(blob) = stored(connection, url)? else { return Ok(None) };
            connection
                .prepare_cached("SELECT sha256 FROM blobs WHERE id = ?1")?
                .query_row([blob], |row| row.get(0))
                .optional()
        })
    }

    /// The bytes of a file by its SHA-256 (hex), with their media type.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn media_bytes(&self, sha256: &str) -> Result<Option<(Vec<u8>, String)>, StoreError> {
        self.read(&format!("read the file {sha256}"), |connection| {
            let found = connection
                .prepare_cached("SELECT id, mime FROM blobs WHERE sha256 = ?1")?
                .query_row([sha256], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            found.map(|(id, mime)| Ok((blobs::get(connection, id)?, mime))).transpose()
        })
    }
}

/// The place of a file in a post.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Media,
    Avatar,
    Card,
    Other,
}

impl Part {
    fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Avatar => "avatar",
            Self::Card => "card",
            Self::Other => "other",
        }
    }
}

/// What came of one file.
#[derive(Clone, Default)]
struct Came {
    blob: Option<i64>,
    answered_url: Option<String>,
    failure: Option<String>,
}

/// The files of one rung, their bytes stored.
#[derive(Default)]
pub(super) struct Files {
    by_url: HashMap<String, Came>,
    brought: Vec<Media>,
    pub(super) stored: u64,
    pub(super) deduplicated: u64,
}

impl Files {
    /// Stores the bytes of what a rung brought.
    pub(super) fn store(connection: &Connection, media: &[CapturedMedia]) -> rusqlite::Result<Self> {
        let mut files = Self::default();
        for captured in media {
            let came = match &captured.file {
                Err(failure) => Came { failure: Some(failure.clone()), ..Came::default() },
                Ok(file) => match refused(captured.media.kind, file) {
                    Some(failure) => Came { failure: Some(failure), ..Came::default() },
                    None => {
                        let put = blobs::put(connection, &file.bytes)?;
                        files.stored += u64::from(!put.existed);
                        files.deduplicated += u64::from(put.existed);
                        Came { blob: Some(put.id), answered_url: Some(file.url.clone()), failure: None }
                    }
                },
            };
            files.by_url.insert(captured.media.url.clone(), came);
            files.brought.push(captured.media.clone());
        }
        Ok(files)
    }

    fn of(&self, connection: &Connection, media: &Media) -> rusqlite::Result<Came> {
        let brought = self.by_url.get(&media.url);
        if let Some(came) = brought.filter(|came| came.blob.is_some()) {
            return Ok(came.clone());
        }
        for url in std::iter::once(&media.url).chain(&media.fallbacks) {
            if let Some(blob) = stored(connection, url)? {
                return Ok(Came { blob: Some(blob), ..Came::default() });
            }
        }
        Ok(brought.cloned().unwrap_or_default())
    }
}

/// Writes the files that `post` names as those of its new snapshot, and `Other` ones that nothing names.
pub(super) fn save(
    connection: &Connection,
    snapshot: i64,
    post: &Post,
    files: &Files,
    with_others: bool,
) -> rusqlite::Result<()> {
    let mut named = named(post);
    if with_others {
        let mut known = HashSet::new();
        collect_urls(post, &mut known);
        let others = files.brought.iter().filter(|media| !known.contains(media.url.as_str()));
        named.extend(others.map(|media| (Part::Other, media.clone())));
    }
    for (position, (part, media)) in named.iter().enumerate() {
        let came = files.of(connection, media)?;
        connection
            .prepare_cached(
                "INSERT INTO snapshot_media (snapshot, position, part, kind, url, fallbacks, alt, width_px, \
                 height_px, duration_ms, stated_mime, blob, answered_url, failure) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute(rusqlite::params![
                snapshot,
                i64::try_from(position).unwrap_or(i64::MAX),
                part.as_str(),
                media.kind.as_str(),
                media.url,
                (!media.fallbacks.is_empty()).then_some(Json(&media.fallbacks)),
                media.alt,
                media.width_px,
                media.height_px,
                media.duration_ms.map(count),
                media.mime,
                came.blob,
                came.answered_url,
                came.failure,
            ])?;
    }
    Ok(())
}

/// Fills the gaps of an older snapshot with files that came only now. What it has is left as it is.
pub(super) fn fill(connection: &Connection, snapshot: i64, post: &Post, files: &Files) -> rusqlite::Result<()> {
    let mut gaps = connection.prepare_cached(
        "SELECT id, position, part FROM snapshot_media WHERE snapshot = ?1 AND blob IS NULL ORDER BY position",
    )?;
    let gaps: Vec<(i64, i64, String)> = gaps
        .query_map([snapshot], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if gaps.is_empty() {
        return Ok(());
    }
    // Equal digests mean equal files in equal order, though their URLs may have changed.
    let named = named(post);
    for (row, position, part) in gaps {
        let now = usize::try_from(position).ok().and_then(|position| named.get(position));
        let Some((_, media)) = now.filter(|(now, _)| now.as_str() == part) else { continue };
        let came = files.of(connection, media)?;
        connection
            .prepare_cached(
                "UPDATE snapshot_media SET blob = ?2, answered_url = ?3, \
                 failure = CASE WHEN ?2 IS NULL THEN coalesce(?4, failure) END WHERE id = ?1",
            )?
            .execute((row, came.blob, came.answered_url, came.failure))?;
    }
    Ok(())
}

/// The files that a post itself names, in a stable order.
fn named(post: &Post) -> Vec<(Part, Media)> {
    let mut named: Vec<_> = post.media.iter().map(|media| (Part::Media, media.clone())).collect();
    if let Some(avatar) = &post.author.avatar {
        named.push((Part::Avatar, Media::new(MediaKind::Avatar, avatar)));
    }
    if let Some(image) = post.card.as_ref().and_then(|card| card.image.as_ref()) {
        named.push((Part::Card, Media::new(MediaKind::Image, image)));
    }
    named
}

/// The URLs of all files that a post and those inside it name.
fn collect_urls(post: &Post, known: &mut HashSet<String>) {
    let mut open = vec![post];
    while let Some(post) = open.pop() {
        known.extend(named(post).into_iter().map(|(_, media)| media.url));
        open.extend(
            [&post.quoted, &post.reply_to].into_iter().flatten().filter_map(|related| related.content.as_deref()),
        );
    }
}

/// The blob stored for a URL.
fn stored(connection: &Connection, url: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT blob FROM (SELECT id, blob FROM snapshot_media WHERE url = ?1 AND blob IS NOT NULL \
             UNION ALL SELECT id, blob FROM snapshot_media WHERE answered_url = ?1 AND blob IS NOT NULL) \
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([url], |row| row.get(0))
        .optional()
}

/// Why bytes are not the file that the post names.
fn refused(kind: MediaKind, file: &MediaFile) -> Option<String> {
    if file.bytes.is_empty() {
        return Some("the answer is empty".to_owned());
    }
    if file.bytes.len() > blobs::MAX_BLOB_BYTES {
        return Some(format!("larger than {} bytes", blobs::MAX_BLOB_BYTES));
    }
    (blobs::sniff(&file.bytes) == "text/html").then(|| format!("a web page came instead of the {}", kind.as_str()))
}
