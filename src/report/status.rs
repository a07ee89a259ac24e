//! How everything stands, in words for a person: what needs somebody first, then the archive, the runs and what waits.

use super::{
    Style, excerpt, one_line, printable,
    run::{counted, minute, problem_line, state_in_words},
    runs::{duration, ended},
    table::{self, Paint, Words},
};
use crate::model::{PlatformRecord, PlatformRun, RunRecord, RunState, SourceStatus, State, StatusRecord, Summary};
use jiff::Timestamp;
use std::fmt::Write;

/// Sources that are told one by one; `list sources` has them all.
const MAX_SOURCES: usize = 20;

/// Characters of a reason in one line.
const REASON_WIDTH: usize = 80;

/// The whole at a glance.
#[must_use]
pub fn status_page(status: &StatusRecord, now: Timestamp, style: Style) -> String {
    let mut out = String::new();
    for problem in &status.problems {
        let _ = writeln!(out, "{}", problem_line(problem, style));
    }
    if !status.problems.is_empty() {
        out.push('\n');
    }
    runs(&mut out, status, now, style);
    archive(&mut out, status, style);
    queue(&mut out, status, now, style);
    sources(&mut out, status, now, style);
    platforms(&mut out, status, style);
    out.trim_end().to_owned()
}

fn runs(out: &mut String, status: &StatusRecord, now: Timestamp, style: Style) {
    if status.lock.is_some() || status.running.is_some() {
        let holder = status.lock.as_deref().map(one_line).unwrap_or_default();
        let number = status
            .running
            .as_ref()
            .map(|run| format!("run {} (`{}`), since {}: ", run.summary.run, run.command, ago(run.started_at, now)));
        let _ = writeln!(out, "{} {}{holder}", style.bold("under way"), number.unwrap_or_default());
    }
    match &status.last_run {
        Some(run) => {
            let _ = writeln!(out, "{}  {}", style.bold("last run"), last_run(run, now, style));
            if let Some(digest) = &run.summary.digest {
                let _ = writeln!(out, "{}    {digest}", style.bold("digest"));
            }
        }
        None if status.running.is_some() => {}
        None => out
            .push_str("no run yet: `embalm run` polls the configured sources, `embalm add URL` archives one article\n"),
    }
}

fn last_run(run: &RunRecord, now: Timestamp, style: Style) -> String {
    let summary = &run.summary;
    let exit = summary.exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
    let took = if run.finished_at.is_some() { format!(" in {}", duration(summary.elapsed_ms)) } else { String::new() };
    // The counts are written at the end; one that was killed has none, though it did something.
    let did = if run.state == RunState::Killed { "what it had committed is there".to_owned() } else { did(summary) };
    format!(
        "number {} (`{}`) {}{took}{exit}, {}: {did}",
        summary.run,
        run.command,
        ended(run, style),
        ago(run.finished_at.unwrap_or(run.started_at), now),
    )
}

fn did(summary: &Summary) -> String {
    format!(
        "{} new or changed, {} captured, {} gone, {} failed",
        counted(summary.articles.new + summary.articles.changed, "article"),
        counted(summary.posts.captured, "post"),
        summary.posts.gone,
        summary.articles.failed + summary.posts.deferred + summary.sources.failed,
    )
}

fn archive(out: &mut String, status: &StatusRecord, style: Style) {
    let _ = writeln!(
        out,
        "{}   {}, {}, {}, {}; {} of media in {}",
        style.bold("archive"),
        style.bold(&counted(status.articles, "article")),
        counted(status.embeds, "embed"),
        style.bold(&counted(status.posts, "post")),
        counted(status.snapshots, "snapshot"),
        size(status.media_bytes),
        counted(status.media_files, "file"),
    );
    let growth = status.growth_bytes_per_day.map(|bytes| {
        let sign = if bytes < 0 { "-" } else { "" };
        format!(", growing by {sign}{} a day", size(bytes.unsigned_abs()))
    });
    let free = status.disk_free_bytes.map(|bytes| format!("; {} free", size(bytes)));
    let _ = writeln!(
        out,
        "{}      {}{}{}",
        style.bold("disk"),
        size(status.archive_bytes),
        growth.unwrap_or_default(),
        free.unwrap_or_default()
    );
    let states = State::ALL.into_iter().filter_map(|state| {
        let n = status.states.get(state.as_str())?;
        let words = format!("{n} {}", state_in_words(state));
        Some(if state == State::Live {
            style.green(&words)
        } else if state.is_gone() {
            style.red(&words)
        } else {
            style.yellow(&words)
        })
    });
    let states: Vec<_> = states.collect();
    if !states.is_empty() {
        let _ = writeln!(out, "{}     {}", style.bold("posts"), states.join(", "));
    }
    if status.gone > 0 {
        let _ = writeln!(
            out,
            "{}      {} no longer on their platforms, {} of them kept here as they were; {} vanished in the last 7 days",
            style.bold("gone"),
            status.gone,
            status.gone_kept,
            status.gone_lately,
        );
    }
}

