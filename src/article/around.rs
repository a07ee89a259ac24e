//! What a page says of its other forms and of its further pages: AMP, print, all on one page, the next page.

use super::{
    address, jsonld, metadata,
    scan::{Scan, rel_has, short_text},
};
use crate::html;
use regex::Regex;
use scraper::ElementRef;
use std::{collections::BTreeMap, sync::LazyLock};
use url::Url;

/// Links kept of one page.
pub(super) const MAX_LINKS: usize = 400;

/// The words of a link to another form or page are few.
const MAX_WORDS_CHARS: usize = 60;

/// An address longer than this is data.
const MAX_ADDRESS_BYTES: usize = 2000;

/// Pages of one article; a higher number is a year or an id.
const MAX_PAGES: u32 = 200;

/// Parameters with the number of a page.
const PAGE_PARAMETERS: [&str; 12] =
    ["page", "p", "pg", "pagina", "pagenum", "pageno", "page_no", "pagenumber", "seite", "part", "pn", "artpage"];

/// Words of a link to all pages on one.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:(?:view|show|read)\s+(?:all|as\s+(?:one|a\s+single)\s+page|on\s+one\s+page|(?:the\s+)?(?:full|whole|complete)\s+(?:article|story|text))(?:\s+pages?)?|single\s+page(?:\s+view)?|one[-\s]page(?:\s+view)?|all\s+pages|all\s+on\s+one\s+page|alles?\s+(?:auf\s+einer\s+seite|seiten(?:\s+anzeigen)?)|(?:artikel\s+)?auf\s+einer\s+seite(?:\s+lesen|\s+anzeigen)?|tout\s+afficher|(?:afficher|lire)\s+sur\s+une\s+(?:seule\s+)?page|ver\s+(?:todo|en\s+una\s+(?:sola\s+)?p\u{e1}gina)|(?:leggi\s+)?tutto\s+su\s+una\s+pagina|alles\s+op\s+\u{e9}\u{e9}n\s+pagina)$",
    )
    .expect("a pattern in this file is well formed")
});

/// Words of a link to the form for printing.
static PRINT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:print(?:er[-\s]friendly)?(?:\s+(?:this|article|version|page|story))*|(?:artikel\s+)?drucken|druckversion|imprimer|imprimir|stampa|afdrukken|skriv\s+ut|drukuj)$")
        .expect("a pattern in this file is well formed")
});

/// What stands for the number of a page in a path: its own part (`/2`, `/page/2`), or the end of the last part.
static NUMBERED_PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?P<path>.*?)(?:/(?:page|seite|pagina|p)?[-/_]?(?P<part>\d{1,3})|[-_,.](?:page|seite|pagina|p)?[-_]?(?P<end>\d{1,3})(?P<ending>\.[a-z]{3,5})|-(?:page|seite|pagina)-?(?P<tail>\d{1,3}))/?$")
        .expect("a pattern in this file is well formed")
});

/// What a link leads to, by its markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Amp,
    Print,
    Next,
    Whole,
    Number(u32),
}

/// A link to another form of the page or to a further page, as it stands there.
#[derive(Clone, Debug)]
pub(super) struct Link {
    sort: Sort,
    href: String,
}

/// Reads an `<a>` or `<link>`; none where it is neither of these.
pub(super) fn link(element: ElementRef<'_>) -> Option<Link> {
    let href = html::attr(element, "href").filter(|href| href.len() <= MAX_ADDRESS_BYTES && !href.starts_with('#'))?;
    let is_head = element.value().name() == "link";
    let sort = if is_head && rel_has(element, "amphtml") {
        Sort::Amp
    } else if is_head && rel_has(element, "alternate") && html::attr(element, "media") == Some("print") {
        Sort::Print
    } else if rel_has(element, "next") {
        Sort::Next
    } else if is_head {
        return None;
    } else {
        by_words(&short_text(element, MAX_WORDS_CHARS).or_else(|| html::attr(element, "title").map(str::to_owned))?)?
    };
    Some(Link { sort, href: href.to_owned() })
}

fn by_words(words: &str) -> Option<Sort> {
    if let Ok(number) = words.parse::<u32>() {
        return (1..=MAX_PAGES).contains(&number).then_some(Sort::Number(number));
    }
    if WHOLE.is_match(words) {
        return Some(Sort::Whole);
    }
    PRINT.is_match(words).then_some(Sort::Print)
}

/// Other forms of a page, and further pages of its article. All addresses are on the page's own site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// The AMP form.
    pub amp: Option<Url>,
    /// The form for printing.
    pub print: Option<Url>,
    /// All pages on one.
    pub whole: Option<Url>,
    /// The number of this page, as its address says; 1 where it says none, 0 of what is no web page.
    pub page: u32,
    /// Pages of the same article by their numbers, as far as this page links them. The first is among them where this is
    /// another one.
    pub pages: BTreeMap<u32, Url>,
    /// The words of the article, where the page's data has them.
    pub stated_body: Option<String>,
    /// The page says that it is a live blog.
    pub live_blog: bool,
    /// The address of the first page; none where the page's own is not known.
    pub first: Option<Url>,
    /// Every link to another form or page, on the same site.
    links: Vec<(Sort, Url)>,
}

