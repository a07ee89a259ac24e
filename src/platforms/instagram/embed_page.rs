//! Reads the page that Instagram puts into iframes: `/p/CODE/embed/captioned/`.
//!
//! Either a script carries the whole post (`"contextJSON":"{\"gql_data\":{\"shortcode_media\":…`, a JSON string inside
//! another), or only the markup shows it: name, caption, the first picture. Class names by public code, 2024 to 2026.
//! A post that is deleted, private or not to be embedded gives `.EmbedIsBroken`, whatever the reason.

use super::super::{address, page_parts, page_state};
use super::{data, urls};
use crate::html;
use crate::http::Response;
use crate::model::{Author, Media, MediaKind, Post, PostRef};
use scraper::{ElementRef, Html, Node, Selector};
use serde_json::Value;

/// Links of a page that are looked at.
const MAX_LINKS: usize = 64;

/// What the page says.
pub(super) enum Reading {
    /// The post.
    Post(Box<Post>),
    /// Deleted, private or not to be embedded.
    Broken,
    /// None of the known shapes.
    Unknown,
}

/// Reads the embed page of this post.
pub(super) fn read(post: &PostRef, answer: &Response) -> Reading {
    let text = answer.text();
    let media = ["shortcode_media", "xdt_shortcode_media"]
        .into_iter()
        .find_map(|name| page_state::values_named(&text, name).find_map(|media| data::graph(post, &media)));
    if let Some(found) = media {
        return Reading::Post(Box::new(found));
    }
    let page = html::parse(&text);
    if let Some(found) = marked_up(post, &page) {
        return Reading::Post(Box::new(found));
    }
    let says_broken = |element: ElementRef<'_>| {
        let words = html::text(element).to_lowercase();
        words.contains("may be broken") || words.contains("may have been removed")
    };
    if first(&page, ".EmbedIsBroken, .ebmMessage").is_some() || first(&page, "body").is_some_and(says_broken) {
        return Reading::Broken;
    }
    Reading::Unknown
}

/// The post as the markup shows it: a name, and words or a picture.
fn marked_up(post: &PostRef, page: &Html) -> Option<Post> {
    // Every picture and name on it links to its post; a frame may show another than it was asked for.
    let links = page_parts::all_within(page.root_element(), "a[href], blockquote[data-instgrm-permalink]", MAX_LINKS);
    let named =
        links.iter().filter_map(|link| html::attr(*link, "href").or(html::attr(*link, "data-instgrm-permalink")));
    if address::is_anothers(post, named) {
        return None;
    }
    let user = html::text(first(page, ".UsernameText").or_else(|| first(page, ".CaptionUsername"))?);
    let handle = user.trim_start_matches('@').to_owned();
    if !urls::is_handle(&handle) {
        return None;
    }
    let author = Author {
        url: Some(format!("https://www.instagram.com/{handle}/")),
        avatar: source(page, ".Avatar img[src], img.Avatar[src]"),
        handle,
        ..Author::default()
    };
    let text = first(page, ".Caption").map(caption).unwrap_or_default();
    let mut found = Post::new(post.clone(), author, text);
    let picture = source(page, "img.EmbeddedMediaImage[src]");
    if let Some(film) = source(page, "video.EmbeddedMediaVideo[src], .EmbeddedMediaVideo source[src]") {
        found.media.push(Media::new(MediaKind::Video, film));
        found.media.extend(picture.map(|url| Media::new(MediaKind::Poster, url)));
    } else {
        found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    }
    if found.text.is_empty() && found.media.is_empty() {
        return None;
    }
    found.published = data::published(post, &Value::Null);
    Some(found)
}

/// The words of the caption without the name before them and the comments after them.
fn caption(element: ElementRef<'_>) -> String {
    let mut own = String::new();
    for child in element.children() {
        match child.value() {
            Node::Text(text) => own.push_str(&html::escape(text)),
            Node::Element(_) => {
                let Some(child) = ElementRef::wrap(child) else { continue };
                if !["CaptionUsername", "CaptionComments"].iter().any(|class| html::has_class(child, class)) {
                    own.push_str(&child.html());
                }
            }
            _ => {}
        }
    }
    html::fragment_text(&own)
}

fn source(page: &Html, css: &str) -> Option<String> {
    let url = html::attr(first(page, css)?, "src")?;
    url.starts_with("https://").then(|| url.to_owned())
}

fn first<'a>(page: &'a Html, css: &str) -> Option<ElementRef<'a>> {
    let selector = Selector::parse(css).ok()?;
    page.select(&selector).next()
}
