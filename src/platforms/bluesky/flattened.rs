//! Posts flattened into plain text: `words — Name (@name.example) May 1, 2024 at 9:12 AM`, as the embed code reads
//! without its links. The dots in a handle tell it from X's.

use crate::model::{Quoted, Target, When};
use crate::platforms::{TextSpan, printed_date};
use regex::Regex;
use std::sync::LazyLock;

/// A post has at most 300 letters; one can take many bytes.
const MAX_WORDS_BYTES: usize = 1500;

static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\u{2014}\u{2013}]\s?(?P<name>[^\n()\u{2014}]{0,80}?)\s*\(@(?P<handle>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\)\s{1,2}")
        .expect("the pattern is a constant")
});

/// The time of day after the date.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^,?\s(?:(?:at|um|à|om|alle|a las|às|kl\.)\s)?\d{1,2}:\d{2}(?:\s?[AaPp]\.?[Mm]\.?)?")
        .expect("the pattern is a constant")
});

/// The posts of a text, in reading order.
pub(super) fn detect(text: &str) -> Vec<TextSpan> {
    let mut spans: Vec<TextSpan> = Vec::new();
    let mut bound = 0;
    for found in SIGNATURE.captures_iter(text) {
        let (Some(whole), Some(name), Some(handle)) = (found.get(0), found.name("name"), found.name("handle")) else {
            continue;
        };
        let Some(rest) = text.get(whole.end()..).filter(|_| whole.start() >= bound) else { continue };
        let Some((day, length)) = printed_date::at_start(rest) else { continue };
        let time = rest.get(length..).and_then(|rest| TIME.find(rest)).map_or(0, |time| time.end());
        let end = whole.end() + length + time;
        let start = beginning(text.get(bound..whole.start()).unwrap_or_default()) + bound;
        let words = text.get(start..whole.start()).unwrap_or_default().trim();
        let quoted = Quoted {
            text: Some(words.to_owned()).filter(|words| !words.is_empty() && words.len() <= MAX_WORDS_BYTES),
            author_name: Some(name.as_str().trim().to_owned()).filter(|name| !name.is_empty()),
            author_handle: Some(handle.as_str().to_owned()),
            published: Some(When::Day(day)),
            links: Vec::new(),
        };
        let target = Target::Unresolved { platform: "bluesky".to_owned() };
        spans.push(TextSpan { start, end, target, quoted });
        bound = end;
    }
    spans
}

/// Where the last paragraph of a text begins, which is the post's; its last line, where paragraphs are lines.
fn beginning(before: &str) -> usize {
    let before = before.trim_end();
    let paragraph = before.rfind("\n\n").map_or(0, |at| at + 2);
    if before.len() - paragraph <= MAX_WORDS_BYTES { paragraph } else { before.rfind('\n').map_or(0, |at| at + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_with_a_dotted_handle_and_a_date_ends_a_post() {
        let text = "The article.\n\nLow tide — Ann Ex (@ann.example.com) May 1, 2024 at 9:12 AM\n\nMore.\n\nFog\n\n— Bo (@bo.example) 2 mai 2024";
        let found = detect(text);
        let said: Vec<_> = found.iter().map(|one| one.quoted.text.as_deref()).collect();
        assert_eq!(said, [Some("Low tide"), Some("Fog")]);
        assert_eq!(found[0].quoted.author_handle.as_deref(), Some("ann.example.com"));
        assert!(text[found[0].end..].starts_with("\n\nMore"));
        assert!(detect("Write — if you must — to Ann (@ann.example.com) about it").is_empty());
        assert!(detect("words — Ann (@annex) May 1, 2024").is_empty());
    }
}
