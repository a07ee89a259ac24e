//! The plan: the embed page, then the post's own page; and what their answers mean together.
//!
//! A redirect to the login page means that the anonymous allowance of this address is used up, or that the post is
//! for members; 429, 403 and 508 mean "too many" (iframely, 2026). The two pages have separate allowances.

use super::super::{Step, failure, worst};
use super::{embed_page, post_page};
use crate::http::{Exchange, Request, Response};
use crate::model::{Failure, Outcome, Post, PostRef, Via, Withheld};
use url::Url;

/// A post page has about 1 MB (recorded 2024).
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// What one page said.
enum Said {
    Post(Box<Post>),
    LoginRequired,
    Unavailable,
    Failed(Failure),
}

pub(super) fn next(post: &PostRef, exchanges: &[Exchange]) -> Step {
    let Some(first) = exchanges.first() else {
        return Step::Fetch(page(&post.url, "embed/captioned/"));
    };
    let embed = by_embed_page(post, first);
    if let Said::Post(found) = embed {
        return Step::Done(Outcome::Found(found), Via::EmbedPage);
    }
    let Some(second) = exchanges.get(1) else {
        return Step::Fetch(page(&post.url, ""));
    };
    let (outcome, via) = match (embed, by_post_page(post, second)) {
        (_, Said::Post(found)) => (Outcome::Found(found), Via::PageMeta),
        // Each page's word that there is nothing to see weighs more than the other's wall.
        (Said::Unavailable, _) => (Outcome::Withheld(Withheld::Unavailable), Via::EmbedPage),
        (_, Said::Unavailable) => (Outcome::Withheld(Withheld::Unavailable), Via::PageMeta),
        (_, Said::LoginRequired) => (Outcome::Withheld(Withheld::LoginRequired), Via::PageMeta),
        (Said::LoginRequired, Said::Failed(limit @ Failure::RateLimited { .. })) => {
            (Outcome::Failed(limit), Via::PageMeta)
        }
        (Said::LoginRequired, _) => (Outcome::Withheld(Withheld::LoginRequired), Via::EmbedPage),
        (Said::Failed(first), Said::Failed(second)) => (Outcome::Failed(worst([first, second])), Via::EmbedPage),
        (Said::Post(found), _) => (Outcome::Found(found), Via::EmbedPage),
    };
    Step::Done(outcome, via)
}

fn page(post: &Url, rest: &str) -> Request {
    let url = post.join(rest).unwrap_or_else(|_| post.clone());
    let mut request = Request::get(url).with_header("accept-language", "en").with_header("accept", "text/html");
    request.max_bytes = Some(MAX_PAGE_BYTES);
    request
}

fn by_embed_page(post: &PostRef, exchange: &Exchange) -> Said {
    match readable(exchange) {
        Err(said) => said,
        Ok(answer) => match embed_page::read(post, answer) {
            embed_page::Reading::Post(found) => Said::Post(found),
            embed_page::Reading::Broken => Said::Unavailable,
            embed_page::Reading::Unknown => drift("embed page", answer),
        },
    }
}

fn by_post_page(post: &PostRef, exchange: &Exchange) -> Said {
    match readable(exchange) {
        Err(said) => said,
        Ok(answer) => match post_page::read(post, answer) {
            post_page::Reading::Post(found) => Said::Post(found),
            post_page::Reading::LoginRequired => Said::LoginRequired,
            post_page::Reading::Unavailable => Said::Unavailable,
            post_page::Reading::Unknown => drift("post page", answer),
        },
    }
}

/// The answer, where it is a page to be read.
fn readable(exchange: &Exchange) -> Result<&Response, Said> {
    let Some(answer) = exchange.response() else { return Err(Said::Failed(failure(exchange))) };
    let is_login =
        |url: &Url| ["/accounts/login", "/challenge", "/login"].iter().any(|path| url.path().starts_with(path));
    if is_login(&answer.url) || answer.redirect_target().as_ref().is_some_and(is_login) {
        return Err(Said::LoginRequired);
    }
    match answer.status {
        200..=299 => Ok(answer),
        401 => Err(Said::LoginRequired),
        403 | 508 => Err(Said::Failed(Failure::RateLimited { retry_at: answer.retry_at(exchange.started_at) })),
        404 | 410 => Err(Said::Unavailable),
        _ => Err(Said::Failed(failure(exchange))),
    }
}

fn drift(at: &str, answer: &Response) -> Said {
    let detail = format!("none of the known shapes in {} bytes", answer.body.len());
    Said::Failed(Failure::Drift { at: at.to_owned(), detail })
}
