//! Reads MPEG transport streams (ISO/IEC 13818-1): H.264 pictures and AAC sound, one program.

use super::{
    JoinError, Kind, MAX_SAMPLES, Piece, Sample, Source, Track,
    aac::{self, Frames},
    avc, bytes,
    timeline::Timeline,
};
use std::{
    fs::File,
    io::{BufWriter, Seek, SeekFrom, Write},
};

/// Bytes of a packet.
const PACKET: usize = 188;

/// Units of the stream's clock in a second.
const CLOCK: u32 = 90_000;

/// Bytes of one packet of pictures or sound (PES) before it must end.
const MAX_PES_BYTES: usize = 32 << 20;

const H264: u8 = 0x1b;
const AAC: u8 = 0x0f;

/// Reads all pieces. Pictures are rewritten to `spare` as MP4 has them, sound without its headers.
pub(super) fn read(pieces: &mut File, list: &[Piece], spare: &mut File) -> Result<Vec<Track>, JoinError> {
    let end = spare.seek(SeekFrom::End(0))?;
    let mut demux = Demux {
        out: BufWriter::new(spare),
        written: end,
        program: None,
        video: None,
        audio: None,
        pictures: Pictures::default(),
        sound: Frames::new(),
        rest_of_sound: Vec::new(),
        timeline: Timeline::new(CLOCK),
    };
    for piece in list {
        let bytes = bytes(pieces, &piece.place)?;
        if bytes.is_empty() || !bytes.len().is_multiple_of(PACKET) {
            return Err(JoinError::Broken("a piece of the stream is cut off inside a packet".to_owned()));
        }
        if piece.discontinuity {
            // Behind it the streams may have other numbers, too.
            demux.flush()?;
            demux.rest_of_sound.clear();
            demux.timeline.begin_anew();
            (demux.program, demux.video, demux.audio) = (None, None, None);
        }
        for packet in bytes.chunks_exact(PACKET) {
            demux.packet(packet)?;
        }
    }
    demux.flush()?;
    demux.finish()
}

/// One elementary stream, and the packet of it that is being read.
struct Stream {
    pid: u16,
    pes: Vec<u8>,
}

#[derive(Default)]
struct Pictures {
    sps: Vec<u8>,
    pps: Vec<u8>,
    samples: Vec<Sample>,
}

struct Demux<'a> {
    out: BufWriter<&'a mut File>,
    written: u64,
    /// Where the program's map is.
    program: Option<u16>,
    video: Option<Stream>,
    audio: Option<Stream>,
    pictures: Pictures,
    sound: Frames,
    /// A frame of sound that goes on in the next packet.
    rest_of_sound: Vec<u8>,
    timeline: Timeline,
}

