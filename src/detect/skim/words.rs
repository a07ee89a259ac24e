//! Whether a word of a platform may name a post where it stands: markup can do so without an address, by an id.

use super::tags;
use crate::detect::{
    needle,
    state::{is_id_of, is_kind, kind_with_ids},
};
use std::ops::Range;

/// How far after a word of a platform an id is looked for, in bytes.
const ID_REACH_BYTES: usize = 40;
/// How far before a word of a platform in a script a tag may begin, in bytes.
const TAG_REACH_BYTES: usize = 300;
/// A shorter value is no id.
const MIN_ID_BYTES: usize = 5;
/// A string that says a kind, with the name of its field, is not longer, in bytes.
const KIND_REACH_BYTES: usize = 120;
/// Bytes of a tag in a string that are looked at.
const MAX_HELD_TAG_BYTES: usize = 1_000;
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
    needle::words_in_long(text).any(|word| {
        !is_script
            || word.is_mark
            || names_given_id(text, word.at)
            || given_kind(text, word.at).is_some()
            || in_held_tag(text, word.at)
    })
}

/// Whether state may name a post without an address: by an id in a field whose name says whose it is, beside a kind that
/// says so, or in markup, unless all that the markup names is `shown` already.
pub(in super::super) fn names_by_id(text: &[u8], shown: impl Fn(&Range<usize>) -> bool) -> bool {
    let mut last: Option<Range<usize>> = None;
    let mut without_id = Vec::new();
    needle::words_in_long(text).any(|word| {
        if names_given_id(text, word.at) {
            return true;
        }
        if let Some(whose) = given_kind(text, word.at).filter(|whose| !without_id.contains(whose)) {
            if gives_id_of(text, whose) {
                return true;
            }
            without_id.push(whose);
        }
        let Some(tag) = held_tag(text, word.at).filter(|tag| last.as_ref() != Some(tag)) else { return false };
        let bytes = text.get(tag.clone()).unwrap_or_default();
        let names = match carried(bytes) {
            Carries::Nothing => word.is_mark,
            Carries::Id => true,
            Carries::Page => word.is_mark || !shown(&tag),
        };
        last = Some(tag);
        names
    })
}

/// Whether the name that ends with `id` after the word that stands here is given one: `"tweetId":"123…"`,
/// `youtube_id=…`, however the quotes are escaped.
fn names_given_id(text: &[u8], at: usize) -> bool {
    let after = text.get(at..(at + ID_REACH_BYTES + MIN_ID_BYTES).min(text.len())).unwrap_or_default();
    let name = after.get(..name_len(after)).unwrap_or_default();
    if !ends_with_id(name) {
        return false;
    }
    let mut rest = after.get(name.len()..).unwrap_or_default();
    let mut is_given = false;
    loop {
        is_given |= matches!(rest.first(), Some(b':' | b'='))
            || [b"%3".as_slice(), b"u003"].iter().any(|sign| rest.starts_with(sign));
        let Some(len) = between(rest) else { break };
        rest = rest.get(len..).unwrap_or_default();
    }
    is_given && rest.len() >= MIN_ID_BYTES && rest.iter().take(MIN_ID_BYTES).all(|byte| is_of_name(*byte))
}

/// The length of what stands between a name and its value: quotes, colons and spaces, and what they are escaped as.
fn between(text: &[u8]) -> Option<usize> {
    const SIGNS: [&[u8]; 10] =
        [b"&quot;", b"&#34;", b"&#39;", b"u0022", b"u0027", b"u003d", b"u003D", b"%22", b"%3D", b"%3A"];
    match text.first()? {
        b'\\' | b'"' | b'\'' | b':' | b'=' | b' ' | b'\t' | b'\n' | b'\r' => Some(1),
        _ => SIGNS.iter().find(|sign| text.starts_with(sign)).map(|sign| sign.len()),
    }
}

