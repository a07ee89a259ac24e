//! One walk over a page's tree that gathers every statement the page makes about itself. `metadata` weighs them.

mod author;

use crate::html;
use author::{MAX_BYLINE_CHARS, author_name};
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html};

/// Statements of one sort kept of a page; a page with more is a list of articles.
const MAX_OF_A_SORT: usize = 24;

/// `<meta>` elements kept of a page.
const MAX_METAS: usize = 600;

/// Longer values are no metadata.
const MAX_VALUE_BYTES: usize = 2000;

/// Nodes looked at for the words of one heading, name or date.
const MAX_NODES_OF_A_TEXT: usize = 400;

/// Classes that mark the author's name or the line with it, best first.
const BYLINE_CLASSES: [&str; 18] = [
    "author-name",
    "author__name",
    "byline-name",
    "byline__name",
    "p-author",
    "entry-author-name",
    "post-author-name",
    "article-author",
    "article__author",
    "entry-author",
    "post-author",
    "author-link",
    "byline-author",
    "author",
    "byline",
    "article-byline",
    "article__byline",
    "post-byline",
];

/// Classes that mark the day of first publication.
const DATE_CLASSES: [&str; 10] = [
    "dt-published",
    "published",
    "entry-date",
    "post-date",
    "article-date",
    "article__date",
    "publish-date",
    "date-published",
    "pubdate",
    "timestamp",
];

/// Elements that part words even where no white space stands.
const BREAKS: [&str; 8] = ["br", "div", "p", "li", "td", "time", "h2", "hr"];

/// Classes and ids of what stands beside the article.
const BESIDE: [&str; 10] = [
    "comment",
    "comments",
    "comment-list",
    "comments-area",
    "respond",
    "related",
    "related-posts",
    "related-articles",
    "sidebar",
    "widget-area",
];

/// What a page says of itself, unweighed.
#[derive(Debug, Default)]
pub(in crate::article) struct Scan {
    /// `<meta>`: name, property, itemprop or http-equiv in lower case, and content.
    pub(in crate::article) metas: Vec<(String, String)>,
    /// `<link rel=canonical>`.
    pub(in crate::article) canonical: Option<String>,
    /// `<base href>`.
    pub(in crate::article) base: Option<String>,
    /// Links to other forms and further pages, in the page's order.
    pub(in crate::article) links: Vec<crate::article::around::Link>,
    /// `<html lang>`.
    pub(in crate::article) lang: Option<String>,
    /// `<title>`.
    pub(in crate::article) title: Option<String>,
    /// The words of `<h1>`, those inside the article first, and whether they stand inside it.
    pub(in crate::article) headings: Vec<(String, bool)>,
    /// Headings all of whose words are a link, with its target: one that leads home names the site.
    pub(in crate::article) linked_headings: Vec<(String, String)>,
    /// The contents of JSON-LD scripts.
    pub(in crate::article) json_ld: Vec<String>,
    /// Names of authors from the markup of the page, best first.
    pub(in crate::article) bylines: Vec<String>,
    /// Dates of publication from the markup of the page, best first.
    pub(in crate::article) dates: Vec<String>,
    /// Elements in the tree.
    pub(in crate::article) elements: usize,
    /// The deepest nesting of elements.
    pub(in crate::article) depth: usize,
    /// For each text and attribute its characters to escape times its length, in sum.
    pub(in crate::article) escape_work: usize,
}

impl Scan {
    /// The first value of one of these `<meta>` names, in the names' order.
    pub(in crate::article) fn meta(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.metas.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()))
    }
}

/// Gathers the statements of a page in one walk without recursion.
pub(in crate::article) fn scan(document: &Html) -> Scan {
    let mut walk = Walk::default();
    let mut depth = 0_usize;
    for edge in document.root_element().traverse() {
        match edge {
            Edge::Open(node) => {
                if let Some(text) = node.value().as_text() {
                    walk.scan.escape_work = walk.scan.escape_work.saturating_add(escape_work(text));
                }
                let Some(element) = ElementRef::wrap(node) else { continue };
                depth += 1;
                for (_, value) in element.value().attrs() {
                    walk.scan.escape_work = walk.scan.escape_work.saturating_add(escape_work(value));
                }
                walk.scan.elements += 1;
                walk.scan.depth = walk.scan.depth.max(depth);
                walk.inside += usize::from(is_article(element));
                walk.beside += usize::from(is_beside(element));
                walk.open(element);
            }
            Edge::Close(node) => {
                let Some(element) = ElementRef::wrap(node) else { continue };
                depth -= 1;
                walk.inside -= usize::from(is_article(element));
                walk.beside -= usize::from(is_beside(element));
            }
        }
    }
    walk.finish()
}

