//! Writes an MP4 with one index at its beginning (ISO/IEC 14496-12, 8): what every browser plays and seeks in.

use super::{
    JoinError, Kind, Source, Track,
    boxes::{Writer, all, first, inside, u32_at, u64_at},
};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
};

/// Units of the film's own time in a second.
const TIMESCALE: u32 = 1000;

/// Sound and pictures take turns in the file about this often, in milliseconds.
const CHUNK_MS: i64 = 1000;

/// The index of a file that others made is not read beyond this many bytes.
const MAX_INDEX_BYTES: u64 = 64 << 20;

/// Samples that stand one behind the other in the file.
struct Chunk {
    track: usize,
    first: usize,
    count: usize,
    start_ms: i64,
    offset: u32,
}

/// Writes the film, and says how long it is, in milliseconds.
pub(super) fn write(tracks: &[Track], pieces: &mut File, spare: &mut File, out: &mut File) -> Result<u64, JoinError> {
    let mut chunks = chunks(tracks);
    let begins = begins_ms(tracks);
    // The index has the same size whatever its offsets are.
    let head = head(tracks, &chunks, &begins).0.len();
    let mut offset = u32::try_from(head + 8).unwrap_or(u32::MAX);
    let mut data_bytes = 8_u32;
    for chunk in &mut chunks {
        chunk.offset = offset;
        for sample in samples(tracks, chunk) {
            let sum = offset.checked_add(sample.size).zip(data_bytes.checked_add(sample.size));
            let Some(sum) = sum else { return Err(JoinError::Unsupported("a film of more than 4 GB".to_owned())) };
            (offset, data_bytes) = sum;
        }
    }
    let head = self::head(tracks, &chunks, &begins).0;
    let mut out = BufWriter::new(out);
    out.write_all(&head)?;
    out.write_all(&data_bytes.to_be_bytes())?;
    out.write_all(b"mdat")?;
    for chunk in &chunks {
        let file = match tracks[chunk.track].source {
            Source::Pieces => &mut *pieces,
            Source::Spare => &mut *spare,
        };
        copy(samples(tracks, chunk).map(|sample| (sample.offset, u64::from(sample.size))), file, &mut out)?;
    }
    out.flush()?;
    Ok(u64::try_from(film_ms(tracks, &begins)).unwrap_or(0))
}

fn samples<'a>(tracks: &'a [Track], chunk: &Chunk) -> impl Iterator<Item = &'a super::Sample> {
    tracks[chunk.track].samples[chunk.first..chunk.first + chunk.count].iter()
}

/// Copies ranges of a file, those that touch in one go.
fn copy(ranges: impl Iterator<Item = (u64, u64)>, from: &mut File, to: &mut impl Write) -> Result<(), JoinError> {
    let mut one = |start: u64, size: u64| -> Result<(), JoinError> {
        from.seek(SeekFrom::Start(start))?;
        let copied = io::copy(&mut Read::take(&*from, size), to)?;
        if copied == size { Ok(()) } else { Err(JoinError::Broken("a sample is cut off".to_owned())) }
    };
    let mut open: Option<(u64, u64)> = None;
    for (start, size) in ranges {
        match &mut open {
            Some((begun, length)) if *begun + *length == start => *length += size,
            _ => {
                if let Some((begun, length)) = open.replace((start, size)) {
                    one(begun, length)?;
                }
            }
        }
    }
    open.map_or(Ok(()), |(start, size)| one(start, size))
}

/// Each track cut into pieces of about a second, in the order of time.
fn chunks(tracks: &[Track]) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        let first_at = track.samples.first().map_or(0, |sample| sample.decoded_at);
        let mut last_turn = None;
        for (n, sample) in track.samples.iter().enumerate() {
            let ms = scaled(sample.decoded_at - first_at, track.timescale, TIMESCALE);
            let turn = ms / CHUNK_MS;
            match chunks.last_mut().filter(|_| last_turn == Some(turn)) {
                Some(chunk) => chunk.count += 1,
                None => chunks.push(Chunk { track: number, first: n, count: 1, start_ms: ms, offset: 0 }),
            }
            last_turn = Some(turn);
        }
    }
    chunks.sort_by_key(|chunk| (chunk.start_ms / CHUNK_MS, chunk.track, chunk.first));
    chunks
}

