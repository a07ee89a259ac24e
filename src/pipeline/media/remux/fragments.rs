//! Reads fragmented MP4 (ISO/IEC 14496-12, 8.8): where each sample is, and when. Whatever codec it is, it is carried over.

use super::{
    JoinError, Kind, MAX_SAMPLES, Piece, Sample, Source, Track,
    boxes::{self, all, first, inside, u32_at, u64_at},
    bytes,
    timeline::Timeline,
};
use std::{fs::File, ops::Range};

/// Bytes of what says how to read the fragments.
const MAX_MAP_BYTES: u64 = 8 << 20;

/// Times of fragments end here, in units of their track: as many as a double counts exactly.
const MAX_TIME: i64 = 1 << 53;

/// A track that is being read.
struct Open {
    id: u32,
    track: Track,
    defaults: Defaults,
    timeline: Timeline,
    /// The end of the last sample, on the stream's own clock.
    next: Option<i64>,
}

/// What holds for samples that say nothing of it.
#[derive(Clone, Copy, Default)]
struct Defaults {
    duration: u32,
    size: u32,
    flags: u32,
}

/// Reads all pieces. Samples stay where they are.
pub(super) fn read(file: &mut File, list: &[Piece]) -> Result<Vec<Track>, JoinError> {
    let mut open: Vec<Open> = Vec::new();
    let mut map: Option<Range<u64>> = None;
    let mut samples = 0;
    for piece in list {
        if piece.map.is_some() && piece.map != map {
            map.clone_from(&piece.map);
            if let Some(place) = &map {
                if place.end - place.start > MAX_MAP_BYTES {
                    return Err(JoinError::Broken("what says how to read the stream is too large".to_owned()));
                }
                begin(&mut open, &bytes(file, place)?)?;
            }
        }
        if piece.discontinuity {
            open.iter_mut().for_each(|open| open.timeline.begin_anew());
        }
        let bytes = bytes(file, &piece.place)?;
        let found = all(&bytes)?;
        if first(&found, b"moov").is_some() {
            // Each piece may say for itself how it is read.
            begin(&mut open, &bytes)?;
        }
        let mut fragments = 0;
        for one in found.iter().filter(|found| &found.name == b"moof") {
            fragments += 1;
            samples += fragment(&mut open, one, &bytes, piece.place.start)?;
            if samples > MAX_SAMPLES {
                return Err(JoinError::Broken(format!("more than {MAX_SAMPLES} samples")));
            }
        }
        if fragments == 0 {
            return Err(match first(&found, b"mdat") {
                Some(_) => JoinError::Unsupported("a whole film instead of fragments of one".to_owned()),
                None => JoinError::Broken("a piece of the stream holds no pictures and no sound".to_owned()),
            });
        }
    }
    Ok(open.into_iter().map(|open| open.track).collect())
}

/// Reads `moov`. Behind an interruption it must say the same as before.
fn begin(open: &mut Vec<Open>, bytes: &[u8]) -> Result<(), JoinError> {
    let broken = || JoinError::Broken("what says how to read the stream cannot be read".to_owned());
    let found = all(bytes)?;
    let moov = first(&found, b"moov").ok_or_else(broken)?;
    let inside_moov = all(moov.body)?;
    let mut tracks = Vec::new();
    for trak in inside_moov.iter().filter(|found| &found.name == b"trak") {
        tracks.extend(track(trak.body)?);
    }
    for extends in inside(moov.body, &[b"mvex"]).map(all).transpose()?.unwrap_or_default() {
        if &extends.name == b"trex"
            && let Some(id) = u32_at(extends.body, 4)
            && let Some(open) = tracks.iter_mut().find(|open: &&mut Open| open.id == id)
        {
            let field = |at| u32_at(extends.body, at).unwrap_or_default();
            open.defaults = Defaults { duration: field(12), size: field(16), flags: field(20) };
        }
    }
    if tracks.is_empty() {
        return Err(broken());
    }
    if open.is_empty() {
        *open = tracks;
        return Ok(());
    }
    let same = tracks.iter().all(|new| {
        open.iter().any(|old| {
            old.id == new.id && old.track.entry == new.track.entry && old.track.timescale == new.track.timescale
        })
    });
    if same { Ok(()) } else { Err(JoinError::Unsupported("a stream whose form changes on the way".to_owned())) }
}

