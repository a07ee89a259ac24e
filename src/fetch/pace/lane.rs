//! One host's lane: when its next request may start, and whether it is left alone for now. All decisions about time are made
//! here, on instants that are passed in.

use crate::model::HostRecord;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// Requests in a row without a sound answer after which a host is left alone. One in five failing by chance comes to that
/// once in 400,000.
pub(super) const MAX_FAILURES: u32 = 8;

/// The first rest of a host that fails; each further one is twice as long,
const FIRST_REST: Duration = Duration::from_secs(5 * 60);

/// up to this.
const LONGEST_REST: Duration = Duration::from_secs(6 * 60 * 60);

/// The first rest of a host that asks for one and does not say how long; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(60);

/// The window of a budget.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Until what is over a run's own budget may be asked for: by a later run.
const NEXT_RUN: Duration = Duration::from_secs(60);

/// How fast a host may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Between the starts of two requests.
    pub(super) delay: Duration,
    /// Requests at once.
    pub(super) width: usize,
    /// Requests in one run.
    pub(super) per_run: Option<u32>,
    /// Requests in one hour, over all runs.
    pub(super) per_hour: Option<u32>,
}

/// How an answer speaks of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The host is well, whatever it said.
    Sound,
    /// No answer, or one that says that something is broken.
    Failed,
    /// It asks to be left alone: until then, if it says so.
    Asked(Option<Timestamp>),
}

/// Why a host is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rest {
    until: Instant,
    pub(super) until_at: Timestamp,
    pub(super) why: String,
}

/// What is known of a host.
#[derive(Debug)]
pub(super) struct Lane {
    rate: Rate,
    /// What the site's robots.txt asks for.
    crawl_delay: Duration,
    next_start: Option<Instant>,
    rest: Option<Rest>,
    failures: u32,
    rests: u32,
    asked_in_run: u32,
    hour_from: Option<Timestamp>,
    asked_in_hour: u32,
}

impl Lane {
    /// As it was left by an earlier run: a rest goes on for what is left of it, and never longer than `longest`.
    pub(super) fn new(rate: Rate, known: Option<HostRecord>, now: Instant, at: Timestamp, longest: Duration) -> Self {
        let known = known.unwrap_or_default();
        let left = known.rests_until.map(|until| left(until, at).min(longest)).filter(|left| !left.is_zero());
        let rest = left.map(|left| Rest { until: now + left, until_at: after(at, left), why: known.why });
        Self {
            rate,
            crawl_delay: Duration::ZERO,
            next_start: None,
            rest,
            failures: known.failures,
            rests: known.rests,
            asked_in_run: 0,
            hour_from: known.hour_from,
            asked_in_hour: known.asked,
        }
    }

    /// For the next run.
    pub(super) fn record(&self) -> HostRecord {
        HostRecord {
            rests_until: self.rest.as_ref().map(|rest| rest.until_at),
            why: self.rest.as_ref().map(|rest| rest.why.clone()).unwrap_or_default(),
            failures: self.failures,
            rests: self.rests,
            hour_from: self.hour_from,
            asked: self.asked_in_hour,
        }
    }

    /// Slows the lane down; it never gets faster.
    pub(super) fn slow_down(&mut self, crawl_delay: Duration) {
        self.crawl_delay = self.crawl_delay.max(crawl_delay);
    }

    /// After a rest for failing one request alone tries whether the host is well again.
    pub(super) fn is_on_trial(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    /// Whether the request that just started is the first of this run.
    pub(super) fn is_first(&self) -> bool {
        self.asked_in_run == 1
    }

    /// Whether nothing is going on that should be remembered. A few failures are forgotten, or a list of dead hosts would
    /// be remembered whole; what a budget counts is not.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        let is_counted = self.rate.per_run.is_some() || self.rate.per_hour.is_some();
        self.rest.is_none() && !self.is_on_trial() && !is_counted && self.next_start.is_none_or(|next| next <= now)
    }

    /// When a request may start: at once, or then. A rest is waited for if it is over within `patience`.
    ///
    /// # Errors
    /// The rest that is too long to be waited for.
    pub(super) fn next(&mut self, now: Instant, at: Timestamp, patience: Duration) -> Result<Option<Instant>, Rest> {
        self.rest.take_if(|rest| rest.until <= now);
        self.keep_budget(now, at);
        match &self.rest {
            Some(rest) if rest.until.duration_since(now) > patience => Err(rest.clone()),
            Some(rest) => Ok(Some(rest.until.max(self.next_start.unwrap_or(now)))),
            None => Ok(self.next_start.filter(|next| *next > now)),
        }
    }

