//! Reads ActivityPub objects: Note, Question, Article, Page, Video and their kin, and the actors who wrote them.
//!
//! Shapes: ActivityStreams 2.0, and objects of Mastodon, Pleroma, Misskey, Friendica, Lemmy, PeerTube and WordPress
//! recorded from 2018 to 2026. A property may be a string, an object or a list of either; all are read.

use super::super::address;
use super::{attached, content, urls};
use crate::model::{Author, Poll, PollOption, Post, PostRef, Related, When};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

/// Options of a poll.
const MAX_OPTIONS: usize = 64;

/// What an answer to an ActivityPub request is.
pub(super) enum Object<'a> {
    /// Something that was written or filmed.
    Post(&'a Value),
    /// The server's word that it was deleted.
    Tombstone,
    /// JSON of another kind: an actor, a collection, an error.
    Other,
}

/// What the JSON is; an activity (`Create`, `Update`) stands for the object in it.
pub(super) fn kind(json: &Value) -> Object<'_> {
    let json = match type_of(json) {
        "Create" | "Update" if json["object"].is_object() => &json["object"],
        _ => json,
    };
    match type_of(json) {
        "Tombstone" => Object::Tombstone,
        "Note" | "Question" | "Article" | "Page" | "Video" | "Audio" | "Image" | "Event" | "Document"
        | "ChatMessage" => Object::Post(json),
        _ => Object::Other,
    }
}

/// Whether JSON is about another post than the one asked for: an object of another server than those that were asked, on
/// whose word it can't be taken, or one whose every address names another post.
pub(super) fn is_anothers(asked: &PostRef, json: &Value, answered: &Url) -> bool {
    let objects = [json, &json["object"]];
    let foreign = |object: &Value| {
        let host =
            object["id"].as_str().and_then(|id| Url::parse(id).ok()).and_then(|id| Some(id.host_str()?.to_owned()));
        host.is_some_and(|host| ![answered, &asked.url].into_iter().any(|url| urls::is_near(&host, url)))
    };
    let addresses = objects.into_iter().flat_map(|object| {
        let id = object["id"].as_str().map(str::to_owned);
        id.into_iter().chain(attached::address(&object["url"]))
    });
    let addresses: Vec<String> = addresses.collect();
    objects.into_iter().any(foreign) || address::is_anothers(asked, addresses.iter().map(String::as_str))
}

fn type_of(json: &Value) -> &str {
    let kind = &json["type"];
    kind.as_str().or_else(|| kind[0].as_str()).unwrap_or_default()
}

/// The post of an object, under the name that it was asked by; the author as far as the object tells (an address).
/// None where it has neither words nor files.
pub(super) fn read(asked: &PostRef, object: &Value) -> Option<Post> {
    let kind = type_of(object);
    let is_note = matches!(kind, "Note" | "Question" | "ChatMessage");
    let quoted = read_quote(object);
    let words = read_words(object, is_note, quoted.is_some());
    let media = attached::media(kind, object);
    if words.text.is_empty() && media.is_empty() && object["published"].is_null() {
        return None;
    }
    let author = author_of(object, asked);
    let handle = Some(author.handle.clone()).filter(|handle| !handle.is_empty());
    let post = PostRef { author: handle.or_else(|| asked.author.clone()), ..asked.clone() };
    let mut post = Post::new(post, author, words.text);
    post.text_html = words.html;
    post.published = object["published"].as_str().and_then(When::parse);
    // PeerTube moves `updated` for every change around the video, so there it is no edit.
    post.edited = timestamp(&object["updated"]).filter(|_| !matches!(kind, "Video" | "Audio"));
    post.lang = read_lang(object);
    post.media = media;
    post.quoted = quoted;
    post.reply_to =
        first_id(&object["inReplyTo"]).and_then(|id| urls::object(&id)).map(|post| Related { post, content: None });
    post.poll = read_poll(object);
    post.card = attached::card(object);
    post.sensitive = object["sensitive"].as_bool() == Some(true);
    // Of an article it is an abstract, of a note a warning put before it.
    post.warning = text(&object["summary"]).filter(|_| is_note).map(|html| crate::html::fragment_text(&html));
    for (name, field) in [("likes", "likes"), ("reposts", "shares"), ("replies", "replies"), ("views", "views")] {
        if let Some(count) = object[field]["totalItems"].as_u64().or_else(|| object[field].as_u64()) {
            post.counts.insert(name.to_owned(), count);
        }
    }
    Some(post)
}

