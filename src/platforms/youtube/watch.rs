//! Reads the watch page: the player's own answer inside it, else its meta tags.
//!
//! `ytInitialPlayerResponse` holds playabilityStatus, videoDetails and microformat (recorded 2024). The reasons are
//! sentences in the page's language, so the plan asks for English; an unknown sentence proves nothing.

use super::super::{meta_tags::MetaTags, oembed, page_state};
use crate::html;
use crate::http::Response;
use crate::model::{Gone, When, Withheld};
use serde_json::Value;

const STATE: &str = "ytInitialPlayerResponse = ";

/// What the page says of a video.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Watch {
    pub(super) title: Option<String>,
    pub(super) author_name: Option<String>,
    pub(super) author_id: Option<String>,
    pub(super) author_handle: Option<String>,
    pub(super) author_url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) published: Option<When>,
    pub(super) duration_ms: Option<u64>,
    pub(super) views: Option<u64>,
    pub(super) likes: Option<u64>,
    pub(super) thumbnail: Option<String>,
    pub(super) sensitive: bool,
}

/// What came of asking for the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The video's own page.
    Video(Box<Watch>),
    /// The page says that the video no longer exists.
    Gone(Gone),
    /// The page says why it shows nothing.
    Withheld(Withheld),
    /// "Sign in to confirm you're not a bot": about us, not about the video.
    Blocked,
    /// A consent wall, or a page that says nothing of this video.
    Nothing,
}

/// Reads the page of the video `id`.
pub(super) fn read(response: &Response, id: &str) -> Reading {
    let text = response.text();
    if let Some(state) = page_state::value_after(&text, STATE) {
        let details = &state["videoDetails"];
        if details["videoId"] == id && details["title"].as_str().is_some_and(|title| !title.trim().is_empty()) {
            return Reading::Video(Box::new(from_state(&state)));
        }
        let is_anothers = details["videoId"].as_str().is_some_and(|own| own != id);
        if let Some(reading) = (!is_anothers).then(|| refusal(&state["playabilityStatus"])).flatten() {
            return reading;
        }
    }
    from_tags(&text, id).map_or(Reading::Nothing, |watch| Reading::Video(Box::new(watch)))
}

fn from_state(state: &Value) -> Watch {
    let details = &state["videoDetails"];
    let micro = &state["microformat"]["playerMicroformatRenderer"];
    let profile = words(&micro["ownerProfileUrl"]).map(|url| url.replacen("http://", "https://", 1));
    let published = ["publishDate", "uploadDate"].iter().find_map(|name| When::parse(micro[name].as_str()?));
    Watch {
        title: words(&details["title"]),
        author_name: words(&details["author"]).or_else(|| words(&micro["ownerChannelName"])),
        author_id: words(&details["channelId"]).or_else(|| words(&micro["externalChannelId"])),
        author_handle: profile.as_deref().and_then(oembed::handle_in),
        author_url: profile,
        description: words(&details["shortDescription"]),
        published,
        duration_ms: number(&details["lengthSeconds"]).filter(|n| *n > 0).and_then(|n| n.checked_mul(1000)),
        views: number(&details["viewCount"]),
        likes: number(&micro["likeCount"]),
        thumbnail: words(&micro["thumbnail"]["thumbnails"][0]["url"]),
        sensitive: micro["isFamilySafe"] == false,
    }
}

/// The player's reason, by its exact fields; never by words elsewhere in the page.
fn refusal(status: &Value) -> Option<Reading> {
    let code = status["status"].as_str()?;
    if code == "OK" {
        return None;
    }
    let screen = &status["errorScreen"]["playerErrorMessageRenderer"];
    let said = [&status["reason"], &screen["reason"], &screen["subreason"], &status["messages"][0]];
    let said: Vec<_> = said.iter().filter_map(|value| spoken(value)).collect();
    let said = said.join(" ").to_lowercase().replace('\u{2019}', "'");
    let has = |words: &str| said.contains(words);
    Some(if has("not a bot") || has("unusual traffic") {
        Reading::Blocked
    } else if has("account associated with this video has been terminated") {
        Reading::Gone(Gone::Suspended)
    } else if has("closed their youtube account") || has("account associated with this video has been closed") {
        Reading::Gone(Gone::AccountDeleted)
    } else if has("video has been removed") {
        Reading::Gone(Gone::Deleted)
    } else if has("video is private") || has("private video") {
        Reading::Withheld(Withheld::Private)
    } else if has("in your country") || has("in your region") || has("in your location") {
        Reading::Withheld(Withheld::GeoBlocked)
    } else if has("confirm your age") || has("age-restricted") || has("inappropriate for some users") {
        Reading::Withheld(Withheld::AgeRestricted)
    } else if code == "LOGIN_REQUIRED" || has("members-only") || has("channel's members") || has("requires payment") {
        Reading::Withheld(Withheld::LoginRequired)
    } else if code == "ERROR" && has("unavailable") {
        Reading::Withheld(Withheld::Unavailable)
    } else {
        return None;
    })
}

fn from_tags(text: &str, id: &str) -> Option<Watch> {
    let tags = MetaTags::read(&html::parse(text));
    let names_it = tags.get(&["identifier", "videoid"]) == Some(id)
        || tags.get(&["og:url", "og:video:url"]).is_some_and(|url| url.contains(id));
    let title = tags.get(&["og:title", "twitter:title", "title"])?;
    names_it.then(|| Watch {
        title: Some(title.to_owned()),
        description: tags.get(&["og:description", "description"]).map(str::to_owned),
        published: tags.get(&["datepublished", "uploaddate"]).and_then(When::parse),
        thumbnail: tags.get(&["og:image"]).map(str::to_owned),
        duration_ms: tags.get(&["duration"]).and_then(duration_ms),
        views: tags.get(&["interactioncount"]).and_then(|n| n.parse().ok()),
        ..Watch::default()
    })
}

/// ISO 8601 as YouTube writes it: `PT2M18S`, `PT1H2M3S`.
fn duration_ms(text: &str) -> Option<u64> {
    let span: jiff::Span = text.parse().ok()?;
    let seconds = span.total(jiff::Unit::Second).ok()?;
    (0.0..1e7).contains(&seconds).then_some((seconds * 1000.0) as u64)
}

fn words(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Text as YouTube's answers write it: alone, as `simpleText`, or in `runs`.
pub(super) fn spoken(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str().or_else(|| value["simpleText"].as_str()) {
        return Some(text.to_owned());
    }
    let runs = value["runs"].as_array()?;
    Some(runs.iter().filter_map(|run| run["text"].as_str()).collect())
}
