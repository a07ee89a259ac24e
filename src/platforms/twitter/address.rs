//! Which post a URL names: every host, mirror and path under which X's posts have been met.

use super::ID;
use crate::model::{PostRef, Target};
use percent_encoding::percent_decode_str;
use url::Url;

/// The platform's own hosts, without `www.`, `mobile.` and `m.`; the last is the onion service.
const OWN: [&str; 3] = ["x.com", "twitter.com", "twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion"];

/// Hosts that show the same posts at the same paths; their subdomains (`d.`, `g.`, `api.`) change only the looks.
const MIRRORS: [&str; 8] = [
    "vxtwitter.com",
    "fxtwitter.com",
    "fixupx.com",
    "fixvx.com",
    "twittpr.com",
    "fixuptwitter.com",
    "xcancel.com",
    "twiiit.com",
];

/// Ids are 64-bit numbers.
const MAX_ID_DIGITS: usize = 20;

/// Handles had up to 20 characters in the first years, 15 since.
const MAX_HANDLE: usize = 20;

/// The post or short link that a URL names.
pub(super) fn recognize(url: &Url) -> Option<Target> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    match host {
        "t.co" | "pic.twitter.com" | "pic.x.com" => short_link(host, url),
        "cdn.syndication.twimg.com" => (url.path().starts_with("/tweet")).then(|| by_query(url, &["id"]))?,
        "platform.twitter.com" | "platform.x.com" => {
            let path = url.path().to_ascii_lowercase();
            (path == "/embed/tweet.html" || path == "/embed/index.html").then(|| by_query(url, &["id"]))?
        }
        "publish.twitter.com" | "publish.x.com" | "twitframe.com" | "api.twitter.com" => {
            by_query(url, &["query", "url"])
        }
        _ => post_on(host, url).map(Target::Post),
    }
}

/// The post with this id, under its canonical URL. None where it can't be an id.
pub(super) fn post(id: &str, handle: Option<&str>) -> Option<PostRef> {
    let number: u64 = id.parse().ok()?;
    if number == 0 || id.len() > MAX_ID_DIGITS || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let handle = handle.map(|handle| handle.trim_start_matches('@')).filter(|handle| is_handle(handle));
    let url = Url::parse(&format!("https://x.com/{}/status/{number}", handle.unwrap_or("i"))).ok()?;
    Some(PostRef { platform: ID.to_owned(), id: number.to_string(), author: handle.map(str::to_owned), url })
}

/// The post that an attribute names by its id or by its whole URL.
pub(super) fn post_in_attribute(value: &str) -> Option<PostRef> {
    let value = value.trim();
    if let Some(post) = post(value, None) {
        return Some(post);
    }
    match crate::platforms::recognize_text(value)? {
        Target::Post(post) if post.platform == ID => Some(post),
        _ => None,
    }
}

/// Whether this can be an account's name.
pub(super) fn is_handle(text: &str) -> bool {
    (1..=MAX_HANDLE).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !matches!(text.to_ascii_lowercase().as_str(), "i" | "intent" | "share" | "home" | "search" | "hashtag")
}

fn short_link(host: &str, url: &Url) -> Option<Target> {
    let code = url.path().trim_matches('/');
    if code.is_empty() || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let url = Url::parse(&format!("https://{host}/{code}")).ok()?;
    Some(Target::ShortLink { platform: ID.to_owned(), url })
}

/// The post that a parameter names, by its id or by its URL.
fn by_query(url: &Url, names: &[&str]) -> Option<Target> {
    let (_, value) = url.query_pairs().find(|(name, _)| names.contains(&name.as_ref()))?;
    if let Some(post) = post(&value, None) {
        return names.contains(&"id").then_some(Target::Post(post));
    }
    let inner = Url::parse(&value).ok()?;
    post_on(inner.host_str()?, &inner).map(Target::Post)
}

fn post_on(host: &str, url: &Url) -> Option<PostRef> {
    let bare = ["www.", "mobile.", "m."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    if !OWN.contains(&bare) && !is_mirror(bare) {
        return None;
    }
    match url.fragment().and_then(|fragment| fragment.strip_prefix('!')) {
        Some(path) if url.path() == "/" => post_at(path.split(['?', '#']).next().unwrap_or_default()),
        _ => post_at(url.path()),
    }
}

fn is_mirror(host: &str) -> bool {
    host.starts_with("nitter.")
        || MIRRORS
            .iter()
            .any(|mirror| host.strip_suffix(mirror).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

fn post_at(path: &str) -> Option<PostRef> {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .take(6)
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let is_status = |word: &str| matches!(word.to_ascii_lowercase().as_str(), "status" | "statuses");
    match segments.as_slice() {
        ["i", "web", word, id, ..] if is_status(word) => post(leading_id(id)?, None),
        ["i", "videos", "tweet", id, ..] | ["i", "cards", "tfw", "v1", id, ..] => post(leading_id(id)?, None),
        ["i", word, id, ..] if is_status(word) => post(leading_id(id)?, None),
        [word, id, ..] if is_status(word) => post(leading_id(id)?, None),
        [handle, word, id, ..] if is_status(word) && is_handle(handle.trim_start_matches('@')) => {
            post(leading_id(id)?, Some(handle))
        }
        _ => None,
    }
}

/// The digits at the start, where what follows is glue (an encoded query, punctuation of a sentence), not more letters.
fn leading_id(segment: &str) -> Option<&str> {
    let end = segment.find(|c: char| !c.is_ascii_digit()).unwrap_or(segment.len());
    let (id, rest) = segment.split_at(end);
    (!id.is_empty() && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::Platform;

    fn of(url: &str) -> Option<Target> {
        recognize(&Url::parse(url).unwrap())
    }

    #[test]
    fn samples_are_what_they_say() {
        let samples = super::super::Twitter.samples();
        for (url, id) in samples.posts {
            let Some(Target::Post(post)) = of(url) else { panic!("not recognised: {url}") };
            assert_eq!(post.id, *id, "{url}");
        }
        for url in samples.others {
            assert_eq!(of(url), None, "{url}");
        }
    }

    #[test]
    fn the_canonical_url_keeps_the_handle_and_drops_the_rest() {
        let canonical = |url| match of(url) {
            Some(Target::Post(post)) => post.url.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(canonical("http://www.twitter.com/AnnEx/status/20/video/1?s=1#m"), "https://x.com/AnnEx/status/20");
        assert_eq!(canonical("https://twitter.com/i/videos/tweet/20"), "https://x.com/i/status/20");
    }

    #[test]
    fn a_short_link_needs_the_network() {
        let Some(Target::ShortLink { url, .. }) = of("http://pic.twitter.com/a1B2c3D4e5") else { panic!() };
        assert_eq!(url.as_str(), "https://pic.twitter.com/a1B2c3D4e5");
        assert_eq!(of("https://pic.twitter.com/"), None);
    }

    #[test]
    fn an_id_glued_to_words_is_no_id() {
        assert_eq!(of("https://x.com/annex/status/20twenty"), None);
        assert_eq!(of("https://x.com/annex/status/0"), None);
        assert!(of("https://x.com/annex/status/20,").is_some());
    }
}
