//! Which sources are asked in a run: those that are due, and the feeds that lists of feeds have named before.

use super::{
    Source, SourceKind,
    schedule::{is_due, needs_a_person},
};
use crate::{
    model::{Problem, ProblemKind},
    pipeline::input::Input,
    store::{SourceRow, SourceState, Store, StoreError},
};
use jiff::Timestamp;
use std::collections::HashSet;
use url::Url;

/// A source to ask, with what is known of it.
#[derive(Clone, Debug)]
pub struct Due {
    /// The source.
    pub source: Source,
    /// From earlier polls.
    pub state: SourceState,
}

/// The sources of a run.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// To be asked now, in the order of the configuration.
    pub due: Vec<Due>,
    /// Not due yet.
    pub waiting: Vec<Due>,
}

impl Agenda {
    /// Those that are not asked in this run and that a person should look after: the name, and why.
    #[must_use]
    pub fn ailing(&self) -> Vec<(&str, String)> {
        let ailing = self.waiting.iter().filter(|due| needs_a_person(&due.state));
        ailing.map(|due| (due.source.name.as_str(), told(&due.state))).collect()
    }
}

/// The sources that a person should look after, as they stand after their last poll.
///
/// # Errors
/// The archive can't be read.
pub fn source_problems(store: &Store, sources: &[Source], now: Timestamp) -> Result<Vec<Problem>, StoreError> {
    let agenda = agenda(store, sources, now)?;
    let ailing = agenda.due.iter().chain(&agenda.waiting).filter(|due| needs_a_person(&due.state));
    let problem = |Due { source, state }: &Due| Problem {
        kind: ProblemKind::SourceFailing,
        subject: Some(source.name.clone()),
        detail: format!("the source {:?} fails: {}", source.name, told(state)),
        command: "embalm list sources".to_owned(),
        since: state.last_success_at,
    };
    Ok(ailing.map(problem).collect())
}

fn told(state: &SourceState) -> String {
    let times = state.failures_in_a_row;
    let error = state.last_error.as_deref().unwrap_or("it failed");
    let again = state.next_poll_at.map_or_else(String::new, |at| format!(", asked again after {at:.0}"));
    format!("{error} ({times} {} in a row{again})", if times == 1 { "failure" } else { "failures" })
}

/// The sources that are due at `now`. The feeds of a list of feeds that is due itself come with its poll.
///
/// # Errors
/// The archive can't be read.
pub fn agenda(store: &Store, sources: &[Source], now: Timestamp) -> Result<Agenda, StoreError> {
    let mut agenda = Agenda::default();
    for source in sources {
        let state = store.source_state(&source.name, &source.place())?;
        if is_due(&state, now) {
            agenda.due.push(Due { source: source.clone(), state });
            continue;
        }
        if source.kind == SourceKind::Opml {
            for feed in known_feeds(store, source)? {
                let state = store.source_state(&feed.name, &feed.place())?;
                let list = if is_due(&state, now) { &mut agenda.due } else { &mut agenda.waiting };
                list.push(Due { source: feed, state });
            }
        }
        agenda.waiting.push(Due { source: source.clone(), state });
    }
    let mut seen = HashSet::new();
    agenda.due.retain(|due| seen.insert(due.source.name.clone()));
    Ok(agenda)
}

/// The feeds that a list of feeds named when it was last read.
pub(super) fn known_feeds(store: &Store, list: &Source) -> Result<Vec<Source>, StoreError> {
    let rows = store.sources_of(&list.name)?;
    Ok(rows.into_iter().filter_map(|row| feed_of(list, row)).collect())
}

fn feed_of(list: &Source, row: SourceRow) -> Option<Source> {
    let url = Url::parse(&row.place).ok()?;
    Some(Source { labels: row.labels, ..feed(list, url) })
}

/// A feed that a list of feeds names: a source of its own, with the list's settings.
pub(super) fn feed(list: &Source, url: Url) -> Source {
    Source {
        name: format!("{} / {url}", list.name),
        kind: SourceKind::Feed,
        place: Input::Url(url),
        depth: None,
        parent: Some(list.name.clone()),
        ..list.clone()
    }
}
