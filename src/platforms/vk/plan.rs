//! The plan: the post's page, then the one for phones; each has the post's markup, or at least tags.

use super::super::Step;
use super::super::meta_tags::MetaTags;
use super::super::page_parts::{self, first, web};
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{address, linked_video};
use super::{PLATFORM, wall};
use crate::html;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Media, MediaKind, Post, PostRef, Via};

const ROUTES: &[Route] = &[
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read },
    Route { at: "phones' page", via: Via::PageMeta, ask: ask_phones, read },
];

/// Where pages say that there is no post: none of these stands in a post's own page.
const MESSAGES: &str = ".message_page_body, .message_page_title, .service_msg, .service_msg_box";

const RULES: &[Rule] = &[
    rule(Sign::Words(MESSAGES, "post not found"), Means::Unavailable),
    rule(Sign::Words(MESSAGES, "запись не найдена"), Means::Unavailable),
    rule(Sign::Words(MESSAGES, "post deleted"), Means::Deleted),
    rule(Sign::Words(MESSAGES, "запись удалена"), Means::Deleted),
    rule(Sign::Words(MESSAGES, "has been blocked"), Means::Suspended),
    rule(Sign::Words(MESSAGES, "заблокирован"), Means::Suspended),
    rule(Sign::Words(MESSAGES, "this page has been deleted"), Means::AccountDeleted),
    rule(Sign::Words(MESSAGES, "страница удалена"), Means::AccountDeleted),
    rule(Sign::Words(MESSAGES, "private community"), Means::Private),
    rule(Sign::Words(MESSAGES, "частное сообщество"), Means::Private),
    rule(Sign::Words(MESSAGES, "access denied"), Means::Private),
    rule(Sign::Words(MESSAGES, "доступ ограничен"), Means::Private),
    rule(Sign::Words(MESSAGES, "log in"), Means::LoginRequired),
    rule(Sign::Words(MESSAGES, "войдите"), Means::LoginRequired),
];

const fn rule(sign: Sign, means: Means) -> Rule {
    Rule { at: &[], status: &[], sign, means, known: "the site's own messages, 2016 to 2024" }
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn ask_phones(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    post.id.starts_with("wall").then(|| routes::page_at(&format!("https://m.vk.com/{}", post.id)))?
}

fn read(post: &PostRef, answer: &Response) -> Said {
    let page = routes::tree(answer);
    match wall::read(post, &page) {
        Some(found) => Said::Whole(Box::new(found)),
        None => Said::part(tagged(post, &page), "the post's element, or tags that name it"),
    }
}

/// The post as its tags preview it; a film with what linked data tells of it.
fn tagged(post: &PostRef, page: &scraper::Html) -> Option<Post> {
    let tags = MetaTags::read(page);
    let canonical = first(page, "link[rel='canonical'][href]").and_then(|link| html::attr(link, "href"));
    let names = |url: &str| address::named(PLATFORM, url).is_some_and(|own| own.id == post.id);
    [tags.get(&["og:url"]), canonical].into_iter().flatten().find(|url| names(url))?;
    let film = linked_video::read(post, &page_parts::linked_data(page));
    let title = tags.get(&["og:title"]);
    let words = tags.get(&["og:description", "description"]);
    let is_film = !post.id.starts_with("wall");
    // Of a post the title is its author, of a film its name.
    let (name, text) = if is_film { (None, title.or(words)?) } else { (title, words?) };
    let mut found = film.unwrap_or_else(|| {
        let author = Author { name: name.map(str::to_owned), ..Author::default() };
        Post::new(post.clone(), author, text)
    });
    found.truncated = !is_film && (found.text.ends_with('…') || found.text.ends_with("..."));
    if found.media.is_empty() {
        let picture = tags.get(&["og:image"]).filter(|url| !url.contains("/images/icons/")).and_then(web);
        found.media.extend(picture.map(|url| Media::new(MediaKind::Image, url)));
    }
    Some(found)
}
