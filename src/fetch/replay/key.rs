//! What makes two URLs the same to a replay, from strict to loose. Schemes and fragments never matter.

use crate::model::Target;
use crate::platforms::{recognize, recognize_text};
use url::Url;
use url::form_urlencoded;

/// Parameters that say which post, person or page is asked for; all others say how, or who asks.
const IDENTIFYING: [&str; 24] = [
    "acct",
    "actor",
    "collection",
    "fbid",
    "handle",
    "href",
    "id",
    "ids",
    "media_id",
    "oid",
    "p",
    "post",
    "post_id",
    "repo",
    "resource",
    "rkey",
    "status_id",
    "story_fbid",
    "tweet_id",
    "uri",
    "uris",
    "url",
    "v",
    "video_id",
];

/// Host, port, path and query as they stand.
pub(super) fn exact(url: &Url) -> String {
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{}{query}", place(url))
}

/// The URL of an [`exact`] key, by the scheme that all share here.
pub(super) fn url(exact: &str) -> Option<Url> {
    Url::parse(&format!("https://{exact}")).ok()
}

/// The same with the query's parameters decoded and sorted.
pub(super) fn any_order(url: &Url) -> String {
    let mut pairs: Vec<_> = url.query_pairs().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
    pairs.sort();
    format!("{}?{}", place(url), form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// Host and path with only those parameters that identify, a post's URL among them written as the post that it names.
/// Where the URL is itself a post's, no parameter matters beside that. None where nothing identifies.
pub(super) fn identity(url: &Url) -> Option<String> {
    if let Some(Target::Post(post)) = recognize(url) {
        return Some(format!("{}#{}", route(url), post.key()));
    }
    let mut pairs: Vec<_> = url
        .query_pairs()
        .filter(|(name, value)| !value.is_empty() && IDENTIFYING.contains(&name.as_ref()))
        .map(|(name, value)| match recognize_text(&value) {
            Some(Target::Post(post)) => (name, post.key()),
            _ => (name, value.into_owned()),
        })
        .collect();
    pairs.sort();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    (!pairs.is_empty()).then(|| format!("{}?{query}", route(url)))
}

/// Endpoints answer with and without a slash at their end.
fn route(url: &Url) -> String {
    place(url).trim_end_matches('/').to_owned()
}

fn place(url: &Url) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}{}", url.host_str().unwrap_or_default(), url.path())
}
