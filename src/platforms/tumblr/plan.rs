//! The plan: the first interface's JSON, the post's page on the site, its page on the blog, then oEmbed (the blog's name).

use super::super::Step;
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::{PLATFORM, first_api, page};
use crate::http::{Exchange, Request, Response};
use crate::model::{PostRef, Via};

const OEMBED: &str = "https://www.tumblr.com/oembed/1.0";

const ROUTES: &[Route] = &[
    Route { at: "api/read", via: Via::Api, ask: ask_api, read: read_api },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
    Route { at: "blog's page", via: Via::PageMeta, ask: ask_blog, read: read_blog },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: read_oembed },
];

const RULES: &[Rule] = &[
    rule(&[], Sign::Path("/login_required"), Means::LoginRequired, "blogs for members only, 2019 to 2026"),
    rule(&[], Sign::Path("/login"), Means::LoginRequired, "blogs for members only, 2019 to 2026"),
    rule(&[], Sign::Path("/safe-mode"), Means::AgeRestricted, "blogs marked as explicit, 2018 to 2022"),
    rule(&["api/read"], Sign::Body("\"posts-total\":0"), Means::Unavailable, "the interface's documentation, 2012"),
];

const fn rule(at: &'static [&'static str], sign: Sign, means: Means, known: &'static str) -> Rule {
    Rule { at, status: &[], sign, means, known }
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

/// The blog's own host; None for a blog on a domain of its own, of which only the post's address is known.
fn blog(post: &PostRef) -> Option<String> {
    let name = post.author.as_deref().filter(|_| post.platform == PLATFORM)?;
    Some(format!("https://{name}.tumblr.com"))
}

fn ask_api(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let host = blog(post).or_else(|| {
        let own = post.url.host_str().filter(|host| !host.ends_with("tumblr.com"))?;
        Some(format!("https://{own}"))
    })?;
    routes::page_at(&format!("{host}/api/read/json?id={}", post.id))
}

fn ask_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(routes::page(post.url.clone()))
}

fn ask_blog(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::page_at(&format!("{}/post/{}", blog(post)?, post.id))
}

fn ask_oembed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::ask_oembed(OEMBED, post.url.as_str())
}

fn read_api(post: &PostRef, answer: &Response) -> Said {
    Said::whole(first_api::read(post, &answer.text()), "the post in tumblr_api_read")
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    let text = answer.text();
    match page::stated(post, &text) {
        Some(found) => Said::Whole(Box::new(found)),
        None => read_blog(post, answer),
    }
}

fn read_blog(post: &PostRef, answer: &Response) -> Said {
    Said::part(page::tagged(post, &routes::tree(answer)), "tags that name the post")
}

fn read_oembed(post: &PostRef, answer: &Response) -> Said {
    routes::by_oembed(post, answer)
}
