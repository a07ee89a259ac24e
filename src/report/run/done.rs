//! The run's last words: what was done, what was left out and why, and what a person should look at.

use super::counted;
use crate::{
    model::{Problem, Summary},
    report::{Style, one_line, printable},
};
use jiff::Timestamp;
use std::time::Duration;

/// A run in one line: everything that it did and left undone. What is nought is not said.
#[must_use]
pub fn summary_line(summary: &Summary) -> String {
    let Summary { sources, articles, posts, media, politeness, queue, .. } = summary;
    let listed = |label: &str, counts: &[(u64, &str)]| {
        let said: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        (!said.is_empty()).then(|| format!("{label}: {}", said.join(", ")))
    };
    let sources = listed(
        "sources",
        &[
            (sources.polled.saturating_sub(sources.unchanged), "read"),
            (sources.unchanged, "unchanged"),
            (sources.not_due, "not due"),
            (sources.failed, "failed"),
        ],
    );
    let articles = listed(
        "articles",
        &[
            (articles.new, "new"),
            (articles.changed, "changed"),
            (articles.unchanged, "unchanged"),
            (articles.failed, "failed"),
        ],
    );
    let posts = listed(
        "posts",
        &[
            (posts.captured, "captured"),
            (posts.unchanged, "unchanged"),
            (posts.gone, "gone"),
            (posts.withheld, "withheld"),
            (posts.quoted_only, "kept as quoted"),
            (posts.deferred, "to be tried again"),
        ],
    );
    let files = listed(
        "files",
        &[(media.stored, "stored"), (media.deduplicated, "already there"), (media.failed, "not to be had")],
    );
    let mut left: Vec<(u64, String)> = vec![
        (politeness.robots_refused, "forbidden by robots.txt".to_owned()),
        (politeness.put_off, "put off for the sake of their hosts".to_owned()),
    ];
    left.extend(summary.skipped.iter().map(|(reason, n)| (*n, reason_in_words(reason))));
    let left: Vec<_> = left.iter().map(|(n, reason)| (*n, reason.as_str())).collect();
    let waiting = queue.posts + queue.articles;
    let waiting = (waiting > 0).then(|| {
        let next = queue.next_due_at.map(|at| format!(", the next from {}", minute(at))).unwrap_or_default();
        format!("{waiting} queued{next}")
    });
    let resting = (queue.resting > 0).then(|| format!("{} given up (`embalm list failures`)", queue.resting));
    let stopped = summary.stopped.as_ref().map(|why| format!("stopped early ({})", one_line(why)));
    let problems = summary.problems.len() as u64;
    let problems = (problems > 0).then(|| format!("{} for a person", counted(problems, "problem")));
    let seconds = Duration::from_millis(summary.elapsed_ms).as_secs_f64();
    let cost = format!("{} in {seconds:.1} s", counted(summary.requests, "request"));
    let parts = [
        sources,
        articles.or_else(|| Some("no articles".to_owned())),
        posts.or_else(|| Some("no posts to look at".to_owned())),
        files,
        listed("left out", &left),
        waiting,
        resting,
        Some(cost),
        stopped,
        problems,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The run's last words: the line, and where the archive is.
#[must_use]
pub fn done_line(style: Style, summary: &Summary, archive: &str) -> String {
    // Who could not look, or not everywhere, does not know whether there is anything new.
    let looked = summary.stopped.is_none() && summary.articles.failed + summary.sources.failed == 0;
    let nothing = looked && summary.articles.new + summary.articles.changed == 0 && summary.posts == Default::default();
    let lead = if nothing { style.bold("Nothing new. ") } else { String::new() };
    let stopped = summary.stopped.as_ref().map(|why| {
        style.yellow(&format!(
            "\nStopped early ({}); the work so far is saved, and the next run goes on.",
            printable(why)
        ))
    });
    let is_dry = summary.run == 0;
    let archive =
        style.dim(&if is_dry { "a dry run: nothing was written".to_owned() } else { format!("in {archive}") });
    format!("\n{lead}{}\n{archive}{}", summary_line(summary), stopped.unwrap_or_default())
}

/// What needs a person, in one line with what helps.
#[must_use]
pub fn problem_line(problem: &Problem, style: Style) -> String {
    let (detail, command) = (one_line(&problem.detail), one_line(&problem.command));
    format!("{} {detail}; see `{command}`", style.red("problem:"))
}

fn reason_in_words(reason: &str) -> String {
    match reason {
        "waiting" => "failed before and not due yet".to_owned(),
        other => other.replace('_', " "),
    }
}

/// An instant for people: seconds say nothing here.
pub(in crate::report) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%MZ").to_string()
}
