//! Whether a place belongs to the article's body or to what stands beside it.
//!
//! Classes and ids say so, but layouts bear the same words (`content-sidebar-wrap` holds the article too). So an
//! element marked by its names is only beside the body where it does not hold much of the page's prose.

use crate::model::Scope;
use ego_tree::{NodeId, iter::Edge};
use scraper::{Html, Node, node::Element};
use std::collections::HashSet;

/// Elements that are never part of the body.
const BESIDE: [&str; 3] = ["footer", "nav", "menu"];

/// Words of class and id names that mark what readers wrote; it may hold more prose than the article.
const READERS: [&str; 11] = [
    "comment",
    "comments",
    "commentlist",
    "commentarea",
    "respond",
    "disqus",
    "webmentions",
    "webmention",
    "pingback",
    "trackback",
    "trackbacks",
];

/// Words of class and id names that mark what stands beside the body.
const WORDS: [&str; 28] = [
    "sidebar",
    "sidebars",
    "footer",
    "nav",
    "navbar",
    "navigation",
    "menu",
    "related",
    "relatedposts",
    "recommended",
    "recommendations",
    "recommendation",
    "trending",
    "popular",
    "breadcrumb",
    "breadcrumbs",
    "rail",
    "masthead",
    "topbar",
    "sharing",
    "share",
    "socials",
    "instafeed",
    "colophon",
    "referer",
    "refererlist",
    "referers",
    "teaser",
];

/// Words that turn such a word into a statement about the page: `no-sidebar`, `has-footer`.
const ABOUT: [&str; 8] = ["no", "has", "with", "without", "hide", "show", "is", "enable"];

/// An element marked as beside the body holds at most this share of the page's prose, in per cent.
const MAX_PROSE_PERCENT: usize = 40;

/// The elements of a page that stand beside its article.
pub(super) struct Scopes {
    beside: HashSet<NodeId>,
}

/// How an element is marked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Readers,
    Layout,
}

/// A marked element.
struct Marked {
    node: NodeId,
    mark: Mark,
    /// Prose in it, in bytes; while it is open, the prose before it.
    prose: usize,
    /// Main headings in it; while it is open, those before it.
    headings: usize,
}

/// What was read so far.
#[derive(Default)]
struct Count {
    prose: usize,
    /// Prose that readers wrote.
    of_readers: usize,
    headings: usize,
    paragraphs: usize,
    links: usize,
    readers: usize,
}

impl Count {
    /// Counts an element that begins (`true`) or ends.
    fn element(&mut self, element: &Element, mark: Option<Mark>, begins: bool) {
        let step = |count: &mut usize, is: bool| {
            if is {
                *count = if begins { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        step(&mut self.paragraphs, element.name() == "p");
        step(&mut self.links, element.name() == "a");
        step(&mut self.readers, mark == Some(Mark::Readers));
        self.headings += usize::from(begins && element.name() == "h1");
    }

    fn text(&mut self, text: &str) {
        if self.paragraphs > 0 && self.links == 0 {
            self.prose += text.trim().len();
            self.of_readers += if self.readers > 0 { text.trim().len() } else { 0 };
        }
    }
}

impl Scopes {
    /// Reads a page once.
    pub(super) fn new(tree: &Html) -> Self {
        let mut marked: Vec<Marked> = Vec::new();
        let mut open: Vec<Marked> = Vec::new();
        let mut count = Count::default();
        for edge in tree.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => count.text(text),
                    Node::Element(element) => {
                        let mark = mark(element);
                        count.element(element, mark, true);
                        let (prose, headings) = (count.prose, count.headings);
                        open.extend(mark.map(|mark| Marked { node: node.id(), mark, prose, headings }));
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    let Node::Element(element) = node.value() else { continue };
                    let closed = open.pop_if(|one| one.node == node.id());
                    count.element(element, closed.as_ref().map(|one| one.mark), false);
                    marked.extend(closed.map(|one| Marked {
                        prose: count.prose - one.prose,
                        headings: count.headings - one.headings,
                        ..one
                    }));
                }
            }
        }
        let most = (count.prose - count.of_readers) * MAX_PROSE_PERCENT / 100;
        let beside = |one: &Marked| match one.mark {
            Mark::Readers => one.headings == 0,
            Mark::Layout => one.prose <= most,
        };
        Self { beside: marked.into_iter().filter(beside).map(|one| one.node).collect() }
    }

    /// Where a node of the page stands.
    pub(super) fn of(&self, tree: &Html, node: NodeId) -> Scope {
        let Some(node) = tree.tree.get(node) else { return Scope::Article };
        let beside = std::iter::once(node).chain(node.ancestors()).any(|around| self.beside.contains(&around.id()));
        if beside { Scope::Page } else { Scope::Article }
    }
}

/// What an element's name, role, class and id say.
fn mark(element: &Element) -> Option<Mark> {
    let name = element.name();
    if BESIDE.contains(&name) {
        return Some(Mark::Layout);
    }
    if matches!(name, "html" | "body" | "main" | "article") {
        return None;
    }
    if matches!(element.attr("role"), Some("navigation" | "contentinfo" | "complementary")) {
        return Some(Mark::Layout);
    }
    let names = element.attr("class").unwrap_or_default().split_whitespace();
    let marks = names.chain(element.attr("id")).filter_map(mark_of_name);
    marks.min_by_key(|mark| u8::from(*mark == Mark::Layout))
}

/// What one class or id says.
fn mark_of_name(name: &str) -> Option<Mark> {
    let words: Vec<String> = words(name);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    match () {
        () if any(&ABOUT) => None,
        () if any(&READERS) => Some(Mark::Readers),
        () if any(&WORDS) => Some(Mark::Layout),
        () => None,
    }
}

/// The words of a name, in lower case: parted by anything but letters, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for c in name.chars().take(100) {
        let parts = !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && small);
        if parts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphabetic() {
            word.push(c.to_ascii_lowercase());
        }
        small = c.is_ascii_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
