//! Answers as the small adapters read them: a JSON object, a page, words out of JSON.

use crate::http::{Exchange, Request, Response};
use crate::model::When;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

/// A page of an item is a page, not a film.
const MAX_PAGE_BYTES: u64 = 8 << 20;

/// The object that a successful answer is.
pub(super) fn object(exchange: &Exchange) -> Option<Value> {
    exchange.response().filter(|answer| answer.is_success())?.json().filter(Value::is_object)
}

/// A successful answer.
pub(super) fn found(exchange: &Exchange) -> Option<&Response> {
    exchange.response().filter(|answer| answer.is_success())
}

/// The request of a page.
pub(super) fn page(url: Url) -> Request {
    let mut request = Request::get(url).with_header("accept", "text/html");
    request.max_bytes = Some(MAX_PAGE_BYTES);
    request
}

/// Words, trimmed and not empty.
pub(super) fn words(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A number, also one written as text.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Seconds, also with a fraction, in milliseconds.
pub(super) fn seconds(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (0.05..1e7).contains(&seconds).then_some((seconds * 1000.0) as u64)
}

/// Seconds since 1970.
pub(super) fn epoch(value: &Value) -> Option<When> {
    let seconds = i64::try_from(number(value)?).ok()?;
    Timestamp::from_second(seconds).ok().map(When::Instant)
}

/// An absolute address, where the text is one or lacks its scheme alone.
pub(super) fn address(value: &Value) -> Option<String> {
    let text = words(value)?;
    let text = if text.starts_with("//") { format!("https:{text}") } else { text };
    text.starts_with("http").then_some(text)
}
