//! How fast embalm asks: so many requests at once, so many of one host, a pause between two to the same host, and none at all
//! of a host that wants to be left alone.
//!
//! | what | where |
//! |---|---|
//! | when a host's next request may start | `lane` |
//! | who waits for it, and for a place among all | here |
//!
//! Waits are on the monotonic clock, so that one that is set changes none. What is known of hosts is kept between runs by a
//! [`HostMemory`].

mod lane;

pub use lane::Heard;

use super::manners::{HostMemory, Politeness};
use crate::http::{FetchError, MAX_RETRY_AFTER};
use jiff::Timestamp;
use lane::{Lane, Rate};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Hosts remembered before those that are idle are forgotten.
const MAX_IDLE_HOSTS: usize = 4096;

/// Of so many requests that a budget counts, one is written down: what a run that is killed may ask beyond it.
const COUNTED_AT_ONCE: u64 = 16;

/// How the hosts of one platform are asked, where that is not as all others are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub platform: String,
    /// Hosts that count as one, with their subdomains. None: each host that its requests go to, for itself.
    pub hosts: Vec<String>,
    /// Between the starts of two requests.
    pub delay: Option<Duration>,
    /// Requests at once.
    pub concurrency: Option<usize>,
    /// Requests in one run.
    pub per_run: Option<u32>,
    /// Requests in one hour, over all runs.
    pub per_hour: Option<u32>,
}

/// Lets requests pass at a polite pace.
pub struct Pace {
    all: Arc<Semaphore>,
    rate: Rate,
    budgets: Vec<Budget>,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
    memory: OnceLock<Arc<dyn HostMemory>>,
    asked: AtomicU64,
    rested: AtomicU64,
    put_off: AtomicU64,
    waited_ms: AtomicU64,
}

struct Host {
    name: String,
    slots: Arc<Semaphore>,
    width: u32,
    is_counted: bool,
    lane: Mutex<Lane>,
}

