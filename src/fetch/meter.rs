//! Counts what a run asks for, for its summary and its budgets.

use super::Transport;
use super::manners::{HostMemory, Politeness};
use crate::http::{Exchange, FetchError, Request};
use crate::model::HostTraffic;
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use url::Url;

/// A transport that counts what passes through it.
pub struct Meter {
    inner: Arc<dyn Transport>,
    requests: AtomicU64,
    bytes: AtomicU64,
    limits: Mutex<Limits>,
    used: Notify,
    hosts: Mutex<HashMap<String, HostTraffic>>,
}

/// What may be used up.
#[derive(Clone, Copy, Default)]
struct Limits {
    bytes: Option<u64>,
    requests: Option<u64>,
}

impl Meter {
    /// Counts from zero.
    #[must_use]
    pub fn new(inner: Arc<dyn Transport>) -> Self {
        Self {
            inner,
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            limits: Mutex::default(),
            used: Notify::new(),
            hosts: Mutex::default(),
        }
    }

    /// How each host is asked so far.
    #[must_use]
    pub fn traffic(&self) -> Vec<HostTraffic> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn note(&self, url: &Url, change: impl FnOnce(&mut HostTraffic)) {
        let host = url.host_str().unwrap_or_default();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        match hosts.get_mut(host) {
            Some(traffic) => change(traffic),
            None => {
                let mut traffic = HostTraffic { host: host.to_owned(), ..HostTraffic::default() };
                change(&mut traffic);
                hosts.insert(host.to_owned(), traffic);
            }
        }
    }

    /// Says what may be used up: bytes and requests. Nothing is held back: whoever asks heeds [`Meter::spent`].
    pub fn limit(&self, bytes: Option<u64>, requests: Option<u64>) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = Limits { bytes, requests };
    }

    /// Which budget is used up, if one is.
    #[must_use]
    pub fn spent(&self) -> Option<&'static str> {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |used: u64, limit: Option<u64>| limit.is_some_and(|limit| used >= limit);
        let bytes = over(self.bytes(), limits.bytes).then_some("byte budget");
        bytes.or_else(|| over(self.requests(), limits.requests).then_some("request budget"))
    }

    /// Whether one more may begin beside `in_hand` others, each of which sends a request at least.
    #[must_use]
    pub fn has_room(&self, in_hand: usize) -> bool {
        let limits = *self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.requests.is_none_or(|limit| self.requests() + (in_hand as u64) < limit)
    }

    /// Waits until a budget is used up.
    pub async fn is_spent(&self) {
        loop {
            let used = self.used.notified();
            if self.spent().is_some() {
                return;
            }
            used.await;
        }
    }

    /// Requests carried so far, those for robots.txt among them, redirects not counted. What was not asked, because its
    /// host is left alone, by its robots.txt or for the guard, is none.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed) + self.inner.politeness().robots_asked
    }

    /// Decoded bodies received so far, those of redirects included, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl Transport for Meter {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        Box::pin(async move {
            self.note(&request.url, |host| host.open += 1);
            let exchange = self.inner.fetch(request).await;
            let (host, url) = (exchange.request.url.host_str(), exchange.request.url.as_str());
            match &exchange.answer {
                Ok(answer) => {
                    let (status, elapsed_ms) = (answer.status, exchange.elapsed_ms);
                    tracing::debug!(event = "request", host, url, status, elapsed_ms);
                }
                Err(error) => {
                    let reason = error.to_string();
                    tracing::debug!(event = "request", host, url, elapsed_ms = exchange.elapsed_ms, reason);
                }
            }
            let bodies = exchange.hops.iter().chain(exchange.response()).map(|answer| answer.body.len() as u64);
            let bodies: u64 = bodies.sum();
            self.note(&exchange.request.url, |host| {
                host.open = host.open.saturating_sub(1);
                host.asked += 1;
                host.bytes += bodies;
            });
            let kept_back = matches!(
                exchange.answer,
                Err(FetchError::Resting { .. } | FetchError::Robots { .. } | FetchError::Refused { .. })
            );
            let asked = !kept_back || !exchange.hops.is_empty();
            self.requests.fetch_add(u64::from(asked), Ordering::Relaxed);
            self.bytes.fetch_add(bodies, Ordering::Relaxed);
            self.used.notify_waiters();
            exchange
        })
    }

    fn is_replay(&self) -> bool {
        self.inner.is_replay()
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn remember(&self, open: &dyn Fn() -> Option<Arc<dyn HostMemory>>) {
        self.inner.remember(open);
    }

    fn left_out(&self) -> Vec<String> {
        self.inner.left_out()
    }

    fn politeness(&self) -> Politeness {
        self.inner.politeness()
    }
}
