//! The plan for an item of any provider: the list's endpoint, then the page itself, which names its own endpoint
//! (`<link type="application/json+oembed">`, as oembed.com describes it), and at the end the page's meta tags.

use super::list::{self, Fit};
use crate::{
    http::{Exchange, Request, Response},
    model::{Author, Failure, Media, MediaKind, Outcome, Post, PostRef, Via, Withheld},
    platforms::{Drift, Step, failure, meta_tags::MetaTags, oembed},
};
use scraper::{Html, Selector};
use std::sync::LazyLock;
use url::Url;

/// An item's page is a page of a site, not a film.
const MAX_PAGE_BYTES: u64 = 8 << 20;

static DISCOVERY: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("link[type='application/json+oembed'][href]").expect("a fixed selector"));

/// What a page says of its item.
struct Page {
    endpoint: Option<Url>,
    post: Option<Post>,
}

/// What the list's endpoint answered, where that is not the end.
struct Said<'e> {
    asked: &'e Url,
    step: Result<Step, Drift>,
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let mut rest = exchanges.iter();
    let mut said = None;
    if let Some((entry, fit)) = list::provider(&post.url) {
        let Some(first) = rest.next() else { return oembed::next(entry.endpoint, post, &[]) };
        let step = oembed::next(entry.endpoint, post, std::slice::from_ref(first));
        match &step {
            Ok(Step::Done(Outcome::Found(_) | Outcome::Failed(Failure::RateLimited { .. }), _)) => return step,
            // The endpoint knows this kind of address; of any other it may know nothing although the item is there.
            Ok(Step::Done(Outcome::Withheld(_), _)) if fit > Fit::Site => return step,
            _ => said = Some(Said { asked: &first.request.url, step }),
        }
    }
    let Some(first) = rest.next() else {
        let mut request = Request::get(post.url.clone());
        request.max_bytes = Some(MAX_PAGE_BYTES);
        return Ok(Step::Fetch(request));
    };
    let page = match first.response() {
        Some(answer) if answer.is_success() => read(post, answer),
        Some(answer) if matches!(answer.status, 401 | 404 | 410) => {
            return Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::PageMeta));
        }
        _ => {
            let failed = || Ok(Step::Done(Outcome::Failed(failure(first)), Via::PageMeta));
            return said.map_or_else(failed, |said| said.step);
        }
    };
    if let Some(endpoint) = page.endpoint.filter(|url| said.as_ref().is_none_or(|said| said.asked != url)) {
        let Some(last) = rest.next() else { return Ok(Step::Fetch(Request::get(endpoint))) };
        let step = oembed::next(endpoint.as_str(), post, std::slice::from_ref(last));
        if matches!(step, Ok(Step::Done(Outcome::Found(_), _))) {
            return step;
        }
    }
    let nothing = || Err(Drift::new("page", "no oEmbed address, and no title among its meta tags"));
    match page.post {
        Some(found) => Ok(Step::Done(Outcome::Found(Box::new(found)), Via::PageMeta)),
        None => said.map_or_else(nothing, |said| said.step),
    }
}

fn read(post: &PostRef, answer: &Response) -> Page {
    let html = Html::parse_document(&answer.text());
    let endpoint = html.select(&DISCOVERY).find_map(|link| answer.url.join(link.attr("href")?).ok());
    let endpoint = endpoint.filter(|url| matches!(url.scheme(), "http" | "https"));
    let tags = MetaTags::read(&html);
    // A title alone may be that of a wall or an error; what is made to be shown elsewhere has a picture or a kind too.
    let shown = ["og:image", "og:description", "og:video", "og:audio"].iter().any(|name| tags.get(&[name]).is_some());
    let title = tags.get(&["og:title", "twitter:title"]).filter(|_| shown).map(str::to_owned);
    let found = title.map(|title| {
        let name = tags.get(&["author", "article:author_name", "twitter:creator"]).map(str::to_owned);
        let mut found = Post::new(post.clone(), Author { name, ..Author::default() }, title);
        let still = tags.get(&["og:image", "twitter:image"]).and_then(|image| answer.url.join(image).ok());
        found.media.extend(still.map(|still| Media::new(MediaKind::Image, still.as_str())));
        found
    });
    Page { endpoint, post: found }
}
