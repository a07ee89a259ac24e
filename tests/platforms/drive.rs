//! Drives `Platform::next` to its end over recorded answers, as the capture loop does over the network.

use embalm::{
    http::{Exchange, FetchError, Headers, Request, Response},
    model::{Outcome, PostRef, Via},
    platforms::{self, Drift, Step},
};
use std::collections::BTreeMap;
use url::Url;

/// A capture that asks more often than this never ends.
const MAX_STEPS: usize = 12;
const MAX_HOPS: usize = 10;
/// When every request leaves.
pub(crate) const AT: &str = "2026-11-01T00:00:00Z";

/// Answers to requests: by exact URL, then with parameters in any order. Stricter than a replay, so that a request
/// with a wrong parameter is noticed.
#[derive(Default)]
pub(crate) struct Answers {
    by_url: BTreeMap<String, Response>,
    by_sorted: BTreeMap<String, String>,
}

impl Answers {
    /// The first answer of a URL stays.
    pub(crate) fn add(&mut self, response: Response) {
        let url = response.url.clone();
        let key = exact(&url);
        self.by_sorted.entry(sorted(&url)).or_insert_with(|| key.clone());
        self.by_url.entry(key).or_insert(response);
    }

    fn find(&self, url: &Url) -> Option<&Response> {
        self.by_url.get(&exact(url)).or_else(|| self.by_url.get(self.by_sorted.get(&sorted(url))?))
    }

    /// The exchange of a request; redirects are followed where it asks for that.
    pub(crate) fn exchange(&self, request: Request) -> Exchange {
        let mut hops = Vec::new();
        let mut url = request.url.clone();
        let answer = loop {
            let Some(found) = self.find(&url) else { break Err(FetchError::NotRecorded) };
            let response = Response { url: url.clone(), ..found.clone() };
            match response.redirect_target() {
                Some(next) if request.follow && hops.len() < MAX_HOPS => {
                    hops.push(response);
                    url = next;
                }
                _ => break Ok(response),
            }
        };
        exchange(request, hops, answer)
    }
}

pub(crate) fn exchange(request: Request, hops: Vec<Response>, answer: Result<Response, FetchError>) -> Exchange {
    let started_at = AT.parse().expect("a time");
    Exchange { request, hops, answer, started_at, elapsed_ms: 1 }
}

pub(crate) fn response(url: Url, status: u16, headers: Headers, body: Vec<u8>) -> Response {
    Response { url, status, headers, body }
}

/// http and https are one, a fragment is none.
fn exact(url: &Url) -> String {
    let text = url.as_str().split('#').next().unwrap_or_default();
    text.strip_prefix("http:").map_or_else(|| text.to_owned(), |rest| format!("https:{rest}"))
}

fn place(url: &Url) -> String {
    format!("{}{}", url.authority(), url.path())
}

fn sorted(url: &Url) -> String {
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    format!("{} {pairs:?}", place(url))
}

/// What came of a capture, and what was asked on the way.
pub(crate) struct Capture {
    pub(crate) end: Result<(Outcome, Via), Drift>,
    pub(crate) asked: Vec<Url>,
}

/// Runs a capture to its end. `answer` gives the exchange of a request.
///
/// # Errors
/// Says which rule of [`platforms::Platform::next`] was broken: it must end, and be a function of its arguments.
pub(crate) fn capture(post: &PostRef, answer: impl Fn(Request) -> Exchange) -> Result<Capture, String> {
    let platform = platforms::by_id(&post.platform).ok_or_else(|| format!("no platform {:?}", post.platform))?;
    let mut exchanges = Vec::new();
    loop {
        let step = platforms::next(platform, post, &exchanges);
        if step != platforms::next(platform, post, &exchanges) {
            return Err("next gave two answers to one question".to_owned());
        }
        let asked = || exchanges.iter().map(|exchange: &Exchange| exchange.request.url.clone()).collect();
        match step {
            Ok(Step::Done(outcome, via)) => return Ok(Capture { end: Ok((outcome, via)), asked: asked() }),
            Err(drift) => return Ok(Capture { end: Err(drift), asked: asked() }),
            Ok(Step::Fetch(_)) if exchanges.len() == MAX_STEPS => {
                let asked: Vec<Url> = asked();
                return Err(format!("no end after {MAX_STEPS} requests: {asked:?}"));
            }
            Ok(Step::Fetch(request)) => exchanges.push(answer(request)),
        }
    }
}
