//! Bytes to text as browsers do it: byte order mark, header, `<meta>`, and a guess where nothing is declared.
//!
//! The order and the odd cases (UTF-16 in a `<meta>`, x-user-defined, replacement) are those of the HTML standard,
//! 13.2.3 "Parsing with a known character encoding" and the sniffing before it. Two steps go beyond what browsers do
//! for pages of the network, since an archive gains by them and shows nothing that a script could abuse: undeclared
//! text that is valid UTF-8 is UTF-8, and undeclared UTF-16 is seen by its zero bytes.

mod prescan;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How many bytes the guess reads where no charset is declared; more text changes no guess.
const GUESS_BYTES: usize = 256 * 1024;

/// How many bytes show whether every second one is zero, as in UTF-16 of mostly ASCII markup.
const UTF_16_PROBE_BYTES: usize = 256;

/// The text of an HTML document's bytes, without its byte order mark, and the encoding it was read in. Never fails:
/// what can't be read becomes U+FFFD. `content_type` is the header's value.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> (String, &'static Encoding) {
    decode_html(bytes, content_type, None)
}

/// As [`decode`]; `tld` (lower case, `jp`) weighs in where nothing is declared, as in Firefox.
pub(crate) fn decode_html(bytes: &[u8], content_type: Option<&str>, tld: Option<&str>) -> (String, &'static Encoding) {
    let encoding = marked(bytes)
        .or_else(|| content_type.and_then(header_charset))
        .or_else(|| prescan::declared(bytes))
        .unwrap_or_else(|| guess(bytes, tld));
    finish(bytes, encoding)
}

/// The text of bytes that hold no HTML, so that a `<meta>` in them says nothing.
pub(crate) fn decode_plain(bytes: &[u8], content_type: Option<&str>) -> (String, &'static Encoding) {
    let encoding =
        marked(bytes).or_else(|| content_type.and_then(header_charset)).unwrap_or_else(|| guess(bytes, None));
    finish(bytes, encoding)
}

fn finish(bytes: &[u8], encoding: &'static Encoding) -> (String, &'static Encoding) {
    if encoding == REPLACEMENT {
        // The decoder gives a single U+FFFD: browsers refuse to read such text, because it can hide markup.
        return (encoding.decode(bytes).0.into_owned(), encoding);
    }
    let (text, used, _) = encoding.decode(bytes);
    (text.into_owned(), used)
}

/// The encoding of the byte order mark, which beats every declaration.
pub(crate) fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(bytes).map(|(encoding, _)| encoding)
}

/// The `charset` of a Content-Type, if it is one that exists. Unlike a `<meta>` it may say UTF-16.
pub(crate) fn header_charset(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        Encoding::for_label(value.trim().trim_matches(['"', '\'']).as_bytes())
    })
}

/// What a label inside a document means: a document that could be read so far is not UTF-16, and x-user-defined
/// is what pages say that mean windows-1252.
pub(super) fn of_meta(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16BE || encoding == UTF_16LE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    }
}

fn guess(bytes: &[u8], tld: Option<&str>) -> &'static Encoding {
    if let Some(encoding) = utf_16_by_zeros(bytes) {
        return encoding;
    }
    if bytes.is_ascii() {
        return WINDOWS_1252;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS_BYTES)], true);
    // The detector asserts what it is told of the domain, so only what it accepts is passed on.
    let tld = tld.filter(|tld| tld.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    // Mostly UTF-8 with a few broken bytes is still best read as UTF-8.
    if mostly_utf_8(bytes) {
        return UTF_8;
    }
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Allow)
}

/// Whether bytes are UTF-16 by their byte order mark or by the zeros of their ASCII characters.
pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
    marked(bytes).is_some_and(|encoding| encoding != UTF_8) || utf_16_by_zeros(bytes).is_some()
}

/// ASCII in UTF-16 has a zero in every second byte; text in any other encoding has none.
fn utf_16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let probe = &bytes[..bytes.len().min(UTF_16_PROBE_BYTES)];
    let pairs = probe.len() / 2;
    if pairs < 4 {
        return None;
    }
    let (even, odd) = probe.chunks_exact(2).fold((0_usize, 0_usize), |(even, odd), pair| match pair {
        [0, 0] => (even, odd),
        [0, _] => (even + 1, odd),
        [_, 0] => (even, odd + 1),
        _ => (even, odd),
    });
    // Now and then a letter outside ASCII has a zero on the other side.
    if odd * 2 > pairs && odd > even * 8 {
        Some(UTF_16LE)
    } else if even * 2 > pairs && even > odd * 8 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether of the sequences outside ASCII at least 19 in 20 are valid UTF-8: a page with one cut or foreign snippet.
fn mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes[..bytes.len().min(GUESS_BYTES)].utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= bad * 19
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_beats_the_header_and_the_header_beats_the_meta() {
        let (text, encoding) = decode(b"\xef\xbb\xbf<meta charset=koi8-r>\xc3\xa9", Some("text/html; charset=big5"));
        assert_eq!((text.as_str(), encoding), ("<meta charset=koi8-r>\u{e9}", UTF_8));
        let (text, _) = decode(b"<meta charset=utf-8>\xe9", Some("text/html; Charset=\"iso-8859-1\""));
        assert!(text.ends_with('\u{e9}'), "{text}");
    }

    #[test]
    fn undeclared_text_is_utf_8_where_it_is_valid_and_else_guessed() {
        assert_eq!(decode("na\u{ef}ve caf\u{e9}".as_bytes(), None).1, UTF_8);
        assert_eq!(decode(b"plain", None).1, WINDOWS_1252);
        assert_eq!(decode(b"na\xefve caf\xe9", None).0, "na\u{ef}ve caf\u{e9}");
        let utf_16: Vec<u8> = "<p>hello</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&utf_16, None).0, "<p>hello</p>");
    }
}
