//! What the page of a post tells crawlers since 2020: meta tags, JSON-LD. Both must name the very post, for shells and
//! login pages have tags as well.

use super::{address, syndication};
use crate::html::text as words_of;
use crate::model::{Author, Media, MediaKind, Post, PostRef, When};
use crate::platforms::meta_tags::{self, MetaTags};
use crate::platforms::recognize_text;
use scraper::{Html, Selector};
use serde_json::Value;
use std::sync::LazyLock;

/// Blocks of JSON-LD that are read.
const MAX_BLOCKS: usize = 20;

static CANONICAL: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("link[rel=canonical][href]").expect("the selector is a constant"));
static BLOCK: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse(r#"script[type="application/ld+json"]"#).expect("the selector is a constant"));

/// The ends of the titles of a post's page.
const TITLES: [&str; 3] = [" on Twitter", " on X", " / X"];

/// Reads a page's tags.
pub(super) fn read(post: &PostRef, page: &Html) -> Option<Post> {
    page.select(&BLOCK)
        .take(MAX_BLOCKS)
        .filter_map(|block| serde_json::from_str::<Value>(&block.text().collect::<String>()).ok())
        .find_map(|block| posting(post, &block))
        .or_else(|| tags(post, page))
}

/// `SocialMediaPosting`.
fn posting(asked: &PostRef, block: &Value) -> Option<Post> {
    let block = block.as_array().and_then(|blocks| blocks.first()).unwrap_or(block);
    let block = if block["mainEntity"].is_object() { &block["mainEntity"] } else { block };
    if block["@type"].as_str() != Some("SocialMediaPosting") {
        return None;
    }
    let is_named =
        |field: &str| block[field].as_str().is_some_and(|name| name == asked.id || names(name, asked).is_some());
    if !["identifier", "@id", "url", "mainEntityOfPage"].iter().any(|field| is_named(field)) {
        return None;
    }
    let person = &block["author"];
    let text_of = |field: &str| person[field].as_str().map(|value| value.trim().trim_start_matches('@').to_owned());
    let handle = text_of("additionalName").or_else(|| text_of("alternateName")).or_else(|| asked.author.clone())?;
    let name = text_of("givenName").or_else(|| text_of("name"));
    let mut post = made(asked, &handle, name, block["articleBody"].as_str()?)?;
    let date = ["datePublished", "dateCreated"].iter().find_map(|field| block[field].as_str().and_then(When::parse));
    post.published = date.or(post.published);
    post.lang = block["inLanguage"].as_str().and_then(syndication::lang);
    Some(post)
}

/// `og:` tags.
fn tags(asked: &PostRef, page: &Html) -> Option<Post> {
    let tags = MetaTags::read(page);
    let canonical = page.select(&CANONICAL).next().and_then(|link| link.attr("href"));
    let named = tags.get(&["og:url"]).or(canonical).and_then(|url| names(url, asked))?;
    let title = tags.get(&["og:title", "twitter:title"])?;
    let who = TITLES.iter().find_map(|end| title.get(..title.find(end)?))?;
    let (name, handle) = meta_tags::name_and_handle(who);
    let handle = handle.or(named.author).or_else(|| asked.author.clone())?;
    let text = tags.get(&["og:description", "twitter:description"])?;
    let mut post = made(asked, &handle, name, unquoted(text))?;
    for picture in tags.all("og:image") {
        if picture.contains("/profile_images/") {
            post.author.avatar = Some(super::super::media::full_avatar(picture));
        } else if picture.contains("pbs.twimg.com/media/") && post.media.iter().all(|known| known.url != picture) {
            post.media.push(picture_of(picture));
        }
    }
    Some(post)
}

/// A picture of the post in its best size, and as the page names it.
pub(super) fn picture_of(address: &str) -> Media {
    let plain = ["large", "medium", "small", "thumb", "orig"]
        .iter()
        .find_map(|size| address.strip_suffix(&format!(":{size}")))
        .unwrap_or(address);
    let mut media = super::super::media::full_size(plain, MediaKind::Image);
    if media.url != address && !media.fallbacks.iter().any(|known| known == address) {
        media.fallbacks.push(address.to_owned());
    }
    media
}

/// The post that an address names, where it is the one asked for.
fn names(address: &str, asked: &PostRef) -> Option<PostRef> {
    let post = recognize_text(address)?.post()?.clone();
    (post.platform == asked.platform && post.id == asked.id).then_some(post)
}

fn made(asked: &PostRef, handle: &str, name: Option<String>, text: &str) -> Option<Post> {
    let name_of_post = address::post(&asked.id, Some(handle))?;
    if !address::is_handle(handle) {
        return None;
    }
    let url = Some(format!("https://x.com/{handle}"));
    let author = Author { handle: handle.to_owned(), name, url, ..Author::default() };
    let text = crate::platforms::without_media_link(text).trim();
    let mut post = Post::new(name_of_post, author, text);
    // Tags are cut without a word, and the words of tags have their links short.
    post.truncated = text.ends_with('…');
    post.published = syndication::time_of(&asked.id).map(When::Instant);
    Some(post)
}

/// Without the quotation marks that the tags put around the words.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('“').and_then(|rest| rest.strip_suffix('”')).unwrap_or(text)
}

/// The words of an element; here so that both readers of pages fold white space alike.
pub(super) fn folded(element: scraper::ElementRef<'_>) -> String {
    words_of(element).split_whitespace().collect::<Vec<_>>().join(" ")
}
