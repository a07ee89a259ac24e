//! What became of a post over time: public records, one entry a line.
//!
//! Looks that bring nothing new are told together, so that a post seen alive ten thousand times has a short history.

use super::{Difference, Failure, Memento, Post, State, StoredMedia, Via};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A post's history, or a page of it, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// The entries of this page.
    pub entries: Vec<TimelineEntry>,
    /// Counted from 1.
    pub page: usize,
    /// How many there are, at least 1.
    pub pages: usize,
    /// Looks that are told of, all pages together.
    pub looks: u64,
    /// Older looks that are not told of, because there are too many.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub older: u64,
    /// Likes and the like at the snapshots that tell them, oldest first; of many a choice.
    #[serde(default)]
    pub counts: Vec<CountsAt>,
}

/// Something that happened, or a stretch of looks at which nothing did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The look, or the first of the stretch.
    pub at: Timestamp,
    /// The last look of the stretch; the same as `at` for one.
    pub until: Timestamp,
    /// What it is.
    #[serde(flatten)]
    pub event: TimelineEvent,
}

/// What a look at a post told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TimelineEvent {
    /// The platform showed what was not kept before.
    Captured(Box<Captured>),
    /// The platform showed it as it was, after having said that there is nothing to see.
    Returned {
        /// The state before.
        from: State,
        /// The rung.
        via: Via,
    },
    /// The platform said that there is nothing to see.
    Vanished {
        /// Gone or withheld.
        state: State,
        /// What it was before, by the platform's word; none where nothing was known.
        from: Option<State>,
        /// The rung.
        via: Via,
        /// Its number, where a snapshot was kept of it.
        snapshot: Option<i64>,
    },
    /// A web archive's copy was read.
    Memento(Box<Captured>),
    /// An export, or another tool's record, says this; the platform itself has not.
    Imported(Box<Captured>),
    /// An article quotes these words, which nobody has confirmed.
    Quoted(Box<Captured>),
    /// Looks that brought nothing new.
    Quiet(Quiet),
}

/// A snapshot with content, and how it differs from the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Captured {
    /// Its number in the archive.
    pub snapshot: i64,
    /// The rung.
    pub via: Via,
    /// What it says.
    pub content: Post,
    /// Its files; bytes are left out.
    #[serde(default)]
    pub media: Vec<StoredMedia>,
    /// The web archive's copy that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memento: Option<Memento>,
    /// The platform answered to the user's own login.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub login: bool,
    /// The state before, where the platform had said that there is nothing to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_from: Option<State>,
    /// The snapshot that it is compared with; none for the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<i64>,
    /// That one came by another rung, so that a difference may be one of the rungs and not of the post.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_rung: bool,
    /// What differs from it.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// The answer was read again later by a newer parser, and this is what that one read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_again: Option<ReadAgain>,
}

/// The mark of an answer that was read a second time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAgain {
    /// When.
    pub at: Timestamp,
    /// Snapshots of earlier readings, in whose place this one stands.
    pub earlier: Vec<i64>,
}

/// Looks that brought nothing new, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// What was known of the post all the while.
    pub state: State,
    /// Looks at which the platform confirmed it.
    pub confirmed: u64,
    /// The first and the last of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_between: Option<(Timestamp, Timestamp)>,
    /// Looks that learnt nothing, by their reasons, the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<FailureTally>,
}

/// How often looks failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureTally {
    /// How often.
    pub times: u64,
    /// The last of them.
    pub last_at: Timestamp,
    /// A web archive was asked, not the platform.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub memento: bool,
    /// The reason of that one.
    #[serde(flatten)]
    pub failure: Failure,
}

/// Likes and the like at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountsAt {
    /// When.
    pub at: Timestamp,
    /// The snapshot.
    pub snapshot: i64,
    /// `likes`, `replies`, `reposts`, `quotes`, `views`.
    pub counts: BTreeMap<String, u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
