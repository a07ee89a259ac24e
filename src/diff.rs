//! What changed between two texts, word by word, in any language.
//!
//! Words are those of Unicode (UAX #29), so that a script without spaces is compared sign by sign. Small agreements
//! inside a rewritten phrase are taken into the change: a person reads phrases, not the shortest script of edits.

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

/// A stretch of two texts that were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words of both.
    Same(String),
    /// Words that only the earlier text has.
    Removed(String),
    /// Words that only the later text has.
    Added(String),
    /// Words of both, left out because they are far from any change.
    Skipped,
    /// So many changes more are left out.
    More(usize),
}

/// The text `after` with what `before` had instead: the whole of it, white space and line breaks kept.
#[must_use]
pub fn whole(before: &str, after: &str) -> Vec<Piece> {
    let (before, after) = (plain_breaks(before), plain_breaks(after));
    let mut out = Pieces::default();
    let (mut at, mut left) = (0, 0);
    for change in changes(&before, &after) {
        out.same(&after[at..change.after.start]);
        out.change(&before[change.before.clone()], &after[change.after.clone()]);
        (at, left) = (change.after.end, change.before.end);
    }
    debug_assert_eq!(before[left..].len(), after[at..].len(), "what follows the last change is the same");
    out.same(&after[at..]);
    out.0
}

/// The changes alone with some words around each, for texts of which nobody wants to read the whole again.
#[must_use]
pub fn in_context(before: &str, after: &str) -> Vec<Piece> {
    let (before, after) = (plain_breaks(before), plain_breaks(after));
    let mut out = Pieces::default();
    let mut at = 0;
    let changes = changes(&before, &after);
    for change in changes.iter().take(MAX_CHANGES) {
        out.stretch(&after[at..change.after.start], at > 0, true);
        out.change(&shortened(&before[change.before.clone()]), &shortened(&after[change.after.clone()]));
        at = change.after.end;
    }
    match changes.len().checked_sub(MAX_CHANGES) {
        Some(more @ 1..) => out.0.push(Piece::More(more)),
        _ => out.stretch(&after[at..], at > 0, false),
    }
    out.0
}

/// Pieces as `git diff --word-diff` writes them: `[-removed-]{+added+}`.
#[must_use]
pub fn plain(pieces: &[Piece]) -> String {
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Same(words) => words.clone(),
        Piece::Removed(words) => format!("[-{words}-]"),
        Piece::Added(words) => format!("{{+{words}+}}"),
        Piece::Skipped => " […] ".to_owned(),
        Piece::More(more) => format!(" [{more} more changes] "),
    });
    pieces.collect()
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn same(&mut self, text: &str) {
        if !text.is_empty() {
            self.0.push(Piece::Same(text.to_owned()));
        }
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
        self.0.push(Piece::Skipped);
        self.same(&text[tail..]);
    }

    fn change(&mut self, old: &str, new: &str) {
        if !old.is_empty() {
            self.0.push(Piece::Removed(old.to_owned()));
        }
        if !new.is_empty() {
            self.0.push(Piece::Added(new.to_owned()));
        }
    }
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

/// Readers take each of them for a line feed.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_a_word_diff_of_git() {
        assert_eq!(plain(&whole("The bridge is open.", "The bridge is closed.")), "The bridge is [-open-]{+closed+}.");
        assert_eq!(plain(&whole("", "new")), "{+new+}");
        assert_eq!(plain(&whole("same", "same")), "same");
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
}
