//! What it means for a post that an exchange brought no answer that can be read.

use super::walls;
use crate::{
    http::{Exchange, FetchError, Wall},
    model::Failure,
};

/// The failure that an exchange without a readable answer means for its post: by error, by the wall that answered (see
/// [`next`](super::next)), or by status. An answer with a status of success is one that was not understood.
#[must_use]
pub fn failure(exchange: &Exchange) -> Failure {
    match &exchange.answer {
        Err(FetchError::TooLarge { .. }) => Failure::TooLarge,
        Err(FetchError::Walled { wall, retry_at, .. }) => match wall {
            Wall::Limit => Failure::RateLimited { retry_at: *retry_at },
            Wall::Challenge | Wall::Login | Wall::Consent => Failure::Blocked,
            Wall::Empty | Wall::Half => {
                let host = exchange.request.url.host_str().unwrap_or_default();
                Failure::Drift { at: host.to_owned(), detail: format!("{wall}") }
            }
        },
        Err(error @ FetchError::Resting { until, .. }) => Failure::Resting { until: *until, detail: error.to_string() },
        Err(FetchError::Refused { detail }) => Failure::Refused { detail: detail.clone() },
        Err(error) => Failure::Network { detail: error.to_string() },
        Ok(answer) if matches!(answer.status, 420 | 429) => {
            Failure::RateLimited { retry_at: walls::retry_at(answer, exchange.started_at) }
        }
        Ok(answer) if answer.is_success() => {
            let host = exchange.request.url.host_str().unwrap_or_default();
            let detail = format!("{} bytes that were not understood", answer.body.len());
            Failure::Drift { at: host.to_owned(), detail }
        }
        Ok(answer) => Failure::Http { status: answer.status },
    }
}

/// The failure that says most, of routes that all failed: a limit (it has a time) before drift before a status before
/// the network.
#[must_use]
pub fn worst(failures: impl IntoIterator<Item = Failure>) -> Failure {
    let rank = |failure: &Failure| match failure {
        Failure::RateLimited { .. } => 0,
        Failure::Resting { .. } => 1,
        Failure::Blocked => 2,
        Failure::Drift { .. } => 3,
        Failure::Http { .. } => 4,
        Failure::TooLarge => 5,
        Failure::Network { .. } => 6,
        Failure::Refused { .. } => 7,
        Failure::Unresolved { .. } => 8,
        Failure::NotArchived { .. } => 9,
        Failure::NoRoute => 10,
    };
    failures.into_iter().min_by_key(rank).unwrap_or(Failure::NoRoute)
}
