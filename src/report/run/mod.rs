//! What a run tells while it works, and its last words: counts, what a person should look at, what to try next.
//!
//! `lines` says it to people, `events` to machines, `done` sums it up.

mod done;
mod events;
mod lines;

pub(super) use done::minute;
pub use done::{done_line, problem_line, summary_line};
pub use events::{finished_event, problem_event};

use super::{Output, Style};
use crate::{
    model::{Form, State, Via},
    pipeline::Event,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

/// Tells about a run as it happens.
pub struct RunReport {
    style: Style,
    talk_style: Style,
    manner: Manner,
    verbose: bool,
    spinner: ProgressBar,
    articles: usize,
    posts: usize,
}

/// How a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// All of it, in lines on stdout.
    Lines,
    /// What failed, in lines on stderr: stdout is for records.
    Failures,
    /// Nothing before its end.
    Silence,
    /// All of it, as events in the log.
    Log,
}

impl RunReport {
    /// Told as `out` is to print. `named`: the user named what is archived, and is told of what fails even in silence.
    /// `verbose`: unchanged articles as well.
    #[must_use]
    pub fn new(out: &Output, named: bool, verbose: bool) -> Self {
        let manner = if super::log::is_json() {
            Manner::Log
        } else if out.quiet && !named {
            Manner::Silence
        } else if out.quiet || out.format != super::Format::Table {
            Manner::Failures
        } else {
            Manner::Lines
        };
        let spinner = if std::io::stderr().is_terminal() && manner == Manner::Lines {
            let spinner = ProgressBar::new_spinner();
            if let Ok(look) = ProgressStyle::with_template("{spinner} {msg}") {
                spinner.set_style(look);
            }
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        } else {
            ProgressBar::hidden()
        };
        Self { style: out.style, talk_style: out.talk_style, manner, verbose, spinner, articles: 0, posts: 0 }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { run, .. } => super::log::of_run(*run),
            Event::Article { .. } => self.articles += 1,
            Event::Post { .. } => self.posts += 1,
            _ => {}
        }
        match self.manner {
            Manner::Silence => {}
            Manner::Log => events::log(event),
            Manner::Failures => {
                let lines = match event {
                    Event::Article { name, cut_short, .. } => lines::cut_lines(self.talk_style, name, cut_short),
                    Event::SourceFailed { .. } | Event::ArticleFailed { .. } => {
                        lines::lines(self.talk_style, false, event)
                    }
                    _ => Vec::new(),
                };
                let mut err = std::io::stderr().lock();
                // Nobody is left to be told where stderr is closed.
                let _ = lines.iter().try_for_each(|line| writeln!(err, "{line}"));
            }
            Manner::Lines => {
                let lines = lines::lines(self.style, self.verbose, event);
                if !lines.is_empty() {
                    // A closed pipe is no reason to stop archiving; the end of the command notices it.
                    self.spinner.suspend(|| {
                        let mut out = std::io::stdout().lock();
                        let _ = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
                    });
                }
            }
        }
        self.spinner.set_message(format!("{} articles, {} posts", self.articles, self.posts));
    }

    /// Takes the spinner away.
    pub fn end(&self) {
        self.spinner.finish_and_clear();
    }
}

/// `1 post`, `2 posts`.
pub(super) fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn form_in_words(form: Form) -> &'static str {
    match form {
        Form::Json => "in the page's data",
        Form::Text => "in plain text",
        Form::Link => "as a link",
        Form::Object => "as a Flash player",
        Form::DataAttr => "in a placeholder",
        Form::Script => "in a script",
        Form::Amp => "as an AMP element",
        Form::Iframe => "as an iframe",
        Form::Blockquote => "as a blockquote",
    }
}

/// A rung in words for a person.
pub(super) fn via_in_words(via: Via) -> &'static str {
    match via {
        Via::Api => "the platform's API",
        Via::Syndication => "the platform's embed data",
        Via::Oembed => "oEmbed",
        Via::EmbedPage => "the platform's embed page",
        Via::PageMeta => "the post's page",
        Via::Memento => "a web archive",
        Via::Quoted => "the article's own quotation",
    }
}

/// A state in words for a person.
pub(super) fn state_in_words(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Deleted => "deleted",
        State::AccountDeleted => "its account was deleted",
        State::Suspended => "its account is suspended",
        State::Private => "private",
        State::LoginRequired => "only after a login",
        State::AgeRestricted => "age-restricted",
        State::GeoBlocked => "blocked in this country",
        State::Unavailable => "not available; the platform gives no reason",
        State::Unknown => "not reached",
    }
}
