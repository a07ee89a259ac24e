//! What a run tells while it works, and its last words: counts, what a person should look at, what to try next.
//!
//! `lines` says it to people, `events` to machines, `progress` draws bars, `done` sums it up.

mod done;
mod events;
mod lines;
mod progress;

pub(super) use done::minute;
pub use done::{done_line, problem_line, summary_line};
pub use events::{finished_event, problem_event};
pub use progress::Traffic;

use super::{Output, Style};
use crate::{
    model::{Form, State, Via},
    pipeline::Event,
};
use progress::Bars;
use std::io::{IsTerminal, Write};

/// Tells about a run as it happens.
pub struct RunReport {
    style: Style,
    talk_style: Style,
    manner: Manner,
    verbose: bool,
    bars: Bars,
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
    /// `verbose`: unchanged articles as well. `traffic`: how hosts are asked, for the bars.
    #[must_use]
    pub fn new(out: &Output, named: bool, verbose: bool, traffic: Traffic) -> Self {
        let manner = if super::log::is_json() {
            Manner::Log
        } else if out.quiet && !named {
            Manner::Silence
        } else if out.quiet || out.format != super::Format::Table {
            Manner::Failures
        } else {
            Manner::Lines
        };
        let shows = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bars = if shows && manner == Manner::Lines { Bars::draw(traffic) } else { Bars::none() };
        Self { style: out.style, talk_style: out.talk_style, manner, verbose, bars }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        if let Event::Started { run, .. } = event {
            super::log::of_run(*run);
        }
        self.bars.note(event);
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
                    self.bars.aside(|| {
                        let mut out = std::io::stdout().lock();
                        let _ = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
                    });
                }
            }
        }
    }

    /// Takes the bars away.
    pub fn end(&mut self) {
        self.bars.end();
    }
}

/// `1 post`, `2 posts`, `2 replies`: a number with its noun, which is given for one. Of words that say more (`file of posts`,
/// `post (deleted)`) the first is the noun.
#[must_use]
pub fn counted(n: impl TryInto<u64>, noun: &str) -> String {
    let n = n.try_into().unwrap_or(u64::MAX);
    let (noun, more) = noun.split_at(noun.find(" of ").unwrap_or(noun.len()));
    match noun.strip_suffix("y").filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        _ if n == 1 => format!("1 {noun}{more}"),
        Some(stem) => format!("{n} {stem}ies{more}"),
        None => format!("{n} {noun}s{more}"),
    }
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
        Via::Import => "an imported export",
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
