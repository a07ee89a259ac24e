//! What changed between two texts, word by word, in any language: readable without colour, and said aloud.
//!
//! Words are those of Unicode (UAX #29), so that a script without spaces is compared sign by sign. Small agreements
//! inside a rewritten phrase are taken into the change: a person reads phrases, not the shortest script of edits.

use crate::{html::escape, render::markup::Markup};
use similar::{Algorithm, DiffOp, DiffableStr, capture_diff_slices};
use std::{borrow::Cow, ops::Range};

/// Texts that together have more than this are first compared line by line, in bytes.
const MAX_WORD_BYTES: usize = 64 << 10;

/// With more lines than this together, what lies between the first and the last difference is one change.
const MAX_LINES: usize = 20_000;

/// Unchanged words that stay beside a change where the rest is left out, in bytes.
const CONTEXT_BYTES: usize = 240;

/// What of one removed or added stretch is shown where the rest is left out, in bytes.
const MAX_CHANGE_BYTES: usize = 8 << 10;

/// Changes that are shown where the rest is left out.
const MAX_CHANGES: usize = 200;

/// The text `after` with what `before` had instead: the whole of it, white space and line breaks kept.
pub(super) fn words(before: &str, after: &str) -> Markup {
    let (before, after) = (plain_breaks(before), plain_breaks(after));
    let mut out = Writer::new(after.len());
    let (mut at, mut left) = (0, 0);
    for change in changes(&before, &after) {
        out.same(&after[at..change.after.start]);
        out.change(&before[change.before.clone()], &after[change.after.clone()]);
        (at, left) = (change.after.end, change.before.end);
    }
    debug_assert_eq!(before[left..].len(), after[at..].len(), "what follows the last change is the same");
    out.same(&after[at..]);
    out.finish()
}

/// The changes alone with some words around each, for texts of which nobody wants to read the whole again.
pub(super) fn in_context(before: &str, after: &str) -> Markup {
    let (before, after) = (plain_breaks(before), plain_breaks(after));
    let mut out = Writer::new(2 * CONTEXT_BYTES);
    let mut at = 0;
    let changes = changes(&before, &after);
    for change in changes.iter().take(MAX_CHANGES) {
        out.stretch(&after[at..change.after.start], at > 0, true);
        out.change(&shortened(&before[change.before.clone()]), &shortened(&after[change.after.clone()]));
        at = change.after.end;
    }
    match changes.len().checked_sub(MAX_CHANGES) {
        Some(more @ 1..) => out.note(&format!("[{more} more changes]")),
        _ => out.stretch(&after[at..], at > 0, false),
    }
    out.finish()
}

/// A stretch of one text that stands in the place of one of the other, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    before: Range<usize>,
    after: Range<usize>,
}

impl Change {
    fn size(&self) -> usize {
        self.before.len().max(self.after.len())
    }
}

/// In order; what lies between them is the same in both texts.
fn changes(before: &str, after: &str) -> Vec<Change> {
    if before.len() + after.len() <= MAX_WORD_BYTES {
        return readable(before, after, compared(&before.tokenize_unicode_words(), &after.tokenize_unicode_words()));
    }
    let (lines, others) = (before.tokenize_lines(), after.tokenize_lines());
    let by_lines =
        if lines.len() + others.len() <= MAX_LINES { compared(&lines, &others) } else { middle(&lines, &others) };
    let mut left = MAX_WORD_BYTES;
    let mut out = Vec::with_capacity(by_lines.len());
    for change in by_lines {
        let (old, new) = (&before[change.before.clone()], &after[change.after.clone()]);
        let cost = old.len() + new.len();
        if old.is_empty() || new.is_empty() || cost > left {
            out.push(change);
            continue;
        }
        left -= cost;
        let inside = compared(&old.tokenize_unicode_words(), &new.tokenize_unicode_words());
        out.extend(readable(old, new, inside).into_iter().map(|inside| Change {
            before: inside.before.start + change.before.start..inside.before.end + change.before.start,
            after: inside.after.start + change.after.start..inside.after.end + change.after.start,
        }));
    }
    out
}

/// The differences of two texts in pieces. `similar` gives up on the shortest answer where it is hard to find, so that
/// this takes time in proportion to the texts.
fn compared(before: &[&str], after: &[&str]) -> Vec<Change> {
    let (old, new) = (offsets(before), offsets(after));
    let bytes = |offsets: &[usize], range: Range<usize>| offsets[range.start]..offsets[range.end];
    capture_diff_slices(Algorithm::Myers, before, after)
        .iter()
        .filter(|op| !matches!(op, DiffOp::Equal { .. }))
        .map(|op| Change { before: bytes(&old, op.old_range()), after: bytes(&new, op.new_range()) })
        .collect()
}

