//! States, rungs and failures in plain words, for pages that say all that is known.

use crate::{
    model::{Failure, State, Via},
    render::words::short_platform,
};
use serde::Serialize;

/// A state as a reader understands it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct StateWords {
    /// `live`, `gone`, `withheld` or `unknown`, for the style sheet.
    pub(super) class: &'static str,
    /// In a word or two.
    pub(super) title: String,
    /// In a sentence.
    pub(super) sentence: String,
    /// What the date of the state is called.
    pub(super) since: &'static str,
}

/// What a state means; `platform` is the platform's name.
pub(super) fn state(state: State, platform: &str) -> StateWords {
    let name = short_platform(platform);
    let (title, sentence) = match state {
        State::Live => ("Still there".to_owned(), format!("{name} showed it when it was last asked with success.")),
        State::Deleted => ("Deleted".to_owned(), format!("{name} says that the post was deleted.")),
        State::AccountDeleted => {
            ("Account deleted".to_owned(), format!("{name} says that the account, and all its posts with it, is gone."))
        }
        State::Suspended => {
            ("Account suspended".to_owned(), format!("{name} has closed the account, and shows none of its posts."))
        }
        State::Private => ("Private".to_owned(), "Its author shows it to some people only.".to_owned()),
        State::LoginRequired => {
            ("Login required".to_owned(), format!("{name} shows it only to people who are logged in."))
        }
        State::AgeRestricted => {
            ("Age-restricted".to_owned(), format!("{name} shows it only to people who prove their age."))
        }
        State::GeoBlocked => {
            ("Not shown here".to_owned(), format!("{name} does not show it in the country that was asked from."))
        }
        State::Unavailable => (
            "Unavailable".to_owned(),
            format!("{name} shows nothing and gives no reason: deleted, private and mistyped posts look alike there."),
        ),
        State::Unknown => (
            "Not yet reached".to_owned(),
            format!("{name} has not told of it so far. Whether the post still exists is not known."),
        ),
    };
    let since = match state {
        State::Live => "seen alive since",
        State::Deleted | State::AccountDeleted | State::Suspended => "first seen gone",
        _ => "first seen so",
    };
    StateWords { class: crate::render::state::class(state), title, sentence, since }
}

/// Where words come from, and what that is worth.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RungWords {
    /// `from the public API` and the like.
    pub(super) from: &'static str,
    /// The word of records and filters.
    pub(super) word: &'static str,
    /// In a sentence.
    pub(super) meaning: &'static str,
}

/// What a rung of the ladder means.
pub(super) fn rung(via: Via) -> RungWords {
    let (from, meaning) = match via {
        Via::Api => ("the platform’s public API", "The platform’s own answer to programs, and the fullest one."),
        Via::Syndication => (
            "the platform’s data for embedded posts",
            "The platform’s own data, as it gives it to pages that show its posts.",
        ),
        Via::Oembed => (
            "the platform’s oEmbed answer",
            "The platform’s own words, author and date as it writes them for an embed; it seldom names all media.",
        ),
        Via::EmbedPage => {
            ("the platform’s embed page", "The page that the platform itself puts into frames of other pages.")
        }
        Via::PageMeta => (
            "the post’s own page",
            "What the post’s page says of itself to search engines and link previews; it may be shortened.",
        ),
        Via::Memento => {
            ("a web archive’s copy", "A copy that a web archive made of the post; it is worth as much as that archive.")
        }
        Via::Import => (
            "an imported export",
            "A person’s own data export, or the records of another tool. The platform gave it to them, not to this archive, and it could have been changed since.",
        ),
        Via::Quoted => (
            "the article that embeds it",
            "Words that the article itself quotes. Nobody has confirmed them, and what a page says can be made up.",
        ),
    };
    RungWords { from, word: via.as_str(), meaning }
}

/// Why looks learnt nothing, to go on after "…: ".
pub(super) fn failure(failure: &Failure) -> String {
    match failure {
        Failure::RateLimited { .. } => "it asked to come back later".to_owned(),
        Failure::Resting { .. } => "it was being left alone for a while, and was not asked".to_owned(),
        Failure::Http { status } => format!("it answered with status {status}"),
        Failure::Network { detail } => format!("no answer came ({detail})"),
        Failure::Refused { detail } => format!("embalm refused to ask ({detail})"),
        Failure::Blocked => "it answered with a challenge page".to_owned(),
        Failure::TooLarge => "its answer was too large".to_owned(),
        Failure::Drift { at, detail } => format!("its answer was not in a form that is known ({at}: {detail})"),
        Failure::Unresolved { detail } | Failure::NotArchived { detail } => detail.clone(),
        Failure::NoRoute => "no way of asking it is known".to_owned(),
    }
}

/// Bytes as people tell sizes of files.
#[allow(clippy::cast_precision_loss, reason = "a size is shown with two or three digits")]
pub(super) fn size(bytes: u64) -> String {
    let tenth = |unit: f64| {
        let value = bytes as f64 / unit;
        if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") }
    };
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", tenth(1e3)),
        1_000_000..1_000_000_000 => format!("{} MB", tenth(1e6)),
        _ => format!("{} GB", tenth(1e9)),
    }
}

/// `once`, `twice`, `12 times`.
pub(super) fn times(times: u64) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{} times", crate::render::words::number(more)),
    }
}
