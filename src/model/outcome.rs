//! What came of capturing a post. Honest: content is the post, "gone" is the platform's own word, the rest is "we don't know".

use super::Post;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The end of one capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The post as it was at that moment.
    Found(Box<Post>),
    /// The platform says that it no longer exists.
    Gone(Gone),
    /// It exists or existed, but not for us.
    Withheld(Withheld),
    /// We don't know; it is retried.
    Failed(Failure),
}

/// The platform's own word that a post is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// The post was deleted.
    Deleted,
    /// Its account was deleted.
    AccountDeleted,
    /// Its account was suspended.
    Suspended,
}

/// Why the platform does not show a post to a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// Its author shows it to some only.
    Private,
    /// A login is asked for.
    LoginRequired,
    /// Only for adults who say so.
    AgeRestricted,
    /// Not in this country.
    GeoBlocked,
    /// The platform answers that there is nothing to see, and gives no reason: deleted, private and wrong ids look alike.
    Unavailable,
}

/// Why nothing could be learnt this time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Failure {
    /// The platform asks to come back later.
    RateLimited {
        /// When, if it says so.
        retry_at: Option<Timestamp>,
    },
    /// Nothing was asked: its host is left alone for now. No attempt.
    Resting {
        /// Not to be asked before.
        until: Timestamp,
        /// Which host and why, in words for a person.
        detail: String,
    },
    /// A status that none of the platform's rules explains.
    Http {
        /// The HTTP status code.
        status: u16,
    },
    /// embalm itself refused to ask: the address, the scheme or a hop is not allowed.
    Refused {
        /// What was refused and by which rule, in words for a person.
        detail: String,
    },
    /// No answer came.
    Network {
        /// Why, in words for a person.
        detail: String,
    },
    /// A challenge or block page instead of an answer.
    Blocked,
    /// The answer went over the size limit.
    TooLarge,
    /// The answer is no longer what this version knows.
    Drift {
        /// The route, such as `syndication`.
        at: String,
        /// What was expected and what came.
        detail: String,
    },
    /// The short link leads to no post, or to a post that isn't this one.
    Unresolved {
        /// Where it leads, in words for a person.
        detail: String,
    },
    /// The web archive holds no copy that shows the post.
    NotArchived {
        /// What was looked for, in words for a person.
        detail: String,
    },
    /// No route is known for this target (an unresolved embed, a platform switched off).
    NoRoute,
}

/// In words for a person.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited { retry_at: Some(at) } => write!(f, "rate limited until {at}"),
            Self::RateLimited { retry_at: None } => f.write_str("rate limited"),
            Self::Http { status } => write!(f, "the platform answered with status {status}"),
            Self::Resting { detail, .. }
            | Self::Network { detail }
            | Self::Unresolved { detail }
            | Self::NotArchived { detail } => f.write_str(detail),
            Self::Refused { detail } => write!(f, "refused: {detail}"),
            Self::Blocked => f.write_str("the platform answered with a block or challenge page"),
            Self::TooLarge => f.write_str("the answer was larger than the limit"),
            Self::Drift { at, detail } => write!(f, "the answer was not understood ({at}: {detail})"),
            Self::NoRoute => f.write_str("no way to capture this is known"),
        }
    }
}

/// The rung of the ladder that a snapshot came from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The platform's public API.
    Api,
    /// The platform's data for its own embeds.
    Syndication,
    /// The platform's oEmbed endpoint.
    Oembed,
    /// The page that the platform puts into iframes.
    EmbedPage,
    /// Meta tags of the post's page.
    PageMeta,
    /// A web archive's copy.
    Memento,
    /// A person's own data export, or the records of another tool.
    Import,
    /// What the article quotes.
    Quoted,
}

impl Via {
    /// Every rung, best first.
    pub const ALL: [Self; 8] = [
        Self::Api,
        Self::Syndication,
        Self::Oembed,
        Self::EmbedPage,
        Self::PageMeta,
        Self::Memento,
        Self::Import,
        Self::Quoted,
    ];

    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Syndication => "syndication",
            Self::Oembed => "oembed",
            Self::EmbedPage => "embed_page",
            Self::PageMeta => "page_meta",
            Self::Memento => "memento",
            Self::Import => "import",
            Self::Quoted => "quoted",
        }
    }

    /// Whether it is the platform's own word to us: that alone proves what is of a post by now. A web archive, an export
    /// and an article can only show what it said.
    #[must_use]
    pub fn is_platforms_own(self) -> bool {
        !matches!(self, Self::Memento | Self::Import | Self::Quoted)
    }
}

/// What is known of a post by now: the last outcome that said something, as records and SQL write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Seen, with content, at the last look that said anything.
    Live,
    /// [`Gone::Deleted`].
    Deleted,
    /// [`Gone::AccountDeleted`].
    AccountDeleted,
    /// [`Gone::Suspended`].
    Suspended,
    /// [`Withheld::Private`].
    Private,
    /// [`Withheld::LoginRequired`].
    LoginRequired,
    /// [`Withheld::AgeRestricted`].
    AgeRestricted,
    /// [`Withheld::GeoBlocked`].
    GeoBlocked,
    /// [`Withheld::Unavailable`].
    Unavailable,
    /// Not yet reached.
    Unknown,
}

impl State {
    /// Every state, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Live,
        Self::Deleted,
        Self::AccountDeleted,
        Self::Suspended,
        Self::Private,
        Self::LoginRequired,
        Self::AgeRestricted,
        Self::GeoBlocked,
        Self::Unavailable,
        Self::Unknown,
    ];

    /// As records and SQL write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Deleted => "deleted",
            Self::AccountDeleted => "account_deleted",
            Self::Suspended => "suspended",
            Self::Private => "private",
            Self::LoginRequired => "login_required",
            Self::AgeRestricted => "age_restricted",
            Self::GeoBlocked => "geo_blocked",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }

    /// The state that an outcome proves; None where it proves nothing (a failure).
    #[must_use]
    pub fn proven_by(outcome: &Outcome) -> Option<Self> {
        Some(match outcome {
            Outcome::Found(_) => Self::Live,
            Outcome::Gone(Gone::Deleted) => Self::Deleted,
            Outcome::Gone(Gone::AccountDeleted) => Self::AccountDeleted,
            Outcome::Gone(Gone::Suspended) => Self::Suspended,
            Outcome::Withheld(Withheld::Private) => Self::Private,
            Outcome::Withheld(Withheld::LoginRequired) => Self::LoginRequired,
            Outcome::Withheld(Withheld::AgeRestricted) => Self::AgeRestricted,
            Outcome::Withheld(Withheld::GeoBlocked) => Self::GeoBlocked,
            Outcome::Withheld(Withheld::Unavailable) => Self::Unavailable,
            Outcome::Failed(_) => return None,
        })
    }

    /// Whether the platform itself said that the post no longer exists.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::AccountDeleted | Self::Suspended)
    }
}
