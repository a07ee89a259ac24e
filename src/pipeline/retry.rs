//! When something that could not be had is tried again: the site's own time if it names one, else later and later, up to
//! a limit after which it rests. What seldom changes (not found, gone, refused) is looked at rarely, and then no more.

use crate::{
    model::{Failure, Outcome, Rest},
    store::Retry,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A site's own time counts alone for so many tries; then the wait grows all the same, or an address that always answers
/// "in a minute" would be asked every minute.
const TRUSTED_TRIES: u32 = 3;

/// Answers that seldom change: not found, gone, withheld by law.
const LASTING_STATUSES: [u16; 3] = [404, 410, 451];

/// How often, and how far apart, something is tried that gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Tries in a row, after which it rests as failed.
    pub attempts: u32,
    /// The wait after the first; each further one is twice as long,
    pub first_wait: Duration,
    /// up to this.
    pub max_wait: Duration,
    /// The waits before further looks at a dead link; then none.
    pub dead: Vec<Duration>,
}

impl Default for Backoff {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Self { attempts: 12, first_wait: hours(1), max_wait: hours(24 * 7), dead: vec![hours(24 * 7), hours(24 * 30)] }
    }
}

/// One try that gave nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried<'a> {
    /// A post's key or an article's name: what spreads the tries of those that failed together.
    pub(super) key: &'a str,
    /// The tries before it that gave nothing.
    pub(super) before: u32,
    /// Whether it is one more: not where embalm itself held the request back.
    pub(super) counted: bool,
    /// When it ended.
    pub(super) now: Timestamp,
}

impl Backoff {
    /// What failed for a passing reason: not before `named`, which is the site's own word.
    pub(super) fn passing(&self, tried: Tried<'_>, named: Option<Timestamp>, reason: String) -> Retry {
        let named = named.filter(|at| *at > tried.now);
        if !tried.counted {
            let due_at = named.or_else(|| after(tried, self.first_wait));
            return Retry { due_at: due_at.or(Some(tried.now)), reason, rests: None, counted: false };
        }
        if tried.before.saturating_add(1) >= self.attempts.max(1) {
            return Retry { due_at: None, reason, rests: Some(Rest::Failed), counted: true };
        }
        let wait = 1_u32.checked_shl(tried.before).and_then(|times| self.first_wait.checked_mul(times));
        let later = after(tried, wait.unwrap_or(self.max_wait).min(self.max_wait));
        let due_at = if tried.before < TRUSTED_TRIES { named.or(later) } else { named.max(later) };
        Retry { due_at, reason, rests: due_at.is_none().then_some(Rest::Failed), counted: true }
    }

    /// What will hardly be otherwise next time.
    pub(super) fn lasting(&self, tried: Tried<'_>, reason: String) -> Retry {
        let wait = usize::try_from(tried.before).ok().and_then(|nth| self.dead.get(nth));
        let due_at = wait.and_then(|wait| after(tried, *wait));
        Retry { due_at, reason, rests: Some(Rest::Dead), counted: tried.counted }
    }

    /// When to look at a post again; none where it gave its answer, or where no way is known of getting one.
    pub(super) fn of_post(&self, outcome: &Outcome, tried: Tried<'_>) -> Option<Retry> {
        let Outcome::Failed(failure) = outcome else { return None };
        let reason = failure.to_string();
        match failure {
            Failure::NoRoute | Failure::NotArchived { .. } | Failure::Unresolved { .. } => None,
            Failure::Refused { .. } | Failure::TooLarge => Some(self.lasting(tried, reason)),
            Failure::Http { status } if is_lasting(*status) => Some(self.lasting(tried, reason)),
            Failure::Resting { until, .. } => {
                Some(self.passing(Tried { counted: false, ..tried }, Some(*until), reason))
            }
            Failure::RateLimited { retry_at } => Some(self.passing(tried, *retry_at, reason)),
            Failure::Drift { .. } => {
                let mut retry = self.passing(tried, None, reason);
                // A platform's new form is understood by a newer version at the soonest.
                retry.due_at = retry.due_at.max(retry.due_at.and(tried.now.checked_add(24.hours()).ok()));
                Some(retry)
            }
            Failure::Http { .. } | Failure::Network { .. } | Failure::Blocked => {
                Some(self.passing(tried, None, reason))
            }
        }
    }
}

