//! Makes text readable that no XML parser reads: a `<` that opens no tag becomes a reference.

use memchr::{memchr, memmem};
use std::borrow::Cow;

/// The text with each `<` that opens nothing escaped; itself for nearly every document.
pub(super) fn mend(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr(b'<', rest)) {
        let start = at + offset;
        let rest = &bytes[start + 1..];
        at = match rest.first() {
            Some(b'!') if rest.starts_with(b"!--") => behind(bytes, start + 4, b"-->"),
            Some(b'!') if rest.starts_with(b"![CDATA[") => behind(bytes, start + 9, b"]]>"),
            Some(b'?') => behind(bytes, start + 2, b"?>"),
            Some(b'/' | b'_' | b':' | b'!' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) => start + 1,
            _ => {
                let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 64));
                out.push_str(&text[copied..start]);
                out.push_str("&lt;");
                copied = start + 1;
                start + 1
            }
        };
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

/// Behind the next `end`, or behind everything.
fn behind(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    memmem::find(rest, end).map_or(bytes.len(), |at| from + at + end.len())
}
