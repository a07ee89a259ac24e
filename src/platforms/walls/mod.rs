//! Walls: what stands in a platform's place and says nothing of the post that was asked for. A challenge, a login page, a
//! limit, an empty body, half a page.
//!
//! A platform is not shown them: [`next`] hides each behind [`FetchError::Walled`], so that none of them can be taken for
//! content or for a deletion, and names what a capture ended at. How a wall is known stands in `rules`.

mod rules;

use super::{Drift, Platform, Step};
use crate::http::{Exchange, FetchError, MAX_RETRY_AFTER, Response, Wall};
use crate::model::{Failure, Outcome, PostRef, Withheld};
use jiff::{Timestamp, ToSpan};
use regex::bytes::Regex;
use rules::{RULES, Rule, Sign};
use std::{borrow::Cow, sync::LazyLock};
use url::Url;

/// How far into a body a wall's words stand; challenge pages are small.
const HEAD_BYTES: usize = 24 << 10;
/// How far a page is looked through for a field for a password.
const LOGIN_BYTES: usize = 1 << 20;
/// A longer title is that of content.
const MAX_LOGIN_TITLE_CHARS: usize = 60;
/// Larger numbers of seconds in a limit's header are moments (September 2001).
const FIRST_EPOCH_S: i64 = 1_000_000_000;
/// And these, in milliseconds.
const FIRST_EPOCH_MS: i64 = FIRST_EPOCH_S * 1000;
/// Headers that say when a limit ends, beside `Retry-After`: the IETF draft's (Bluesky), Mastodon's and GitHub's, X's.
const RESETS: [&str; 3] = ["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"];
/// Headers that say how much of it is left.
const REMAINING: [&str; 3] = ["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];

static TITLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?is)<title[^>]*>\s*(.{0,200}?)\s*</title").expect("the pattern is a constant"));
static PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?i)type\s*=\s*["']?password"#).expect("the pattern is a constant"));
static CLOSED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)</html").expect("the pattern is a constant"));
static OPEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)<(/?)(body|head)[\s>]").expect("the pattern is a constant"));

/// The next step of a capture, by its platform, which is shown no wall.
///
/// # Errors
/// [`Drift`], as of [`Platform::next`].
pub fn next(platform: &dyn Platform, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
    // Any site may be an item's: of some, pages without their ends are known.
    let is_any_site = platform.id() == super::provider::PLATFORM;
    let walls: Vec<_> = exchanges.iter().map(|exchange| seen(exchange, is_any_site)).collect();
    if walls.iter().all(Option::is_none) {
        return platform.next(post, exchanges);
    }
    let shown: Vec<_> = exchanges.iter().zip(&walls).map(|(exchange, found)| shown(exchange, found.as_ref())).collect();
    let step = platform.next(post, &shown);
    let (outcome, via) = match (step, shown.last().filter(|_| walls.last().is_some_and(Option::is_some))) {
        // What a platform calls a failure of the network may have been a wall.
        (Ok(Step::Done(Outcome::Failed(Failure::Network { .. }), via)), Some(last)) => {
            (Outcome::Failed(super::failure(last)), via)
        }
        (Ok(Step::Done(outcome, via)), _) => (outcome, via),
        (step, _) => return step,
    };
    let asks_login = walls.iter().flatten().any(|found| found.wall == Wall::Login);
    let outcome = match outcome {
        Outcome::Failed(Failure::Blocked) if asks_login => Outcome::Withheld(Withheld::LoginRequired),
        outcome => outcome,
    };
    Ok(Step::Done(outcome, via))
}

/// The wall that answered, with the name of the rule by which it is known; None for an answer of the platform's own,
/// and where none came.
#[must_use]
pub fn wall(exchange: &Exchange) -> Option<(Wall, &'static str)> {
    seen(exchange, false).map(|found| (found.wall, found.by))
}

