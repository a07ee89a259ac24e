//! Tumblr: posts of blogs, at `www.tumblr.com/BLOG/ID`, at the blog's own subdomain, and in the embed's frame.
//!
//! | what | where |
//! |---|---|
//! | URLs, markup | this file |
//! | what is asked, and what refusals mean | `plan` |
//! | the JSON of the first interface | `first_api` |
//! | the state and the tags of pages | `page` |
//!
//! A blog on its own domain is known only by the embed's markup, which has both the post's address and a frame whose path
//! ends with the number.

mod first_api;
mod page;
mod plan;

use super::{
    Drift, Host, Markup, Needles, Platform, Samples, Step,
    address::{bare, host, is_number, named, no_route, parts, post},
};
use crate::{
    html::{attr, has_class},
    http::Exchange,
    model::{Form, PostRef, Target},
};
use scraper::{ElementRef, Selector};
use std::sync::LazyLock;
use url::Url;

const PLATFORM: &str = "tumblr";
const EMBEDS: &str = "embed.tumblr.com";

/// Subdomains that are no blogs.
const NO_BLOGS: [&str; 12] =
    ["", "www", "embed", "assets", "media", "static", "api", "safe", "help", "support", "t", "platform"];
/// First parts of a path of the main site that are no blogs.
const NO_NAMES: [&str; 12] = [
    "tagged",
    "search",
    "explore",
    "widgets",
    "share",
    "settings",
    "privacy",
    "policy",
    "login",
    "register",
    "docs",
    "communities",
];

static LINKS: LazyLock<Selector> = LazyLock::new(|| Selector::parse("a[href]").expect("the selector is a constant"));

/// Tumblr.
pub(super) struct Tumblr;

impl Platform for Tumblr {
    fn id(&self) -> &'static str {
        PLATFORM
    }

    fn samples(&self) -> Samples {
        Samples {
            posts: &[
                ("https://www.tumblr.com/tide-tables/712345678901234567", "712345678901234567"),
                ("https://tumblr.com/tide-tables/712345678901234567/a-slug?source=share", "712345678901234567"),
                ("https://www.tumblr.com/blog/tide-tables/712345678901234567", "712345678901234567"),
                ("https://www.tumblr.com/blog/view/tide-tables/712345678901234567", "712345678901234567"),
                ("https://www.tumblr.com/dashboard/blog/tide-tables/712345678901234567", "712345678901234567"),
                ("http://tide-tables.tumblr.com/post/459265/a-slug", "459265"),
                ("https://tide-tables.tumblr.com/post/712345678901234567/embed", "712345678901234567"),
                ("https://tide-tables.tumblr.com/image/712345678901234567", "712345678901234567"),
                ("https://tide-tables.tumblr.com/712345678901234567", "712345678901234567"),
                ("https://embed.tumblr.com/embed/post/t:abcDEF123/712345678901234567/v2", "712345678901234567"),
                ("https://embed.tumblr.com/embed/post/abcDEF123/712345678901234567", "712345678901234567"),
                ("https://at.tumblr.com/tide-tables/712345678901234567/abc0d1efg2", "712345678901234567"),
                ("https://www.tumblr.com/video/tide-tables/712345678901234567/500/", "712345678901234567"),
            ],
            others: &[
                "https://www.tumblr.com/",
                "https://www.tumblr.com/tide-tables",
                "https://tide-tables.tumblr.com/",
                "https://tide-tables.tumblr.com/archive/2020/1",
                "https://tide-tables.tumblr.com/tagged/2020",
                "https://www.tumblr.com/search/712345678901234567",
                "https://www.tumblr.com/widgets/share/tool?canonicalUrl=https%3A%2F%2Ftide-tables.tumblr.com%2Fpost%2F4592653",
                "https://www.tumblr.com/tagged/712345678901234567",
                "https://tide-tables.tumblr.com.evil.example/post/712345678901234567",
                "https://nottumblr.com/tide-tables/712345678901234567",
            ],
        }
    }

    fn needles(&self) -> Needles {
        const HOSTS: &[Host] = &[Host::part("tumblr")];
        Needles { hosts: HOSTS, words: &[], marks: &[] }
    }

    fn recognize(&self, url: &Url) -> Option<Target> {
        let host = host(url)?;
        let parts = parts(url);
        let found = match host.strip_suffix("tumblr.com")? {
            "" | "www." | "at." => on_the_site(&parts),
            "embed." => match parts[..] {
                ["embed", "post", key, id, ..] if is_number(id, 1..=20) => {
                    post(PLATFORM, id.to_owned(), None, &format!("https://{EMBEDS}/embed/post/{key}/{id}"))
                }
                _ => None,
            },
            start => {
                let blog = start.strip_suffix('.')?.trim_start_matches("www.");
                let id = match parts[..] {
                    ["post" | "image" | "private", id, ..] if is_number(id, 1..=20) => Some(id),
                    [id] if is_number(id, 8..=20) => Some(id),
                    _ => None,
                };
                id.filter(|_| !blog.contains('.') && !NO_BLOGS.contains(&blog)).and_then(|id| of_blog(blog, id))
            }
        };
        found.map(Target::Post)
    }

    fn detect(&self, element: ElementRef<'_>) -> Option<Markup> {
        if !has_class(element, "tumblr-post") {
            return None;
        }
        let frame = attr(element, "data-href").and_then(|address| named(PLATFORM, address));
        let link = element.select(&LINKS).find_map(|link| attr(link, "href"));
        let linked = link.and_then(|link| named(PLATFORM, link));
        // A blog on its own domain: the number is the frame's, the address the link's.
        let own = || {
            let mut post = frame.clone()?;
            let url = Url::parse(link?).ok().filter(|url| host(url).is_some())?;
            parts(&url).contains(&post.id.as_str()).then_some(())?;
            post.url = url;
            Some(post)
        };
        let post = linked.or_else(own).or(frame)?;
        let form = if element.value().name() == "blockquote" { Form::Blockquote } else { Form::DataAttr };
        Some(bare(form, post))
    }

    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        if post.url.host_str() == Some(EMBEDS) {
            // The frame alone does not say whose post it is, and the endpoint asks for that.
            return Ok(no_route());
        }
        Ok(plan::next(post, exchanges))
    }
}

fn on_the_site(parts: &[&str]) -> Option<PostRef> {
    let (blog, id) = match *parts {
        ["blog" | "dashboard", "view" | "blog", blog, id, ..] | ["blog" | "video", blog, id, ..] | [blog, id, ..]
            if is_number(id, 6..=20) =>
        {
            (blog, id)
        }
        _ => return None,
    };
    if NO_NAMES.contains(&blog) { None } else { of_blog(blog.trim_start_matches('@'), id) }
}

fn of_blog(blog: &str, id: &str) -> Option<PostRef> {
    let is_name = blog.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let blog = blog.to_ascii_lowercase();
    (is_name && !blog.is_empty())
        .then(|| post(PLATFORM, id.to_owned(), Some(&blog), &format!("https://www.tumblr.com/{blog}/{id}")))?
}
