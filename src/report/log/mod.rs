//! The log on stderr: lines for people, or one JSON object a line for machines (`--log-format json`).
//!
//! What happens in a run is told by events with stable names and fields (`names`, `docs/running.md`). Whatever the
//! library says beside them by `tracing` goes the same way, so that nothing on stderr is ever another form than the one
//! that was asked for. `json` is the writer.

mod json;
mod names;

pub use names::{EVENTS, Event, FIELDS};

use super::Style;
use std::sync::{
    OnceLock,
    atomic::{AtomicI64, Ordering},
};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// Only what needs a person.
    Quiet,
    /// What happens; with 1 what is as before as well, with 2 every request.
    Usual(u8),
}

/// The target of what is told even in silence.
pub(super) const PERSON: &str = "embalm::person";

static FORMAT: OnceLock<LogFormat> = OnceLock::new();
static RUN: AtomicI64 = AtomicI64::new(0);

/// Begins the log of this process. `RUST_LOG` overrides how much is said.
pub fn start_log(format: LogFormat, loudness: Loudness, style: Style) {
    let _ = FORMAT.set(format);
    let level = match (format, loudness) {
        (LogFormat::Json, Loudness::Quiet) => "error,embalm::person=warn",
        (LogFormat::Text, Loudness::Quiet) => "error",
        (LogFormat::Json, Loudness::Usual(0)) => "embalm=info,warn",
        (LogFormat::Text, Loudness::Usual(0)) => "warn",
        (LogFormat::Text, Loudness::Usual(1)) => "embalm=info,warn",
        (_, Loudness::Usual(_)) => "embalm=debug,warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    // A second call (tests) finds one installed already.
    let _ = match format {
        LogFormat::Json => tracing_subscriber::registry().with(filter).with(json::JsonLines).try_init(),
        LogFormat::Text => tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(style.is_on())
            .without_time()
            .finish()
            .try_init(),
    };
    tell_of_panics();
}

/// Whether the log is for machines.
#[must_use]
pub fn is_json() -> bool {
    FORMAT.get() == Some(&LogFormat::Json)
}

/// Names the run that events are of from here on.
pub fn of_run(run: i64) {
    RUN.store(run, Ordering::Relaxed);
}

/// A panic is a defect of embalm; it is an event as well, and says what to do with it.
fn tell_of_panics() {
    if !is_json() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let words = panic.payload();
        let words =
            words.downcast_ref::<&str>().copied().or_else(|| words.downcast_ref::<String>().map(String::as_str));
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
        tracing::error!(target: PERSON, event = "panic", message = words.unwrap_or("no words"), at = place);
    }));
}
