//! The order in which a fediverse server is asked for a post, and what each answer means.
//!
//! 1. Mastodon's client API, open for public posts since 2.7.0. 2. The ActivityPub object, at the addresses that it may
//!    have, and then its author. 3. oEmbed and 4. the page's meta tags, which are read together: one has only the
//!    author, the other the text. All are of one host, so a host that is dead or asks to wait is asked once.

use super::{
    activity::{self, Object},
    page, rest, urls,
};
use crate::{
    http::{Exchange, FetchError, Request, Response},
    model::{Failure, Gone, Outcome, Post, PostRef, Via, Withheld},
    platforms::{Drift, Step, failure, worst},
};
use serde_json::Value;
use url::Url;

const ACTIVITY: &str =
    "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

/// One way to a post.
enum Route {
    Rest(Url),
    Activity(Url),
    Oembed(Url),
    Page(Url),
}

/// What an answer came to.
enum Answer {
    Found(Box<Post>),
    /// The post, whose author another document describes.
    Authored(Box<Post>, Option<Url>),
    /// The platform has spoken, or asking on is no use.
    Settled(Outcome),
    /// Said, but another route may know more.
    Withheld(Withheld),
    Failed(Failure),
}

/// What the answers so far have come to.
#[derive(Default)]
struct Said {
    withheld: Vec<Withheld>,
    failures: Vec<Failure>,
    /// The author, from oEmbed.
    author: Option<Box<Post>>,
}

impl Said {
    /// A server that twice says "not here" needs no third question; one that has an object under one address has it
    /// not under another.
    fn skips(&self, route: &Route) -> bool {
        let unavailable = self.withheld.iter().filter(|said| **said == Withheld::Unavailable).count();
        unavailable > 1 || (unavailable > 0 && matches!(route, Route::Oembed(_) | Route::Page(_)))
    }

    fn end(self) -> Result<Step, Drift> {
        if let Some(author) = self.author {
            return Ok(Step::Done(Outcome::Found(author), Via::Oembed));
        }
        // Asking for a login says more than "not here", which servers say of private posts too.
        let login = self.withheld.iter().find(|said| **said == Withheld::LoginRequired);
        // A server in trouble says "not here" of what it has.
        let here = self.withheld.first().filter(|_| !self.failures.iter().any(is_trouble));
        if let Some(withheld) = login.or(here) {
            return Ok(Step::Done(Outcome::Withheld(*withheld), Via::Api));
        }
        match worst(self.failures) {
            Failure::Drift { at, detail } => Err(Drift { at, detail }),
            // Each route answered, and none with what it is for.
            Failure::NoRoute => Err(Drift::new("page", "no post in the answers of any route")),
            failed => Ok(Step::Done(Outcome::Failed(failed), Via::Api)),
        }
    }
}

/// The next step of capturing a post.
pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    climb(post, exchanges, true)
}

/// `follows` says whether a copy's original is asked for where the answer names it.
fn climb(post: &PostRef, exchanges: &[Exchange], follows: bool) -> Result<Step, Drift> {
    let mut answers = exchanges.iter();
    let mut said = Said::default();
    for route in routes(post) {
        if said.skips(&route) {
            continue;
        }
        let Some(exchange) = answers.next() else { return Ok(Step::Fetch(request(&route))) };
        match read(&route, post, exchange) {
            Answer::Found(found) => match route {
                Route::Oembed(_) => said.author = Some(found),
                Route::Page(_) => return Ok(Step::Done(joined(found, said.author), Via::PageMeta)),
                Route::Rest(_) if follows => {
                    let origin =
                        exchange.response().and_then(Response::json).and_then(|json| rest::origin(post, &json));
                    let Some(origin) = origin else { return Ok(Step::Done(Outcome::Found(found), Via::Api)) };
                    // Only the author's own server knows the counts, and only its word is one about its post.
                    return match climb(&origin, answers.as_slice(), false) {
                        Ok(Step::Fetch(request)) => Ok(Step::Fetch(request)),
                        Ok(Step::Done(Outcome::Found(original), via @ Via::Api)) => {
                            Ok(Step::Done(Outcome::Found(original), via))
                        }
                        _ => Ok(Step::Done(Outcome::Found(found), Via::Api)),
                    };
                }
                Route::Rest(_) | Route::Activity(_) => return Ok(Step::Done(Outcome::Found(found), Via::Api)),
            },
            Answer::Authored(found, None) => return Ok(Step::Done(Outcome::Found(found), Via::Api)),
            Answer::Authored(mut found, Some(actor)) => {
                let Some(exchange) = answers.next() else { return Ok(Step::Fetch(activity_request(actor))) };
                put_author(&mut found, post, exchange);
                return Ok(Step::Done(Outcome::Found(found), Via::Api));
            }
            Answer::Settled(outcome) => return Ok(Step::Done(outcome, Via::Api)),
            Answer::Withheld(withheld) => said.withheld.push(withheld),
            Answer::Failed(failed) => said.failures.push(failed),
        }
    }
    said.end()
}

