//! What happened to a post, oldest first: a history is read as it went, and how it ended stands at the page's top.

mod change;

pub(super) use change::label_of;

use super::plain::{self, RungWords};
use crate::{
    model::{Captured, Difference, MediaKind, Quiet, State, StoredMedia, Timeline, TimelineEntry, TimelineEvent, When},
    render::{
        Places,
        sanitize::{language, link},
        words::{self, Moment},
    },
    words::shortened,
};
use change::{Change, change};
use serde::Serialize;

/// Characters of a snapshot's text that are shown where it is not compared with another.
const EXCERPT: usize = 320;

/// Differences of one entry that are shown.
const MAX_CHANGES: usize = 40;

#[derive(Serialize)]
pub(super) struct TimelineDrawing {
    entries: Vec<Entry>,
    looks: String,
    older: Option<String>,
    earlier_page: Option<String>,
    later_page: Option<String>,
    last_page: Option<String>,
    page: usize,
    pages: usize,
}

#[derive(Serialize)]
struct Entry {
    /// `live`, `gone`, `withheld`, `unknown` or `aside`, for the style sheet.
    class: &'static str,
    at: Moment,
    until: Option<Moment>,
    title: String,
    /// Where the words come from.
    rung: Option<RungWords>,
    memento: Option<Copy>,
    login: bool,
    notes: Vec<String>,
    excerpt: Option<String>,
    lang: Option<String>,
    changes: Vec<Change>,
    more_changes: usize,
    /// Pictures of the snapshot, small.
    thumbs: Vec<Thumb>,
    /// The snapshot by itself.
    snapshot: Option<SnapshotLink>,
    earlier: Vec<SnapshotLink>,
}

#[derive(Serialize)]
pub(super) struct Copy {
    url: Option<String>,
    shown_url: String,
    at: Moment,
}

