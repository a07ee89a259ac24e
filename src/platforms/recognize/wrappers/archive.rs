//! Web archives and AMP caches: they put the address that they keep at the end of their own path.

use super::{is_address, is_host, parameter, whole_path};
use url::Url;

/// Web archives that do. From their own pages, to November 2026.
const ARCHIVES: &[&str] = &[
    ".archive.org",
    "waybackmachine.org",
    ".waybackmachine.org",
    "archive.today",
    "archive.is",
    "archive.ph",
    "archive.li",
    "archive.vn",
    "archive.fo",
    "archive.md",
    "arquivo.pt",
    ".archive-it.org",
    "webarchive.loc.gov",
    ".webarchive.org.uk",
    "webarchive.nationalarchives.gov.uk",
    "webarchive.nla.gov.au",
    "web.archive.bibalex.org",
    "wayback.vefsafn.is",
    "webarchiv.cz",
    "timetravel.mementoweb.org",
    "webcitation.org",
    "archive.wikiwix.com",
    "conifer.rhizome.org",
    "perma-archives.org",
    "ghostarchive.org",
    "megalodon.jp",
    "webcache.googleusercontent.com",
];

/// The address that an archive's or a cache's own address names; None where `host` is neither.
pub(super) fn unwrap(host: &str, url: &Url) -> Option<Option<String>> {
    if host == "wayback-fakeurl.archive.org" {
        // Under this name the Wayback Machine keeps films of YouTube.
        return Some(url.path().strip_prefix("/yt/").map(film));
    }
    if is_host(host, "ghostarchive.org") && url.path().starts_with("/varchive/") {
        return Some(url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty())).map(film));
    }
    if ARCHIVES.iter().any(|archive| is_host(host, archive)) {
        return Some(kept(url));
    }
    if host.ends_with("cdn.ampproject.org") || is_host(host, "bing-amp.com") {
        return Some(cached(url.path(), url));
    }
    None
}

fn film(id: &str) -> String {
    format!("https://www.youtube.com/watch?v={id}")
}

/// What stands at the end of the path, from the first part that begins an address. Some servers fold `https://` into
/// `https:/`; the URL parser accepts both.
pub(super) fn kept(url: &Url) -> Option<String> {
    if let Some(cached) = parameter(url, &["q"]).filter(|_| url.path() == "/search") {
        // `cache:CODE:ADDRESS words`, where the code may be missing.
        let named = cached.strip_prefix("cache:")?;
        let inner = named.split_once(':').filter(|(code, _)| !is_address(named) && !code.contains('.'));
        return inner.map_or(named, |(_, inner)| inner).split(' ').next().map(str::to_owned);
    }
    if let Some(inner) = parameter(url, &["url"]).filter(|inner| is_address(inner)) {
        return Some(inner);
    }
    let whole = whole_path(url);
    let mut at = 0;
    for part in whole.split_inclusive('/') {
        let rest = &whole[at..];
        at += part.len();
        if is_address(rest) && !rest.starts_with("//") {
            return Some(rest.to_owned());
        }
        // `/web/2020/x.com/…`: the address may lack its scheme right after the time.
        let stamp =
            part.trim_end_matches('/').trim_end_matches(|c: char| matches!(c, '_' | '*') || c.is_ascii_lowercase());
        let is_stamp =
            stamp.len() >= 4 && stamp.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        let next = &whole[at..];
        if (is_stamp || part == "*/")
            && !is_address(next)
            && next.split('/').next().is_some_and(|host| host.contains('.'))
        {
            return Some(next.to_owned());
        }
    }
    None
}

/// `/c/s/host/path` (`s` for https; `c`, `v`, `i`, `r` for the kind of copy), or `/s/host/path` under `google.com/amp`.
pub(super) fn cached(path: &str, url: &Url) -> Option<String> {
    let mut rest = path.trim_start_matches('/');
    for kind in ["c/", "v/", "i/", "r/", "wp/", "x/", "cf/"] {
        if let Some(after) = rest.strip_prefix(kind) {
            rest = after;
            break;
        }
    }
    let (scheme, rest) = rest.strip_prefix("s/").map_or(("http", rest), |after| ("https", after));
    if !rest.split('/').next().is_some_and(|host| host.contains('.')) {
        return None;
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{scheme}://{rest}{query}"))
}
