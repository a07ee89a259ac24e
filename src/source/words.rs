//! Titles and names as sources write them: with markup, escaped once or twice, over several lines.

use crate::html;

/// A longer title is cut before its markup is read.
const MAX_TITLE_BYTES: usize = 16 * 1024;

/// The words of a text that may hold markup, on one line; none where there are none.
pub(super) fn words(text: &str) -> Option<String> {
    let text = cut(text.trim());
    let is_markup = has_tag(text) || (text.contains('&') && text.contains(';'));
    if is_markup { line(&html::fragment_text(text)) } else { line(text) }
}

/// A text on one line; none where it is blank.
pub(super) fn line(text: &str) -> Option<String> {
    let text = cut(text).split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// Elements that sources write into titles and short texts.
const INLINE: [&str; 40] = [
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "blink",
    "blockquote",
    "br",
    "cite",
    "code",
    "del",
    "dfn",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "p",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "u",
    "ul",
];

/// Whether there is a tag of HTML in the text, and not only a comparison or a word in angle brackets.
pub(super) fn has_tag(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('<') {
        let name = behind.strip_prefix('/').unwrap_or(behind);
        let length = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, tail) = name.split_at(length);
        let is_known = length <= 10 && INLINE.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
        if behind.starts_with("!--")
            || (is_known && tail.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')))
        {
            return true;
        }
        rest = behind;
    }
    false
}

fn cut(text: &str) -> &str {
    let end = (0..=MAX_TITLE_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}
