//! Where tags, comments and texts begin and end, as the HTML standard's tokenizer would have it.

use super::tags::{self, Flags, Name, SCRIPT};
use crate::detect::needle;

/// Longer hosts without a scheme are none.
const MAX_HOST_BYTES: usize = 40;

/// A piece of a page.
pub(in crate::detect) enum Token<'a> {
    Text,
    Comment,
    /// The doctype.
    Declaration,
    Start(Tag<'a>),
    End(Name),
}

/// A start tag.
pub(in crate::detect) struct Tag<'a> {
    pub(in crate::detect) name: Name,
    pub(super) flags: Flags,
    /// In the source, in bytes.
    pub(in crate::detect) name_bytes: usize,
    /// It ends with `/>`.
    pub(super) closed: bool,
    /// Its name has a dash or a colon.
    pub(super) custom: bool,
    /// The values of `role`, `class` and `id`, as they stand there.
    pub(super) says: [&'a [u8]; 3],
    /// `itemprop`.
    pub(super) property: &'a [u8],
    /// It has attributes of the site's own.
    pub(super) data: bool,
    /// An attribute may hold an address without a scheme, or markup in base64.
    pub(super) carries: bool,
}

impl Tag<'_> {
    /// Whether what is in it is text up to its end tag.
    pub(in crate::detect) fn is_raw(&self) -> bool {
        self.flags & tags::RAW != 0
    }
}

/// The token that begins at `at`, and where it ends.
pub(in crate::detect) fn next(source: &[u8], at: usize) -> Option<(Token<'_>, usize)> {
    if at >= source.len() {
        return None;
    }
    let mut from = at;
    while let Some(open) = memchr::memchr(b'<', source.get(from..)?).map(|open| from + open) {
        let begins = match source.get(open + 1) {
            Some(b'!' | b'?' | b'/') => true,
            Some(byte) => byte.is_ascii_alphabetic(),
            None => false,
        };
        if begins {
            if open > at {
                return Some((Token::Text, open));
            }
            return Some(markup(source, open));
        }
        from = open + 1;
    }
    Some((Token::Text, source.len()))
}

/// What begins with a `<`.
fn markup(source: &[u8], open: usize) -> (Token<'_>, usize) {
    match source.get(open + 1) {
        Some(b'!') => {
            let rest = source.get(open + 2..).unwrap_or_default();
            if rest.starts_with(b"--") {
                return (Token::Comment, comment_end(source, open + 4));
            }
            let end = after(source, open + 2, b'>');
            let is_doctype = rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"doctype"));
            (if is_doctype { Token::Declaration } else { Token::Comment }, end)
        }
        Some(b'?') => (Token::Comment, after(source, open + 2, b'>')),
        Some(b'/') => {
            if !source.get(open + 2).is_some_and(u8::is_ascii_alphabetic) {
                return (Token::Comment, after(source, open + 2, b'>'));
            }
            let (name, end) = name(source, open + 2);
            // End tags rarely have attributes.
            let end = if source.get(end) == Some(&b'>') { end + 1 } else { attributes(source, end, |_, _| {}).0 };
            (Token::End(name), end)
        }
        _ => start(source, open + 1),
    }
}

fn start(source: &[u8], at: usize) -> (Token<'_>, usize) {
    let (packed, mut end) = name(source, at);
    let custom = source.get(at..end).is_some_and(|name| name.contains(&b'-') || name.contains(&b':'));
    let mut tag = Tag {
        name: packed,
        flags: tags::flags(packed),
        name_bytes: end - at,
        closed: false,
        custom,
        says: [&[], &[], &[]],
        property: &[],
        data: false,
        carries: false,
    };
    if source.get(end) == Some(&b'>') {
        return (Token::Start(tag), end + 1);
    }
    let closed;
    (end, closed) = attributes(source, end, |name, value| match name.len() {
        2 if name.eq_ignore_ascii_case(b"id") => tag.says[2] = value,
        4 if name.eq_ignore_ascii_case(b"role") => tag.says[0] = value,
        5 if name.eq_ignore_ascii_case(b"class") => tag.says[1] = value,
        5 if name.eq_ignore_ascii_case(b"style") => {}
        8 if name.eq_ignore_ascii_case(b"itemprop") => tag.property = value,
        _ => {
            tag.data |= is_own(name);
            tag.carries |= has_host(value) || needle::is_encoded(value.trim_ascii_start());
        }
    });
    tag.closed = closed;
    (Token::Start(tag), end)
}