/// The rules by which challenges and limits are known: name, and where it is from.
pub fn wall_rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().map(|rule| (rule.name, rule.source))
}

/// The time until which an answer asks to wait, counted from `received`: `Retry-After` in both forms, or one of the
/// headers with the end of a limit (seconds from now, seconds or milliseconds since 1970, an ISO time).
#[must_use]
pub fn retry_at(answer: &Response, received: Timestamp) -> Option<Timestamp> {
    let reset = || {
        let value = RESETS.iter().find_map(|name| answer.headers.get(name))?;
        let Ok(number) = value.parse::<f64>() else { return value.parse().ok() };
        let number = number as i64;
        match number {
            FIRST_EPOCH_MS.. => Timestamp::from_millisecond(number).ok(),
            FIRST_EPOCH_S.. => Timestamp::from_second(number).ok(),
            0.. => received.checked_add(number.seconds()).ok(),
            _ => None,
        }
    };
    let latest = received.checked_add(MAX_RETRY_AFTER).unwrap_or(Timestamp::MAX);
    answer.retry_at(received).or_else(reset).map(|at| at.min(latest))
}

/// A wall that was seen.
struct Seen {
    wall: Wall,
    by: &'static str,
}

/// The exchange as a platform is shown it.
fn shown(exchange: &Exchange, found: Option<&Seen>) -> Exchange {
    let Some(found) = found else { return exchange.clone() };
    let retry_at = exchange.response().and_then(|answer| retry_at(answer, exchange.started_at));
    let answer = Err(FetchError::Walled { wall: found.wall, by: found.by.to_owned(), retry_at });
    Exchange { request: exchange.request.clone(), hops: Vec::new(), answer, ..*exchange }
}

fn seen(exchange: &Exchange, is_any_site: bool) -> Option<Seen> {
    if let Some(found) = by_address(exchange) {
        return Some(found);
    }
    let answer = exchange.response()?;
    // What these statuses say is clear, and platforms have their own ways with it.
    let is_plain_limit = matches!(answer.status, 420 | 429);
    if is_plain_limit && answer.headers.get("retry-after").is_some() {
        return None;
    }
    let head = head(&answer.body);
    let title = title(&answer.body);
    let fits = |rule: &&Rule| rule.fits(exchange, answer, &head, title.as_deref());
    if let Some(rule) = RULES.iter().find(fits) {
        return (!is_plain_limit || rule.wall != Wall::Limit).then_some(Seen { wall: rule.wall, by: rule.name });
    }
    let is_used_up = || REMAINING.iter().any(|name| answer.headers.get(name) == Some("0"));
    if matches!(answer.status, 403 | 503) && (answer.headers.get("retry-after").is_some() || is_used_up()) {
        return Some(Seen { wall: Wall::Limit, by: "a time to come back" });
    }
    if !answer.is_success() {
        return None;
    }
    if answer.body.iter().all(u8::is_ascii_whitespace) {
        return Some(Seen { wall: Wall::Empty, by: "an empty body" });
    }
    if title.is_some_and(|title| is_login_title(&title)) && PASSWORD.is_match(start(&answer.body, LOGIN_BYTES)) {
        return Some(Seen { wall: Wall::Login, by: "a page called so" });
    }
    breaks_off(&answer.body, is_any_site).then_some(Seen { wall: Wall::Half, by: "no end of the page" })
}

/// The wall to which an answer's address belongs; also where the way led there, and nobody answered.
fn by_address(exchange: &Exchange) -> Option<Seen> {
    let led = exchange.hops.last().and_then(Response::redirect_target);
    let unfollowed = exchange.response().and_then(Response::redirect_target);
    let place = unfollowed.or_else(|| exchange.response().map(|answer| answer.url.clone())).or(led)?;
    if place == exchange.request.url {
        return None;
    }
    if is_login(&place) && !is_login(&exchange.request.url) {
        return Some(Seen { wall: Wall::Login, by: "its address" });
    }
    is_consent(&place)
        .then_some(Seen { wall: Wall::Consent, by: "its address" })
        .filter(|_| !is_consent(&exchange.request.url))
}