/// Whose posts an object's kind names, where the word that stands here is in such a string: `"type":"youtube"`; the id
/// is then in a field beside it.
fn given_kind(text: &[u8], at: usize) -> Option<&'static str> {
    let after = text.get(at..(at + ID_REACH_BYTES).min(text.len())).unwrap_or_default();
    let len = name_len(after);
    if !matches!(after.get(len..), Some([b'"' | b'\'', ..] | [b'\\', b'"' | b'\'', ..])) {
        return None;
    }
    let whose = after.get(..len).and_then(|kind| std::str::from_utf8(kind).ok()).and_then(kind_with_ids)?;
    let before = text.get(at.saturating_sub(KIND_REACH_BYTES)..at).unwrap_or_default();
    let Some(open) = memchr::memrchr2(b'"', b'\'', before) else { return Some(whose) };
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\') || byte.is_ascii_whitespace();
    let trim = |text: &'_ [u8]| text.iter().rposition(|byte| !is_quote(byte)).map_or(0, |last| last + 1);
    let field = before.get(..open).unwrap_or_default();
    let field = field.get(..trim(field)).unwrap_or_default();
    // A component as React streams it: `["$","youtube",null,{…}]`.
    if let Some(field) = field.strip_suffix(b",") {
        return field.get(..trim(field)).is_some_and(|field| field.ends_with(b"$")).then_some(whose);
    }
    let field = field.strip_suffix(b":")?;
    let field = field.get(..trim(field)).unwrap_or_default();
    let start = field.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'@'));
    let name = field.get(start.map_or(0, |start| start + 1)..).and_then(|name| std::str::from_utf8(name).ok())?;
    is_kind(name).then_some(whose)
}

/// Whether a field for ids has one anywhere that may be this platform's.
fn gives_id_of(text: &[u8], whose: &str) -> bool {
    [b"id".as_slice(), b"Id", b"ID", b"ode", b"ODE"].iter().any(|name| {
        memchr::memmem::find_iter(text, name).any(|at| {
            let rest = text.get(at + name.len()..).unwrap_or_default();
            let gap = rest.iter().take(ID_REACH_BYTES).take_while(|byte| between(&[**byte]).is_some()).count();
            let value = rest.get(gap..(gap + ID_REACH_BYTES).min(rest.len())).unwrap_or_default();
            let value = value.get(..name_len(value)).and_then(|value| std::str::from_utf8(value).ok());
            gap > 0 && value.is_some_and(|value| is_id_of(whose, value))
        })
    })
}

/// Whether the word that stands here ends a field's or attribute's name with `id` (`tweetId":`, `youtube_id=`), or
/// ends a string that may say whose the id beside it is (`"type":"youtube"`).
fn names_id(text: &[u8], at: usize) -> bool {
    let after = text.get(at..(at + ID_REACH_BYTES).min(text.len())).unwrap_or_default();
    let len = name_len(after);
    let name = after.get(..len).unwrap_or_default();
    ends_with_id(name) || matches!(after.get(len..), Some([b'"', ..] | [b'\\', b'"', ..]))
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn name_len(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_of_name(**byte)).count()
}

fn ends_with_id(name: &[u8]) -> bool {
    name.len() > 2 && name.get(name.len() - 2..).is_some_and(|end| end.eq_ignore_ascii_case(b"id"))
}

/// Whether the word that stands here is in a tag in a string, escaped or not, that may carry an id.
fn in_held_tag(text: &[u8], at: usize) -> bool {
    held_tag(text, at).is_some_and(|tag| !matches!(carried(text.get(tag).unwrap_or_default()), Carries::Nothing))
}