fn queue(out: &mut String, status: &StatusRecord, now: Timestamp, style: Style) {
    let queue = &status.queue;
    if status.queued == 0 {
        let _ = writeln!(out, "{}     nothing waits for another try", style.bold("queue"));
    } else {
        let next = queue.next_due_at.filter(|_| queue.due == 0);
        let next = next.map(|at| format!(", the next {}", ago(at, now))).unwrap_or_default();
        let _ = writeln!(
            out,
            "{}     {} and {} wait for another try, {} due{next}",
            style.bold("queue"),
            counted(queue.posts, "post"),
            counted(queue.articles, "article"),
            queue.due,
        );
    }
    if let Some(oldest) = &status.oldest_queued {
        let reason = excerpt(&oldest.reason, REASON_WIDTH);
        let since = ago(oldest.since, now);
        let tries = if oldest.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", oldest.attempts) };
        let _ = writeln!(out, "          the oldest: {}, {since}, {tries}: {reason}", one_line(&oldest.name));
    }
    if queue.resting + queue.dead > 0 {
        let _ = writeln!(out, "          {} given up, {} dead (`embalm list failures`)", queue.resting, queue.dead);
    }
}

fn sources(out: &mut String, status: &StatusRecord, now: Timestamp, style: Style) {
    if status.sources.is_empty() {
        return;
    }
    let row = |source: &SourceStatus| {
        let last = source.last_success_at.map_or_else(|| "never".to_owned(), |at| ago(at, now));
        let next = match source.next_poll_at {
            Some(at) if at > now => ago(at, now),
            _ => "at the next run".to_owned(),
        };
        let fails = (source.failures_in_a_row > 0).then(|| {
            let why = excerpt(source.last_error.as_deref().unwrap_or_default(), REASON_WIDTH);
            format!("failed {} in a row: {why}", source.failures_in_a_row)
        });
        let plain = |text: String| Words::new(text, Paint::Plain);
        vec![
            plain(printable(&source.name)),
            plain(last),
            plain(next),
            Words::new(fails.unwrap_or_default(), Paint::Odd),
        ]
    };
    let rows = status.sources.iter().take(MAX_SOURCES).map(row);
    let _ = writeln!(out, "\n{}", table::telling(&["source", "last success", "next poll", "trouble"], rows, style));
    if status.sources.len() > MAX_SOURCES {
        let _ = writeln!(out, " and {} more: `embalm list sources`", status.sources.len() - MAX_SOURCES);
    }
}

fn platforms(out: &mut String, status: &StatusRecord, style: Style) {
    if status.platforms.is_empty() {
        return;
    }
    let header =
        ["platform", "posts", "captured", "quoted only", "gone", "withheld", "unknown", "success", "last runs"];
    let rows = status.platforms.iter().map(|p| {
        let numbers = [p.posts, p.captured, p.quoted_only, p.gone, p.withheld, p.unknown].map(|n| Some(n.to_string()));
        let mut row = vec![Some(p.platform.clone())];
        row.extend(numbers);
        row.push(Some(format!("{:.0} %", p.success * 100.0)));
        row.push(Some(recent(p)));
        row
    });
    let _ = writeln!(out, "\n{}", table::table(&header, rows, style));
}

/// How often a platform gave an answer that was understood, in its last runs.
fn recent(platform: &PlatformRecord) -> String {
    let sum = |count: fn(&PlatformRun) -> u64| platform.recent.iter().map(count).sum::<u64>();
    let (looks, drifted) = (sum(|run| run.looks), sum(|run| run.drifted));
    let answered = looks.saturating_sub(drifted).saturating_sub(sum(|run| run.failed));
    let drifted = if drifted > 0 { format!(", {drifted} not understood") } else { String::new() };
    if looks == 0 { String::new() } else { format!("{answered} of {looks} answered{drifted}") }
}

/// A size for people: a tenth is as exact as they want it.
pub(super) fn size(bytes: u64) -> String {
    let (unit, shift) = match bytes {
        0..0x10_0000 => ("KiB", 10),
        0x10_0000..0x4000_0000 => ("MiB", 20),
        _ => ("GiB", 30),
    };
    let tenths = bytes.saturating_mul(10) >> shift;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// An instant as seen from now: `3 h ago`, `in 2 days`.
pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.duration_until(now).as_secs();
    let amount = match seconds.unsigned_abs() {
        0..60 => return if seconds >= 0 { "just now".to_owned() } else { "in a moment".to_owned() },
        s @ 60..3600 => format!("{} min", s / 60),
        s @ 3600..172_800 => format!("{} h", s / 3600),
        s @ 172_800..5_184_000 => format!("{} days", s / 86_400),
        _ => return format!("on {}", minute(at)),
    };
    if seconds >= 0 { format!("{amount} ago") } else { format!("in {amount}") }
}
