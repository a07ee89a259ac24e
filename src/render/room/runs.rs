//! Runs: each in a row, and the page of one with what it added.

use super::{
    asked::Asked,
    entry::{self, ArticleEntry, PostEntry},
    paging::{self, Paging},
    shell::{self, Frame, Section},
};
use crate::{
    model::{ArticleBrief, Listed, PostRecord, RunRecord, RunState, Summary},
    render::{Places, RenderError, words, words::Moment},
};
use serde::Serialize;

#[derive(Serialize)]
struct RunsPage {
    runs: Vec<Row>,
    paging: Paging,
}

#[derive(Serialize)]
struct Row {
    id: i64,
    url: String,
    command: String,
    began: Moment,
    took: String,
    ended: Ended,
    /// Its counts are known: it came to an end of its own.
    counted: bool,
    new: String,
    changed: String,
    captured: String,
    gone: String,
    failed: String,
    requests: String,
    queued: String,
}

/// How a run stands, with the style sheet's class.
#[derive(Serialize)]
pub(super) struct Ended {
    class: &'static str,
    words: String,
}

#[derive(Serialize)]
struct RunPage {
    row: Row,
    facts: Vec<(&'static str, String)>,
    figures: Vec<(&'static str, String)>,
    problems: Vec<ProblemRow>,
    articles: Vec<ArticleEntry>,
    more_articles: Option<String>,
    posts: Vec<PostEntry>,
    paging: Paging,
}

#[derive(Serialize)]
struct ProblemRow {
    kind: String,
    words: String,
    command: String,
}

/// A part of the list of runs, newest first.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn runs(asked: &Asked, listed: &Listed<RunRecord>, size: usize, frame: &Frame) -> Result<String, RenderError> {
    let page = RunsPage {
        runs: listed.records.iter().map(row).collect(),
        paging: paging::numbered(asked, listed.records.len(), listed.total, size),
    };
    shell::page("room/runs.html", frame, Section::Runs, "Runs", &page)
}

/// What a run brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The first of the articles that are new in it or changed.
    pub articles: Listed<ArticleBrief>,
    /// A part of the posts that it brought a snapshot of.
    pub posts: Listed<PostRecord>,
}

/// One run.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn run(
    asked: &Asked,
    run: &RunRecord,
    brought: &Brought,
    size: usize,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let summary = &run.summary;
    let articles = brought.articles.records.len();
    let all = brought.articles.total.at_least();
    let page = RunPage {
        row: row(run),
        facts: facts(run),
        figures: figures(summary),
        problems: summary
            .problems
            .iter()
            .map(|problem| ProblemRow {
                kind: problem.kind.as_str().replace('_', " "),
                words: problem.detail.clone(),
                command: problem.command.clone(),
            })
            .collect(),
        articles: brought.articles.records.iter().map(|brief| entry::article(brief, places)).collect(),
        more_articles: (all > u64::try_from(articles).unwrap_or(u64::MAX)).then(|| words::number(all)),
        posts: brought.posts.records.iter().map(|record| entry::post(record, places)).collect(),
        paging: paging::numbered(asked, brought.posts.records.len(), brought.posts.total, size),
    };
    shell::page("room/run.html", frame, Section::Runs, &format!("Run {}", summary.run), &page)
}

/// The page of a run.
pub(super) fn address(run: i64) -> String {
    format!("/runs/{run}")
}

/// Whether it goes on.
pub(super) fn goes_on(run: &RunRecord) -> bool {
    run.state == RunState::Running
}

/// How it ended, in words.
pub(super) fn ended(run: &RunRecord) -> Ended {
    let why = run.summary.stopped.clone().unwrap_or_default();
    let (class, words) = match run.state {
        RunState::Running => ("live", "Goes on".to_owned()),
        RunState::Done if run.summary.exit_code == Some(3) => ("withheld", "Done, needs a look".to_owned()),
        RunState::Done => ("live", "Done".to_owned()),
        RunState::Stopped => ("withheld", format!("Stopped: {why}")),
        RunState::Failed => ("gone", format!("Failed: {why}")),
        RunState::Killed => ("gone", "Killed".to_owned()),
    };
    Ended { class, words }
}

/// What it brought, in a line: what is none is left out.
pub(super) fn brought(summary: &Summary) -> String {
    let parts = [
        (summary.articles.new, "new article", "new articles"),
        (summary.articles.changed, "changed article", "changed articles"),
        (summary.posts.captured, "post captured", "posts captured"),
        (summary.posts.gone, "post found gone", "posts found gone"),
    ];
    let told = parts.into_iter().filter(|(n, ..)| *n > 0);
    let told = told.map(|(n, one, many)| words::many(n, one, many)).collect::<Vec<_>>();
    if told.is_empty() { "nothing new".to_owned() } else { told.join(", ") }
}

fn row(run: &RunRecord) -> Row {
    let summary = &run.summary;
    let failed = summary.articles.failed + summary.posts.deferred + summary.sources.failed;
    Row {
        id: summary.run,
        url: address(summary.run),
        command: run.command.clone(),
        began: entry::minute(run.started_at),
        took: words::time_taken(summary.elapsed_ms),
        ended: ended(run),
        counted: !matches!(run.state, RunState::Running | RunState::Killed),
        new: words::number(summary.articles.new),
        changed: words::number(summary.articles.changed),
        captured: words::number(summary.posts.captured),
        gone: words::number(summary.posts.gone),
        failed: words::number(failed),
        requests: words::number(summary.requests),
        queued: words::number(summary.queue.posts + summary.queue.articles),
    }
}

fn facts(run: &RunRecord) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Command", format!("embalm {}", run.command))];
    facts.extend(run.finished_at.map(|_| ("Took", words::time_taken(run.summary.elapsed_ms))));
    facts.extend(run.host.clone().map(|host| ("Machine", host)));
    facts.extend(run.version.clone().map(|version| ("Version", format!("embalm {version}"))));
    facts.extend(run.summary.exit_code.map(|code| ("Exit code", code.to_string())));
    facts
}

fn figures(summary: &Summary) -> Vec<(&'static str, String)> {
    let counts = [
        ("articles new", summary.articles.new),
        ("articles changed", summary.articles.changed),
        ("articles as before", summary.articles.unchanged),
        ("articles failed", summary.articles.failed),
        ("posts captured", summary.posts.captured),
        ("posts as before", summary.posts.unchanged),
        ("posts found gone", summary.posts.gone),
        ("posts withheld", summary.posts.withheld),
        ("posts only quoted", summary.posts.quoted_only),
        ("posts put off", summary.posts.deferred),
        ("files stored", summary.media.stored),
        ("files failed", summary.media.failed),
        ("sources asked", summary.sources.polled),
        ("sources failed", summary.sources.failed),
        ("requests", summary.requests),
    ];
    let told = counts.into_iter().filter(|(_, n)| *n > 0).map(|(words, n)| (words, words::number(n)));
    let bytes = (summary.downloaded_bytes > 0).then(|| ("downloaded", words::bytes(summary.downloaded_bytes)));
    told.chain(bytes).collect()
}