/// When each track's first sample is decoded on the film's own time, in units of the track: what comes first is at 0.
fn begins_ms(tracks: &[Track]) -> Vec<i64> {
    let shown = |track: &Track| {
        let earliest = track.samples.iter().take(64).map(|s| s.decoded_at + i64::from(s.shown_after)).min();
        earliest.unwrap_or(0) - track.lead_in
    };
    let base = tracks.iter().map(|track| scaled(shown(track), track.timescale, 1_000_000)).min().unwrap_or(0);
    // An encoder's lead-in stands before the film's beginning, and is cut off as the stream says.
    let base = if (-500_000..0).contains(&base) { 0 } else { base };
    let first = |track: &Track| track.samples.first().map_or(0, |sample| sample.decoded_at);
    tracks.iter().map(|track| first(track) - track.lead_in - scaled(base, 1_000_000, track.timescale)).collect()
}

fn film_ms(tracks: &[Track], begins: &[i64]) -> i64 {
    let ends =
        tracks.iter().zip(begins).map(|(track, begin)| scaled(track.duration() + begin, track.timescale, TIMESCALE));
    ends.max().unwrap_or(0)
}

/// Everything before the samples.
fn head(tracks: &[Track], chunks: &[Chunk], begins: &[i64]) -> Writer {
    let mut out = Writer::new();
    out.boxed(b"ftyp", |out| {
        out.raw(b"isom");
        out.u32(512);
        out.raw(b"isomiso2mp41");
    });
    let long = u32::try_from(film_ms(tracks, begins)).unwrap_or(u32::MAX);
    out.boxed(b"moov", |out| {
        out.full(b"mvhd", 0, 0, |out| {
            out.raw(&[0; 8]);
            out.u32(TIMESCALE);
            out.u32(long);
            out.u32(0x0001_0000);
            out.u16(0x0100);
            out.raw(&[0; 10]);
            matrix(out);
            out.raw(&[0; 24]);
            out.u32(u32::try_from(tracks.len() + 1).unwrap_or(u32::MAX));
        });
        for (number, track) in tracks.iter().enumerate() {
            out.boxed(b"trak", |out| trak(out, number, track, chunks, begins[number]));
        }
    });
    out
}

fn matrix(out: &mut Writer) {
    for value in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
        out.u32(value);
    }
}

fn trak(out: &mut Writer, number: usize, track: &Track, chunks: &[Chunk], begin: i64) {
    // A beginning after that of the film is an empty edit; one before it is cut off.
    let wait_ms = scaled(begin.max(0), track.timescale, TIMESCALE);
    let cut = (-begin).clamp(0, track.duration());
    let edit_ms = scaled(track.duration() - cut, track.timescale, TIMESCALE);
    let short = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
    out.full(b"tkhd", 0, 3, |out| {
        out.raw(&[0; 8]);
        out.u32(u32::try_from(number + 1).unwrap_or(u32::MAX));
        out.u32(0);
        out.u32(short(wait_ms + edit_ms));
        out.raw(&[0; 8]);
        out.u32(0);
        out.u16(if track.kind == Kind::Audio { 0x0100 } else { 0 });
        out.u16(0);
        matrix(out);
        out.u32(track.width_px.min(0xffff) << 16);
        out.u32(track.height_px.min(0xffff) << 16);
    });
    out.boxed(b"edts", |out| {
        out.full(b"elst", 0, 0, |out| {
            out.u32(1 + u32::from(wait_ms > 0));
            if wait_ms > 0 {
                out.u32(short(wait_ms));
                out.u32(u32::MAX);
                out.u32(0x0001_0000);
            }
            out.u32(short(edit_ms));
            out.u32(short(cut));
            out.u32(0x0001_0000);
        });
    });
    out.boxed(b"mdia", |out| {
        out.full(b"mdhd", 1, 0, |out| {
            out.raw(&[0; 16]);
            out.u32(track.timescale);
            out.u64(u64::try_from(track.duration()).unwrap_or(0));
            out.u16(0x55c4);
            out.u16(0);
        });
        out.full(b"hdlr", 0, 0, |out| {
            out.u32(0);
            out.raw(if track.kind == Kind::Video { b"vide" } else { b"soun" });
            out.raw(&[0; 13]);
        });
        out.boxed(b"minf", |out| {
            match track.kind {
                Kind::Video => out.full(b"vmhd", 0, 1, |out| out.raw(&[0; 8])),
                Kind::Audio => out.full(b"smhd", 0, 0, |out| out.raw(&[0; 4])),
            }
            out.boxed(b"dinf", |out| {
                out.full(b"dref", 0, 0, |out| {
                    out.u32(1);
                    out.full(b"url ", 0, 1, |_| {});
                });
            });
            out.boxed(b"stbl", |out| tables(out, number, track, chunks));
        });
    });
}