/// The ways to a post of this kind, best first.
fn routes(post: &PostRef) -> Vec<Route> {
    let Some((host, number)) = urls::server_and_number(post) else { return Vec::new() };
    let at = |path: String| Url::parse(&format!("https://{host}/{path}")).ok();
    let oembed = || {
        at("api/oembed".to_owned()).map(|mut url| {
            url.query_pairs_mut().append_pair("url", post.url.as_str());
            url
        })
    };
    let is_uuid = number.contains('-');
    let (mut api, mut objects, mut embed) = (None, Vec::new(), None);
    match post.platform.as_str() {
        "mastodon" => {
            api = at(format!("api/v1/statuses/{number}"));
            let local = post.author.as_deref().filter(|acct| !acct.contains('@'));
            objects.extend(local.and_then(|user| at(format!("users/{user}/statuses/{number}"))));
            objects.push(post.url.clone());
            embed = oembed();
        }
        "truthsocial" => {
            api = at(format!("api/v1/statuses/{number}"));
            embed = oembed();
        }
        "gab" => api = at(format!("api/v1/statuses/{number}")),
        "gotosocial" => {
            api = at(format!("api/v1/statuses/{number}"));
            objects.extend(post.author.as_ref().and_then(|user| at(format!("users/{user}/statuses/{number}"))));
        }
        "pleroma" | "gnusocial" if !is_uuid => {
            api = at(format!("api/v1/statuses/{number}"));
            objects.push(post.url.clone());
        }
        "friendica" => {
            objects.extend(at(format!("objects/{number}")));
            objects.push(post.url.clone());
        }
        _ => objects.push(post.url.clone()),
    }
    let mut routes: Vec<Route> = api.into_iter().map(Route::Rest).collect();
    routes.extend(objects.into_iter().map(Route::Activity));
    routes.extend(embed.map(Route::Oembed));
    routes.push(Route::Page(post.url.clone()));
    routes
}

fn request(route: &Route) -> Request {
    match route {
        Route::Activity(url) => activity_request(url.clone()),
        Route::Rest(url) | Route::Oembed(url) => Request::get(url.clone()).with_header("accept", "application/json"),
        Route::Page(url) => Request::get(url.clone()).with_header("accept", "text/html"),
    }
}

fn activity_request(url: Url) -> Request {
    Request::get(url).with_header("accept", ACTIVITY)
}

/// The page's post, with what oEmbed knew of its author besides.
fn joined(mut page: Box<Post>, oembed: Option<Box<Post>>) -> Outcome {
    if let Some(oembed) = oembed {
        page.author.name = page.author.name.or(oembed.author.name);
        page.author.url = page.author.url.or(oembed.author.url);
    }
    Outcome::Found(page)
}

/// Puts what an actor document says in place of what the object told of its author; without it the post stays as it is.
fn put_author(post: &mut Post, asked: &PostRef, exchange: &Exchange) {
    let json = exchange.response().filter(|answer| answer.is_success()).and_then(Response::json);
    if let Some(author) = json.and_then(|json| activity::read_actor(asked, &json)) {
        post.post.author = Some(author.handle.clone());
        post.author = author;
    }
}

