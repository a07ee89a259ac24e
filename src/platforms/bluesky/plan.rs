//! The order in which Bluesky is asked for a post, and what each answer means.
//!
//! 1. The thread, from the public API (no login, cached, meant for logged-out use; bsky-docs, 2026). A post with a video
//!    takes one look more: the did document names the server that holds the file as it was uploaded.
//! 2. The page's meta tags. 3. The oEmbed snippet, which quotes the text.

use super::{
    markup, page,
    urls::{COLLECTION, is_did},
    view::{self, View},
};
use crate::{
    html,
    http::{Exchange, FetchError, Request, Response},
    model::{Author, Failure, Gone, MediaKind, Outcome, Post, PostRef, Via, Withheld},
    platforms::{Drift, Step, failure, oembed::OEmbed, worst},
};
use scraper::Selector;
use serde_json::Value;
use url::Url;

const API: &str = "https://public.api.bsky.app/xrpc";

/// What the first route came to.
enum Thread {
    /// The post, and the blob of its video.
    Found(Box<Post>, Option<Blob>),
    /// The platform has spoken.
    Settled(Outcome),
    /// No such post: whether its account is gone too is another question.
    Missing,
    /// Another route may know more.
    Failed(Failure),
}

/// A file in its author's repository.
struct Blob {
    did: String,
    cid: String,
    mime: Option<String>,
}

/// The next step of capturing a post.
pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let Some((actor, rkey)) = post.id.split_once('/') else {
        return Ok(Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api));
    };
    let at_uri = format!("at://{actor}/{COLLECTION}/{rkey}");
    let mut answers = exchanges.iter();
    let mut failures = Vec::new();

    let asked = [("uri", at_uri.as_str()), ("depth", "0"), ("parentHeight", "1")];
    let Some(exchange) = answers.next() else { return fetch(&format!("{API}/app.bsky.feed.getPostThread"), &asked) };
    match read_thread(post, exchange) {
        Thread::Found(found, None) => return Ok(done(Outcome::Found(found), Via::Api)),
        Thread::Found(mut found, Some(blob)) => {
            if let Some(request) = identity_request(&blob.did) {
                let Some(exchange) = answers.next() else { return Ok(Step::Fetch(request)) };
                put_original(&mut found, &blob, exchange);
            }
            return Ok(done(Outcome::Found(found), Via::Api));
        }
        Thread::Settled(outcome) => return Ok(done(outcome, Via::Api)),
        Thread::Missing => {
            let profile = format!("{API}/app.bsky.actor.getProfile");
            let Some(exchange) = answers.next() else { return fetch(&profile, &[("actor", actor)]) };
            return Ok(done(read_missing(exchange), Via::Api));
        }
        Thread::Failed(failed) => failures.push(failed),
    }

    let Some(exchange) = answers.next() else { return Ok(Step::Fetch(Request::get(post.url.clone()))) };
    match exchange.response().filter(|answer| answer.is_success()).and_then(|answer| page::read(post, answer)) {
        Some(outcome) => return Ok(done(outcome, Via::PageMeta)),
        None => failures.push(failed_page(exchange, "page")),
    }

    let asked = [("url", post.url.as_str()), ("format", "json")];
    let Some(exchange) = answers.next() else { return fetch("https://embed.bsky.app/oembed", &asked) };
    match read_oembed(post, exchange) {
        Ok(outcome) => return Ok(done(outcome, Via::Oembed)),
        Err(failed) => failures.push(failed),
    }
    match worst(failures) {
        Failure::Drift { at, detail } => Err(Drift { at, detail }),
        failed => Ok(done(Outcome::Failed(failed), Via::Api)),
    }
}

fn done(outcome: Outcome, via: Via) -> Step {
    Step::Done(outcome, via)
}

fn fetch(url: &str, query: &[(&str, &str)]) -> Result<Step, Drift> {
    let url = Url::parse_with_params(url, query).map_err(|error| Drift::new("plan", error.to_string()))?;
    Ok(Step::Fetch(Request::get(url)))
}

fn drift(at: &str, detail: &str) -> Failure {
    Failure::Drift { at: at.to_owned(), detail: detail.to_owned() }
}