/// The address of who wrote an object: a person before the channel or group that it was put in.
pub(super) fn actor_url(object: &Value) -> Option<Url> {
    let attributed = if object["attributedTo"].is_null() { &object["actor"] } else { &object["attributedTo"] };
    let person = attributed.as_array().and_then(|all| all.iter().find(|one| one["type"] == "Person"));
    let id = first_id(person.unwrap_or(attributed))?;
    Url::parse(&id).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The author as an actor document tells. None where it is none.
pub(super) fn read_actor(asked: &PostRef, actor: &Value) -> Option<Author> {
    let username = text(&actor["preferredUsername"])?;
    let id = text(&actor["id"])?;
    let host = Url::parse(&id).ok()?.host_str()?.to_owned();
    let own = urls::server_and_number(asked).is_some_and(|(server, _)| server == host);
    Some(Author {
        handle: if own { username } else { format!("{username}@{host}") },
        name: text(&actor["name"]),
        url: attached::address(&actor["url"]).or_else(|| Some(id.clone())),
        avatar: attached::largest(&actor["icon"]),
        id: Some(id),
    })
}

/// The author as far as the object's own words go: the address, and its last part as handle.
fn author_of(object: &Value, asked: &PostRef) -> Author {
    let Some(url) = actor_url(object) else {
        return Author { handle: asked.author.clone().unwrap_or_default(), ..Author::default() };
    };
    let last = url.path_segments().and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let handle = asked.author.clone().or_else(|| last.map(|last| last.trim_start_matches('@').to_owned()));
    Author {
        id: Some(url.to_string()),
        handle: handle.unwrap_or_default(),
        url: Some(url.to_string()),
        ..Author::default()
    }
}

fn read_words(object: &Value, is_note: bool, quote_is_known: bool) -> content::Words {
    let of_map = || object["contentMap"].as_object().and_then(|map| map.values().find_map(Value::as_str));
    let raw = object["content"].as_str().or_else(of_map).unwrap_or_default();
    let words = match object["mediaType"].as_str() {
        Some("text/markdown" | "text/plain") => content::read_plain(raw),
        _ => content::read(raw, quote_is_known),
    };
    match text(&object["name"]).filter(|_| !is_note) {
        Some(title) => content::titled(&title, &words),
        None => words,
    }
}

/// A string that says something.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    match When::parse(value.as_str()?)? {
        When::Instant(at) => Some(at),
        When::Day(_) => None,
    }
}

/// The id that a property names: itself, that of an object, or the first of a list.
fn first_id(value: &Value) -> Option<String> {
    let one = if value.is_array() { &value[0] } else { value };
    text(one).or_else(|| text(&one["id"]))
}

fn read_lang(object: &Value) -> Option<String> {
    let of_map = object["contentMap"].as_object().and_then(|map| {
        let same = map.iter().find(|(_, words)| **words == object["content"]);
        same.or_else(|| map.iter().next().filter(|_| map.len() == 1)).map(|(lang, _)| lang.clone())
    });
    of_map
        .or_else(|| text(&object["language"]["identifier"]))
        .or_else(|| text(&object["language"]))
        .filter(|lang| lang != "und")
}

/// The quoted post: Mastodon's `quote` (4.5), `quoteUri` and `quoteUrl` of forks, Misskey's own, or a link that says so
/// (FEP-e232). A deleted quote is a Tombstone, and no name is left of it.
fn read_quote(object: &Value) -> Option<Related> {
    let plain = ["quote", "_misskey_quote", "quoteUri", "quoteUrl"].iter().find_map(|name| {
        let value = &object[*name];
        first_id(value).filter(|_| type_of(value) != "Tombstone")
    });
    let tagged = || {
        let is_quote = |tag: &&Value| tag["rel"].as_str().is_some_and(|rel| rel.contains("quote"));
        object["tag"].as_array()?.iter().find(is_quote).and_then(|tag| text(&tag["href"]))
    };
    let post = urls::object(&plain.or_else(tagged)?)?;
    Some(Related { post, content: None })
}

fn read_poll(object: &Value) -> Option<Poll> {
    let (options, multiple) = match (object["oneOf"].as_array(), object["anyOf"].as_array()) {
        (Some(options), _) if !options.is_empty() => (options, false),
        (_, Some(options)) if !options.is_empty() => (options, true),
        _ => return None,
    };
    let read = |option: &Value| {
        let votes = option["replies"]["totalItems"].as_u64();
        Some(PollOption { label: option["name"].as_str()?.to_owned(), votes })
    };
    Some(Poll {
        options: options.iter().take(MAX_OPTIONS).filter_map(read).collect(),
        ends: timestamp(&object["endTime"]).or_else(|| timestamp(&object["closed"])),
        multiple,
    })
}