/// All between the first and the last piece that differ, as one change.
fn middle(before: &[&str], after: &[&str]) -> Vec<Change> {
    let first = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let (old, new) = (&before[first..], &after[first..]);
    let last = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - last], &new[..new.len() - last]);
    if old.is_empty() && new.is_empty() {
        return Vec::new();
    }
    let length = |pieces: &[&str]| pieces.iter().map(|piece| piece.len()).sum::<usize>();
    let start = length(&before[..first]);
    vec![Change { before: start..start + length(old), after: start..start + length(new) }]
}

/// Where each piece begins, and where the last one ends.
fn offsets(pieces: &[&str]) -> Vec<usize> {
    let mut end = 0;
    std::iter::once(0)
        .chain(pieces.iter().map(|piece| {
            end += piece.len();
            end
        }))
        .collect()
}

/// Neighbouring changes become one where less lies between them than in them, within a line; white space that both
/// sides of a change share at its ends is no part of it.
fn readable(before: &str, after: &str, changes: Vec<Change>) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::with_capacity(changes.len());
    for mut change in changes {
        while let Some(last) = out.last() {
            let between = &after[last.after.end..change.after.start];
            let is_small = between.len() <= last.size().min(change.size()) || !between.contains(char::is_alphanumeric);
            if !is_small || between.contains('\n') {
                break;
            }
            change = Change { before: last.before.start..change.before.end, after: last.after.start..change.after.end };
            out.pop();
        }
        out.push(change);
    }
    for change in &mut out {
        let (old, new) = (&before[change.before.clone()], &after[change.after.clone()]);
        let shared = shared_space(old.chars(), new.chars());
        let (old, new) = (&old[shared..], &new[shared..]);
        let tail = shared_space(old.chars().rev(), new.chars().rev());
        *change = Change {
            before: change.before.start + shared..change.before.end - tail,
            after: change.after.start + shared..change.after.end - tail,
        };
    }
    out
}

/// The white space with which both begin, in bytes.
fn shared_space(old: impl Iterator<Item = char>, new: impl Iterator<Item = char>) -> usize {
    old.zip(new).take_while(|(old, new)| old == new && old.is_whitespace()).map(|(c, _)| c.len_utf8()).sum()
}

/// Browsers read each of them as a line feed.
fn plain_breaks(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_CHANGE_BYTES {
        return text.into();
    }
    format!("{}…", &text[..boundary(text, MAX_CHANGE_BYTES)]).into()
}

/// The last place up to `at` where the text may be cut.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

struct Writer(String);

impl Writer {
    fn new(capacity: usize) -> Self {
        let mut out = String::with_capacity(capacity + 256);
        out.push_str("<div class=\"diff\" dir=\"auto\">");
        Self(out)
    }

    fn same(&mut self, text: &str) {
        self.0.push_str(&escape(text));
    }

    /// Unchanged words with what is far from a change left out.
    fn stretch(&mut self, text: &str, follows: bool, precedes: bool) {
        let keep = |asked: bool| if asked { CONTEXT_BYTES } else { 0 };
        let (head, tail) = (keep(follows), keep(precedes));
        if text.len() <= head + tail + CONTEXT_BYTES {
            return self.same(text);
        }
        let (head, tail) = (boundary(text, head), boundary(text, text.len() - tail));
        let head = text[..head].rfind(char::is_whitespace).unwrap_or(head);
        let tail = text[tail..].find(char::is_whitespace).map_or(tail, |space| tail + space);
        self.same(&text[..head]);
        self.note("[…]");
        self.same(&text[tail..]);
    }

    fn note(&mut self, words: &str) {
        self.0.push_str(&format!(" <span class=\"skipped\" lang=\"en\" dir=\"ltr\">{words}</span> "));
    }

    fn change(&mut self, old: &str, new: &str) {
        self.mark("del", "removed", old);
        self.mark("ins", "added", new);
    }

    /// Assistive technology seldom tells of the elements themselves, so the words stand in them. They have a direction
    /// of their own, and so no say in the one of the text.
    fn mark(&mut self, element: &str, said: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let aside = |words: &str| format!("<span class=\"unseen\" lang=\"en\" dir=\"ltr\">{words}</span>");
        self.0.push_str(&format!("<{element}>{}", aside(&format!("[{said}: "))));
        if text.contains('\n') && text.trim().is_empty() {
            // A line break alone would be seen by nobody.
            let kept = if element == "ins" { text } else { "" };
            self.0.push_str(&format!("<span class=\"break\" lang=\"en\" title=\"line break\">↵</span>{kept}"));
        } else {
            self.0.push_str(&escape(text));
        }
        self.0.push_str(&format!("{}</{element}>", aside("]")));
    }

