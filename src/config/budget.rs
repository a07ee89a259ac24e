//! `[budget]`: what a run may take.

use serde::Deserialize;

/// `[budget]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Such as `10m`.
    pub time: Option<String>,
    /// Such as `2GB`.
    pub bytes: Option<String>,
    /// Articles fetched or read in one run.
    pub articles: Option<u64>,
    /// Requests in one run.
    pub requests: Option<u64>,
    /// For one article, or one post with its files, such as `30m`.
    pub item_time: String,
    /// What is to stay free on the archive's disk, such as `200MB`.
    pub free_disk: String,
}

impl Default for Budget {
    fn default() -> Self {
        let (item_time, free_disk) = ("30m".to_owned(), "200MB".to_owned());
        Self { time: None, bytes: None, articles: None, requests: None, item_time, free_disk }
    }
}
