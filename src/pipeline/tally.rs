//! What came of one capture: as it is told, and as the run's summary counts it.

use super::{PostChange, PostResult};
use crate::{
    model::{Outcome, PostCounts, State, Via},
    store::{Capture, PostStatus, RungResult, SavedCapture, Store, StoreError},
};

/// What there is to tell about a capture that has been written. `before` is what was known until then.
pub(super) fn result(
    store: &Store,
    before: Option<&PostStatus>,
    capture: &Capture,
    saved: &SavedCapture,
) -> Result<PostResult, StoreError> {
    let status = store.post_status(&capture.post)?;
    let shown = capture.rungs.iter().enumerate().find_map(|(n, rung)| match &rung.outcome {
        Outcome::Found(post) => Some((n, rung.via, post)),
        _ => None,
    });
    let failure = capture.rungs.first().and_then(|rung| match &rung.outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    });
    let media = capture.rungs.iter().flat_map(|rung| &rung.media).filter(|media| media.file.is_ok()).count() as u64;
    Ok(PostResult {
        state: status.as_ref().map_or(State::Unknown, |status| status.state),
        change: change(before, capture, saved),
        state_since: status.as_ref().and_then(|status| status.state_since),
        last_seen_at: status.as_ref().and_then(|status| status.last_seen_at),
        via: shown.map(|(_, via, _)| via),
        unchanged: shown.is_some_and(|(n, ..)| matches!(saved.results.get(n), Some(RungResult::Unchanged(_)))),
        shown: shown.map(|(.., post)| {
            let author = post.author.name.clone().filter(|name| !name.is_empty());
            (author.unwrap_or_else(|| post.author.handle.clone()), post.text.clone())
        }),
        media,
        failure: failure.map(ToString::to_string),
    })
}

/// What the platform's own word, the first rung, changes.
fn change(before: Option<&PostStatus>, capture: &Capture, saved: &SavedCapture) -> PostChange {
    let Some(rung) = capture.rungs.first() else { return PostChange::Failed };
    let Some(now) = State::proven_by(&rung.outcome) else { return PostChange::Failed };
    let was = before.map_or(State::Unknown, |before| before.state);
    let is_stored = matches!(saved.results.first(), Some(RungResult::Stored(_)));
    let same_rung = before.and_then(|before| before.best_via) == Some(rung.via);
    match (was, now) {
        (State::Unknown, _) => PostChange::New,
        (State::Live, State::Live) if is_stored => {
            if same_rung {
                PostChange::Edited
            } else {
                PostChange::New
            }
        }
        (was, now) if was == now => PostChange::Unchanged,
        (_, State::Live) => PostChange::Returned,
        (_, now) if now.is_gone() => PostChange::Gone,
        _ => PostChange::Withheld,
    }
}

/// Counts a capture once, by what its first rung brought.
pub(super) fn count(posts: &mut PostCounts, capture: &Capture, result: &PostResult) {
    match capture.rungs.first().map(|rung| &rung.outcome) {
        Some(Outcome::Found(_)) if result.unchanged => posts.unchanged += 1,
        Some(Outcome::Found(_)) => posts.captured += 1,
        Some(Outcome::Gone(_)) => posts.gone += 1,
        Some(Outcome::Withheld(_)) => posts.withheld += 1,
        Some(Outcome::Failed(_)) | None if result.via == Some(Via::Quoted) => posts.quoted_only += 1,
        Some(Outcome::Failed(_)) | None => posts.deferred += u64::from(capture.retry.is_some()),
    }
}
