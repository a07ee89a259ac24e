//! The headers of an answer as they came, out of those that a decoded body is written under.

use super::write::SET_ASIDE;
use crate::http::Headers;

/// The headers as they came: what was set aside is put back, and the length that was written for the decoded body, at the
/// end, is left out.
#[must_use]
pub fn original_headers(headers: &Headers) -> Headers {
    let mut plain = headers.0.as_slice();
    if let [others @ .., (name, _)] = plain
        && name == "content-length"
    {
        plain = others;
    }
    let original = plain.iter().map(|(name, value)| {
        let name = name.strip_prefix(SET_ASIDE).unwrap_or(name);
        (name.to_owned(), value.clone())
    });
    Headers(original.collect())
}
