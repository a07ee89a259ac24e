//! What the shape of an address says of the page: the front page of a site, a section, an article.

use url::Url;

/// First labels of hosts that show the same site in another form.
const FORMS: [&str; 7] = ["www", "m", "mobile", "amp", "touch", "wap", "print"];

/// What stands behind an article's path for a part of it or another form of it.
const PARTS: [&str; 19] = [
    "amp",
    "amp.html",
    "print",
    "print.html",
    "page",
    "p",
    "seite",
    "pagina",
    "strona",
    "index.html",
    "index.htm",
    "index.php",
    "all",
    "full",
    "single",
    "single-page",
    "comments",
    "mobile",
    "text",
];

/// Parts of paths, and first labels of hosts, where people are held up on the way to an article.
const STOPS: [&str; 22] = [
    "consent",
    "cookiewall",
    "cookie-wall",
    "login",
    "log-in",
    "signin",
    "sign-in",
    "sso",
    "auth",
    "oauth",
    "error",
    "errors",
    "404",
    "500",
    "503",
    "notfound",
    "not-found",
    "page-not-found",
    "maintenance",
    "unavailable",
    "captcha",
    "challenge",
];

/// Folders whose pages list articles.
const LISTS: [&str; 17] = [
    "tag",
    "tags",
    "topic",
    "topics",
    "category",
    "categories",
    "author",
    "authors",
    "section",
    "sections",
    "search",
    "archive",
    "archives",
    "thema",
    "themen",
    "autor",
    "schlagwort",
];

/// Parameters that say which article is shown.
const IDS: [&str; 14] = [
    "id",
    "p",
    "page_id",
    "post",
    "article",
    "articleid",
    "article_id",
    "aid",
    "artid",
    "story",
    "storyid",
    "nid",
    "newsid",
    "sid",
];

/// A number of a page of an article has at most this many digits; longer ones are numbers of articles.
const MAX_PAGE_DIGITS: usize = 3;

/// Words joined by hyphens in the last part of an article's path.
const MIN_SLUG_WORDS: usize = 3;

/// Digits in a row in the last part of an article's path.
const MIN_ID_DIGITS: usize = 4;

/// A host without the labels that name a form of the site.
pub(super) fn bare_host(host: &str) -> &str {
    let mut host = host;
    while let Some((label, rest)) = host.split_once('.')
        && FORMS.contains(&label)
        && rest.contains('.')
    {
        host = rest;
    }
    host
}

fn segments(url: &Url) -> Vec<&str> {
    url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect()
}

/// Whether an address is a site's front page, in one of its languages too.
pub(super) fn is_front_page(url: &Url) -> bool {
    let is_language = |segment: &str| {
        let (language, region) = segment.split_once(['-', '_']).unwrap_or((segment, "xx"));
        [language, region].iter().all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    url.query().is_none()
        && match segments(url).as_slice() {
            [] => true,
            [one] => is_index(one) || is_language(one),
            [one, two] => is_language(one) && is_index(two),
            _ => false,
        }
}

fn is_index(segment: &str) -> bool {
    matches!(segment, "index.html" | "index.htm" | "index.php" | "index.shtml" | "home" | "home.html")
}

/// Whether `upper` is a folder that `lower` lies in. An article lies in its own folder with its further pages and forms:
/// that is no folder above it.
pub(super) fn is_above(upper: &Url, lower: &Url) -> bool {
    let (upper_parts, lower_parts) = (segments(upper), segments(lower));
    let Some(rest) = lower_parts.strip_prefix(upper_parts.as_slice()).filter(|rest| !rest.is_empty()) else {
        return false;
    };
    upper.query().is_none() && !rest.iter().all(|segment| is_part(segment))
}

/// Whether an address is one of those where people are held up, and not that of an article about it.
pub(super) fn is_stop(url: &Url) -> bool {
    let stops = |part: &str| STOPS.iter().any(|stop| part.eq_ignore_ascii_case(stop));
    let label = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default();
    let parts = segments(url);
    let last = parts.last().map_or("", |last| last.split('.').next().unwrap_or_default());
    stops(last) || (!path_names_article(url) && (stops(label) || parts.iter().any(|part| stops(part))))
}

fn is_part(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let number = lower.trim_start_matches("page").trim_start_matches(['-', '_']);
    let is_number = (1..=MAX_PAGE_DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number || PARTS.contains(&lower.as_str())
}

/// Whether an address has the shape of an article's: by its path, or by a parameter.
pub(super) fn names_article(url: &Url) -> bool {
    path_names_article(url) || has_id(url)
}

/// Whether a path has the shape of an article's: many words, a long number, or words under a date.
pub(super) fn path_names_article(url: &Url) -> bool {
    let segments = segments(url);
    let Some((last, folders)) = segments.split_last() else { return false };
    if folders.iter().any(|folder| LISTS.contains(&folder.to_ascii_lowercase().as_str())) {
        return false;
    }
    let words = last.split(['-', '_']).filter(|word| !word.is_empty()).count();
    words >= MIN_SLUG_WORDS
        || longest_number(last) > MIN_ID_DIGITS
        || (longest_number(last) == MIN_ID_DIGITS && !is_year(last))
        || (folders.iter().any(|folder| is_year(folder)) && !last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a parameter says which article is shown.
pub(super) fn has_id(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| {
        IDS.contains(&name.to_ascii_lowercase().as_str()) && value.bytes().any(|byte| byte.is_ascii_digit())
    })
}

fn is_year(segment: &str) -> bool {
    segment.len() == 4
        && (segment.starts_with("19") || segment.starts_with("20"))
        && segment.bytes().all(|byte| byte.is_ascii_digit())
}

fn longest_number(segment: &str) -> usize {
    segment.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}
