//! The only place that prints: data on stdout, talk on stderr, each in the form that was asked for.

mod doctor;
mod failure;
mod found;
mod history;
mod hits;
pub mod log;
pub mod metrics;
mod post;
mod recheck;
mod reparse;
mod run;
mod runs;
mod status;
mod style;
mod table;
mod verify;

pub use doctor::doctor_page;
pub use failure::failure_line;
pub use found::{found, found_head};
pub use history::history_event;
pub use hits::hit_lines;
pub use log::{LogFormat, Loudness, start_log};
pub use metrics::metrics_page;
pub use post::{article_page, post_page};
pub use recheck::RecheckRecord;
pub use reparse::{reparse_done, reread_line};
pub use run::{RunReport, Traffic, done_line, finished_event, problem_event, problem_line, summary_line};
pub use runs::runs_table;
pub use status::status_page;
pub use style::{Colour, Style};
pub use table::{Cell, rows_as_csv};
pub use verify::{VerifyReport, fault_line, verified_line};

use crate::model::Problem;
use serde::Serialize;
use std::io::{self, BufWriter, Stdout, Write};

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
    out: BufWriter<Stdout>,
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
        Self { out: BufWriter::new(io::stdout()), format, quiet, style, talk_style: Style::of_stderr(colour) }
    }

    /// One record as a line of JSON.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, record)?;
        self.out.write_all(b"\n")
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
        self.out.write_all(bytes)
    }

    /// Records in the form asked for: JSON has every field, CSV the fields of `csv`, a table those of `table`. A field of a
    /// part of the record is named `part.field`, and its column `part_field`.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn records<R: Serialize>(&mut self, records: &[R], csv: &[&str], table: &[&str]) -> io::Result<()> {
        let cells = |names: &[&str], record: &R| -> Vec<Cell> {
            let value = serde_json::to_value(record).unwrap_or_default();
            names
                .iter()
                .map(|name| table::cell(name.split('.').try_fold(&value, |part, name| part.get(name))))
                .collect()
        };
        match self.format {
            Format::Json => records.iter().try_for_each(|record| self.json(record)),
            Format::Csv => {
                let header: Vec<_> = csv.iter().map(|name| name.replace('.', "_")).collect();
                let text = rows_as_csv(&header, records.iter().map(|record| cells(csv, record)));
                self.out.write_all(text.as_bytes())
            }
            Format::Table if records.is_empty() => {
                self.talk("nothing to list");
                Ok(())
            }
            Format::Table => {
                let text = table::table(table, records.iter().map(|record| cells(table, record)), self.style);
                self.line(&text)
            }
        }
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

    /// Everything printed so far is really written.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
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
    let harmful = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect()
}

/// The same for a name in a line of its own: line breaks become spaces, so that a name can't forge a line.
#[must_use]
pub fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

/// The first `width` characters of one line, with an ellipsis where there is more.
#[must_use]
pub fn excerpt(text: &str, width: usize) -> String {
    let line = printable(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= width {
        return line;
    }
    let cut: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}
