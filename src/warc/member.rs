//! The compressed layer of a WARC file: members one after another, each unpacked on its own, with the byte offset
//! at which each begins. An uncompressed file is one member to its end.

use super::{
    MAX_MEMBER_BYTES,
    dictionary::{self, Dictionary},
};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Error, Read};

/// The buffers of a file and of what is unpacked from it, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// The first bytes of a gzip member (RFC 1952, 2.3.1). No WARC header begins with them.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The first bytes of a Zstandard frame (RFC 8878, 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What follows the first byte of a frame that is to be skipped (RFC 8878, 3.1.2).
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The bytes that tell what a member is.
const MAGIC_BYTES: usize = 5;

/// The first bytes of a record that is not compressed.
const WARC: [u8; MAGIC_BYTES] = *b"WARC/";

/// The largest Zstandard window that is accepted, as a power of two: 32 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// The file with the count of the bytes taken from it.
struct Counted<R> {
    /// Looked at already, and not taken yet.
    ahead: Vec<u8>,
    input: BufReader<R>,
    offset: u64,
}

impl<R: Read> Counted<R> {
    /// The next bytes, up to so many as tell what a member is.
    fn magic(&mut self) -> io::Result<[u8; MAGIC_BYTES]> {
        while self.ahead.len() < MAGIC_BYTES {
            let buffer = self.input.fill_buf()?;
            let taken = buffer.len().min(MAGIC_BYTES - self.ahead.len());
            if taken == 0 {
                break;
            }
            self.ahead.extend(buffer.iter().take(taken));
            self.input.consume(taken);
        }
        Ok(std::array::from_fn(|at| self.ahead.get(at).copied().unwrap_or_default()))
    }

    /// Reads past a frame that is to be skipped; its content up to a limit.
    fn skip_frame(&mut self, limit_bytes: u64) -> io::Result<Vec<u8>> {
        let mut head = [0; 8];
        self.read_exact(&mut head)?;
        let [.., a, b, c, d] = head;
        let len = u64::from(u32::from_le_bytes([a, b, c, d]));
        let mut content = Vec::new();
        self.by_ref().take(len.min(limit_bytes)).read_to_end(&mut content)?;
        io::copy(&mut self.by_ref().take(len.saturating_sub(limit_bytes)), &mut io::sink())?;
        Ok(content)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() { self.input.fill_buf() } else { Ok(&self.ahead) }
    }

    fn consume(&mut self, amount: usize) {
        self.offset += amount as u64;
        let ahead = amount.min(self.ahead.len());
        self.ahead.drain(..ahead);
        self.input.consume(amount - ahead);
    }
}

fn is_skippable(magic: [u8; MAGIC_BYTES]) -> bool {
    let [first, rest @ ..] = magic;
    first & 0xf0 == 0x50 && rest.starts_with(&SKIPPABLE)
}

enum Layer<R: Read> {
    /// Before the first member, or after one.
    Between(Counted<R>),
    Plain(Counted<R>),
    Gzip(Box<BufReader<GzDecoder<Counted<R>>>>),
    Zstd(Box<BufReader<zstd::Decoder<'static, Counted<R>>>>),
    /// A member could not be opened; nothing more can be read.
    Lost,
}

/// A file as a sequence of members. Reading ends at each member's end; [`Members::advance`] goes on to the next.
pub(super) struct Members<R: Read> {
    layer: Layer<R>,
    start: u64,
    unpacked: u64,
    /// What Zstandard frames refer to, where the file begins with it.
    dictionary: Option<Dictionary>,
    is_packed: bool,
}

impl<R: Read> Members<R> {
    /// `input` stands at byte `offset` of its file, at the start of a member.
    pub(super) fn new(input: R, offset: u64, dictionary: Option<Dictionary>) -> Self {
        let input = BufReader::with_capacity(BUFFER_BYTES, input);
        Self {
            layer: Layer::Between(Counted { ahead: Vec::new(), input, offset }),
            start: offset,
            unpacked: 0,
            dictionary,
            is_packed: false,
        }
    }

    fn file(&mut self) -> Option<Counted<R>> {
        match std::mem::replace(&mut self.layer, Layer::Lost) {
            Layer::Between(file) | Layer::Plain(file) => Some(file),
            Layer::Gzip(member) => Some(member.into_inner().into_inner()),
            Layer::Zstd(member) => Some(member.into_inner().finish()),
            Layer::Lost => None,
        }
    }

