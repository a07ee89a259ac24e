//! Section pages: the links of a page that lead to articles.
//!
//! No single sign tells an article's link, so each is weighed: by its address (a date, a slug, a number), by its words
//! (a headline has several), and by where it stands (a heading, a teaser, a menu). A page often links to an article
//! three times, by picture, headline and "read on": those are one link with the best of each.

mod address;
mod pager;
mod place;

use super::{
    Entry, NotRead, Payload, sniff,
    words::{line, words},
    xml::resolve,
};
use crate::html;
use ego_tree::iter::Edge;
use place::Place;
use scraper::{ElementRef, Node};
use std::collections::HashMap;
use url::Url;

/// What is looked for, in messages.
const WANTED: &str = "a page with links";

/// A larger page is not read.
const MAX_PAGE_BYTES: usize = 16 * 1024 * 1024;

/// Links of one page that are weighed, the first ones.
const MAX_LINKS: usize = 20_000;

/// A link of this weight leads to an article.
const ENOUGH: i32 = 5;

/// What a section page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Links that look like articles of the same site, in page order, each address once, with their text as title.
    pub entries: Vec<Entry>,
    /// The next page of the same list, where the page names one.
    pub next: Option<Url>,
}

/// Reads the links of an HTML page. Where the page's address is not known, its canonical one serves; without either no
/// link is known to be of the same site.
///
/// # Errors
/// [`NotRead`], where the bytes are no HTML page.
pub fn read_section(payload: Payload<'_>) -> Result<Section, NotRead> {
    if payload.bytes.len() > MAX_PAGE_BYTES {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_PAGE_BYTES });
    }
    if !sniff::is_html(payload) {
        return Err(sniff::refuse(WANTED, payload));
    }
    let (page, _) = html::decode(payload.bytes, payload.content_type);
    let tree = html::parse(&page);
    let root = tree.root_element();
    let Some(own) = payload.url.cloned().or_else(|| canonical(root)) else { return Ok(Section::default()) };
    let base = root
        .descendent_elements()
        .find(|element| element.value().name() == "base")
        .and_then(|base| resolve(html::attr(base, "href")?, Some(&own)))
        .unwrap_or_else(|| own.clone());
    let links = links(root, &base);
    let next = pager::next(root, &links, &own, &base);
    Ok(Section { entries: articles(links, &own, next.as_ref()), next })
}

/// The address that the page says it has.
fn canonical(root: ElementRef<'_>) -> Option<Url> {
    let mut links = root.descendent_elements().filter(|element| element.value().name() == "link");
    let canonical =
        links.find(|link| html::attr(*link, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")))?;
    resolve(html::attr(canonical, "href")?, None)
}

/// A link as it stands in the page.
struct Link<'a> {
    url: Url,
    element: ElementRef<'a>,
    /// On one line; empty where it shows a picture without words.
    text: String,
    place: Place,
}

/// The page's links in order, with where each stands. One walk, so that a deep page costs no more than a flat one.
fn links<'a>(root: ElementRef<'a>, base: &Url) -> Vec<Link<'a>> {
    let mut links = Vec::new();
    let mut around = place::Around::default();
    for edge in root.traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        let (Node::Element(element), Some(wrapped)) = (node.value(), ElementRef::wrap(node)) else { continue };
        if !opens {
            around.leave(node.id());
            continue;
        }
        around.enter(node.id(), wrapped);
        if !matches!(element.name(), "a" | "area") || links.len() >= MAX_LINKS {
            continue;
        }
        if let Some(mut url) = html::attr(wrapped, "href").and_then(|href| resolve(href, Some(base))) {
            url.set_fragment(None);
            let text = line(&html::text(wrapped)).unwrap_or_default();
            links.push(Link { url, element: wrapped, text, place: around.place(wrapped) });
        }
    }
    links
}

/// What is known of one address from all its links.
struct Weighed {
    entry: Entry,
    address: i32,
    words: i32,
    place: i32,
}

