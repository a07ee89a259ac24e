//! Why no answer came, or one that says nothing of what was asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why no complete answer came. None of these says anything about the post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum FetchError {
    /// A replay does not hold the URL.
    #[error("not recorded")]
    NotRecorded,
    /// The guard refused the address, the scheme or the hop.
    #[error("refused: {detail}")]
    Refused {
        /// What was refused and by which rule.
        detail: String,
    },
    /// The name does not resolve.
    #[error("no address for the host: {detail}")]
    Dns {
        /// The resolver's words.
        detail: String,
    },
    /// Connecting, TLS or reading failed.
    #[error("network: {detail}")]
    Network {
        /// The library's words.
        detail: String,
    },
    /// The total time was used up.
    #[error("no complete answer within {limit_s} s")]
    Timeout {
        /// The limit in seconds.
        limit_s: u64,
    },
    /// The body, after decompression, went over the limit.
    #[error("answer over {limit_bytes} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// More redirects than allowed, or a loop.
    #[error("more than {limit} redirects")]
    TooManyRedirects {
        /// The limit.
        limit: u8,
    },
    /// The site's robots.txt forbids it (RFC 9309); nothing was asked of the page.
    #[error("robots.txt forbids it ({detail})")]
    Robots {
        /// The rule, or why everything is forbidden for now.
        detail: String,
        /// Not worth another look before.
        until: Timestamp,
    },
    /// Nothing was asked: the host wants to be left alone, failed several times in a row, or its budget is used up.
    #[error("{host} is left alone until {until:.0}: {why}")]
    Resting {
        /// The host, or the platform whose hosts count as one.
        host: String,
        /// Not to be asked before.
        until: Timestamp,
        /// Why, in words for a person.
        why: String,
    },
    /// Something else answered in the platform's place. Never kept: so is an answer shown to a platform that it must not
    /// read.
    #[error("{wall}, by {by}")]
    Walled {
        /// What answered.
        wall: Wall,
        /// By what that is known.
        by: String,
        /// The time until which it asks to wait.
        retry_at: Option<Timestamp>,
    },
}

impl FetchError {
    /// Not to be asked again before then, by the site's own word or by our own politeness.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Robots { until, .. } | Self::Resting { until, .. } => Some(*until),
            Self::Walled { retry_at, .. } => *retry_at,
            _ => None,
        }
    }

    /// Whether nothing was even tried, so that it is no attempt.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        matches!(self, Self::Resting { .. })
    }
}

/// What may stand in the place of an answer, and says nothing of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Wall {
    /// A check that a person sits there, or a page that refuses.
    #[error("a challenge or block page")]
    Challenge,
    /// A page to sign in at.
    #[error("a login page")]
    Login,
    /// A page that asks for consent first.
    #[error("a consent page")]
    Consent,
    /// "Come back later".
    #[error("a limit")]
    Limit,
    /// Nothing, with a status of success.
    #[error("an empty answer")]
    Empty,
    /// A page that breaks off.
    #[error("half a page")]
    Half,
}
