//! A platform's routes as a list, best first, and the fold that asks them one after another.
//!
//! A route that fails is no end: the next one is asked. One that shows a part of the post is kept, and later ones fill
//! what it lacks. What each answer without content means is a table of [`Rule`]s beside the platform's code.
//!
//! At the end the most telling word counts: the post, then the platform's word that it is gone or withheld, then the
//! failure that says most ([`worst`]).

mod join;
mod rule;

pub(super) use join::fill;
pub(super) use rule::{Means, Rule, Sign};

use super::{Step, failure, worst};
use crate::html;
use crate::http::{Exchange, FetchError, Request, Response, Wall};
use crate::model::{Failure, Gone, Outcome, Post, PostRef, Via, Withheld};
use url::Url;

/// A page of any of these platforms; TikTok's and Facebook's have up to 2 MB (recorded 2020 to 2024), and grow.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// One way to ask for a post.
pub(super) struct Route {
    /// Its name in rules and drifts, such as `embed page`.
    pub(super) at: &'static str,
    /// Its rung.
    pub(super) via: Via,
    /// The request for a post, given the exchanges before it; None where this route is not open to this post.
    pub(super) ask: fn(&PostRef, &[Exchange]) -> Option<Request>,
    /// What an answer with a status of success says.
    pub(super) read: fn(&PostRef, &Response) -> Said,
}

/// What one answer says of the post.
pub(super) enum Said {
    /// All that the platform shows to strangers.
    Whole(Box<Post>),
    /// A part of it; the other routes may know more.
    Part(Box<Post>),
    /// None of the known shapes: what was expected.
    Unknown(&'static str),
    /// What a reader found out beyond the rules.
    Ends(Means),
}

impl Said {
    /// A part where there is one, else the words for a drift.
    pub(super) fn part(post: Option<Post>, expected: &'static str) -> Self {
        post.map_or(Self::Unknown(expected), |post| Self::Part(Box::new(post)))
    }

    /// The whole where it is there, else the words for a drift.
    pub(super) fn whole(post: Option<Post>, expected: &'static str) -> Self {
        post.map_or(Self::Unknown(expected), |post| Self::Whole(Box::new(post)))
    }
}

/// A request for the post's own page, for platforms whose routes are that one.
pub(super) fn own_page(post: &PostRef, _: &[Exchange]) -> Option<Request> {
    Some(page(post.url.clone()))
}

/// A request for a page, in English.
pub(super) fn page(url: Url) -> Request {
    let mut request = Request::get(url).with_header("accept-language", "en").with_header("accept", "text/html");
    request.max_bytes = Some(MAX_PAGE_BYTES);
    request
}

/// A request for a page at an address that is written out.
pub(super) fn page_at(url: &str) -> Option<Request> {
    Url::parse(url).ok().map(page)
}

/// What all routes said by now.
#[derive(Default)]
struct Heard {
    found: Option<(Box<Post>, Via)>,
    words: Vec<(Means, Via)>,
    failures: Vec<(Failure, Via)>,
    /// Hosts that asked to come back later.
    limited: Vec<String>,
}

/// The next step, by the routes that are left and what was said so far.
pub(super) fn next(post: &PostRef, exchanges: &[Exchange], routes: &[Route], rules: &[Rule]) -> Step {
    let mut heard = Heard::default();
    let mut used = 0;
    for route in routes {
        let Some(request) = (route.ask)(post, exchanges.get(..used).unwrap_or_default()) else { continue };
        let host = request.url.host_str().unwrap_or_default().to_owned();
        if heard.limited.contains(&host) {
            continue;
        }
        let Some(exchange) = exchanges.get(used) else { return Step::Fetch(request) };
        used += 1;
        match listen(route, rules, post, exchange) {
            Ok(Said::Whole(found)) => {
                heard.crown(found, route.via);
                break;
            }
            Ok(Said::Part(found)) => heard.take(found, route.via),
            Ok(Said::Unknown(_)) => {}
            Ok(Said::Ends(means)) => {
                heard.words.push((means, route.via));
                if means.is_last() {
                    break;
                }
            }
            Err(why) => {
                if matches!(why, Failure::RateLimited { .. }) {
                    heard.limited.push(host);
                }
                heard.failures.push((why, route.via));
            }
        }
    }
    heard.end()
}

fn listen(route: &Route, rules: &[Rule], post: &PostRef, exchange: &Exchange) -> Result<Said, Failure> {
    let Some(answer) = exchange.response() else {
        return match &exchange.answer {
            Err(FetchError::Walled { wall: Wall::Login, .. }) => Ok(Said::Ends(Means::LoginRequired)),
            _ => Err(failure(exchange)),
        };
    };
    if let Some(means) = rule::find(rules, route.at, exchange, answer) {
        return match means {
            Means::Blocked => Err(Failure::Blocked),
            Means::Nothing => Ok(Said::Unknown("")),
            means => Ok(Said::Ends(means)),
        };
    }
    if !answer.is_success() {
        return by_status(exchange, answer);
    }
    let drift = |detail: String| Failure::Drift { at: route.at.to_owned(), detail };
    match (route.read)(post, answer) {
        Said::Unknown(expected) => Err(drift(format!("expected {expected}, got {} bytes without", answer.body.len()))),
        said => Ok(said),
    }
}

/// An answer that no rule explains, by its status alone.
fn by_status(exchange: &Exchange, answer: &Response) -> Result<Said, Failure> {
    match answer.status {
        401 => Ok(Said::Ends(Means::LoginRequired)),
        404 | 410 => Ok(Said::Ends(Means::Unavailable)),
        _ => Err(failure(exchange)),
    }
}

impl Heard {
    /// The whole post goes before its parts, which fill what it lacks.
    fn crown(&mut self, mut found: Box<Post>, via: Via) {
        if let Some((part, _)) = self.found.take() {
            join::fill(&mut found, *part);
        }
        self.found = Some((found, via));
    }

