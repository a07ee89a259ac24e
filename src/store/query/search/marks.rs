//! The words of a find around its match, each match marked: in the words as they were written, whatever was folded and cut to
//! find them.

use super::{
    expression::columns,
    question::{Node, Words},
};
use crate::{
    model::{MATCH_END, MATCH_START},
    store::index::Index,
    words::{self, Part, Token},
};

/// Characters that are shown.
const SHOWN_CHARS: usize = 180;

/// Of these, before the first match.
const BEFORE_CHARS: usize = 40;

/// A cut looks so far for a space, in characters.
const SPACE_CHARS: usize = 16;

/// A match: its bytes, and which of the words asked for it is.
#[derive(Clone, Copy)]
struct Match {
    start: usize,
    end: usize,
    words: usize,
}

/// The passage of the first of these texts that has a match, or the beginning of the first.
pub(super) fn passage(node: &Node, index: &Index, texts: &[(&str, Option<String>)]) -> String {
    let wanted = node.wanted();
    for (column, text) in texts.iter().filter_map(|(column, text)| Some((*column, text.as_ref()?))) {
        let found = matches(&wanted, index, column, text);
        if !found.is_empty() {
            return marked(text, &found);
        }
    }
    texts.iter().find_map(|(_, text)| text.as_ref()).map(|text| marked(text, &[])).unwrap_or_default()
}

fn matches(wanted: &[&Words], index: &Index, column: &str, text: &str) -> Vec<Match> {
    let here: Vec<(usize, &Words)> = wanted
        .iter()
        .enumerate()
        .filter(|(_, words)| words.column.is_none_or(|name| columns(name, index).contains(&column)))
        .map(|(at, words)| (at, *words))
        .collect();
    let tokens = tokens(column, text);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let tail = tokens.get(at..).unwrap_or_default();
        found.extend(here.iter().filter_map(|(n, words)| {
            let (start, end) = begins(tail, words)?;
            Some(Match { start, end, words: *n })
        }));
    }
    found.sort_by_key(|found| (found.start, found.end));
    found
}

/// How often each of these stands in a text of a column.
pub(super) fn count<'a>(wanted: impl Iterator<Item = &'a Words>, index: &Index, column: &str, text: &str) -> Vec<f64> {
    let tokens = tokens(column, text);
    let here = |words: &Words| words.column.is_none_or(|name| columns(name, index).contains(&column));
    let times = |words: &Words| {
        let begun = |at: &usize| begins(tokens.get(*at..).unwrap_or_default(), words).is_some();
        (0..tokens.len()).filter(begun).fold(0.0, |times, _| times + 1.0)
    };
    wanted.map(|words| if here(words) { times(words) } else { 0.0 }).collect()
}

fn tokens(column: &str, text: &str) -> Vec<Token> {
    if column == "author_handle" { handle(text) } else { words::tokens(text) }
}

/// A handle stands in the index with its sign before it.
fn handle(text: &str) -> Vec<Token> {
    let moved = words::tokens(&format!("@{text}")).into_iter();
    moved
        .map(|token| Token { start: token.start.saturating_sub(1), end: token.end.saturating_sub(1), ..token })
        .collect()
}

/// Where these words stand at the beginning of the tokens.
fn begins(tokens: &[Token], words: &Words) -> Option<(usize, usize)> {
    let count = words.tokens.len();
    let tokens = tokens.get(..count)?;
    let mut end = 0;
    for (n, (token, word)) in tokens.iter().zip(&words.tokens).enumerate() {
        let beginning = words.prefix && n + 1 == count;
        if token.text != *word && !(beginning && token.text.starts_with(word.as_str())) {
            return None;
        }
        end = if beginning && token.part == Part::Pair && token.text != *word { token.first_end } else { token.end };
    }
    Some((tokens.first()?.start, end))
}

/// The part of a text that has most of the words asked for, marked.
fn marked(text: &str, found: &[Match]) -> String {
    let (start, end) = window(text, found);
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    let mut at = start;
    let mut open: Option<usize> = None;
    for found in found.iter().filter(|found| found.start >= start && found.end <= end) {
        // Pairs overlap, and so do phrases with their words.
        if let Some(until) = open.filter(|until| found.start < *until) {
            open = Some(until.max(found.end));
            continue;
        }
        close(text, &mut out, &mut at, open.take());
        push(&mut out, text.get(at..found.start));
        at = found.start;
        open = Some(found.end);
        out.push_str(MATCH_START);
    }
    close(text, &mut out, &mut at, open);
    push(&mut out, text.get(at..end));
    if end < text.len() {
        out.push('…');
    }
    out
}