    /// Takes the next start; false where it is not yet time after all.
    pub(super) fn start(&mut self, now: Instant, at: Timestamp) -> bool {
        if !matches!(self.next(now, at, Duration::ZERO), Ok(None)) {
            return false;
        }
        self.next_start = Some(now + self.rate.delay.max(self.crawl_delay));
        self.asked_in_run = self.asked_in_run.saturating_add(1);
        if self.rate.per_hour.is_some() {
            self.hour_from.get_or_insert(at);
            self.asked_in_hour = self.asked_in_hour.saturating_add(1);
        }
        true
    }

    /// A budget that is used up is a rest.
    fn keep_budget(&mut self, now: Instant, at: Timestamp) {
        if self.hour_from.is_some_and(|from| left(after(from, HOUR), at).is_zero() || from > at) {
            (self.hour_from, self.asked_in_hour) = (None, 0);
        }
        if self.rest.is_some() {
            return;
        }
        let rest = match (self.rate.per_run, self.rate.per_hour, self.hour_from) {
            (Some(limit), ..) if self.asked_in_run >= limit => {
                (NEXT_RUN, format!("its budget of {limit} requests a run is used up"))
            }
            (_, Some(limit), Some(from)) if self.asked_in_hour >= limit => {
                (left(after(from, HOUR), at), format!("its budget of {limit} requests an hour is used up"))
            }
            _ => return,
        };
        self.rest = Some(Rest { until: now + rest.0, until_at: after(at, rest.0), why: rest.1 });
    }

    /// Takes note of an answer; true where the host is left alone because of it, or was and is well again.
    pub(super) fn note(&mut self, heard: Heard, now: Instant, at: Timestamp) -> bool {
        let (left, why) = match heard {
            Heard::Sound => {
                let news = self.failures >= MAX_FAILURES || self.rests > 0;
                (self.failures, self.rests) = (0, 0);
                return news;
            }
            Heard::Failed | Heard::Asked(Some(_)) => {
                // "In a second", said again and again, is no sound answer either.
                self.failures = self.failures.saturating_add(1);
                let named = if let Heard::Asked(Some(until)) = heard { left(until, at) } else { Duration::ZERO };
                let own = if self.failures < MAX_FAILURES { Duration::ZERO } else { self.growing(FIRST_REST) };
                let why = if own > named {
                    format!("{} requests in a row failed", self.failures)
                } else {
                    "it asked for that".to_owned()
                };
                (own.max(named), why)
            }
            Heard::Asked(None) => (self.growing(FIRST_WAIT), "it asked to come back later".to_owned()),
        };
        let until = now + left;
        // Two answers may ask for two times; the later one holds both.
        if !left.is_zero() && self.rest.as_ref().is_none_or(|rest| rest.until < until) {
            self.rest = Some(Rest { until, until_at: after(at, left), why });
        }
        self.rest.is_some()
    }

    fn growing(&mut self, first: Duration) -> Duration {
        let rest = first.saturating_mul(1 << self.rests.min(16)).min(LONGEST_REST);
        self.rests = self.rests.saturating_add(1);
        rest
    }
}

/// From `at` to `until`; nothing where that is past.
fn left(until: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(at)).unwrap_or(Duration::ZERO)
}

