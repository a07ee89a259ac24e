//! Whether a word of a platform may name a post where it stands: markup can do so without an address, by an id.

use super::tags;
use crate::detect::needle;

/// How far after a word of a platform an id is looked for, in bytes.
const ID_REACH_BYTES: usize = 40;
/// How far before a word of a platform in a script a tag may begin, in bytes.
const TAG_REACH_BYTES: usize = 300;
/// Bytes of a tag that are looked at around a word.
const MAX_TAG_BYTES: usize = 4_000;

/// Whether a page may name a post without an address: by a word for whose an id is, or by markup in base64. Asked of
/// pages that have no address of a post at all, so that most of them are read no further.
pub(in super::super) fn may_be_named(html: &str) -> bool {
    let bytes = html.as_bytes();
    let named = needle::words_in_long(bytes).any(|word| {
        word.is_mark
            || bytes.get(word.at) == Some(&b'<')
            || names_id(bytes, word.at)
            || has_shortcode(around(bytes, word.at))
            || may_carry(bytes, word.at)
    });
    named
        || needle::is_shouted(bytes)
        || memchr::memchr_iter(b'P', bytes).any(|at| needle::is_encoded(bytes.get(at..).unwrap_or_default()))
}

/// The bytes right before a place, and the one there: a bracket opens a shortcode only with what follows it.
fn around(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at.saturating_sub(ID_REACH_BYTES)..=at).unwrap_or_default()
}

/// Whether a word stands in a tag, escaped or not, that may carry an id.
fn may_carry(bytes: &[u8], at: usize) -> bool {
    let start = at.saturating_sub(MAX_TAG_BYTES);
    let before = bytes.get(start..at).unwrap_or_default();
    let plain =
        memchr::memrchr(b'<', before).filter(|open| !before.get(*open..).is_some_and(|tag| tag.contains(&b'>')));
    let Some(open) = plain else { return in_held_tag(bytes, at) };
    let tag = bytes.get(start + open + 1..(start + open + MAX_TAG_BYTES).min(bytes.len())).unwrap_or_default();
    let tag = tag.get(..memchr::memchr(b'>', tag).unwrap_or(tag.len())).unwrap_or_default();
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/').unwrap_or(tag.len());
    let name = tag.get(..end).unwrap_or_default();
    let flags = tags::flags(tags::pack(name));
    let is_link = flags & tags::LINK != 0 && !name.eq_ignore_ascii_case(b"a");
    // Attributes of a site's own begin with `data-`, or end with `id` or `url`.
    let has = |attribute: &[u8]| memchr::memmem::find(tag, attribute).is_some();
    let own = || {
        [b"data-".as_slice(), b"DATA-", b"id=", b"ID=", b"Id=", b"url=", b"URL=", b"Url="].iter().any(|name| has(name))
    };
    flags & tags::EMBEDS != 0 || !is_link && (name.contains(&b'-') || name.contains(&b':') || own())
}

/// Whether a text that is held back, or a script, may name a post without an address.
pub(in super::super) fn is_held(text: &[u8], is_script: bool) -> bool {
    needle::words_in_long(text)
        .any(|word| !is_script || word.is_mark || names_id(text, word.at) || in_held_tag(text, word.at))
}

/// Whether the word that stands here ends a field's or attribute's name with `id` (`tweetId":`, `youtube_id=`), or
/// ends a string that may say whose the id beside it is (`"type":"youtube"`).
fn names_id(text: &[u8], at: usize) -> bool {
    let after = text.get(at..(at + ID_REACH_BYTES).min(text.len())).unwrap_or_default();
    let len = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let name = after.get(..len).unwrap_or_default();
    let is_id = name.len() > 2 && name.get(name.len() - 2..).is_some_and(|end| end.eq_ignore_ascii_case(b"id"));
    is_id || matches!(after.get(len..), Some([b'"', ..] | [b'\\', b'"', ..]))
}

/// Whether a tag in a string, escaped or not, begins shortly before.
fn in_held_tag(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(TAG_REACH_BYTES)..at).unwrap_or_default();
    let escaped = || {
        let tags = [b"003c".as_slice(), b"003C", b"&lt;", b"%3C", b"%3c"];
        tags.iter().filter_map(|tag| memchr::memmem::rfind(before, tag)).max()
    };
    let Some(open) = memchr::memrchr(b'<', before).or_else(escaped) else { return false };
    memchr::memchr(b'>', before.get(open..).unwrap_or_default()).is_none()
}

/// Whether a generator's shortcode may stand in running text: `[youtube …]`, `{% tweet … %}`, `{{< … >}}`.
pub(super) fn has_shortcode(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'[', b'{', text).any(|at| match (text.get(at), text.get(at + 1)) {
        (Some(b'['), Some(next)) => next.is_ascii_alphabetic(),
        (_, Some(next)) => matches!(next, b'%' | b'{'),
        _ => false,
    })
}
