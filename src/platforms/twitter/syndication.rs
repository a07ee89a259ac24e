//! `tweet-result`: the data that X gives to its own embeds. The best route without a login.
//!
//! Shapes of 2023 to 2026 (recordings, and react-tweet's types): lists that would be empty are left out since 2026;
//! tombstones say by words why a post is not there; 404 and `{}` stand for unknown ids, but also for limits on shared
//! addresses, so neither alone proves that a post was deleted.

use super::{address, failure, media, text, token};
use crate::http::{Exchange, Request};
use crate::model::{
    Author, Card, Failure, Gone, Outcome, Poll, PollOption, Post, PostRef, Related, Thread, When, Withheld,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

const ROUTE: &str = "syndication";

/// Ids from this one on carry their time (November 2010); older ones are counted.
const FIRST_SNOWFLAKE: u64 = 30_000_000_000;

/// The zero of the ids' clock, in milliseconds since 1970.
const SNOWFLAKE_EPOCH_MS: u64 = 1_288_834_974_657;

/// A quoted post holds no further quote in what is known; one more level does no harm.
const MAX_DEPTH: u8 = 3;

/// A poll has two to four answers.
const MAX_OPTIONS: usize = 8;

/// What an answer says.
pub(super) enum Reading {
    /// The post, or why it is not there, in the platform's words.
    Known(Box<Outcome>),
    /// No such post, as far as this route knows.
    Missing,
    /// It is there, or was, but not for a stranger; no reason given.
    Withheld,
    /// Nothing was learnt.
    Unread(Failure),
}

/// The request of this route.
pub(super) fn request(post: &PostRef) -> Request {
    let mut url = Url::parse("https://cdn.syndication.twimg.com/tweet-result").expect("the address is a constant");
    let token = token::token(&post.id);
    url.query_pairs_mut().append_pair("id", &post.id).append_pair("token", &token).append_pair("lang", "en");
    Request::get(url)
}

/// Reads the route's answer.
pub(super) fn read(post: &PostRef, exchange: &Exchange) -> Reading {
    let Some(answer) = exchange.response() else { return Reading::Unread(failure(exchange)) };
    match answer.status {
        404 | 410 => return Reading::Missing,
        200..=299 => {}
        _ => return Reading::Unread(failure(exchange)),
    }
    match answer.json() {
        Some(answer) if answer.is_object() => read_json(post, &answer),
        _ => drift("an answer that is not a JSON object"),
    }
}

/// The instant that an id carries.
pub(super) fn time_of(id: &str) -> Option<Timestamp> {
    let id: u64 = id.parse().ok()?;
    if id < FIRST_SNOWFLAKE {
        return None;
    }
    Timestamp::from_millisecond(i64::try_from((id >> 22) + SNOWFLAKE_EPOCH_MS).ok()?).ok()
}

fn drift(detail: impl Into<String>) -> Reading {
    Reading::Unread(Failure::Drift { at: ROUTE.to_owned(), detail: detail.into() })
}

fn known(outcome: Outcome) -> Reading {
    Reading::Known(Box::new(outcome))
}

fn read_json(post: &PostRef, answer: &Value) -> Reading {
    if answer.as_object().is_some_and(serde_json::Map::is_empty) {
        return Reading::Missing;
    }
    match answer["__typename"].as_str() {
        Some("TweetTombstone") => tombstone(answer),
        Some("TweetUnavailable") => unavailable(answer["reason"].as_str().unwrap_or_default()),
        Some("TweetWithVisibilityResults") if answer["tweet"].is_object() => found(post, &answer["tweet"]),
        Some("Tweet") | None => found(post, answer),
        Some(other) => drift(format!("the kind {other:?}, which is not known")),
    }
}

/// The words of tombstones, lower case, with what they mean; the first that is contained counts.
const TOMBSTONES: [(&str, Outcome); 9] = [
    ("deleted by the", Outcome::Gone(Gone::Deleted)),
    ("suspended account", Outcome::Gone(Gone::Suspended)),
    ("account has been suspended", Outcome::Gone(Gone::Suspended)),
    ("no longer exists", Outcome::Gone(Gone::AccountDeleted)),
    ("limits who can view", Outcome::Withheld(Withheld::Private)),
    ("protected", Outcome::Withheld(Withheld::Private)),
    ("age-restricted", Outcome::Withheld(Withheld::AgeRestricted)),
    ("withheld in", Outcome::Withheld(Withheld::GeoBlocked)),
    ("violated the", Outcome::Gone(Gone::Deleted)),
];

/// A tombstone without words stands for posts that only readers with an account see (three clients agree, 2026); one
/// whose words are not known says no more than that.
fn tombstone(answer: &Value) -> Reading {
    let words =
        answer["tombstone"]["text"]["text"].as_str().unwrap_or_default().to_lowercase().replace('\u{2019}', "'");
    match TOMBSTONES.iter().find(|(mark, _)| words.contains(mark)) {
        Some((_, outcome)) => known(outcome.clone()),
        None => Reading::Withheld,
    }
}

/// The reasons that yt-dlp names (2026), there for GraphQL.
fn unavailable(reason: &str) -> Reading {
    match reason {
        "Suspended" => known(Outcome::Gone(Gone::Suspended)),
        "Protected" => known(Outcome::Withheld(Withheld::Private)),
        "NsfwLoggedOut" | "NsfwViewerHasNoStatedAge" => known(Outcome::Withheld(Withheld::AgeRestricted)),
        _ => Reading::Withheld,
    }
}

fn found(asked: &PostRef, answer: &Value) -> Reading {
    // Suspended accounts have been seen as a post without its user (react-tweet, issue 144).
    if answer["text"].is_string() && answer["user"].is_null() {
        return Reading::Withheld;
    }
    let Some(post) = read_post(answer, Some(asked), 0) else {
        return drift("a post without text, or without its author's handle");
    };
    let edits = answer["edit_control"]["edit_tweet_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
    if post.post.id != asked.id && !edits.iter().any(|id| id.as_str() == Some(&asked.id)) {
        return drift(format!("the post {} instead of {}", post.post.id, asked.id));
    }
    known(Outcome::Found(Box::new(post)))
}

/// The post in a value of this shape that came by another way; None where it is another post, or none.
pub(super) fn read_value(post: &PostRef, answer: &Value) -> Option<Post> {
    match read_json(post, answer) {
        Reading::Known(outcome) => match *outcome {
            Outcome::Found(post) => Some(*post),
            _ => None,
        },
        _ => None,
    }
}

/// A post, also a quoted or answered one, whose answers have the same shape.
fn read_post(answer: &Value, asked: Option<&PostRef>, depth: u8) -> Option<Post> {
    if depth > MAX_DEPTH {
        return None;
    }
    let author = author(&answer["user"])?;
    answer["text"].as_str().or_else(|| answer["full_text"].as_str())?;
    let id = answer["id_str"].as_str().or_else(|| asked.map(|post| post.id.as_str()))?;
    let name = address::post(id, Some(&author.handle))?;
    let quoted = related(&answer["quoted_tweet"], depth);
    let words = text::read(answer, quoted.as_ref().map(|related| related.post.id.as_str()));
    let mut post = Post::new(name, author, words.plain);
    post.text_html = Some(words.html).filter(|html| !html.is_empty());
    post.truncated = answer["note_tweet"].is_object();
    post.published =
        answer["created_at"].as_str().and_then(When::parse).or_else(|| time_of(&post.post.id).map(When::Instant));
    post.edited = edited(answer, &post.post.id);
    post.lang = answer["lang"].as_str().and_then(lang);
    post.media = media::read(answer);
    post.quoted = quoted;
    post.reply_to = related(&answer["parent"], depth).or_else(|| reply_to(answer));
    let first = answer["self_thread"]["id_str"].as_str().and_then(|id| address::post(id, Some(&post.author.handle)));
    post.thread = first.map(|first| Thread { first, position: None });
    post.sensitive = answer["possibly_sensitive"].as_bool().unwrap_or(false);
    post.counts = counts(answer);
    let card = &answer["card"];
    if card["name"].as_str().is_some_and(|name| name.contains("poll")) {
        post.poll = poll(card);
    } else if card.is_object() {
        post.card = read_card(card, answer);
    }
    Some(post)
}

fn author(user: &Value) -> Option<Author> {
    let handle = user["screen_name"].as_str().filter(|handle| address::is_handle(handle))?;
    Some(Author {
        id: user["id_str"].as_str().map(str::to_owned),
        handle: handle.to_owned(),
        name: user["name"].as_str().map(text::unescape),
        url: Some(format!("https://x.com/{handle}")),
        avatar: user["profile_image_url_https"].as_str().map(media::full_avatar),
    })
}

/// A post inside the answer; a deleted one may be there as a tombstone, then without content.
fn related(answer: &Value, depth: u8) -> Option<Related> {
    if !answer.is_object() {
        return None;
    }
    if let Some(content) = read_post(answer, None, depth + 1) {
        return Some(Related { post: content.post.clone(), content: Some(Box::new(content)) });
    }
    let handle = answer["user"]["screen_name"].as_str();
    Some(Related { post: address::post(answer["id_str"].as_str()?, handle)?, content: None })
}

fn reply_to(answer: &Value) -> Option<Related> {
    let id = answer["in_reply_to_status_id_str"].as_str()?;
    Some(Related { post: address::post(id, answer["in_reply_to_screen_name"].as_str())?, content: None })
}

/// Every version of an edited post has an id of its own, oldest first in the list.
fn edited(answer: &Value, id: &str) -> Option<Timestamp> {
    let first = answer["edit_control"]["edit_tweet_ids"].get(0)?.as_str()?;
    if first == id { None } else { time_of(id) }
}

/// X's codes that are no language start with `q`, or are `und`, `zxx` and `art`; three are older codes of ISO 639.
pub(super) fn lang(code: &str) -> Option<String> {
    match code {
        "" | "und" | "zxx" | "art" => None,
        "in" => Some("id".to_owned()),
        "iw" => Some("he".to_owned()),
        "ji" => Some("yi".to_owned()),
        code if code.starts_with('q') && code.len() == 3 => None,
        code => Some(code.to_owned()),
    }
}

fn counts(answer: &Value) -> BTreeMap<String, u64> {
    let names = [
        ("likes", "favorite_count"),
        ("replies", "reply_count"),
        ("replies", "conversation_count"),
        ("reposts", "retweet_count"),
        ("quotes", "quote_count"),
    ];
    names.iter().filter_map(|(name, field)| Some(((*name).to_owned(), answer[*field].as_u64()?))).collect()
}

/// One of a card's values: an object by key here, a list of pairs in GraphQL answers.
fn binding<'a>(card: &'a Value, key: &str) -> Option<&'a Value> {
    match &card["binding_values"] {
        Value::Array(list) => list.iter().find(|pair| pair["key"].as_str() == Some(key)).map(|pair| &pair["value"]),
        values => values.get(key),
    }
}

