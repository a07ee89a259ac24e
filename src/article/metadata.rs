//! Weighs what a page says of itself: for each field the statement that publishing systems keep most carefully first.

use super::{
    address, date, jsonld, language,
    scan::{Scan, fold},
    title,
};
use crate::html;
use crate::model::{Article, When};
use regex::Regex;
use std::sync::LazyLock;
use url::Url;

/// A byline longer than this is a biography.
const MAX_BYLINE_CHARS: usize = 200;

/// A site's name longer than this is its slogan.
const MAX_SITE_NAME_CHARS: usize = 80;

/// A site's name with as many words that is also the page's title is a headline.
const MIN_HEADLINE_WORDS: usize = 5;

/// Days between the date in a page's address and the same in its markup, for time zones and late corrections.
const MAX_DAYS_APART: i32 = 2;

/// A heading shorter than this (`US`) is found in any title.
const MIN_REPEATED_BYTES: usize = 8;

const TITLE_METAS: [&str; 6] =
    ["og:title", "twitter:title", "parsely-title", "dc.title", "sailthru.title", "citation_title"];

const AUTHOR_METAS: [&str; 11] = [
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dc.creator.name",
    "dcterms.creator",
    "cxenseparse:author",
    "article.author",
    "citation_author",
];

const SITE_METAS: [&str; 5] =
    ["og:site_name", "application-name", "apple-mobile-web-app-title", "article:publisher_name", "dc.publisher"];

const DATE_METAS: [&str; 25] = [
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "rnews:datepublished",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "published_time",
    "publishdate",
    "publish-date",
    "publish_date",
    "pubdate",
    "article_date_original",
    "originalpublicationdate",
    "datecreated",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date",
    "dc.date.created",
    "citation_publication_date",
    "date",
];

/// A site's home in a web archive: `/web/20080731095558/http://example.com/`.
static ARCHIVED_HOME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^/web/\d{4,14}[a-z_]*/https?:/{1,2}[^/]+/?$").expect("a pattern in this file is well formed")
});

static BYLINE_PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:(?:posted|written|published|words|story|text)\s+)?(?:by|von|par|por|di|av|door|af|autor|author)(?::\s*|\s+))+")
        .expect("a pattern in this file is well formed")
});
/// A date and all after it: what stands beside a name in the same line.
static BYLINE_DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?:\d{1,2}\.?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}
          |(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}
          |\d{4}\s*[-/.\u{5e74}]\s*\d{1,2}\s*[-/.\u{6708}]\s*\d{1,2}
          |\d{1,2}[./]\d{1,2}[./]\d{4}).*$",
    )
    .expect("a pattern in this file is well formed")
});
/// What authors' boxes offer, and sentences about an author.
static NO_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:subscribe|all (?:articles|posts|stories)|rss|read more|no author|is an? )\b")
        .expect("a pattern in this file is well formed")
});
static ENTITY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});").expect("a pattern in this file is well formed")
});

/// The article of an HTML page as far as its own statements go; `text`, `body_html` are left empty, `lang` is none
/// where the page names none. `asked` is the URL that the page came from.
pub(super) fn read(scan: &Scan, asked: Option<&Url>) -> Article {
    let stated = jsonld::read(scan.json_ld.iter().map(String::as_str));
    let url = canonical(scan, stated.url.as_deref(), asked);
    let logo = logo(scan, url.as_ref().or(asked));
    let site_name = stated_site_name(scan, &stated);
    let (title, site_in_title) = headline(scan, &stated, site_name.as_deref().or(logo), url.as_ref(), logo);
    Article {
        published: published(scan, &stated, url.as_ref()),
        byline: byline(scan, &stated),
        lang: lang(scan, &stated),
        site_name: site_name.or(site_in_title).or_else(|| logo.map(str::to_owned)),
        title,
        url,
        ..Article::default()
    }
}