/// One `trak`; None for subtitles and the like.
fn track(trak: &[u8]) -> Result<Option<Open>, JoinError> {
    let broken = || JoinError::Broken("a track of the stream cannot be read".to_owned());
    let kind = match inside(trak, &[b"mdia", b"hdlr"]).and_then(|hdlr| hdlr.get(8..12)).ok_or_else(broken)? {
        b"vide" => Kind::Video,
        b"soun" => Kind::Audio,
        _ => return Ok(None),
    };
    let tkhd = inside(trak, &[b"tkhd"]).ok_or_else(broken)?;
    let is_long = tkhd.first() == Some(&1);
    let id = u32_at(tkhd, if is_long { 20 } else { 12 }).ok_or_else(broken)?;
    let px = |at: usize| u32_at(tkhd, at + if is_long { 12 } else { 0 }).map_or(0, |fixed| fixed >> 16);
    let mdhd = inside(trak, &[b"mdia", b"mdhd"]).ok_or_else(broken)?;
    let timescale = u32_at(mdhd, if mdhd.first() == Some(&1) { 20 } else { 12 }).ok_or_else(broken)?;
    let stsd = inside(trak, &[b"mdia", b"minf", b"stbl", b"stsd"]).ok_or_else(broken)?;
    let entry = *all(stsd.get(8..).unwrap_or_default())?.first().ok_or_else(broken)?;
    if matches!(&entry.name, b"encv" | b"enca") {
        return Err(JoinError::Unsupported("an encrypted stream".to_owned()));
    }
    let track = Track {
        kind,
        timescale: timescale.max(1),
        entry: entry.whole.to_vec(),
        width_px: px(76),
        height_px: px(80),
        lead_in: lead_in(trak),
        source: Source::Pieces,
        samples: Vec::new(),
    };
    let timeline = Timeline::new(timescale);
    Ok(Some(Open { id, track, defaults: Defaults::default(), timeline, next: None }))
}

/// Where the first edit of a track begins.
fn lead_in(trak: &[u8]) -> i64 {
    let Some(elst) = inside(trak, &[b"edts", b"elst"]) else { return 0 };
    let count = u32_at(elst, 4).unwrap_or(0).min(8) as usize;
    let starts = (0..count).filter_map(|n| match elst.first() {
        Some(1) => u64_at(elst, 16 + n * 20).map(u64::cast_signed),
        _ => u32_at(elst, 12 + n * 12).map(|start| i64::from(start.cast_signed())),
    });
    starts.into_iter().find(|start| *start >= 0).unwrap_or(0).min(1 << 40)
}

/// Reads one `moof`: how many samples it names.
fn fragment(open: &mut [Open], moof: &boxes::Box<'_>, piece: &[u8], piece_start: u64) -> Result<usize, JoinError> {
    let mut count = 0;
    let mut data_end = moof.start;
    for traf in all(moof.body)?.iter().filter(|found| &found.name == b"traf") {
        let parts = all(traf.body)?;
        let broken = || JoinError::Broken("a fragment of the stream cannot be read".to_owned());
        let tfhd = first(&parts, b"tfhd").ok_or_else(broken)?.body;
        let flags = u32_at(tfhd, 0).ok_or_else(broken)? & 0x00ff_ffff;
        let id = u32_at(tfhd, 4).ok_or_else(broken)?;
        let mut at = 8;
        let mut field = |bit: u32, wide: usize| {
            (flags & bit != 0).then(|| {
                at += wide;
                at - wide
            })
        };
        let (base, _, duration, size, sample_flags) =
            (field(0x1, 8), field(0x2, 4), field(0x8, 4), field(0x10, 4), field(0x20, 4));
        let base = match base.and_then(|at| u64_at(tfhd, at)) {
            Some(base) => usize::try_from(base).map_err(|_| broken())?,
            None if flags & 0x0002_0000 != 0 || data_end == moof.start => moof.start,
            None => data_end,
        };
        let Some(open) = open.iter_mut().find(|open| open.id == id) else { continue };
        let given = |at: Option<usize>, default: u32| at.and_then(|at| u32_at(tfhd, at)).unwrap_or(default);
        let defaults = Defaults {
            duration: given(duration, open.defaults.duration),
            size: given(size, open.defaults.size),
            flags: given(sample_flags, open.defaults.flags),
        };
        let decoded = first(&parts, b"tfdt").and_then(|tfdt| match tfdt.body.first() {
            Some(1) => u64_at(tfdt.body, 4).map(u64::cast_signed),
            _ => u32_at(tfdt.body, 4).map(i64::from),
        });
        let clock = decoded.or(open.next).unwrap_or(0);
        if !(0..MAX_TIME).contains(&clock) {
            return Err(JoinError::Broken("a fragment of a time that cannot be".to_owned()));
        }
        let mut run = Run { data: base, clock, at: open.timeline.place(clock), piece, piece_start };
        // Rounding of clocks must not make samples overlap.
        if let Some(last) = open.track.samples.last() {
            run.at = run.at.max(last.decoded_at + 1);
        }
        if let Some(last) = open.track.samples.last_mut()
            && let Ok(lasted) = u32::try_from(run.at - last.decoded_at)
        {
            last.duration = lasted;
        }
        for trun in parts.iter().filter(|found| &found.name == b"trun") {
            count += run.read(open, trun.body, base, defaults)?;
        }
        open.next = Some(run.clock);
        open.timeline.reach(run.at);
        data_end = run.data;
    }
    Ok(count)
}

