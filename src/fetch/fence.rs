//! The hosts that a run may ask, where it shares a task with others: each host is then left to the one run that has it.
//!
//! Whatever leads elsewhere (a redirect, a file, a quoted post, a web archive) is put off, and nothing was tried.

use crate::http::FetchError;
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};
use url::Url;

/// Why nothing was asked: part of the reason that the queue shows.
pub const ELSEWHERE: &str = "this run may not ask it";

/// Hosts named as left out are not kept beyond this many: a page decides how many there are.
const MAX_LEFT: usize = 10_000;

/// The hosts that may be asked, and those that were wanted beside them.
#[derive(Debug, Default)]
pub struct Fence {
    hosts: Vec<String>,
    left: Mutex<BTreeSet<String>>,
}

impl Fence {
    /// Around these hosts with their subdomains; around everything where none is named.
    #[must_use]
    pub fn new(hosts: &[String]) -> Self {
        let hosts = hosts.iter().map(|host| normal(host)).filter(|host| !host.is_empty()).collect();
        Self { hosts, left: Mutex::default() }
    }

    /// Whether a URL is inside.
    ///
    /// # Errors
    /// [`FetchError::Resting`] for one that is not; it may be asked by another run at once.
    pub fn check(&self, url: &Url, now: Timestamp) -> Result<(), FetchError> {
        let host = normal(url.host_str().unwrap_or_default());
        if self.hosts.is_empty() || self.hosts.iter().any(|inside| is_within(&host, inside)) {
            return Ok(());
        }
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() < MAX_LEFT {
            left.insert(host.clone());
        }
        Err(FetchError::Resting { host, until: now, why: ELSEWHERE.to_owned() })
    }

    /// The hosts outside that were wanted, in order.
    #[must_use]
    pub fn left(&self) -> Vec<String> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

fn normal(host: &str) -> String {
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

fn is_within(host: &str, inside: &str) -> bool {
    host.strip_suffix(inside).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_their_subdomains_are_inside_and_all_others_are_named() {
        let fence = Fence::new(&["Social.Example.".to_owned()]);
        let asked = |url: &str| fence.check(&Url::parse(url).unwrap(), Timestamp::UNIX_EPOCH);
        for url in ["https://social.example/@a/1", "http://files.social.example./x", "https://SOCIAL.example:8443/"] {
            assert_eq!(asked(url), Ok(()), "{url}");
        }
        for url in ["https://antisocial.example/", "https://social.example.other.example/", "https://example/"] {
            assert!(asked(url).unwrap_err().is_unasked(), "{url}");
        }
        assert_eq!(fence.left(), ["antisocial.example", "example", "social.example.other.example"]);
        assert_eq!(Fence::new(&[]).check(&Url::parse("https://a.example/").unwrap(), Timestamp::UNIX_EPOCH), Ok(()));
    }
}
