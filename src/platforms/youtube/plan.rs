//! The plan for a video: oEmbed, then the watch page; and what the two answers mean together.
//!
//! oEmbed (`www.youtube.com/oembed`, no key) answers errors in plain words: 401 `Unauthorized` where the owner switched
//! embedding off (the video is public), 403 `Forbidden` for a private video (recorded 2024), 404 `Not Found`,
//! 400 `Bad Request` for an id that can't be; once 403's word came with status 200.

use super::super::{Drift, Step, failure, oembed::OEmbed, worst};
use super::watch::{self, Watch};
use crate::http::{Exchange, Request};
use crate::model::{Author, Card, Failure, Media, MediaKind, Outcome, Post, PostRef, Via, Withheld};
use url::Url;

const ROUTE: &str = "oembed";
/// A watch page has below 1 MB (recorded 2024), and grows.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// What oEmbed's answer means.
enum Said {
    Embed(Box<OEmbed>),
    /// The page may say why.
    NotFound,
    Private,
    /// An id of the right shape that names no video.
    Malformed,
    /// Nothing; the page may know.
    Nothing(Failure),
    /// Come back later: the page's host is the same.
    Limited(Failure),
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    let Some(first) = exchanges.first() else {
        return Ok(Step::Fetch(ask_oembed(post)));
    };
    let said = match listen(post, first) {
        Said::Limited(failure) => return Ok(Step::Done(Outcome::Failed(failure), Via::Oembed)),
        Said::Private => return Ok(Step::Done(Outcome::Withheld(Withheld::Private), Via::Oembed)),
        Said::Malformed => return Ok(Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::Oembed)),
        said => said,
    };
    let Some(second) = exchanges.get(1) else {
        return Ok(Step::Fetch(page(&post.url)));
    };
    let page = match second.response() {
        Some(answer) if answer.is_success() => Ok(watch::read(answer, &post.id)),
        _ => Err(failure(second)),
    };
    Ok(match said {
        Said::Embed(embed) => {
            let watch = if let Ok(watch::Reading::Video(watch)) = page { *watch } else { Watch::default() };
            Step::Done(Outcome::Found(Box::new(together(post, *embed, watch))), Via::Oembed)
        }
        Said::Nothing(why) => by_page_alone(post, page, why),
        _ => match by_page_alone(post, page, Failure::NoRoute) {
            Step::Done(Outcome::Failed(_), _) => Step::Done(Outcome::Withheld(Withheld::Unavailable), Via::Oembed),
            step => step,
        },
    })
}

/// The request for any page of YouTube: in English, and past the consent wall that addresses in the EU get. The cookie
/// is what the wall's "accept" button sets for everybody (yt-dlp, 2026); it is no secret.
pub(super) fn page(url: &Url) -> Request {
    let mut request = Request::get(url.clone()).with_header("accept-language", "en").with_header("cookie", "SOCS=CAI");
    request.max_bytes = Some(MAX_PAGE_BYTES);
    request
}

fn ask_oembed(post: &PostRef) -> Request {
    let mut url = Url::parse("https://www.youtube.com/oembed").expect("the address is a constant");
    url.query_pairs_mut().append_pair("format", "json").append_pair("url", post.url.as_str());
    Request::get(url)
}

fn listen(post: &PostRef, exchange: &Exchange) -> Said {
    let Some(answer) = exchange.response() else { return Said::Nothing(failure(exchange)) };
    let text = answer.text();
    let word = text.trim();
    // A gate in between answers with a page; only YouTube answers with a word.
    let is_word = !word.starts_with(['<', '{', '[']) && word.len() < 64;
    match (answer.status, word) {
        (420 | 429, _) => Said::Limited(failure(exchange)),
        (403 | 200, "Forbidden") => Said::Private,
        (200, "Not Found") => Said::NotFound,
        (404, _) if is_word => Said::NotFound,
        (400, "Bad Request") => Said::Malformed,
        (200..=299, _) => match OEmbed::read(answer, ROUTE) {
            Ok(embed) if embed.is_anothers(post) => Said::Nothing(drift("an answer about another video")),
            Ok(embed) if embed.title.is_some() => Said::Embed(Box::new(embed)),
            Ok(_) => Said::Nothing(drift("an answer without a title")),
            Err(why) => Said::Nothing(Failure::Drift { at: why.at, detail: why.detail }),
        },
        _ => Said::Nothing(failure(exchange)),
    }
}

fn drift(detail: &str) -> Failure {
    Failure::Drift { at: ROUTE.to_owned(), detail: detail.to_owned() }
}

fn by_page_alone(post: &PostRef, page: Result<watch::Reading, Failure>, why: Failure) -> Step {
    let outcome = match page {
        Ok(watch::Reading::Video(watch)) => Outcome::Found(Box::new(together(post, OEmbed::default(), *watch))),
        Ok(watch::Reading::Gone(gone)) => Outcome::Gone(gone),
        Ok(watch::Reading::Withheld(withheld)) => Outcome::Withheld(withheld),
        Ok(watch::Reading::Blocked) => Outcome::Failed(worst([Failure::Blocked, why])),
        Ok(watch::Reading::Nothing) => Outcome::Failed(why),
        Err(failure) => Outcome::Failed(worst([why, failure])),
    };
    Step::Done(outcome, Via::PageMeta)
}

/// The post that the two answers make; oEmbed's words go first, for the page may be translated.
fn together(post: &PostRef, embed: OEmbed, watch: Watch) -> Post {
    let title = embed.title.clone().or(watch.title).unwrap_or_default();
    let handle = embed.handle().or(watch.author_handle);
    let author = Author {
        id: watch.author_id,
        url: absolute(embed.author_url.as_deref()).or(watch.author_url),
        handle: handle.unwrap_or_default(),
        name: embed.author_name.or(watch.author_name),
        avatar: None,
    };
    let mut found = Post::new(post.clone(), author, title.clone());
    found.published = watch.published;
    found.sensitive = watch.sensitive;
    found.media.push(still(post, embed.thumbnail_url, watch.thumbnail, watch.duration_ms));
    found.counts.extend(watch.views.map(|n| ("views".to_owned(), n)));
    found.counts.extend(watch.likes.map(|n| ("likes".to_owned(), n)));
    found.card = watch.description.map(|description| Card {
        url: post.url.to_string(),
        title: Some(title),
        description: Some(description),
        image: None,
        site: Some("YouTube".to_owned()),
    });
    found
}

/// The still that stands for the film. The page names the largest that exists; `hqdefault` always exists, often also
/// after the video is gone. The duration is the film's.
fn still(post: &PostRef, oembed: Option<String>, page: Option<String>, duration_ms: Option<u64>) -> Media {
    let of_size = |size: &str| format!("https://i.ytimg.com/vi/{}/{size}.jpg", post.id);
    let is_still = |url: &String| Url::parse(url).is_ok_and(|url| url.path().contains(post.id.as_str()));
    let page = page.filter(is_still);
    let mut urls: Vec<String> = page.into_iter().chain(oembed.filter(is_still)).collect();
    urls.extend(["hqdefault", "mqdefault", "default"].map(of_size));
    let mut seen = Vec::new();
    urls.retain(|url| {
        let is_new = !seen.contains(url);
        seen.push(url.clone());
        is_new
    });
    let mut media = Media::new(MediaKind::Image, urls.remove(0));
    media.fallbacks = urls;
    media.duration_ms = duration_ms;
    media
}

fn absolute(url: Option<&str>) -> Option<String> {
    let base = Url::parse("https://www.youtube.com/").ok()?;
    base.join(url?).ok().map(String::from)
}