    fn take(&mut self, found: Box<Post>, via: Via) {
        match &mut self.found {
            Some((kept, _)) => join::fill(kept, *found),
            None => self.found = Some((found, via)),
        }
    }

    fn end(mut self) -> Step {
        // Smaller is more telling; of equal words the first.
        self.words.sort_by_key(|(means, _)| means.rank());
        let word = self.words.first().copied();
        if let Some((means, via)) = word.filter(|(means, _)| means.is_gone()) {
            return Step::Done(means.outcome(), via);
        }
        if let Some((found, via)) = self.found {
            return Step::Done(Outcome::Found(found), via);
        }
        // A wall and a limit together are one address's used-up allowance.
        let limit = self.failures.iter().find(|(why, _)| matches!(why, Failure::RateLimited { .. })).cloned();
        match (word, limit) {
            (Some((Means::LoginRequired, _)), Some((limit, via))) => Step::Done(Outcome::Failed(limit), via),
            (Some((means, via)), _) => Step::Done(means.outcome(), via),
            (None, _) => {
                let via = self.failures.first().map_or(Via::Api, |(_, via)| *via);
                Step::Done(Outcome::Failed(worst(self.failures.into_iter().map(|(why, _)| why))), via)
            }
        }
    }
}

impl Means {
    fn rank(self) -> u8 {
        match self {
            Self::Suspended => 0,
            Self::AccountDeleted => 1,
            Self::Deleted => 2,
            Self::Private => 3,
            Self::AgeRestricted => 4,
            Self::GeoBlocked => 5,
            Self::Absent => 6,
            Self::Unavailable => 7,
            Self::LoginRequired => 8,
            Self::Blocked | Self::Nothing => 9,
        }
    }

    fn is_gone(self) -> bool {
        matches!(self, Self::Deleted | Self::AccountDeleted | Self::Suspended)
    }

    /// Whether no other route can know better: a wall may have a gate elsewhere, a reason is a reason.
    fn is_last(self) -> bool {
        !matches!(self, Self::Unavailable | Self::LoginRequired)
    }

    fn outcome(self) -> Outcome {
        match self {
            Self::Deleted => Outcome::Gone(Gone::Deleted),
            Self::AccountDeleted => Outcome::Gone(Gone::AccountDeleted),
            Self::Suspended => Outcome::Gone(Gone::Suspended),
            Self::Private => Outcome::Withheld(Withheld::Private),
            Self::AgeRestricted => Outcome::Withheld(Withheld::AgeRestricted),
            Self::GeoBlocked => Outcome::Withheld(Withheld::GeoBlocked),
            Self::Absent | Self::Unavailable => Outcome::Withheld(Withheld::Unavailable),
            Self::LoginRequired => Outcome::Withheld(Withheld::LoginRequired),
            Self::Blocked => Outcome::Failed(Failure::Blocked),
            Self::Nothing => Outcome::Failed(Failure::NoRoute),
        }
    }
}

/// Reads an oEmbed answer as a part of the post.
pub(super) fn by_oembed(post: &PostRef, answer: &Response) -> Said {
    Said::part(super::oembed::post_of(post, answer).ok(), "an oEmbed answer")
}

/// The request of an oEmbed endpoint for an address.
pub(super) fn ask_oembed(endpoint: &str, address: &str) -> Option<Request> {
    let mut url = Url::parse(endpoint).ok()?;
    url.query_pairs_mut().append_pair("format", "json").append_pair("url", address);
    Some(Request::get(url))
}

/// The tree of a page's answer.
pub(super) fn tree(answer: &Response) -> scraper::Html {
    html::parse(&text(answer))
}

/// A page's text, by the charset that its header names: old pages of VK are in windows-1251.
pub(super) fn text(answer: &Response) -> std::borrow::Cow<'_, str> {
    let kind = answer.headers.get("content-type").unwrap_or_default().to_ascii_lowercase();
    let label = kind.split("charset=").nth(1).map(|label| label.trim_matches(['"', ' ', ';']));
    match label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes())) {
        Some(encoding) if encoding != encoding_rs::UTF_8 => encoding.decode(&answer.body).0,
        _ => answer.text(),
    }
}
