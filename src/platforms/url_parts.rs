//! The pieces of URLs in which platforms' grammars are written.

use crate::model::{PostRef, Target};
use url::Url;

/// No platform's grammar looks further down a path.
const MAX_PARTS: usize = 16;

/// What stands before `site` in the URL's host, empty for the site itself and its `www`; None on any other host.
pub(super) fn under<'a>(url: &'a Url, site: &str) -> Option<&'a str> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let before = url.host_str()?.trim_end_matches('.').strip_suffix(site)?;
    if before.is_empty() || before == "www." { Some("") } else { before.strip_suffix('.') }
}

/// The path's parts, empty ones left out.
pub(super) fn parts(url: &Url) -> Vec<&str> {
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).take(MAX_PARTS).collect()
}

/// The first parameter of this name.
pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The number that a part is or begins with, where only parameters follow that lost their question mark.
pub(super) fn number(part: &str) -> Option<&str> {
    let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
    let (digits, rest) = part.split_at_checked(end)?;
    (!digits.is_empty() && digits.len() <= 20 && (rest.is_empty() || rest.starts_with(['&', '?', ';'])))
        .then_some(digits)
}

/// Whether an id has only letters and digits, and as many as this platform's have.
pub(super) fn is_code(text: &str, chars: std::ops::RangeInclusive<usize>) -> bool {
    chars.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a part is a name as authors and titles have them in addresses.
pub(super) fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The post of this id at its canonical address.
pub(super) fn post(platform: &str, id: &str, author: Option<&str>, address: &str) -> Option<Target> {
    let url = Url::parse(address).ok()?;
    let author = author.map(str::to_owned);
    Some(Target::Post(PostRef { platform: platform.to_owned(), id: id.to_owned(), author, url }))
}

/// A short link, where it has a code.
pub(super) fn short_link(platform: &str, url: &Url) -> Option<Target> {
    (!parts(url).is_empty()).then(|| Target::ShortLink { platform: platform.to_owned(), url: url.clone() })
}
