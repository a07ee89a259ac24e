//! What happens in a run, as events of the log: `names` lists them, and a test holds the two together.

use crate::{
    model::{Problem, Summary},
    pipeline::{Change, Event, PostChange},
    report::log::PERSON,
};
use url::Url;

/// Tells one event of a run.
pub(super) fn log(event: &Event<'_>) {
    match event {
        Event::Started { command, archive, .. } => {
            let archive = archive.display().to_string();
            tracing::info!(event = "run_started", command, archive, version = env!("CARGO_PKG_VERSION"));
        }
        Event::Wanted { .. } | Event::Progress(_) => {}
        Event::Polled { source, articles, note } => {
            let articles = articles.map(|n| n as u64);
            tracing::info!(event = "source_polled", source, articles, reason = note);
        }
        Event::SourceFailed { source, reason } => tracing::warn!(event = "source_failed", source, reason),
        Event::Article { name, change, embeds, cut_short, .. } => {
            let (host, embeds) = (host(name), embeds.len() as u64);
            match change {
                Change::Unchanged => tracing::debug!(event = "article", article = name, host, change = "unchanged"),
                Change::New => tracing::info!(event = "article", article = name, host, change = "new", embeds),
                Change::Changed => tracing::info!(event = "article", article = name, host, change = "changed", embeds),
            }
            for cut in *cut_short {
                tracing::warn!(event = "article_cut_short", article = name, host, reason = cut.to_string());
            }
        }
        Event::ArticleFailed { name, reason } => {
            tracing::warn!(event = "article_failed", article = name, host = host(name), reason);
        }
        Event::Post { post, result } => {
            let (key, platform, host) = (post.key(), post.platform.as_str(), post.url.host_str());
            let (change, state, via) = (word(result.change), result.state.as_str(), result.via.map(|via| via.as_str()));
            let (media, reason) = (result.media, result.failure.as_deref());
            if result.change == PostChange::Failed {
                tracing::warn!(event = "post", post = key, platform, host, change, state, via, media, reason);
            } else {
                tracing::info!(event = "post", post = key, platform, host, change, state, via, media, reason);
            }
        }
    }
}

/// Tells that a run has ended, with its last words.
pub fn finished_event(summary: &Summary, words: &str) {
    let record = serde_json::to_string(summary).unwrap_or_default();
    let (exit_code, elapsed_ms) = (summary.exit_code.map(u64::from), summary.elapsed_ms);
    tracing::info!(event = "run_finished", message = words, summary = record, exit_code, elapsed_ms);
}

/// Tells what needs a person.
pub fn problem_event(problem: &Problem) {
    let (kind, subject) = (problem.kind.as_str(), problem.subject.as_deref());
    let (reason, command) = (problem.detail.as_str(), problem.command.as_str());
    tracing::error!(target: PERSON, event = "problem", kind, subject, reason, command);
}

/// The host of an article's address; none for a file.
fn host(name: &str) -> Option<String> {
    Url::parse(name).ok()?.host_str().map(str::to_owned)
}

fn word(change: PostChange) -> &'static str {
    match change {
        PostChange::New => "new",
        PostChange::Unchanged => "unchanged",
        PostChange::Edited => "edited",
        PostChange::Gone => "gone",
        PostChange::Withheld => "withheld",
        PostChange::Returned => "returned",
        PostChange::Failed => "failed",
    }
}
