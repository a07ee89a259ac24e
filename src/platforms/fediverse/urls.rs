//! The addresses of fediverse posts. Any host may be a server, so the shapes of ids are taken strictly: a museum's
//! `/objects/123`, a shop's `/p/user/123` or a blog's `/notes/review` must not become posts.

use crate::model::PostRef;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use url::{Host, Url};

/// Hosts (and what is below them) whose `/@name/...` or numbered paths are their own.
const OTHERS: [&str; 18] = [
    "medium.com",
    "tiktok.com",
    "threads.net",
    "threads.com",
    "youtube.com",
    "facebook.com",
    "instagram.com",
    "twitter.com",
    "x.com",
    "reddit.com",
    "substack.com",
    "tumblr.com",
    "brunch.co.kr",
    "steemit.com",
    "hive.blog",
    "unpkg.com",
    "jsdelivr.net",
    "bsky.app",
];

/// Large Lemmy servers whose name doesn't say so (join-lemmy.org's list, by memory, 2025; low sureness).
const LEMMY_HOSTS: [&str; 12] = [
    "sh.itjust.works",
    "beehaw.org",
    "programming.dev",
    "sopuli.xyz",
    "hexbear.net",
    "lemm.ee",
    "discuss.tchncs.de",
    "infosec.pub",
    "midwest.social",
    "aussie.zone",
    "slrpnk.net",
    "piefed.social",
];

/// What may stand behind a post's path without naming another thing.
const TAILS: [&str; 7] = ["embed", "activity", "reblogs", "favourites", "quotes", "embed_legacy", "likes"];

/// No shape has a shorter path than `/@a/1` or more parts than `/web/ap/users/1/statuses/1/embed`.
const MIN_PATH_BYTES: usize = 5;
const MAX_SEGMENTS: usize = 8;

/// What the paths of [`any_host`] and [`has_own_shape`] begin with, where no handle does, and what may stand before it.
const STARTS: [&str; 20] = [
    "users",
    "ap",
    "statuses",
    "notice",
    "objects",
    "display",
    "notes",
    "p",
    "i",
    "w",
    "videos",
    "post",
    "comment",
    "~",
    "u",
    "federation",
    "events",
    "web",
    "deck",
    "ui",
];

/// How much a path must look like a post.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// A URL met anywhere: only shapes that hardly anything else has.
    Shape,
    /// A URL that a server or an embed's markup itself calls a post.
    Said,
}

/// The post that a URL names by its shape alone.
pub(super) fn recognize(url: &Url) -> Option<PostRef> {
    read(url, Trust::Shape)
}

/// The post that a URL names where a server or an embed's markup says that it is one: short and plain ids are believed.
pub(super) fn said(url: &Url) -> Option<PostRef> {
    read(url, Trust::Said)
}

/// The name of an ActivityPub object. Where its address has no known shape, it is the address itself.
pub(super) fn object(text: &str) -> Option<PostRef> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    said(&url).or_else(|| (url.path().len() > 1 || url.query().is_some()).then(|| by_address(url))?)
}

/// A reference whose id is the address.
fn by_address(mut url: Url) -> Option<PostRef> {
    url.set_fragment(None);
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let id = format!("{}{}{query}", host_of(&url)?, url.path().trim_end_matches('/'));
    Some(PostRef { platform: "activitypub".to_owned(), id, author: None, url })
}

/// The server and the rest of a post's id; a bare number belongs to the one host of its platform.
pub(super) fn server_and_number(post: &PostRef) -> Option<(&str, &str)> {
    match post.platform.as_str() {
        "truthsocial" => Some(("truthsocial.com", &post.id)),
        "gab" => Some(("gab.com", &post.id)),
        _ => post.id.split_once('/'),
    }
}

