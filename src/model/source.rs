//! A source as `embalm list sources` prints it: public API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One source: a configured one, one that left the configuration, or a feed that a list of feeds names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Its name.
    pub name: String,
    /// `feed`, `sitemap`, `page`, `list`, `files`, `warc` or `opml`; none where only its articles are left.
    pub kind: Option<String>,
    /// Its URL or path.
    pub place: Option<String>,
    /// Whether the configuration has it, or the list that names it.
    pub configured: bool,
    /// The list of feeds that names it.
    pub parent: Option<String>,
    /// Labels of its articles.
    pub labels: Vec<String>,
    /// Articles in the archive that it has named.
    pub articles: u64,
    /// When it was last asked.
    pub last_polled_at: Option<Timestamp>,
    /// When it last answered.
    pub last_success_at: Option<Timestamp>,
    /// Not asked before; none: at the next run.
    pub next_poll_at: Option<Timestamp>,
    /// Polls since it last answered.
    pub failures_in_a_row: u32,
    /// Why the last poll failed.
    pub last_error: Option<String>,
    /// Where it has moved for good, by its own word.
    pub moved_to: Option<String>,
    /// Its site says that it is gone.
    pub rests: bool,
}