/// The end of time where there is none.
fn after(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);
    const RATE: Rate = Rate { delay: Duration::from_millis(250), width: 1, per_run: None, per_hour: None };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn lane(rate: Rate, known: Option<HostRecord>, now: Instant) -> Lane {
        Lane::new(rate, known, now, at("2026-01-01T00:00:00Z"), 3600 * S)
    }

    #[test]
    fn starts_are_apart_and_a_pause_that_is_over_costs_nothing() {
        let (now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let mut lane = lane(RATE, None, now);
        assert!(lane.start(now, noon));
        assert_eq!(lane.next(now, noon, S), Ok(Some(now + RATE.delay)));
        assert!(!lane.start(now + RATE.delay / 2, noon));
        assert!(lane.start(now + RATE.delay, noon));
        lane.slow_down(7 * S);
        assert!(lane.start(now + 10 * S, noon));
        assert_eq!(lane.next(now + 10 * S, noon, S), Ok(Some(now + 17 * S)), "as the site's robots.txt asks");
    }

    #[test]
    fn a_host_that_asks_for_a_rest_is_left_alone_until_then_in_the_next_run_as_well() {
        let (now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let mut lane = lane(RATE, None, now);
        assert!(lane.note(Heard::Asked(Some(at("2026-01-01T12:10:00Z"))), now, noon));
        assert!(
            lane.note(Heard::Asked(Some(at("2026-01-01T12:05:00Z"))), now, noon),
            "the earlier time changes nothing"
        );
        assert_eq!(lane.next(now + 300 * S, noon, 10 * S).unwrap_err().until_at, at("2026-01-01T12:10:00Z"));
        assert_eq!(lane.next(now + 595 * S, noon, 10 * S), Ok(Some(now + 600 * S)), "a short rest is waited for");
        assert_eq!(lane.next(now + 600 * S, noon, S), Ok(None));
        let mut next_run = Lane::new(RATE, Some(lane.record()), now, noon, 3600 * S);
        assert_eq!(next_run.next(now, noon, S), Ok(None), "what is over is not kept");
        let known = HostRecord { rests_until: Some(at("2030-01-01T00:00:00Z")), ..HostRecord::default() };
        let mut mad = Lane::new(RATE, Some(known), now, noon, 3600 * S);
        assert_eq!(mad.next(now, noon, S).unwrap_err().until_at, at("2026-01-01T13:00:00Z"), "a clock may have jumped");
    }

    #[test]
    fn a_host_that_fails_rests_longer_each_time_until_one_trial_goes_well() {
        let (mut now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let mut lane = lane(RATE, None, now);
        for _ in 1..MAX_FAILURES {
            assert!(!lane.note(Heard::Failed, now, noon));
        }
        for minutes in [5, 10, 20, 40, 80, 160, 320, 360, 360] {
            assert!(lane.note(Heard::Failed, now, noon));
            let rest = lane.next(now, noon, S).unwrap_err();
            assert_eq!(rest.until.duration_since(now), minutes * 60 * S);
            assert!(lane.is_on_trial());
            now = rest.until;
            assert_eq!(lane.next(now, noon, S), Ok(None), "then it is tried");
        }
        assert!(lane.note(Heard::Sound, now, noon));
        assert!(!lane.is_on_trial() && !lane.note(Heard::Failed, now, noon));
    }

    #[test]
    fn what_a_budget_counts_and_a_rest_are_never_idle_and_a_host_that_failed_once_is() {
        let (now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let mut failing = lane(RATE, None, now);
        assert!(failing.start(now, noon) && !failing.is_idle(now));
        failing.note(Heard::Failed, now, noon);
        assert!(failing.is_idle(now + S));
        for _ in 1..MAX_FAILURES {
            failing.note(Heard::Failed, now, noon);
        }
        assert!(!failing.is_idle(now + S));
        assert!(!lane(Rate { per_run: Some(1), ..RATE }, None, now).is_idle(now));
    }

    #[test]
    fn a_host_that_always_says_in_a_second_rests_as_one_that_fails() {
        let (now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let mut lane = lane(RATE, None, now);
        for _ in 1..MAX_FAILURES {
            lane.note(Heard::Asked(Some(noon)), now, noon);
            assert_eq!(lane.next(now, noon, S), Ok(None));
        }
        lane.note(Heard::Asked(Some(noon)), now, noon);
        let rest = lane.next(now, noon, S).unwrap_err();
        assert_eq!((rest.until, rest.why.as_str()), (now + FIRST_REST, "8 requests in a row failed"));
        assert!(lane.note(Heard::Asked(Some(at("2026-01-02T12:00:00Z"))), now, noon));
        assert_eq!(lane.next(now, noon, S).unwrap_err().until_at, at("2026-01-02T12:00:00Z"), "its own word is kept");
    }

    #[test]
    fn a_budget_that_is_used_up_is_a_rest_to_the_end_of_the_hour_or_run() {
        let (now, noon) = (Instant::now(), at("2026-01-01T12:00:00Z"));
        let rate = Rate { delay: Duration::ZERO, per_hour: Some(2), ..RATE };
        let mut lane = lane(rate, None, now);
        assert!(lane.start(now, noon) && lane.start(now + S, at("2026-01-01T12:30:00Z")));
        let mut later = Lane::new(rate, Some(lane.record()), now, at("2026-01-01T12:40:00Z"), 3600 * S);
        let rest = later.next(now, at("2026-01-01T12:40:00Z"), S).unwrap_err();
        assert_eq!((rest.until_at, rest.until), (at("2026-01-01T13:00:00Z"), now + 1200 * S), "the next run counts on");
        assert!(later.start(now + 1200 * S, at("2026-01-01T13:00:00Z")));
        let mut lane = self::lane(Rate { per_run: Some(1), ..RATE }, None, now);
        assert!(lane.start(now, noon));
        assert_eq!(lane.next(now + S, noon, S).unwrap_err().why, "its budget of 1 requests a run is used up");
    }
}
