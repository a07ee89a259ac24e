//! The page of how everything stands: what needs a person, the runs, what is kept and what became of it, what waits, and
//! the plots.

use super::{
    plots::{self, Plot, bytes},
    shell::{self, Frame, Section},
};
use crate::{
    model::{
        Figures, PlatformRecord, PlatformRun, Problem, RunRecord, RunState, SourceStatus, State, StatusRecord, When,
    },
    render::{
        Places, RenderError,
        markup::{Markup, draw},
        words::{self, Moment, amount, number},
    },
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// Sources that are told one by one; their own page has them all.
const MAX_SOURCES: usize = 20;

/// Of a disk with less time to go, the words say how long it lasts.
const LASTING_DAYS: u64 = 3650;

#[derive(Serialize)]
struct StatusPage {
    problems: Vec<ProblemDrawing>,
    /// What goes on now.
    under_way: Option<UnderWay>,
    last_run: Option<Run>,
    /// The last run of the schedule that came to its end, where it is another one.
    last_success: Option<Moment>,
    holdings: Vec<Holding>,
    disk: String,
    standing: Vec<Holding>,
    gone: Option<String>,
    queue: Vec<String>,
    oldest: Option<Oldest>,
    sources: Vec<Source>,
    more_sources: usize,
    platforms: Vec<Platform>,
    plots: Vec<Markup>,
}

#[derive(Serialize)]
struct ProblemDrawing {
    detail: String,
    command: String,
    since: Option<Moment>,
}

#[derive(Serialize)]
struct UnderWay {
    words: String,
    since: Option<Moment>,
}

#[derive(Serialize)]
struct Run {
    number: i64,
    command: String,
    /// `good`, `look` or `bad`: for the style sheet.
    class: &'static str,
    ended: String,
    at: Moment,
    did: String,
}

/// A number and what it counts.
#[derive(Serialize)]
struct Holding {
    value: String,
    name: &'static str,
    /// Where they are listed.
    url: Option<String>,
}

#[derive(Serialize)]
struct Oldest {
    name: String,
    since: Moment,
    tries: String,
    reason: String,
}

#[derive(Serialize)]
struct Source {
    name: String,
    last: Option<Moment>,
    next: Option<Moment>,
    trouble: Option<String>,
}

#[derive(Serialize)]
struct Platform {
    name: String,
    url: Option<String>,
    cells: [String; 6],
    success: String,
    recent: String,
}

#[derive(Serialize)]
struct PlotPage<'a> {
    plot: &'a Plot,
}

/// How everything stands at `now`, with the plots of `figures`.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn status(
    status: &StatusRecord,
    figures: &Figures,
    now: Timestamp,
    frame: &Frame,
    places: &dyn Places,
) -> Result<String, RenderError> {
    let plots = plots::all(figures, now.to_zoned(TimeZone::UTC).date());
    let drawn = plots.iter().map(|plot| draw("room/plot.html", &PlotPage { plot }));
    let last_run = status.last_run.as_ref();
    let page = StatusPage {
        problems: status.problems.iter().map(problem).collect(),
        under_way: under_way(status),
        last_run: last_run.map(run),
        last_success: status
            .last_success
            .as_ref()
            .filter(|success| last_run.is_none_or(|last| last.summary.run != success.summary.run))
            .map(|success| instant(success.finished_at.unwrap_or(success.started_at))),
        holdings: holdings(status, frame),
        disk: disk(status),
        standing: standing(status, frame),
        gone: gone(status),
        queue: queue(status),
        oldest: status.oldest_queued.as_ref().map(|oldest| Oldest {
            name: oldest.name.clone(),
            since: instant(oldest.since),
            tries: if oldest.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", oldest.attempts) },
            reason: oldest.reason.clone(),
        }),
        sources: status.sources.iter().take(MAX_SOURCES).map(|one| source(one, now)).collect(),
        more_sources: status.sources.len().saturating_sub(MAX_SOURCES),
        platforms: status.platforms.iter().map(|one| platform(one, places)).collect(),
        plots: drawn.collect::<Result<_, _>>()?,
    };
    shell::page("room/status.html", frame, Section::Status, "Status", &page)
}