/// Whether an HTTP status says that there is nothing to be had, now and later.
pub(super) fn is_lasting(status: u16) -> bool {
    LASTING_STATUSES.contains(&status)
}

/// The end of a wait, up to a quarter later: each item at its own place in that quarter, the same one every time that
/// this is worked out.
fn after(tried: Tried<'_>, wait: Duration) -> Option<Timestamp> {
    let digest = Sha256::new().chain_update(tried.key).chain_update(tried.before.to_be_bytes()).finalize();
    let place = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let jitter = wait.mul_f64(f64::from(place) / f64::from(u32::MAX) / 4.0);
    let wait = SignedDuration::try_from(wait.checked_add(jitter)?).ok()?;
    tried.now.checked_add(wait).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-01-01T00:00:00Z";

    fn tried(before: u32) -> Tried<'static> {
        Tried { key: "twitter:1", before, counted: true, now: NOW.parse().unwrap() }
    }

    fn wait_h(retry: &Retry) -> i64 {
        (retry.due_at.unwrap() - tried(0).now).total(jiff::Unit::Hour).unwrap() as i64
    }

    #[test]
    fn waits_double_up_to_the_longest_each_up_to_a_quarter_later_and_then_it_rests() {
        let backoff = Backoff::default();
        let http = Outcome::Failed(Failure::Http { status: 500 });
        for (before, hours) in [(0, 1), (1, 2), (5, 32), (8, 168), (10, 168)] {
            let retry = backoff.of_post(&http, tried(before)).unwrap();
            assert!((hours..=hours * 5 / 4).contains(&wait_h(&retry)), "{before}: {retry:?}");
            assert_eq!(retry.rests, None);
        }
        let last = backoff.of_post(&http, tried(11)).unwrap();
        assert_eq!((last.due_at, last.rests, last.counted), (None, Some(Rest::Failed), true));
        assert_eq!(last.reason, "the platform answered with status 500");
    }

    #[test]
    fn items_that_failed_together_are_spread_and_each_always_in_the_same_way() {
        let backoff = Backoff::default();
        let due = |key: &str| backoff.passing(Tried { key, ..tried(3) }, None, String::new()).due_at;
        let keys: Vec<_> = (0..40).map(|n| format!("twitter:{n}")).collect();
        let times: std::collections::BTreeSet<_> = keys.iter().map(|key| due(key)).collect();
        assert_eq!(times.len(), 40);
        assert_eq!(due("twitter:7"), due("twitter:7"));
    }

    #[test]
    fn a_named_time_is_kept_at_first_and_never_undercut() {
        let backoff = Backoff::default();
        let named: Timestamp = "2026-01-01T00:07:00Z".parse().unwrap();
        let limited = Outcome::Failed(Failure::RateLimited { retry_at: Some(named) });
        assert_eq!(backoff.of_post(&limited, tried(0)).unwrap().due_at, Some(named));
        assert!(wait_h(&backoff.of_post(&limited, tried(3)).unwrap()) >= 8, "it always says the same");
        let far: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(backoff.passing(tried(4), Some(far), String::new()).due_at, Some(far));
    }

    #[test]
    fn what_was_held_back_is_no_attempt_and_never_the_last_one() {
        let backoff = Backoff::default();
        let held = Tried { counted: false, ..tried(11) };
        let retry = backoff.passing(held, None, String::new());
        assert_eq!((retry.rests, retry.counted), (None, false));
        assert!(retry.due_at.is_some());
    }

    #[test]
    fn a_dead_link_is_looked_at_after_a_week_and_a_month_and_then_no_more() {
        let backoff = Backoff::default();
        let dead = |before| backoff.of_post(&Outcome::Failed(Failure::Http { status: 404 }), tried(before)).unwrap();
        assert!((168..=210).contains(&wait_h(&dead(0))));
        assert!((720..=900).contains(&wait_h(&dead(1))));
        assert_eq!((dead(2).due_at, dead(2).rests), (None, Some(Rest::Dead)));
        let refused = Outcome::Failed(Failure::Refused { detail: "a private address".to_owned() });
        assert_eq!(backoff.of_post(&refused, tried(2)).unwrap().rests, Some(Rest::Dead));
        assert_eq!(backoff.of_post(&Outcome::Failed(Failure::NoRoute), tried(0)), None);
    }
}