/// The tag in a string, escaped or not, in which the word stands that stands here: from its name on.
fn held_tag(text: &[u8], at: usize) -> Option<Range<usize>> {
    const OPENS: [&[u8]; 5] = [b"003c", b"003C", b"&lt;", b"%3C", b"%3c"];
    const CLOSES: [&[u8]; 5] = [b"003e", b"003E", b"&gt;", b"%3E", b"%3e"];
    let from = at.saturating_sub(TAG_REACH_BYTES);
    let before = text.get(from..at).unwrap_or_default();
    let escaped = || {
        let ends_here =
            |at: &usize| before.get(..=*at).is_some_and(|head| OPENS.iter().any(|open| head.ends_with(open)));
        memchr::memrchr3_iter(b'c', b'C', b';', before).find(ends_here).map(|at| at + 1)
    };
    let plain = memchr::memrchr(b'<', before).map(|open| open + 1);
    // The word may begin with the bracket.
    let plain = if text.get(at) == Some(&b'<') { Some(before.len() + 1) } else { plain };
    let (open, is_plain) = (plain.or_else(escaped)?, plain.is_some());
    if memchr::memchr(b'>', before.get(open..).unwrap_or_default()).is_some() {
        return None;
    }
    let start = from + open;
    let rest = text.get(start..(start + MAX_HELD_TAG_BYTES).min(text.len()))?;
    let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
    let rest = rest.get(..end)?;
    let end = if is_plain {
        end
    } else {
        let after = (at + 1).saturating_sub(start).min(rest.len());
        let closes = CLOSES.iter().filter_map(|close| memchr::memmem::find(rest.get(after..)?, close));
        closes.min().map_or(end, |len| after + len)
    };
    rest.first().filter(|byte| byte.is_ascii_alphabetic())?;
    Some(start..start + end)
}

/// What a tag may name without an address.
enum Carries {
    Nothing,
    /// It has an attribute of a site's own.
    Id,
    /// It shows another page, which may be anybody's.
    Page,
}

/// What a tag may carry, of which this is the name and what follows it.
fn carried(tag: &[u8]) -> Carries {
    // Attributes of a site's own begin with `data-`, or end with `id` or `url`.
    const OWN: [&[u8]; 14] = [
        b"data-",
        b"DATA-",
        b"id=",
        b"ID=",
        b"Id=",
        b"url=",
        b"URL=",
        b"Url=",
        b"id%3D",
        b"id%3d",
        b"url%3D",
        b"url%3d",
        b"id\\u003",
        b"url\\u003",
    ];
    let len = tag.iter().take_while(|byte| is_of_name(**byte) || **byte == b':').count();
    let name = tag.get(..len).unwrap_or_default();
    let flags = tags::flags(tags::pack(name));
    if flags & tags::EMBEDS != 0 {
        return Carries::Page;
    }
    let is_own = name.contains(&b'-') || name.contains(&b':');
    if is_own || (flags & tags::LINK == 0 && OWN.iter().any(|name| memchr::memmem::find(tag, name).is_some())) {
        Carries::Id
    } else {
        Carries::Nothing
    }
}

/// Whether a generator's shortcode may stand in running text: `[youtube …]`, `{% tweet … %}`, `{{< … >}}`.
pub(super) fn has_shortcode(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'[', b'{', text).any(|at| match (text.get(at), text.get(at + 1)) {
        (Some(b'['), Some(next)) => next.is_ascii_alphabetic(),
        (_, Some(next)) => matches!(next, b'%' | b'{'),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_is_read_where_it_gives_an_id_and_not_where_it_only_says_a_name() {
        for (state, names) in [
            (r#"{"tweetId":"1100000000000000001"}"#, true),
            (r#"{\"youtubeId\": \"aB3_dE6-g01\"}"#, true),
            (r#"{"youtubeId":""}"#, false),
            (r#"{"type":"youtube","id":"aB3_dE6-g01"}"#, true),
            (r#"{kind: "tweet", x: {statusId: "1100000000000000001"}}"#, true),
            (r#"["$","tweet",null,{"id":"1100000000000000001"}]"#, true),
            (r#"{"type":"youtube","id":"12"}"#, false),
            (r#"{"share":["twitter","instagram"],"id":"1100000000000000001"}"#, false),
            (r#"{"html":"<div data-youtube-id='aB3_dE6-g01'>"}"#, true),
            (r#"{"html":"\u003cdiv data-tweet-id=\"1100000000000000001\"\u003e"}"#, true),
            (r#"{"html":"<div class=wistia_async_ab12cd34>"}"#, true),
            (r#"{"html":"<iframe src=//films.example/player>"}"#, true),
            (r#"{"html":"<p class=twitter>"} i<n; f("youtube")"#, false),
        ] {
            assert_eq!(names_by_id(state.as_bytes(), |_| false), names, "{state}");
        }
    }
}