fn instant(at: Timestamp) -> Moment {
    Moment::of(When::Instant(at))
}

fn problem(problem: &Problem) -> ProblemDrawing {
    // Commands stand between backticks there, as in a terminal.
    let mut detail = problem.detail.replace('`', "");
    if let Some(first) = detail.get(..1).map(str::to_uppercase) {
        detail.replace_range(..1, &first);
    }
    ProblemDrawing { detail, command: problem.command.clone(), since: problem.since.map(instant) }
}

fn under_way(status: &StatusRecord) -> Option<UnderWay> {
    match (&status.running, &status.lock) {
        (Some(run), _) => Some(UnderWay {
            words: format!("Run {} (embalm {}) is under way", run.summary.run, run.command),
            since: Some(instant(run.started_at)),
        }),
        (None, Some(holder)) => Some(UnderWay { words: format!("The archive is held: {holder}"), since: None }),
        (None, None) => None,
    }
}

fn run(run: &RunRecord) -> Run {
    let summary = &run.summary;
    let why = summary.stopped.as_deref().unwrap_or("no reason was noted");
    let (class, ended) = match run.state {
        RunState::Running => ("good", "goes on".to_owned()),
        RunState::Done if summary.exit_code == Some(3) => ("look", "done, but a person should look".to_owned()),
        RunState::Done => ("good", "done".to_owned()),
        RunState::Stopped => ("look", format!("stopped early with the work saved: {why}")),
        RunState::Failed => ("bad", format!("failed: {why}")),
        RunState::Killed => ("bad", "killed; what it had saved is here".to_owned()),
    };
    // The counts are written at the end: one that was killed has none, though it did something.
    let did = match run.state {
        RunState::Killed => String::new(),
        _ => format!(
            "{} new or changed, {} captured, {} found gone, {} failed",
            amount(summary.articles.new + summary.articles.changed, "article"),
            amount(summary.posts.captured, "post"),
            number(summary.posts.gone),
            number(summary.articles.failed + summary.posts.deferred + summary.sources.failed),
        ),
    };
    Run {
        number: summary.run,
        command: run.command.clone(),
        class,
        ended,
        at: instant(run.finished_at.unwrap_or(run.started_at)),
        did,
    }
}

/// Where a part of the room is, if this output has it.
fn part(frame: &Frame, section: Section, query: &str) -> Option<String> {
    frame.nav.iter().find(|(part, _)| *part == section).map(|(_, url)| format!("{url}{query}"))
}

fn holdings(status: &StatusRecord, frame: &Frame) -> Vec<Holding> {
    let holding = |value: String, name, url| Holding { value, name, url };
    vec![
        holding(number(status.articles), "articles", part(frame, Section::Articles, "")),
        holding(number(status.embeds), "embeds in them", None),
        holding(number(status.posts), "posts", part(frame, Section::Posts, "")),
        holding(number(status.snapshots), "snapshots of posts", None),
        holding(number(status.media_files), "files of posts", None),
        holding(bytes(status.archive_bytes), "on disk", None),
    ]
}

fn disk(status: &StatusRecord) -> String {
    let growth = status.growth_bytes_per_day.map(|growth| {
        let verb = if growth < 0 { "shrinks" } else { "grows" };
        format!("The archive {verb} by {} a day", bytes(growth.unsigned_abs()))
    });
    let free = status.disk_free_bytes.map(|free| format!("{} of the disk are free", bytes(free)));
    let days = status.disk_free_bytes.zip(status.growth_bytes_per_day).and_then(|(free, growth)| {
        let growth = u64::try_from(growth).ok().filter(|growth| *growth > 0)?;
        Some(free / growth).filter(|days| *days < LASTING_DAYS)
    });
    let lasting = days.map(|days| format!("at this pace that lasts {}", amount(days, "day")));
    let said: Vec<_> = [growth, free, lasting].into_iter().flatten().collect();
    if said.is_empty() { String::new() } else { format!("{}.", said.join("; ")) }
}

