//! Parts of addresses as the platforms with a small grammar read them: host, path, parameters, and the post they make.

use crate::{
    model::{Failure, Form, Outcome, PostRef, Quoted, Target, Via},
    platforms::{Markup, Step, by_id, recognize_text},
};
use url::Url;

/// No platform's grammar looks further down a path.
const MAX_PARTS: usize = 16;
/// Addresses in one answer that may name its post.
const MAX_ADDRESSES: usize = 64;

/// The host in lower case without the root's dot, of web addresses only.
pub(super) fn host(url: &Url) -> Option<&str> {
    matches!(url.scheme(), "http" | "https").then(|| url.host_str())?.map(|host| host.trim_end_matches('.'))
}

/// Whether the host is `name`, with or without one of the prefixes that serve the same pages.
pub(super) fn is_site(host: &str, name: &str) -> bool {
    let start = host.strip_suffix(name);
    start.is_some_and(|start| matches!(start, "" | "www." | "m." | "mobile." | "amp."))
}

/// The parts of the path that are not empty.
pub(super) fn parts(url: &Url) -> Vec<&str> {
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).take(MAX_PARTS).collect()
}

/// The first value of a parameter of the query.
pub(super) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}

/// Whether `text` is a number of so many digits.
pub(super) fn is_number(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A post at its canonical address.
pub(super) fn post(platform: &str, id: String, author: Option<&str>, url: &str) -> Option<PostRef> {
    let url = Url::parse(url).ok()?;
    Some(PostRef { platform: platform.to_owned(), id, author: author.map(str::to_owned), url })
}

/// What stands before `site` in the URL's host, empty for the site itself and its `www`; None on any other host.
pub(super) fn under<'a>(url: &'a Url, site: &str) -> Option<&'a str> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let before = url.host_str()?.trim_end_matches('.').strip_suffix(site)?;
    if before.is_empty() || before == "www." { Some("") } else { before.strip_suffix('.') }
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

/// The same as a target, for grammars that have short links as well.
pub(super) fn target(platform: &str, id: &str, author: Option<&str>, address: &str) -> Option<Target> {
    post(platform, id.to_owned(), author, address).map(Target::Post)
}

/// A short link, where it has a code.
pub(super) fn short_link(platform: &str, url: &Url) -> Option<Target> {
    (!parts(url).is_empty()).then(|| Target::ShortLink { platform: platform.to_owned(), url: url.clone() })
}

/// The post of `platform` that an address in markup names.
pub(super) fn named(platform: &str, address: &str) -> Option<PostRef> {
    recognize_text(address)?.post().filter(|post| post.platform == platform).cloned()
}

/// Whether an answer's addresses name another post than the one asked for: one of the same platform, whose id is of the
/// same form, and none of them names this one. Ids of another form may be other names of the same thing.
pub(super) fn is_anothers<'a>(post: &PostRef, addresses: impl IntoIterator<Item = &'a str>) -> bool {
    let mut another = false;
    for address in addresses.into_iter().take(MAX_ADDRESSES) {
        let Some(named) = named(&post.platform, address) else { continue };
        if named.id.eq_ignore_ascii_case(&post.id) {
            return false;
        }
        let is_players = by_id(&named.platform).is_some_and(|platform| platform.is_players_id(&named.id));
        another |= !is_players && is_alike(&named.id, &post.id);
    }
    another
}

/// Whether two ids are of one form: the same but for their last part, which are both numbers or equally long.
fn is_alike(one: &str, other: &str) -> bool {
    let last = |id: &'_ str| id.rfind('/').map_or(0, |at| at + 1);
    let (one, other) = (one.split_at(last(one)), other.split_at(last(other)));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    one.0.eq_ignore_ascii_case(other.0) && ((is_number(one.1) && is_number(other.1)) || one.1.len() == other.1.len())
}

/// Markup that says nothing of its post beyond which it is.
pub(super) fn bare(form: Form, post: PostRef) -> Markup {
    Markup { form, target: Target::Post(post), quoted: Quoted::default() }
}

/// The end of a capture for which there is no way open to strangers.
pub(super) fn no_route() -> Step {
    Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api)
}
