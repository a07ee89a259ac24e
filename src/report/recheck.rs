//! What became of a post that was looked at again, as `recheck --json` prints it.

use crate::{
    model::{PostRef, State, Via},
    pipeline::{PostChange, PostResult},
};
use jiff::Timestamp;
use serde::Serialize;

/// One post, looked at again.
#[derive(Clone, Debug, Serialize)]
pub struct RecheckRecord {
    /// `platform:id`.
    pub key: String,
    /// The canonical URL.
    pub url: String,
    /// What is new about it.
    pub change: PostChange,
    /// What is known of it by now.
    pub state: State,
    /// When it was first seen to be so.
    pub state_since: Option<Timestamp>,
    /// When the platform last showed it.
    pub last_seen_at: Option<Timestamp>,
    /// The rung that gave content this time.
    pub via: Option<Via>,
    /// Why nothing could be learnt, in words for a person.
    pub failure: Option<String>,
}

impl RecheckRecord {
    /// The record of a post.
    #[must_use]
    pub fn new(post: &PostRef, result: &PostResult) -> Self {
        Self {
            key: post.key(),
            url: post.url.to_string(),
            change: result.change,
            state: result.state,
            state_since: result.state_since,
            last_seen_at: result.last_seen_at,
            via: result.via,
            failure: result.failure.clone(),
        }
    }
}