fn standing(status: &StatusRecord, frame: &Frame) -> Vec<Holding> {
    let known = State::ALL.into_iter().filter_map(|state| {
        let posts = status.states.get(state.as_str()).copied().filter(|posts| *posts > 0)?;
        let url = part(frame, Section::Posts, &format!("?state={}", state.as_str()));
        Some(Holding { value: number(posts), name: fate(state), url })
    });
    known.collect()
}

/// What a state means for its posts, in a list of them.
fn fate(state: State) -> &'static str {
    match state {
        State::Live => "still there",
        State::Deleted => "deleted",
        State::AccountDeleted => "gone with their account",
        State::Suspended => "gone with a suspended account",
        State::Private => "private now",
        State::LoginRequired => "shown only after a login",
        State::AgeRestricted => "restricted by age",
        State::GeoBlocked => "not shown in this country",
        State::Unavailable => "unavailable, without a reason",
        State::Unknown => "not reached yet",
    }
}

fn gone(status: &StatusRecord) -> Option<String> {
    (status.gone > 0).then(|| {
        let kept = match (status.gone, status.gone_kept) {
            (1, 0) => "it was gone before it could be captured".to_owned(),
            (1, _) => "it is kept here as it was".to_owned(),
            (_, 0) => "all were gone before they could be captured".to_owned(),
            (gone, kept) if gone == kept => "all are kept here as they were".to_owned(),
            (_, kept) => format!("{} of them kept here as they were", number(kept)),
        };
        let gone = match status.gone {
            1 => "1 post is no longer on its platform".to_owned(),
            gone => format!("{} are no longer on their platforms", amount(gone, "post")),
        };
        format!("{gone}; {kept}. {} vanished in the last seven days.", number(status.gone_lately))
    })
}

fn queue(status: &StatusRecord) -> Vec<String> {
    let queue = &status.queue;
    let mut said = Vec::new();
    if status.queued == 0 {
        said.push("Nothing waits for another try.".to_owned());
    } else {
        let (posts, articles) = (amount(queue.posts, "post"), amount(queue.articles, "article"));
        said.push(format!("{posts} and {articles} wait for another try; {} due now.", number(queue.due)));
    }
    if queue.resting > 0 {
        said.push(format!("{} given up after many tries.", number(queue.resting)));
    }
    if queue.dead > 0 {
        said.push(format!(
            "{} not tried again by themselves: what they were answered seldom changes.",
            number(queue.dead)
        ));
    }
    said
}

fn source(source: &SourceStatus, now: Timestamp) -> Source {
    let trouble = (source.failures_in_a_row > 0).then(|| {
        let why = source.last_error.as_deref().unwrap_or("no reason was noted");
        format!("failed {} in a row: {why}", amount(u64::from(source.failures_in_a_row), "time"))
    });
    Source {
        name: source.name.clone(),
        last: source.last_success_at.map(instant),
        next: source.next_poll_at.filter(|at| *at > now).map(instant),
        trouble,
    }
}

fn platform(platform: &PlatformRecord, places: &dyn Places) -> Platform {
    let sum = |count: fn(&PlatformRun) -> u64| platform.recent.iter().map(count).fold(0, u64::saturating_add);
    let (looks, drifted) = (sum(|run| run.looks), sum(|run| run.drifted));
    let answered = looks.saturating_sub(drifted).saturating_sub(sum(|run| run.failed));
    let not_understood = if drifted > 0 { format!(", {} not understood", number(drifted)) } else { String::new() };
    let cells = [
        platform.posts,
        platform.captured,
        platform.memento_only,
        platform.quoted_only,
        platform.gone,
        platform.withheld,
    ];
    Platform {
        name: words::platform(&platform.platform, None),
        url: places.platform(&platform.platform),
        cells: cells.map(number),
        success: plots::per_cent(platform.posts.saturating_sub(platform.unknown), platform.posts),
        recent: match looks {
            0 => "not asked lately".to_owned(),
            looks => format!("{} of {} answered{not_understood}", number(answered), number(looks)),
        },
    }
}
