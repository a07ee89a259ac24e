//! Which post a URL names: what pages do to URLs is undone, wrappers are taken off, then every platform is asked.
//!
//! Pages escape URLs (entities, JSON, percent, twice), archives and redirectors wrap them. A URL is only looked for
//! where a known wrapper carries one: a host that merely stands inside another URL's path names nothing.

mod escapes;
mod wrappers;

pub use wrappers::WRAPPER_HOSTS;

use crate::model::Target;
use std::borrow::Cow;
use url::{Position, Url};

/// Wrappers inside wrappers: an archived redirector of an oEmbed address is three deep.
const MAX_DEPTH: usize = 6;
/// No platform's URL comes near; what is longer is data.
const MAX_URL_BYTES: usize = 8192;

/// The post or short link that a URL names, through any wrapper.
#[must_use]
pub fn recognize(url: &Url) -> Option<Target> {
    unwrapped(url).and_then(|url| ask(&url))
}

/// The address of the same post without its author's handle in it; none where the platform has no such address, or
/// names posts by their authors.
#[must_use]
pub fn without_author(url: &Url) -> Option<Url> {
    let Some(Target::Post(post)) = recognize(url) else { return Some(url.clone()) };
    let Some(author) = &post.author else { return Some(post.url) };
    let is_author = |part: &str| part.trim_start_matches('@').eq_ignore_ascii_case(author);
    ["i", "redacted"].into_iter().find_map(|instead| {
        let parts: Vec<_> = post
            .url
            .path_segments()?
            .map(|part| match is_author(part) {
                true if part.starts_with('@') => format!("@{instead}"),
                true => instead.to_owned(),
                false => part.to_owned(),
            })
            .collect();
        let mut other = post.url.clone();
        other.set_path(&parts.join("/"));
        let is_same = matches!(recognize(&other), Some(Target::Post(found)) if found.key() == post.key());
        let is_named = other.as_str().to_lowercase().contains(&author.to_lowercase());
        (is_same && !is_named).then_some(other)
    })
}

/// What a URL as it stands in a page is when its escapes are undone and its wrappers taken off.
pub(super) fn unwrapped_text(url: &str) -> Option<Url> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    unwrapped(&parse(url)?).map(Cow::into_owned)
}

/// A URL without its wrappers; None where there are too many, or too much in one.
fn unwrapped(url: &Url) -> Option<Cow<'_, Url>> {
    let mut url = Cow::Borrowed(url);
    for _ in 0..MAX_DEPTH {
        if url.as_str().len() > MAX_URL_BYTES {
            return None;
        }
        match wrappers::unwrap(&url) {
            Some(inner) => url = Cow::Owned(parse(&inner)?),
            None => return Some(url),
        }
    }
    None
}

/// The same for a URL as it stands in a page: relative to the scheme (`//x.com/…`), without a scheme (`www.…`,
/// `x.com/…`), with entities, JSON escapes or percent-encoding left in it, an `at:` URI, or a path on the page's own
/// host that carries a post's URL (`/embed?url=…`).
#[must_use]
pub fn recognize_text(url: &str) -> Option<Target> {
    if url.len() > MAX_URL_BYTES {
        return None;
    }
    let url = escapes::undo(url);
    recognize(&parse(&url)?).or_else(|| {
        // The end of a sentence is not part of its last URL.
        let bare = url
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'', '"', '>', '*', '”', '’', '»', '…']);
        if bare.len() < url.len() { recognize(&parse(bare)?) } else { None }
    })
}

/// An absolute URL of what stands where a URL is expected.
pub(super) fn parse(text: &str) -> Option<Url> {
    let text = escapes::undo(text);
    if let Some(uri) = text.strip_prefix("at://") {
        return at_uri(uri);
    }
    if let Some(rest) = text.strip_prefix("//") {
        return Url::parse(&format!("https://{rest}")).ok();
    }
    if text.starts_with('/') {
        let url = Url::parse("https://relative.invalid").and_then(|base| base.join(&text)).ok()?;
        let inner = wrappers::carried(&url).or_else(|| wrappers::kept_by_web_archive(&url));
        return inner.and_then(|inner| Url::parse(&escapes::undo(&inner)).ok());
    }
    let has_scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.starts_with(|c: char| c.is_ascii_digit())
    });
    let url = if has_scheme { Url::parse(&text) } else { Url::parse(&format!("https://{text}")) }.ok()?;
    match url.scheme() {
        "http" | "https" => {
            url.host_str().is_some_and(|host| host.contains('.') || host.starts_with("xn--")).then_some(url)
        }
        "tg" | "spotify" => Some(url),
        _ => None,
    }
}

/// `actor/app.bsky.feed.post/rkey` as the address that a browser would open. An actor with colons is no host, so the
/// URL parser refuses these URIs as they are.
fn at_uri(uri: &str) -> Option<Url> {
    let (actor, rest) = uri.split_once('/')?;
    let (collection, key) = rest.split_once('/')?;
    if collection != "app.bsky.feed.post" {
        return None;
    }
    Url::parse(&format!("https://bsky.app/profile/{}/post/{key}", actor.trim_start_matches('@'))).ok()
}