impl Demux<'_> {
    fn packet(&mut self, packet: &[u8]) -> Result<(), JoinError> {
        if packet[0] != 0x47 {
            return Err(JoinError::Broken("a packet of the stream does not begin as one".to_owned()));
        }
        let pid = u16::from(packet[1] & 0x1f) << 8 | u16::from(packet[2]);
        let begins = packet[1] & 0x40 != 0;
        if packet[3] & 0xc0 != 0 {
            return Err(JoinError::Unsupported("an encrypted transport stream".to_owned()));
        }
        let adaptation = if packet[3] & 0x20 == 0 { 0 } else { 1 + usize::from(packet[4]) };
        if packet[3] & 0x10 == 0 {
            return Ok(());
        }
        let Some(payload) = packet.get(4 + adaptation..) else {
            return Err(JoinError::Broken("a packet of the stream is damaged".to_owned()));
        };
        if pid == 0 && begins {
            self.program = program(payload).or(self.program);
        } else if Some(pid) == self.program && begins {
            self.map(payload)?;
        } else if self.video.as_ref().is_some_and(|stream| stream.pid == pid) {
            if begins {
                self.flush_video()?;
            }
            append(self.video.as_mut(), payload, begins)?;
        } else if self.audio.as_ref().is_some_and(|stream| stream.pid == pid) {
            if begins {
                self.flush_audio()?;
            }
            append(self.audio.as_mut(), payload, begins)?;
        }
        Ok(())
    }

    /// Reads the program's map (2.4.4.8): which streams there are.
    fn map(&mut self, payload: &[u8]) -> Result<(), JoinError> {
        let Some(section) = section(payload, 0x02) else { return Ok(()) };
        let skip = section.get(10..12).map_or(0, |b| usize::from(b[0] & 0x0f) << 8 | usize::from(b[1]));
        let mut rest = section.get(12 + skip..section.len().saturating_sub(4)).unwrap_or_default();
        while let Some(entry) = rest.get(..5) {
            let (kind, pid) = (entry[0], u16::from(entry[1] & 0x1f) << 8 | u16::from(entry[2]));
            match kind {
                H264 if self.video.is_none() => self.video = Some(Stream { pid, pes: Vec::new() }),
                AAC if self.audio.is_none() => self.audio = Some(Stream { pid, pes: Vec::new() }),
                H264 | AAC => {}
                _ => {
                    if let Some(name) = unknown(kind) {
                        return Err(JoinError::Unsupported(format!("{name} in a transport stream")));
                    }
                }
            }
            let more = usize::from(entry[3] & 0x0f) << 8 | usize::from(entry[4]);
            rest = rest.get(5 + more..).unwrap_or_default();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), JoinError> {
        self.flush_video()?;
        self.flush_audio()
    }

    fn flush_video(&mut self) -> Result<(), JoinError> {
        let Some(stream) = &mut self.video else { return Ok(()) };
        let pes = std::mem::take(&mut stream.pes);
        let Some((times, data)) = pes_times(&pes) else { return Ok(()) };
        let mut unit_count = 0_u64;
        let (mut sync, mut picture, mut parts) = (false, false, 0);
        let start = self.written;
        for unit in avc::units(data) {
            unit_count += 1;
            match avc::kind(unit) {
                7 if self.pictures.sps.is_empty() => self.pictures.sps = unit.to_vec(),
                8 if self.pictures.pps.is_empty() => self.pictures.pps = unit.to_vec(),
                7 if self.pictures.sps == unit => continue,
                8 if self.pictures.pps == unit => continue,
                9 => {
                    parts += 1;
                    continue;
                }
                5 => (sync, picture) = (true, true),
                1..=4 => picture = true,
                _ => {}
            }
            let size = u32::try_from(unit.len()).map_err(|_| JoinError::Broken("a picture too large".to_owned()))?;
            self.out.write_all(&size.to_be_bytes())?;
            self.out.write_all(unit)?;
            self.written += 4 + u64::from(size);
        }
        if parts > 1 {
            return Err(JoinError::Unsupported("several pictures in one packet".to_owned()));
        }
        let size = u32::try_from(self.written - start).map_err(|_| JoinError::Broken("a picture too large".into()))?;
        if unit_count == 0 || !picture {
            // What belongs to no picture (a filler, an end mark) goes nowhere.
            return Ok(());
        }
        let Some((shown, decoded)) = times else {
            // Without a time it goes on with the picture before it.
            if let Some(last) = self.pictures.samples.last_mut() {
                last.size = last.size.saturating_add(size);
            }
            return Ok(());
        };
        if self.pictures.samples.len() + self.sound.len() > MAX_SAMPLES {
            return Err(JoinError::Broken(format!("more than {MAX_SAMPLES} samples")));
        }
        let clock = self.timeline.unwrapped(decoded);
        let decoded_at = self.timeline.place(clock);
        let shown_after = i32::try_from((shown - decoded).rem_euclid(1 << 33)).unwrap_or(0);
        let usual = self.pictures.settle(decoded_at);
        self.timeline.reach(decoded_at + i64::from(usual));
        self.pictures.samples.push(Sample { offset: start, size, decoded_at, shown_after, duration: usual, sync });
        Ok(())
    }

    fn flush_audio(&mut self) -> Result<(), JoinError> {
        let Some(stream) = &mut self.audio else { return Ok(()) };
        let pes = std::mem::take(&mut stream.pes);
        let Some((times, data)) = pes_times(&pes) else { return Ok(()) };
        // The time is that of the first frame that begins in the packet.
        let carried = self.rest_of_sound.len();
        let mut rest = std::mem::take(&mut self.rest_of_sound);
        rest.extend_from_slice(data);
        let mut time = times.map(|(shown, _)| {
            let clock = self.timeline.unwrapped(shown);
            self.timeline.place(clock)
        });
        let mut at = 0;
        while at < rest.len() {
            let Some(frame) = aac::frame(&rest[at..]) else {
                if rest.len() - at < 7 {
                    break;
                }
                return Err(JoinError::Unsupported("sound that is no AAC in ADTS frames".to_owned()));
            };
            if at + frame.size > rest.len() {
                break;
            }
            let payload = &rest[at + frame.header_bytes..at + frame.size];
            let time = if at >= carried { time.take() } else { None };
            self.sound.push(&frame, self.written, time, CLOCK)?;
            self.out.write_all(payload)?;
            self.written += payload.len() as u64;
            at += frame.size;
        }
        self.timeline.reach(self.sound.end(CLOCK));
        self.rest_of_sound = rest.split_off(at);
        if self.rest_of_sound.len() > MAX_PES_BYTES {
            return Err(JoinError::Broken("a frame of sound without end".to_owned()));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Track>, JoinError> {
        self.out.flush()?;
        let mut tracks = Vec::new();
        let Pictures { sps, pps, samples } = self.pictures;
        if !samples.is_empty() {
            let size = avc::size(&sps).filter(|_| !pps.is_empty());
            let Some(size) = size else {
                return Err(JoinError::Broken("pictures without what is needed to decode them".to_owned()));
            };
            let mut samples = samples;
            if let Some(first) = samples.first_mut() {
                first.sync = true;
            }
            tracks.push(Track {
                kind: Kind::Video,
                timescale: CLOCK,
                entry: avc::entry(&sps, &pps, size),
                width_px: size.0,
                height_px: size.1,
                lead_in: 0,
                source: Source::Spare,
                samples,
            });
        }
        tracks.extend(self.sound.track(Source::Spare));
        if tracks.is_empty() {
            return Err(JoinError::Unsupported("a transport stream without H.264 or AAC".to_owned()));
        }
        Ok(tracks)
    }
}

impl Pictures {
    /// The last picture lasts until this one; a new one is taken to last as long.
    fn settle(&mut self, decoded_at: i64) -> u32 {
        let Some(last) = self.samples.last_mut() else { return CLOCK / 30 };
        if let Ok(lasted) = u32::try_from(decoded_at - last.decoded_at) {
            last.duration = lasted;
        }
        last.duration.clamp(1, CLOCK)
    }
}

fn append(stream: Option<&mut Stream>, payload: &[u8], begins: bool) -> Result<(), JoinError> {
    let Some(stream) = stream else { return Ok(()) };
    // What comes before the first beginning belongs to a packet that is not here.
    if begins || !stream.pes.is_empty() {
        stream.pes.extend_from_slice(payload);
    }
    if stream.pes.len() > MAX_PES_BYTES {
        return Err(JoinError::Broken("a packet of pictures or sound without end".to_owned()));
    }
    Ok(())
}

/// A section of tables behind its pointer (2.4.4), as long as it says.
fn section(payload: &[u8], table: u8) -> Option<&[u8]> {
    let start = 1 + usize::from(*payload.first()?);
    let section = payload.get(start..).filter(|section| section.first() == Some(&table))?;
    let length = usize::from(section.get(1)? & 0x0f) << 8 | usize::from(*section.get(2)?);
    section.get(..3 + length)
}

/// The first program's map, of the association table (2.4.4.3).
fn program(payload: &[u8]) -> Option<u16> {
    let section = section(payload, 0x00)?;
    let programs = section.get(8..section.len().checked_sub(4)?)?;
    let named = programs.chunks_exact(4).find(|entry| entry[0] != 0 || entry[1] != 0)?;
    Some(u16::from(named[2] & 0x1f) << 8 | u16::from(named[3]))
}

/// When it is shown and decoded, on the stream's clock.
type Times = (i64, i64);

/// Times and data of a packet of pictures or sound (2.4.3.6).
fn pes_times(pes: &[u8]) -> Option<(Option<Times>, &[u8])> {
    let head = pes.get(..9).filter(|head| head.starts_with(b"\0\0\x01"))?;
    let data = pes.get(9 + usize::from(head[8])..)?;
    let time = |at: usize| {
        let b = pes.get(at..at + 5)?;
        let part = |byte: u8| i64::from(byte);
        Some(
            (part(b[0]) >> 1 & 7) << 30
                | part(b[1]) << 22
                | (part(b[2]) >> 1) << 15
                | part(b[3]) << 7
                | part(b[4]) >> 1,
        )
    };
    let times = match head[7] >> 6 {
        2 => time(9).map(|shown| (shown, shown)),
        3 => time(9).zip(time(14)),
        _ => None,
    };
    Some((times, data))
}

/// The name of a kind of pictures or sound that cannot be carried over; None for data beside them.
fn unknown(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0x01 | 0x02 => "MPEG-2 video",
        0x03 | 0x04 => "MPEG audio (MP3)",
        0x10 => "MPEG-4 video",
        0x11 => "AAC in LATM",
        0x24 => "HEVC",
        0x81 | 0xc1 => "AC-3",
        0x87 | 0xc2 => "E-AC-3",
        0xcf | 0xdb => "encrypted AAC or H.264",
        _ => return None,
    })
}
