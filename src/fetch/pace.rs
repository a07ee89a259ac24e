//! How fast embalm asks: so many requests at once, so many of one host, and a pause between two to the same host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Hosts remembered before those that are idle are forgotten.
const MAX_IDLE_HOSTS: usize = 4096;

/// Lets requests pass at a polite pace.
pub struct Pace {
    all: Arc<Semaphore>,
    per_host: usize,
    delay: Duration,
    hosts: Mutex<HashMap<String, Arc<Lane>>>,
}

struct Lane {
    slots: Arc<Semaphore>,
    next_start: Mutex<Option<Instant>>,
}

/// Leave for one request, until it is dropped.
pub struct Leave {
    _host: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// At most `concurrency` requests at once, `per_host` of them to one host (at least 1 each), and `delay` between
    /// the starts of two to the same host.
    #[must_use]
    pub fn new(concurrency: usize, per_host: usize, delay: Duration) -> Self {
        Self {
            all: Arc::new(Semaphore::new(concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            per_host: per_host.clamp(1, Semaphore::MAX_PERMITS),
            delay,
            hosts: Mutex::default(),
        }
    }

    /// Waits until a request to `host` may start.
    pub async fn enter(&self, host: &str) -> Leave {
        let lane = self.lane(host);
        // The host's slot first: waiting for a slow host must not use up what others could have. Semaphores are never
        // closed, so that acquiring one cannot fail.
        let of_host = Arc::clone(&lane.slots).acquire_owned().await.ok();
        if let Some(start) = self.reserve(&lane, Instant::now()) {
            tokio::time::sleep_until(start).await;
        }
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok();
        Leave { _host: of_host, _all: of_all }
    }

    /// Takes the host's next start, if that is later than now.
    fn reserve(&self, lane: &Lane, now: Instant) -> Option<Instant> {
        let mut next = lane.next_start.lock().unwrap_or_else(PoisonError::into_inner);
        let start = next.map_or(now, |next| next.max(now));
        *next = Some(start + self.delay);
        (start > now).then_some(start)
    }

    fn lane(&self, host: &str) -> Arc<Lane> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MAX_IDLE_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, lane| {
                let next = *lane.next_start.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::strong_count(lane) > 1 || next.is_some_and(|next| next > now)
            });
        }
        let lane = || Arc::new(Lane { slots: Arc::new(Semaphore::new(self.per_host)), next_start: Mutex::default() });
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(lane))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_to_one_host_are_apart_and_other_hosts_do_not_wait() {
        let pace = Pace::new(8, 8, Duration::from_millis(250));
        let now = Instant::now();
        let (one, other) = (pace.lane("a.example"), pace.lane("b.example"));
        assert_eq!(pace.reserve(&one, now), None);
        assert_eq!(pace.reserve(&one, now), Some(now + Duration::from_millis(250)));
        assert_eq!(pace.reserve(&one, now), Some(now + Duration::from_millis(500)));
        assert_eq!(pace.reserve(&other, now), None);
        assert_eq!(pace.reserve(&one, now + Duration::from_secs(5)), None, "a pause that is over costs nothing");
    }

    #[tokio::test]
    async fn a_host_has_no_more_slots_than_it_is_given() {
        let pace = Pace::new(8, 1, Duration::ZERO);
        let first = pace.enter("a.example").await;
        let second = pace.enter("a.example");
        futures::pin_mut!(second);
        assert!(futures::poll!(&mut second).is_pending());
        let _other = pace.enter("b.example").await;
        drop(first);
        let _second = second.await;
    }
}
