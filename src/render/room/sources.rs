//! Sources: what each is, when it was asked, what came of it.

use super::{
    asked::{Asked, address},
    paging::{self, Paging},
    shell::{self, Frame, Section},
};
use crate::{
    model::{Listed, SourceRecord},
    render::{RenderError, sanitize, words, words::Moment},
};
use serde::Serialize;

#[derive(Serialize)]
struct SourcesPage {
    sources: Vec<Row>,
    paging: Paging,
}

#[derive(Serialize)]
struct Row {
    name: String,
    kind: String,
    place: String,
    /// Where the place is a page of the web.
    url: Option<String>,
    parent: Option<String>,
    labels: Vec<Label>,
    articles: String,
    /// The list of its articles; none where there is none.
    list: Option<String>,
    polled: Option<Moment>,
    next: Option<Moment>,
    failures: u32,
    error: Option<String>,
    moved_to: Option<String>,
    rests: bool,
}

#[derive(Serialize)]
struct Label {
    words: String,
    url: String,
}

/// A part of the list of sources, by name.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn sources(
    asked: &Asked,
    listed: &Listed<SourceRecord>,
    size: usize,
    frame: &Frame,
) -> Result<String, RenderError> {
    let page = SourcesPage {
        sources: listed.records.iter().map(row).collect(),
        paging: paging::numbered(asked, listed.records.len(), listed.total, size),
    };
    shell::page("room/sources.html", frame, Section::Sources, "Sources", &page)
}

fn row(source: &SourceRecord) -> Row {
    let label = |label: &String| Label { words: label.clone(), url: address("/articles", &[("label", label)]) };
    Row {
        name: source.name.clone(),
        kind: source.kind.clone().unwrap_or_else(|| "no longer configured".to_owned()),
        place: source.place.as_deref().map(words::shown_url).unwrap_or_default(),
        url: source.place.as_deref().and_then(sanitize::link),
        parent: source.parent.clone(),
        labels: source.labels.iter().map(label).collect(),
        articles: words::number(source.articles),
        list: (source.articles > 0).then(|| address("/articles", &[("source", &source.name)])),
        polled: source.last_polled_at.map(super::entry::minute),
        next: source.next_poll_at.map(super::entry::minute),
        failures: source.failures_in_a_row,
        error: source.last_error.clone().filter(|_| source.failures_in_a_row > 0),
        moved_to: source.moved_to.clone(),
        rests: source.rests,
    }
}
