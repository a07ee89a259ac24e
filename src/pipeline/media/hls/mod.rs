//! Films that come as a stream of segments: the best variant within the limits is fetched whole, and joined into one
//! file that a browser plays from disk. A film with a segment missing is no film: it is tried again later.
//!
//! `playlist` reads and judges, `segments` fetches, `ffmpeg` is asked where our own joining (`remux`) can't.

mod ffmpeg;
mod playlist;
mod segments;

use super::{
    Tools,
    remux::{self, JoinError, Joined},
    wire::{Missing, Wire, spooled},
};
use crate::{
    model::Obtained,
    store::{FileBytes, MediaFile},
};
use playlist::{MAX_PLAYLIST_BYTES, Playlist, Segments, Variant};
use segments::Fetched;
use std::fs::File;
use tempfile::NamedTempFile;
use url::Url;

/// Variants that are tried where one after the other turns out to be too large.
const MAX_TRIES: usize = 6;

/// A variant is not begun where its rate says that it is this many times over the limit: rates are rough.
const TOO_LARGE_FOR_SURE: u64 = 2;

/// How much a film may be shorter than its playlist says: clocks and rounding.
const MAX_SHORTER_MS: u64 = 2000;

/// What is wanted of a stream.
#[derive(Clone, Copy)]
pub(super) struct Want<'a> {
    pub(super) max_lines_px: u32,
    pub(super) max_bytes: u64,
    pub(super) tools: &'a Tools,
}

/// Fetches the film of a playlist that has just come from `url`.
pub(super) async fn fetch(wire: Wire<'_>, url: &Url, body: Vec<u8>, want: Want<'_>) -> Result<MediaFile, Missing> {
    let variants = match read(url.clone(), body).await? {
        Playlist::Segments(main) => return one(wire, url, main, None, want).await,
        Playlist::Variants(variants) => playlist::by_preference(variants, want.max_lines_px),
    };
    let mut first: Option<Missing> = None;
    for variant in variants.iter().take(MAX_TRIES) {
        match self::variant(wire, variant, want).await {
            Ok(mut file) => {
                if first.as_ref().is_some_and(|missing| missing.over) {
                    file.note = Some("a smaller variant: larger ones are over the limit".to_owned());
                }
                return Ok(file);
            }
            // Another try may bring this one, which is the best.
            Err(missing) if missing.passing => return Err(missing),
            Err(missing) => {
                first.get_or_insert(missing);
            }
        }
    }
    Err(first.unwrap_or_else(|| Missing::for_good("a playlist without a film")))
}

/// One variant, with its separate sound.
async fn variant(wire: Wire<'_>, variant: &Variant, want: Want<'_>) -> Result<MediaFile, Missing> {
    let main = list(wire, &variant.url).await?;
    let rate = variant.average.unwrap_or(variant.bandwidth / TOO_LARGE_FOR_SURE);
    if rate.saturating_mul(main.duration_ms) / 8000 > want.max_bytes {
        return Err(Missing::too_large());
    }
    let sound = match &variant.sound {
        Some(url) if *url != variant.url => Some(list(wire, url).await?),
        _ => None,
    };
    one(wire, &variant.url, main, sound, want).await
}

/// The segments that a playlist names; a playlist of playlists has none.
async fn list(wire: Wire<'_>, url: &Url) -> Result<Segments, Missing> {
    let body = wire.get(url, MAX_PLAYLIST_BYTES).await.map_err(|missing| Missing {
        reason: format!("a playlist of it: {}", missing.reason),
        over: false,
        ..missing
    })?;
    match read(body.url, body.bytes).await? {
        Playlist::Segments(segments) => Ok(segments),
        Playlist::Variants(_) => Err(Missing::for_good("a playlist of playlists of playlists")),
    }
}

/// Reads a playlist. Elsewhere, so that whatever it does to its reader ends with it.
async fn read(url: Url, body: Vec<u8>) -> Result<Playlist, Missing> {
    if body.len() as u64 > MAX_PLAYLIST_BYTES {
        return Err(Missing::for_good("a playlist too large to read"));
    }
    let read = tokio::task::spawn_blocking(move || playlist::read(&body, &url)).await;
    read.unwrap_or_else(|_| Err("a playlist that cannot be read".to_owned())).map_err(Missing::for_good)
}

