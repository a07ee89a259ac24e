//! Mementos: what a web archive kept of a post, read by the platform's own rules.
//!
//! Nothing here knows a platform. A platform's plan is run over the archive instead of the network: each request that
//! it plans is answered by the archive's copy of that address (`search`), so that every reader serves here as well.
//! Where a post's page is no route of its platform, the platform says which pages to look for, and reads their copies.
//! `layout` knows where an archive keeps things, `index` reads what it says it holds.
//!
//! Like a platform's plan this is a pure fold: the exchanges so far give the next request or the end, so a recording
//! replays exactly and stored exchanges can be read again. A copy says nothing of what is now.

mod index;
mod layout;
mod search;

use super::{by_id, failure};
use crate::http::{Exchange, Headers, Request, Response};
use crate::model::{Failure, Memento, Post, PostRef};
use jiff::Timestamp;
pub use layout::{Archive, Lookup};
use search::{Halt, Search};
use std::collections::HashMap;
use url::Url;

/// Requests for one post. The archive serves everybody for nothing.
const MAX_REQUESTS: usize = 20;

/// What to do next for a post.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Ask this, and come back with the exchange.
    Fetch(Request),
    /// The end.
    Done(End),
}

/// How a search of an archive ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The post as a copy shows it.
    Found(Box<Post>, Memento),
    /// No copy shows it, or why the archive could not say so.
    Missing(Failure),
}

/// The next step of a search for copies of a post, given the exchanges so far (oldest first). Copies from about `near`
/// are preferred; without it the oldest are. Pure: equal arguments give equal steps.
#[must_use]
pub fn next(archive: &Archive, post: &PostRef, near: Option<Timestamp>, exchanges: &[Exchange]) -> Step {
    let Some(platform) = by_id(&post.platform) else { return missing("its platform is not known") };
    let search = Search::new(archive, platform, post, near, exchanges);
    match search.run() {
        Ok(Some((found, memento))) => Step::Done(End::Found(Box::new(found), memento)),
        Ok(None) => missing("the web archive holds no copy that shows the post"),
        Err(Halt::Ask(_)) if exchanges.len() >= MAX_REQUESTS => {
            missing("none of the copies that were tried shows the post")
        }
        Err(Halt::Ask(request)) => Step::Fetch(*request),
        Err(Halt::Failed(failure)) => Step::Done(End::Missing(failure)),
    }
}

fn missing(detail: &str) -> Step {
    Step::Done(End::Missing(Failure::NotArchived { detail: detail.to_owned() }))
}

/// Reads a post again out of the exchanges of a search that is over, whatever archive they came from; None where
/// today's readers find nothing in them.
#[must_use]
pub fn read_again(post: &PostRef, exchanges: &[Exchange]) -> Option<(Post, Memento)> {
    let platform = by_id(&post.platform)?;
    search::over_copies(platform, post, exchanges)
}

/// The copy that was fetched last of all; where a search ended with a post, that is the one that shows it.
#[must_use]
pub fn last_copy(exchanges: &[Exchange]) -> Option<Memento> {
    exchanges.iter().rev().filter(|exchange| exchange.response().is_some_and(Response::is_success)).find_map(|last| {
        let (_, archived_at, _) = layout::parts(&last.request.url)?;
        Some(Memento { url: last.request.url.clone(), archived_at })
    })
}

/// The copy that an archive says it has made, in its answer to a request to save a page.
#[must_use]
pub fn saved_as(answer: &Response) -> Option<Url> {
    let named = ["location", "content-location"].iter().find_map(|name| answer.headers.get(name))?;
    answer.url.join(named).ok().filter(|url| layout::parts(url).is_some())
}

/// An archived answer as if its own server had given it, at the archived address and time. None where this is no
/// answer to a request for a copy.
fn as_it_was(copy: &Memento, exchange: &Exchange, asked: &Request) -> Option<Exchange> {
    let answer = exchange.response().filter(|answer| answer.is_success())?;
    let (_, _, original) = layout::parts(&copy.url)?;
    let headers = own_headers(&answer.headers);
    let response = Response { url: original, status: answer.status, headers, body: answer.body.clone() };
    Some(Exchange {
        request: asked.clone(),
        hops: Vec::new(),
        answer: Ok(response),
        started_at: copy.archived_at,
        elapsed_ms: exchange.elapsed_ms,
    })
}

/// The headers of the archived answer: those that the archive hands on under its own prefix, else what it says of the
/// body. The rest is about the archive's own answer.
fn own_headers(headers: &Headers) -> Headers {
    const PREFIX: &str = "x-archive-orig-";
    let mut own = Headers::default();
    for (name, value) in &headers.0 {
        if let Some(name) = name.strip_prefix(PREFIX) {
            own.push(name, value.clone());
        }
    }
    if own.get("content-type").is_none()
        && let Some(value) = headers.get("content-type")
    {
        own.push("content-type", value);
    }
    own
}

/// Exchanges by the address that was asked for.
fn by_address(exchanges: &[Exchange]) -> HashMap<&str, &Exchange> {
    exchanges.iter().map(|exchange| (exchange.request.url.as_str(), exchange)).collect()
}