fn read(route: &Route, post: &PostRef, exchange: &Exchange) -> Answer {
    let answer = match &exchange.answer {
        Ok(answer) => answer,
        Err(FetchError::Dns { .. } | FetchError::Network { .. } | FetchError::Timeout { .. }) => {
            return Answer::Settled(Outcome::Failed(failure(exchange)));
        }
        Err(_) => return Answer::Failed(failure(exchange)),
    };
    match answer.status {
        410 => Answer::Settled(Outcome::Gone(Gone::Deleted)),
        429 => Answer::Settled(Outcome::Failed(failure(exchange))),
        200..300 => read_found(route, post, answer),
        404 if matches!(&answer.json().as_ref().map(activity::kind), Some(Object::Tombstone)) => {
            Answer::Settled(Outcome::Gone(Gone::Deleted))
        }
        status => refused(route, status, answer).map_or_else(|| Answer::Failed(failure(exchange)), Answer::Withheld),
    }
}

/// Whether an answer names another post than the one asked for, by the server's own number.
fn is_anothers(post: &PostRef, json: &Value) -> bool {
    let asked = post.id.rsplit('/').next().unwrap_or_default();
    json["id"].as_str().is_some_and(|id| id != asked)
}

fn read_found(route: &Route, post: &PostRef, answer: &Response) -> Answer {
    let found = |read: Result<Post, Drift>| match read {
        Ok(post) => Answer::Found(Box::new(post)),
        Err(Drift { at, detail }) => Answer::Failed(Failure::Drift { at, detail }),
    };
    if let Route::Page(_) = route {
        // A page without such tags is a page of other software, or of none.
        return page::read(post, answer).map_or(Answer::Failed(Failure::NoRoute), |post| Answer::Found(Box::new(post)));
    }
    // Servers without this route answer with their app's page.
    let Some(json) = answer.json().filter(Value::is_object) else { return Answer::Failed(Failure::NoRoute) };
    match route {
        Route::Rest(_) if is_anothers(post, &json) => {
            found(Err(Drift::new("api/v1/statuses", format!("asked for {}, got {}", post.id, json["id"]))))
        }
        Route::Rest(_) => {
            found(rest::read(post, &json).ok_or_else(|| Drift::new("api/v1/statuses", "no account.acct and content")))
        }
        Route::Oembed(_) => found(page::read_oembed(post, answer)),
        _ if activity::is_anothers(post, &json, &answer.url) => {
            found(Err(Drift::new("activity", format!("asked for {}, got {}", post.id, json["id"]))))
        }
        _ => match activity::kind(&json) {
            Object::Tombstone => Answer::Settled(Outcome::Gone(Gone::Deleted)),
            Object::Post(object) => match activity::read(post, object) {
                Some(read) => Answer::Authored(Box::new(read), activity::actor_url(object)),
                None => found(Err(Drift::new("activity", "an object without words, files and date"))),
            },
            Object::Other => Answer::Failed(Failure::NoRoute),
        },
    }
}

/// Whether a route failed for a passing reason of its server or of the way there.
fn is_trouble(failure: &Failure) -> bool {
    match failure {
        Failure::Http { status } => *status >= 500,
        Failure::RateLimited { .. } | Failure::Resting { .. } | Failure::Network { .. } => true,
        _ => false,
    }
}

/// What a refusal says of the post. A server without a route answers 404 too, but not with an error in JSON; the page
/// and the object of a post are where posts are, so there 404 alone is enough.
fn refused(route: &Route, status: u16, answer: &Response) -> Option<Withheld> {
    let says_error = answer.json().is_some_and(|json| !json["error"].is_null());
    match (status, route) {
        (401, _) | (403, Route::Activity(_)) => Some(Withheld::LoginRequired),
        (403 | 422, _) if says_error => Some(Withheld::LoginRequired),
        (404, Route::Activity(_) | Route::Page(_)) => Some(Withheld::Unavailable),
        (404, _) if says_error => Some(Withheld::Unavailable),
        _ => None,
    }
}
