//! Addresses that carry another address: web archives, redirectors, embed proxies, consent pages, AMP caches.
//!
//! Share buttons and login pages carry addresses too, and are no wrappers: they are about a post, not the post.

mod archive;
mod token;

use crate::platforms::Host;
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
    (".vk.ru", "/away.php", &["to"]),
    ("t.me", "/iv", &["url"]),
    ("disq.us", "/url", &["url"]),
    ("slack-redir.net", "/link", &["url"]),
    ("steamcommunity.com", "/linkfilter", &["u", "url"]),
    (".duckduckgo.com", "/l/", &["uddg"]),
    ("translate.google.com", "/translate", &["u"]),
    ("translate.yandex.com", "/translate", &["url"]),
    ("translate.yandex.ru", "/translate", &["url"]),
    ("translatetheweb.com", "/", &["a"]),
    (".microsofttranslator.com", "/", &["a"]),
    ("getpocket.com", "/redirect", &["url"]),
    ("exit.sc", "/", &["url"]),
    ("gate.sc", "/", &["url"]),
    (".pinterest.com", "/offsite", &["url"]),
    ("l.workplace.com", "/l.php", &["u"]),
    ("link.zhihu.com", "/", &["target"]),
    ("douban.com", "/link2", &["url"]),
    ("weibo.cn", "/sinaurl", &["u", "toasturl"]),
    ("link.csdn.net", "/", &["target"]),
    ("redirect.viglink.com", "/", &["u"]),
    ("go.skimresources.com", "/", &["url"]),
    ("click.linksynergy.com", "/", &["murl"]),
    ("ctp.trendmicro.com", "/wis/clicktime/", &["url"]),
    (".fireeye.com", "/", &["u"]),
    ("clicktime.symantec.com", "/", &["u"]),
    ("linkprotect.cudasvc.com", "/url", &["a"]),
    ("cts.businesswire.com", "/ct/", &["url"]),
    ("go.redirectingat.com", "/", &["url"]),
    ("href.li", "/", &[]),
    ("anonym.to", "/", &[]),
    ("deviantart.com", "/users/outgoing", &[]),
    ("pixiv.net", "/jump.php", &[]),
];

/// Redirectors at the end of whose path the address stands, percent-encoded: host, beginning of the path.
const BY_PATH: &[(&str, &str)] = &[
    ("outgoing.prod.webservices.mozgcp.net", "/v1/"),
    ("secure-web.cisco.com", "/"),
    (".awstrack.me", "/L0/"),
    ("click.pstmrk.it", "/3s/"),
    ("click.pstmrk.it", "/3/"),
    (".anrdoezrs.net", "/links/"),
    (".jdoqocy.com", "/links/"),
];

/// Hosts of wrappers whose address inside shows no host of its own: it lacks a scheme, or is encoded in a way of theirs.
pub static WRAPPER_HOSTS: &[Host] = &[
    Host::parts("archive", &[]),
    Host::parts("waybackmachine", &[]),
    Host::parts("arquivo", &[]),
    Host::parts("archive-it", &[]),
    Host::part("urldefense"),
    Host::part("proofpoint"),
    Host::part("translate"),
    Host::parts("ampproject", &["v0"]),
    Host::parts("bing-amp", &[]),
    Host::parts("bibalex", &[]),
    Host::parts("vefsafn", &[]),
    Host::parts("webarchiv", &[]),
    Host::parts("wikiwix", &[]),
    Host::parts("rhizome", &[]),
    Host::parts("mementoweb", &[]),
    Host::parts("webcitation", &[]),
    Host::parts("ghostarchive", &[]),
    Host::parts("megalodon", &[]),
    Host::part("pstmrk"),
    Host::parts(
        "google",
        &["maps", "store", "search", "forms", "document", "spreadsheets", "intl", "share", "recaptcha"],
    ),
    Host::part("avanan"),
    Host::part("sophos"),
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
    if let Some(found) = archive::unwrap(host, url) {
        return found;
    }
    if is_google(host) {
        match url.path() {
            "/url" => return parameter(url, &["q", "url"]),
            path => {
                if let Some(path) = path.strip_prefix("/amp/") {
                    return archive::cached(path, url);
                }
            }
        }
    }
    if let Some(translated) = host.strip_suffix(".translate.goog") {
        // `www-site--name-example`: a dash for each dot, two for a dash.
        let host = translated.replace("--", "\u{0}").replace('-', ".").replace('\u{0}', "-");
        return Some(format!("https://{host}{}", whole_path(url)));
    }
    if is_host(host, ".yahoo.com") || is_host(host, ".yahoo.co.jp") {
        // `…/RU=https%3a%2f%2f…/RK=2/…`, and the older `…/**http%3A//…`.
        let named = url.path_segments()?.find_map(|part| part.strip_prefix("RU=").map(str::to_owned));
        let starred = || whole_path(url).split_once("/*").map(|(_, inner)| inner.trim_start_matches('*').to_owned());
        if let Some(inner) = named.or_else(starred).filter(|inner| is_address(inner)) {
            return Some(inner);
        }
    }
    if is_host(host, "elk.zone") || host == "main.elk.zone" {
        // A reader of Mastodon: `/host/@user/1`.
        let path = url.path().trim_start_matches('/');
        return path.contains("/@").then(|| format!("https://{path}"));
    }
    if let Some(found) = token::unwrap(host, url) {
        return Some(found);
    }
    if let Some((_, start)) = BY_PATH.iter().find(|(own, start)| is_host(host, own) && url.path().starts_with(start)) {
        return at_the_end(url, start);
    }
    // Most addresses have no parameter.
    let query = url.query()?;
    for (wrapper, path, names) in BY_PARAMETER {
        if is_host(host, wrapper) && url.path().starts_with(path) {
            let found = if names.is_empty() { Some(query.to_owned()) } else { parameter(url, names) };
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

/// The address after the redirector's own parts of the path.
fn at_the_end(url: &Url, start: &str) -> Option<String> {
    let rest = whole_path(url).strip_prefix(start)?;
    let begins = rest.split_inclusive('/').scan(0, |at, part| {
        let begin = *at;
        *at += part.len();
        Some(begin)
    });
    let mut rests = begins.filter_map(|at| rest.get(at..));
    rests.find_map(|rest| {
        let part = rest.split('/').next().unwrap_or_default();
        // A whole address in one part ends with it; others go on to the end.
        let decoded = percent_decode_str(part).decode_utf8().ok()?;
        if decoded.contains('/') && (is_address(&decoded) || decoded.split('/').next()?.contains('.')) {
            return Some(decoded.into_owned());
        }
        is_address(rest).then(|| rest.to_owned())
    })
}

/// The address behind a path of the Wayback Machine, as the links of pages saved from it are: `/web/2020…/https://…`.
pub(super) fn kept_by_web_archive(url: &Url) -> Option<String> {
    let mut parts = url.path_segments()?;
    let is_stamp = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count() >= 4;
    (parts.next() == Some("web") && parts.next().is_some_and(is_stamp)).then(|| archive::kept(url)).flatten()
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

/// Path, query and fragment: all of them may belong to the address inside.
fn whole_path(url: &Url) -> &str {
    &url[Position::BeforePath..]
}
