//! A post's page as web archives keep it. The page is no route of a capture, for a stranger gets an empty shell; the
//! archives have it from years when it was whole, and from crawlers that were shown more.
//!
//! | copies from | what they hold | read by |
//! |---|---|---|
//! | 2009 to 2012 | the page, rendered by the server | `page` |
//! | 2012 to 2020 | the same, with `.permalink-tweet` and `data-` attributes (twint, 2020; a reader of 2026 still meets it) | `page` |
//! | to 2020, mobile.twitter.com | a table `.main-tweet` | `page` |
//! | since 2020 | a shell; now and then meta tags or JSON-LD for crawlers | `crawler` |
//! | about 2021 to 2023 | the API's JSON under the page's address, type `application/json` (waybacktweets, 2024) | `api` |
//!
//! Anything else, login pages and notices among it, shows no post.

mod api;
mod crawler;
mod page;

use super::{address, syndication};
use crate::http::Response;
use crate::model::{Post, PostRef};
use crate::platforms::memento::Lookup;
use url::Url;

/// The post's pages under the names that the platform has had. A prefix, for many links have a query at their end.
pub(super) fn pages(post: &PostRef) -> Vec<Lookup> {
    let handle = post.author.as_deref().filter(|handle| address::is_handle(handle));
    let paths: &[String] = &match handle {
        Some(handle) => [format!("{handle}/status/{}", post.id), format!("i/web/status/{}", post.id)],
        None => [format!("i/web/status/{}", post.id), format!("i/status/{}", post.id)],
    };
    let mut hosts = vec!["twitter.com", "x.com"];
    if handle.is_some() {
        hosts.push("mobile.twitter.com");
    }
    let addresses = paths.iter().enumerate().flat_map(|(n, path)| {
        // Only the first form was ever served to phones.
        let hosts = hosts.iter().filter(move |host| n == 0 || !host.starts_with("mobile."));
        hosts.map(move |host| format!("https://{host}/{path}"))
    });
    addresses.filter_map(|address| Url::parse(&address).ok()).map(Lookup::beginning).collect()
}

/// The post in an archived copy; None where the copy shows anything else.
pub(super) fn read(post: &PostRef, page: &Response) -> Option<Post> {
    let text = page.text();
    if text.trim_start().starts_with('{') {
        return api::read(post, &page.json()?);
    }
    if !text.contains(&post.id) {
        return None;
    }
    let tree = crate::html::parse(&text);
    page::read(post, &tree).or_else(|| crawler::read(post, &tree))
}
