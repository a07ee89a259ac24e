//! Files whose names are signed anew in each answer: where the name is the only difference and the bytes are the stored
//! ones, the post is as it was. Most platforms sign in the query, which no digest holds; some sign in the path.

use super::{columns::At, media::Files};
use crate::model::{Post, Via};
use rusqlite::{Connection, OptionalExtension};

/// The newest snapshot of this rung (until an instant, where there is one), if it differs from `content` in the paths
/// of files alone, and each such file has the stored bytes. A file that could not be had, then or now, speaks for no change:
/// else a film over a limit would be an edit at each look. Where no files are wanted, their paths are all that is known.
pub(super) fn equal_but_for_paths(
    connection: &Connection,
    post: i64,
    via: Via,
    until: Option<At>,
    content: &Post,
    files: &Files,
) -> rusqlite::Result<Option<i64>> {
    let newest: Option<(i64, Option<String>)> = connection
        .prepare_cached(
            "SELECT id, digest FROM snapshots WHERE post = ?1 AND via = ?2 AND (?3 IS NULL OR captured_at <= ?3) \
             ORDER BY captured_at DESC, id DESC LIMIT 1",
        )?
        .query_row((post, via.as_str(), until), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((snapshot, Some(digest))) = newest else { return Ok(None) };
    let stored: Vec<(String, Option<i64>, bool)> = connection
        .prepare_cached(
            "SELECT url, blob, failure IS NOT NULL FROM snapshot_media WHERE snapshot = ?1 AND part = 'media' AND obtained IS NOT 'yt-dlp' \
             ORDER BY position",
        )?
        .query_map([snapshot], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut renamed = content.clone();
    let own = renamed.media.iter_mut().filter(|media| media.obtained.is_none());
    let mut named_now = Vec::new();
    for (place, media) in own.enumerate() {
        let Some((url, ..)) = stored.get(place) else { return Ok(None) };
        named_now.push(media.clone());
        media.url.clone_from(url);
    }
    if named_now.len() != stored.len() || renamed.digest() != digest {
        return Ok(None);
    }
    for (now, (_, blob, failed)) in named_now.iter().zip(&stored).filter(|(now, (url, ..))| now.url != *url) {
        let is_the_same = match (files.blob(connection, now)?, blob) {
            (Some(now), Some(then)) => now == *then,
            (None, Some(_)) => true,
            (_, None) => *failed,
        };
        if !is_the_same {
            return Ok(None);
        }
    }
    Ok(Some(snapshot))
}