/// Whether an address is one at which people sign in.
fn is_login(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let mut parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    let first = parts.next();
    let last = parts.next_back();
    let mut ends =
        first.into_iter().chain(last).map(|part| part.split('.').next().unwrap_or(part).to_ascii_lowercase());
    rules::LOGIN_HOSTS.contains(&host)
        || host.split('.').next().is_some_and(|label| rules::LOGIN_LABELS.contains(&label))
        || ends.any(|part| rules::LOGIN_PARTS.contains(&part.as_str()))
}

fn is_consent(url: &Url) -> bool {
    let address = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
    rules::CONSENT.iter().any(|mark| match mark.strip_prefix('/') {
        Some(_) => address.contains(mark),
        None => address.starts_with(mark),
    })
}

/// Whether a page is called like one that asks to sign in: `Log in • Site`, `Sign in to Site`.
fn is_login_title(title: &str) -> bool {
    if title.chars().count() > MAX_LOGIN_TITLE_CHARS {
        return false;
    }
    let mut parts =
        title.split(['|', '•', '·', '–', '—', ':', '/', ',']).flat_map(|part| part.split(" - ")).map(str::trim);
    rules::LOGIN_STARTS.iter().any(|start| title.starts_with(start))
        || parts.any(|part| rules::LOGIN_TITLES.contains(&part))
}

/// Whether a page ends before its end. One that never closes its document may be whole on some sites: there it must stop
/// inside of a tag or a script, or in the middle of words.
fn breaks_off(body: &[u8], is_any_site: bool) -> bool {
    let trimmed = body.trim_ascii();
    let start =
        start(trimmed.strip_prefix(b"\xef\xbb\xbf").unwrap_or(trimmed).trim_ascii_start(), 64).to_ascii_lowercase();
    if !start.starts_with(b"<!doctype html") && !start.starts_with(b"<html") || CLOSED.is_match(body) {
        return false;
    }
    if is_any_site {
        return !trimmed.ends_with(b">");
    }
    // What was kept of a page may be its head alone, and whole.
    let last = OPEN.captures_iter(body).last();
    let is_head_alone = last.is_some_and(|tag| !tag[1].is_empty() && tag[2].eq_ignore_ascii_case(b"head"));
    !is_head_alone
}

impl Rule {
    fn fits(&self, exchange: &Exchange, answer: &Response, head: &str, title: Option<&str>) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&answer.status))
            && self.signs.iter().any(|sign| match sign {
                Sign::Status => true,
                Sign::Header(name, value) => answer
                    .headers
                    .get(name)
                    .is_some_and(|own| value.is_none_or(|value| own.eq_ignore_ascii_case(value))),
                Sign::Title(words) => title == Some(*words),
                Sign::Words(words) => words.iter().all(|words| head.contains(words)),
                Sign::Address(part) => {
                    answer.url != exchange.request.url && answer.url.as_str().to_ascii_lowercase().contains(part)
                }
            })
    }
}

fn start(body: &[u8], bytes: usize) -> &[u8] {
    body.get(..bytes).unwrap_or(body)
}

/// The beginning of a body in lower case, its apostrophes straight.
fn head(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(start(body, HEAD_BYTES)).to_lowercase();
    text.replace(['\u{2018}', '\u{2019}'], "'").replace("&#39;", "'")
}

/// The title of a page, in lower case, without entities.
fn title(body: &[u8]) -> Option<String> {
    let found = TITLE.captures(start(body, LOGIN_BYTES))?;
    let text: Cow<'_, str> = String::from_utf8_lossy(&found[1]);
    let text = if text.contains('&') { crate::html::fragment_text(&text).into() } else { text };
    Some(text.trim().to_lowercase())
}