/// Fetches and joins one variant.
async fn one(
    wire: Wire<'_>,
    url: &Url,
    main: Segments,
    sound: Option<Segments>,
    want: Want<'_>,
) -> Result<MediaFile, Missing> {
    let told_ms = main.duration_ms;
    let fetched = segments::fetch(wire, main, sound, want.max_bytes).await?;
    let joining = tokio::task::spawn_blocking(move || join(fetched)).await;
    let (fetched, joined) =
        joining.map_err(|error| Missing::for_good(format!("joining its segments failed: {error}")))?;
    let file = |bytes: FileBytes, obtained, note| MediaFile {
        bytes,
        mime: Some("video/mp4".to_owned()),
        url: url.to_string(),
        obtained: Some(obtained),
        note,
    };
    match joined {
        Ok((film, joined)) => {
            whole(joined.duration_ms, told_ms)?;
            Ok(file(spooled(film)?, Obtained::Joined, None))
        }
        Err(JoinError::Io(error)) => Err(error.into()),
        // What the server sent is not whole: it may be so tomorrow.
        Err(JoinError::Broken(reason)) => Err(Missing::for_now(format!("its segments make no whole film: {reason}"))),
        Err(JoinError::Unsupported(reason)) => {
            let Some(program) = &want.tools.ffmpeg else { return unjoined(&fetched, &reason, file) };
            match ffmpeg::join(program, &fetched, want.max_bytes).await {
                Ok((film, duration_ms)) => {
                    whole(duration_ms, told_ms)?;
                    Ok(file(spooled(film)?, Obtained::Ffmpeg, None))
                }
                Err(missing) if missing.over => Err(missing),
                Err(missing) => unjoined(&fetched, &format!("{reason}; ffmpeg: {}", missing.reason), file),
            }
        }
    }
}

/// Joins in Rust.
#[allow(clippy::type_complexity, reason = "the pieces come back for whoever tries next")]
fn join(mut fetched: Fetched) -> (Fetched, Result<(NamedTempFile, Joined), JoinError>) {
    let film = (|| {
        let mut spare = tempfile::tempfile()?;
        let film = NamedTempFile::new()?;
        let mut out: File = film.reopen()?;
        let sound = fetched.sound.as_deref();
        let joined = remux::join(fetched.file.as_file_mut(), &fetched.main, sound, &mut spare, &mut out)?;
        Ok((film, joined))
    })();
    (fetched, film)
}

/// The film must be as long as its playlist says.
fn whole(duration_ms: u64, told_ms: u64) -> Result<(), Missing> {
    if duration_ms.saturating_add(MAX_SHORTER_MS + told_ms / 20) < told_ms {
        return Err(Missing::for_now(format!("only {duration_ms} ms of {told_ms} ms came")));
    }
    Ok(())
}

/// The segments one behind the other, where nothing here makes an MP4 of them: kept, and said to be what it is.
fn unjoined(
    fetched: &Fetched,
    reason: &str,
    file: impl FnOnce(FileBytes, Obtained, Option<String>) -> MediaFile,
) -> Result<MediaFile, Missing> {
    if fetched.sound.is_some() {
        return Err(Missing::for_good(format!("its pictures and its sound could not be joined: {reason}")));
    }
    let kind = crate::media_type::TRANSPORT_STREAM;
    let mut film = NamedTempFile::new()?;
    fetched.write_main(film.as_file_mut())?;
    let note = format!("every segment as it came, which a browser may not play: {reason}");
    Ok(MediaFile { mime: Some(kind.to_owned()), ..file(spooled(film)?, Obtained::Joined, Some(note)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_shorter_than_its_playlist_is_none() {
        assert!(whole(60_000, 60_100).is_ok());
        assert!(whole(57_000, 60_000).is_ok(), "targets are rounded up");
        assert!(whole(6_000, 60_000).unwrap_err().passing);
        assert!(whole(1_000, 6_000).is_err());
    }
}
