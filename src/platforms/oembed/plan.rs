//! The plan of platforms of which strangers get no more than oEmbed: one request, and what its answer means.

use super::OEmbed;
use crate::http::{Exchange, Request, Response};
use crate::model::{Author, Card, Failure, Media, MediaKind, Outcome, Post, PostRef, Via, Withheld};
use crate::platforms::{Drift, Step, failure, page_card::PageCard};
use url::Url;

/// A page of an item is a page, not a film.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// Asks `endpoint` for the post's canonical URL, and reads title, author and still out of the answer.
///
/// # Errors
/// [`Drift`] where a successful answer is no oEmbed.
pub(in crate::platforms) fn next(endpoint: &str, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let Some(exchange) = exchanges.first() else {
        let mut url = Url::parse(endpoint).map_err(|error| Drift::new("plan", error.to_string()))?;
        url.query_pairs_mut().append_pair("format", "json").append_pair("url", post.url.as_str());
        return Ok(Step::Fetch(Request::get(url)));
    };
    let outcome = match exchange.response() {
        Some(answer) if answer.is_success() => Outcome::Found(Box::new(post_of(post, answer)?)),
        // Not there, or not for strangers: these endpoints do not say which.
        Some(answer) if matches!(answer.status, 401 | 404 | 410) => Outcome::Withheld(Withheld::Unavailable),
        _ => Outcome::Failed(failure(exchange)),
    };
    Ok(Step::Done(outcome, Via::Oembed))
}

/// Whether an endpoint that answers 403 for private items did so: in its own words or none, not with a gate's page.
pub(in crate::platforms) fn is_private(exchange: &Exchange) -> bool {
    let answer = exchange.response().filter(|answer| answer.status == 403);
    answer.is_some_and(|answer| !answer.text().contains('<'))
}

/// Whether no other route is asked now: the endpoint's own answer is to come, or it says what ends the asking.
pub(in crate::platforms) fn is_settled(step: &Result<Step, Drift>) -> bool {
    matches!(
        step,
        Ok(Step::Fetch(_) | Step::Done(Outcome::Withheld(_) | Outcome::Failed(Failure::RateLimited { .. }), _))
    )
}

/// As [`next`], and then the item's page: it may say who made it and when, and stands in where the endpoint fails.
///
/// # Errors
/// [`Drift`] where neither answer is understood.
pub(in crate::platforms) fn with_page(endpoint: &str, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let step = next(endpoint, post, exchanges.get(..1).unwrap_or_default());
    if is_settled(&step) {
        return step;
    }
    let Some(second) = exchanges.get(1) else {
        let mut request = Request::get(post.url.clone()).with_header("accept", "text/html");
        request.max_bytes = Some(MAX_PAGE_BYTES);
        return Ok(Step::Fetch(request));
    };
    let page = second.response().filter(|answer| answer.is_success());
    let card = page.and_then(|answer| PageCard::read(answer, &post.url));
    match (step, card) {
        (Ok(Step::Done(Outcome::Found(mut found), via)), card) => {
            if let Some(card) = card {
                card.add_to(&mut found);
            }
            Ok(Step::Done(Outcome::Found(found), via))
        }
        (_, Some(card)) => Ok(Step::Done(Outcome::Found(Box::new(card.into_post(post))), Via::PageMeta)),
        (step, None) => step,
    }
}

/// The post of an answer, as far as oEmbed tells of it.
///
/// # Errors
/// [`Drift`] where the answer is no oEmbed.
pub(in crate::platforms) fn post_of(post: &PostRef, answer: &Response) -> Result<Post, Drift> {
    let embed = OEmbed::read(answer, "oembed")?;
    let has_markup = embed.html.as_ref().is_some_and(|html| html.contains('<'));
    if !has_markup && embed.title.is_none() && embed.author_name.is_none() && embed.thumbnail_url.is_none() {
        return Err(Drift::new("oembed", "no title, author or still, and its html is none"));
    }
    if embed.is_anothers(post) {
        return Err(Drift::new("oembed", format!("another post than {post}")));
    }
    Ok(read(post, &embed))
}

/// The title stands for its words.
fn read(post: &PostRef, embed: &OEmbed) -> Post {
    let handle = embed.handle().or_else(|| post.author.clone()).unwrap_or_default();
    let author = Author { handle, name: embed.author_name.clone(), url: embed.author_url.clone(), ..Author::default() };
    let mut read = Post::new(post.clone(), author, embed.title.clone().unwrap_or_default());
    let photo = embed.url.as_ref().filter(|_| embed.kind.as_deref() == Some("photo"));
    if let Some(url) = photo.or(embed.thumbnail_url.as_ref()) {
        let mut still = Media::new(MediaKind::Image, url);
        still.fallbacks.extend(embed.thumbnail_url.clone().filter(|thumbnail| thumbnail != url));
        if photo.is_none() {
            (still.width_px, still.height_px) = (embed.thumbnail_width_px, embed.thumbnail_height_px);
        }
        read.media.push(still);
    }
    read.published = embed.published;
    if let Some(first) = read.media.first_mut() {
        first.duration_ms = embed.duration_ms;
    }
    let about = embed.description.clone().filter(|about| *about != read.text);
    read.card = about.map(|about| Card {
        url: post.url.to_string(),
        title: embed.title.clone(),
        description: Some(about),
        image: None,
        site: embed.provider_name.clone(),
    });
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{FetchError, Headers, Response};

    fn ends(status: u16, body: &str) -> Result<Step, Drift> {
        let url = Url::parse("https://video.example/7").unwrap();
        let post = PostRef { platform: "video".to_owned(), id: "7".to_owned(), author: None, url };
        let endpoint = "https://video.example/oembed";
        let Ok(Step::Fetch(request)) = next(endpoint, &post, &[]) else { panic!("the first step asks") };
        assert_eq!(
            request.url.as_str(),
            "https://video.example/oembed?format=json&url=https%3A%2F%2Fvideo.example%2F7"
        );
        let answer = Response { url: request.url.clone(), status, headers: Headers::default(), body: body.into() };
        let answer = if status == 0 { Err(FetchError::NotRecorded) } else { Ok(answer) };
        let started_at = "2026-01-01T00:00:00Z".parse().unwrap();
        next(endpoint, &post, &[Exchange { request, hops: Vec::new(), answer, started_at, elapsed_ms: 1 }])
    }

    #[test]
    fn a_title_an_author_and_a_still_are_the_post() {
        let body = r#"{"title":"Low tide","author_name":"Ann","author_url":"https://video.example/ann","thumbnail_url":"https://i.example/7.jpg"}"#;
        let Ok(Step::Done(Outcome::Found(post), Via::Oembed)) = ends(200, body) else { panic!("it is found") };
        assert_eq!((post.text.as_str(), post.author.handle.as_str()), ("Low tide", "ann"));
        assert_eq!(post.media[0].url, "https://i.example/7.jpg");
    }

    #[test]
    fn nothing_is_said_to_be_gone() {
        assert_eq!(ends(404, ""), Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::Oembed)));
        assert!(matches!(ends(503, ""), Ok(Step::Done(Outcome::Failed(_), _))));
        assert!(matches!(ends(0, ""), Ok(Step::Done(Outcome::Failed(_), _))));
        assert!(ends(200, "<html>").is_err());
        assert!(ends(200, r#"{"html":5,"title":[]}"#).is_err());
    }
}
