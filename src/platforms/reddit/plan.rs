//! The plan: the post's JSON, then oEmbed (title, author, and the full address), then the page at that address.
//!
//! Since the end of May 2026 every stranger's request for `.json` is answered with 403 and an HTML block page
//! (mgerb/top-of-reddit#7, D4Vinci/Scrapling#402): that is a gate, no drift, and the other routes are asked.

use super::super::oembed::OEmbed;
use super::super::routes::{self, Means, Route, Rule, Said, Sign};
use super::super::{Step, page_parts};
use super::{PLATFORM, named, page, thing};
use crate::html;
use crate::http::{Exchange, Request, Response};
use crate::model::{PostRef, Via};
use url::Url;

const OEMBED: &str = "https://www.reddit.com/oembed";
/// A listing with one comment.
const MAX_JSON_BYTES: u64 = 4 << 20;

const ROUTES: &[Route] = &[
    Route { at: "json", via: Via::Api, ask: ask_json, read: read_json },
    Route { at: "oembed", via: Via::Oembed, ask: ask_oembed, read: read_oembed },
    Route { at: "page", via: Via::PageMeta, ask: ask_page, read: read_page },
];

const RULES: &[Rule] = &[
    rule(&["json"], &[403, 404], Sign::Json("/reason", "private"), Means::Private, "yt-dlp, 2026"),
    // An opt-in that only members can give.
    rule(&["json"], &[403, 404], Sign::Json("/reason", "quarantined"), Means::LoginRequired, "yt-dlp, 2026"),
    rule(&["json"], &[403, 404], Sign::Json("/reason", "gated"), Means::LoginRequired, "common knowledge, 2024"),
    rule(&["json"], &[403, 404], Sign::Json("/reason", "banned"), Means::Absent, "common knowledge, 2024"),
    rule(&[], &[403], Sign::Body("whoa there, pardner"), Means::Blocked, "issues quoting the page, 2024 to 2026"),
    rule(&[], &[403], Sign::Body("<body"), Means::Blocked, "Scrapling#402, 2026"),
    rule(&["page"], &[], Sign::Words("title", "please wait for verification"), Means::Blocked, "pages of 2025"),
    rule(&["page"], &[], Sign::Path("/login"), Means::LoginRequired, "pages of 2024"),
    rule(
        &["page"],
        &[],
        Sign::Words("shreddit-post [slot='post-removed-banner']", "this post was deleted"),
        Means::Deleted,
        "pages of 2024 to 2026",
    ),
    rule(
        &["page"],
        &[],
        Sign::Words("shreddit-post [slot='post-removed-banner']", "removed"),
        Means::Deleted,
        "pages of 2024 to 2026",
    ),
];

const fn rule(
    at: &'static [&'static str],
    status: &'static [u16],
    sign: Sign,
    means: Means,
    known: &'static str,
) -> Rule {
    Rule { at, status, sign, means, known }
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    routes::next(post, exchanges, ROUTES, RULES)
}

fn ask_json(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    let path = match post.id.split_once('/') {
        Some((id, comment)) => format!("{id}/_/{comment}"),
        None => post.id.clone(),
    };
    let url = Url::parse(&format!("https://www.reddit.com/comments/{path}.json?raw_json=1&limit=1")).ok()?;
    let mut request = Request::get(url).with_header("accept", "application/json");
    request.max_bytes = Some(MAX_JSON_BYTES);
    Some(request)
}

fn ask_oembed(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    routes::ask_oembed(OEMBED, post.url.as_str())
}

/// The page at the address that oEmbed's snippet links to: the short form costs a redirect, and a recording may have
/// the long one only.
fn ask_page(post: &PostRef, before: &[Exchange]) -> Option<Request> {
    let answers = before.iter().filter_map(Exchange::response).filter(|answer| answer.is_success());
    let full = answers.filter_map(|answer| OEmbed::read(answer, "oembed").ok()).find_map(|embed| {
        let snippet = html::parse_fragment(&embed.html?);
        let links = page_parts::all_within(snippet.root_element(), "a[href]", 8);
        links.into_iter().filter_map(|link| html::attr(link, "href")).find_map(|address| {
            let own = named(address).filter(|own| own.key() == post.key())?;
            let mut url = Url::parse(address).ok()?;
            url.set_query(None);
            (own.platform == PLATFORM).then_some(url)
        })
    });
    Some(routes::page(full.unwrap_or_else(|| post.url.clone())))
}

fn read_json(post: &PostRef, answer: &Response) -> Said {
    page_parts::json(answer)
        .map_or(Said::Unknown("a listing of the post and one of its comments"), |json| thing::read(post, &json))
}

/// The author's name is the handle, and there is no address of the profile.
fn read_oembed(post: &PostRef, answer: &Response) -> Said {
    match routes::by_oembed(post, answer) {
        Said::Part(mut found) => {
            if found.author.handle.is_empty() {
                found.author.handle = found.author.name.clone().unwrap_or_default();
            }
            let handle = &found.author.handle;
            found.author.url = Some(format!("https://www.reddit.com/user/{handle}/")).filter(|_| !handle.is_empty());
            // Of a comment it tells the title of the post that it stands under.
            if post.id.contains('/') {
                return Said::Unknown("a comment's words, which oEmbed has not");
            }
            Said::Part(found)
        }
        said => said,
    }
}

fn read_page(post: &PostRef, answer: &Response) -> Said {
    page::read(post, &routes::tree(answer))
}