/// Whether an attribute is the site's own and may hold an id: `data-…`, `videoID`, `tweet-url`.
#[inline]
fn is_own(name: &[u8]) -> bool {
    // Most names are told by their first and last letters.
    let letter =
        |byte: Option<&u8>, wanted: &[u8]| byte.is_some_and(|byte| wanted.contains(&byte.to_ascii_lowercase()));
    if !letter(name.first(), b"d") && !letter(name.last(), b"dl") {
        return false;
    }
    let ends = |end: &[u8]| {
        name.len()
            .checked_sub(end.len())
            .and_then(|at| name.get(at..))
            .is_some_and(|last| last.eq_ignore_ascii_case(end))
    };
    name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"data-")) || ends(b"id") || ends(b"url")
}

/// Whether a value begins as an address without a scheme may, and is a post's.
#[inline]
fn has_host(value: &[u8]) -> bool {
    let first = value.first().is_some_and(u8::is_ascii_alphanumeric);
    first && !value.starts_with(b"http") && {
        let end =
            value.iter().take(MAX_HOST_BYTES).position(|byte| matches!(byte, b'/' | b':' | b' ' | b'%' | b'\\' | b'&'));
        end.is_some_and(|end| value.get(..end).is_some_and(|host| host.contains(&b'.')) && needle::is_address(value))
    }
}

/// White space, as tags have it.
const SPACE: u8 = 1;
/// Ends a tag's name.
const ENDS_NAME: u8 = 1 << 1;
/// Ends an attribute's name.
const ENDS_ATTRIBUTE: u8 = 1 << 2;
/// Stands before an attribute.
const BEFORE: u8 = 1 << 3;
/// Ends a value without quotes.
const ENDS_VALUE: u8 = 1 << 4;

/// What each byte is in a tag.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let spaces = b" \t\n\r\x0c";
    let mut index = 0;
    while index < spaces.len() {
        kinds[spaces[index] as usize] = SPACE | ENDS_NAME | ENDS_ATTRIBUTE | BEFORE | ENDS_VALUE;
        index += 1;
    }
    kinds[b'/' as usize] = ENDS_NAME | ENDS_ATTRIBUTE | BEFORE;
    kinds[b'>' as usize] = ENDS_NAME | ENDS_ATTRIBUTE | ENDS_VALUE;
    kinds[b'=' as usize] = ENDS_ATTRIBUTE;
    kinds
};

/// Whether a byte is of one of these kinds.
#[inline]
fn is(byte: u8, kinds: u8) -> bool {
    KINDS[usize::from(byte)] & kinds != 0
}

/// The first place from `at` on whose byte is of one of these kinds, or (`false`) of none of them.
#[inline]
fn next_of(source: &[u8], at: usize, kinds: u8, wanted: bool) -> usize {
    let rest = source.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is(*byte, kinds) == wanted).unwrap_or(rest.len())
}

/// The packed name that begins here, and where it ends.
#[inline]
fn name(source: &[u8], at: usize) -> (Name, usize) {
    let mut packed: Name = 0;
    let mut end = at;
    for byte in source.get(at..).unwrap_or_default() {
        if is(*byte, ENDS_NAME) {
            break;
        }
        packed = packed.rotate_left(8) ^ Name::from(byte.to_ascii_lowercase());
        end += 1;
    }
    (packed, end)
}