#[derive(Serialize)]
struct SnapshotLink {
    number: i64,
    url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Thumb {
    pub(super) url: Option<String>,
    pub(super) alt: String,
    pub(super) what: &'static str,
}

/// A timeline; `page` is the address of the post's page.
pub(super) fn timeline(
    timeline: &Timeline,
    platform: &str,
    page: Option<&str>,
    places: &mut dyn Places,
) -> TimelineDrawing {
    let ask =
        |places: &dyn Places, number: usize| page.and_then(|page| places.asked(page, "history", &number.to_string()));
    let earlier_page = if timeline.page > 1 { ask(places, timeline.page - 1) } else { None };
    let later_page = if timeline.page < timeline.pages { ask(places, timeline.page + 1) } else { None };
    let last_page = if timeline.page + 1 < timeline.pages { ask(places, timeline.pages) } else { None };
    TimelineDrawing {
        entries: timeline.entries.iter().map(|one| entry(one, platform, page, places)).collect(),
        looks: format!("{} {}", words::number(timeline.looks), if timeline.looks == 1 { "look" } else { "looks" }),
        older: (timeline.older > 0).then(|| words::number(timeline.older)),
        earlier_page,
        later_page,
        last_page,
        page: timeline.page,
        pages: timeline.pages,
    }
}

fn entry(one: &TimelineEntry, platform: &str, page: Option<&str>, places: &mut dyn Places) -> Entry {
    let mut drawing = Entry {
        class: "aside",
        at: moment(one.at),
        until: (one.until != one.at).then(|| moment(one.until)),
        title: String::new(),
        rung: None,
        memento: None,
        login: false,
        notes: Vec::new(),
        excerpt: None,
        lang: None,
        changes: Vec::new(),
        more_changes: 0,
        thumbs: Vec::new(),
        snapshot: None,
        earlier: Vec::new(),
    };
    match &one.event {
        TimelineEvent::Captured(captured) => {
            drawing.class = "live";
            drawing.title = captured_title(captured);
            fill(&mut drawing, captured, page, places);
        }
        TimelineEvent::Memento(captured) => {
            drawing.title = "A web archive’s copy was read".to_owned();
            fill(&mut drawing, captured, page, places);
        }
        TimelineEvent::Imported(captured) => {
            drawing.title = "Imported from an export, unconfirmed".to_owned();
            fill(&mut drawing, captured, page, places);
        }
        TimelineEvent::Quoted(captured) => {
            drawing.title = "Quoted by an article, unconfirmed".to_owned();
            fill(&mut drawing, captured, page, places);
        }
        TimelineEvent::Returned { via, from } => {
            drawing.class = "live";
            drawing.title = format!("{} again, as it was before", back(*from));
            drawing.rung = Some(plain::rung(*via));
        }
        TimelineEvent::Vanished { state, via, snapshot, .. } => {
            let said = plain::state(*state, platform);
            drawing.class = said.class;
            drawing.title = if state.is_gone() { format!("Seen gone: {}", lower(&said.title)) } else { said.title };
            drawing.notes.push(said.sentence);
            drawing.rung = Some(plain::rung(*via));
            drawing.snapshot = snapshot.map(|number| snapshot_link(number, page, places));
        }
        TimelineEvent::Quiet(quiet) => self::quiet(&mut drawing, quiet, platform),
    }
    drawing
}

fn captured_title(captured: &Captured) -> String {
    let edited = captured.differences.iter().any(Difference::is_edit);
    match (captured.returned_from, captured.previous) {
        (Some(from), _) if edited => format!("{} again, and changed", back(from)),
        (Some(from), _) => format!("{} again, as it was before", back(from)),
        (None, None) => "Captured".to_owned(),
        (None, Some(_)) if captured.other_rung => "Captured another way".to_owned(),
        (None, Some(_)) if captured.read_again.is_some() && !edited => "Captured".to_owned(),
        (None, Some(_)) if edited => "Changed".to_owned(),
        (None, Some(_)) => "Captured again".to_owned(),
    }
}

fn back(from: State) -> &'static str {
    if from.is_gone() { "There" } else { "Shown" }
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn fill(drawing: &mut Entry, captured: &Captured, page: Option<&str>, places: &mut dyn Places) {
    drawing.rung = Some(plain::rung(captured.via));
    drawing.memento = captured.memento.as_ref().map(copy);
    drawing.login = captured.login;
    drawing.lang = language(captured.content.lang.as_deref());
    drawing.snapshot = Some(snapshot_link(captured.snapshot, page, places));
    if captured.other_rung {
        drawing.notes.push(
            "It came another way than the snapshot before, and ways differ in what they tell: not every difference is the author’s doing."
                .to_owned(),
        );
    }
    if let Some(again) = &captured.read_again {
        let day = When::Instant(again.at).day();
        drawing.notes.push(format!(
            "The answer of that day was read again by a newer version of embalm on {day}; this is its reading."
        ));
        drawing.earlier = again.earlier.iter().map(|number| snapshot_link(*number, page, places)).collect();
    }
    if captured.previous.is_none() {
        let text = captured.content.text.trim();
        drawing.excerpt = (!text.is_empty()).then(|| shortened(text, EXCERPT));
        let shown = captured.media.iter().filter(|file| matches!(file.kind, MediaKind::Image | MediaKind::Poster));
        drawing.thumbs = shown.take(6).map(|file| thumb(file, places)).filter(|thumb| thumb.url.is_some()).collect();
        return;
    }
    drawing.more_changes = captured.differences.len().saturating_sub(MAX_CHANGES);
    drawing.changes = captured.differences.iter().take(MAX_CHANGES).map(|one| change(one, places)).collect();
    if drawing.changes.is_empty() && captured.returned_from.is_none() {
        drawing.notes.push("Its words and files are as before.".to_owned());
    }
}

fn quiet(drawing: &mut Entry, quiet: &Quiet, platform: &str) {
    let name = words::short_platform(platform);
    drawing.class = if quiet.confirmed > 0 { crate::render::state::class(quiet.state) } else { "unknown" };
    drawing.title = match (quiet.confirmed, quiet.state) {
        (0, _) => {
            let failed = quiet.failures.iter().map(|tally| tally.times).sum();
            format!("Learnt nothing, {}", plain::times(failed))
        }
        (confirmed, State::Live) => format!("Seen alive {}", plain::times(confirmed)),
        (confirmed, state) if state.is_gone() => format!("Seen gone again, {}", plain::times(confirmed)),
        (confirmed, state) => {
            format!("{} as before, {}", plain::state(state, platform).title, plain::times(confirmed))
        }
    };
    for tally in &quiet.failures {
        let asked = if tally.memento { "A web archive" } else { name };
        let last =
            if tally.times > 1 { format!(", last on {}", When::Instant(tally.last_at).day()) } else { String::new() };
        let why = plain::failure(&tally.failure);
        drawing.notes.push(format!("{asked} told nothing {}{last}: {why}.", plain::times(tally.times)));
    }
}

/// A file in a word.
pub(super) fn kind(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "Picture",
        MediaKind::Video => "Video",
        MediaKind::Audio => "Sound",
        MediaKind::Poster => "Still of a video",
        MediaKind::Avatar => "Author’s picture",
    }
}

/// A file as a small picture, where it is one.
pub(super) fn thumb(file: &StoredMedia, places: &mut dyn Places) -> Thumb {
    let shown = places.media(file).ok().filter(|shown| shown.mime.starts_with("image/"));
    let alt = file.alt.as_deref().map(str::trim).filter(|alt| !alt.is_empty());
    Thumb { url: shown.map(|shown| shown.url), alt: alt.unwrap_or_default().to_owned(), what: kind(file.kind) }
}

pub(super) fn copy(memento: &crate::model::Memento) -> Copy {
    Copy {
        url: link(memento.url.as_str()),
        shown_url: shortened(&words::shown_url(memento.url.as_str()), 90),
        at: moment(memento.archived_at),
    }
}

fn snapshot_link(number: i64, page: Option<&str>, places: &dyn Places) -> SnapshotLink {
    SnapshotLink { number, url: page.and_then(|page| places.asked(page, "snapshot", &number.to_string())) }
}

fn moment(at: jiff::Timestamp) -> Moment {
    Moment::of(When::Instant(at))
}
