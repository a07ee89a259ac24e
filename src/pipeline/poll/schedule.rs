//! When a source is asked again: by its own interval, by its site's word, and later and later where it keeps failing.

use super::{
    Source,
    ask::{Findings, Refusal},
};
use crate::store::SourceState;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A person is told, by the exit code as well, of a source that has failed this often in a row.
pub const FAILURES_TO_TELL: u32 = 3;

/// A source that failed once or twice is asked again after this long, where its own interval is longer.
const SOON: Duration = Duration::from_secs(3600);

/// The longest wait of a source that keeps failing, where its own interval is not longer.
const MAX_BACKOFF: Duration = Duration::from_secs(24 * 3600);

/// A source whose site says that it is gone is asked after this long whether that is still so.
const REST: Duration = Duration::from_secs(30 * 24 * 3600);

/// The longest time that a site may ask to stay away.
const MAX_NAMED_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// How far a clock may be set back without anything being made of it.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(1);

/// A run that starts early by this part of the interval still counts: cron is never on time to the second.
const EARLY: u32 = 10;

/// The state after an answer.
pub(super) fn after_success(
    source: &Source,
    known: &SourceState,
    now: Timestamp,
    findings: &mut Findings,
) -> SourceState {
    let wait = source.every.map(|every| every - every / EARLY);
    SourceState {
        last_polled_at: Some(now),
        last_success_at: Some(now),
        // What was left out for its amount is asked for at the next run.
        next_poll_at: wait.filter(|_| findings.whole).and_then(|wait| later(now, wait)),
        failures_in_a_row: 0,
        last_error: None,
        moved_to: findings.moved_to.take().or_else(|| known.moved_to.clone()),
        rests: false,
        settings: source.settings(),
        documents: std::mem::take(&mut findings.documents),
    }
}

/// The state after a failure: nothing that is known is forgotten, but where the source was thought to have moved.
pub(super) fn after_failure(source: &Source, known: &SourceState, now: Timestamp, refusal: &Refusal) -> SourceState {
    if refusal.unasked {
        return SourceState { next_poll_at: refusal.retry_at.or(known.next_poll_at), ..known.clone() };
    }
    let failures = known.failures_in_a_row.saturating_add(1);
    let own = source.every.map_or(Duration::ZERO, |every| every - every / EARLY);
    let backoff = match failures.checked_sub(FAILURES_TO_TELL) {
        None => own.min(SOON),
        Some(times) => SOON.saturating_mul(1_u32.checked_shl(times).unwrap_or(u32::MAX)).min(MAX_BACKOFF.max(own)),
    };
    let named = refusal.retry_at.map_or(Duration::ZERO, |at| until(now, at).min(MAX_NAMED_WAIT));
    let wait = if refusal.gone { REST } else { backoff.max(named) };
    SourceState {
        last_polled_at: Some(now),
        next_poll_at: if wait.is_zero() { None } else { later(now, wait) },
        failures_in_a_row: failures,
        last_error: Some(refusal.reason.clone()),
        // An address that leads nowhere may have been a passing mistake: the configured one knows better.
        moved_to: None,
        rests: refusal.gone,
        ..known.clone()
    }
}

/// Whether the source is to be asked now. One that was last asked at a time to come was so by a clock that was wrong, and
/// what that clock made of its interval counts for nothing: it might be years.
pub(super) fn is_due(state: &SourceState, now: Timestamp) -> bool {
    let is_from_the_future = state.last_polled_at.is_some_and(|at| at.duration_since(now) > CLOCK_SKEW);
    is_from_the_future || state.next_poll_at.is_none_or(|at| at <= now)
}

/// Whether a person should look after the source.
pub(super) fn needs_a_person(state: &SourceState) -> bool {
    state.rests || state.failures_in_a_row >= FAILURES_TO_TELL
}

fn later(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Input, SourceKind};

    fn source(every_h: Option<u64>) -> Source {
        let place = Input::Url("https://tide.example/feed".parse().unwrap());
        Source {
            every: every_h.map(|hours| Duration::from_secs(hours * 3600)),
            ..Source::new("tide", SourceKind::Feed, place)
        }
    }

    /// Hours until the next poll after the failures in a row, one after another; none: the next run.
    fn waits_h(every_h: Option<u64>, failures: usize) -> Vec<Option<i64>> {
        let now = Timestamp::UNIX_EPOCH;
        let mut state = SourceState::default();
        let fail = |_| {
            state = after_failure(&source(every_h), &state, now, &Refusal::new("lost"));
            state.next_poll_at.map(|at| at.duration_since(now).as_hours())
        };
        (0..failures).map(fail).collect()
    }

    #[test]
    fn a_source_that_fails_is_asked_again_soon_and_then_later_and_later_but_always_again() {
        assert_eq!(waits_h(None, 9), [None, None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(24), Some(24)]);
        assert_eq!(waits_h(Some(240), 4), [Some(1), Some(1), Some(1), Some(2)]);
        assert_eq!(waits_h(Some(240), 40)[39], Some(216));
    }

    #[test]
    fn a_site_that_says_when_to_come_back_is_heeded_within_reason_and_one_that_says_gone_rests() {
        let now = Timestamp::UNIX_EPOCH;
        let known = SourceState::default();
        let after = |refusal: Refusal| after_failure(&source(None), &known, now, &refusal);
        let at = |hours: i64| Some(Timestamp::from_second(hours * 3600).unwrap());
        let asks = |hours| Refusal { retry_at: at(hours), ..Refusal::new("busy") };
        assert_eq!(after(asks(3)).next_poll_at, at(3));
        assert_eq!(after(asks(9999)).next_poll_at, at(7 * 24));
        let gone = after(Refusal { gone: true, ..Refusal::new("gone") });
        assert!(gone.rests && needs_a_person(&gone) && !is_due(&gone, now));
        let unasked = after(Refusal { unasked: true, retry_at: at(1), ..Refusal::new("its host rests") });
        assert_eq!((unasked.failures_in_a_row, unasked.next_poll_at), (0, at(1)));
    }

    #[test]
    fn an_hourly_job_that_starts_a_minute_early_finds_an_hourly_source_due() {
        let now = Timestamp::UNIX_EPOCH;
        let known = SourceState::default();
        let documents = known.documents.clone();
        let mut findings = Findings { documents, moved_to: None, notes: Vec::new(), whole: true };
        let state = after_success(&source(Some(1)), &known, now, &mut findings);
        assert!(is_due(&state, Timestamp::from_second(3540).unwrap()));
        assert!(!is_due(&state, Timestamp::from_second(1800).unwrap()));
    }

    #[test]
    fn a_source_that_was_asked_by_a_clock_years_ahead_is_asked_again_by_the_right_one() {
        let now = Timestamp::UNIX_EPOCH;
        let asked_at = |hours: i64| SourceState {
            last_polled_at: Some(Timestamp::from_second(hours * 3600).unwrap()),
            next_poll_at: Some(Timestamp::from_second((hours + 6) * 3600).unwrap()),
            ..SourceState::default()
        };
        assert!(is_due(&asked_at(24 * 365 * 5), now));
        assert!(!is_due(&asked_at(1), now), "set back by an hour");
        assert!(!is_due(&asked_at(-5), now));
    }
}
