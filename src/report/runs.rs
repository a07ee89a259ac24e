//! Runs, a line each: how each ended, and what it did.

use super::{
    Style, printable,
    run::minute,
    status::ago,
    table::{self, Paint, Words},
};
use crate::model::{RunRecord, RunState, Summary};
use jiff::Timestamp;
use std::time::Duration;

/// The column that tells how a run ended.
const ENDED: usize = 4;

/// The runs as a table; when they began is told as seen from an instant, where there is one.
#[must_use]
pub fn runs_table(runs: &[RunRecord], seen_from: Option<Timestamp>, style: Style) -> String {
    let header = ["run", "command", "began", "took", "ended", "exit", "articles", "posts", "failed", "queued", "host"];
    let rows = runs.iter().map(|run| {
        let summary = &run.summary;
        let counted = !matches!(run.state, RunState::Running | RunState::Killed);
        let number = |text: String| counted.then_some(text);
        let (how, paint) = end(run);
        let cells = vec![
            Some(summary.run.to_string()),
            Some(run.command.clone()),
            Some(seen_from.map_or_else(|| minute(run.started_at), |now| ago(run.started_at, now))),
            number(duration(summary.elapsed_ms)),
            Some(how),
            summary.exit_code.map(|code| code.to_string()),
            number(articles(summary)),
            number(posts(summary)),
            number((summary.articles.failed + summary.posts.deferred + summary.sources.failed).to_string()),
            number((summary.queue.posts + summary.queue.articles).to_string()),
            run.host.clone(),
        ];
        let mut cells: Vec<Words> = cells.into_iter().map(Words::from).collect();
        if let Some(cell) = cells.get_mut(ENDED) {
            cell.paint = paint;
        }
        cells
    });
    table::table(&header, rows, style)
}

/// How a run ended, in words.
pub(super) fn ended(run: &RunRecord, style: Style) -> String {
    let (words, paint) = end(run);
    table::painted(&words, paint, style)
}

fn end(run: &RunRecord) -> (String, Paint) {
    let why = run.summary.stopped.as_deref().map(printable).unwrap_or_default();
    match run.state {
        RunState::Running => ("goes on".to_owned(), Paint::Name),
        RunState::Done if run.summary.exit_code == Some(3) => ("done, needs a look".to_owned(), Paint::Odd),
        RunState::Done => ("done".to_owned(), Paint::Good),
        RunState::Stopped => (format!("stopped: {why}"), Paint::Odd),
        RunState::Failed => (format!("failed: {why}"), Paint::Bad),
        RunState::Killed => ("killed".to_owned(), Paint::Bad),
    }
}

/// Milliseconds for people.
pub(super) fn duration(ms: u64) -> String {
    let time = Duration::from_millis(ms);
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn articles(summary: &Summary) -> String {
    let counts = &summary.articles;
    format!("{} new, {} changed", counts.new, counts.changed)
}

fn posts(summary: &Summary) -> String {
    let counts = &summary.posts;
    format!("{} captured, {} gone", counts.captured, counts.gone)
}
