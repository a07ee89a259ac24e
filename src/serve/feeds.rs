//! `/feed/captures.atom`, `/feed/vanished.atom`: Atom feeds, with the filters of the lists.
//!
//! A reader that has the feed as it is gets 304: by the digest of its bytes, or by the time of its newest entry.

use super::{
    Viewer,
    asked::{Asked, Pairs, address},
    error::Problem,
    places::Addresses,
};
use crate::{
    model::{Part, Start},
    render::room::{Feed, NewCapture, captures_feed, vanished_feed},
    store::{Filter, Store},
};
use axum::{
    extract::{Query, State},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HOST, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED},
    },
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::time::SystemTime;

/// Entries of a feed: what a reader that asks once a day is likely to have missed.
const MAX_ENTRIES: usize = 100;

/// What a feed can be narrowed by.
const FILTERS: [&str; 6] = ["platform", "author", "site", "label", "lang", "state"];

/// `/feed/captures.atom`.
pub(super) async fn captures(
    State(viewer): State<Viewer>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = What { name: "captures", title: "New captures", page: "/" };
    answer(viewer, asked, pairs, headers, |store, filter, feed| {
        let part = Part { size: MAX_ENTRIES, start: Start::First };
        let (posts, articles) = (store.posts_part(filter, &part)?, store.articles_part(filter, &part)?);
        let feed = feed.without(&[("post", &posts.damaged), ("article", &articles.damaged)]);
        let posts = posts.records.into_iter().map(|post| NewCapture::Post(Box::new(post)));
        let articles = articles.records.into_iter().map(|brief| NewCapture::Article(Box::new(brief.article)));
        let mut all: Vec<_> = posts.chain(articles).collect();
        all.sort_by_key(|capture| std::cmp::Reverse(capture.captured_at()));
        all.truncate(MAX_ENTRIES);
        let newest = all.iter().filter_map(NewCapture::captured_at).max();
        Ok((captures_feed(&feed, &all, &Addresses), newest))
    })
    .await
}

/// `/feed/vanished.atom`.
pub(super) async fn vanished(
    State(viewer): State<Viewer>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = What { name: "vanished", title: "Vanished posts", page: "/posts?state=deleted" };
    answer(viewer, asked, pairs, headers, |store, filter, feed| {
        let (posts, damaged) = store.vanished_of(filter)?;
        let feed = feed.without(&[("post", &damaged)]);
        let newest = posts.iter().filter_map(|post| post.state_since).max();
        Ok((vanished_feed(&feed, &posts, &Addresses), newest))
    })
    .await
}

/// Which feed.
#[derive(Clone, Copy)]
struct What {
    name: &'static str,
    title: &'static str,
    /// Where people see the same.
    page: &'static str,
}

async fn answer(
    viewer: Viewer,
    what: What,
    pairs: Pairs,
    headers: HeaderMap,
    write: impl FnOnce(&Store, &Filter, &Feed) -> Result<(String, Option<Timestamp>), Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let mut asked = Asked::new(pairs.clone());
    let filter = Filter { limit: Some(MAX_ENTRIES), ..asked.filter(&FILTERS)? };
    asked.end()?;
    let mut sorted: Vec<_> = pairs.iter().map(|(name, words)| (name.as_str(), words.as_str())).collect();
    sorted.sort_unstable();
    let narrowed: Vec<_> = sorted.iter().map(|(name, words)| format!("{name} {words}")).collect();
    let title =
        if narrowed.is_empty() { what.title.to_owned() } else { format!("{}: {}", what.title, narrowed.join(", ")) };
    // The guard has found it among our own names.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let feed = Feed {
        title,
        name: address(what.name, sorted.iter().copied()),
        base: format!("http://{host}"),
        own: address(&format!("/feed/{}.atom", what.name), sorted.iter().copied()),
        page: what.page.to_owned(),
        damaged: None,
    };
    let (body, newest) = viewer.archive.read(move |store| write(store, &filter, &feed)).await?;
    let digest = Sha256::digest(&body);
    let tag = digest.iter().take(16).fold("\"".to_owned(), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
    let modified = newest.map(SystemTime::from);
    let mut said = HeaderMap::new();
    let mut say = |name, value: &str| value.parse().map(|value| said.insert(name, value)).is_ok();
    say(CONTENT_TYPE, "application/atom+xml; charset=utf-8");
    // To be asked again each time, which costs nothing where nothing is new.
    say(CACHE_CONTROL, "no-cache");
    say(ETAG, &tag);
    if let Some(at) = modified {
        say(LAST_MODIFIED, &httpdate::fmt_http_date(at));
    }
    Ok(if is_known(&headers, &tag, modified) {
        (StatusCode::NOT_MODIFIED, said).into_response()
    } else {
        (said, body).into_response()
    })
}

/// Whether the reader has it as it is (RFC 9110, section 13.2.2): by its tag where it names one, else by its time.
fn is_known(headers: &HeaderMap, tag: &str, modified: Option<SystemTime>) -> bool {
    let mut tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok()).peekable();
    if tags.peek().is_some() {
        return tags.any(|tags| {
            let mut tags = tags.split(',').map(str::trim);
            tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
        });
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|since| httpdate::parse_http_date(since.to_str().ok()?).ok());
    let whole_seconds = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_secs()).ok();
    match (since.and_then(whole_seconds), modified.and_then(whole_seconds)) {
        (Some(since), Some(modified)) => modified <= since,
        _ => false,
    }
}
