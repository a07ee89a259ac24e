//! A rule's pattern against a path: `*` is anything, `$` at the end is the end, the rest is itself, byte by byte.

use memchr::memmem;
use std::fmt;
use url::Url;

/// A pattern as it stands in the file, and as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    as_written: Box<[u8]>,
    /// The pieces between stars.
    pieces: Vec<Box<[u8]>>,
    to_end: bool,
    /// What it counts where it matches: its length.
    weight: usize,
}

impl Pattern {
    /// Bytes beyond ASCII are escaped, as they are in addresses.
    pub(super) fn new(value: &[u8]) -> Self {
        let (body, to_end) = match value.split_last() {
            Some((b'$', body)) => (body, true),
            _ => (value, false),
        };
        let beyond = value.iter().filter(|byte| **byte >= 0x80).count();
        let pieces = body.split(|byte| *byte == b'*').map(|piece| escaped(piece, true).into()).collect();
        // As Google counts: three for a byte that must be escaped, one for every other.
        Self { as_written: value.into(), pieces, to_end, weight: value.len() + 2 * beyond }
    }

    /// What the pattern counts against others where it matches `path`, as [`comparable`] gives it. An allowed `index.html`,
    /// or what begins so, stands for its folder as well.
    pub(super) fn weight(&self, path: &[u8], allows: bool) -> Option<usize> {
        if matches(path, &self.pieces, self.to_end) {
            return Some(self.weight);
        }
        let (last, before) = self.pieces.split_last().filter(|_| allows)?;
        let slash = last.iter().rposition(|byte| *byte == b'/')?;
        let (folder, file) = last.split_at_checked(slash + 1)?;
        let shorter = self.weight.saturating_sub(file.len() + usize::from(self.to_end)) + 1;
        let pieces: Vec<Box<[u8]>> = before.iter().cloned().chain([folder.into()]).collect();
        (file.starts_with(b"index.htm") && matches(path, &pieces, true)).then_some(shorter)
    }
}

/// A path as patterns are compared with it: in it `*` and `$` are themselves, which a pattern writes as `%2A` and `%24`
/// (RFC 9309, 2.2.3).
pub(super) fn comparable(path: &str) -> Vec<u8> {
    escaped(path.as_bytes(), false)
}

/// Escapes what no address holds as it is, and what is special in patterns; writes every escape in upper case. Whether
/// bytes beyond ASCII are escaped as well: an address has none.
fn escaped(text: &[u8], beyond_ascii: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            // The same character by RFC 3986, 2.3; letters and digits, which nobody escapes, Google compares as they stand.
            (b'%', [b'7', b'e' | b'E', after @ ..]) => {
                out.push(b'~');
                rest = after;
            }
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.extend([b'%', high.to_ascii_uppercase(), low.to_ascii_uppercase()]);
                rest = after;
            }
            (b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'$' | b'*', _) => {
                out.extend(format!("%{byte:02X}").into_bytes());
            }
            (0x80.., _) if beyond_ascii => out.extend(format!("%{byte:02X}").into_bytes()),
            _ => out.push(*byte),
        }
    }
    out
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_CHARS: usize = 200;
        String::from_utf8_lossy(&self.as_written).chars().take(SHOWN_CHARS).try_for_each(|c| write!(f, "{c}"))
    }
}

/// Whether the pieces of a pattern stand in a path, from its start. Each is taken where it stands first, which leaves most
/// to the next: no way back, and time that grows with the path alone.
fn matches(path: &[u8], pieces: &[Box<[u8]>], to_end: bool) -> bool {
    let Some((first, others)) = pieces.split_first() else { return false };
    let Some(mut rest) = path.strip_prefix(&**first) else { return false };
    let Some((last, between)) = others.split_last() else { return !to_end || rest.is_empty() };
    for piece in between {
        let Some(at) = memmem::find(rest, piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    if to_end { rest.ends_with(last) } else { memmem::find(rest, last).is_some() }
}

/// What rules are about: an address's path and query, as they go over the wire.
#[must_use]
pub fn path_of(url: &Url) -> String {
    let path = if url.path().is_empty() { "/" } else { url.path() };
    url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_anything_and_the_dollar_is_the_end() {
        for (pattern, path, matched) in [
            ("/a", "/abc", true),
            ("/a$", "/abc", false),
            ("/a$", "/a", true),
            ("/*.php$", "/x/y.php", true),
            ("/*.php$", "/x/y.php?z", false),
            ("/a*b*b$", "/ab", false),
            ("/a*b*b$", "/abb", true),
            ("*", "/", true),
            ("/a$b", "/a$b", true),
            ("a", "/a", false),
            ("/*", "/", true),
            ("/x%2A", "/x*y", true),
            ("/x%24", "/x$", true),
            ("/x%3c", "/x%3Cy", true),
        ] {
            let weight = Pattern::new(pattern.as_bytes()).weight(&comparable(path), false);
            assert_eq!(weight.is_some(), matched, "{pattern} {path}");
        }
        assert_eq!(escaped("/ü%c3%bc%zz$".as_bytes(), true), b"/%C3%BC%C3%BC%zz%24");
    }

    #[test]
    fn an_allowed_index_page_is_its_folder() {
        let pattern = Pattern::new(b"/a*/index.html");
        assert_eq!(pattern.weight(b"/a/b/index.html?x", true), Some(14));
        assert_eq!(pattern.weight(b"/a/b/", true), Some(5));
        assert_eq!(pattern.weight(b"/a/b/c", true), None);
        assert_eq!(pattern.weight(b"/a/b/", false), None);
    }
}
