//! Undoes what pages do to a URL when they put it into HTML, JSON or another URL.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Layers of escaping: an attribute that holds JSON that holds HTML is three.
const MAX_LAYERS: usize = 5;

/// The URL without entities, JSON escapes, quotes around it, and without percent-encoding where the whole of it is
/// encoded. Repeated until nothing changes.
pub(super) fn undo(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(bare(text));
    for _ in 0..MAX_LAYERS {
        let next = layer(&text);
        match next {
            Some(next) if next != *text => text = Cow::Owned(bare(&next).to_owned()),
            _ => break,
        }
    }
    text
}

/// Percent-encoding undone until nothing changes; None where the result is no text.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..MAX_LAYERS {
        let next = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
        if next == text {
            break;
        }
        text = next;
    }
    (!text.contains(char::is_control)).then_some(text)
}

/// Without white space, quotes and opening brackets around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'`\u{feff}".contains(c))
        .trim_start_matches(['"', '\'', '<', '(', '[', '{', '\u{201c}', '\u{2018}', '\u{ab}'])
        .trim_end_matches(['"', '\'', '>', '\u{201d}', '\u{2019}', '\u{bb}', '\\'])
}

/// One layer less, where there is one.
fn layer(text: &str) -> Option<String> {
    if text.contains('\\') {
        return Some(json(text));
    }
    if text.contains('&') && text.contains(';') {
        let decoded = entities(text);
        if decoded != text {
            return Some(decoded);
        }
    }
    let head = text.get(..12).unwrap_or(text).to_ascii_lowercase();
    let encoded = ["http%3a", "https%3a", "http%25", "https%25", "%2f%2f", "%252f%252f", "at%3a"];
    if encoded.iter().any(|start| head.starts_with(start)) {
        return percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned);
    }
    None
}

/// `\/`, `\u002F`, `\x2F`, `\"`: one level of backslashes.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let digits = match chars.clone().next() {
            Some('u') => 4,
            Some('x') => 2,
            Some(_) => 0,
            None => break,
        };
        let code: String = chars.clone().skip(1).take(digits).collect();
        let escaped = (digits > 0 && code.len() == digits).then(|| u32::from_str_radix(&code, 16).ok()).flatten();
        match escaped.and_then(char::from_u32) {
            Some(escaped) => {
                out.push(escaped);
                chars.nth(digits);
            }
            None => out.extend(chars.next()),
        }
    }
    out
}

/// The entities that stand in URLs: by number, and the few by name.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match entity(rest) {
            Some((c, length)) => {
                out.push(c);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(text: &str) -> Option<(char, usize)> {
    /// `&quest;` and `&#x00026;` are the longest that occur.
    const LONGEST: usize = 10;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "amp" | "AMP" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        "sol" => '/',
        "colon" => ':',
        "equals" => '=',
        "quest" => '?',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_come_off_until_nothing_changes() {
        assert_eq!(undo("https:\\\\\\/\\\\\\/a.example\\\\\\/b"), "https://a.example/b");
        assert_eq!(undo("https://a.example/?b&#x26;c&amp;amp;d"), "https://a.example/?b&c&d");
        assert_eq!(undo("https%253A%252F%252Fa.example%252F%253Fb%253D%25C3%25A9"), "https://a.example/?b=\u{e9}");
        assert_eq!(undo("&quot;https://a.example/&quot;"), "https://a.example/");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for same in ["https://a.example/?b=%2F%2F", "https://a.example/?b&c;d", "https://a.example/?x&#;", "&", "a%3A"]
        {
            assert_eq!(undo(same), same);
        }
        assert_eq!(undo("\\u00"), "u00");
        assert_eq!(undo("\\u00e"), "u00e");
        assert_eq!(undo("a\\"), "a");
    }
}