fn escape_work(text: &str) -> usize {
    let escaped = text.bytes().filter(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xc2)).count();
    escaped.saturating_mul(text.len())
}

fn is_article(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "article" | "main")
        || element.value().attr("itemprop").is_some_and(|value| value.eq_ignore_ascii_case("articleBody"))
        || element.value().attr("role") == Some("main")
}

/// Where names and dates are not those of the article.
fn is_beside(element: ElementRef<'_>) -> bool {
    match element.value().name() {
        "aside" | "footer" | "nav" => true,
        "html" | "body" | "main" | "article" => false,
        _ => ["id", "class"].iter().filter_map(|name| element.value().attr(name)).any(|names| {
            names.split_ascii_whitespace().any(|name| BESIDE.iter().any(|word| name.eq_ignore_ascii_case(word)))
        }),
    }
}

/// The first words of an element, white space folded, or none where they are more than `max_chars`.
pub(in crate::article) fn short_text(element: ElementRef<'_>, max_chars: usize) -> Option<String> {
    let mut text = String::new();
    for node in element.descendants().take(MAX_NODES_OF_A_TEXT) {
        if let Some(piece) = node.value().as_text() {
            text.push_str(piece);
            if text.len() > max_chars * 8 {
                return None;
            }
        } else if node.value().as_element().is_some_and(|inner| BREAKS.contains(&inner.name())) {
            text.push(' ');
        }
    }
    let text = fold(&text);
    (!text.is_empty() && text.chars().count() <= max_chars).then_some(text)
}

/// White space folded into single spaces.
pub(in crate::article) fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The statements so far, those of the markup with a rank (less is better) to sort them by.
#[derive(Default)]
struct Walk {
    scan: Scan,
    inside: usize,
    beside: usize,
    headings: Vec<(usize, String)>,
    bylines: Vec<(usize, String)>,
    dates: Vec<(usize, String)>,
}

impl Walk {
    fn open(&mut self, element: ElementRef<'_>) {
        if matches!(element.value().name(), "link" | "a")
            && self.scan.links.len() < crate::article::around::MAX_LINKS
            && let Some(link) = crate::article::around::link(element)
        {
            self.scan.links.push(link);
        }
        match element.value().name() {
            "html" => {
                self.scan.lang = html::attr(element, "lang").or(html::attr(element, "xml:lang")).map(str::to_owned);
            }
            "meta" => self.meta(element),
            "base" if self.scan.base.is_none() => self.scan.base = html::attr(element, "href").map(str::to_owned),
            "link" if rel_has(element, "canonical") && self.scan.canonical.is_none() => {
                self.scan.canonical = html::attr(element, "href").map(str::to_owned);
            }
            "title" if self.scan.title.is_none() && !in_svg(element) => {
                self.scan.title = short_text(element, MAX_VALUE_BYTES);
            }
            "script" => self.script(element),
            "h1" if self.headings.len() < MAX_OF_A_SORT => {
                if let Some(text) = short_text(element, MAX_VALUE_BYTES) {
                    if let Some(target) = link_of(element, &text) {
                        self.scan.linked_headings.push((text.clone(), target));
                    }
                    self.headings.push((self.place(), text));
                }
            }
            _ => {}
        }
        if self.beside == 0 {
            self.byline(element);
            self.date(element);
        }
    }

    /// 0 inside the article, 1 outside, 2 beside it.
    fn place(&self) -> usize {
        if self.beside > 0 { 2 } else { usize::from(self.inside == 0) }
    }

