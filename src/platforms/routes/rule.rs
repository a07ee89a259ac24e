//! What an answer that is no post means: a table beside each platform's code, looked through from the top.

use crate::html;
use crate::http::{Exchange, Response};
use scraper::{Html, Selector};
use serde_json::Value;
use std::cell::OnceCell;
use url::Url;

/// One line of a platform's table.
pub(in crate::platforms) struct Rule {
    /// The routes that it is about; none for all.
    pub(in crate::platforms) at: &'static [&'static str],
    /// The statuses; none for all.
    pub(in crate::platforms) status: &'static [u16],
    /// What stands in the answer.
    pub(in crate::platforms) sign: Sign,
    /// What that means.
    pub(in crate::platforms) means: Means,
    /// Where that is known from, and of which date: for the reader of the table.
    #[allow(dead_code, reason = "the source of a fact stands beside it; no code needs it")]
    pub(in crate::platforms) known: &'static str,
}

/// What to look for in an answer.
pub(in crate::platforms) enum Sign {
    /// The status says it all.
    Status,
    /// The address that answered in the end, or that the answer leads to, has a path that begins so.
    Path(&'static str),
    /// That address is on this host.
    Host(&'static str),
    /// The page has such an element.
    Element(&'static str),
    /// The page has such an element, and its words hold these (in lower case).
    Words(&'static str, &'static str),
    /// The body is JSON with this text, number or truth value at this pointer (RFC 6901).
    Json(&'static str, &'static str),
    /// The body holds these words.
    Body(&'static str),
}

/// What an answer means for its post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::platforms) enum Means {
    /// The post was deleted.
    Deleted,
    /// Its account was deleted.
    AccountDeleted,
    /// Its account was suspended.
    Suspended,
    /// For some people only.
    Private,
    /// A login is asked for.
    LoginRequired,
    /// For adults.
    AgeRestricted,
    /// Not in this country.
    GeoBlocked,
    /// The platform says that it is not there, without a reason; no other route knows better.
    Absent,
    /// Nothing to see on this route, without a reason.
    Unavailable,
    /// A gate instead of an answer.
    Blocked,
    /// This route is closed to everybody, and so says nothing of the post.
    Nothing,
}

/// The first rule that the answer fulfils.
pub(super) fn find(rules: &[Rule], at: &str, exchange: &Exchange, answer: &Response) -> Option<Means> {
    let page = OnceCell::new();
    let json = OnceCell::new();
    let fits = |rule: &&Rule| {
        (rule.at.is_empty() || rule.at.contains(&at))
            && (rule.status.is_empty() || rule.status.contains(&answer.status))
            && shows(&rule.sign, exchange, answer, &page, &json)
    };
    rules.iter().find(fits).map(|rule| rule.means)
}

fn shows(
    sign: &Sign,
    exchange: &Exchange,
    answer: &Response,
    page: &OnceCell<Html>,
    json: &OnceCell<Option<Value>>,
) -> bool {
    let leads = || {
        let asked = &exchange.request.url;
        [Some(answer.url.clone()), answer.redirect_target()].into_iter().flatten().filter(move |url| url != asked)
    };
    let element = |css: &str, words: Option<&str>| {
        let Ok(selector) = Selector::parse(css) else { return false };
        let page = page.get_or_init(|| html::parse(&answer.text()));
        page.select(&selector)
            .take(32)
            .any(|element| words.is_none_or(|words| html::text(element).to_lowercase().contains(words)))
    };
    match sign {
        Sign::Status => true,
        Sign::Path(start) => leads().any(|url: Url| url.path().starts_with(start)),
        Sign::Host(host) => leads().any(|url: Url| url.host_str() == Some(host)),
        Sign::Element(css) => element(css, None),
        Sign::Words(css, words) => element(css, Some(words)),
        Sign::Json(pointer, value) => {
            let json = json.get_or_init(|| answer.json());
            json.as_ref().and_then(|json| json.pointer(pointer)).is_some_and(|found| match found {
                Value::String(text) => text == value,
                other => serde_json::from_str::<Value>(value).is_ok_and(|value| *other == value),
            })
        }
        Sign::Body(words) => answer.text().contains(words),
    }
}
