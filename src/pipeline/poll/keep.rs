//! Writes what came of a poll, and says what is to be done now: what the source names waits in the queue until it is
//! read, so that neither a killed run nor a limit loses any of it.

use super::{
    Due, PollFailure, Polled, Source,
    agenda::known_feeds,
    schedule::{is_due, needs_a_person},
};
use crate::{
    pipeline::{
        beside,
        input::{InputError, Work, WorkBody, Works},
    },
    store::{Named, SourceRow, SourceState, Store, StoreError},
};

/// What is to be done after a poll.
pub struct Kept {
    /// Articles and posts, within the source's limit; what is known already stands among them.
    pub works: Works,
    /// Sources to ask in this run as well: the feeds of a list of feeds.
    pub sources: Vec<Due>,
    /// Whether a person should look after the source.
    pub ails: bool,
}

impl Kept {
    fn with(works: Works, sources: Vec<Due>, state: &SourceState) -> Self {
        Self { works, sources, ails: needs_a_person(state) }
    }
}

/// Writes what a source said. In a dry run nothing is written.
///
/// # Errors
/// The archive can't be read or written.
pub fn keep(store: &mut Store, source: &Source, polled: Polled, dry_run: bool) -> Result<Kept, StoreError> {
    let Polled { works, known, mut state, sources, .. } = polled;
    // What is walked as it is read is on this machine; nobody takes it away meanwhile.
    let (works, named): (Works, Vec<Named>) = if known.is_none() {
        (walked_within_limit(store, source, works)?, Vec::new())
    } else {
        let (works, all) = within_limit(store, source.limit, works)?;
        if !all {
            // The rest is named again at the next run.
            state.documents.clear();
            state.next_poll_at = None;
        }
        // What a feed carries is not in the queue: it is asked for whole until all of that is read.
        for work in works.iter().flatten() {
            if beside::is_unread(store, work)? {
                state.documents.clear();
                break;
            }
        }
        let named = works.iter().flatten().filter_map(named).collect();
        (Box::new(works.into_iter()), named)
    };
    let feeds: Option<Vec<SourceRow>> = sources.as_ref().map(|feeds| feeds.iter().map(row).collect());
    if !dry_run {
        store.keep_poll(&row(source), &state, &named, feeds.as_deref())?;
    }
    let feeds = match sources {
        Some(feeds) => feeds,
        None => known_feeds(store, source)?,
    };
    let due = due(store, feeds, &state)?;
    Ok(Kept::with(works, due, &state))
}

/// Writes that a source could not be read. The feeds of a list of feeds are asked all the same.
///
/// # Errors
/// The archive can't be read or written.
pub fn keep_failure(
    store: &mut Store,
    source: &Source,
    failure: &PollFailure,
    dry_run: bool,
) -> Result<Kept, StoreError> {
    if !dry_run {
        store.keep_poll(&row(source), &failure.state, &[], None)?;
    }
    let due = due(store, known_feeds(store, source)?, &failure.state)?;
    Ok(Kept::with(Box::new(std::iter::empty()), due, &failure.state))
}

fn due(store: &Store, feeds: Vec<Source>, list: &SourceState) -> Result<Vec<Due>, StoreError> {
    let mut due = Vec::new();
    for source in feeds {
        let state = store.source_state(&source.name, &source.place())?;
        if list.last_polled_at.is_none_or(|now| is_due(&state, now)) {
            due.push(Due { source, state });
        }
    }
    Ok(due)
}

/// The works up to the one that would be one too many of those that nobody has seen; and whether that is all.
#[allow(clippy::type_complexity, reason = "works as they come, and a word about them")]
fn within_limit(
    store: &Store,
    limit: Option<usize>,
    works: Works,
) -> Result<(Vec<Result<Work, InputError>>, bool), StoreError> {
    let Some(limit) = limit else { return Ok((works.collect(), true)) };
    let mut taken = Vec::new();
    let mut unseen = 0;
    for work in works {
        let is_new = match &work {
            Ok(Work { body: WorkBody::Post(post), .. }) => {
                store.post_status(post)?.is_none_or(|status| status.last_looked_at.is_none())
            }
            Ok(work) => !store.is_known_article(&work.name)?,
            Err(_) => false,
        };
        if is_new && unseen == limit {
            return Ok((taken, false));
        }
        unseen += usize::from(is_new);
        taken.push(work);
    }
    Ok((taken, true))
}

/// Walked works, without those that would be too many of the ones that nobody has seen.
fn walked_within_limit(store: &Store, source: &Source, works: Works) -> Result<Works, StoreError> {
    let Some(limit) = source.limit else { return Ok(works) };
    let known = store.article_names_from(&source.name)?;
    let mut unseen = 0;
    Ok(Box::new(works.filter(move |work| match work {
        Ok(work) if !known.contains(&work.name) => {
            unseen += 1;
            unseen <= limit
        }
        _ => true,
    })))
}

fn named(work: &Work) -> Option<Named> {
    let post = match &work.body {
        WorkBody::Post(post) => Some(post.clone()),
        WorkBody::Url(..) => None,
        WorkBody::File(_) | WorkBody::Document(_) => return None,
    };
    Some(Named { name: work.name.clone(), post })
}

fn row(source: &Source) -> SourceRow {
    SourceRow {
        name: source.name.clone(),
        parent: source.parent.clone(),
        kind: source.kind.as_str().to_owned(),
        place: source.place(),
        labels: source.labels.clone(),
        lang: source.lang.clone(),
    }
}
