//! The plan for an item of any provider: the list's endpoint, then the page itself, which names its own endpoint
//! (`<link type="application/json+oembed">`, as oembed.com describes it), and has meta tags and JSON-LD. What each says is
//! put together: the endpoint's title goes first, the page adds author, day and words.

use super::list::{self, Fit};
use crate::{
    http::{Exchange, Request, Response},
    model::{Failure, Outcome, Post, PostRef, Via, Withheld},
    platforms::{Drift, Step, answers, failure, oembed, page_card::PageCard},
};
use scraper::{Html, Selector};
use std::sync::LazyLock;
use url::Url;

static DISCOVERY: LazyLock<Selector> = LazyLock::new(|| {
    Selector::parse("link[type='application/json+oembed'][href], link[type='text/json+oembed'][href]")
        .expect("a fixed selector")
});
static DISCOVERY_OF_XML: LazyLock<Selector> = LazyLock::new(|| {
    Selector::parse("link[type='text/xml+oembed'][href], link[type='application/xml+oembed'][href]")
        .expect("a fixed selector")
});

/// What a page says of its item.
struct Page {
    endpoint: Option<Url>,
    card: Option<PageCard>,
}

/// What the list's endpoint answered.
struct Said<'e> {
    asked: &'e Url,
    step: Result<Step, Drift>,
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let mut rest = exchanges.iter();
    let mut said = None;
    let mut known = None;
    if let Some((entry, fit)) = list::provider(&post.url) {
        let Some(first) = rest.next() else { return oembed::next(entry.endpoint, post, &[]) };
        let step = oembed::next(entry.endpoint, post, std::slice::from_ref(first));
        match step {
            // Who made it is what a page may add.
            Ok(Step::Done(Outcome::Found(found), via)) if found.author.name.is_none() && found.published.is_none() => {
                known = Some((found, via));
            }
            Ok(Step::Done(Outcome::Found(_) | Outcome::Failed(Failure::RateLimited { .. }), _)) => return step,
            // The endpoint knows this kind of address; of any other it may know nothing although the item is there.
            Ok(Step::Done(Outcome::Withheld(_), _)) if fit > Fit::Site => return step,
            step => said = Some(Said { asked: &first.request.url, step }),
        }
    }
    let Some(second) = rest.next() else { return Ok(Step::Fetch(answers::page(post.url.clone()))) };
    let page = second.response().filter(|answer| answer.is_success()).map(|answer| read(post, answer));
    if let Some((found, via)) = known {
        return Ok(Step::Done(Outcome::Found(with_card(found, page.and_then(|page| page.card))), via));
    }
    let Some(page) = page else {
        if second.response().is_some_and(|answer| matches!(answer.status, 401 | 404 | 410)) {
            return Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::PageMeta));
        }
        let failed = || Ok(Step::Done(Outcome::Failed(failure(second)), Via::PageMeta));
        return said.map_or_else(failed, |said| said.step);
    };
    if let Some(endpoint) = page.endpoint.filter(|url| said.as_ref().is_none_or(|said| said.asked != url)) {
        let Some(third) = rest.next() else { return Ok(Step::Fetch(Request::get(endpoint))) };
        if let Ok(Step::Done(Outcome::Found(found), via)) =
            oembed::next(endpoint.as_str(), post, std::slice::from_ref(third))
        {
            return Ok(Step::Done(Outcome::Found(with_card(found, page.card)), via));
        }
    }
    let nothing = || Err(Drift::new("page", "no oEmbed address, and no item among its tags"));
    match page.card {
        Some(card) => Ok(Step::Done(Outcome::Found(Box::new(card.into_post(post))), Via::PageMeta)),
        None => said.map_or_else(nothing, |said| said.step),
    }
}

fn with_card(mut found: Box<Post>, card: Option<PageCard>) -> Box<Post> {
    if let Some(card) = card {
        card.add_to(&mut found);
    }
    found
}

fn read(post: &PostRef, answer: &Response) -> Page {
    let html = crate::html::parse(&answer.text());
    let endpoint = endpoint(&html, &DISCOVERY, &answer.url)
        .or_else(|| endpoint(&html, &DISCOVERY_OF_XML, &answer.url).and_then(|url| in_json(&url)));
    Page { endpoint, card: PageCard::of_page_asked(&html, &answer.url, &post.url) }
}

/// Where a page's link leads; some pages escape its `&` twice.
fn endpoint(html: &Html, links: &Selector, base: &Url) -> Option<Url> {
    let mut found =
        html.select(links).filter_map(|link| base.join(&link.attr("href")?.trim().replace("&amp;", "&")).ok());
    found.find(|url| matches!(url.scheme(), "http" | "https"))
}

/// The same endpoint asked for JSON, where its address says in which form it answers; XML is not read.
fn in_json(url: &Url) -> Option<Url> {
    let text = url.as_str();
    let json = text.replace("format=xml", "format=json").replace("oembed.xml", "oembed.json");
    (json != text).then(|| Url::parse(&json).ok())?
}
