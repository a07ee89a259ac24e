//! Where the words of a flattened post begin, which nothing in the text says outright.
//!
//! What is known: the end of the signature before is a hard bound. A post's blockquote holds at most 140 characters
//! (280 since November 2017), links counted as 23 and picture links not at all; longer posts are cut there. Text
//! converters keep paragraphs apart, by blank lines or by single ones, so a post mostly is the paragraph that its
//! signature ends or follows. What remains is whether paragraphs above belong to it too: they do where they bear marks
//! of posts (hashtags, emoji, links, numbering, no full stop, words that the article quotes), and don't where they read
//! as the article's own (they name the author, report, end with a colon, run over the limit).

mod document;
mod length;
mod marks;
mod prose;
mod repeats;
mod sentence;

pub(super) use document::Document;

use document::{Layout, is_foreign};
use jiff::civil::Date;
use length::{LONG_SINCE, limit, weight};
use marks::{BULLET, is_dangling, is_label, is_parallel, is_quotation, is_short, marks};
use prose::{REPORTING, has_lead_in, is_about_platform, is_article, names_author};
use repeats::{is_quoted, repeated, shares_run};
use std::collections::HashMap;

/// How far before its signature a post may begin, in bytes.
const WINDOW: usize = 6000;

/// Paragraphs that are judged above the last one.
const MAX_UNITS: usize = 12;

/// A signature in its text.
pub(super) struct Signed<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// Where the words can't begin before: the end of the signature before.
    pub(super) bound: usize,
    /// Where the words end.
    pub(super) end: usize,
    /// Where the signature ends.
    pub(super) after: usize,
    /// The display name; may be empty.
    pub(super) name: &'a str,
    /// Without `@`.
    pub(super) handle: &'a str,
    /// The day of the post.
    pub(super) day: Option<Date>,
    /// Whether the signature opens its line.
    pub(super) own_line: bool,
}

/// A paragraph or line: byte offsets into the text, without white space around it.
#[derive(Clone, Copy, Debug)]
struct Unit {
    start: usize,
    end: usize,
    /// Nothing stands before it on its line but the end of another signature.
    mid_line: bool,
}

/// Byte offset at which the words begin.
pub(super) fn find(signed: &Signed<'_>, document: &Document<'_>) -> usize {
    let mut units = units(signed, document.layout);
    let Some(last) = units.pop() else { return signed.end };
    let limit = limit(signed.day);
    let words = &signed.text[last.start..last.end];
    let long_allowed = signed.own_line && signed.day.is_none_or(|day| day >= LONG_SINCE);
    let own = weight(words);
    if own > limit && !long_allowed {
        return last.start + sentence::cut(words, limit, signed);
    }
    if last.mid_line || has_lead_in(words, signed) {
        let at = last.start + sentence::cut(words, limit, signed);
        if at > last.start {
            return at;
        }
    }
    extend(signed, &units, last, limit, document)
}

/// Takes in paragraphs above while they belong to the post.
fn extend(signed: &Signed<'_>, above: &[Unit], last: Unit, limit: usize, document: &Document<'_>) -> usize {
    let mut start = last.start;
    // Paragraphs that say neither are taken once one above or below them is the post's for certain.
    let mut certain = false;
    let mut first = last;
    let mut tentative = false;
    let mut counts: Option<HashMap<u64, u32>> = None;
    for unit in above.iter().rev().take(MAX_UNITS) {
        let words = &signed.text[unit.start..unit.end];
        let below = &signed.text[first.start..first.end];
        if weight(&signed.text[unit.start..signed.end]) > limit {
            break;
        }
        if is_label(below) && is_quotation(words) {
            // Somebody's words, and under them whose they are.
            return unit.start;
        }
        let dangling = !tentative && is_dangling(below);
        let counts = counts.get_or_insert_with(|| repeated(signed));
        let foreign = is_foreign(words, below, document);
        // A colon ends an article's sentence before a post, but also a post's own heading.
        let heads_list = BULLET.is_match(below) && !REPORTING.is_match(words) && !names_author(words, signed);
        let labels = words.ends_with(':') && ((certain && is_short(words)) || heads_list);
        let article = is_article(words, counts) || (!certain && names_author(words, signed));
        let restates = shares_run(words, &signed.text[first.start..signed.end]);
        if foreign == Some(false) || restates || (article && !labels) || (!dangling && is_about_platform(words)) {
            break;
        }
        let score = marks(words) + 2 * i32::from(foreign == Some(true)) + 3 * i32::from(is_quoted(words, counts));
        certain |= score + i32::from(is_parallel(words, below)) * 2 >= 2;
        if certain || dangling {
            start = unit.start;
            tentative = false;
        } else {
            tentative = true;
        }
        first = *unit;
    }
    start
}

/// The paragraphs between bound and signature, in reading order, as many as a post can have.
fn units(signed: &Signed<'_>, layout: Layout) -> Vec<Unit> {
    let mut from = signed.end.saturating_sub(WINDOW).max(signed.bound);
    while !signed.text.is_char_boundary(from) {
        from += 1;
    }
    let mut units: Vec<Unit> = Vec::new();
    let mut at = from;
    let mut joined = false;
    for line in signed.text[from..signed.end].split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            joined = false;
        } else {
            let start = at + (line.len() - line.trim_start().len());
            let end = start + trimmed.len();
            let mid_line = at == from && from > 0 && !signed.text[..from].ends_with('\n');
            match units.last_mut() {
                Some(open) if joined && layout == Layout::BlankLines && !open.mid_line => open.end = end,
                _ => units.push(Unit { start, end, mid_line }),
            }
            joined = true;
        }
        at += line.len();
    }
    units
}
