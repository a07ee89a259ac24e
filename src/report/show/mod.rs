//! A post or an article as a person wants to read it in a terminal: words first, wrapped to its width, then what is known.

mod article;
mod facts;
mod post;

pub use article::article_page;
pub use post::post_page;

use super::{
    Style, one_line, printable,
    status::ago,
    width::{width, wrap},
};
use crate::model::When;
use jiff::{Timestamp, tz::TimeZone};

/// Lines of prose are no longer than this, in columns, however wide the terminal is.
const PROSE_COLUMNS: usize = 88;

/// An instant that is so near is also told as seen from now, in seconds.
const NEAR_S: u64 = 60 * 86_400;

/// A page that is written line by line.
struct Page {
    lines: Vec<String>,
    style: Style,
    /// What instants are seen from; none where a program reads, too.
    now: Option<Timestamp>,
}

impl Page {
    fn new(style: Style, now: Option<Timestamp>) -> Self {
        Self { lines: Vec::new(), style, now }
    }

    /// One line as it is; it may be painted.
    fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    /// A blank line, never two.
    fn gap(&mut self) {
        self.gap_in("");
    }

    /// The same inside what is marked off by an indent.
    fn gap_in(&mut self, indent: &str) {
        let blank = indent.trim_end();
        if self.lines.last().is_some_and(|line| !line.is_empty() && line != blank) {
            self.lines.push(blank.to_owned());
        }
    }

    /// Words from outside, wrapped behind an indent.
    fn prose(&mut self, indent: &str, words: &str) {
        self.painted(indent, words, |_, line| line.to_owned());
    }

    /// The same, each line painted.
    fn painted(&mut self, indent: &str, words: &str, paint: fn(Style, &str) -> String) {
        let words = printable(words);
        let wrapped = match self.style.columns() {
            Some(columns) => wrap(&words, columns.min(PROSE_COLUMNS).saturating_sub(width(indent)).max(10)),
            None => words.lines().map(str::to_owned).collect(),
        };
        for line in wrapped {
            let line = if line.is_empty() { line } else { paint(self.style, &line) };
            self.lines.push(format!("{indent}{line}").trim_end().to_owned());
        }
    }

    /// Words from outside behind a beginning that takes so many columns, however it is painted.
    fn behind(&mut self, beginning: &str, taken: usize, words: &str) {
        let words = printable(words);
        let lines = match self.style.columns() {
            Some(columns) => wrap(&words, columns.saturating_sub(taken).max(10)),
            None => vec![words],
        };
        for (at, line) in lines.into_iter().enumerate() {
            let before = if at == 0 { beginning.to_owned() } else { " ".repeat(taken) };
            self.lines.push(format!("{before}{line}"));
        }
    }

    /// A fact under its name, in a column of names.
    fn fact(&mut self, name: &str, words: &str) {
        let name = format!("{name:<10}");
        self.behind(&self.style.dim(&name), name.len(), words);
    }

    /// A name or an address under its name: whole, for it is copied.
    fn named(&mut self, name: &str, words: &str) {
        let line = format!("{}{}", self.style.dim(&format!("{name:<10}")), one_line(words));
        self.line(line);
    }

    /// An instant in words.
    fn moment(&self, at: Timestamp) -> String {
        let near = self.now.filter(|now| at.duration_until(*now).as_secs().unsigned_abs() < NEAR_S);
        let near = near.map(|now| format!(" ({})", ago(at, now))).unwrap_or_default();
        format!("{}{near}", day_and_minute(at))
    }

    /// A day, or an instant in words.
    fn when(&self, when: When) -> String {
        match when {
            When::Day(day) => day.strftime("%-d %B %Y").to_string(),
            When::Instant(at) => self.moment(at),
        }
    }

    fn text(self) -> String {
        let mut text = self.lines.join("\n");
        text.truncate(text.trim_end().len());
        text
    }
}

fn day_and_minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC").to_string()
}