fn close(text: &str, out: &mut String, at: &mut usize, open: Option<usize>) {
    if let Some(end) = open {
        push(out, text.get(*at..end));
        out.push_str(MATCH_END);
        *at = end;
    }
}

/// The signs of a match stand for matches alone.
fn push(out: &mut String, text: Option<&str>) {
    out.push_str(&text.unwrap_or_default().replace(MATCH_START, "[").replace(MATCH_END, "]"));
}

/// Which bytes are shown.
fn window(text: &str, found: &[Match]) -> (usize, usize) {
    if text.chars().nth(SHOWN_CHARS).is_none() {
        return (0, text.len());
    }
    let forward = |from: usize, chars: usize| {
        text.get(from..).and_then(|rest| rest.char_indices().nth(chars)).map_or(text.len(), |(at, _)| from + at)
    };
    let backward = |from: usize, chars: usize| {
        let before = text.get(..from).unwrap_or_default();
        before.char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at)
    };
    let mut best = (0, 0, forward(0, SHOWN_CHARS));
    for (n, first) in found.iter().enumerate() {
        let start = backward(first.start, BEFORE_CHARS);
        let end = forward(start, SHOWN_CHARS);
        let mut seen: Vec<usize> = found
            .iter()
            .skip(n)
            .take_while(|found| found.start < end)
            .filter(|found| found.end <= end)
            .map(|found| found.words)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() > best.0 {
            best = (seen.len(), start, end);
        }
    }
    let (_, mut start, mut end) = best;
    let first = found.iter().find(|found| found.start >= start).map_or(end, |found| found.start);
    if start > 0 {
        let room = text.get(start..first).unwrap_or_default();
        let space = room.char_indices().take(SPACE_CHARS).find(|(_, c)| c.is_whitespace());
        start += space.map_or(0, |(at, c)| at + c.len_utf8());
    }
    let last = found.iter().filter(|found| found.end <= end).map(|found| found.end).max().unwrap_or(start).max(start);
    if end < text.len() {
        let room = text.get(last..end).unwrap_or_default();
        let space = room.char_indices().rev().take(SPACE_CHARS).find(|(_, c)| c.is_whitespace());
        end = space.map_or(end, |(at, _)| last + at);
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::super::question::read;
    use super::*;
    use crate::store::index::POSTS;

    fn shown(query: &str, text: &str) -> String {
        passage(&read(query).flatten().unwrap(), &POSTS, &[("text", Some(text.to_owned()))])
    }

    #[test]
    fn a_match_is_marked_where_it_was_written() {
        for (query, text, expected) in [
            ("creme", "A Crème brûlée", "A ⟦Crème⟧ brûlée"),
            ("\"creme brulee\"", "A Crème brûlée", "A ⟦Crème brûlée⟧"),
            ("京都", "今日は東京都へ", "今日は東⟦京都⟧へ"),
            ("東京都", "今日は東京都へ", "今日は⟦東京都⟧へ"),
            ("都", "東京都庁 都", "東京⟦都⟧庁 ⟦都⟧"),
            ("รถไฟ", "วันนี้รถไฟมา", "วันนี้⟦รถไฟ⟧มา"),
            ("서울", "오늘 서울에서", "오늘 ⟦서울⟧에서"),
            ("sto*", "a storm", "a ⟦storm⟧"),
            ("#storm", "storm #Storm", "storm ⟦#Storm⟧"),
            ("strasse", "Die Straße", "Die ⟦Straße⟧"),
            ("a NOT b", "a ⟦b⟧", "⟦a⟧ [b]"),
        ] {
            assert_eq!(shown(query, text), expected, "{query}");
        }
    }

    #[test]
    fn the_part_with_most_of_the_words_is_shown() {
        let text =
            format!("{} ferry {} storm over the ferry {}", "word ".repeat(80), "word ".repeat(80), "word ".repeat(80));
        let shown = shown("ferry storm", &text);
        assert!(shown.contains("⟦storm⟧ over the ⟦ferry⟧"), "{shown}");
        assert!(shown.starts_with("…word ") && shown.ends_with("word…"), "{shown}");
        assert!(shown.chars().count() < 200, "{shown}");
    }
}
