//! Reads a status of Mastodon's client API, which Pleroma, GoToSocial, Truth Social and Gab answer too.
//!
//! Shapes: Mastodon's documentation (2026-07), recorded answers (2019 to 2026). `favourited`, `filtered` and the like
//! stand only in answers to a login and are not read.

use super::{content, urls};
use crate::model::{Author, Card, Media, MediaKind, Poll, PollOption, Post, PostRef, Related, When};
use serde_json::Value;

/// A quote in a quote is left to its own capture.
const MAX_QUOTE_DEPTH: u8 = 2;

/// Mastodon allows 4 files, some forks 16 or more.
const MAX_MEDIA: usize = 64;

/// Options of a poll: Mastodon allows 4, forks up to 20.
const MAX_OPTIONS: usize = 64;

/// The post of which this one is a copy: the author is of another server, and the answer names its address there.
pub(super) fn origin(asked: &PostRef, status: &Value) -> Option<PostRef> {
    let (_, home) = status["account"]["acct"].as_str()?.rsplit_once('@')?;
    let (host, _) = urls::server_and_number(asked)?;
    let named = [&status["uri"], &status["url"]].into_iter().filter_map(|address| urls::object(address.as_str()?));
    let mut originals = named.filter(|post| {
        let server = urls::server_and_number(post).map(|(host, _)| host);
        // A server's posts may stand under another name than its people do: `social.tide.example` for `@pat@tide.example`.
        let is_home = server
            .is_some_and(|server| server == home || server.strip_suffix(home).is_some_and(|rest| rest.ends_with('.')));
        is_home && server != Some(host) && post.platform == asked.platform
    });
    originals.next()
}

/// The post of a status, under the name that it was asked by. None where the answer is no status.
pub(super) fn read(asked: &PostRef, status: &Value) -> Option<Post> {
    read_at(asked, status, 0)
}

fn read_at(asked: &PostRef, status: &Value, depth: u8) -> Option<Post> {
    // A boost has no words of its own.
    let status = if status["reblog"].is_object() { &status["reblog"] } else { status };
    let author = read_author(&status["account"])?;
    let quoted = read_quote(asked, status, depth);
    let words = content::read(status["content"].as_str()?, quoted.is_some());
    let post = PostRef { author: Some(author.handle.clone()), ..asked.clone() };
    let mut post = Post::new(post, author, words.text);
    post.text_html = words.html;
    post.published = status["created_at"].as_str().and_then(When::parse);
    post.edited = status["edited_at"].as_str().and_then(|at| at.parse().ok());
    post.lang = text(&status["language"]);
    post.media = status["media_attachments"].as_array().into_iter().flatten().take(MAX_MEDIA).flat_map(media).collect();
    post.quoted = quoted;
    post.reply_to = read_parent(asked, status);
    post.poll = read_poll(&status["poll"]);
    post.card = read_card(&status["card"]);
    post.sensitive = status["sensitive"].as_bool() == Some(true);
    post.warning = text(&status["spoiler_text"]);
    let names = [
        ("likes", "favourites_count"),
        ("replies", "replies_count"),
        ("reposts", "reblogs_count"),
        ("quotes", "quotes_count"),
    ];
    for (name, field) in names {
        if let Some(count) = status[field].as_u64() {
            post.counts.insert(name.to_owned(), count);
        }
    }
    Some(post)
}

/// A string that says something.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn read_author(account: &Value) -> Option<Author> {
    Some(Author {
        id: text(&account["id"]),
        handle: text(&account["acct"]).or_else(|| text(&account["username"]))?,
        name: text(&account["display_name"]),
        url: text(&account["url"]),
        avatar: text(&account["avatar"]).or_else(|| text(&account["avatar_static"])),
    })
}

