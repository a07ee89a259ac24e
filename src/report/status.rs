//! What the archive holds, and what was found by a search, in words for a person.

use super::{
    Style, excerpt, printable,
    run::{counted, state_in_words},
    table,
};
use crate::{
    model::{PlatformRecord, PlatformRun, SearchHit, State, StatusRecord},
    store::{MATCH_END, MATCH_START},
};
use std::fmt::Write;

/// Characters of a hit's words in a terminal.
const SNIPPET_WIDTH: usize = 160;

/// The whole archive in a dozen lines.
#[must_use]
pub fn status_page(status: &StatusRecord, style: Style) -> String {
    let mut out = String::new();
    let mib = |bytes: u64| {
        // A size for people: a tenth of a MiB is as exact as they want it.
        let tenths = bytes.saturating_mul(10) >> 20;
        format!("{}.{} MiB", tenths / 10, tenths % 10)
    };
    let _ = writeln!(
        out,
        "{}, {}, {}, {}; {} of media in {}; the archive has {}",
        style.bold(&counted(status.articles, "article")),
        counted(status.embeds, "embed"),
        style.bold(&counted(status.posts, "post")),
        counted(status.snapshots, "snapshot"),
        mib(status.media_bytes),
        counted(status.media_files, "file"),
        mib(status.archive_bytes),
    );
    for state in State::ALL {
        let Some(n) = status.states.get(state.as_str()) else { continue };
        let words = state_in_words(state);
        let shown = if state == State::Live {
            style.green(words)
        } else if state.is_gone() {
            style.red(words)
        } else {
            style.yellow(words)
        };
        let _ = writeln!(out, "{n:>8}  {shown}");
    }
    if !status.platforms.is_empty() {
        let header =
            ["platform", "posts", "captured", "quoted only", "gone", "withheld", "unknown", "success", "last runs"];
        let rows = status.platforms.iter().map(|p| {
            let numbers =
                [p.posts, p.captured, p.quoted_only, p.gone, p.withheld, p.unknown].map(|n| Some(n.to_string()));
            let mut row = vec![Some(p.platform.clone())];
            row.extend(numbers);
            row.push(Some(format!("{:.0} %", p.success * 100.0)));
            row.push(Some(recent(p)));
            row
        });
        let _ = writeln!(out, "\n{}", table::table(&header, rows, style));
    }
    let _ = writeln!(out, "\n{} for another try", counted_waiting(status.queued));
    match &status.last_run {
        Some(run) => {
            let ended = match (&run.finished_at, &run.summary.stopped) {
                (None, _) => "has not ended, or was killed".to_owned(),
                (Some(at), Some(why)) => format!("stopped at {at} ({})", printable(why)),
                (Some(at), None) => format!("ended at {at}"),
            };
            let _ = write!(
                out,
                "last run: number {} (`{}`) began at {}, {ended}",
                run.summary.run, run.command, run.started_at
            );
        }
        None => out.push_str("no run yet"),
    }
    out
}

/// How often a platform gave an answer that was understood, in its last runs.
fn recent(platform: &PlatformRecord) -> String {
    let sum = |count: fn(&PlatformRun) -> u64| platform.recent.iter().map(count).sum::<u64>();
    let (looks, drifted) = (sum(|run| run.looks), sum(|run| run.drifted));
    let answered = looks.saturating_sub(drifted).saturating_sub(sum(|run| run.failed));
    let drifted = if drifted > 0 { format!(", {drifted} not understood") } else { String::new() };
    if looks == 0 { String::new() } else { format!("{answered} of {looks} answered{drifted}") }
}

fn counted_waiting(n: u64) -> String {
    if n == 1 { "1 waits".to_owned() } else { format!("{n} wait") }
}

/// A hit as two lines: what it is, and its words with the match marked.
#[must_use]
pub fn hit_lines(hit: &SearchHit, style: Style) -> String {
    let by = hit.author_handle.as_ref().filter(|handle| !handle.is_empty()).map(|handle| format!(" @{handle}"));
    let title = hit.title.as_ref().map(|title| format!(" {}", excerpt(title, 80)));
    let when = hit.published.map(|when| format!(" {when}"));
    let snippet = hit.snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    let (marked, _) =
        snippet.char_indices().nth(SNIPPET_WIDTH).map_or((snippet.as_str(), ""), |(end, _)| snippet.split_at(end));
    format!(
        "{} {}{}{}{}\n    {}",
        style.dim(&hit.what),
        style.cyan(&printable(&hit.target)),
        printable(&title.unwrap_or_default()),
        printable(&by.unwrap_or_default()),
        style.dim(&when.unwrap_or_default()),
        painted(marked, style),
    )
}

fn painted(snippet: &str, style: Style) -> String {
    let mut out = String::new();
    for (n, piece) in snippet.split(MATCH_START).enumerate() {
        let (matched, rest) = piece.split_once(MATCH_END).filter(|_| n > 0).unwrap_or(("", piece));
        out.push_str(&style.bold(&style.yellow(&printable(matched))));
        out.push_str(&printable(rest));
    }
    out
}