/// Reads what a page says around its article. `asked` is the address that answered.
pub(super) fn read(scan: &Scan, asked: Option<&Url>) -> Around {
    let stated = jsonld::read(scan.json_ld.iter().map(String::as_str));
    let mut around = Around { page: 1, stated_body: stated.body, live_blog: stated.live_blog, ..Around::default() };
    let Some(asked) = asked else { return around };
    let Some(base) = metadata::base(scan, Some(asked)) else { return around };
    for Link { sort, href } in &scan.links {
        let Some(url) = base.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else { continue };
        let url = address::plain(&url);
        if address::same_site(&url, asked) && url != address::plain(asked) {
            around.links.push((*sort, url));
        }
    }
    let canonical = scan.canonical.as_deref().and_then(|text| base.join(text).ok());
    let first = first_page(asked, canonical.as_ref(), &around.links);
    around.page = number_of(asked, &first).unwrap_or(1);
    around.pages = around.pages_of(&first);
    if around.page > 1 {
        around.pages.insert(1, first.clone());
    }
    let form = |wanted: Sort| {
        let mut found = around.links.iter().filter(|(sort, _)| *sort == wanted).map(|(_, url)| url);
        found.find(|url| wanted == Sort::Amp || is_form_of(url, &first)).cloned()
    };
    (around.amp, around.print, around.whole) = (form(Sort::Amp), form(Sort::Print), form(Sort::Whole));
    around.first = Some(first);
    around
}

impl Around {
    /// The pages that this page links of the article that begins at `first`, by their numbers.
    #[must_use]
    pub fn pages_of(&self, first: &Url) -> BTreeMap<u32, Url> {
        let mut pages = BTreeMap::new();
        for (sort, url) in &self.links {
            let Some(number) = number_of(url, first).filter(|number| *number > 1) else { continue };
            if *sort == Sort::Next || *sort == Sort::Number(number) {
                pages.entry(number).or_insert_with(|| url.clone());
            }
        }
        pages
    }
}

/// The address of the first page: the canonical one, or the one that the page links as its first, where the asked one is
/// that with a number; else as asked.
fn first_page(asked: &Url, canonical: Option<&Url>, links: &[(Sort, Url)]) -> Url {
    let linked = links.iter().filter(|(sort, _)| *sort == Sort::Number(1)).map(|(_, url)| url.clone());
    let mut candidates = canonical.map(address::plain).into_iter().chain(linked);
    let first = candidates.find(|url| number_of(asked, url).is_some_and(|number| number > 1));
    first.unwrap_or_else(|| address::plain(asked))
}

/// The number of the page at `url` of the article that begins at `first`; none where it is no page of it.
fn number_of(url: &Url, first: &Url) -> Option<u32> {
    if url.host_str() != first.host_str() {
        return None;
    }
    let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
    let parameters = |url: &Url| url.query_pairs().into_owned().collect::<Vec<_>>();
    let (own, of_first) = (parameters(url), parameters(first));
    if path(url) == path(first) {
        let added: Vec<_> = own.iter().filter(|pair| !of_first.contains(pair)).collect();
        let is_rest_kept = of_first.iter().all(|pair| own.contains(pair) || is_page_parameter(&pair.0));
        return match added.as_slice() {
            [(name, value)] if is_rest_kept && is_page_parameter(name) => {
                value.parse().ok().filter(|n| *n <= MAX_PAGES)
            }
            _ => None,
        };
    }
    if own != of_first {
        return None;
    }
    let found = NUMBERED_PATH.captures(url.path())?;
    let ending = found.name("ending").map_or("", |ending| ending.as_str());
    let stem = format!("{}{ending}", &found["path"]);
    let number = ["part", "end", "tail"].iter().find_map(|name| found.name(name))?.as_str().parse().ok()?;
    let without_ending = path(first);
    let same = stem == without_ending
        || (ending.is_empty()
            && without_ending.rsplit_once('.').is_some_and(|(bare, tail)| bare == stem && tail.len() <= 5));
    (same && number <= MAX_PAGES).then_some(number)
}

fn is_page_parameter(name: &str) -> bool {
    PAGE_PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether an address can be that of another form of the page: it has the last part of the page's path in it, or its id.
fn is_form_of(url: &Url, first: &Url) -> bool {
    let last = first.path_segments().into_iter().flatten().rfind(|part| !part.is_empty()).unwrap_or_default();
    let last = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let same_path = url.path().trim_end_matches('/') == first.path().trim_end_matches('/');
    let shares_id = first.query_pairs().any(|(_, id)| id.len() > 2 && url.query_pairs().any(|(_, other)| other == id));
    same_path || shares_id || (last.len() > 2 && url.as_str().contains(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(url: &str, first: &str) -> Option<u32> {
        number_of(&Url::parse(url).unwrap(), &Url::parse(first).unwrap())
    }

    #[test]
    fn a_page_of_an_article_is_known_by_its_address() {
        for (url, first, expected) in [
            ("https://e.example/a/story?page=2", "https://e.example/a/story", Some(2)),
            ("https://e.example/a?id=7&page=3", "https://e.example/a?id=7", Some(3)),
            ("https://e.example/a/story/2/", "https://e.example/a/story/", Some(2)),
            ("https://e.example/a/story/page/12", "https://e.example/a/story", Some(12)),
            ("https://e.example/a/story/seite-2", "https://e.example/a/story", Some(2)),
            ("https://e.example/a/story-2.html", "https://e.example/a/story.html", Some(2)),
            ("https://e.example/a/story_p3.html", "https://e.example/a/story.html", Some(3)),
            ("https://e.example/a/story,2.html", "https://e.example/a/story.html", Some(2)),
            ("https://e.example/a/story-page2", "https://e.example/a/story", Some(2)),
            ("https://e.example/a/other/2", "https://e.example/a/story", None),
            ("https://e.example/a/next-story", "https://e.example/a/story", None),
            ("https://e.example/a?id=8&page=3", "https://e.example/a?id=7", None),
            ("https://e.example/a/story?cpage=2", "https://e.example/a/story", None),
            ("https://e.example/a/story/2019", "https://e.example/a/story", None),
            ("https://f.example/a/story/2", "https://e.example/a/story", None),
        ] {
            assert_eq!(number(url, first), expected, "{url} of {first}");
        }
    }
}