/// A file, and a video's poster after it. A server that did not fetch a remote file calls it `unknown` and has only
/// the origin's address.
fn media(attachment: &Value) -> Vec<Media> {
    let (copy, origin) = (text(&attachment["url"]), text(&attachment["remote_url"]));
    let Some(url) = copy.or_else(|| origin.clone()) else { return Vec::new() };
    let kind = match attachment["type"].as_str().unwrap_or_default() {
        "image" => MediaKind::Image,
        "video" | "gifv" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        _ => kind_of_name(&url),
    };
    let original = &attachment["meta"]["original"];
    let px = |name: &str| original[name].as_u64().and_then(|px| px.try_into().ok());
    let mut files = vec![Media {
        fallbacks: origin.filter(|origin| *origin != url).into_iter().collect(),
        alt: text(&attachment["description"]),
        width_px: px("width"),
        height_px: px("height"),
        duration_ms: original["duration"].as_f64().and_then(milliseconds),
        mime: text(&attachment["pleroma"]["mime_type"]),
        ..Media::new(kind, url.clone())
    }];
    if kind == MediaKind::Video {
        let poster = text(&attachment["preview_url"]).filter(|preview| *preview != url);
        files.extend(poster.map(|poster| Media::new(MediaKind::Poster, poster)));
    }
    files
}

/// Seconds as a server measures them, where they are a length of something.
fn milliseconds(seconds: f64) -> Option<u64> {
    const DAY_S: f64 = 86_400.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the check")]
    (seconds > 0.0 && seconds < DAY_S).then(|| (seconds * 1000.0).round() as u64)
}

/// What a file is by the ending of its name; a picture where that says nothing.
pub(super) fn kind_of_name(url: &str) -> MediaKind {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "mp4" | "webm" | "mov" | "m4v" | "mkv" | "ogv" | "m3u8" => MediaKind::Video,
        "mp3" | "ogg" | "oga" | "opus" | "wav" | "flac" | "m4a" | "aac" => MediaKind::Audio,
        _ => MediaKind::Image,
    }
}

/// The quoted post. Mastodon (4.4) wraps it with a state and may give only its number; Truth Social, Pleroma and
/// others put the status itself. A revoked or refused quote is not shown, so it isn't kept either.
fn read_quote(asked: &PostRef, status: &Value, depth: u8) -> Option<Related> {
    let candidates = [&status["quote"], &status["pleroma"]["quote"], &status["quoted_status"]];
    let quote = candidates.into_iter().find(|quote| quote.is_object()).unwrap_or(&Value::Null);
    let hidden = quote["state"].as_str().is_some_and(|state| state != "accepted");
    let inner = if quote["quoted_status"].is_object() { &quote["quoted_status"] } else { quote };
    if inner["account"].is_object() && !hidden && depth < MAX_QUOTE_DEPTH {
        let acct = inner["account"]["acct"].as_str();
        let post = urls::sibling(asked, inner["id"].as_str()?, acct)?;
        let content = read_at(&post, inner, depth + 1).map(Box::new);
        return Some(Related { post, content });
    }
    let number = [&quote["quoted_status_id"], &quote["id"], &status["quote_id"], &status["pleroma"]["quote_id"]];
    let number = number.into_iter().find_map(text)?;
    urls::sibling(asked, &number, None).map(|post| Related { post, content: None })
}

/// The post that this one answers, as the server asked numbers it.
fn read_parent(asked: &PostRef, status: &Value) -> Option<Related> {
    let number = text(&status["in_reply_to_id"])?;
    let account = text(&status["in_reply_to_account_id"]);
    let is_target = |one: &&Value| account.is_some() && text(&one["id"]) == account;
    let mentions = status["mentions"].as_array().into_iter().flatten();
    let target = std::iter::once(&status["account"]).chain(mentions).find(is_target);
    let acct = target.and_then(|target| target["acct"].as_str());
    urls::sibling(asked, &number, acct).map(|post| Related { post, content: None })
}

fn read_poll(poll: &Value) -> Option<Poll> {
    let options = poll["options"].as_array()?.iter().take(MAX_OPTIONS);
    let read = |option: &Value| {
        Some(PollOption { label: option["title"].as_str()?.to_owned(), votes: option["votes_count"].as_u64() })
    };
    Some(Poll {
        options: options.filter_map(read).collect(),
        ends: poll["expires_at"].as_str().and_then(|at| at.parse().ok()),
        multiple: poll["multiple"].as_bool() == Some(true),
    })
}

fn read_card(card: &Value) -> Option<Card> {
    Some(Card {
        url: text(&card["url"])?,
        title: text(&card["title"]),
        description: text(&card["description"]),
        image: text(&card["image"]),
        site: text(&card["provider_name"]),
    })
}
