//! XML's bytes to text. By RFC 7303 the byte order mark is believed first, then the header, then the declaration; but
//! feeds say what is not so, and the first of them that reads without a mistake is what the document is in.

use crate::{
    html::charset::{decode_plain, header_charset},
    source::Payload,
};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The declaration stands in so many bytes.
const DECLARATION_BYTES: usize = 1024;

/// The text of a document's bytes, without its byte order mark. Never fails: what can't be read becomes U+FFFD.
pub(in crate::source) fn decode(payload: Payload<'_>) -> String {
    let bytes = payload.bytes;
    if let Some(text) = utf_32(bytes) {
        return text;
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned();
    }
    match bytes {
        [b'<', 0, ..] => return UTF_16LE.decode_without_bom_handling(bytes).0.into_owned(),
        [0, b'<', ..] => return UTF_16BE.decode_without_bom_handling(bytes).0.into_owned(),
        _ => {}
    }
    let header = payload.content_type.and_then(header_charset);
    let declared = declared(bytes).filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE);
    // Valid UTF-8 beyond ASCII is hardly ever anything else, whatever a server adds to every answer.
    let is_latin = |encoding: &Encoding| encoding == WINDOWS_1252;
    if header.is_none_or(is_latin)
        && declared.is_none_or(|encoding| encoding == UTF_8)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let named = [header, declared].into_iter().flatten();
    for encoding in named.clone() {
        if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            return text.into_owned();
        }
    }
    // Some bytes are broken in every reading: a multi-byte encoding that was named still says the most.
    match named.clone().find(|encoding| *encoding != UTF_8) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        None => decode_plain(bytes, None).0,
    }
}

/// The encoding that the XML declaration names, if it is one that exists.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let head = String::from_utf8_lossy(&head[..memchr::memmem::find(head, b"?>")?]).to_ascii_lowercase();
    let (_, value) = head.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let label = value.trim_start_matches(['"', '\'']).split(['"', '\'', ' ']).next()?;
    Encoding::for_label(label.as_bytes()).or_else(|| Encoding::for_label(label.replace('_', "-").as_bytes()))
}

/// UTF-32 by its byte order mark or its zeros. No browser reads it and no library here does; some feeds are in it.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 4]) -> u32 = match bytes {
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] => u32::from_be_bytes,
        [0xff, 0xfe, 0, 0, ..] | [b'<', 0, 0, 0, ..] => u32::from_le_bytes,
        _ => return None,
    };
    let units = bytes.chunks_exact(4).filter_map(|unit| unit.try_into().ok()).map(read);
    let text: String = units.map(|code| char::from_u32(code).unwrap_or('\u{fffd}')).collect();
    Some(text.trim_start_matches('\u{feff}').to_owned())
}