fn string<'a>(card: &'a Value, key: &str) -> Option<&'a str> {
    binding(card, key)?["string_value"].as_str().filter(|value| !value.trim().is_empty())
}

fn poll(card: &Value) -> Option<Poll> {
    let options: Vec<PollOption> = (1..=MAX_OPTIONS)
        .map_while(|number| {
            let label = string(card, &format!("choice{number}_label"))?.to_owned();
            let votes = string(card, &format!("choice{number}_count")).and_then(|count| count.parse().ok());
            Some(PollOption { label, votes })
        })
        .collect();
    let ends = string(card, "end_datetime_utc").and_then(|end| end.parse().ok());
    (!options.is_empty()).then_some(Poll { options, ends, multiple: false })
}

fn read_card(card: &Value, answer: &Value) -> Option<Card> {
    let sent = card["url"].as_str().or_else(|| string(card, "card_url"));
    let space =
        card["name"].as_str().is_some_and(|name| name.contains("audiospace")).then(|| string(card, "id")).flatten();
    let links = answer["entities"]["urls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let expanded =
        links.iter().find(|link| link["url"].as_str() == sent).and_then(|link| link["expanded_url"].as_str());
    let url = match (space, expanded.or(sent)) {
        (Some(id), _) => format!("https://x.com/i/spaces/{id}"),
        (None, Some(url)) => url.to_owned(),
        (None, None) => return None,
    };
    let pictures = [
        "photo_image_full_size_original",
        "summary_photo_image_original",
        "thumbnail_image_original",
        "player_image_original",
    ];
    let image = pictures.iter().find_map(|key| binding(card, key)?["image_value"]["url"].as_str()).map(str::to_owned);
    let owned = |key| string(card, key).map(str::to_owned);
    Some(Card {
        url,
        title: owned("title"),
        description: owned("description"),
        image,
        site: owned("vanity_url").or_else(|| owned("domain")),
    })
}

/// For a post of which only a day is known: the instant that its id carries, where that is the same day in some zone.
pub(super) fn sharpen(day: Option<When>, id: &str) -> Option<When> {
    let Some(at) = time_of(id) else { return day };
    let exact = When::Instant(at);
    match day {
        Some(When::Day(day)) => {
            let apart = (exact.day() - day).get_days().abs();
            Some(if apart <= 1 { exact } else { When::Day(day) })
        }
        Some(known) => Some(known),
        None => Some(exact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_time() {
        assert_eq!(
            time_of("1700000000000000000").map(|at| at.to_string()).as_deref(),
            Some("2023-09-08T04:15:59.129Z")
        );
        assert_eq!(time_of("20"), None);
        assert_eq!(time_of("99999999999999999999"), None);
    }

    #[test]
    fn codes_that_are_no_language_are_none() {
        assert_eq!(lang("zxx"), None);
        assert_eq!(lang("qme"), None);
        assert_eq!(lang("in").as_deref(), Some("id"));
    }
}
