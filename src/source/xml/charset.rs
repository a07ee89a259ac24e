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
    let is_latin = |encoding: &'static Encoding| encoding == WINDOWS_1252;
    if header.is_none_or(is_latin)
        && declared.is_none_or(|encoding| encoding == UTF_8)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    // Latin is what servers say of everything, and it reads without a mistake whatever it is.
    let named = if header.is_some_and(is_latin) { [declared, header] } else { [header, declared] };
    let named = named.into_iter().flatten();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_read_in_the_charset_that_they_are_in() {
        let text = |bytes: &[u8], kind: Option<&str>| decode(Payload::of(bytes).typed(kind));
        let with = |declaration: &str, body: &[u8]| [declaration.as_bytes(), body].concat();
        let koi8 = with("<?xml version='1.0' encoding='koi8-r'?>", b"\xcd\xcf\xd2\xc5");
        assert!(text(&koi8, Some("text/xml; charset=us-ascii")).ends_with("\u{43c}\u{43e}\u{440}\u{435}"));
        let utf_8 = with("<?xml version='1.0' encoding='UTF-8'?>", "\u{e9}\u{2019}".as_bytes());
        assert!(text(&utf_8, Some("text/xml; charset=iso-8859-1")).ends_with("\u{e9}\u{2019}"));
        // What says UTF-8 and is windows-1252.
        let latin = with("<?xml version='1.0' encoding='utf-8'?>", b"caf\xe9 \x93x\x94");
        assert!(text(&latin, Some("text/xml; charset=windows-1252")).ends_with("caf\u{e9} \u{201c}x\u{201d}"));
        let cyrillic = with("<?xml version='1.0' encoding='windows-1251'?>", b"\xec\xee\xf0\xe5");
        assert!(text(&cyrillic, Some("text/xml; charset=utf-8")).ends_with("\u{43c}\u{43e}\u{440}\u{435}"));
        let japanese = with("<?xml version='1.0' encoding='x-sjis'?>", b"\x8a\x43");
        assert!(text(&japanese, None).ends_with('\u{6d77}'));
        let wide: Vec<u8> = "<r>\u{6d77}</r>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&wide, None), "<r>\u{6d77}</r>");
        let wider: Vec<u8> = "<r>\u{6d77}</r>".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(text(&wider, None), "<r>\u{6d77}</r>");
        assert_eq!(text("\u{feff}<r/>".as_bytes(), Some("text/xml; charset=big5")), "<r/>");
    }
}
