//! The page of a platform, and the table of all: what embalm can capture there, how it answers, what became of its posts.

use super::{
    author::{self, StateCount},
    lines::{self, Line},
    plain,
    shell::{self, Frame, Section},
};
use crate::{
    model::{PlatformRecord, PlatformView},
    platforms,
    render::{
        Places, RenderError,
        sanitize::link,
        words::{self, Moment},
    },
};
use serde::Serialize;

#[derive(Serialize)]
struct PlatformPage {
    name: String,
    id: String,
    gives: Option<Gives>,
    figures: Figures,
    states: Vec<StateCount>,
    runs: Vec<Run>,
    vanished: Vec<Line>,
    latest: Vec<Line>,
    authors: Vec<Author>,
    authors_of: String,
}

/// What strangers get there.
#[derive(Serialize)]
struct Gives {
    how: &'static str,
    routes: Vec<&'static str>,
    text: &'static str,
    media: &'static str,
    time: &'static str,
    gone: &'static str,
    example: Option<&'static str>,
    example_url: Option<String>,
}

#[derive(Serialize)]
struct Figures {
    posts: String,
    captured: String,
    memento_only: String,
    imported_only: String,
    quoted_only: String,
    without_content: String,
    gone: String,
    withheld: String,
    unknown: String,
    /// In percent; none without posts.
    success: Option<u32>,
}

#[derive(Serialize)]
struct Run {
    number: i64,
    at: Moment,
    looks: String,
    captured: String,
    unchanged: String,
    gone: String,
    withheld: String,
    failed: String,
    drifted: String,
    drift: Option<String>,
}

#[derive(Serialize)]
struct Author {
    name: String,
    handle: String,
    page: Option<String>,
    posts: String,
    gone: String,
}

#[derive(Serialize)]
struct PlatformsPage {
    rows: Vec<Row>,
    others: Vec<Other>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    page: Option<String>,
    figures: Figures,
    last: Option<Moment>,
}

/// A platform of which there is no post yet.
#[derive(Serialize)]
struct Other {
    name: String,
    page: Option<String>,
    how: Option<&'static str>,
}

/// What there is of one platform.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn platform(view: &PlatformView, frame: &Frame, places: &mut dyn Places) -> Result<String, RenderError> {
    let id = &view.record.platform;
    let name = words::platform(id, None);
    let page = PlatformPage {
        id: id.clone(),
        gives: gives(id),
        figures: figures(&view.record),
        states: author::states(&view.states, &name),
        runs: view.record.recent.iter().map(run).collect(),
        vanished: view.vanished.iter().map(|line| lines::line(line, places)).collect(),
        latest: view.latest.iter().map(|line| lines::line(line, places)).collect(),
        authors: view
            .authors
            .iter()
            .map(|one| Author {
                name: one.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| one.handle.clone()),
                page: places.author(id, &one.handle),
                handle: one.handle.clone(),
                posts: words::number(one.posts),
                gone: words::number(one.gone),
            })
            .collect(),
        authors_of: words::number(view.authors_of),
        name,
    };
    shell::page("room/platform.html", frame, Section::Platforms, &page.name, &page)
}

/// All platforms: those with posts, the largest first, then the others that are known.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn platforms(records: &[PlatformRecord], frame: &Frame, places: &dyn Places) -> Result<String, RenderError> {
    let others = platforms::ALL.iter().map(|platform| platform.id());
    let others = others.filter(|id| records.iter().all(|record| record.platform != *id));
    let mut others: Vec<Other> = others
        .map(|id| Other {
            name: words::platform(id, None),
            page: places.platform(id),
            how: platforms::gives(id).map(|gives| gives.how),
        })
        .collect();
    others.sort_by_cached_key(|other| other.name.to_lowercase());
    let row = |record: &PlatformRecord| Row {
        name: words::platform(&record.platform, None),
        page: places.platform(&record.platform),
        figures: figures(record),
        last: record.recent.first().map(|run| Moment::day_of(run.started_at)),
    };
    let page = PlatformsPage { rows: records.iter().map(row).collect(), others };
    shell::page("room/platforms.html", frame, Section::Platforms, "Platforms", &page)
}

fn gives(id: &str) -> Option<Gives> {
    let gives = platforms::gives(id)?;
    let example = platforms::by_id(id).and_then(|platform| platform.samples().posts.first().map(|(url, _)| *url));
    Some(Gives {
        how: gives.how,
        routes: gives.routes.iter().map(|via| plain::rung(*via).from).collect(),
        text: gives.text,
        media: gives.media,
        time: gives.time,
        gone: gives.gone,
        example,
        example_url: example.and_then(link),
    })
}

fn figures(record: &PlatformRecord) -> Figures {
    let number = words::number;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share from 0 to 1")]
    let percent = (record.success.clamp(0.0, 1.0) * 100.0).round() as u32;
    Figures {
        posts: number(record.posts),
        captured: number(record.captured),
        memento_only: number(record.memento_only),
        imported_only: number(record.imported_only),
        quoted_only: number(record.quoted_only),
        without_content: number(record.without_content),
        gone: number(record.gone),
        withheld: number(record.withheld),
        unknown: number(record.unknown),
        success: (record.posts > 0).then_some(percent),
    }
}

fn run(run: &crate::model::PlatformRun) -> Run {
    let number = words::number;
    Run {
        number: run.run,
        at: Moment::of(crate::model::When::Instant(run.started_at)),
        looks: number(run.looks),
        captured: number(run.captured),
        unchanged: number(run.unchanged),
        gone: number(run.gone),
        withheld: number(run.withheld),
        failed: number(run.failed),
        drifted: number(run.drifted),
        drift: run.drift.clone(),
    }
}