/// A page that answered, but tells of no post, says nothing: Bluesky serves the empty app for missing posts too.
fn failed_page(exchange: &Exchange, at: &str) -> Failure {
    match exchange.response() {
        Some(answer) if answer.is_success() => drift(at, "no post in the answer"),
        _ => failure(exchange),
    }
}

/// The record's key: the part of a post's name that is the same whether the account goes by handle or by did.
fn rkey(post: &PostRef) -> &str {
    post.id.rsplit('/').next().unwrap_or_default()
}

/// Whether an answer names another record than the one asked for, or, where both go by did, another account's.
pub(super) fn is_anothers(asked: &PostRef, named: &PostRef) -> bool {
    let did = |post: &PostRef| post.id.split('/').next().filter(|actor| is_did(actor)).map(str::to_owned);
    let accounts = did(asked).zip(did(named));
    rkey(asked) != rkey(named) || accounts.is_some_and(|(asked, named)| asked != named)
}

fn read_thread(asked: &PostRef, exchange: &Exchange) -> Thread {
    let Some(answer) = exchange.response() else { return Thread::Failed(failure(exchange)) };
    let Some(json) = answer.json().filter(Value::is_object) else {
        let failed = if answer.is_success() { drift("getPostThread", "no JSON object") } else { failure(exchange) };
        return Thread::Failed(failed);
    };
    if answer.status == 400 || answer.status == 404 {
        return read_error(&json).unwrap_or_else(|| Thread::Failed(failure(exchange)));
    }
    if !answer.is_success() {
        return Thread::Failed(failure(exchange));
    }
    let thread = &json["thread"];
    match thread["$type"].as_str().unwrap_or_default() {
        "app.bsky.feed.defs#notFoundPost" => return Thread::Missing,
        "app.bsky.feed.defs#blockedPost" => return Thread::Settled(Outcome::Withheld(Withheld::Private)),
        _ => {}
    }
    match view::read(&thread["post"]) {
        Some(View::MembersOnly(_)) => Thread::Settled(Outcome::Withheld(Withheld::LoginRequired)),
        Some(View::Post(post)) if is_anothers(asked, &post.post) => {
            Thread::Failed(drift("getPostThread", &format!("asked for {asked}, got {}", post.post)))
        }
        Some(View::Post(mut post)) => {
            if let Some(parent) = view::read_parent(&thread["parent"]) {
                post.reply_to = Some(parent);
            }
            let blob = video_blob(&thread["post"]);
            Thread::Found(post, blob)
        }
        None => Thread::Failed(drift("getPostThread", "no thread.post with uri, author and record")),
    }
}

/// The errors that the API names (lexicons of getPostThread and getProfile; server code, 2026-08).
fn read_error(json: &Value) -> Option<Thread> {
    let message = json["message"].as_str().unwrap_or_default().to_ascii_lowercase();
    Some(match json["error"].as_str()? {
        "NotFound" => Thread::Missing,
        // Its owner may open it again.
        "AccountDeactivated" => Thread::Settled(Outcome::Withheld(Withheld::Unavailable)),
        "AccountTakedown" => Thread::Settled(Outcome::Gone(Gone::Suspended)),
        // A handle that nobody has any more: renamed or deleted, it doesn't say.
        "HandleNotFound" | "InvalidRequest"
            if message.contains("resolve handle") || message.contains("could not find user") =>
        {
            Thread::Settled(Outcome::Withheld(Withheld::Unavailable))
        }
        _ => return None,
    })
}

/// What a missing post means, by what the API says of its account. "Post not found" alone is said of wrong names too;
/// but Bluesky has no private posts, so where the account is there and the post isn't, it was deleted.
fn read_missing(exchange: &Exchange) -> Outcome {
    let asked_in_vain = match &exchange.answer {
        Ok(answer) => answer.status == 429 || answer.status >= 500,
        Err(error) => *error != FetchError::NotRecorded,
    };
    if asked_in_vain {
        return Outcome::Failed(failure(exchange));
    }
    let Some(json) = exchange.response().and_then(Response::json) else {
        return Outcome::Withheld(Withheld::Unavailable);
    };
    if json["did"].is_string() {
        return Outcome::Gone(Gone::Deleted);
    }
    match json["error"].as_str().unwrap_or_default() {
        // Its owner may open a deactivated account again, so this is not the word that it is gone.
        "AccountTakedown" => Outcome::Gone(Gone::Suspended),
        _ => Outcome::Withheld(Withheld::Unavailable),
    }
}

