//! Files of posts: bytes by digest, and the rows that say which snapshot names which file.

use super::{
    Store, StoreError, blobs,
    columns::{At, Json, Word, count},
    entries::{self, Kind},
    files::{CapturedMedia, FileBytes, MediaFile, MissingFile, Skipped},
};
use crate::model::{Media, MediaKind, Obtained, Post};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::collections::{HashMap, HashSet};

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

impl Store {
    /// Queues the posts that show a file which a limit kept out and these limits (in bytes; of one file, of one post)
    /// allow, and those that a run's limit left for the next run. Each is asked once for a limit. How many there are.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn queue_skipped(&mut self, file_bytes: u64, post_bytes: u64, now: Timestamp) -> Result<usize, StoreError> {
        self.write("queue the files that were skipped", |transaction| {
            let allowed = "m.blob IS NULL AND (m.skipped = 'run' OR m.skipped_limit_bytes < \
                 CASE m.skipped WHEN 'file' THEN ?1 ELSE ?2 END)";
            let limits = (count(file_bytes), count(post_bytes));
            let queued = transaction.execute(
                &format!(
                    "INSERT INTO queue (post, due_at, attempts, reason, queued_at) \
                     SELECT p.id, ?3, 0, 'some of its files were skipped for their size', ?3 FROM posts p \
                     WHERE p.state = 'live' AND EXISTS (SELECT 1 FROM snapshot_media m WHERE m.snapshot = p.snapshot \
                       AND m.skipped IS NOT NULL AND {allowed}) \
                     ON CONFLICT (post) DO UPDATE SET due_at = excluded.due_at, attempts = 0, \
                     reason = excluded.reason, rests = NULL WHERE queue.rests IS NOT NULL"
                ),
                (limits.0, limits.1, At(now)),
            )?;
            // A look that brings nothing must not come back at every run.
            transaction.execute(
                &format!(
                    "UPDATE snapshot_media AS m SET skipped_limit_bytes = CASE skipped WHEN 'file' THEN ?1 ELSE ?2 END \
                     WHERE m.skipped IN ('file', 'post') AND {allowed}"
                ),
                limits,
            )?;
            Ok(queued)
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
    skipped: Option<Skipped>,
    obtained: Option<Obtained>,
    note: Option<String>,
}

impl Came {
    fn not(missing: MissingFile) -> Self {
        Self { failure: Some(missing.reason), skipped: missing.skipped, ..Self::default() }
    }
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
        let blob = connection
            .prepare_cached("SELECT id FROM blobs WHERE sha256 = ?1")?
            .query_row([sha256], |row| row.get(0))
            .optional()?;
        let Some(blob) = blob else { return Ok(Came::not("it is no longer stored".to_owned().into())) };
        self.deduplicated += 1;
        linked(connection, blob, url)
    }

    /// The stored bytes of a file, where there are any.
    pub(super) fn blob(&self, connection: &Connection, media: &Media) -> rusqlite::Result<Option<i64>> {
        Ok(self.of(connection, media)?.blob)
    }

    fn of(&self, connection: &Connection, media: &Media) -> rusqlite::Result<Came> {
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

/// Writes the files that `post` names as those of its new snapshot. With `with_others` those too that nothing names, and
/// films that another program brought as the post's own.
pub(super) fn save(
    connection: &Connection,
    run: i64,
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
        named.extend(others.map(|media| (part_of_other(media), media.clone())));
    }
    for (position, (part, media)) in named.iter().enumerate() {
        let came = files.of(connection, media)?;
        insert(connection, run, snapshot, position, *part, media, &came)?;
    }
    Ok(())
}

fn part_of_other(media: &Media) -> Part {
    if media.obtained.is_some() { Part::Media } else { Part::Other }
}

#[allow(clippy::too_many_arguments, reason = "the columns of a row")]
fn insert(
    connection: &Connection,
    run: i64,
    snapshot: i64,
    position: usize,
    part: Part,
    media: &Media,
    came: &Came,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO snapshot_media (snapshot, position, part, kind, url, fallbacks, alt, width_px, \
             height_px, duration_ms, stated_mime, blob, answered_url, failure, skipped, skipped_limit_bytes, obtained, \
             note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
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
            came.skipped.map(|skipped| skipped.by.as_str()),
            came.skipped.map(|skipped| count(skipped.limit_bytes)),
            // Of a film that another program is asked for this is known before it comes.
            came.obtained.or(media.obtained).map(Obtained::as_str),
            came.note,
        ])?;
    let kind = if came.blob.is_some() { Kind::File } else { Kind::Media };
    entries::add(connection, run, kind, connection.last_insert_rowid())
}

/// Fills the gaps of an older snapshot with files that came only now. What it has is left as it is. With `with_others`
/// a film that another program brought is added.
pub(super) fn fill(
    connection: &Connection,
    run: i64,
    snapshot: i64,
    post: &Post,
    files: &Files,
    with_others: bool,
) -> rusqlite::Result<()> {
    let mut gaps = connection.prepare_cached(
        "SELECT id, position, part FROM snapshot_media WHERE snapshot = ?1 AND blob IS NULL AND obtained IS NOT 'yt-dlp' \
         ORDER BY position",
    )?;
    let gaps: Vec<(i64, i64, String)> = gaps
        .query_map([snapshot], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    // Equal digests mean equal files in equal order, though their URLs may have changed.
    let named = if gaps.is_empty() { Vec::new() } else { named(post) };
    for (row, position, part) in gaps {
        let now = usize::try_from(position).ok().and_then(|position| named.get(position));
        let Some((_, media)) = now.filter(|(now, _)| now.as_str() == part) else { continue };
        update(connection, run, row, files.of(connection, media)?)?;
    }
    for media in files.brought.iter().filter(|media| with_others && media.obtained.is_some()) {
        let known = connection
            .prepare_cached(
                "SELECT id, blob IS NULL FROM snapshot_media WHERE snapshot = ?1 AND url = ?2 AND part = 'media'",
            )?
            .query_row((snapshot, &media.url), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))
            .optional()?;
        let came = files.of(connection, media)?;
        match known {
            Some((row, true)) => update(connection, run, row, came)?,
            Some(_) => {}
            None => {
                let next: i64 = connection
                    .prepare_cached("SELECT coalesce(max(position), -1) + 1 FROM snapshot_media WHERE snapshot = ?1")?
                    .query_row([snapshot], |row| row.get(0))?;
                let next = usize::try_from(next).unwrap_or(usize::MAX);
                insert(connection, run, snapshot, next, Part::Media, media, &came)?;
            }
        }
    }
    Ok(())
}

/// Writes what came of a file into its row. Where nothing was tried, what is known of it stays.
fn update(connection: &Connection, run: i64, row: i64, came: Came) -> rusqlite::Result<()> {
    if came.blob.is_none() && came.failure.is_none() {
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE snapshot_media SET blob = ?2, answered_url = ?3, failure = ?4, skipped = ?5, \
             skipped_limit_bytes = ?6, obtained = coalesce(?7, obtained), note = ?8 WHERE id = ?1",
        )?
        .execute((
            row,
            came.blob,
            came.answered_url,
            came.failure,
            came.skipped.map(|skipped| skipped.by.as_str()),
            came.skipped.map(|skipped| count(skipped.limit_bytes)),
            came.obtained.map(Obtained::as_str),
            came.note,
        ))?;
    if came.blob.is_some() { entries::add(connection, run, Kind::File, row) } else { Ok(()) }
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
