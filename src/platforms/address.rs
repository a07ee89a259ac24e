//! Parts of addresses as the platforms with a small grammar read them: host, path, parameters, and the post they make.

use crate::{
    model::{Failure, Form, Outcome, PostRef, Quoted, Target, Via},
    platforms::{Markup, Step, recognize_text},
};
use url::Url;

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
    url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect()
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

/// The post of `platform` that an address in markup names.
pub(super) fn named(platform: &str, address: &str) -> Option<PostRef> {
    recognize_text(address)?.post().filter(|post| post.platform == platform).cloned()
}

/// Markup that says nothing of its post beyond which it is.
pub(super) fn bare(form: Form, post: PostRef) -> Markup {
    Markup { form, target: Target::Post(post), quoted: Quoted::default() }
}

/// The end of a capture for which there is no way open to strangers.
pub(super) fn no_route() -> Step {
    Step::Done(Outcome::Failed(Failure::NoRoute), Via::Api)
}