/// The uploaded file of the post's own video.
fn video_blob(view: &Value) -> Option<Blob> {
    let embed = &view["record"]["embed"];
    let video = [&embed["video"], &embed["media"]["video"]].into_iter().find(|video| video.is_object())?;
    let did = view["author"]["did"].as_str()?.to_owned();
    let cid = video["ref"]["$link"].as_str().or_else(|| video["ref"].as_str())?.to_owned();
    Some(Blob { did, cid, mime: video["mimeType"].as_str().map(str::to_owned) })
}

/// Asks which server holds an account's repository.
fn identity_request(did: &str) -> Option<Request> {
    let url = match did.strip_prefix("did:web:") {
        Some(host) => format!("https://{}/.well-known/did.json", host.replace("%3A", ":")),
        None => format!("https://plc.directory/{did}"),
    };
    is_did(did).then(|| Url::parse(&url).ok().map(Request::get))?
}

/// Puts the uploaded file before the playlist, if the did document names its server.
fn put_original(post: &mut Post, blob: &Blob, exchange: &Exchange) {
    let server = exchange.response().filter(|answer| answer.is_success()).and_then(Response::json).and_then(|json| {
        let services = json["service"].as_array()?;
        let own = services.iter().find(|service| service["type"] == "AtprotoPersonalDataServer")?;
        Url::parse(own["serviceEndpoint"].as_str()?).ok().filter(|url| matches!(url.scheme(), "https" | "http"))
    });
    let file = server.and_then(|server| server.join("/xrpc/com.atproto.sync.getBlob").ok()).and_then(|url| {
        Url::parse_with_params(url.as_str(), [("did", blob.did.as_str()), ("cid", blob.cid.as_str())]).ok()
    });
    let video = post.media.iter_mut().find(|media| media.kind == MediaKind::Video);
    if let Some((file, video)) = file.zip(video) {
        let playlist = std::mem::replace(&mut video.url, file.into());
        video.fallbacks.insert(0, playlist);
        video.mime.clone_from(&blob.mime);
    }
}

/// The snippet that the embed host gives quotes the post. Errors are words: 404 "post not found", 403 "post is not
/// publicly accessible" (embedr, stored versions).
fn read_oembed(asked: &PostRef, exchange: &Exchange) -> Result<Outcome, Failure> {
    let Some(answer) = exchange.response() else { return Err(failure(exchange)) };
    match answer.status {
        403 if answer.text().contains("not publicly accessible") => {
            return Ok(Outcome::Withheld(Withheld::LoginRequired));
        }
        404 if answer.text().contains("not found") => return Ok(Outcome::Withheld(Withheld::Unavailable)),
        200 => {}
        _ => return Err(failure(exchange)),
    }
    let embed = OEmbed::read(answer, "oembed").map_err(|Drift { at, detail }| Failure::Drift { at, detail })?;
    let snippet = html::parse_fragment(embed.html.as_deref().unwrap_or_default());
    let selector = Selector::parse("blockquote").map_err(|error| drift("oembed", &error.to_string()))?;
    let block = snippet.select(&selector).next().ok_or_else(|| drift("oembed", "no blockquote in html"))?;
    let quoted = markup::quoted(block);
    let handle = quoted.author_handle.ok_or_else(|| drift("oembed", "no handle in html"))?;
    let named = html::attr(block, "data-bluesky-uri").and_then(view::named);
    if named.as_ref().is_some_and(|named| is_anothers(asked, named)) {
        return Err(drift("oembed", &format!("another post than {asked}")));
    }
    let post = PostRef { author: Some(handle.clone()), ..named.unwrap_or_else(|| asked.clone()) };
    let author = Author {
        url: Some(format!("https://bsky.app/profile/{handle}")),
        handle,
        name: quoted.author_name,
        ..Author::default()
    };
    let mut post = Post::new(post, author, quoted.text.unwrap_or_default());
    post.published = quoted.published;
    // The snippet leaves pictures and quotes out.
    post.truncated = html::text(block).contains("[image or embed]");
    Ok(Outcome::Found(Box::new(post)))
}
