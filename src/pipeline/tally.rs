//! What came of one capture: as it is told, and as the run's summary counts it.

use super::{PostResult, retry};
use crate::{
    model::{Failure, Outcome, PostCounts, State, Via},
    store::{Capture, RungResult, SavedCapture, Store, StoreError},
};

/// What there is to tell about a capture that has been written.
pub(super) fn result(store: &Store, capture: &Capture, saved: &SavedCapture) -> Result<PostResult, StoreError> {
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
        state: status.map_or(State::Unknown, |status| status.state),
        via: shown.map(|(_, via, _)| via),
        unchanged: shown.is_some_and(|(n, ..)| matches!(saved.results.get(n), Some(RungResult::Unchanged(_)))),
        shown: shown.map(|(.., post)| {
            let author = post.author.name.clone().filter(|name| !name.is_empty());
            (author.unwrap_or_else(|| post.author.handle.clone()), post.text.clone())
        }),
        media,
        failure: failure.map(retry::explain),
        drifted: matches!(failure, Some(Failure::Drift { .. })),
    })
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
