//! The only place that prints: data on stdout, talk on stderr, each in the form that was asked for.

mod care;
mod doctor;
mod export;
mod failure;
mod found;
mod history;
mod hits;
pub mod log;
pub mod metrics;
mod pager;
mod recheck;
mod records;
mod reparse;
mod run;
mod runs;
mod show;
mod status;
mod style;
mod table;
mod verify;
mod width;

pub use care::{Progress, bytes_in_words};
pub use doctor::doctor_page;
pub use failure::failure_line;
pub use found::{PageLine, found, found_head, page_line, pages_head};
pub use history::history_event;
pub use hits::hit_lines;
pub use log::{LogFormat, Loudness, start_log};
pub use metrics::metrics_page;
pub use recheck::RecheckRecord;
pub use records::Rows;
pub use reparse::{reparse_done, reread_line};
pub use run::{RunReport, Traffic, counted, done_line, finished_event, problem_event, problem_line, summary_line};
pub use runs::runs_table;
pub use show::{article_page, post_page};
pub use status::status_page;
pub use style::{Colour, Style};
pub use table::{Cell, Column, Shown, rows_as_csv};
pub use verify::{VerifyReport, fault_line, unsigned_line, verified_line};
pub use width::{cut, width, wrap};

use crate::model::Problem;
use jiff::Timestamp;
use pager::Pager;
use serde::Serialize;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// The form in which records are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Table,
    /// One JSON object a line.
    Json,
    /// Comma-separated, with a header line.
    Csv,
}

/// Where and how everything is printed.
pub struct Output {
    out: Sink,
    terminal: bool,
    now: Timestamp,
    /// Long output may go through a pager, where it goes to a terminal.
    pub may_page: bool,
    /// How records are printed.
    pub format: Format,
    /// No talk but errors.
    pub quiet: bool,
    /// Colours of stdout.
    pub style: Style,
    /// Colours of stderr.
    pub talk_style: Style,
}

impl Output {
    /// Prints to this process's stdout and stderr.
    #[must_use]
    pub fn new(format: Format, quiet: bool, colour: Colour) -> Self {
        let style = Style::of_stdout(colour);
        Self {
            out: Sink::Stdout(BufWriter::new(io::stdout())),
            terminal: io::stdout().is_terminal(),
            now: Timestamp::now(),
            may_page: true,
            format,
            quiet,
            style,
            talk_style: Style::of_stderr(colour),
        }
    }

    /// Whether stdout is a terminal: a person reads it, and nothing else does.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// What times are seen from: now on a terminal; none where a program reads too, which wants them as they are.
    #[must_use]
    pub fn seen_from(&self) -> Option<Timestamp> {
        self.terminal.then_some(self.now)
    }

    /// What follows may be long: on a terminal it goes through the pager, from its first line on.
    pub fn page(&mut self) {
        if self.terminal && self.may_page && matches!(self.out, Sink::Stdout(_)) {
            self.out = Sink::Awaited;
        }
    }

    /// One record as a line of JSON.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        if self.terminal {
            self.out.write_all(spelled_out(&serde_json::to_string(record)?).as_bytes())?;
        } else {
            serde_json::to_writer(&mut self.out, record)?;
        }
        self.out.write_all(b"\n")
    }

    /// Rows of CSV: as they are for programs, safe for a terminal where one reads them.
    fn csv(&mut self, rows: &str) -> io::Result<()> {
        if self.terminal {
            return self.out.write_all(printable(&rows.replace("\r\n", "\n")).as_bytes());
        }
        self.out.write_all(rows.as_bytes())
    }

    /// A line of text on stdout.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Bytes on stdout as they are.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    /// stdout itself, for what is written in parts.
    pub fn stream(&mut self) -> &mut (dyn Write + Send) {
        &mut self.out
    }

    /// A line of talk on stderr, unless quiet.
    #[allow(clippy::print_stderr, reason = "this module prints")]
    pub fn talk(&self, text: &str) {
        if self.quiet {
        } else if log::is_json() {
            tracing::info!(event = "log", message = text);
        } else {
            eprintln!("{text}");
        }
    }

    /// A warning on stderr, quiet or not.
    #[allow(clippy::print_stderr, reason = "this module prints")]
    pub fn warn(&self, text: &str) {
        if log::is_json() {
            tracing::warn!(target: log::PERSON, event = "warning", message = text);
        } else {
            eprintln!("{} {}", self.talk_style.yellow("warning:"), printable(text));
        }
    }

    /// What needs a person, one line each, quiet or not.
    pub fn problems(&self, problems: &[Problem]) {
        for problem in problems {
            if log::is_json() {
                problem_event(problem);
            } else {
                self.urge(&problem_line(problem, self.talk_style));
            }
        }
    }

    /// A line that a person must see on stderr, quiet or not.
    #[allow(clippy::print_stderr, reason = "this module prints")]
    pub fn urge(&self, text: &str) {
        eprintln!("{text}");
    }

    /// Bytes on stdout as they are.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Everything printed so far is really written.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Where data goes.
enum Sink {
    Stdout(BufWriter<Stdout>),
    /// To a pager that is started by the first line: nothing needs none.
    Awaited,
    Pager(Pager),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if matches!(self, Self::Awaited) {
            *self = Pager::start().map_or_else(|| Self::Stdout(BufWriter::new(io::stdout())), Self::Pager);
        }
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Pager(pager) => pager.write(bytes),
            Self::Awaited => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Pager(pager) => pager.flush(),
            Self::Awaited => Ok(()),
        }
    }
}

/// The last word of a command that failed, on stderr.
#[allow(clippy::print_stderr, reason = "this module prints")]
pub fn error(text: &str, exit_code: u8, colour: Colour) {
    if log::is_json() {
        tracing::error!(target: log::PERSON, event = "error", message = text, exit_code);
    } else {
        eprintln!("{} {}", Style::of_stderr(colour).red("error:"), printable(text));
    }
}

/// Text from outside made safe for a terminal: no control characters but line breaks and tabs, and none of those that
/// turn the direction of what follows.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { '\u{fffd}' } else { c }).collect()
}

fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON that is the same to a reader of JSON, and safe for a terminal too: of control characters, those above U+007E stand
/// in its strings as they are.
fn spelled_out(json: &str) -> String {
    if !json.contains(is_harmful) {
        return json.to_owned();
    }
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        if is_harmful(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
        out
    })
}

/// The same for a name in a line of its own: line breaks become spaces, so that a name can't forge a line.
#[must_use]
pub fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

/// The first `width` columns of one line, with an ellipsis where there is more.
#[must_use]
pub fn excerpt(text: &str, width: usize) -> String {
    // A name of a million characters is no more than its beginning.
    let beginning =
        text.char_indices().nth(width.saturating_mul(8).saturating_add(64)).map_or(text.len(), |(end, _)| end);
    let text = text.get(..beginning).unwrap_or(text);
    cut(&printable(text).split_whitespace().collect::<Vec<_>>().join(" "), width)
}

#[cfg(test)]
mod tests {
    use super::spelled_out;

    #[test]
    fn json_on_a_terminal_says_the_same_without_control_characters() {
        let record = serde_json::json!({"text": "\u{9b}31m \u{202e}evil\u{202c} \u{7f}\u{1b} \n \u{5e9}"});
        let shown = spelled_out(&record.to_string());
        assert!(shown.contains("\\u009b31m \\u202eevil\\u202c \\u007f\\u001b \\n \u{5e9}"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(record));
    }
}