/// Where links of the page start: its `<base>`, if that is a web address, else its own.
pub(super) fn base(scan: &Scan, asked: Option<&Url>) -> Option<Url> {
    let stated = scan.base.as_deref().and_then(|base| match asked {
        Some(asked) => asked.join(base).ok(),
        None => Url::parse(base).ok(),
    });
    stated.filter(is_web).or_else(|| asked.cloned())
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Text of an attribute or of JSON: entities that were escaped twice read, white space folded.
fn clean(text: &str) -> String {
    if ENTITY.is_match(text) { fold(&html::fragment_text(&text.replace('<', "&lt;"))) } else { fold(text) }
}

/// The page's own address. A canonical that leads to another site, or up from the article, as misconfigured sites print
/// on every page, is not believed.
fn canonical(scan: &Scan, of_json_ld: Option<&str>, asked: Option<&Url>) -> Option<Url> {
    let base = base(scan, asked);
    let candidates = [scan.canonical.as_deref(), scan.meta(&["og:url"]), of_json_ld];
    candidates
        .into_iter()
        .flatten()
        .filter_map(|text| match &base {
            Some(base) => base.join(text).ok(),
            None => Url::parse(text).ok(),
        })
        .find(|url| match asked {
            Some(asked) => address::is_believed(url, asked),
            None => is_web(url) && !is_home(url),
        })
        .map(|mut url| {
            url.set_fragment(None);
            url
        })
        .or_else(|| asked.cloned())
}

fn is_home(url: &Url) -> bool {
    url.query().is_none() && matches!(url.path(), "" | "/" | "/index.html" | "/index.php")
}

/// The first-level heading that is the site's name: a link to its home, or to a folder in which the page lies.
fn logo<'a>(scan: &'a Scan, url: Option<&Url>) -> Option<&'a str> {
    if url.is_some_and(is_home) {
        return None;
    }
    let leads_home = |target: &str| match (url, Url::parse(target)) {
        (Some(url), target_url) => target_url.or_else(|_| url.join(target)).is_ok_and(|home| {
            is_home(&home)
                || home.path().ends_with('/') && home.path() != url.path() && url.path().starts_with(home.path())
        }),
        (None, Ok(home)) => is_home(&home) || ARCHIVED_HOME.is_match(home.path()),
        (None, Err(_)) => matches!(target, "/" | "./" | "../"),
    };
    scan.linked_headings.iter().find(|(_, target)| leads_home(target.trim())).map(|(words, _)| words.as_str())
}

fn stated_site_name(scan: &Scan, stated: &jsonld::Stated) -> Option<String> {
    [scan.meta(&["og:site_name"]), stated.site_name.as_deref(), scan.meta(&SITE_METAS[1..])]
        .into_iter()
        .flatten()
        .map(clean)
        .find(|name| {
            // Some systems print the headline into every field.
            let is_headline = name.split_whitespace().count() >= MIN_HEADLINE_WORDS
                && scan.meta(&["og:title"]).map(clean).as_ref() == Some(name)
                && scan.title.as_deref().is_some_and(|title| title::key(title).starts_with(&title::key(name)));
            !name.is_empty() && !is_headline && name.chars().count() <= MAX_SITE_NAME_CHARS && !name.contains("://")
        })
}

/// The headline, and the site's name where only the title tells it.
fn headline(
    scan: &Scan,
    stated: &jsonld::Stated,
    site_name: Option<&str>,
    url: Option<&Url>,
    logo: Option<&str>,
) -> (String, Option<String>) {
    let of_page = scan.title.as_deref().map(clean);
    let heading = best_heading(scan, of_page.as_deref(), logo);
    let site_in_title =
        of_page.as_deref().and_then(|text| title::part(text, site_name, url, heading).site.map(str::to_owned));
    let is_site = |text: &str| [site_name, logo].into_iter().flatten().any(|name| name.eq_ignore_ascii_case(text));
    let candidates = [
        scan.meta(&TITLE_METAS[..1]),
        stated.title.as_deref(),
        heading,
        scan.meta(&TITLE_METAS[1..]),
        of_page.as_deref(),
    ];
    for (index, candidate) in candidates.into_iter().enumerate() {
        let Some(candidate) = candidate.map(clean).filter(|text| !text.is_empty() && !is_site(text)) else { continue };
        let parted = title::part(&candidate, site_name, url, heading);
        // Only a `<title>` with nothing to compare is parted by its shape alone.
        let parted = if index == 4 && parted.site.is_none() && heading.is_none() {
            title::part_by_shape(&candidate)
        } else {
            parted
        };
        let site = site_in_title.or(parted.site.map(str::to_owned));
        return (title::bounded(parted.title), site);
    }
    (of_page.map(|text| title::bounded(&text)).unwrap_or_default(), site_in_title)
}

