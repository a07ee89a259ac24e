//! What politeness needs to know of hosts from one run to the next, and what it counts: how long a host wants to be left
//! alone, how often it was asked in this hour, and its robots.txt.
//!
//! Who keeps it is none of this module's business: the archive does, behind [`HostMemory`].

use crate::model::{HostRecord, RobotsRecord};
use serde::{Deserialize, Serialize};

/// Keeps what is known of hosts between runs. Failing to read is not knowing; failing to write is told in the log alone.
pub trait HostMemory: Send + Sync {
    /// What is known of a host, or of a platform whose hosts count as one.
    fn host(&self, host: &str) -> Option<HostRecord>;

    /// Keeps what is known of it now.
    fn keep_host(&self, host: &str, record: &HostRecord);

    /// The robots.txt of an origin, such as `https://news.example`.
    fn robots(&self, origin: &str) -> Option<RobotsRecord>;

    /// Keeps what is known of it now.
    fn keep_robots(&self, origin: &str, record: &RobotsRecord);
}

/// What politeness cost a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Politeness {
    /// Hosts that were asked for anything.
    pub hosts_asked: u64,
    /// Requests for robots.txt.
    pub robots_asked: u64,
    /// Requests that a robots.txt forbade.
    pub robots_refused: u64,
    /// Hosts that were left alone for a time, by their own word or because they failed.
    pub hosts_rested: u64,
    /// Requests that were put off because their host was left alone.
    pub put_off: u64,
    /// Waits for a host's turn, of all requests together, in milliseconds.
    pub waited_ms: u64,
}
