//! `publish.twitter.com/oembed`: text, author and day of a post, as the blockquote that sites embed.
//!
//! Asked with a twitter.com URL, which older versions of the endpoint know too. 404 means that the post is gone; 403
//! with "not authorized" that it is protected or age-restricted, any other 403 a suspended account (iframely, 2025).

use super::{address, blockquote, failure, syndication};
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Failure, Gone, Outcome, Post, PostRef, Withheld};
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;
use std::sync::LazyLock;
use url::Url;

const ROUTE: &str = "oembed";

/// Links to the post's own pictures at the end of its words.
static TRAILING_PICTURES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\s*pic\.(?:twitter|x)\.com/[A-Za-z0-9]+)+\s*$").expect("the pattern is a constant")
});

/// Links of any kind at the end.
static TRAILING_LINKS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:\s*https?://t\.co/[A-Za-z0-9]+)+\s*$").expect("the pattern is a constant"));

static BLOCKQUOTE: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("blockquote").expect("the selector is a constant"));
static PARAGRAPH: LazyLock<Selector> =
    LazyLock::new(|| Selector::parse("blockquote > p").expect("the selector is a constant"));

/// What an answer says.
pub(super) enum Reading {
    /// The post, or why it is not there.
    Known(Box<Outcome>),
    /// There is no such post.
    Missing,
    /// Refused without a word: a suspended account, where the other route has no post either.
    Refused(Failure),
    /// Nothing was learnt.
    Unread(Failure),
}

/// The request of this route.
pub(super) fn request(post: &PostRef) -> Request {
    let handle = post.author.as_deref().unwrap_or("i");
    let target = format!("https://twitter.com/{handle}/status/{}", post.id);
    let mut url = Url::parse("https://publish.twitter.com/oembed").expect("the address is a constant");
    url.query_pairs_mut().append_pair("url", &target).append_pair("omit_script", "1").append_pair("dnt", "1");
    Request::get(url)
}

/// Reads the route's answer.
pub(super) fn read(post: &PostRef, exchange: &Exchange) -> Reading {
    let Some(answer) = exchange.response() else { return Reading::Unread(failure(exchange)) };
    match answer.status {
        404 | 410 => return Reading::Missing,
        401 | 403 => return refused(answer),
        200..=299 => {}
        _ => return Reading::Unread(failure(exchange)),
    }
    let Some(answer) = answer.json().filter(Value::is_object) else {
        return drift("an answer that is not a JSON object");
    };
    match found(post, &answer) {
        Ok(post) => known(Outcome::Found(Box::new(post))),
        Err(detail) => drift(detail),
    }
}

fn known(outcome: Outcome) -> Reading {
    Reading::Known(Box::new(outcome))
}

fn drift(detail: impl Into<String>) -> Reading {
    Reading::Unread(Failure::Drift { at: ROUTE.to_owned(), detail: detail.into() })
}

/// A 403. Gates in between answer so too, mostly with a page, which says nothing: shared addresses get that, and 404 from
/// the other route for posts that are there. Only the endpoint's own error counts by itself.
fn refused(answer: &Response) -> Reading {
    let body = answer.text().to_lowercase();
    if body.contains("not authorized") {
        return known(Outcome::Withheld(Withheld::Private));
    }
    let json = answer.json().unwrap_or_default();
    let has_error = json["error"].is_string() || json["errors"].as_array().is_some_and(|errors| !errors.is_empty());
    match answer.status {
        403 if has_error => known(Outcome::Gone(Gone::Suspended)),
        status if body.trim_start().starts_with('<') => Reading::Unread(Failure::Http { status }),
        status => Reading::Refused(Failure::Http { status }),
    }
}

fn found(asked: &PostRef, answer: &Value) -> Result<Post, String> {
    let html = answer["html"].as_str().ok_or("no html")?;
    let fragment = Html::parse_fragment(html);
    let element = fragment.select(&BLOCKQUOTE).next().ok_or("no blockquote in the html")?;
    let quote = blockquote::read(element);
    if let Some(post) = &quote.post
        && post.id != asked.id
    {
        return Err(format!("the post {} instead of {}", post.id, asked.id));
    }
    let quoted = quote.quoted;
    let handle = answer["author_url"].as_str().and_then(handle_in).or(quoted.author_handle).ok_or("no author")?;
    let name = answer["author_name"].as_str().map(str::to_owned).or(quoted.author_name);
    let author = Author { url: Some(format!("https://x.com/{handle}")), name, handle, ..Author::default() };
    let text = quoted.text.unwrap_or_default();
    let text = TRAILING_PICTURES.replace(&text, "").trim().to_owned();
    let post = address::post(&asked.id, Some(&author.handle)).unwrap_or_else(|| asked.clone());
    let mut post = Post::new(post, author, text);
    post.truncated = TRAILING_LINKS.replace(&post.text, "").trim_end().ends_with('…');
    post.published = syndication::sharpen(quoted.published, &asked.id);
    if let Some(paragraph) = fragment.select(&PARAGRAPH).next() {
        post.text_html = Some(paragraph.inner_html()).filter(|html| !html.trim().is_empty());
        post.lang = lang(paragraph);
    }
    Ok(post)
}

fn handle_in(author_url: &str) -> Option<String> {
    let url = Url::parse(author_url).ok()?;
    let handle = url.path().trim_matches('/');
    address::is_handle(handle).then(|| handle.to_owned())
}

fn lang(paragraph: ElementRef<'_>) -> Option<String> {
    syndication::lang(crate::html::attr(paragraph, "lang")?)
}
