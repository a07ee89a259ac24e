//! Posts flattened into plain text with their author above: a line `Name (@handle) March 3, 2021` or
//! `Name @handle · Mar 3, 2021` opens a paragraph, and the rest of it is the post.
//!
//! A signature below the words opens with a dash, so a line with one is none of these.

use super::signature;
use crate::model::{Quoted, When};
use crate::platforms::{TextSpan, printed_date};
use regex::Regex;
use std::sync::LazyLock;

/// Longer lines are sentences.
const MAX_LINE_BYTES: usize = 200;

/// A post's words end at a blank line; longer ones are an article's.
const MAX_WORDS_BYTES: usize = 1200;

/// What stands above the first long line of a text is its title and byline.
const MIN_LEAD_BYTES: usize = 60;

/// Words before an author's name in bylines.
const BYLINE: [&str; 6] = ["By ", "by ", "Von ", "Par ", "Por ", "Di "];

/// Name, handle, and what stands before the date.
static AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<name>\p{L}[^\n@()|·•—]{0,78}?)\s*(?:\(@(?P<bracketed>\w{1,20})\)\s*[·•|,:]?|@(?P<bare>\w{1,20})\s*[·•|])\s*(?:on\s+)?",
    )
    .expect("the pattern is a constant")
});

/// The posts of a text whose authors stand above them.
pub(super) fn detect(text: &str) -> Vec<TextSpan> {
    if !text.contains('@') {
        return Vec::new();
    }
    let mut spans = Vec::new();
    let mut start = 0;
    let mut after_blank = true;
    let mut in_body = false;
    for line in text.split_inclusive('\n') {
        let opens = after_blank && in_body && line.len() <= MAX_LINE_BYTES;
        after_blank = line.trim().is_empty();
        if opens && let Some(span) = post(text, start, line) {
            spans.push(span);
        }
        in_body |= line.len() >= MIN_LEAD_BYTES;
        start += line.len();
    }
    spans
}

/// The post whose author this line names.
fn post(text: &str, start: usize, line: &str) -> Option<TextSpan> {
    let found = AUTHOR.captures(line).filter(|_| !BYLINE.iter().any(|word| line.starts_with(word)))?;
    let author = found.get(0)?;
    let (day, length) = printed_date::at_start(line.get(author.end()..)?)?;
    if !line.get(author.end() + length..)?.trim().is_empty() {
        return None;
    }
    let from = start + line.len();
    let rest = text.get(from..)?;
    if rest.lines().next().is_none_or(|line| line.trim().is_empty()) {
        return None;
    }
    let blank = rest.find("\n\n").or_else(|| rest.find("\n\r\n")).unwrap_or(rest.len());
    let words = rest.get(..blank).filter(|words| words.len() <= MAX_WORDS_BYTES)?.trim();
    let signed_below = words.lines().any(|line| signature::HANDLE.is_match(line) && line.contains(['\u{2014}', '–']));
    if words.is_empty() || signed_below {
        return None;
    }
    let handle = found.name("bracketed").or_else(|| found.name("bare"))?;
    let quoted = Quoted {
        text: Some(words.to_owned()),
        author_name: Some(found["name"].trim().to_owned()),
        author_handle: Some(handle.as_str().to_owned()),
        published: Some(When::Day(day)),
        links: super::flattened::links(words),
    };
    let target = super::flattened::target(words, &quoted.links, None);
    Some(TextSpan { start, end: from + blank, target, quoted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_above_and_the_words_below_are_a_post() {
        let text = "Words of the article, which go on for a line that is longer than any title.\n\nAnn Ex (@annex) May 1, 2019\nLow tide\nat the pier\n\nBo @bo · 2 mai 2019\nFog.\n\nMore.";
        let found = detect(text);
        let said: Vec<_> =
            found.iter().map(|one| (one.quoted.author_name.as_deref(), one.quoted.text.as_deref())).collect();
        assert_eq!(said, [(Some("Ann Ex"), Some("Low tide\nat the pier")), (Some("Bo"), Some("Fog."))]);
        assert_eq!(&text[found[1].start..found[1].end], "Bo @bo · 2 mai 2019\nFog.");
    }

    #[test]
    fn a_signature_below_and_a_sentence_are_none() {
        for text in [
            "Low tide\n— Ann Ex (@annex) May 1, 2019\nThe article goes on.",
            "Low tide\nAnn Ex (@annex) May 1, 2019\nThe article goes on.",
            "Ann Ex (@annex) wrote on May 1, 2019\nthat it was low tide.",
            "Ann Ex (@annex) May 1, 2019\n\nThe article goes on.",
            "Write to ann@news.example\non May 1, 2019",
            "By Ann Ex (@annex) May 1, 2019\nThe article goes on.",
        ] {
            let text = format!("Words of the article, which go on for a line that is longer than any title.\n\n{text}");
            assert!(detect(&text).is_empty(), "{text}");
        }
        assert!(detect("Low tide\n\nAnn Ex (@annex) May 1, 2019\nThe article begins.").is_empty());
    }
}