/// Asks every platform: for the URL as it is, then with the percent-encoding of its path undone, which also frees a
/// query or fragment that was encoded into the path.
fn ask(url: &Url) -> Option<Target> {
    let all = |url: &Url| super::ALL.iter().find_map(|platform| platform.recognize(url));
    all(url).or_else(|| {
        if !matches!(url.scheme(), "http" | "https") || !url.path().contains('%') {
            return None;
        }
        let path = escapes::percent_decoded(url.path())?;
        let origin = &url[..Position::BeforePath];
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let freed = Url::parse(&format!("{origin}{path}{query}")).ok()?;
        (freed.host_str() == url.host_str() && freed != *url).then(|| all(&freed)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(url: &str) -> Option<String> {
        recognize_text(url).and_then(|target| target.post().map(crate::model::PostRef::key))
    }

    #[test]
    fn a_post_is_recognised_through_every_wrapper_and_escape() {
        let forms = [
            "https://web.archive.org/web/20200102030405/https://www.youtube.com/watch?v=aB3_dE6-gH9",
            "https://web.archive.org/web/20200102030405if_/https:/www.youtube.com/watch?v=aB3_dE6-gH9",
            "http://archive.org/web/2020/http://youtu.be/aB3_dE6-gH9",
            "https://archive.ph/2020.01.02-030405/https://youtu.be/aB3_dE6-gH9",
            "https://archive.today/newest/https://youtu.be/aB3_dE6-gH9",
            "https://www.google.com/url?q=https://youtu.be/aB3_dE6-gH9&sa=D&ust=1",
            "https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&data=1",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9%3Ffbclid%3D1&h=x",
            "https://out.reddit.com/t3_abc?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&token=1",
            "https://t.umblr.com/redirect?z=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&t=1",
            "https://cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fwww.youtube.com%2Fembed%2FaB3_dE6-gH9&key=1",
            "https://cdn.iframe.ly/api/iframe?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&key=1",
            "https://consent.youtube.com/ml?continue=https://www.youtube.com/watch?v%3DaB3_dE6-gH9%26feature%3Dx&gl=ES",
            "https://www.google.com/amp/s/www.youtube.com/watch?v=aB3_dE6-gH9",
            "https://www-youtube-com.cdn.ampproject.org/c/s/www.youtube.com/watch?v=aB3_dE6-gH9",
            "https://urldefense.com/v3/__https://youtu.be/aB3_dE6-gH9__;!!abc!def$",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__youtu.be_aB3-5FdE6-2DgH9&d=x",
            "https://www-youtube-com.translate.goog/watch?v=aB3_dE6-gH9&_x_tr_sl=auto&_x_tr_tl=en",
            "https://r.search.yahoo.com/_ylt=x/RV=2/RO=10/RU=https%3a%2f%2fyoutu.be%2faB3_dE6-gH9/RK=2/RS=x",
            "https://web.archive.org/web/*/https://youtu.be/aB3_dE6-gH9",
            "https://web.archive.org/web/*/youtu.be/aB3_dE6-gH9",
            "https://web.archive.org/web/20200102030405id_/https://youtu.be/aB3_dE6-gH9",
            "https://web.archive.org/web/20200102030405oe_/http://www.youtube.com/v/aB3_dE6-gH9&hl=en",
            "https://web.archive.org/web/2oe_/http://wayback-fakeurl.archive.org/yt/aB3_dE6-gH9",
            "https://web.archive.org/save/https://youtu.be/aB3_dE6-gH9",
            "https://arquivo.pt/wayback/20200102030405/https://youtu.be/aB3_dE6-gH9",
            "https://arquivo.pt/noFrame/replay/20200102030405/https://youtu.be/aB3_dE6-gH9",
            "https://timetravel.mementoweb.org/memento/2020/https://youtu.be/aB3_dE6-gH9",
            "https://www.webcitation.org/query?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&date=2015-01-02",
            "https://ghostarchive.org/varchive/aB3_dE6-gH9",
            "https://webcache.googleusercontent.com/search?q=cache:xYz1:https://www.youtube.com/watch?v%3DaB3_dE6-gH9+words&hl=en",
            "https://webcache.googleusercontent.com/search?q=cache:https://youtu.be/aB3_dE6-gH9",
            "https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOQ&ntb=1",
            "https://rds.yahoo.com/_ylt=x/SIG=1/**https%3A//youtu.be/aB3_dE6-gH9",
            "https://search.yahoo.co.jp/r/_ylt=x/RU=https%3a%2f%2fyoutu.be%2faB3_dE6-gH9/RS=x",
            "https://l.messenger.com/l.php?u=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://lm.facebook.com/l.php?u=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&h=x",
            "https://vk.com/away.php?to=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&cc_key=",
            "https://t.me/iv?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&rhash=1",
            "https://duckduckgo.com/l/?uddg=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9&rut=1",
            "https://outgoing.prod.webservices.mozgcp.net/v1/0a1b/https%3A//youtu.be/aB3_dE6-gH9",
            "https://secure-web.cisco.com/1aBc/https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://ab1.r.us-east-1.awstrack.me/L0/https:%2F%2Fyoutu.be%2FaB3_dE6-gH9/1/0100/x=1",
            "https://click.pstmrk.it/3s/youtu.be%2FaB3_dE6-gH9/aB/cD/eF",
            "https://avanan.click/v2/___https://youtu.be/aB3_dE6-gH9___.YXA",
            "https://substack.com/redirect/2/eyJlIjoiaHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOSIsInAiOjEsInMiOjJ9.c2ln",
            "https://e.customeriomail.com/e/c/eyJlbWFpbF9pZCI6IngiLCJocmVmIjoiaHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOSJ9/0a1b",
            "https://link.harbour.example/click/1.2/aHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOQ/5f1",
            "https://x1y.mjt.lu/lnk/AAA/1/sig/aHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOQ==",
            "https://eu1.protection.sophos.com/?d=youtu.be&u=aHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOQ==&i=1",
            "https://mandrillapp.com/track/click/1/youtu.be?p=eyJzIjoieCIsInYiOjEsInAiOiJ7XCJ1XCI6MSxcInVybFwiOlwiaHR0cHM6XFxcL1xcXC95b3V0dS5iZVxcXC9hQjNfZEU2LWdIOVwifSJ9",
            "https://translate.google.com/translate?sl=auto&u=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://noembed.com/embed?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fweb.archive.org%2Fweb%2F2020%2Fhttps%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "//www.youtube.com/embed/aB3_dE6-gH9",
            "www.youtube.com/watch?v=aB3_dE6-gH9",
            "youtu.be/aB3_dE6-gH9",
            "https:\\/\\/www.youtube.com\\/embed\\/aB3_dE6-gH9",
            "https:\\u002F\\u002Fwww.youtube.com\\u002Fwatch?feature=x\\u0026v=aB3_dE6-gH9",
            "https://www.youtube.com/watch?feature=x&amp;v=aB3_dE6-gH9",
            "https://www.youtube.com/watch?feature=x&amp;amp;v=aB3_dE6-gH9",
            "https://www.youtube.com/watch?feature=x&#038;v=aB3_dE6-gH9",
            "https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DaB3_dE6-gH9",
            "https%253A%252F%252Fwww.youtube.com%252Fwatch%253Fv%253DaB3_dE6-gH9",
            "%2F%2Fwww.youtube.com%2Fembed%2FaB3_dE6-gH9",
            "/embed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DaB3_dE6-gH9&id=4",
            "/web/20200102030405if_/https://www.youtube.com/embed/aB3_dE6-gH9",
            "https://news.example/oembed?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            " 'https://youtu.be/aB3_dE6-gH9' ",
            "(https://youtu.be/aB3_dE6-gH9).",
            "<https://youtu.be/aB3_dE6-gH9>",
        ];
        for form in forms {
            assert_eq!(key(form).as_deref(), Some("youtube:aB3_dE6-gH9"), "{form}");
        }
    }

    #[test]
    fn a_host_inside_another_url_names_nothing() {
        let decoys = [
            "https://news.example/https://youtu.be/aB3_dE6-gH9",
            "https://news.example/?u=https://youtu.be/aB3_dE6-gH9",
            "https://news.example/share?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "/share?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://accounts.google.com/ServiceLogin?continue=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://news.example/click/1.2/aHR0cHM6Ly95b3V0dS5iZS9hQjNfZEU2LWdIOQ/5f1",
            "https://substack.com/redirect/0a1b2c3d-0000?j=eyJ1IjoiYWIxIn0.sig",
            "https://www.bing.com/ck/a?u=a1",
            "https://t.me/share/url?url=https%3A%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "https://google.evil.example/url?q=https://youtu.be/aB3_dE6-gH9",
            "https://notgoogle.com/url?q=https://youtu.be/aB3_dE6-gH9",
            "https://youtu.be.evil.example/aB3_dE6-gH9",
            "https://evilyoutu.be/aB3_dE6-gH9",
            "https://youtu.be@evil.example/aB3_dE6-gH9",
            "https://evil.example/%2F%2Fyoutu.be%2FaB3_dE6-gH9",
            "mailto:someone@youtu.be",
            "javascript:'https://youtu.be/aB3_dE6-gH9'",
            "data:text/html,https://youtu.be/aB3_dE6-gH9",
            "aB3_dE6-gH9",
            "watch?v=aB3_dE6-gH9",
            "/watch?v=aB3_dE6-gH9",
            "",
            "#",
            "//",
            "https://",
        ];
        for decoy in decoys {
            assert_eq!(key(decoy), None, "{decoy}");
        }
    }

    #[test]
    fn wrapping_has_an_end() {
        let mut url = "https://youtu.be/aB3_dE6-gH9".to_owned();
        for _ in 0..40 {
            url = format!("https://web.archive.org/web/2020/{url}");
        }
        assert_eq!(key(&url), None);
        assert_eq!(key(&"%25".repeat(100_000)), None);
        assert_eq!(key(&format!("https://youtu.be/{}", "&amp;".repeat(1500))), None);
    }
}
