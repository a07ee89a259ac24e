//! Makes one film of the pieces of a stream: the coded pictures and sounds are carried over as they are, from MPEG
//! transport streams, fragments of MP4 and bare AAC into one MP4 with one index, which browsers play from a file.
//!
//! Our own, because the crates that do it (judged in November 2026) are either young and break with every release
//! (`transmux`), write only (`muxide`), read only one of the two (`mp4`, `mpeg2ts`), or hold the film in memory several
//! times. Here samples stay in a file; memory holds their sizes and times. What is not known here is an error that says
//! so, for `ffmpeg` to try.
//!
//! `boxes` reads and writes ISO boxes, `fragments` reads fMP4, `transport` MPEG-TS, `aac` bare AAC, `avc` H.264's
//! parameters, `timeline` keeps time over gaps, `mp4` writes.

mod aac;
mod avc;
mod boxes;
mod fragments;
mod mp4;
mod timeline;
mod transport;

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
};

pub(in crate::pipeline::media) use mp4::duration_ms;

/// Samples of one film: twelve hours at sixty pictures a second, with sound.
const MAX_SAMPLES: usize = 6_000_000;

/// Bytes of one piece that are held at once.
pub(super) const MAX_PIECE_BYTES: u64 = 256 << 20;

/// Why pieces did not become a film.
#[derive(Debug, thiserror::Error)]
pub(in crate::pipeline::media) enum JoinError {
    /// A codec or form that is not known here; `ffmpeg` may know it.
    #[error("{0}")]
    Unsupported(String),
    /// The pieces are not whole, or not what they should be.
    #[error("{0}")]
    Broken(String),
    /// A file of our own could not be read or written.
    #[error("a temporary file: {0}")]
    Io(#[from] io::Error),
}

/// One segment of a stream, as it stands in the file of pieces.
#[derive(Clone, Debug)]
pub(in crate::pipeline::media) struct Piece {
    /// Where its bytes are.
    pub(in crate::pipeline::media) place: Range<u64>,
    /// Where the bytes are that say how to read it (EXT-X-MAP).
    pub(in crate::pipeline::media) map: Option<Range<u64>>,
    /// Time begins anew with it.
    pub(in crate::pipeline::media) discontinuity: bool,
}

/// A film or sound that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline::media) struct Joined {
    /// Its length, in milliseconds.
    pub(in crate::pipeline::media) duration_ms: u64,
}

/// Joins the pieces of a stream, and those of its separate sound, into one MP4 at `out`. `pieces` is the file in which
/// they stand; `spare` is an empty one to work in.
pub(in crate::pipeline::media) fn join(
    pieces: &mut File,
    main: &[Piece],
    sound: Option<&[Piece]>,
    spare: &mut File,
    out: &mut File,
) -> Result<Joined, JoinError> {
    let mut film = Film { tracks: Vec::new(), samples: 0 };
    let mut tracks = film.read(pieces, main, spare, "stream")?;
    if let Some(sound) = sound {
        let other = film.read(pieces, sound, spare, "sound")?;
        tracks.retain(|track| track.kind == Kind::Video);
        tracks.extend(other.into_iter().filter(|track| track.kind == Kind::Audio));
    }
    tracks.retain(|track| !track.samples.is_empty());
    // One of each: a browser plays the first, and more would only make the file larger.
    for kind in [Kind::Video, Kind::Audio] {
        let first = tracks.iter().position(|track| track.kind == kind);
        if let Some(at) = first {
            film.tracks.push(tracks.swap_remove(at));
            tracks.retain(|track| track.kind != kind);
        }
    }
    if film.tracks.is_empty() {
        return Err(JoinError::Unsupported("neither pictures nor sound that can be carried over".to_owned()));
    }
    Ok(Joined { duration_ms: mp4::write(&film.tracks, pieces, spare, out)? })
}

struct Film {
    tracks: Vec<Track>,
    samples: usize,
}

impl Film {
    /// The tracks of one list of pieces, in whichever form they are.
    fn read(
        &mut self,
        pieces: &mut File,
        list: &[Piece],
        spare: &mut File,
        name: &str,
    ) -> Result<Vec<Track>, JoinError> {
        let Some(first) = list.first() else { return Err(JoinError::Broken(format!("the {name} has no pieces"))) };
        let head = bytes(pieces, &(first.place.start..first.place.end.min(first.place.start + 4096)))?;
        let tracks = if first.map.is_some() || boxes::begins_with_box(&head) {
            fragments::read(pieces, list)?
        } else if crate::media_type::of(&head) == Some(crate::media_type::TRANSPORT_STREAM) {
            transport::read(pieces, list, spare)?
        } else if aac::is_bare(&head) {
            vec![aac::read(pieces, list)?]
        } else {
            return Err(JoinError::Unsupported(format!("the {name} is neither MP4 nor MPEG-TS nor AAC")));
        };
        self.samples += tracks.iter().map(|track| track.samples.len()).sum::<usize>();
        if self.samples > MAX_SAMPLES {
            return Err(JoinError::Broken(format!("more than {MAX_SAMPLES} samples")));
        }
        Ok(tracks)
    }
}

/// What a track is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Video,
    Audio,
}

/// In which file a sample's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Pieces,
    Spare,
}

/// One coded picture, or one frame of sound.
#[derive(Clone, Copy, Debug)]
struct Sample {
    offset: u64,
    size: u32,
    /// When it is decoded, in units of its track.
    decoded_at: i64,
    /// How much later it is shown.
    shown_after: i32,
    duration: u32,
    /// Playing can begin here.
    sync: bool,
}

/// One track, its samples in the order of decoding.
#[derive(Debug)]
struct Track {
    kind: Kind,
    /// Units of time in a second.
    timescale: u32,
    /// How to decode it: a whole sample entry, such as `avc1`.
    entry: Vec<u8>,
    width_px: u32,
    height_px: u32,
    /// What is cut off at the beginning (an encoder's lead-in), in its units.
    lead_in: i64,
    source: Source,
    samples: Vec<Sample>,
}

impl Track {
    /// Units from the first sample to the end of the last.
    fn duration(&self) -> i64 {
        let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) else { return 0 };
        last.decoded_at + i64::from(last.duration) - first.decoded_at
    }
}

/// A part of a file.
fn bytes(file: &mut File, place: &Range<u64>) -> Result<Vec<u8>, JoinError> {
    let size = place.end.saturating_sub(place.start);
    if size > MAX_PIECE_BYTES {
        return Err(JoinError::Unsupported(format!("a piece of more than {MAX_PIECE_BYTES} bytes")));
    }
    file.seek(SeekFrom::Start(place.start))?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
