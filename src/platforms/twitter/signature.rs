//! The signature under an embedded post: `— Name (@handle)`, in markup and in plain text.

use regex::Regex;
use std::sync::LazyLock;

/// Names have up to 50 characters; an emoji can be several.
const MAX_NAME_CHARS: usize = 80;

/// Dashes that stand before a name whatever surrounds them; entities where text was never decoded.
const DASHES: [&str; 7] = ["\u{2014}", "\u{2015}", "--", "&mdash;", "&#8212;", "&#x2014;", "\u{2e3a}"];

/// Dashes that also stand inside words and names, and count only between spaces.
const HYPHENS: [&str; 6] = ["\u{2013}", "\u{2012}", "-", "&ndash;", "&#8211;", "\u{2212}"];

/// `(@handle)`.
pub(super) static HANDLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[(（]\s{0,3}@([A-Za-z0-9_]{1,20})\s{0,3}[)）]").expect("the pattern is a constant"));

/// The name before a handle, and where its dash stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// Where the dash begins: the post's words end before it. Without a dash, where the name begins.
    pub(super) start: usize,
    /// The display name; may be empty.
    pub(super) name: &'a str,
    /// Whether there is a dash.
    pub(super) dash: bool,
    /// Whether the signature opens its line.
    pub(super) own_line: bool,
}

/// The name in `text` that ends where the handle's parenthesis begins. Without a dash only a whole line is a name.
pub(super) fn name_before(text: &str) -> Option<Name<'_>> {
    let line_start = text.rfind('\n').map_or(0, |at| at + 1);
    let line = &text[line_start..];
    let indent = line.len() - line.trim_start().len();
    if let Some(length) = DASHES.iter().chain(&HYPHENS).find(|dash| line[indent..].starts_with(**dash)).map(|d| d.len())
    {
        let name = line[indent + length..].trim();
        if name.chars().count() <= MAX_NAME_CHARS {
            return Some(Name { start: line_start + indent, name, dash: true, own_line: true });
        }
    }
    if let Some((at, length)) = last_dash(line) {
        return Some(Name { start: line_start + at, name: line[at + length..].trim(), dash: true, own_line: false });
    }
    let name = line.trim();
    let alone = !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS;
    alone.then_some(Name { start: line_start + indent, name, dash: false, own_line: true })
}

/// The last dash of a line that leaves a name's length behind it: where it begins and how long it is.
fn last_dash(line: &str) -> Option<(usize, usize)> {
    let window = line.char_indices().rev().nth(MAX_NAME_CHARS).map_or(0, |(at, _)| at);
    let tail = &line[window..];
    let strong = DASHES.iter().filter_map(|dash| tail.rfind(dash).map(|at| (at, dash.len()))).max();
    let found = strong.or_else(|| {
        let spaced = |(at, dash): (usize, &str)| {
            let before = tail[..at].chars().next_back().is_some_and(char::is_whitespace);
            let after = tail[at + dash.len()..].starts_with(char::is_whitespace);
            (before && after).then_some((at, dash.len()))
        };
        HYPHENS.iter().filter_map(|dash| tail.rmatch_indices(dash).find_map(spaced)).max()
    })?;
    // Two hyphens may be the end of three.
    let (mut at, mut length) = found;
    while tail[..at].ends_with('-') && tail[at..].starts_with('-') {
        at -= 1;
        length += 1;
    }
    Some((window + at, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, &str)> {
        let at = HANDLE.find(text)?.start();
        let name = name_before(&text[..at])?;
        Some((&text[..name.start], name.name))
    }

    #[test]
    fn a_name_is_told_from_the_words_by_its_dash() {
        assert_eq!(read("Rain - again \u{2014} Ann-Lee Example (@annex)"), Some(("Rain - again ", "Ann-Lee Example")));
        assert_eq!(
            read("pic.twitter.com/a1\u{2014} Ann (she/her) (@annex)"),
            Some(("pic.twitter.com/a1", "Ann (she/her)"))
        );
        assert_eq!(read("Rain \u{2013} Ann (@annex)"), Some(("Rain ", "Ann")));
        assert_eq!(read("Rain --- Ann (@annex)"), Some(("Rain ", "Ann")));
        assert_eq!(read("Rain &mdash; Ann (@annex)"), Some(("Rain ", "Ann")));
        assert_eq!(read("Rain\n\n\u{2014} Ann \u{2014} at sea (@annex)"), Some(("Rain\n\n", "Ann \u{2014} at sea")));
        assert_eq!(read("Rain\nAnn Example (@annex)"), Some(("Rain\n", "Ann Example")));
    }
}
