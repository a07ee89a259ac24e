//! Addresses that carry another address: web archives, redirectors, embed proxies, consent pages, AMP caches.
//!
//! Share buttons and login pages carry addresses too, and are no wrappers: they are about a post, not the post.

use percent_encoding::percent_decode_str;
use url::{Position, Url};

/// Redirectors and proxies: host (a leading dot also means its subdomains), beginning of the path, parameters that
/// hold the address, best first. From public pages and from the services' own documentation, to November 2026.
const BY_PARAMETER: &[(&str, &str, &[&str])] = &[
    (".safelinks.protection.outlook.com", "/", &["url"]),
    ("statics.teams.cdn.office.net", "/evergreen-assets/safelinks", &["url"]),
    (".facebook.com", "/l.php", &["u"]),
    (".facebook.com", "/flx/warn", &["u"]),
    ("l.instagram.com", "/", &["u"]),
    ("l.threads.com", "/", &["u"]),
    ("l.threads.net", "/", &["u"]),
    ("l.messenger.com", "/l.php", &["u"]),
    ("l.wl.co", "/l", &["u"]),
    ("go.bsky.app", "/redirect", &["u"]),
    ("out.reddit.com", "/", &["url"]),
    ("t.umblr.com", "/redirect", &["z"]),
    (".embedly.com", "/widgets/media.html", &["src", "url"]),
    (".embedly.com", "/widgets/card.html", &["url"]),
    (".embed.ly", "/", &["src", "url"]),
    (".iframe.ly", "/", &["url"]),
    (".iframely.com", "/", &["url", "uri"]),
    (".if-cdn.com", "/", &["url"]),
    ("noembed.com", "/embed", &["url"]),
    ("twitframe.com", "/show", &["url"]),
    ("consent.youtube.com", "/", &["continue"]),
    ("consent.google.com", "/", &["continue"]),
    (".youtube.com", "/redirect", &["q"]),
    (".linkedin.com", "/redir/", &["url"]),
    (".linkedin.com", "/safety/go", &["url"]),
    (".vk.com", "/away.php", &["to"]),
    ("disq.us", "/url", &["url"]),
    ("slack-redir.net", "/link", &["url"]),
    ("steamcommunity.com", "/linkfilter", &["u", "url"]),
    (".duckduckgo.com", "/l/", &["uddg"]),
    ("translate.google.com", "/translate", &["u"]),
    ("getpocket.com", "/redirect", &["url"]),
    ("exit.sc", "/", &["url"]),
    ("linkprotect.cudasvc.com", "/url", &["a"]),
    ("cts.businesswire.com", "/ct/", &["url"]),
    ("go.redirectingat.com", "/", &["url"]),
    ("href.li", "/", &[]),
];

/// Web archives that put the archived address at the end of their own path.
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
    "perma-archives.org",
    "ghostarchive.org",
    "megalodon.jp",
    "webcache.googleusercontent.com",
];

/// Last parts of a path that take any address and show what is there.
const EMBED_ENDPOINTS: &[&str] =
    &["oembed", "oembed.json", "oembed.xml", "instagram_oembed", "oembed_post", "oembed_video", "embed", "embeds"];

/// The address that `url` carries, as it stands there; None where it is no wrapper.
pub(super) fn unwrap(url: &Url) -> Option<String> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.');
    if ARCHIVES.iter().any(|archive| is_host(host, archive)) {
        return archived(url);
    }
    if host.ends_with("cdn.ampproject.org") || is_host(host, "bing-amp.com") {
        return amp(url.path(), url);
    }
    if is_google(host) {
        return match url.path() {
            "/url" => parameter(url, &["q", "url"]),
            path => amp(path.strip_prefix("/amp")?, url),
        };
    }
    if host.starts_with("urldefense.") {
        return defended(url);
    }
    if let Some(translated) = host.strip_suffix(".translate.goog") {
        // `www-site--name-example`: a dash for each dot, two for a dash.
        let host = translated.replace("--", "\u{0}").replace('-', ".").replace('\u{0}', "-");
        return Some(format!("https://{host}{}", whole_path(url)));
    }
    if is_host(host, ".search.yahoo.com") {
        return url.path_segments()?.find_map(|part| part.strip_prefix("RU=").map(str::to_owned));
    }
    for (wrapper, path, names) in BY_PARAMETER {
        if is_host(host, wrapper) && url.path().starts_with(path) {
            let found = if names.is_empty() { url.query().map(str::to_owned) } else { parameter(url, names) };
            if let Some(inner) = found.filter(|inner| is_address(inner)) {
                return Some(inner);
            }
        }
    }
    carried(url)
}

/// The address that an oEmbed or embed endpoint of any host was given.
pub(super) fn carried(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let known = EMBED_ENDPOINTS.iter().any(|endpoint| last.eq_ignore_ascii_case(endpoint));
    if known { parameter(url, &["url", "src"]).filter(|inner| is_address(inner)) } else { None }
}

fn parameter(url: &Url, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let found = url.query_pairs().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.into_owned())
    })
}

fn is_host(host: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('.') {
        Some(bare) => host == bare || host.ends_with(pattern),
        None => host == pattern || host.strip_prefix("www.") == Some(pattern),
    }
}

/// google.com, google.de, google.co.uk with any subdomain; not google.evil.example.
fn is_google(host: &str) -> bool {
    let labels: Vec<_> = host.rsplit('.').collect();
    let country = |label: &str| label.len() == 2;
    match labels[..] {
        [last, "google", ..] => last == "com" || country(last),
        [last, "co" | "com", "google", ..] => country(last),
        _ => false,
    }
}

fn is_address(text: &str) -> bool {
    let head = text.trim_start().get(..10).unwrap_or(text).to_ascii_lowercase();
    ["http:", "https:", "//", "http%", "https%", "www."].iter().any(|start| head.starts_with(start))
}

/// What stands at the end of the path, from the first part that begins an address. Some servers fold `https://` into
/// `https:/`; the URL parser accepts both.
fn archived(url: &Url) -> Option<String> {
    if let Some(cached) = parameter(url, &["q"]).filter(|_| url.path() == "/search") {
        let inner = cached.strip_prefix("cache:")?.splitn(2, ':').last()?.to_owned();
        return Some(inner.split(' ').next().unwrap_or_default().to_owned());
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
        let stamp = part.trim_end_matches('/').trim_end_matches(|c: char| c == '_' || c.is_ascii_lowercase());
        let is_stamp =
            stamp.len() >= 4 && stamp.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        let next = &whole[at..];
        if is_stamp && !is_address(next) && next.split('/').next().is_some_and(|host| host.contains('.')) {
            return Some(next.to_owned());
        }
    }
    None
}

/// Path, query and fragment: all of them may belong to the address inside.
fn whole_path(url: &Url) -> &str {
    &url[Position::BeforePath..]
}

/// `/c/s/host/path` (`s` for https; `c`, `v`, `i`, `r` for the kind of copy), or `/s/host/path` under `google.com/amp`.
fn amp(path: &str, url: &Url) -> Option<String> {
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

/// `/v3/__https://…__;…` or `/v2/url?u=https-3A__…`, in which `-` stands for `%` and `_` for `/`.
fn defended(url: &Url) -> Option<String> {
    let whole = whole_path(url);
    if let Some((_, inner)) = whole.split_once("/v3/__") {
        return inner.split("__;").next().map(str::to_owned).filter(|inner| is_address(inner));
    }
    let inner = parameter(url, &["u"])?.replace('-', "%").replace('_', "/");
    percent_decode_str(&inner).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
