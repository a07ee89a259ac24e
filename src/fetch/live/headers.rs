//! Headers on their way out and in: what may be sent, whose secrets go along, and what an answer's say.

use crate::fetch::login::Pass;
use crate::http::Headers;
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};

/// The request's headers that can be sent. Those that the transport decides itself, and secrets, are left out.
pub(super) fn sendable(headers: &Headers) -> HeaderMap {
    const OWN: [&str; 8] = [
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "user-agent",
    ];
    let pairs = headers.0.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    pairs
        .filter_map(|(name, value)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        })
        .collect()
}

/// Puts the user's cookies after those that everybody may send, and the token in its place.
pub(super) fn add_login(headers: &mut HeaderMap, pass: &Pass) {
    let secret = |value: String| {
        HeaderValue::from_str(&value).ok().map(|mut value| {
            // Not to be compressed into a table, nor printed by a library's own log.
            value.set_sensitive(true);
            value
        })
    };
    if let Some(own) = &pass.cookies {
        let public = headers.get(COOKIE).and_then(|value| value.to_str().ok());
        let all = public.map_or_else(|| own.clone(), |public| format!("{public}; {own}"));
        headers.extend(secret(all).map(|value| (COOKIE, value)));
    }
    headers.extend(pass.authorization.clone().and_then(secret).map(|value| (AUTHORIZATION, value)));
}

/// A transfer coding other than chunked, which the connection takes off. Without asking none may be there (RFC 9112, 7.4).
pub(super) fn unasked_transfer_coding(headers: &Headers) -> Option<&str> {
    let values =
        headers.0.iter().filter(|(name, _)| name == "transfer-encoding").flat_map(|(_, value)| value.split(','));
    values
        .map(str::trim)
        .find(|coding| !coding.eq_ignore_ascii_case("chunked") && !coding.eq_ignore_ascii_case("identity"))
}

/// Values are bytes: UTF-8 where they are, else each byte the character of the same number.
pub(super) fn received(headers: &HeaderMap) -> Headers {
    let text = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
    };
    Headers(headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
}