/// Where reading of a track's samples stands.
struct Run<'a> {
    data: usize,
    clock: i64,
    at: i64,
    piece: &'a [u8],
    piece_start: u64,
}

impl Run<'_> {
    fn read(&mut self, open: &mut Open, trun: &[u8], base: usize, defaults: Defaults) -> Result<usize, JoinError> {
        let broken = || JoinError::Broken("a run of samples is cut off".to_owned());
        let head = u32_at(trun, 0).ok_or_else(broken)?;
        let (version, flags) = (head >> 24, head & 0x00ff_ffff);
        let count = u32_at(trun, 4).ok_or_else(broken)? as usize;
        let mut at = 8;
        if flags & 0x1 != 0 {
            let offset = u32_at(trun, at).ok_or_else(broken)?.cast_signed();
            self.data = usize::try_from(base as i64 + i64::from(offset)).map_err(|_| broken())?;
            at += 4;
        }
        let first_flags = if flags & 0x4 == 0 { None } else { u32_at(trun, at) };
        at += if flags & 0x4 == 0 { 0 } else { 4 };
        let wide = [0x100, 0x200, 0x400, 0x800].iter().filter(|bit| flags & **bit != 0).count() * 4;
        // A count that the box has no room for would be a lie; one without fields is bounded by the data below.
        if wide > 0 && trun.len().saturating_sub(at) / wide < count || count > MAX_SAMPLES {
            return Err(broken());
        }
        for n in 0..count {
            let mut next = |bit: u32| {
                (flags & bit != 0).then(|| {
                    at += 4;
                    u32_at(trun, at - 4).unwrap_or_default()
                })
            };
            let duration = next(0x100).unwrap_or(defaults.duration);
            let size = next(0x200).unwrap_or(defaults.size);
            let own = next(0x400);
            let sample_flags = own.or(first_flags.filter(|_| n == 0)).unwrap_or(defaults.flags);
            let shown_after = next(0x800).unwrap_or(0);
            let end = self.data.checked_add(size as usize).filter(|end| *end <= self.piece.len());
            let Some(end) = end else {
                return Err(JoinError::Broken("samples go beyond the end of their piece".to_owned()));
            };
            open.track.samples.push(Sample {
                offset: self.piece_start + self.data as u64,
                size,
                decoded_at: self.at,
                shown_after: if version == 0 {
                    i32::try_from(shown_after).unwrap_or(0)
                } else {
                    shown_after.cast_signed()
                },
                duration,
                // `sample_is_non_sync_sample` (8.8.3.1).
                sync: sample_flags & 0x0001_0000 == 0,
            });
            self.data = end;
            self.clock += i64::from(duration);
            self.at += i64::from(duration);
            if size == 0 && duration == 0 {
                return Err(broken());
            }
        }
        Ok(count)
    }
}