    fn finish(mut self) -> Markup {
        self.0.push_str("</div>");
        Markup::vouched(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    /// `-…-` for what was removed, `+…+` for what was added.
    fn plain(markup: &Markup) -> String {
        let aside = Regex::new(r#"<span class="unseen"[^>]*>[^<]*</span>|</?div[^>]*>"#).unwrap();
        let plain = aside.replace_all(markup.as_str(), "");
        let plain = Regex::new("</?del>").unwrap().replace_all(&plain, "-");
        Regex::new("</?ins>").unwrap().replace_all(&plain, "+").into_owned()
    }

    fn shown(before: &str, after: &str) -> String {
        plain(&words(before, after))
    }

    #[test]
    fn words_are_compared_not_letters() {
        for (before, after, expected) in [
            ("The bridge is open.", "The bridge is closed.", "The bridge is -open-+closed+."),
            ("One two", "One two three", "One two+ three+"),
            ("One two three", "One three", "One -two -three"),
            ("same", "same", "same"),
            ("", "all new", "+all new+"),
            ("all gone", "", "-all gone-"),
            // Not the shortest script: a person reads the phrase.
            (
                "we met at the old quay",
                "they sat by the river bank",
                "-we met at the old quay-+they sat by the river bank+",
            ),
            ("harbour 12 boats", "harbour 14 ships", "harbour -12 boats-+14 ships+"),
            // Scripts without spaces.
            ("橋は開いています", "橋は閉じています", "橋は-開い-+閉じ+ています"),
            ("今天下雨", "今天下雪", "今天下-雨-+雪+"),
            ("สวัสดีครับ", "สวัสดีค่ะ", "สวัสดี-ครับ-+ค่ะ+"),
            ("الجسر مفتوح الآن", "الجسر مغلق الآن", "الجسر -مفتوح-+مغلق+ الآن"),
            ("👩‍🚀 up", "👩‍🚒 up", "-👩‍🚀-+👩‍🚒+ up"),
        ] {
            assert_eq!(shown(before, after), expected, "{before} > {after}");
        }
    }

    #[test]
    fn white_space_is_kept_and_a_changed_line_break_is_seen() {
        assert_eq!(shown("a\r\n\r\n  b c", "a\n\n  b d"), "a\n\n  b -c-+d+");
        let broken = shown("one two three", "one two\nthree");
        assert_eq!(broken.matches('↵').count(), 1, "{broken}");
        assert!(broken.contains("</span>\n+three"), "{broken}");
    }

    #[test]
    fn changes_are_said_aloud_and_have_no_say_in_the_direction() {
        let markup = words("قديم", "جديد").into_string();
        assert!(markup.starts_with(
            "<div class=\"diff\" dir=\"auto\"><del><span class=\"unseen\" lang=\"en\" dir=\"ltr\">[removed: </span>قديم"
        ));
    }

    #[test]
    fn hostile_words_stay_words() {
        let markup = words("<img src=x onerror=a()> x", "</ins><script>b()</script> x").into_string();
        assert!(markup.contains("img src=x") && markup.contains("b()"), "{markup}");
        assert!(!["<img", "<script", "</ins><"].iter().any(|live| markup.contains(live)), "{markup}");
    }

    #[test]
    fn both_texts_can_be_read_out_of_it() {
        let lines = |from: usize, to: usize| {
            (from..to).map(|n| format!("Line {n} of many, w{}.\n", n * 7 % 13)).collect::<String>()
        };
        let numbers = |step: usize| (0..30_000).map(|n| format!("{}\n", n * step)).collect::<String>();
        for (before, after) in [
            (lines(0, 40), lines(3, 44)),
            (lines(0, 5_000), format!("{}An edit.\n{}", lines(0, 2_000), lines(2_000, 5_001))),
            (numbers(2), numbers(3)),
            ("x ".repeat(20_000), "y ".repeat(20_000)),
            ("a b ".repeat(8_000), "b a c ".repeat(5_000)),
        ] {
            let changes = changes(&before, &after);
            let (mut old, mut new, mut at) = (String::new(), String::new(), 0);
            for change in &changes {
                let same = &after[at..change.after.start];
                old = old + same + &before[change.before.clone()];
                new = new + same + &after[change.after.clone()];
                at = change.after.end;
            }
            assert!(old + &after[at..] == before && new + &after[at..] == after);
        }
    }

    #[test]
    fn one_edit_in_a_long_text_is_one_change() {
        let many = "A line that stays as it is.\n".repeat(9_000);
        let (before, after) = (format!("{many}The quay is shut.\n{many}"), format!("{many}The quay is open.\n{many}"));
        assert_eq!(changes(&before, &after).len(), 1);
        let short = plain(&in_context(&before, &after));
        assert!(short.len() < 1_500 && short.contains("The quay is -shut-+open+."), "{short}");
        assert_eq!(short.matches("[…]").count(), 2, "{short}");
    }

    #[test]
    fn in_context_a_stretch_without_spaces_is_cut_between_signs() {
        let many = "水".repeat(2_000);
        let short = plain(&in_context(&format!("{many}一{many}"), &format!("{many}二{many}")));
        assert!(short.contains("-一-+二+") && short.len() < 2_000, "{short}");
    }
}
