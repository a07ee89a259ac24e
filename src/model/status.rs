//! What the archive holds and how it fares, as `embalm status --json` prints it: public API.

use super::{Problem, QueueCounts, RunRecord};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the archive holds, as `embalm status --json` prints it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatusRecord {
    /// The archive's size in bytes.
    pub archive_bytes: u64,
    /// Articles.
    pub articles: u64,
    /// Versions of articles.
    pub versions: u64,
    /// Embeds in the newest versions.
    pub embeds: u64,
    /// Posts, the quoted and answered ones included.
    pub posts: u64,
    /// Snapshots of posts.
    pub snapshots: u64,
    /// Posts by state; states that no post is in are left out.
    pub states: BTreeMap<String, u64>,
    /// Posts that their platform says no longer exist.
    pub gone: u64,
    /// By platform, the largest first.
    pub platforms: Vec<PlatformRecord>,
    /// Distinct files of posts.
    pub media_files: u64,
    /// Their sizes together, in bytes.
    pub media_bytes: u64,
    /// Posts and articles that wait for another try.
    pub queued: u64,
    /// The last run that has ended, however it did.
    pub last_run: Option<RunRecord>,
    /// What a person should look at, the most pressing first.
    pub problems: Vec<Problem>,
    /// The configured sources, and the feeds that lists of feeds name.
    pub sources: Vec<SourceStatus>,
    /// The queue.
    pub queue: QueueCounts,
    /// What waits longest.
    pub oldest_queued: Option<QueuedRecord>,
    /// Posts that are gone and of which the archive has what their platform or a web archive showed.
    pub gone_kept: u64,
    /// Posts that vanished within the last seven days.
    pub gone_lately: u64,
    /// What the archive gains a day, in bytes, over the last month; none where runs of one day alone are known.
    pub growth_bytes_per_day: Option<i64>,
    /// What is free where the archive is, in bytes.
    pub disk_free_bytes: Option<u64>,
    /// The last `embalm run` that came to its end.
    pub last_success: Option<RunRecord>,
    /// The run under way.
    pub running: Option<RunRecord>,
    /// Who holds the archive's lock, since when, and doing what.
    pub lock: Option<String>,
    /// The usual time between two scheduled runs, in seconds.
    pub usual_interval_s: Option<u64>,
}

/// How a source stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// When it was last asked.
    pub last_polled_at: Option<Timestamp>,
    /// When it last answered.
    pub last_success_at: Option<Timestamp>,
    /// When it is asked next; none: at the next run.
    pub next_poll_at: Option<Timestamp>,
    /// Polls since it last answered.
    pub failures_in_a_row: u32,
    /// Why the last poll failed.
    pub last_error: Option<String>,
}

/// Something that waits in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedRecord {
    /// A post's key, or an article's name.
    pub name: String,
    /// Since when it waits.
    pub since: Timestamp,
    /// When it is tried again.
    pub due_at: Option<Timestamp>,
    /// Tries so far.
    pub attempts: u32,
    /// Why it waits.
    pub reason: String,
}

/// How one platform answered in one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformRun {
    /// The run.
    pub run: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Looks at posts of it.
    pub looks: u64,
    /// Those that brought a new snapshot.
    pub captured: u64,
    /// Those that found a post as it was.
    pub unchanged: u64,
    /// Those answered with "no longer exists".
    pub gone: u64,
    /// Those answered with "not for strangers".
    pub withheld: u64,
    /// Those that learnt nothing: network, limits, blocks.
    pub failed: u64,
    /// Those whose answer was not understood.
    pub drifted: u64,
    /// One of these, in words.
    pub drift: Option<String>,
}

/// How well one platform answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlatformRecord {
    /// The platform's id.
    pub platform: String,
    /// Posts of it.
    pub posts: u64,
    /// Those with content from the platform itself.
    pub captured: u64,
    /// Those with content from a web archive only.
    pub memento_only: u64,
    /// Those with content from an import only.
    pub imported_only: u64,
    /// Those of which only an article's quote is kept.
    pub quoted_only: u64,
    /// Those without any content.
    pub without_content: u64,
    /// Those that the platform says no longer exist.
    pub gone: u64,
    /// Those that the platform does not show to strangers.
    pub withheld: u64,
    /// Those of which the platform has said nothing yet.
    pub unknown: u64,
    /// How it answered in the last runs that asked it, the newest first.
    #[serde(default)]
    pub recent: Vec<PlatformRun>,
    /// The share of posts of which the platform gave the content or said why there is none, 0 to 1.
    pub success: f64,
}
