//! Files of posts: bytes by digest, and the rows that say which snapshot names which file.

mod came;
mod skipped;

pub(super) use came::Files;

use super::{
    Store, StoreError, blobs,
    columns::{Json, count},
    entries::{self, Kind},
};
use crate::model::{Media, MediaKind, Obtained, Post};
use came::{Came, stored};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashSet;

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
