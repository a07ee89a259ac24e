//! What politeness knows of a host from one run to the next.

use jiff::Timestamp;

/// How a host is to be treated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRecord {
    /// It is not asked before.
    pub rests_until: Option<Timestamp>,
    /// Why it rests, in words for a person.
    pub why: String,
    /// Requests in a row without a sound answer.
    pub failures: u32,
    /// How often in a row it rested for failing: the next rest is longer.
    pub rests: u32,
    /// The beginning of the hour that `asked` counts.
    pub hour_from: Option<Timestamp>,
    /// Requests in that hour.
    pub asked: u32,
}

/// What is known of a site's robots.txt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RobotsRecord {
    /// When it was last asked for.
    pub asked_at: Timestamp,
    /// The status that answered then, after redirects; none where no answer came.
    pub status: Option<u16>,
    /// Its text, by the last answer that was one: its first 500 KiB.
    pub body: Option<Vec<u8>>,
    /// Since when it can't be had, by the server's fault.
    pub unreachable_since: Option<Timestamp>,
}