/// The sample tables.
fn tables(out: &mut Writer, number: usize, track: &Track, chunks: &[Chunk]) {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    out.full(b"stsd", 0, 0, |out| {
        out.u32(1);
        out.raw(&track.entry);
    });
    let durations = runs(track.samples.iter().map(|sample| sample.duration));
    out.full(b"stts", 0, 0, |out| {
        out.u32(count(durations.len()));
        for (samples, duration) in &durations {
            out.u32(*samples);
            out.u32(*duration);
        }
    });
    if track.samples.iter().any(|sample| sample.shown_after != 0) {
        let delays = runs(track.samples.iter().map(|sample| sample.shown_after));
        out.full(b"ctts", u8::from(delays.iter().any(|(_, delay)| *delay < 0)), 0, |out| {
            out.u32(count(delays.len()));
            for (samples, delay) in &delays {
                out.u32(*samples);
                out.u32(delay.cast_unsigned());
            }
        });
    }
    if !track.samples.iter().all(|sample| sample.sync) {
        let starts: Vec<usize> = (1..).zip(&track.samples).filter(|(_, sample)| sample.sync).map(|(n, _)| n).collect();
        out.full(b"stss", 0, 0, |out| {
            out.u32(count(starts.len()));
            starts.iter().for_each(|n| out.u32(count(*n)));
        });
    }
    let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.track == number).collect();
    out.full(b"stsc", 0, 0, |out| {
        let lengths = runs(own.iter().map(|chunk| count(chunk.count)));
        out.u32(count(lengths.len()));
        let mut first = 1;
        for (chunks, samples) in lengths {
            out.u32(first);
            out.u32(samples);
            out.u32(1);
            first += chunks;
        }
    });
    out.full(b"stsz", 0, 0, |out| {
        out.u32(0);
        out.u32(count(track.samples.len()));
        track.samples.iter().for_each(|sample| out.u32(sample.size));
    });
    out.full(b"stco", 0, 0, |out| {
        out.u32(count(own.len()));
        own.iter().for_each(|chunk| out.u32(chunk.offset));
    });
}

/// Equal values in a row, counted.
fn runs<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<(u32, T)> {
    let mut runs: Vec<(u32, T)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((count, last)) if *last == value => *count += 1,
            _ => runs.push((1, value)),
        }
    }
    runs
}

fn scaled(time: i64, from: u32, to: u32) -> i64 {
    i64::try_from(i128::from(time) * i128::from(to) / i128::from(from.max(1))).unwrap_or(i64::MAX)
}

/// How long a whole MP4 says that it is, in milliseconds; None where it has no index.
pub(in crate::pipeline::media) fn duration_ms(file: &mut File) -> io::Result<Option<u64>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 16];
        let read = file.take(16).read(&mut header)?;
        let size = match u32_at(&header, 0) {
            Some(0) => end - at,
            Some(1) => u64_at(&header, 8).unwrap_or(0),
            Some(size) => u64::from(size),
            None => 0,
        };
        if read < 8 || size < 8 || at.checked_add(size).is_none_or(|next| next > end) {
            return Ok(None);
        }
        if &header[4..8] == b"moov" {
            let mut moov = Vec::new();
            file.seek(SeekFrom::Start(at))?;
            file.take(size.min(MAX_INDEX_BYTES)).read_to_end(&mut moov)?;
            return Ok(told(&moov));
        }
        at += size;
    }
    Ok(None)
}

fn told(moov: &[u8]) -> Option<u64> {
    let found = all(moov).ok()?;
    let mvhd = inside(first(&found, b"moov")?.body, &[b"mvhd"])?;
    let (timescale, duration) = match mvhd.first()? {
        1 => (u32_at(mvhd, 20)?, u64_at(mvhd, 24)?),
        _ => (u32_at(mvhd, 12)?, u64::from(u32_at(mvhd, 16)?)),
    };
    u64::try_from(u128::from(duration) * 1000 / u128::from(timescale.max(1))).ok()
}
