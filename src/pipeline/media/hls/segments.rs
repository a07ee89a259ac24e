//! All segments of a stream, in one file on disk. Each resource is asked for once and as a whole, even where a playlist
//! names many ranges of it: one request instead of hundreds, and a recording of it replays.

use super::super::{
    super::Stop,
    remux::Piece,
    wire::{Body, Missing, Wire},
};
use super::playlist::{Part, Segment, Segments};
use futures::{StreamExt, stream};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
};
use tempfile::NamedTempFile;
use url::Url;

/// Segments under way at once.
const CONCURRENCY: usize = 2;

/// Everything that a stream names, fetched.
pub(super) struct Fetched {
    pub(super) file: NamedTempFile,
    pub(super) main: Vec<Piece>,
    pub(super) sound: Option<Vec<Piece>>,
}

/// Fetches every segment, or says why there is no film.
pub(super) async fn fetch(
    wire: Wire<'_>,
    main: Segments,
    sound: Option<Segments>,
    max_bytes: u64,
) -> Result<Fetched, Missing> {
    let mut urls: Vec<Url> = Vec::new();
    let mut places: HashMap<Url, usize> = HashMap::new();
    for segment in main.list.iter().chain(sound.iter().flat_map(|sound| &sound.list)) {
        for part in segment.map.iter().chain([&segment.part]) {
            places.entry(part.url.clone()).or_insert_with(|| {
                urls.push(part.url.clone());
                urls.len() - 1
            });
        }
    }
    let count = urls.len();
    let mut file = NamedTempFile::new()?;
    let mut ranges: Vec<Range<u64>> = Vec::with_capacity(count);
    let mut end = 0_u64;
    let bodies = urls.into_iter().map(|url| async move {
        if let Some(reason) = wire.stop.and_then(Stop::reason) {
            return Err(Missing::for_now(format!("the run was stopped ({reason})")));
        }
        wire.get(&url, max_bytes).await
    });
    let mut bodies = stream::iter(bodies).buffered(CONCURRENCY);
    while let Some(body) = bodies.next().await {
        let number = ranges.len() + 1;
        let body: Body<'_> = body.map_err(|missing| of_segment(missing, number, count))?;
        let start = end;
        end += body.bytes.len() as u64;
        if end > max_bytes {
            return Err(Missing::too_large());
        }
        if body.bytes.is_empty() {
            return Err(of_segment(Missing::for_now("it is empty"), number, count));
        }
        file.write_all(&body.bytes)?;
        ranges.push(start..end);
    }
    let place = |part: &Part| -> Result<Range<u64>, Missing> {
        let whole = places.get(&part.url).and_then(|at| ranges.get(*at)).cloned().unwrap_or(0..0);
        let Some((offset, length)) = part.range else { return Ok(whole) };
        let start = whole.start.saturating_add(offset);
        let end = start.saturating_add(length);
        if end > whole.end || length == 0 {
            return Err(Missing::for_now("a segment goes beyond the end of its file"));
        }
        Ok(start..end)
    };
    let pieces = |segments: &[Segment]| -> Result<Vec<Piece>, Missing> {
        let piece = |segment: &Segment| {
            let map = segment.map.as_ref().map(&place).transpose()?;
            Ok(Piece { place: place(&segment.part)?, map, discontinuity: segment.discontinuity })
        };
        segments.iter().map(piece).collect()
    };
    let (main, sound) = (pieces(&main.list)?, sound.map(|sound| pieces(&sound.list)).transpose()?);
    Ok(Fetched { file, main, sound })
}

/// A missing segment is told with its number. It is never for good: the others are there.
fn of_segment(missing: Missing, number: usize, count: usize) -> Missing {
    if missing.over {
        return missing;
    }
    let reason = format!("segment {number} of {count}: {}", missing.reason);
    Missing { reason, passing: true, over: false }
}

impl Fetched {
    /// Writes the main stream as one file: what says how to read it where it changes, and every piece.
    pub(super) fn write_main(&self, out: &mut File) -> io::Result<()> {
        write(&self.file, &self.main, out)
    }

    /// Writes the separate sound.
    pub(super) fn write_sound(&self, out: &mut File) -> io::Result<()> {
        write(&self.file, self.sound.as_deref().unwrap_or_default(), out)
    }
}

fn write(file: &NamedTempFile, pieces: &[Piece], out: &mut File) -> io::Result<()> {
    let mut from = file.reopen()?;
    let mut map = None;
    for piece in pieces {
        let changed = (piece.map != map).then(|| piece.map.clone()).flatten();
        map.clone_from(&piece.map);
        for place in changed.iter().chain([&piece.place]) {
            from.seek(SeekFrom::Start(place.start))?;
            io::copy(&mut Read::take(&from, place.end - place.start), out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fetch::Transport,
        http::{Exchange, Request},
    };
    use futures::future::BoxFuture;
    use tokio::sync::Semaphore;

    struct Unreachable;

    impl Transport for Unreachable {
        fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
            panic!("{} was asked for after the end", request.url)
        }
    }

    #[tokio::test]
    async fn a_stream_is_left_where_the_run_ends_and_is_due_again() {
        let (stop, large) = (Stop::after(None), Semaphore::new(1));
        let _ = stop.signal();
        let wire = Wire { transport: &Unreachable, large: &large, stop: Some(&stop) };
        let url = Url::parse("https://films.example/list.m3u8").unwrap();
        let list = b"#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\none.ts\n#EXTINF:6,\ntwo.ts\n#EXT-X-ENDLIST\n";
        let Ok(super::super::Playlist::Segments(main)) = super::super::playlist::read(list, &url) else {
            panic!("a list of segments")
        };
        let missing = fetch(wire, main, None, 1000).await.err().unwrap();
        assert!(missing.passing && missing.reason.ends_with("the run was stopped (signal)"), "{missing:?}");
    }
}
