//! The rung of web archives: a post that its platform does not show, looked for in the archive that the user names.

use crate::{
    fetch::Transport,
    http::{Exchange, FetchError},
    model::{Failure, Outcome, Post, PostRef, Quoted, When},
    platforms::{
        self,
        memento::{self, Archive, End, Step},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// The wait after an archive's limit that names no time.
const LIMIT_WAIT: SignedDuration = SignedDuration::from_mins(5);

/// After so many posts in a row for which the archive could not be reached, the run leaves it alone.
const MAX_UNREACHED: u32 = 3;

/// And this long.
const UNREACHED_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// Looks without an answer before the archive is asked for a post whose platform only asks to come back later.
const PATIENCE: u32 = 2;

/// The web archive of a run, and how it behaves.
#[derive(Debug)]
pub struct Mementos {
    archive: Archive,
    manners: Mutex<Manners>,
}

#[derive(Debug, Default)]
struct Manners {
    not_before: Option<Timestamp>,
    unreached: u32,
}

/// What a search brought.
pub(super) struct Searched {
    /// The post, or why there is none.
    pub(super) found: Result<Post, Failure>,
    /// Everything that went over the wire for it.
    pub(super) exchanges: Vec<Exchange>,
}

impl Mementos {
    /// An archive that has not been asked yet.
    #[must_use]
    pub fn new(archive: Archive) -> Self {
        Self { archive, manners: Mutex::default() }
    }

    /// The archive.
    pub(super) fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Until when the archive is left alone: it asked for that, or it does not answer.
    pub(super) fn pause(&self, now: Timestamp) -> Option<Timestamp> {
        self.manners().not_before.filter(|at| *at > now)
    }

    fn manners(&self) -> std::sync::MutexGuard<'_, Manners> {
        self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of how a question ended.
    pub(super) fn note(&self, failure: Option<&Failure>, at: Timestamp) {
        let mut manners = self.manners();
        match failure {
            Some(Failure::RateLimited { retry_at }) => {
                let until = retry_at.or_else(|| at.checked_add(LIMIT_WAIT).ok());
                manners.not_before = manners.not_before.max(until);
            }
            Some(Failure::Resting { until, .. }) => manners.not_before = manners.not_before.max(Some(*until)),
            Some(Failure::Network { .. } | Failure::Http { .. } | Failure::Blocked) => {
                manners.unreached += 1;
                if manners.unreached >= MAX_UNREACHED {
                    manners.not_before = manners.not_before.max(at.checked_add(UNREACHED_WAIT).ok());
                }
            }
            _ => manners.unreached = 0,
        }
    }
}

/// Whether the archive is asked at all, by what the platform said. One that only asks to come back later has the post,
/// and has said when: the archive is asked after some such answers.
pub(super) fn is_wanted(outcome: &Outcome, attempts: u32) -> bool {
    match outcome {
        Outcome::Found(_) | Outcome::Failed(Failure::Unresolved { .. } | Failure::NotArchived { .. }) => false,
        Outcome::Failed(Failure::RateLimited { .. } | Failure::Resting { .. }) => attempts >= PATIENCE,
        Outcome::Failed(_) | Outcome::Gone(_) | Outcome::Withheld(_) => true,
    }
}

/// Looks for copies of a post.
pub(super) async fn search(
    transport: &dyn Transport,
    mementos: &Mementos,
    post: &PostRef,
    quoted: Option<&Quoted>,
) -> Searched {
    let mut exchanges: Vec<Exchange> = Vec::new();
    if let Some(until) = mementos.pause(transport.now()) {
        return Searched { found: Err(Failure::RateLimited { retry_at: Some(until) }), exchanges };
    }
    let mut post = post.clone();
    post.author = post.author.or_else(|| quoted.and_then(|quoted| quoted.author_handle.clone()));
    let near = made_at(&post, quoted);
    let found = loop {
        match memento::next(&mementos.archive, &post, near, &exchanges) {
            Step::Fetch(request) => exchanges.push(transport.fetch(request).await),
            Step::Done(End::Found(found, _)) => break Ok(*found),
            Step::Done(End::Missing(failure)) => break Err(failure),
        }
    };
    let at = exchanges.last().map_or_else(|| transport.now(), |last| last.started_at);
    let is_recording = exchanges.iter().any(|exchange| matches!(exchange.answer, Err(FetchError::NotRecorded)));
    if !is_recording {
        mementos.note(found.as_ref().err(), at);
    }
    Searched { found, exchanges }
}

/// When a post was made, as far as that is known without it.
fn made_at(post: &PostRef, quoted: Option<&Quoted>) -> Option<Timestamp> {
    let by_id = platforms::by_id(&post.platform).and_then(|platform| platform.time_of(post));
    by_id.or_else(|| match quoted?.published? {
        When::Instant(at) => Some(at),
        When::Day(day) => day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|start| start.timestamp()),
    })
}
