//! What became of a post or an article, event by event, as `git log` shows a file: when, what, and the words that changed.

use super::{
    Style, excerpt, one_line, printable,
    run::{state_in_words, via_in_words},
};
use crate::{
    diff::{self, Piece},
    model::{HistoryChange, HistoryEvent, HistoryRecord, State},
    words::shortened,
};
use std::fmt::Write;

/// Characters of a text that is not compared with another.
const WORDS: usize = 2_000;

/// Characters of a value that is no text.
const VALUE: usize = 200;

/// Changes of one event that are told.
const MAX_CHANGES: usize = 100;

/// One event: a line that says what happened, and below it what it says or what changed.
#[must_use]
pub fn history_event(record: &HistoryRecord, style: Style) -> String {
    let mut out = headline(record, style);
    for failure in &record.failures {
        let _ = write!(out, "\n    {}", style.yellow(&one_line(failure)));
    }
    if let Some(text) = record.text.as_ref().filter(|_| record.compared_with.is_none()) {
        block(&mut out, &printable(&shortened(text, WORDS)));
    }
    if record.other_rung && !record.changes.is_empty() {
        let note = "it came another way than the one before: not every difference is the author's doing";
        let _ = write!(out, "\n    {}", style.dim(note));
    }
    for change in record.changes.iter().take(MAX_CHANGES) {
        self::change(&mut out, change, style);
    }
    if let Some(more @ 1..) = record.changes.len().checked_sub(MAX_CHANGES) {
        let _ = write!(out, "\n    {}", style.dim(&format!("[{more} more changes]")));
    }
    out
}

fn headline(record: &HistoryRecord, style: Style) -> String {
    let at = record.at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    let until = if record.until == record.at {
        String::new()
    } else {
        record.until.strftime(" to %Y-%m-%d %H:%M:%SZ").to_string()
    };
    let mut facts = Vec::new();
    if let Some(number) = record.snapshot {
        facts.push(format!("snapshot {number}"));
    }
    if let Some(number) = record.version {
        facts.push(format!("version {number}"));
    }
    facts.extend(record.via.map(|via| via_in_words(via).to_owned()));
    if let Some(other) = record.compared_with {
        facts.push(format!("compared with {other}"));
    }
    let facts = if facts.is_empty() { String::new() } else { format!("  {}", facts.join(", ")) };
    format!("{}{}  {}{}", style.cyan(&at), style.dim(&until), what(record, style), style.dim(&facts))
}

fn what(record: &HistoryRecord, style: Style) -> String {
    let state = |state: Option<State>| state.map_or("gone", state_in_words);
    match record.event {
        HistoryEvent::Captured => style.green("captured"),
        HistoryEvent::Changed => style.yellow("changed"),
        HistoryEvent::CapturedAgain => style.green("captured again"),
        HistoryEvent::Returned => style.green(&format!("there again; it had been {}", state(record.from))),
        HistoryEvent::Vanished => style.red(&format!("not there any more: {}", state(record.state))),
        HistoryEvent::Memento => "a web archive's copy was read".to_owned(),
        HistoryEvent::Imported => style.yellow("imported; the platform has not confirmed it"),
        HistoryEvent::Quoted => style.yellow("quoted by an article; not verified"),
        HistoryEvent::Quiet => {
            let times = if record.looks == 1 { "once".to_owned() } else { format!("{} times", record.looks) };
            match record.state {
                None => style.yellow(&format!("looked at {times}, learnt nothing")),
                Some(State::Live) => style.dim(&format!("looked at {times}, as before")),
                Some(state) => style.dim(&format!("looked at {times}, still {}", state_in_words(state))),
            }
        }
    }
}

fn change(out: &mut String, change: &HistoryChange, style: Style) {
    let name = style.bold(&one_line(&change.of.replace('_', " ")));
    if change.diff.is_some() {
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        let pieces = diff::in_context(before.unwrap_or_default(), after.unwrap_or_default());
        let _ = write!(out, "\n  {name}");
        return block(out, &marked(&pieces, style));
    }
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let told = match (before, after) {
        (None, Some(after)) => style.green(&format!("+ {}", excerpt(after, VALUE))),
        (Some(before), None) => style.red(&format!("- {}", excerpt(before, VALUE))),
        _ => {
            let value = |value: Option<&str>| excerpt(value.unwrap_or_default(), VALUE);
            format!("{} > {}", value(before), value(after))
        }
    };
    let _ = write!(out, "\n  {name}  {told}");
}

/// Colours where there are any, else the signs of `git diff --word-diff`.
fn marked(pieces: &[Piece], style: Style) -> String {
    if !style.is_on() {
        return printable(&diff::plain(pieces));
    }
    // A colour that goes over the end of a line would paint the margin of the next.
    let painted = |words: &str, paint: fn(Style, &str) -> String| {
        printable(words).split('\n').map(|line| paint(style, line)).collect::<Vec<_>>().join("\n")
    };
    let pieces = pieces.iter().map(|piece| match piece {
        Piece::Same(words) => printable(words),
        Piece::Removed(words) => painted(words, Style::removed),
        Piece::Added(words) => painted(words, Style::added),
        other => style.dim(&diff::plain(std::slice::from_ref(other))),
    });
    pieces.collect()
}

fn block(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = write!(out, "\n    {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Colour;

    #[test]
    fn words_that_changed_are_marked_with_and_without_colour() {
        let pieces = diff::whole("The quay is open\u{1b}[2J.", "The quay is shut.");
        let plain = marked(&pieces, Style::plain());
        assert!(plain.contains("[-open") && plain.contains("{+shut+}") && !plain.contains('\u{1b}'), "{plain}");
        let coloured = marked(&pieces, Style::of_stdout(Colour::Always));
        assert!(coloured.contains("shut") && !coloured.contains("{+") && !coloured.contains("[2J."), "{coloured}");
    }
}
