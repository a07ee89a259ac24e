//! AAC as streams carry it (ADTS, ISO/IEC 13818-7 annex A), and the bare AAC of separate sound, which begins with an
//! ID3 tag that holds its time (RFC 8216, 3.4).

use super::{JoinError, Kind, Piece, Sample, Source, Track, boxes::Writer, bytes, timeline::Timeline};
use std::fs::File;

/// Frames of one AAC access unit.
pub(super) const FRAMES: u32 = 1024;

/// By the index in the header.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Apple's name for the tag that holds the time of a segment's first frame.
const TIME_OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";

/// How a frame is to be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Config {
    object: u8,
    rate_index: u8,
    channels: u8,
}

/// One ADTS frame.
pub(super) struct Frame {
    pub(super) config: Config,
    pub(super) header_bytes: usize,
    pub(super) size: usize,
}

impl Config {
    pub(super) fn rate(self) -> u32 {
        RATES.get(usize::from(self.rate_index)).copied().unwrap_or(44_100)
    }
}

/// The frame at the beginning of these bytes; None where the header is none. It may go beyond the end.
pub(super) fn frame(bytes: &[u8]) -> Option<Frame> {
    let head: &[u8; 7] = bytes.get(..7)?.try_into().ok()?;
    if head[0] != 0xff || head[1] & 0xf6 != 0xf0 {
        return None;
    }
    let config = Config {
        object: (head[2] >> 6) + 1,
        rate_index: head[2] >> 2 & 0xf,
        channels: (head[2] & 1) << 2 | head[3] >> 6,
    };
    let size = usize::from(head[3] & 3) << 11 | usize::from(head[4]) << 3 | usize::from(head[5] >> 5);
    let header_bytes = if head[1] & 1 == 1 { 7 } else { 9 };
    let whole = usize::from(config.rate_index) < RATES.len() && config.channels > 0 && size > header_bytes;
    // Several units in one frame are allowed, and nobody makes them.
    (whole && head[6] & 3 == 0).then_some(Frame { config, header_bytes, size })
}