/// A post of the same server by its number there, as an answer of that server gives it.
pub(super) fn sibling(post: &PostRef, number: &str, acct: Option<&str>) -> Option<PostRef> {
    let (host, _) = server_and_number(post)?;
    let plain = (1..=64).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let acct = acct.filter(|acct| is_acct(&format!("@{acct}")));
    plain.then(|| built(host, &post.platform, number, acct))?
}

fn host_of(url: &Url) -> Option<String> {
    let Some(Host::Domain(name)) = url.host() else { return None };
    let name = name.trim_end_matches('.');
    Some(url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")))
}

/// Whether a host is that of an address, or above or below it.
pub(super) fn is_near(host: &str, url: &Url) -> bool {
    url.host_str().is_some_and(|own| is_below(own, host) || is_below(host, own))
}

fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn read(url: &Url, trust: Trust) -> Option<PostRef> {
    // Most links of a page end here, before anything is taken apart.
    if !matches!(url.scheme(), "http" | "https") || url.path().len() < MIN_PATH_BYTES || !may_be_read(url) {
        return None;
    }
    let segments: Vec<Cow<'_, str>> = url
        .path_segments()?
        .filter(|segment| !segment.is_empty())
        .take(MAX_SEGMENTS + 1)
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect();
    if !(2..=MAX_SEGMENTS).contains(&segments.len()) {
        return None;
    }
    let mut path: Vec<&str> = segments.iter().map(Cow::as_ref).collect();
    if matches!(path[..], ["web" | "deck" | "ui", _, _, ..]) {
        path.remove(0);
    }
    while let [_, _, .., last] = path[..]
        && TAILS.contains(&last)
    {
        path.pop();
    }
    if let Some(last) = path.last_mut() {
        *last = last.strip_suffix(".json").unwrap_or(last);
    }
    let host = host_of(url)?;
    let found = match host.strip_prefix("www.").unwrap_or(&host) {
        "truthsocial.com" => truth_social(&path),
        "gab.com" | "gab.ai" => gab(&path),
        _ => any_host(&host, &path, trust).or_else(|| {
            let mut url = url.clone();
            url.set_query(None);
            has_own_shape(&host, &path).then(|| by_address(url))?
        }),
    };
    found.filter(|_| !OTHERS.iter().any(|other| is_below(&host, other)))
}

/// Whether an address may have one of the shapes below, told from its host and its first two parts as they stand there.
fn may_be_read(url: &Url) -> bool {
    let mut parts = url.path().split('/').filter(|part| !part.is_empty());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let may_be = first.starts_with('@')
        || STARTS.contains(&first)
        || second == "statuses"
        || url.path().contains('%')
        || url.host_str().is_some_and(|host| host.contains("truthsocial") || host.contains("gab."));
    may_be && !url.host_str().is_some_and(|host| OTHERS.iter().any(|other| is_below(host, other)))
}

fn truth_social(path: &[&str]) -> Option<PostRef> {
    let (user, id) = match path {
        [user, id] | [user, "posts", id] if user.starts_with('@') => (Some(*user), *id),
        ["users", user, "statuses", id] => (Some(*user), *id),
        ["posts" | "statuses", id] => (None, *id),
        _ => return None,
    };
    is_snowflake(id).then(|| built("truthsocial.com", "truthsocial", id, user))?
}

fn gab(path: &[&str]) -> Option<PostRef> {
    let [user, "posts", id] = path else { return None };
    is_number(id).then(|| built("gab.com", "gab", id, Some(user)))?
}

fn any_host(host: &str, path: &[&str], trust: Trust) -> Option<PostRef> {
    let said = trust == Trust::Said;
    let snowflake = |id: &str| is_snowflake(id) || (said && is_number(id));
    let (platform, id, user) = match path {
        [user, id] if is_acct(user) && snowflake(id) => ("mastodon", *id, Some(*user)),
        ["users", user, "statuses", id] if is_number(id) => ("mastodon", *id, Some(*user)),
        ["ap", "users", _, "statuses", id] if snowflake(id) => ("mastodon", *id, None),
        ["statuses", id] if snowflake(id) => ("mastodon", *id, None),
        [user, "statuses", id] | ["users", user, "statuses", id] if is_ulid(id) => ("gotosocial", *id, Some(*user)),
        ["notice", id] if is_flake(id) => ("pleroma", *id, None),
        ["notice", id] if is_number(id) && (said || is_gnu_social(host)) => ("gnusocial", *id, None),
        ["objects", id] if is_uuid_4(id) => ("pleroma", *id, None),
        ["objects", id] | ["display", id] if is_uuid(id) => ("friendica", *id, None),
        ["notes", id] if is_misskey_id(id) => ("misskey", *id, None),
        ["p", user, id] if snowflake(id) => ("pixelfed", *id, Some(*user)),
        ["i", "web", "post", id] if snowflake(id) => ("pixelfed", *id, None),
        ["w", id] | ["videos", "watch" | "embed", id] if is_uuid_4(id) || is_short_uuid(id) => ("peertube", *id, None),
        ["post", id] | ["post", id, ..] if is_number(id) && (said || is_lemmy(host)) => ("lemmy", *id, None),
        ["comment", id] if is_number(id) && (said || is_lemmy(host)) => return lemmy_comment(host, id),
        _ => return None,
    };
    built(host, platform, id, user)
}

/// A reference with its canonical URL.
fn built(host: &str, platform: &str, id: &str, user: Option<&str>) -> Option<PostRef> {
    let author = user.map(|user| user.trim_start_matches('@').to_owned()).filter(|user| !user.is_empty());
    let path = match (platform, author.as_deref()) {
        ("truthsocial", Some(user)) => format!("@{user}/posts/{id}"),
        ("truthsocial", None) => format!("posts/{id}"),
        ("gab", Some(user)) => format!("{user}/posts/{id}"),
        ("gotosocial", Some(user)) => format!("@{user}/statuses/{id}"),
        ("pixelfed", Some(user)) => format!("p/{user}/{id}"),
        ("pixelfed", None) => format!("i/web/post/{id}"),
        ("pleroma", _) if is_uuid(id) => format!("objects/{id}"),
        ("pleroma" | "gnusocial", _) => format!("notice/{id}"),
        ("friendica", _) => format!("display/{id}"),
        ("misskey", _) => format!("notes/{id}"),
        ("peertube", _) => format!("videos/watch/{id}"),
        ("lemmy", _) => format!("post/{id}"),
        (_, Some(user)) => format!("@{user}/{id}"),
        (_, None) => format!("web/statuses/{id}"),
    };
    let url = Url::parse(&format!("https://{host}/{path}")).ok()?;
    let one_host = matches!(platform, "truthsocial" | "gab");
    let id = if one_host { id.to_owned() } else { format!("{host}/{id}") };
    Some(PostRef { platform: platform.to_owned(), id, author, url })
}

/// Paths that only one software of the fediverse makes: Plume's articles, Funkwhale's tracks, honk's honks, Discourse's
/// objects, and Mobilizon's events where the host says so.
fn has_own_shape(host: &str, path: &[&str]) -> bool {
    match path {
        ["~", _, _] => true,
        ["u", _, "h", id] => id.len() >= 8 && id.bytes().all(|b| b.is_ascii_alphanumeric()),
        ["federation", "music", "uploads", id] => is_uuid(id),
        ["ap", "object", id] => id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
        ["events", id] => is_uuid_4(id) && host.split('.').any(|label| matches!(label, "mobilizon" | "mobilisons")),
        _ => false,
    }
}

/// Lemmy numbers posts and comments apart, so a comment's id says which.
fn lemmy_comment(host: &str, id: &str) -> Option<PostRef> {
    let url = Url::parse(&format!("https://{host}/comment/{id}")).ok()?;
    Some(PostRef { platform: "lemmy".to_owned(), id: format!("{host}/comment/{id}"), author: None, url })
}

/// `@user` or `@user@host`.
fn is_acct(segment: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@' | b':') || !b.is_ascii();
    segment
        .strip_prefix('@')
        .is_some_and(|name| !name.is_empty() && !name.starts_with('@') && name.bytes().all(allowed))
}

fn is_number(id: &str) -> bool {
    (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// Mastodon's ids since 2017 hold the time in their upper bits: 17 or 18 digits, and room for what is near.
fn is_snowflake(id: &str) -> bool {
    is_number(id) && id.len() >= 15
}

/// Pleroma's flake ids: 128 bits in base 62, 18 digits in this age.
fn is_flake(id: &str) -> bool {
    id.len() == 18
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
        && id.bytes().any(|b| b.is_ascii_uppercase())
        && id.bytes().any(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// 26 characters of Crockford's base 32, the first within 128 bits.
fn is_ulid(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_digit() || (b.is_ascii_uppercase() && !matches!(b, b'I' | b'L' | b'O' | b'U'));
    id.len() == 26 && id.bytes().all(allowed) && id.starts_with(|first: char| ('0'..='7').contains(&first))
}

fn is_uuid(id: &str) -> bool {
    id.len() == 36
        && id.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// A random UUID. Friendica's have their host's mark in them instead.
fn is_uuid_4(id: &str) -> bool {
    is_uuid(id) && id.as_bytes().get(14) == Some(&b'4') && id.as_bytes().get(19).is_some_and(|b| b"89abAB".contains(b))
}

/// PeerTube's short form of a UUID: 22 digits of base 58 (since 3.3, 2021).
fn is_short_uuid(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'I' | b'O' | b'l');
    id.len() == 22
        && id.bytes().all(allowed)
        && id.bytes().any(|b| b.is_ascii_uppercase())
        && id.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

/// Misskey's ids (`aid`, `aidx`: the time in base 36, then noise; also ULIDs and 24 hexadecimal digits). The first
/// digit of the time passes from `6` (2014) to `c` (2032), which hardly any word does.
fn is_misskey_id(id: &str) -> bool {
    let timed = matches!(id.len(), 10 | 16)
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && id.starts_with(|first: char| matches!(first, '6'..='9' | 'a'..='c'))
        && id.bytes().any(|b| b.is_ascii_digit());
    let hex = id.len() == 24 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    timed || hex || is_ulid(&id.to_ascii_uppercase())
}

fn is_gnu_social(host: &str) -> bool {
    host.split('.').any(|label| matches!(label, "gnusocial" | "gs" | "quitter" | "loadaverage"))
}

fn is_lemmy(host: &str) -> bool {
    LEMMY_HOSTS.contains(&host) || host.split('.').any(|label| label.contains("lemmy") || label == "feddit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<PostRef> {
        recognize(&Url::parse(url).unwrap())
    }

    #[test]
    fn canonical_urls_are_those_that_people_share() {
        for (url, canonical) in [
            ("https://a.example/users/pat/statuses/112345678901234567", "https://a.example/@pat/112345678901234567"),
            (
                "https://truthsocial.com/@pat/112345678901234567",
                "https://truthsocial.com/@pat/posts/112345678901234567",
            ),
            ("https://a.example/w/9PimpSkZXiCneBXrrEvrRx", "https://a.example/videos/watch/9PimpSkZXiCneBXrrEvrRx"),
            ("https://a.example/i/web/post/366912345678901234", "https://a.example/i/web/post/366912345678901234"),
        ] {
            assert_eq!(of(url).unwrap().url.as_str(), canonical);
        }
    }

    #[test]
    fn a_short_id_is_believed_only_where_a_server_says_it() {
        let url = Url::parse("https://a.example/@pat/4412").unwrap();
        assert!(recognize(&url).is_none());
        assert_eq!(said(&url).unwrap().id, "a.example/4412");
        assert_eq!(object("https://a.example/?p=1#x").unwrap().id, "a.example?p=1");
        assert!(object("https://a.example/").is_none() && object("tag:x").is_none());
    }
}
