//! The plan: the page of the embed's frame, which holds the whole card, then the post's page with its linked data.
//!
//! Strangers in data centres get status 999, others often a wall that asks to sign in (`/authwall`): both are known to
//! every platform's capture.

use super::super::Step;
use super::super::meta_tags::MetaTags;
use super::super::page_parts::{self, is_a, linked_url, text_of, web, whole};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::card;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via, When};
use jiff::Timestamp;
use serde_json::Value;

const ROUTES: &[Route] = &[
    Route { at: "embed page", via: Via::EmbedPage, ask: ask_embed, read: read_embed },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
];

const RULES: &[Rule] = &[Rule {
    at: &["embed page"],
    status: &[],
    sign: Sign::Words("h1, h2, .empty-state, [data-test-id='embed-error']", "cannot be displayed"),
    means: Means::Unavailable,
    known: "frames of removed posts, 2023",
}];

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn urn(post: &PostRef) -> String {
    format!("urn:li:{}", post.id)
}

/// The number of a post, without its kind: the upper part of it is the time of posting, in milliseconds.
pub(super) fn number(post: &PostRef) -> &str {
    post.id.rsplit(':').next().unwrap_or(&post.id)
}

pub(super) fn posted_at(post: &PostRef) -> Option<When> {
    /// Before these numbers had a time in them (2014), they were smaller.
    const FIRST: u64 = 5_000_000_000_000_000_000;
    let number = number(post).parse::<u64>().ok().filter(|number| *number > FIRST)?;
    Timestamp::from_millisecond(i64::try_from(number >> 22).ok()?).ok().map(When::Instant)
}

fn ask_embed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("https://www.linkedin.com/embed/feed/update/{}", urn(post)))
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn read_embed(post: &PostRef, answer: &Response) -> Said {
    Said::whole(card::read(post, &routes::tree(answer)), "the card of a post")
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    let tags = MetaTags::read(&page);
    let canonical =
        page_parts::first(&page, "link[rel='canonical'][href]").and_then(|link| crate::html::attr(link, "href"));
    let is_own = |url: &str| url.contains(number(post));
    let linked = page_parts::linked_data(&page);
    let object = linked.iter().find(|object| {
        is_a(object, &["SocialMediaPosting", "DiscussionForumPosting", "VideoObject"])
            && ["@id", "url", "mainEntityOfPage"].iter().filter_map(|name| object[*name].as_str()).any(is_own)
    });
    let is_tagged = [tags.get(&["og:url"]), canonical].into_iter().flatten().any(is_own);
    let found = object.and_then(|object| stated(post, object)).or_else(|| tagged(post, &tags).filter(|_| is_tagged));
    Said::part(found, "linked data or tags that name the post")
}

/// The post of the page's linked data (yt-dlp's linkedin.py, 2026).
fn stated(post: &PostRef, object: &Value) -> Option<Post> {
    let words = ["articleBody", "description", "headline", "name"].iter().find_map(|name| text_of(&object[*name]))?;
    let who = [&object["author"], &object["creator"]].into_iter().find(|who| who.is_object()).unwrap_or(&Value::Null);
    let url = who["url"].as_str().and_then(web).map(|url| url.split('?').next().unwrap_or_default().to_owned());
    let author = Author {
        handle: url.as_deref().and_then(card::handle).unwrap_or_default(),
        name: text_of(&who["name"]),
        avatar: linked_url(&who["image"]),
        url,
        id: None,
    };
    let mut found = Post::new(post.clone(), author, words);
    let dates = ["datePublished", "uploadDate"].iter().find_map(|name| When::parse(object[*name].as_str()?));
    found.published = dates.or_else(|| posted_at(post));
    found.counts.extend(whole(&object["commentCount"]).map(|n| ("replies".to_owned(), n)));
    let film = [&object["video"], object].into_iter().find_map(|video| linked_url(&video["contentUrl"]));
    let still = linked_url(&object["image"]).or_else(|| linked_url(&object["thumbnailUrl"]));
    match film.filter(|_| is_a(object, &["VideoObject"]) || object["video"].is_object()) {
        Some(film) => {
            found.media.push(Media::new(MediaKind::Video, film));
            found.media.extend(still.map(|url| Media::new(MediaKind::Poster, url)));
        }
        None => found.media.extend(still.map(|url| Media::new(MediaKind::Image, url))),
    }
    Some(found)
}

/// The post as tags preview it: `Name on LinkedIn: the first words`, `… | 12 comments`.
fn tagged(post: &PostRef, tags: &MetaTags) -> Option<Post> {
    let title = tags.get(&["og:title"])?;
    let words = tags.get(&["og:description"])?;
    let words =
        words.rsplit_once(" | ").filter(|(_, end)| end.ends_with("on LinkedIn")).map_or(words, |(words, _)| words);
    let name = title.split_once(" on LinkedIn").map(|(name, _)| name).or_else(|| {
        // `The first words | Name | 12 comments`.
        let mut parts = title.rsplit(" | ").filter(|part| !part.ends_with("comments") && !part.ends_with("comment"));
        parts.next().filter(|part| *part != title)
    });
    let author = Author { name: name.map(|name| name.trim().to_owned()), ..Author::default() };
    let mut found = Post::new(post.clone(), author, words);
    found.truncated = found.text.ends_with('…') || found.text.ends_with("...");
    found.published = posted_at(post);
    let picture = tags.get(&["og:image"]).filter(|url| !url.contains("static.licdn.com")).and_then(web);
    found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    Some(found)
}
