//! What is known of a post by now, and where its words come from: said plainly, and never more than is known.

use super::words::{Moment, short_platform};
use crate::model::{Failure, PostView, State, Via, When};
use serde::Serialize;

/// What stands above a post that is not simply there.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Notice {
    /// `gone`, `withheld` or `unknown`: for the style sheet.
    kind: &'static str,
    title: String,
    /// Says what `since` is, such as `seen gone on`.
    since_words: &'static str,
    since: Option<Moment>,
    words: String,
}

/// Where the words come from.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Capture {
    /// `Captured`, or all there is to say.
    lead: String,
    at: Option<Moment>,
    words: String,
    /// The last look that found the post again, if it was on a later day.
    still_there: Option<Moment>,
}

/// The state in a word, for lists; empty where the post is simply there.
pub(super) fn short(state: State, has_content: bool) -> &'static str {
    match state {
        State::Live => "",
        State::Deleted => "deleted",
        State::AccountDeleted => "account deleted",
        State::Suspended => "account suspended",
        State::Private => "private",
        State::LoginRequired => "asks for a login",
        State::AgeRestricted => "age-restricted",
        State::GeoBlocked => "not shown in this country",
        State::Unavailable => "unavailable",
        State::Unknown if has_content => "not verified",
        State::Unknown => "not captured",
    }
}

/// The state's class in the style sheet.
pub(super) fn class(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Unknown => "unknown",
        state if state.is_gone() => "gone",
        _ => "withheld",
    }
}

/// The notice above the post, where one is due.
pub(super) fn notice(view: &PostView, platform: &str) -> Option<Notice> {
    let name = short_platform(platform);
    let (kind, title, since_words) = match view.state {
        State::Live if view.content.is_some() => return None,
        State::Live => ("withheld", "Still there".to_owned(), "seen on"),
        State::Deleted => ("gone", "Deleted".to_owned(), "seen gone on"),
        State::AccountDeleted => ("gone", "Account deleted".to_owned(), "seen gone on"),
        State::Suspended => ("gone", "Account suspended".to_owned(), "seen gone on"),
        State::Private => ("withheld", "Private".to_owned(), "not shown to strangers, seen on"),
        State::LoginRequired => ("withheld", format!("{name} asks for a login"), "seen on"),
        State::AgeRestricted => ("withheld", "Age-restricted".to_owned(), "seen on"),
        State::GeoBlocked => ("withheld", "Not shown in this country".to_owned(), "seen on"),
        State::Unavailable => ("withheld", "Unavailable".to_owned(), "seen on"),
        State::Unknown if view.content.is_some() => ("unknown", "Not verified".to_owned(), "last tried on"),
        State::Unknown => ("unknown", "Not captured".to_owned(), "last tried on"),
    };
    let since = match view.state {
        State::Unknown => view.last_looked_at.filter(|_| why(view).is_some()),
        _ => view.state_since,
    };
    let mut words = match view.state {
        State::Unavailable => format!("{name} gives no reason: deleted, private and mistyped posts look alike there. "),
        State::Unknown => match why(view) {
            Some(why) => format!("{name} could not be read: {why}. Whether the post still exists is not known. "),
            None => format!("{name} has not told of it yet. Whether the post still exists is not known. "),
        },
        _ => String::new(),
    };
    words.push_str(match (&view.content, view.via) {
        (None, _) => "None of its content could be kept.",
        (Some(_), None | Some(Via::Quoted)) => {
            "Shown is what the article itself quotes; the platform has not confirmed these words."
        }
        (Some(_), Some(Via::Memento)) => "Shown is what a web archive kept of it.",
        (Some(_), Some(Via::Import)) => {
            "Shown is what an imported export says of it; the platform has not confirmed it."
        }
        (Some(_), Some(_)) if view.state.is_gone() => "Shown is what was captured while it existed.",
        (Some(_), Some(_)) => "Shown is what was captured before.",
    });
    Some(Notice { kind, title, since_words, since: since.map(Moment::day_of), words })
}

/// The line below the post.
pub(super) fn capture(view: &PostView, platform: &str) -> Option<Capture> {
    view.content.as_ref()?;
    let name = short_platform(platform);
    let words = match view.via {
        None | Some(Via::Quoted) => return Some(quoted_by_article()),
        Some(Via::Api) => format!("from {name}’s public API"),
        Some(Via::Syndication) => format!("from {name}’s data for embedded posts"),
        Some(Via::Oembed) => format!("from {name}’s oEmbed answer"),
        Some(Via::EmbedPage) => format!("from {name}’s embed page"),
        Some(Via::PageMeta) => "from the post’s own page".to_owned(),
        Some(Via::Memento) => match &view.memento {
            Some(memento) => format!("from a web archive’s copy of {}", When::Instant(memento.archived_at).day()),
            None => "from a web archive’s copy".to_owned(),
        },
        Some(Via::Import) => "in an export that was imported; not verified".to_owned(),
    };
    let words = if view.login { format!("{words}, with a login") } else { words };
    // Without a day of its own the words came with the post around them, which says where from.
    let at = view.captured_at?;
    let still_there =
        view.last_seen_at.filter(|seen| When::Instant(*seen).day() > When::Instant(at).day()).map(Moment::day_of);
    Some(Capture { lead: "Captured".to_owned(), at: Some(Moment::day_of(at)), words, still_there })
}

/// The line below words that only the article vouches for.
pub(super) fn quoted_by_article() -> Capture {
    Capture {
        lead: "Words quoted from the article itself; not verified".to_owned(),
        at: None,
        words: String::new(),
        still_there: None,
    }
}

/// The notice above an embed that never led to a post.
pub(super) fn no_post(reason: &str, quoted: bool) -> Notice {
    let words = if quoted {
        format!("{reason} Shown is what the article itself quotes; no platform has confirmed these words.")
    } else {
        format!("{reason} None of its content could be kept.")
    };
    let title = if quoted { "Not verified" } else { "Not captured" };
    Notice { kind: "unknown", title: title.to_owned(), since_words: "", since: None, words }
}

/// Why the last look at the platform learnt nothing.
fn why(view: &PostView) -> Option<String> {
    Some(match view.last_failure.as_ref()? {
        Failure::RateLimited { .. } => "it asked to come back later".to_owned(),
        Failure::Resting { .. } => "it is being left alone for a while".to_owned(),
        Failure::Http { status } => format!("it answered with status {status}"),
        Failure::Network { detail } => format!("no answer came ({detail})"),
        Failure::Refused { detail } => format!("it may not be asked ({detail})"),
        Failure::Blocked => "it answered with a challenge page".to_owned(),
        Failure::TooLarge => "its answer was too large".to_owned(),
        Failure::Drift { .. } => "its answer was not in a form that is known".to_owned(),
        Failure::Unresolved { detail } | Failure::NotArchived { detail } => detail.clone(),
        Failure::NoRoute => "no way of asking it is known".to_owned(),
    })
}