/// The heading that is the headline: one that the `<title>` repeats, else the first inside the article, else the only
/// one. Other headings name the site or parts of the page.
fn best_heading<'a>(scan: &'a Scan, of_page: Option<&str>, logo: Option<&str>) -> Option<&'a str> {
    let headings = || scan.headings.iter().filter(|(heading, _)| logo.is_none_or(|logo| logo != heading));
    let in_title = |heading: &str| {
        let words = title::key(heading);
        words.len() >= MIN_REPEATED_BYTES && of_page.is_some_and(|title| title::key(title).contains(&words))
    };
    let repeated = headings().filter(|(heading, _)| in_title(heading)).max_by_key(|(heading, _)| heading.len());
    let inside = || headings().find(|(_, is_inside)| *is_inside);
    let only = || headings().next().filter(|_| headings().count() == 1 || of_page.is_none());
    repeated.or_else(inside).or_else(only).map(|(heading, _)| heading.as_str())
}

fn byline(scan: &Scan, stated: &jsonld::Stated) -> Option<String> {
    let of_metas = AUTHOR_METAS.iter().filter_map(|name| {
        let mut names: Vec<&str> = Vec::new();
        for (_, value) in scan.metas.iter().filter(|(key, _)| key == name) {
            if !names.contains(&value.as_str()) {
                names.push(value);
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    });
    let of_json_ld = stated.byline.clone().into_iter();
    let of_markup = scan.bylines.iter().cloned();
    of_json_ld.chain(of_metas).chain(of_markup).find_map(|text| names_only(&text))
}

/// A byline without its "By", if it is one: no address, no template, not a paragraph.
fn names_only(text: &str) -> Option<String> {
    let text = if text.contains("</") { fold(&html::fragment_text(text)) } else { clean(text) };
    let names = BYLINE_PREFIX.replace(&text, "");
    let names = BYLINE_DATE.replace(&names, "");
    // `ByAda Moor`, where a style sheet has the space.
    let names = names.strip_prefix("By").filter(|rest| rest.starts_with(char::is_uppercase)).unwrap_or(&names);
    let names = names.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '|' | '-' | '\u{b7}' | ':'));
    let is_name = names.chars().any(char::is_alphabetic)
        && names.chars().count() <= MAX_BYLINE_CHARS
        && !names.contains("://")
        && !names.contains("{{")
        && !NO_NAME.is_match(names)
        && !names.starts_with('@')
        && !matches!(names.to_ascii_lowercase().as_str(), "admin" | "null" | "undefined" | "none" | "author" | "by");
    is_name.then(|| names.to_owned())
}

fn published(scan: &Scan, stated: &jsonld::Stated, url: Option<&Url>) -> Option<When> {
    let of_json_ld = stated.published.as_deref().and_then(date::parse);
    let of_metas = || DATE_METAS.iter().find_map(|name| date::parse(scan.meta(&[name])?));
    let of_markup = || scan.dates.iter().find_map(|text| date::parse(text));
    let of_path = || url.and_then(|url| date::in_path(url.path()));
    // A date in the markup may be that of another article, listed beside this one; that in the address is its own.
    let marked = || {
        let (marked, path) = (of_markup(), of_path());
        let apart = |a: &When, b: &When| (a.day() - b.day()).get_days().abs() > MAX_DAYS_APART;
        match (marked, path) {
            (Some(marked), Some(path)) if apart(&marked, &path) => Some(path),
            (marked, path) => marked.or(path),
        }
    };
    of_json_ld.or_else(of_metas).or_else(marked)
}

fn lang(scan: &Scan, stated: &jsonld::Stated) -> Option<String> {
    [
        scan.lang.as_deref(),
        scan.meta(&["og:locale"]),
        scan.meta(&["content-language", "language", "dc.language", "inlanguage"]),
        stated.lang.as_deref(),
    ]
    .into_iter()
    .flatten()
    .find_map(language::tag)
}