    fn meta(&mut self, element: ElementRef<'_>) {
        let Some(content) = html::attr(element, "content").filter(|content| content.len() <= MAX_VALUE_BYTES) else {
            return;
        };
        for key in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = html::attr(element, key)
                && self.scan.metas.len() < MAX_METAS
            {
                self.scan.metas.push((name.to_ascii_lowercase(), content.to_owned()));
            }
        }
    }

    fn script(&mut self, element: ElementRef<'_>) {
        let is_json_ld = html::attr(element, "type").is_some_and(|value| {
            value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/ld+json")
        });
        if is_json_ld && self.scan.json_ld.len() < MAX_OF_A_SORT {
            self.scan.json_ld.push(element.text().collect());
        }
    }

    fn byline(&mut self, element: ElementRef<'_>) {
        if self.bylines.len() >= MAX_OF_A_SORT {
            return;
        }
        let rank = if element.value().attr("itemprop").is_some_and(|value| has_word(value, "author")) {
            0
        } else if rel_has(element, "author") && element.value().name() == "a" {
            1
        } else if let Some(rank) = class_rank(element, &BYLINE_CLASSES) {
            2 + rank
        } else {
            return;
        };
        if let Some(text) = author_name(element) {
            self.bylines.push((rank * 3 + self.place(), text));
        }
    }

    fn date(&mut self, element: ElementRef<'_>) {
        if self.dates.len() >= MAX_OF_A_SORT {
            return;
        }
        let value = element.value();
        let itemprop = value.attr("itemprop").unwrap_or_default();
        let is_time = value.name() == "time";
        if has_word(itemprop, "dateModified")
            || html::has_class(element, "updated") && !html::has_class(element, "published")
        {
            return;
        }
        let rank = if has_word(itemprop, "datePublished") {
            0
        } else if is_time && value.attr("pubdate").is_some() {
            1
        } else if class_rank(element, &DATE_CLASSES).is_some() {
            2
        } else if is_time && value.attr("datetime").is_some() {
            3
        } else {
            return;
        };
        let stated = ["datetime", "content", "title"].iter().find_map(|name| html::attr(element, name));
        if let Some(text) = stated.map(str::to_owned).or_else(|| short_text(element, MAX_BYLINE_CHARS)) {
            self.dates.push((rank * 3 + self.place(), text));
        }
    }

    fn finish(mut self) -> Scan {
        let in_order = |mut ranked: Vec<(usize, String)>| {
            ranked.sort_by_key(|(rank, _)| *rank);
            ranked.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
        };
        self.headings.sort_by_key(|(place, _)| *place);
        self.scan.headings = self.headings.into_iter().map(|(place, text)| (text, place == 0)).collect();
        self.scan.bylines = in_order(self.bylines);
        self.scan.dates = in_order(self.dates);
        self.scan
    }
}

/// The target of a link that holds all words of a heading; `/` where the link says that it leads home.
fn link_of(heading: ElementRef<'_>, words: &str) -> Option<String> {
    let link = heading
        .descendants()
        .take(MAX_NODES_OF_A_TEXT)
        .filter_map(ElementRef::wrap)
        .find(|inner| inner.value().name() == "a" && html::attr(*inner, "href").is_some())?;
    if short_text(link, MAX_VALUE_BYTES).is_none_or(|text| text != words) {
        return None;
    }
    if rel_has(link, "home") { Some("/".to_owned()) } else { html::attr(link, "href").map(str::to_owned) }
}

fn class_rank(element: ElementRef<'_>, known: &[&str]) -> Option<usize> {
    let classes = element.value().attr("class")?;
    classes
        .split_ascii_whitespace()
        .filter_map(|class| known.iter().position(|name| class.eq_ignore_ascii_case(name)))
        .min()
}

pub(in crate::article) fn rel_has(element: ElementRef<'_>, word: &str) -> bool {
    element.value().attr("rel").is_some_and(|rel| has_word(rel, word))
}

fn has_word(value: &str, word: &str) -> bool {
    value.split_ascii_whitespace().any(|part| part.eq_ignore_ascii_case(word))
}

/// An SVG's title names a picture.
fn in_svg(element: ElementRef<'_>) -> bool {
    &*element.value().name.ns == "http://www.w3.org/2000/svg"
}