impl Host {
    fn lane(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One place; all of them for the one request that tries whether a host is well again.
    fn places(&self) -> u32 {
        if self.lane().is_on_trial() { self.width } else { 1 }
    }
}

/// Leave for one request, until it is dropped.
pub struct Leave {
    host: Arc<Host>,
    _of_host: Option<OwnedSemaphorePermit>,
    _of_all: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// At most `concurrency` requests at once, `per_host` of them to one host (at least 1 each), and `delay` between
    /// the starts of two to the same host; of the hosts of some platforms, as their budgets say.
    #[must_use]
    pub fn new(concurrency: usize, per_host: usize, delay: Duration, budgets: Vec<Budget>) -> Self {
        Self {
            all: Arc::new(Semaphore::new(concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            rate: Rate { delay, width: per_host, per_run: None, per_hour: None },
            budgets,
            hosts: Mutex::default(),
            memory: OnceLock::new(),
            asked: AtomicU64::new(0),
            rested: AtomicU64::new(0),
            put_off: AtomicU64::new(0),
            waited_ms: AtomicU64::new(0),
        }
    }

    /// Remembers hosts from run to run. The first memory stays.
    pub fn remember(&self, memory: Arc<dyn HostMemory>) {
        let _ = self.memory.set(memory);
    }

    /// What is remembered, where anything is.
    #[must_use]
    pub fn memory(&self) -> Option<&Arc<dyn HostMemory>> {
        self.memory.get()
    }

    /// Waits until a request to `host`, of `platform` where it is one's, may start; `at` is now. A host that is left alone for
    /// no longer than `patience` is waited for.
    ///
    /// # Errors
    /// [`FetchError::Resting`] for a host that is left alone for longer.
    pub async fn enter(
        &self,
        host: &str,
        platform: Option<&str>,
        now: &(dyn Fn() -> Timestamp + Sync),
        patience: Duration,
    ) -> Result<Leave, FetchError> {
        let host = self.host(host, platform, now());
        let rests = |rest: lane::Rest| {
            self.put_off.fetch_add(1, Relaxed);
            let name = host.name.strip_prefix(PLATFORM).unwrap_or(&host.name).to_owned();
            FetchError::Resting { host: name, until: rest.until_at, why: rest.why }
        };
        loop {
            // Before waiting in a line that leads nowhere.
            host.lane().next(Instant::now(), now(), patience).map_err(rests)?;
            let places = host.places();
            let begun = Instant::now();
            // The host's place first: waiting for a slow host must not use up what others could have. Semaphores are never
            // closed, so that acquiring one cannot fail.
            let of_host = Arc::clone(&host.slots).acquire_many_owned(places).await.ok();
            self.waited(begun);
            while host.places() == places {
                let start = host.lane().next(Instant::now(), now(), patience).map_err(rests)?;
                if let Some(start) = start {
                    let begun = Instant::now();
                    tokio::time::sleep_until(start).await;
                    self.waited(begun);
                    continue;
                }
                let of_all = Arc::clone(&self.all).acquire_owned().await.ok();
                // While the place among all was waited for, another may have started, or the host asked for a rest.
                let started = host.lane().start(Instant::now(), now());
                if started {
                    self.count(&host);
                    return Ok(Leave { host, _of_host: of_host, _of_all: of_all });
                }
            }
        }
    }

    /// Takes note of how a host answered.
    pub fn note(&self, leave: &Leave, heard: Heard, at: Timestamp) {
        let mut lane = leave.host.lane();
        let was_resting = lane.record().rests_until.is_some();
        if !lane.note(heard, Instant::now(), at) {
            return;
        }
        let record = lane.record();
        drop(lane);
        self.rested.fetch_add(u64::from(!was_resting && record.rests_until.is_some()), Relaxed);
        if let Some(memory) = self.memory() {
            memory.keep_host(&leave.host.name, &record);
        }
    }

    /// Slows a host down as its robots.txt asks.
    pub fn slow_down(&self, host: &str, delay: Duration, at: Timestamp) {
        self.host(host, None, at).lane().slow_down(delay);
    }

    /// What politeness has cost so far, but for what only robots.txt costs.
    #[must_use]
    pub fn politeness(&self) -> Politeness {
        Politeness {
            hosts_asked: self.asked.load(Relaxed),
            hosts_rested: self.rested.load(Relaxed),
            put_off: self.put_off.load(Relaxed),
            waited_ms: self.waited_ms.load(Relaxed),
            ..Politeness::default()
        }
    }

    fn waited(&self, since: Instant) {
        self.waited_ms.fetch_add(u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Counts a request, and writes down what a budget counts now and then.
    fn count(&self, host: &Host) {
        let record = {
            let lane = host.lane();
            self.asked.fetch_add(u64::from(lane.is_first()), Relaxed);
            lane.record()
        };
        if let Some(memory) = self.memory()
            && host.is_counted
            && u64::from(record.asked) % COUNTED_AT_ONCE == 1
        {
            memory.keep_host(&host.name, &record);
        }
    }

    fn host(&self, name: &str, platform: Option<&str>, at: Timestamp) -> Arc<Host> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let of_host = |budget: &&Budget| budget.hosts.iter().any(|host| is_within(&name, host));
        let shared = self.budgets.iter().find(of_host);
        let own = || self.budgets.iter().find(|budget| budget.hosts.is_empty() && Some(&*budget.platform) == platform);
        let key = shared.map_or_else(|| name.clone(), |budget| format!("{PLATFORM}{}", budget.platform));
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(&key) {
            return Arc::clone(host);
        }
        if hosts.len() >= MAX_IDLE_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || !host.lane().is_idle(now));
        }
        let rate = shared.or_else(own).map_or(self.rate, |budget| Rate {
            delay: budget.delay.unwrap_or(self.rate.delay),
            width: budget.concurrency.unwrap_or(self.rate.width),
            per_run: budget.per_run,
            per_hour: budget.per_hour,
        });
        let width = u32::try_from(rate.width.clamp(1, Semaphore::MAX_PERMITS)).unwrap_or(u32::MAX);
        let known = self.memory().and_then(|memory| memory.host(&key));
        let host = Arc::new(Host {
            name: key.clone(),
            slots: Arc::new(Semaphore::new(width as usize)),
            width,
            is_counted: rate.per_hour.is_some(),
            lane: Mutex::new(Lane::new(rate, known, Instant::now(), at, MAX_RETRY_AFTER)),
        });
        hosts.insert(key, Arc::clone(&host));
        host
    }
}

/// Before the name of a platform whose hosts count as one.
const PLATFORM: &str = "platform:";

fn is_within(name: &str, host: &str) -> bool {
    name.strip_suffix(host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn noon() -> Timestamp {
        "2026-01-01T12:00:00Z".parse().unwrap()
    }

    async fn enter(pace: &Pace, host: &str) -> Result<Leave, FetchError> {
        pace.enter(host, None, &noon, 10 * S).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_has_no_more_slots_than_it_is_given_and_one_that_waits_takes_none_of_the_others() {
        let pace = Pace::new(1, 1, 5 * S, Vec::new());
        drop(enter(&pace, "a.example").await.unwrap());
        let again = enter(&pace, "a.example");
        futures::pin_mut!(again);
        assert!(futures::poll!(&mut again).is_pending());
        let begun = Instant::now();
        let other = enter(&pace, "b.example").await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO, "the only place of all is free");
        drop(other);
        let _again = again.await.unwrap();
        assert_eq!((begun.elapsed(), pace.politeness().waited_ms), (5 * S, 5000));
        assert_eq!(pace.politeness().hosts_asked, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn starts_are_apart_even_where_places_are_scarce() {
        let pace = Arc::new(Pace::new(2, 2, S, Vec::new()));
        let blocker = enter(&pace, "b.example").await.unwrap();
        let starts = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..6)
            .map(|_| {
                let (pace, starts) = (Arc::clone(&pace), Arc::clone(&starts));
                tokio::spawn(async move {
                    let _leave = enter(&pace, "a.example").await.unwrap();
                    starts.lock().unwrap().push(Instant::now());
                    tokio::time::sleep(Duration::from_millis(2700)).await;
                })
            })
            .collect();
        tokio::time::sleep(4 * S).await;
        drop(blocker);
        futures::future::join_all(tasks).await;
        let starts = starts.lock().unwrap().clone();
        assert!(starts.windows(2).all(|pair| pair[1].duration_since(pair[0]) >= S), "{starts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn all_hosts_of_a_platform_share_its_budget_and_their_rest() {
        let budget =
            Budget { platform: "social".to_owned(), hosts: vec!["social.example".to_owned()], ..Budget::default() };
        let pace = Pace::new(8, 2, Duration::ZERO, vec![budget]);
        let leave = enter(&pace, "api.social.example").await.unwrap();
        pace.note(&leave, Heard::Asked("2026-01-01T13:00:00Z".parse().ok()), noon());
        drop(leave);
        let refused = enter(&pace, "Social.example.").await.err().unwrap();
        assert_eq!(refused.to_string(), "social is left alone until 2026-01-01T13:00:00Z: it asked for that");
        assert!(refused.is_unasked());
        assert!(enter(&pace, "notsocial.example").await.is_ok());
        assert_eq!((pace.politeness().hosts_rested, pace.politeness().put_off), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_on_trial_is_asked_once_and_the_others_wait_for_what_comes_of_it() {
        let pace = Arc::new(Pace::new(8, 4, Duration::ZERO, Vec::new()));
        for _ in 0..lane::MAX_FAILURES {
            let leave = enter(&pace, "a.example").await.unwrap();
            pace.note(&leave, Heard::Failed, noon());
        }
        assert!(enter(&pace, "a.example").await.is_err());
        tokio::time::advance(301 * S).await;
        let trial = enter(&pace, "a.example").await.unwrap();
        let other = enter(&pace, "a.example");
        futures::pin_mut!(other);
        assert!(futures::poll!(&mut other).is_pending());
        pace.note(&trial, Heard::Failed, noon());
        drop(trial);
        assert!(other.await.is_err(), "it rests again");
        tokio::time::advance(601 * S).await;
        let trial = enter(&pace, "a.example").await.unwrap();
        pace.note(&trial, Heard::Sound, noon());
        drop(trial);
        let _all = futures::future::join_all((0..4).map(|_| enter(&pace, "a.example"))).await;
    }
}
