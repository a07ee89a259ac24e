//! Telegram: messages of public channels, named by channel and number.
//!
//! | what | where |
//! |---|---|
//! | URLs, markup | this file |
//! | which pages are asked, and what answers without a message mean | `plan` |
//! | a message as its widget shows it | `message` |
//! | its files | `media` |
//! | the tags of the page around the widget | `wrapper` |
//!
//! Its embed code is a script that holds the name alone, no words. `/c/…` are private channels: named, never shown.

mod media;
mod message;
mod plan;
mod wrapper;

use super::{Drift, Host, Markup, Needles, Platform, Samples, Step};
use crate::html::attr;
use crate::http::Exchange;
use crate::model::{Form, PostRef, Quoted, Target};
use scraper::ElementRef;
use url::Url;

const PLATFORM: &str = "telegram";
const HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];
/// First parts of a path that are no channel.
const RESERVED: [&str; 16] = [
    "share",
    "joinchat",
    "proxy",
    "socks",
    "addstickers",
    "addemoji",
    "addtheme",
    "addlist",
    "login",
    "iv",
    "setlanguage",
    "confirmphone",
    "bg",
    "contact",
    "boost",
    "invoice",
];

/// Telegram.
pub(super) struct Telegram;

impl Platform for Telegram {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://t.me/some_channel/43", "some_channel/43"),
                ("http://t.me/some_channel/43/?single", "some_channel/43"),
                ("https://t.me/some_channel/43?embed=1&mode=tme", "some_channel/43"),
                ("https://t.me/s/some_channel/43", "some_channel/43"),
                ("https://t.me/some_channel/7/43", "some_channel/43"),
                ("https://some_channel.t.me/43", "some_channel/43"),
                ("https://telegram.me/some_channel/43", "some_channel/43"),
                ("https://t.me/c/1234567890/43", "c/1234567890/43"),
                ("https://t.me/c/1234567890/7/43", "c/1234567890/43"),
                ("tg://resolve?domain=some_channel&post=43", "some_channel/43"),
            ],
            others: &[
                "https://t.me/some_channel",
                "https://t.me/s/some_channel",
                "https://t.me/+AbCdEfGhIjKlMnOp",
                "https://t.me/joinchat/43",
                "https://t.me/share/url?url=https%3A%2F%2Fnews.example",
                "https://t.me/some_channel/0",
                "https://t.me/addstickers/43",
                "https://at.me/some_channel/43",
                "https://t.me.evil.example/some_channel/43",
                "tg://resolve?domain=some_channel",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("t"), Host::parts("telegram", &["share", "joinchat"])];
        Needles { hosts: HOSTS, words: &[], marks: &["telegram-post"] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        if url.scheme() == "tg" {
            let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value);
            let is_resolve = url.host_str() == Some("resolve");
            return is_resolve.then(|| message(&value("domain")?, &value("post")?)).flatten().map(Target::Post);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        let host = url.host_str()?.trim_end_matches('.');
        let host = host.strip_prefix("www.").unwrap_or(host);
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).take(5).collect();
        if let Some(channel) = host.strip_suffix(".t.me") {
            return message(channel, parts.first()?).map(Target::Post);
        }
        if !HOSTS.contains(&host) {
            return None;
        }
        match parts[..] {
            ["c", channel, number] | ["c", channel, _, number] => private(channel, number),
            ["s", channel, number] | [channel, number] => message(channel, number),
            [channel, topic, number] if digits(topic) => message(channel, number),
            _ => None,
        }
        .map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        let named = attr(element, "data-telegram-post")?;
        let (channel, number) = named.trim_matches('/').split_once('/')?;
        let form = if element.value().name() == "script" { Form::Script } else { Form::DataAttr };
        let number = number.split(['?', '/']).next().unwrap_or_default();
        Some(Markup { form, target: Target::Post(message(channel, number)?), quoted: Quoted::default() })
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        Ok(plan::next(post, exchanges))
    }
}

/// The message that an address on Telegram's own hosts names.
fn named(address: &str) -> Option<PostRef> {
    super::address::named(PLATFORM, address)
}

/// A message of a public channel. Channels' names are case-insensitive: so is the id; the address is as it was written.
fn message(channel: &str, number: &str) -> Option<PostRef> {
    let is_name = (3..=32).contains(&channel.len())
        && channel.starts_with(|c: char| c.is_ascii_alphabetic())
        && channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&channel);
    let post = (is_name && digits(number)).then(|| at(&format!("{channel}/{number}"), Some(channel)))??;
    Some(PostRef { id: post.id.to_ascii_lowercase(), ..post })
}

fn private(channel: &str, number: &str) -> Option<PostRef> {
    (digits(channel) && digits(number)).then(|| at(&format!("c/{channel}/{number}"), None)).flatten()
}

fn at(id: &str, channel: Option<&str>) -> Option<PostRef> {
    let url = Url::parse(&format!("https://t.me/{id}")).ok()?;
    Some(PostRef { platform: PLATFORM.to_owned(), id: id.to_owned(), author: channel.map(str::to_owned), url })
}

/// Whether this is a number as messages have: none begins with a zero.
fn digits(text: &str) -> bool {
    (1..=20).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}
