//! The two last routes: oEmbed, which tells only who wrote a post, and the meta tags of its page, which hold the text.
//!
//! Shapes: Mastodon's oEmbed documentation and its templates `statuses/_og_*` and `StatusesHelper` (stored versions).

use super::urls;
use crate::{
    html,
    http::Response,
    model::{Author, Media, MediaKind, Post, PostRef, When},
    platforms::{
        Drift, address,
        meta_tags::{MetaTags, name_and_handle},
        oembed::OEmbed,
    },
};
use jiff::Timestamp;

/// The route's name in a drift.
const AT_OEMBED: &str = "api/oembed";

/// Who wrote a post, as oEmbed tells, with no word of it.
///
/// # Errors
/// [`Drift`] where the answer is no oEmbed or names nobody.
pub(super) fn read_oembed(asked: &PostRef, response: &Response) -> Result<Post, Drift> {
    let embed = OEmbed::read(response, AT_OEMBED)?;
    if embed.is_anothers(asked) {
        return Err(Drift::new(AT_OEMBED, format!("another post than {asked}")));
    }
    let handle = embed.handle().or_else(|| asked.author.clone());
    let Some(handle) = handle.filter(|_| embed.author_name.is_some() || embed.author_url.is_some()) else {
        return Err(Drift::new(AT_OEMBED, "no author_name and author_url"));
    };
    let author = Author { handle: handle.clone(), name: embed.author_name, url: embed.author_url, ..Author::default() };
    let mut post = Post::new(PostRef { author: Some(handle), ..asked.clone() }, author, "");
    post.published = time_in_id(asked);
    // The words are missing, not empty.
    post.truncated = true;
    Ok(post)
}

/// A post as the tags of its page tell it. None where they name no author, or say nothing.
pub(super) fn read(asked: &PostRef, response: &Response) -> Option<Post> {
    let meta = MetaTags::read(&html::parse(&response.text()));
    let (name, in_title) = name_and_handle(meta.get(&["og:title"]).unwrap_or_default());
    let named = meta.get(&["profile:username"]).map(str::to_owned).or(in_title);
    let time = meta.get(&["og:published_time"]).or_else(|| meta.get(&["article:published_time"]));
    if !is_of(asked, response, &meta, named.is_some() || time.is_some()) {
        return None;
    }
    let handle = local(asked, &named.or_else(|| asked.author.clone())?);
    let description = meta.get(&["og:description"]).unwrap_or_default();
    let parts = Parts::of(description);
    let media = media(&meta);
    if parts.text.is_empty() && parts.warning.is_none() && media.is_empty() {
        return None;
    }
    let author = Author {
        name,
        avatar: meta.get(&["og:image"]).filter(|url| is_avatar(url)).map(str::to_owned),
        handle: handle.clone(),
        ..Author::default()
    };
    let mut post = Post::new(PostRef { author: Some(handle), ..asked.clone() }, author, parts.text);
    post.published = time.and_then(When::parse).or_else(|| time_in_id(asked));
    // Behind a warning the tags keep the words back, and a long text ends in dots.
    post.truncated = post.text.is_empty() || post.text.ends_with('\u{2026}');
    post.sensitive = parts.warning.is_some();
    post.warning = parts.warning;
    post.media = media;
    Some(post)
}

/// Whether the page is that of the very post: a server that is gone leaves its name to sellers of names, and one that
/// has lost the post may lead to its author's profile; both have tags, too.
fn is_of(asked: &PostRef, response: &Response, meta: &MetaTags, is_signed: bool) -> bool {
    let Some((_, number)) = urls::server_and_number(asked) else { return false };
    let holds = |url: &str| url.split(['/', '?', '#', '=', '&']).any(|part| part == number);
    let own = meta.get(&["og:url"]).is_some_and(holds);
    let profile = meta.get(&["og:type"]) == Some("profile");
    let another = meta.get(&["og:url"]).is_some_and(|url| address::is_anothers(asked, [url]));
    own || (is_signed && !another && !profile && holds(response.url.as_str()))
}

/// When a post was made, by its number: the upper bits count milliseconds (local ids of Mastodon and Truth Social,
/// checked against recordings). Of a remote post it is when this server saw it, seconds later.
fn time_in_id(post: &PostRef) -> Option<When> {
    const FIRST_MS: i64 = 1_451_606_400_000; // 2016, when Mastodon began
    const LAST_MS: i64 = 4_102_444_800_000; // 2100
    let (_, number) = urls::server_and_number(post)?;
    let ms = number.parse::<i64>().ok()? >> 16;
    let known = matches!(post.platform.as_str(), "mastodon" | "truthsocial") && (FIRST_MS..LAST_MS).contains(&ms);
    known.then(|| Timestamp::from_millisecond(ms).ok().map(When::Instant))?
}

/// A handle without the host that the post is on.
fn local(asked: &PostRef, handle: &str) -> String {
    let handle = handle.trim_start_matches('@');
    match (handle.split_once('@'), urls::server_and_number(asked)) {
        (Some((user, host)), Some((server, _))) if host.eq_ignore_ascii_case(server) => user.to_owned(),
        _ => handle.to_owned(),
    }
}

/// A description as Mastodon composes it: `Attached: 1 image · Content warning: …`, a blank line, the words.
#[derive(Default)]
struct Parts {
    text: String,
    warning: Option<String>,
}

impl Parts {
    /// English only; other languages of servers are taken as words of the post.
    fn of(description: &str) -> Self {
        let (head, rest) = description.split_once("\n\n").unwrap_or((description, ""));
        let mut parts = Self::default();
        let mut known = false;
        for piece in head.split(" \u{b7} ") {
            if let Some(warning) = piece.strip_prefix("Content warning: ") {
                parts.warning = Some(warning.trim().to_owned());
                known = true;
            } else {
                known |= piece.starts_with("Attached: ");
            }
        }
        parts.text = if known { rest } else { description }.trim().to_owned();
        parts
    }
}

fn is_avatar(url: &str) -> bool {
    url.contains("/avatars/") || url.contains("/avatar/") || url.contains("avatar.")
}

fn media(meta: &MetaTags) -> Vec<Media> {
    let films = meta.all("og:video").map(|url| Media::new(MediaKind::Video, url));
    let sounds = meta.all("og:audio").map(|url| Media::new(MediaKind::Audio, url));
    let has_film = meta.get(&["og:video"]).is_some();
    let kind = if has_film { MediaKind::Poster } else { MediaKind::Image };
    let pictures = meta.all("og:image").filter(|url| !is_avatar(url)).map(move |url| Media::new(kind, url));
    let alt = meta.get(&["og:image:alt"]).map(str::to_owned);
    let mut media: Vec<Media> = films.chain(sounds).chain(pictures).collect();
    if let [one] = media.as_mut_slice() {
        one.alt = alt;
    }
    media
}
