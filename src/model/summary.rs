//! What a run did, as its last record says it: public API.

use super::Problem;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run did: the last record of `run --json` and `add --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The run's number in this archive.
    pub run: i64,
    /// Articles looked at.
    pub articles: ArticleCounts,
    /// Embeds in new and changed articles.
    pub embeds: u64,
    /// Posts looked at.
    pub posts: PostCounts,
    /// Files of posts.
    pub media: MediaCounts,
    /// Requests sent or replayed, redirects not counted.
    pub requests: u64,
    /// Decoded bodies, in bytes.
    pub downloaded_bytes: u64,
    /// From start to end, in milliseconds.
    pub elapsed_ms: u64,
    /// Why it stopped early, if it did.
    pub stopped: Option<String>,
    /// Configured sources.
    #[serde(default)]
    pub sources: SourceCounts,
    /// What politeness cost.
    #[serde(default)]
    pub politeness: PolitenessCounts,
    /// What was left out on purpose, by reason: `waiting` (an article that failed before, and its time has not come).
    #[serde(default)]
    pub skipped: BTreeMap<String, u64>,
    /// What waits when the run ends.
    #[serde(default)]
    pub queue: QueueCounts,
    /// Hosts that were wanted and that `--only-host` left to others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts_left: Vec<String>,
    /// The archive's size when the run ends, in bytes.
    #[serde(default)]
    pub archive_bytes: u64,
    /// What a person should look at.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// The code that the process ends with.
    #[serde(default)]
    pub exit_code: Option<u8>,
    /// The digest of the run's record, which speaks for it and for every run before it; none until it is sealed.
    #[serde(default)]
    pub digest: Option<String>,
}

impl Summary {
    /// Counts something that is left out on purpose, so that the last words can say so.
    pub fn skip(&mut self, reason: &str) {
        *self.skipped.entry(reason.to_owned()).or_default() += 1;
    }
}

/// Sources of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// Asked, with an answer.
    pub polled: u64,
    /// Those of them that said "as before".
    pub unchanged: u64,
    /// Not asked: their interval is not over.
    pub not_due: u64,
    /// Asked in vain.
    pub failed: u64,
}

/// Politeness of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolitenessCounts {
    /// Articles that a robots.txt forbade.
    pub robots_refused: u64,
    /// Hosts that were left alone for a time: they asked for it, failed several times in a row, or their budget was used up.
    pub hosts_rested: u64,
    /// Requests that were put off to a later run because of that.
    pub put_off: u64,
    /// Waits for a host's turn, of all requests together, in milliseconds.
    pub waited_ms: u64,
}

/// How one host is asked in a run that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostTraffic {
    /// The host.
    pub host: String,
    /// Requests under way, or waiting for their turn.
    pub open: u64,
    /// Requests that have ended.
    pub asked: u64,
    /// Decoded bodies, in bytes.
    pub bytes: u64,
}

/// What waits for another try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QueueCounts {
    /// Posts.
    pub posts: u64,
    /// Articles.
    pub articles: u64,
    /// Those of both that are due already.
    pub due: u64,
    /// Beside them, those that were tried as often as the configuration allows, and rest until they are released;
    pub resting: u64,
    /// and those whose answer seldom changes, such as "not found".
    pub dead: u64,
    /// Since when the oldest of them waits.
    pub oldest_at: Option<Timestamp>,
    /// When the next of them is due.
    pub next_due_at: Option<Timestamp>,
}

/// Articles of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleCounts {
    /// Never seen before.
    pub new: u64,
    /// Seen, with other content now.
    pub changed: u64,
    /// Seen, as before.
    pub unchanged: u64,
    /// Not to be had, or not readable.
    pub failed: u64,
}

/// Posts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostCounts {
    /// A new snapshot with content from the platform.
    pub captured: u64,
    /// Looked at again, the same as before.
    pub unchanged: u64,
    /// The platform says that it no longer exists.
    pub gone: u64,
    /// Not shown to strangers.
    pub withheld: u64,
    /// Only what the article quotes could be kept.
    pub quoted_only: u64,
    /// Left for a later run.
    pub deferred: u64,
}

/// Media of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaCounts {
    /// Files stored.
    pub stored: u64,
    /// Files whose bytes were there already.
    pub deduplicated: u64,
    /// Files that could not be had.
    pub failed: u64,
}
