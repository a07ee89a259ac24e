//! Local files: opened, inflated where they are compressed, never beyond a limit.

use super::{InputError, Work, WorkBody};
use crate::pipeline::article::Document;
use flate2::bufread::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// Bytes of one document, after inflating: of a file, of a page in a line of JSON, of a recorded page. A page of a
/// thousand screens has 5 MB.
pub const MAX_DOCUMENT_BYTES: u64 = crate::warc::MAX_BODY_BYTES;

/// The buffers between a file and its reader, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;

/// The largest Zstandard window that is accepted, as a power of two: 32 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// A reader of what a file holds inside gzip or Zstandard, which its ending or its first bytes tell.
pub(super) fn inflated(name: &str, reader: impl Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let start = reader.fill_buf()?;
    if name.ends_with(".gz") || start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(reader))));
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut decoder = zstd::Decoder::with_buffer(reader)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)));
    }
    Ok(Box::new(reader))
}

/// A local file's document, inflated where it is compressed.
///
/// # Errors
/// A sentence: the file can't be read, or is too large.
pub fn read_document(path: &Path, name: &str) -> Result<Document, String> {
    let unreadable = |error: io::Error| format!("can't be read: {error}");
    let too_large = || format!("larger than {MAX_DOCUMENT_BYTES} bytes, which no article is");
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().is_ok_and(|metadata| metadata.len() > MAX_DOCUMENT_BYTES) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let reader = inflated(name, file).map_err(unreadable)?;
    reader.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(too_large());
    }
    Ok(Document::new(name, bytes))
}

/// The document of local work.
///
/// # Errors
/// The file can't be read; or the work is on the network.
pub fn local_document(work: Work) -> Result<Document, InputError> {
    let read = match work.body {
        WorkBody::File(path) => read_document(&path, &work.name),
        WorkBody::Document(document) => Ok(*document),
        WorkBody::Url(..) | WorkBody::Post(_) => Err("only local input is searched; add fetches".to_owned()),
    };
    read.map_err(|reason| InputError::new(work.name, reason))
}