/// Follows a tag from the end of its name to after its `>`, showing each attribute; whether it ends with `/>`.
#[inline]
fn attributes<'a>(source: &'a [u8], from: usize, mut show: impl FnMut(&'a [u8], &'a [u8])) -> (usize, bool) {
    let mut at = from;
    loop {
        at = next_of(source, at, BEFORE, false);
        match source.get(at) {
            None => return (source.len(), false),
            Some(b'>') => return (at + 1, source.get(at.wrapping_sub(1)) == Some(&b'/')),
            Some(_) => {}
        }
        let start = at;
        // A leading `=` belongs to the name.
        at = next_of(source, at + 1, ENDS_ATTRIBUTE, true);
        let name = source.get(start..at).unwrap_or_default();
        at = next_of(source, at, SPACE, false);
        if source.get(at) != Some(&b'=') {
            continue;
        }
        at = next_of(source, at + 1, SPACE, false);
        match source.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let rest = source.get(at + 1..).unwrap_or_default();
                let Some(len) = memchr::memchr(*quote, rest) else { return (source.len(), false) };
                show(name, rest.get(..len).unwrap_or_default());
                at += len + 2;
            }
            Some(b'>') => return (at + 1, false),
            Some(_) => {
                let start = at;
                at = next_of(source, at, ENDS_VALUE, true);
                show(name, source.get(start..at).unwrap_or_default());
                // `/>` after a bare value is part of it.
                if source.get(at) == Some(&b'>') {
                    return (at + 1, false);
                }
            }
            None => return (source.len(), false),
        }
    }
}

fn after(source: &[u8], from: usize, byte: u8) -> usize {
    memchr::memchr(byte, source.get(from..).unwrap_or_default()).map_or(source.len(), |at| from + at + 1)
}

/// After the comment whose text begins at `from`.
fn comment_end(source: &[u8], from: usize) -> usize {
    let rest = source.get(from..).unwrap_or_default();
    if rest.starts_with(b">") {
        return from + 1;
    }
    if rest.starts_with(b"->") {
        return from + 2;
    }
    let mut at = from;
    while let Some(found) = memchr::memmem::find(source.get(at..).unwrap_or_default(), b"--").map(|found| at + found) {
        match source.get(found + 2) {
            Some(b'>') => return found + 3,
            Some(b'!') if source.get(found + 3) == Some(&b'>') => return found + 4,
            _ => at = found + 1,
        }
    }
    source.len()
}

/// Where the text in a raw element ends, and where the element does.
pub(in crate::detect) fn raw_end(source: &[u8], from: usize, tag: &Tag<'_>) -> (usize, usize) {
    let Some((start, end)) = end_tag(source, from, tag.name) else { return (source.len(), source.len()) };
    // Few scripts have a comment at all, and looking for one is the faster way to know.
    let text = source.get(from..start).unwrap_or_default();
    if tag.name != SCRIPT || memchr::memmem::find(text, b"<!--").is_none() {
        return (start, end);
    }
    script_end(source, from)
}

/// The next end tag of this name.
fn end_tag(source: &[u8], from: usize, wanted: Name) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let found = at + memchr::memmem::find(source.get(at..)?, b"</")?;
        if source.get(found + 2).is_some_and(u8::is_ascii_alphabetic) {
            let (packed, end) = name(source, found + 2);
            if packed == wanted && end < source.len() {
                return Some((found, attributes(source, end, |_, _| {}).0));
            }
        }
        at = found + 2;
    }
}

/// The same of a script with a comment, in which another script may be begun: an end tag is then that one's. Each byte
/// is passed once.
fn script_end(source: &[u8], from: usize) -> (usize, usize) {
    let mut comment = false;
    let mut begun = false;
    let mut at = from;
    while let Some(found) = memchr::memchr2(b'<', b'-', source.get(at..).unwrap_or_default()).map(|found| at + found) {
        let rest = source.get(found..).unwrap_or_default();
        at = found + 1;
        if rest.starts_with(b"-->") {
            (comment, begun) = (false, false);
        } else if rest.starts_with(b"<!--") {
            // Its dashes may be those of its end.
            comment = true;
            at = found + 2;
        } else if rest.starts_with(b"</") && is_script(rest.get(2..).unwrap_or_default()) {
            let (_, end) = name(source, found + 2);
            if !begun && end < source.len() {
                return (found, attributes(source, end, |_, _| {}).0);
            }
            begun = false;
        } else if comment && rest.starts_with(b"<") && is_script(rest.get(1..).unwrap_or_default()) {
            begun = true;
        }
    }
    (source.len(), source.len())
}

/// Whether a tag's name begins here that is a script's.
fn is_script(word: &[u8]) -> bool {
    word.get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"script"))
        && word.get(6).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'/' | b'>'))
}
