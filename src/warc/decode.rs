//! Takes transfer and content codings off a body. A recorded one is treated as forgivingly as by other WARC tools:
//! crawlers write bodies that are already decoded under headers that still name the coding.

use super::Body;
use crate::http::Headers;
use std::io::Read;

/// How many content codings may lie over each other; servers use one.
const MAX_CODINGS: usize = 4;

/// The buffer of the brotli decoder, in bytes.
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;

/// The largest Zstandard window that is accepted, as a power of two: 32 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// The body of a recorded message, decoded, at most `limit_bytes` long at every step.
pub(super) fn recorded(headers: &Headers, raw: Vec<u8>, limit_bytes: u64) -> Body {
    let mut bytes = raw;
    let mut flaw = None;
    if codings(headers, "transfer-encoding").iter().any(|coding| coding == "chunked") {
        (bytes, flaw) = without_chunks(bytes);
    }
    match (content(headers, bytes, limit_bytes, false), flaw) {
        (Body::Whole(bytes), Some(detail)) => Body::Cut { bytes, detail },
        (body, _) => body,
    }
}

/// Takes the content codings off that the headers name: gzip, deflate, br, zstd, several of them too. At most
/// `limit_bytes` long at every step. A coding that is unknown, or that the bytes are not in, is passed over, unless
/// `strict`: then there is no body.
#[must_use]
pub fn content(headers: &Headers, raw: Vec<u8>, limit_bytes: u64, strict: bool) -> Body {
    let mut bytes = raw;
    let codings = codings(headers, "content-encoding");
    if codings.len() > MAX_CODINGS {
        return Body::Cut { bytes: Vec::new(), detail: format!("more than {MAX_CODINGS} content codings") };
    }
    for coding in codings.iter().rev() {
        match unpack(coding, &bytes, limit_bytes, strict) {
            Unpacked::Whole(unpacked) => bytes = unpacked,
            Unpacked::NotPacked if strict && !bytes.is_empty() && coding != "identity" => {
                return Body::Cut { bytes: Vec::new(), detail: format!("the body is not in the coding {coding:?}") };
            }
            Unpacked::NotPacked => {}
            Unpacked::TooLarge(_) => return Body::TooLarge { limit_bytes },
            Unpacked::Cut(bytes, detail) => return Body::Cut { bytes, detail },
        }
    }
    if bytes.len() as u64 > limit_bytes { Body::TooLarge { limit_bytes } } else { Body::Whole(bytes) }
}

/// The beginning of a body whose content codings are taken off: at most `limit_bytes` of it, and as much as can be had where
/// only the beginning of it came.
#[must_use]
pub fn beginning(headers: &Headers, raw: Vec<u8>, limit_bytes: u64) -> Vec<u8> {
    let mut bytes = raw;
    for coding in codings(headers, "content-encoding").iter().rev().take(MAX_CODINGS) {
        match unpack(coding, &bytes, limit_bytes, false) {
            Unpacked::Whole(unpacked) | Unpacked::TooLarge(unpacked) | Unpacked::Cut(unpacked, _) => bytes = unpacked,
            Unpacked::NotPacked => {}
        }
    }
    bytes.truncate(usize::try_from(limit_bytes).unwrap_or(usize::MAX));
    bytes
}

fn codings(headers: &Headers, name: &str) -> Vec<String> {
    let values = headers.0.iter().filter(|(key, _)| key == name).flat_map(|(_, value)| value.split(','));
    values.map(|coding| coding.trim().to_ascii_lowercase()).filter(|coding| !coding.is_empty()).collect()
}

/// Takes chunks apart (RFC 9112, 7.1). A body that does not begin with a chunk's size was decoded by its crawler.
fn without_chunks(raw: Vec<u8>) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let mut rest = raw.as_slice();
    loop {
        let size = chunk_size(rest);
        let Some((size, after)) = size else {
            if out.is_empty() && rest.len() == raw.len() {
                return (raw, None);
            }
            return (out, Some(format!("no chunk size at byte {} of the body", raw.len() - rest.len())));
        };
        if size == 0 {
            return (out, None);
        }
        let Some((chunk, after)) = after.split_at_checked(size) else {
            out.extend_from_slice(after);
            return (out, Some("the last chunk is not whole".to_owned()));
        };
        out.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
        if rest.is_empty() {
            return (out, Some("the closing chunk is missing".to_owned()));
        }
    }
}

/// The size that stands in the first line, and what follows that line.
fn chunk_size(rest: &[u8]) -> Option<(usize, &[u8])> {
    /// A size, an extension that nobody uses, a line ending.
    const MAX_SIZE_LINE_BYTES: usize = 256;
    let end = rest.iter().take(MAX_SIZE_LINE_BYTES).position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end + 1)?;
    let digits = std::str::from_utf8(line).ok()?.split(';').next()?.trim();
    let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((usize::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?, after))
}

enum Unpacked {
    Whole(Vec<u8>),
    /// The bytes are not of this coding at all.
    NotPacked,
    /// What comes first, somewhat over the limit.
    TooLarge(Vec<u8>),
    Cut(Vec<u8>, String),
}

fn unpack(coding: &str, bytes: &[u8], limit_bytes: u64, strict: bool) -> Unpacked {
    match coding {
        "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => gzip(bytes, limit_bytes, strict),
        "deflate" if is_zlib(bytes) => read_all(flate2::read::ZlibDecoder::new(bytes), limit_bytes),
        "deflate" if !bytes.is_empty() => read_all(flate2::read::DeflateDecoder::new(bytes), limit_bytes),
        "br" if !bytes.is_empty() => {
            read_all(brotli_decompressor::Decompressor::new(bytes, BROTLI_BUFFER_BYTES), limit_bytes)
        }
        "zstd" if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
            let decoder = zstd::Decoder::with_buffer(bytes)
                .and_then(|mut decoder| decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map(|()| decoder));
            match decoder {
                Ok(decoder) => read_all(decoder, limit_bytes),
                Err(error) => Unpacked::Cut(Vec::new(), error.to_string()),
            }
        }
        _ => Unpacked::NotPacked,
    }
}

/// Whether the bytes begin with a zlib header (RFC 1950, 2.2); some servers send bare deflate under that name.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

/// One gzip member after another; what follows the last and is no member is padding. Of an answer, where one part of the way
/// reads one member and another reads all, there may be one only.
fn gzip(bytes: &[u8], limit_bytes: u64, strict: bool) -> Unpacked {
    let mut out = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(&[0x1f, 0x8b]) {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let room = (limit_bytes + 1).saturating_sub(out.len() as u64);
        let done = member.by_ref().take(room).read_to_end(&mut out);
        if out.len() as u64 > limit_bytes {
            return Unpacked::TooLarge(out);
        }
        if let Err(error) = done {
            return Unpacked::Cut(out, format!("gzip: {error}"));
        }
        rest = member.into_inner();
        if strict && rest.starts_with(&[0x1f, 0x8b]) {
            return Unpacked::Cut(out, "gzip: more than one member".to_owned());
        }
    }
    Unpacked::Whole(out)
}

fn read_all(decoder: impl Read, limit_bytes: u64) -> Unpacked {
    let mut out = Vec::new();
    let done = decoder.take(limit_bytes + 1).read_to_end(&mut out);
    match done {
        _ if out.len() as u64 > limit_bytes => Unpacked::TooLarge(out),
        Ok(_) => Unpacked::Whole(out),
        Err(_) if out.is_empty() => Unpacked::NotPacked,
        Err(error) => Unpacked::Cut(out, format!("content coding: {error}")),
    }
}