/// The sample entry of such frames.
pub(super) fn entry(config: Config) -> Vec<u8> {
    let specific = [config.object << 3 | config.rate_index >> 1, config.rate_index << 7 | config.channels << 3];
    let mut out = Writer::new();
    out.boxed(b"mp4a", |out| {
        out.raw(&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.u16(if config.channels == 7 { 8 } else { u16::from(config.channels) });
        out.u16(16);
        out.u32(0);
        out.u32(config.rate() << 16);
        out.full(b"esds", 0, 0, |out| {
            // Descriptors of ISO/IEC 14496-1, 7.2.6: the stream, its decoder, AAC's own two bytes, and SL.
            out.raw(&[0x03, 25, 0, 0, 0]);
            out.raw(&[0x04, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            out.raw(&[0x05, 2]);
            out.raw(&specific);
            out.raw(&[0x06, 1, 2]);
        });
    });
    out.0
}

/// Frames of AAC as a track: what one sample is, and when the next begins.
pub(super) struct Frames {
    config: Option<Config>,
    samples: Vec<Sample>,
    next: i64,
}

impl Frames {
    pub(super) fn new() -> Self {
        Self { config: None, samples: Vec::new(), next: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// The end of the last frame, in units of a clock of this many a second.
    pub(super) fn end(&self, timescale: u32) -> i64 {
        self.config.map_or(0, |config| scaled(self.next, config.rate(), timescale))
    }

    /// Puts a frame behind the others. `time` (placed, in units of `timescale`) is asked for where a stream gives one.
    pub(super) fn push(
        &mut self,
        frame: &Frame,
        offset: u64,
        time: Option<i64>,
        timescale: u32,
    ) -> Result<(), JoinError> {
        let config = *self.config.get_or_insert(frame.config);
        if config != frame.config {
            return Err(JoinError::Unsupported("sound whose form changes on the way".to_owned()));
        }
        if let Some(time) = time {
            let time = scaled(time, timescale, config.rate());
            // The clock of the stream is coarse; what differs by less is not a gap.
            let is_gap = time - self.next > i64::from(config.rate() / 10);
            if self.samples.is_empty() || is_gap {
                if let Some(last) = self.samples.last_mut() {
                    last.duration = u32::try_from(time - last.decoded_at).unwrap_or(FRAMES);
                }
                self.next = time;
            }
        }
        let size = u32::try_from(frame.size - frame.header_bytes).unwrap_or(u32::MAX);
        let at = self.next;
        self.samples.push(Sample { offset, size, decoded_at: at, shown_after: 0, duration: FRAMES, sync: true });
        self.next += i64::from(FRAMES);
        Ok(())
    }

    /// The track; None where there were no frames.
    pub(super) fn track(self, source: Source) -> Option<Track> {
        let config = self.config?;
        Some(Track {
            kind: Kind::Audio,
            timescale: config.rate(),
            entry: entry(config),
            width_px: 0,
            height_px: 0,
            lead_in: 0,
            source,
            samples: self.samples,
        })
    }
}

fn scaled(time: i64, from: u32, to: u32) -> i64 {
    let scaled = i128::from(time) * i128::from(to) / i128::from(from.max(1));
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

/// Whether these bytes begin as bare AAC does.
pub(super) fn is_bare(head: &[u8]) -> bool {
    frame(head.get(tag(head).0..).unwrap_or_default()).is_some() || (tag(head).0 >= head.len() && tag(head).0 > 0)
}

/// Reads pieces of bare AAC.
pub(super) fn read(file: &mut File, pieces: &[Piece]) -> Result<Track, JoinError> {
    const CLOCK: u32 = 90_000;
    let mut timeline = Timeline::new(CLOCK);
    let mut frames = Frames::new();
    for piece in pieces {
        let bytes = bytes(file, &piece.place)?;
        if piece.discontinuity {
            timeline.begin_anew();
        }
        let (mut at, time) = tag(&bytes);
        let mut time = time.map(|time| {
            let time = timeline.unwrapped(time);
            timeline.place(time)
        });
        while at < bytes.len() {
            let found = frame(&bytes[at..]).filter(|frame| at + frame.size <= bytes.len());
            let Some(found) = found else {
                return Err(JoinError::Broken("a piece of sound is cut off or is no AAC".to_owned()));
            };
            frames.push(&found, piece.place.start + (at + found.header_bytes) as u64, time.take(), CLOCK)?;
            at += found.size;
        }
        timeline.reach(frames.end(CLOCK));
    }
    frames.track(Source::Pieces).ok_or_else(|| JoinError::Broken("no sound in the pieces of sound".to_owned()))
}

/// The length of the ID3 tags at the beginning, and the time in them.
fn tag(bytes: &[u8]) -> (usize, Option<i64>) {
    let (mut end, mut time) = (0, None);
    while let Some(head) = bytes.get(end..end + 10).filter(|head| head.starts_with(b"ID3")) {
        let size = head[6..10].iter().fold(0_usize, |size, byte| size << 7 | usize::from(byte & 0x7f));
        let body = bytes.get(end + 10..(end + 10 + size).min(bytes.len())).unwrap_or_default();
        let found = memchr::memmem::find(body, TIME_OWNER).and_then(|at| {
            super::boxes::u64_at(body, at + TIME_OWNER.len()).map(|time| (time & ((1 << 33) - 1)).cast_signed())
        });
        time = time.or(found);
        end += 10 + size;
    }
    (end, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_noise_is_none() {
        // AAC LC, 44.1 kHz, stereo, 16 bytes in all.
        let head = [0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc];
        let found = frame(&head).unwrap();
        assert_eq!((found.size, found.header_bytes, found.config.rate(), found.config.channels), (16, 7, 44_100, 2));
        assert!(frame(&[0xff, 0xf1, 0x7c, 0x80, 0x02, 0x1f, 0xfc]).is_none());
        assert!(frame(b"ID3\x04\0\0\0").is_none());
        assert_eq!(&entry(found.config)[4..8], b"mp4a");
    }

    #[test]
    fn the_time_stands_in_the_tag() {
        let mut tag_bytes = b"ID3\x04\0\0\0\0\0\x3fPRIV\0\0\0\x35\0\0".to_vec();
        tag_bytes.extend(TIME_OWNER);
        tag_bytes.extend(123_456_u64.to_be_bytes());
        let (end, time) = tag(&tag_bytes);
        assert_eq!((end, time), (10 + 0x3f, Some(123_456)));
    }
}
