//! When a post that could not be captured is tried again: the platform's own time if it names one, else later and later.

use crate::model::{Failure, Outcome};
use jiff::{Timestamp, ToSpan};

/// After this many looks without an answer a post is left alone until somebody asks for it.
pub(super) const MAX_ATTEMPTS: u32 = 12;

/// The longest wait between two looks, in hours.
const MAX_WAIT_H: i64 = 24 * 7;

/// When to try again, and why; None where trying again can't help by itself.
pub(super) fn after(outcome: &Outcome, attempts: u32, now: Timestamp) -> Option<(Timestamp, String)> {
    let Outcome::Failed(failure) = outcome else { return None };
    if attempts >= MAX_ATTEMPTS {
        return None;
    }
    let later = later(attempts, now)?;
    let due_at = match failure {
        Failure::NoRoute | Failure::NotArchived { .. } | Failure::Unresolved { .. } => return None,
        Failure::RateLimited { retry_at } => retry_at.filter(|at| *at > now).unwrap_or(later),
        Failure::Resting { until, .. } => (*until).max(now),
        Failure::Drift { .. } => later.max(now.checked_add(24.hours()).ok()?),
        Failure::Http { .. } | Failure::Network { .. } | Failure::Blocked | Failure::TooLarge => later,
    };
    Some((due_at, explain(failure)))
}

/// The wait after this many attempts: 1, 2, 4, ... hours, up to [`MAX_WAIT_H`].
fn later(attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let waited = MAX_WAIT_H.min(1_i64.checked_shl(attempts).unwrap_or(MAX_WAIT_H));
    now.checked_add(waited.hours()).ok()
}

/// When to fetch an article again, or a post's files, that failed for a passing reason; None after too many attempts.
/// A time that the site names is kept.
pub(super) fn passing_after(attempts: u32, named: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let named = named.filter(|at| *at > now);
    if attempts >= MAX_ATTEMPTS { None } else { named.or_else(|| later(attempts, now)) }
}

/// A failure in words for a person.
#[must_use]
pub fn explain(failure: &Failure) -> String {
    match failure {
        Failure::RateLimited { retry_at: Some(at) } => format!("rate limited until {at}"),
        Failure::RateLimited { retry_at: None } => "rate limited".to_owned(),
        Failure::Http { status } => format!("the platform answered with status {status}"),
        Failure::Resting { detail, .. }
        | Failure::Network { detail }
        | Failure::Unresolved { detail }
        | Failure::NotArchived { detail } => detail.clone(),
        Failure::Blocked => "the platform answered with a block or challenge page".to_owned(),
        Failure::TooLarge => "the answer was larger than the limit".to_owned(),
        Failure::Drift { at, detail } => format!("the answer was not understood ({at}: {detail})"),
        Failure::NoRoute => "no way to capture this is known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_time_is_kept_and_waits_grow_to_a_limit() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let named: Timestamp = "2026-01-01T00:07:00Z".parse().unwrap();
        let limited = Outcome::Failed(Failure::RateLimited { retry_at: Some(named) });
        assert_eq!(after(&limited, 0, now).map(|(at, _)| at), Some(named));
        let http = Outcome::Failed(Failure::Http { status: 500 });
        let waits: Vec<_> = [0, 1, 5, 11].map(|n| after(&http, n, now).unwrap().0.to_string()).into();
        assert_eq!(
            waits,
            ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z", "2026-01-02T08:00:00Z", "2026-01-08T00:00:00Z"]
        );
        assert_eq!(after(&http, MAX_ATTEMPTS, now), None);
        assert_eq!(passing_after(0, Some(named), now), Some(named), "an article's site names its time as well");
        assert_eq!(passing_after(MAX_ATTEMPTS, Some(named), now), None);
        assert_eq!(after(&Outcome::Failed(Failure::NoRoute), 0, now), None);
    }
}
