//! Reads the post's own page, `/p/CODE/`, as far as it is shown to strangers.
//!
//! Best first: the post as JSON in a script, of three generations (`shortcode_media`, recorded 2020; the mobile API's
//! item under `…shortcode__web_info` or `if_not_gated_logged_out`, by public code of 2025 and 2026); then the tags for
//! link previews (recorded 2020 and 2024): `Name on Instagram: "caption"` as title,
//! `N likes, M comments - handle on DATE: "caption"` as description.

use super::super::{meta_tags::MetaTags, page_state};
use super::{data, urls};
use crate::html;
use crate::http::Response;
use crate::model::{Author, Media, MediaKind, Post, PostRef};
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// What the page says.
pub(super) enum Reading {
    /// The post.
    Post(Box<Post>),
    /// Shown to members only.
    LoginRequired,
    /// "Sorry, this page isn't available": deleted, private or never there.
    Unavailable,
    /// None of the known shapes.
    Unknown,
}

/// `Name on Instagram: "caption"`, in any language: a word or two, the platform's name, a colon, quotes.
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)^\s*(?P<name>.+?)\s+\S{1,12}\s+Instagram\s*[:：]\s*["“„«「](?P<text>.*)["”“»」]\s*$"#)
        .expect("the pattern is a constant")
});

/// The quoted caption at the end of a description.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?s)[:：]\s*["“„«「](?P<text>.*)["”“»」][.\s]*$"#).expect("the pattern is a constant")
});

/// `… - handle on May 29, 2021: "…`.
static HANDLE_IN_DESCRIPTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s[-–—]\s+@?(?P<handle>[A-Za-z0-9._]{1,30})\s").expect("the pattern is a constant"));

/// `Name (@handle)`.
static HANDLE_IN_BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?P<name>.*?)\s*\(@(?P<handle>[A-Za-z0-9._]{1,30})\)").expect("the pattern is a constant")
});

/// `1,234 likes, 56 comments` in English; `12K` is no number.
static COUNTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(?P<likes>[\d.,]+[KMB]?) likes?, (?P<comments>[\d.,]+[KMB]?) comments?")
        .expect("the pattern is a constant")
});

/// Reads the page of this post.
pub(super) fn read(post: &PostRef, answer: &Response) -> Reading {
    let text = answer.text();
    if let Some(found) = stated(post, &text) {
        return Reading::Post(Box::new(found));
    }
    if let Some(found) = previewed(post, &MetaTags::read(&html::parse(&text))) {
        return Reading::Post(Box::new(found));
    }
    let shared = page_state::value_after(&text, "window._sharedData = ").unwrap_or_default();
    let kinds = &shared["entry_data"];
    let gate = page_state::values_named(&text, "xig_polaris_media").next();
    if kinds["LoginAndSignupPage"].is_array() || gate.is_some() {
        return Reading::LoginRequired;
    }
    if kinds["HttpErrorPage"].is_array() {
        return Reading::Unavailable;
    }
    Reading::Unknown
}

/// The post as a script of the page states it.
fn stated(post: &PostRef, text: &str) -> Option<Post> {
    let graph = ["shortcode_media", "xdt_shortcode_media"].into_iter();
    let mut graph = graph.flat_map(|name| page_state::values_named(text, name));
    if let Some(found) = graph.find_map(|media| data::graph(post, &media)) {
        return Some(found);
    }
    let items = ["if_not_gated_logged_out", "xdt_api__v1__media__shortcode__web_info"].into_iter();
    let mut items = items.flat_map(|name| page_state::values_named(text, name));
    items.find_map(|value| {
        let inner = if value["items"].is_array() { &value["items"][0] } else { &value };
        data::item(post, inner)
    })
}

/// The post as the page's tags preview it. They must name this very post: login pages have tags too.
fn previewed(post: &PostRef, tags: &MetaTags) -> Option<Post> {
    let named = [tags.get(&["og:url"]), tags.get(&["al:android:url"])];
    if !named.iter().flatten().any(|url| url.split(['/', '?']).any(|part| part == post.id)) {
        return None;
    }
    let title = tags.get(&["og:title"]).unwrap_or_default();
    let description = tags.get(&["og:description", "description"]).unwrap_or_default();
    let title = TITLE.captures(title);
    let said = SAID.captures(description);
    let text = title.as_ref().or(said.as_ref()).and_then(|found| found.name("text")).map_or("", |text| text.as_str());
    let after_counts = description.split_once(" - ").map_or("", |(_, rest)| rest);
    let bracketed = [tags.get(&["twitter:title"]).unwrap_or_default(), after_counts]
        .iter()
        .find_map(|text| HANDLE_IN_BRACKETS.captures(text));
    let handle =
        bracketed.as_ref().and_then(|found| found.name("handle")).map(|handle| handle.as_str().to_owned()).or_else(
            || {
                let handle = HANDLE_IN_DESCRIPTION.captures(description)?["handle"].to_owned();
                urls::is_handle(&handle).then_some(handle)
            },
        );
    let name = title.as_ref().map(|found| found["name"].to_owned()).or_else(|| Some(bracketed?["name"].to_owned()));
    let author = Author {
        id: tags.get(&["instapp:owner_user_id"]).map(str::to_owned),
        url: handle.as_ref().map(|handle| format!("https://www.instagram.com/{handle}/")),
        handle: handle.unwrap_or_default(),
        name: name.filter(|name| !name.is_empty()),
        avatar: None,
    };
    let mut found = Post::new(post.clone(), author, text.trim());
    found.published = data::published(post, &Value::Null);
    let picture = tags.get(&["og:image"]).map(str::to_owned);
    if let Some(film) = tags.get(&["og:video:secure_url", "og:video"]) {
        found.media.push(Media::new(MediaKind::Video, film));
        found.media.extend(picture.map(|url| Media::new(MediaKind::Poster, url)));
    } else {
        found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    }
    if let Some(counts) = COUNTS.captures(description) {
        let exact = |name: &str| counts[name].replace(',', "").parse::<u64>().ok();
        found.counts.extend(exact("likes").map(|n| ("likes".to_owned(), n)));
        found.counts.extend(exact("comments").map(|n| ("replies".to_owned(), n)));
    }
    let empty = found.text.is_empty() && found.media.is_empty();
    let nobody = found.author.handle.is_empty() && found.author.name.is_none();
    (!empty && !nobody).then_some(found)
}