fn articles(links: Vec<Link<'_>>, own: &Url, next: Option<&Url>) -> Vec<Entry> {
    let mut order: Vec<Weighed> = Vec::new();
    let mut known: HashMap<Url, Option<usize>> = HashMap::new();
    for link in links {
        let at = *known.entry(link.url.clone()).or_insert_with(|| {
            let is_candidate = address::is_same_site(&link.url, own) && link.url != *own && next != Some(&link.url);
            let address = address::weight(&link.url, own).filter(|_| is_candidate)?;
            let entry = Entry { published: address::day(&link.url), ..Entry::of_url(link.url.clone()) };
            order.push(Weighed { entry, address, words: 0, place: i32::MIN });
            Some(order.len() - 1)
        });
        let Some(weighed) = at.and_then(|at| order.get_mut(at)) else { continue };
        let (title, words) = headline(&link);
        weighed.place = weighed.place.max(link.place.weight());
        if words > weighed.words || (weighed.entry.title.is_none() && words >= 0) {
            weighed.words = weighed.words.max(words);
            weighed.entry.title = title.or(weighed.entry.title.take());
        }
    }
    let enough = |weighed: &Weighed| weighed.address + weighed.words + weighed.place >= ENOUGH;
    order.into_iter().filter(enough).map(|weighed| weighed.entry).collect()
}

/// A link's title, and how much its words look like a headline.
fn headline(link: &Link<'_>) -> (Option<String>, i32) {
    // What a heading inside the link says is the headline, where teaser and date stand in the link as well.
    let mut inner = link.element.descendent_elements();
    let heading = inner.find(|element| matches!(element.value().name(), "h1" | "h2" | "h3" | "h4" | "h5"));
    let heading = heading.and_then(|heading| line(&html::text(heading)));
    let written = heading.or_else(|| Some(link.text.clone()).filter(|text| !text.is_empty()));
    // What a picture shows is a title only where nothing else is.
    let most = if written.is_some() { i32::MAX } else { 1 };
    let text = written.or_else(|| {
        let named = ["aria-label", "title"].iter().find_map(|name| html::attr(link.element, name));
        let mut pictures = link.element.descendent_elements().filter(|element| element.value().name() == "img");
        named.or_else(|| pictures.find_map(|picture| html::attr(picture, "alt"))).and_then(words)
    });
    let Some(text) = text else { return (None, 0) };
    if is_invitation(&text) {
        return (None, 0);
    }
    let count = text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    let wide = text.chars().filter(|c| !c.is_ascii() && c.is_alphanumeric() && *c >= '\u{2e80}').count();
    let weight = match count.max(wide / 2) {
        0 => 0,
        1 | 2 => i32::from(text.chars().count() > 24),
        3 => 1 + i32::from(text.chars().count() > 24),
        4 => 2,
        _ => 3,
    };
    (Some(text), weight.min(most))
}

/// Words of links that lead to an article without naming it, and of links to its comments.
fn is_invitation(text: &str) -> bool {
    const INVITATIONS: [&str; 24] = [
        "read more",
        "read on",
        "continue reading",
        "more",
        "full story",
        "full article",
        "view",
        "watch",
        "listen",
        "comment",
        "leave a comment",
        "no comments",
        "permalink",
        "share",
        "weiterlesen",
        "mehr",
        "lire la suite",
        "leer m\u{e1}s",
        "leggi tutto",
        "continua",
        "ler mais",
        "lees meer",
        "\u{447}\u{438}\u{442}\u{430}\u{442}\u{44c}",
        "\u{7d9a}\u{304d}\u{3092}\u{8aad}\u{3080}",
    ];
    let text = text.to_lowercase();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let is_count = text.split_once(' ').is_some_and(|(count, rest)| {
        count.bytes().all(|b| b.is_ascii_digit()) && (rest.starts_with("comment") || rest.starts_with("kommentar"))
    });
    // "Read more about the tide" and "Read more: the tide" name it, but not as a headline does.
    is_count || INVITATIONS.iter().any(|known| text == *known || (known.contains(' ') && text.starts_with(known)))
}