    /// Opens the next member. The present one must have been read to its end. False at the end of the file.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        let Some(mut file) = self.file() else { return Ok(false) };
        self.unpacked = 0;
        let mut magic = file.magic()?;
        while is_skippable(magic) {
            self.start = file.offset;
            self.is_packed = true;
            let content = file.skip_frame(dictionary::MAX_PACKED_BYTES + 1)?;
            if self.start == 0 && magic.first() == Some(&dictionary::FRAME) {
                self.dictionary = Some(dictionary::unpacked(content)?);
            }
            magic = file.magic()?;
        }
        self.start = file.offset;
        if file.fill_buf()?.is_empty() {
            self.layer = Layer::Between(file);
            return Ok(false);
        }
        self.layer = if magic.starts_with(&GZIP) {
            Layer::Gzip(Box::new(BufReader::with_capacity(BUFFER_BYTES, GzDecoder::new(file))))
        } else if magic.starts_with(&ZSTD) {
            let none: &[u8] = &[];
            let dictionary = self.dictionary.as_deref().map_or(none, Vec::as_slice);
            let mut frame = zstd::Decoder::with_dictionary(file, dictionary)?.single_frame();
            frame.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Layer::Zstd(Box::new(BufReader::with_capacity(BUFFER_BYTES, frame)))
        } else {
            Layer::Plain(file)
        };
        self.is_packed |= !matches!(self.layer, Layer::Plain(_));
        Ok(true)
    }

    /// Whether a compressed member begins here, in or after what is not compressed.
    pub(super) fn is_before_packed(&mut self) -> io::Result<bool> {
        let Layer::Plain(file) = &mut self.layer else { return Ok(false) };
        let magic = file.magic()?;
        Ok(magic.starts_with(&GZIP) || magic.starts_with(&ZSTD))
    }

    /// Whether compressed members were met: then others may follow what can't be read.
    pub(super) fn is_packed(&self) -> bool {
        self.is_packed
    }

    /// Whether what stands here, in a file with compressed members, is neither one nor a record.
    pub(super) fn is_stray(&mut self) -> io::Result<bool> {
        match &mut self.layer {
            Layer::Plain(file) if self.is_packed => Ok(file.magic()? != WARC),
            _ => Ok(false),
        }
    }

    /// Leaves the present member where it is, and goes on to what looks like the next compressed one, or like the first line
    /// of a record. False at the end of the file, and where one unpacked to more than is read.
    pub(super) fn seek_member(&mut self) -> io::Result<bool> {
        let too_large = self.unpacked > MAX_MEMBER_BYTES;
        let Some(mut file) = self.file().filter(|_| !too_large) else { return Ok(false) };
        loop {
            let buffer = file.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let Some(at) = memchr::memchr3(GZIP[0], ZSTD[0], b'W', buffer) else {
                let all = buffer.len();
                file.consume(all);
                continue;
            };
            file.consume(at);
            let magic = file.magic()?;
            if magic.starts_with(&[GZIP[0], GZIP[1], 8]) || magic.starts_with(&ZSTD) || magic == WARC {
                self.unpacked = 0;
                self.layer = Layer::Between(file);
                return Ok(true);
            }
            file.consume(1);
        }
    }

    /// How many bytes of the present member were read; none in an uncompressed file, where each has its offset.
    pub(super) fn within(&self) -> u64 {
        if self.plain_offset().is_some() { 0 } else { self.unpacked }
    }

    /// Where the present member begins in the file.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// The present position in an uncompressed file; nothing inside a compressed member.
    pub(super) fn plain_offset(&self) -> Option<u64> {
        match &self.layer {
            Layer::Plain(file) => Some(file.offset),
            _ => None,
        }
    }

    /// Whether the present member has been read to its end, its checksum included.
    pub(super) fn at_end(&mut self) -> io::Result<bool> {
        Ok(self.fill_buf()?.is_empty())
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Members<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.unpacked > MAX_MEMBER_BYTES {
            return Err(Error::other(format!("the member unpacks to more than {MAX_MEMBER_BYTES} bytes")));
        }
        match &mut self.layer {
            Layer::Between(_) | Layer::Lost => Ok(&[]),
            Layer::Plain(file) => file.fill_buf(),
            Layer::Gzip(member) => member.fill_buf(),
            Layer::Zstd(member) => member.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match &mut self.layer {
            Layer::Between(_) | Layer::Lost => {}
            Layer::Plain(file) => file.consume(amount),
            Layer::Gzip(member) => {
                self.unpacked += amount as u64;
                member.consume(amount);
            }
            Layer::Zstd(member) => {
                self.unpacked += amount as u64;
                member.consume(amount);
            }
        }
    }
}
