//! `/at/URL`: the article or the post that was at an address, wherever it is in this archive.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{platforms, render::Places, store::Store};
use axum::{
    extract::{Query, State},
    http::{HeaderValue, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// Where the addresses of others begin.
const PREFIX: &str = "/at/";

/// Words of an address that are offered for searching.
const MAX_WORDS: usize = 8;

/// `/at?url=…`, as a form asks.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    url: String,
}

/// `/at`.
pub(super) async fn asked(State(viewer): State<Viewer>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    find(viewer, vec![asked.url.trim().to_owned()]).await
}

/// `/at/{*url}`: the rest of the request's address as it is, query and all, or escaped as one word.
pub(super) async fn address(State(viewer): State<Viewer>, uri: Uri) -> Result<Response, Problem> {
    let whole = uri.path_and_query().map_or("", |address| address.as_str());
    find(viewer, readings(whole.strip_prefix(PREFIX).unwrap_or_default())).await
}

/// What the rest of a request's address may mean: itself, or what it is once it is unescaped.
fn readings(rest: &str) -> Vec<String> {
    let unescaped = percent_decode_str(rest).decode_utf8().ok().map(|text| text.into_owned());
    let mut readings = vec![rest.to_owned()];
    readings.extend(unescaped.filter(|unescaped| unescaped != rest));
    // `https%3A%2F%2F…` means nothing as it stands; that it holds no `:` of its own tells it.
    if !rest.contains(':') {
        readings.reverse();
    }
    readings
}

async fn find(viewer: Viewer, readings: Vec<String>) -> Result<Response, Problem> {
    let asked = readings.clone();
    let found = viewer.archive.read(move |store| {
        for reading in &readings {
            if let Some(place) = place(store, reading)? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    });
    let place = found.await?.and_then(|place| HeaderValue::from_str(&place).ok());
    let Some(place) = place else { return Err(not_here(asked.first().map_or("", String::as_str))) };
    Ok((StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response())
}

/// The page of the post or article at an address, with or without its scheme.
fn place(store: &Store, address: &str) -> Result<Option<String>, Problem> {
    if let Some(key) = platforms::post_key(address)
        && let Some(post) = store.post_name(&key)?
    {
        return Ok(Addresses.post(&post.key));
    }
    let Some(url) = web_address(address) else { return Ok(None) };
    Ok(store.article_at(url.as_str())?.and_then(|id| Addresses.article(id)))
}

/// An address as the archive names articles. Proxies make one slash of two; the parser takes it as browsers do.
fn web_address(text: &str) -> Option<Url> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let parsed = Url::parse(text).ok().filter(is_web);
    // Without a scheme an address begins with the name of a site.
    let has_site = text.split([':', '/', '?', '#']).next().is_some_and(|start| start.contains('.'));
    parsed.or_else(|| Url::parse(&format!("https://{text}")).ok().filter(|url| has_site && is_web(url)))
}

fn not_here(address: &str) -> Problem {
    if address.trim().is_empty() {
        return Problem::Unclear("Name the address of an article or a post: /at/https://news.example/story".to_owned());
    }
    let Some(url) = web_address(address) else {
        return Problem::NotHere {
            words: "This is no address of an article or a post.".to_owned(),
            query: String::new(),
        };
    };
    let words = format!(
        "The archive has nothing from {url}. It may be here under another address: the search box above has words of it.",
    );
    Problem::NotHere { words, query: words_of(&url) }
}

/// What the last telling part of an address says of its subject.
fn words_of(url: &Url) -> String {
    let part = url.path_segments().into_iter().flatten().rfind(|part| part.chars().any(char::is_alphabetic));
    let part = percent_decode_str(part.unwrap_or_default()).decode_utf8_lossy().into_owned();
    let part = part.rsplit_once('.').map_or(part.as_str(), |(name, _)| name);
    let words = part.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    words.filter(|word| word.chars().any(char::is_alphabetic)).take(MAX_WORDS).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_stand_as_it_is_or_escaped() {
        let escaped = "https%3A%2F%2Fnews.example%2Fa%3Fid%3D1";
        assert_eq!(readings(escaped)[0], "https://news.example/a?id=1");
        assert_eq!(readings("https://news.example/a%20b?id=1")[0], "https://news.example/a%20b?id=1");
        assert_eq!(readings("https://news.example/a"), ["https://news.example/a"]);
        let named = |text: &str| web_address(text).map(String::from);
        assert_eq!(named("https:/news.example/a").as_deref(), Some("https://news.example/a"));
        assert_eq!(named("news.example/a").as_deref(), Some("https://news.example/a"));
        assert_eq!(named("file:///etc/passwd"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn the_words_of_an_address_are_offered_for_searching() {
        let words = |url: &str| words_of(&Url::parse(url).unwrap());
        assert_eq!(words("https://news.example/2026/11/the-last-ferry-to-aero.html?x=1"), "the last ferry aero");
        assert_eq!(words("https://news.example/low%20tide/123456"), "low tide");
        assert_eq!(words("https://news.example/"), "");
    }
}
