//! What comes through a pipe, told by its first bytes: a recording, or lines.

use super::{InputError, Works, file, lines, recorded};
use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};

/// How a recording begins, unpacked: WARC, ARC.
const BEGINNINGS: [&[u8]; 2] = [b"WARC/", b"filedesc://"];

/// Unpacked bytes that tell: the longest of [`BEGINNINGS`].
const TELLING_BYTES: usize = 11;

/// How much of a packed stream is read to tell, in bytes. The head of its first member takes less.
const PEEK_BYTES: usize = 1024;

/// The first bytes of gzip, of Zstandard, and of the dictionary that stands before the frames of a recording in it.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const ZSTD_DICTIONARY: [u8; 4] = [0x5d, 0x2a, 0x4d, 0x18];

/// The work of a stream. It is opened, and its first bytes are waited for, when the first is asked for.
pub(super) fn works<R: Read + Send + 'static>(name: String, open: impl FnOnce() -> R + Send + 'static) -> Works {
    let works = std::iter::once_with(move || -> Works {
        let mut reader = open();
        let told = begins_recording(&mut reader).and_then(|(head, is_recording)| {
            let whole = Cursor::new(head).chain(reader);
            if is_recording {
                return Ok(Box::new(recorded::pages(name.clone(), whole)) as Works);
            }
            Ok(Box::new(lines::lines(name.clone(), file::inflated(&name, whole)?)) as Works)
        });
        told.unwrap_or_else(|error| {
            Box::new(std::iter::once(Err(InputError::new(name, format!("can't be read: {error}")))))
        })
    });
    Box::new(works.flatten())
}

/// The first bytes, and whether a recording begins with them. No more is waited for than it takes to tell, as whoever
/// feeds lines may wait for the answer to the first.
fn begins_recording(reader: &mut impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut head = Vec::new();
    loop {
        let (more, is_recording) = tell(&head);
        if !more || head.len() >= PEEK_BYTES {
            return Ok((head, is_recording));
        }
        let mut buffer = [0; PEEK_BYTES];
        match reader.read(&mut buffer) {
            Ok(0) => return Ok((head, is_recording)),
            Ok(read) => head.extend(buffer.iter().take(read)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether more bytes are needed to tell, and whether a recording begins with these.
fn tell(head: &[u8]) -> (bool, bool) {
    let mut unpacked = Vec::new();
    if head.starts_with(&ZSTD_DICTIONARY) {
        return (false, true);
    } else if head.starts_with(&GZIP) {
        // What is missing from a member's end is no matter: its beginning has been unpacked by then.
        _ = MultiGzDecoder::new(head).take(TELLING_BYTES as u64).read_to_end(&mut unpacked);
    } else if head.starts_with(&ZSTD) {
        _ = zstd::Decoder::new(head).map(|decoder| decoder.take(TELLING_BYTES as u64).read_to_end(&mut unpacked));
    } else {
        unpacked.extend(head.iter().take(TELLING_BYTES));
        let may_be = BEGINNINGS.iter().any(|whole| whole.len() > unpacked.len() && whole.starts_with(&unpacked));
        let may_be_packed = [&GZIP[..], &ZSTD, &ZSTD_DICTIONARY].iter().any(|magic| magic.starts_with(head));
        return (may_be || may_be_packed, BEGINNINGS.iter().any(|beginning| unpacked.starts_with(beginning)));
    }
    (unpacked.len() < TELLING_BYTES, BEGINNINGS.iter().any(|beginning| unpacked.starts_with(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Gives a byte at a time, and fails where more is asked for than there is.
    struct Slow(std::vec::IntoIter<u8>);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let byte = self.0.next().ok_or_else(|| io::Error::other("more was waited for"))?;
            buffer[0] = byte;
            Ok(1)
        }
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_recording_is_told_from_lines_by_no_more_bytes_than_it_takes() {
        let warc = b"WARC/1.1\r\nWARC-Type: warcinfo\r\n";
        let cases: [(Vec<u8>, bool); 7] = [
            (warc.to_vec(), true),
            (gzipped(warc), true),
            (zstd::encode_all(&warc[..], 3).unwrap(), true),
            (b"filedesc://crawl.arc 0.0.0.0".to_vec(), true),
            (b"{".to_vec(), false),
            (b"WARM".to_vec(), false),
            (gzipped(b"{\"url\": \"https://a.example/\"}\n"), false),
        ];
        for (bytes, expected) in cases {
            let (head, is_recording) = begins_recording(&mut Slow(bytes.clone().into_iter())).unwrap();
            assert_eq!(is_recording, expected, "{bytes:?}");
            assert!(bytes.starts_with(&head));
        }
        assert_eq!(begins_recording(&mut io::empty()).unwrap(), (Vec::new(), false));
    }
}
