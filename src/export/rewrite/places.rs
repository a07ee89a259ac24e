//! A page's text and its bytes: places found in the one, told in the other.
//!
//! In every encoding that keeps ASCII, the angle brackets of the text are those of the bytes, in the same order, broken
//! sequences or not: a place that begins or ends with one is found by counting them.

use crate::html;
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8};
use std::{collections::HashMap, ops::Range};

/// A page that was read.
pub(super) struct Text {
    /// Its text.
    pub(super) text: String,
    encoding: &'static Encoding,
}

impl Text {
    /// The text of a page; in the error why its places can't be told.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let (text, encoding) = html::decode(bytes, None);
        if !encoding.is_ascii_compatible() || encoding == ISO_2022_JP {
            return Err(format!("it is written in {}, in which the places of markup can't be told", encoding.name()));
        }
        let count =
            |sign: u8| memchr::memchr_iter(sign, bytes).count() == memchr::memchr_iter(sign, text.as_bytes()).count();
        if !count(b'<') || !count(b'>') {
            return Err(format!("its bytes are not what {} has", encoding.name()));
        }
        Ok(Self { text, encoding })
    }

    /// Ranges of the text, each from a `<` to a `>`, as ranges of the bytes.
    pub(super) fn in_bytes(&self, bytes: &[u8], ranges: &[Range<usize>]) -> Vec<Option<Range<usize>>> {
        if self.text.as_bytes() == bytes {
            return ranges.iter().cloned().map(Some).collect();
        }
        let wanted = |places: Vec<usize>| places.into_iter().collect::<std::collections::HashSet<_>>();
        let starts = self.counted(b'<', &wanted(ranges.iter().map(|range| range.start).collect()), bytes);
        let ends = self.counted(b'>', &wanted(ranges.iter().map(|range| range.end.wrapping_sub(1)).collect()), bytes);
        let place = |range: &Range<usize>| Some(*starts.get(&range.start)?..*ends.get(&range.end.wrapping_sub(1))? + 1);
        ranges.iter().map(place).collect()
    }

    /// Where in the bytes the signs stand that stand in the text at these places.
    fn counted(&self, sign: u8, places: &std::collections::HashSet<usize>, bytes: &[u8]) -> HashMap<usize, usize> {
        let pairs = memchr::memchr_iter(sign, self.text.as_bytes()).zip(memchr::memchr_iter(sign, bytes));
        pairs.filter(|(in_text, _)| places.contains(in_text)).collect()
    }

    /// Markup as bytes of this page's encoding: what may not exist in it is written by its number.
    pub(super) fn encode(&self, markup: String) -> Vec<u8> {
        if self.encoding == UTF_8 || markup.is_ascii() {
            return markup.into_bytes();
        }
        let mut out = String::with_capacity(markup.len() * 2);
        for c in markup.chars() {
            if c.is_ascii() { out.push(c) } else { out.push_str(&format!("&#{};", u32::from(c))) }
        }
        out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_the_bytes_of_any_encoding_that_keeps_ascii() {
        let cases: [&[u8]; 5] = [
            b"<meta charset=shift_jis>\x83\x5c\x95\x5c<p>\x93\xfa\x96\x7b</p> \x83",
            b"<meta charset=gbk>\xd6\xd0\xce\xc4<p>\xb8\x5c</p>\x81<b>",
            b"<meta charset=utf-8>na\xc3<p>ve \xff\xfe</p>\xe2\x82",
            b"<meta charset=windows-1252>caf\xe9 <p>\x93x\x94</p>",
            b"\xef\xbb\xbf<meta charset=koi8-r>caf\xc3\xa9 <p>x</p>",
        ];
        for bytes in cases {
            let text = Text::read(bytes).ok().unwrap();
            let start = text.text.find("<p>").unwrap();
            let end = text.text.find("</p>").unwrap() + 4;
            let places = text.in_bytes(bytes, std::slice::from_ref(&(start..end)));
            let found = &bytes[places[0].clone().unwrap()];
            assert!(found.starts_with(b"<p>") && found.ends_with(b"</p>"), "{found:?}");
        }
    }

    #[test]
    fn a_page_whose_places_cannot_be_told_is_refused() {
        let wide: Vec<u8> = "<p>hello</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(Text::read(&wide).is_err());
    }

    #[test]
    fn letters_that_an_encoding_lacks_are_written_by_their_numbers() {
        let text = Text::read(b"<meta charset=windows-1252>caf\xe9").unwrap();
        assert_eq!(text.encode("\u{6a4b} <b>".to_owned()), b"&#27211; <b>");
    }
}
