//! What an address says about whether an article is there.

use crate::{model::When, source::date::read_date};
use jiff::civil::Date;
use url::Url;

/// Segments under which sites keep what is no article.
const NOT_ARTICLES: [&str; 68] = [
    "about",
    "about-us",
    "account",
    "accounts",
    "advertise",
    "advertising",
    "author",
    "authors",
    "autor",
    "autoren",
    "basket",
    "buy",
    "careers",
    "cart",
    "categories",
    "category",
    "cdn-cgi",
    "checkout",
    "contact",
    "contact-us",
    "contributors",
    "cookie-policy",
    "cookies",
    "download",
    "downloads",
    "faq",
    "feed",
    "feeds",
    "forgot-password",
    "help",
    "impressum",
    "jobs",
    "kategorie",
    "keyword",
    "kontakt",
    "label",
    "labels",
    "login",
    "logout",
    "membership",
    "newsletter",
    "newsletters",
    "oauth",
    "page",
    "privacy",
    "privacy-policy",
    "profile",
    "register",
    "rss",
    "search",
    "settings",
    "shop",
    "signin",
    "signup",
    "sitemap",
    "staff",
    "subscribe",
    "subscription",
    "tag",
    "tags",
    "terms",
    "terms-of-service",
    "thema",
    "topic",
    "topics",
    "user",
    "users",
    "wp-admin",
];

/// Segments that say that what stands under them is an article.
const ARTICLES: [&str; 24] = [
    "a",
    "aktuell",
    "articles",
    "article",
    "artikel",
    "blog",
    "blogs",
    "entry",
    "feature",
    "features",
    "id",
    "live",
    "n",
    "nachrichten",
    "news",
    "noticias",
    "opinion",
    "p",
    "post",
    "posts",
    "reportage",
    "s",
    "stories",
    "story",
];

/// Endings of files that are no pages.
const FILES: [&str; 30] = [
    "jpg", "jpeg", "png", "gif", "webp", "svg", "avif", "ico", "pdf", "zip", "gz", "doc", "docx", "xls", "xlsx", "ppt",
    "pptx", "mp3", "mp4", "m4a", "mov", "avi", "webm", "css", "js", "json", "xml", "rss", "atom", "txt",
];

/// Parameters of links that do something.
const ACTIONS: [&str; 14] = [
    "share",
    "replytocom",
    "action",
    "add-to-cart",
    "login",
    "logout",
    "s",
    "q",
    "query",
    "search",
    "redirect",
    "redirect_to",
    "return",
    "print",
];

/// Parameters that name an article on sites without readable addresses.
const NUMBERED: [&str; 10] = ["p", "id", "article", "articleid", "aid", "story", "storyid", "news_id", "sid", "nid"];

/// Whether two addresses are of one site: the same host but for `www` and its like, or one under the other.
pub(super) fn is_same_site(one: &Url, other: &Url) -> bool {
    let (Some(one), Some(other)) = (host(one), host(other)) else { return false };
    let is_under = |outer: &str, inner: &str| {
        inner.strip_suffix(outer).is_some_and(|front| front.ends_with('.')) && outer.contains('.')
    };
    one == other || is_under(one, other) || is_under(other, one)
}

fn host(url: &Url) -> Option<&str> {
    let host = url.host_str()?;
    Some(["www.", "m.", "amp."].iter().find_map(|front| host.strip_prefix(front)).unwrap_or(host))
}

/// How much an address looks like an article's; none where it can be none.
pub(super) fn weight(url: &Url, own: &Url) -> Option<i32> {
    let path = url.path().to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let own_path = own.path().trim_end_matches('/');
    // The page itself in another order, and what stands above it.
    let is_above = own_path.starts_with(path.trim_end_matches('/')) && url.query().is_none();
    if is_above || is_action(url) {
        return None;
    }
    let Some((last, before)) = segments.split_last() else { return numbered(url) };
    if before.iter().any(|segment| is_other(segment))
        || is_other(last)
        || matches!(*last, "archive" | "archives" | "latest" | "home" | "index")
    {
        return None;
    }
    let (stem, ending) = last.rsplit_once('.').map_or((*last, ""), |(stem, ending)| (stem, ending));
    if FILES.contains(&ending) {
        return None;
    }
    let mut weight = slug(stem);
    weight += 3 * i32::from(day(url).is_some() || month(before));
    weight += i32::from(matches!(ending, "html" | "htm" | "shtml" | "php" | "aspx" | "amp"));
    weight += i32::from(before.iter().any(|segment| ARTICLES.contains(segment)));
    weight += numbered(url).unwrap_or(0);
    // A day's or a month's own list is no article.
    if segments.iter().all(|segment| segment.bytes().all(|b| b.is_ascii_digit()))
        && segments.len() <= 3
        && segments[0].len() == 4
    {
        return None;
    }
    Some(weight)
}

fn is_other(segment: &str) -> bool {
    NOT_ARTICLES.contains(&segment) || segment.starts_with('@') || segment.starts_with("wp-")
}

fn is_action(url: &Url) -> bool {
    url.query_pairs().any(|(name, _)| ACTIONS.contains(&name.to_ascii_lowercase().as_str()))
}

/// An article's number in the query.
fn numbered(url: &Url) -> Option<i32> {
    let is_number = |value: &str| value.len() >= 2 && value.bytes().all(|b| b.is_ascii_digit());
    let found = url
        .query_pairs()
        .any(|(name, value)| NUMBERED.contains(&name.to_ascii_lowercase().as_str()) && is_number(&value));
    found.then_some(2)
}

/// The words of a title in the last segment, or a number of the kind that content systems give.
fn slug(stem: &str) -> i32 {
    let words = stem.split(['-', '_', '+', ',']).filter(|word| !word.is_empty()).count();
    let by_words = match words {
        0..=2 => 0,
        3 => 1,
        4 => 2,
        _ => 3,
    };
    let encoded = i32::from(stem.matches('%').count() >= 9) * 2;
    let digits = stem.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let number = match digits {
        0..=4 => 0,
        5 => 1,
        _ => 2,
    };
    by_words.max(encoded) + number
}

/// The day in the path: `/2024/05/12/`, `/2024-05-12/`, `/20240512`, `/2024/may/12/`.
pub(super) fn day(url: &Url) -> Option<When> {
    let path = url.path().to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let parts = segments.windows(3).filter(|parts| is_year(parts[0]) && parts[1].len() <= 9 && parts[2].len() <= 2);
    let by_parts = parts.filter_map(|parts| match parts[1].parse::<i8>() {
        Ok(month) => Date::new(parts[0].parse().ok()?, month, parts[2].parse().ok()?).ok().map(When::Day),
        Err(_) => read_date(&format!("{} {} {}", parts[2], parts[1], parts[0])),
    });
    let whole = segments.iter().filter_map(|segment| {
        let front =
            segment.get(..10).filter(|front| front.as_bytes().get(4) == Some(&b'-')).or_else(|| segment.get(..8))?;
        let is_over = segment.as_bytes().get(front.len()).is_none_or(|next| !next.is_ascii_digit());
        (is_over && is_year(front.get(..4)?))
            .then(|| read_date(front))
            .flatten()
            .filter(|when| matches!(when, When::Day(_)))
    });
    by_parts.chain(whole).next()
}

/// `/2024/05/` without a day.
fn month(segments: &[&str]) -> bool {
    segments.windows(2).any(|parts| {
        is_year(parts[0]) && parts[1].len() <= 2 && parts[1].parse::<u8>().is_ok_and(|month| (1..=12).contains(&month))
    })
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1990..2100).contains(&year))
}
