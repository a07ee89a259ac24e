//! The form that narrows a list: a question as an address, so that every state of it can be kept and sent on.

use super::asked::Asked;
use crate::{
    model::{State, Via},
    render::words,
};
use serde::Serialize;

/// What a list can be narrowed by beside its own words, and how it can be sorted.
pub(super) struct Offer {
    pub(super) fields: &'static [&'static str],
    /// Behind a fold, unless one of them is used.
    pub(super) more: &'static [&'static str],
    /// Orders with their words.
    pub(super) sorts: &'static [(&'static str, &'static str)],
}

#[derive(Serialize)]
pub(super) struct Form {
    action: String,
    fields: Vec<Field>,
    more: Vec<Field>,
    /// The fold stands open.
    open: bool,
    /// What is wrong, told once above the list too.
    wrong: Vec<String>,
    /// The list with nothing narrowed, where something is.
    clear: Option<String>,
}

#[derive(Serialize)]
struct Field {
    name: &'static str,
    label: &'static str,
    value: String,
    hint: &'static str,
    wrong: Option<String>,
    /// What can be chosen; a field without choices is written into.
    choices: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

/// The form. `platforms` are those that the archive has.
pub(super) fn form(asked: &Asked, offer: &Offer, platforms: &[String]) -> Form {
    let fields = |names: &[&'static str]| names.iter().map(|name| field(asked, name, offer, platforms)).collect();
    let more: Vec<Field> = fields(offer.more);
    let clear = asked.narrows().then(|| {
        let query = asked.of("q");
        let kept: Vec<(&str, &str)> =
            [("q", query.as_str())].into_iter().filter(|(_, words)| !words.is_empty()).collect();
        super::asked::address(&asked.path, &kept)
    });
    Form {
        action: asked.path.clone(),
        fields: fields(offer.fields),
        open: more.iter().any(|field| !field.value.is_empty() || field.wrong.is_some()),
        more,
        wrong: asked.wrong.iter().map(|(name, why)| format!("{}: {why}", label(name))).collect(),
        clear,
    }
}

fn field(asked: &Asked, name: &'static str, offer: &Offer, platforms: &[String]) -> Field {
    let value = asked.of(name);
    let own = |words: String, value: &str| (value.to_owned(), words);
    let mut known: Vec<(String, String)> = match name {
        "platform" => platforms.iter().map(|id| own(words::platform(id, None), id)).collect(),
        "state" => State::ALL.iter().map(|state| own(state_words(*state).to_owned(), state.as_str())).collect(),
        "via" => Via::ALL.iter().map(|via| own(via_words(*via).to_owned(), via.as_str())).collect(),
        "sort" => offer.sorts.iter().map(|(value, words)| own((*words).to_owned(), value)).collect(),
        _ => Vec::new(),
    };
    let chooses = matches!(name, "platform" | "state" | "via" | "sort");
    if chooses && !value.is_empty() && !known.iter().any(|(choice, _)| *choice == value) {
        known.push((value.clone(), value.clone()));
    }
    if chooses && name != "sort" {
        known.insert(0, (String::new(), "Any".to_owned()));
    }
    let chosen = |choice: &str| choice == value;
    let choices = known.into_iter().map(|(value, words)| Choice { chosen: chosen(&value), value, words }).collect();
    Field { name, label: label(name), hint: hint(name), wrong: asked.wrong_with(name), choices, value }
}

fn label(name: &str) -> &'static str {
    match name {
        "q" => "Words",
        "platform" => "Platform",
        "author" => "Author",
        "site" => "Site",
        "state" => "State",
        "via" => "Captured from",
        "since" => "Captured since",
        "until" => "Captured until",
        "article" => "Article",
        "lang" => "Language",
        "label" => "Label",
        "source" => "Source",
        "reason" => "Reason",
        "sort" => "Order",
        _ => "The address",
    }
}

fn hint(name: &str) -> &'static str {
    match name {
        "author" => "@handle",
        "site" => "news.example",
        "since" | "until" => "2024-08, 3d, monday",
        "article" => "number or address",
        "lang" => "en",
        _ => "",
    }
}

/// What is known of a post, in a word or two.
pub(super) fn state_words(state: State) -> &'static str {
    match state {
        State::Live => "Online",
        State::Deleted => "Deleted",
        State::AccountDeleted => "Account deleted",
        State::Suspended => "Account suspended",
        State::Private => "Private",
        State::LoginRequired => "Behind a login",
        State::AgeRestricted => "Age-restricted",
        State::GeoBlocked => "Blocked in this country",
        State::Unavailable => "Unavailable",
        State::Unknown => "Not verified",
    }
}

/// The style sheet's word for a state.
pub(super) fn state_class(state: State) -> &'static str {
    match state {
        State::Live => "live",
        State::Unknown => "unknown",
        gone if gone.is_gone() => "gone",
        _ => "withheld",
    }
}

/// Where a snapshot came from, in a word or two.
fn via_words(via: Via) -> &'static str {
    match via {
        Via::Api => "Public API",
        Via::Syndication => "Data for embeds",
        Via::Oembed => "oEmbed",
        Via::EmbedPage => "Embed page",
        Via::PageMeta => "The post’s page",
        Via::Memento => "A web archive",
        Via::Import => "An imported export",
        Via::Quoted => "The article’s quote",
    }
}
