//! The compressed layer of a WARC file: members one after another, each unpacked on its own, with the byte offset
//! at which each begins. An uncompressed file is one member to its end.

use super::MAX_MEMBER_BYTES;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read};

/// The buffers of a file and of what is unpacked from it, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// The first byte of a gzip member (RFC 1952, 2.3.1). No WARC header begins with it.
const GZIP: u8 = 0x1f;

/// The first byte of a Zstandard frame (RFC 8878, 3.1.1).
const ZSTD: u8 = 0x28;

/// The first byte of the frame that carries a dictionary in `.warc.zst` files.
const ZSTD_DICTIONARY: u8 = 0x5d;

/// The largest Zstandard window that is accepted, as a power of two: 32 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// The file with the count of the bytes taken from it.
struct Counted<R> {
    input: BufReader<R>,
    offset: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.offset += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.offset += amount as u64;
        self.input.consume(amount);
    }
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
}

impl<R: Read> Members<R> {
    /// `input` stands at byte `offset` of its file, at the start of a member.
    pub(super) fn new(input: R, offset: u64) -> Self {
        Self {
            layer: Layer::Between(Counted { input: BufReader::with_capacity(BUFFER_BYTES, input), offset }),
            start: offset,
            unpacked: 0,
        }
    }

    /// Opens the next member. The present one must have been read to its end. False at the end of the file.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        let mut file = match std::mem::replace(&mut self.layer, Layer::Lost) {
            Layer::Between(file) | Layer::Plain(file) => file,
            Layer::Gzip(member) => member.into_inner().into_inner(),
            Layer::Zstd(member) => member.into_inner().finish(),
            Layer::Lost => return Ok(false),
        };
        self.start = file.offset;
        self.unpacked = 0;
        let Some(first) = file.fill_buf()?.first().copied() else {
            self.layer = Layer::Between(file);
            return Ok(false);
        };
        self.layer = match first {
            GZIP => Layer::Gzip(Box::new(BufReader::with_capacity(BUFFER_BYTES, GzDecoder::new(file)))),
            ZSTD => {
                let mut frame = zstd::Decoder::with_buffer(file)?.single_frame();
                frame.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Layer::Zstd(Box::new(BufReader::with_capacity(BUFFER_BYTES, frame)))
            }
            ZSTD_DICTIONARY => {
                return Err(Error::new(ErrorKind::Unsupported, "Zstandard with a dictionary is not read"));
            }
            _ => Layer::Plain(file),
        };
        Ok(true)
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
