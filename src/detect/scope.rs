//! Whether a place belongs to the article's body or to what stands beside it.
//!
//! Classes and ids say so, but layouts bear the same words (`content-sidebar-wrap` holds the article too). So an
//! element marked by its names is only beside the body where it does not hold much of the page's prose.

use super::skim;
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
const WORDS: [&str; 29] = [
    "modal",
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

/// Ends of such words where names are written as one.
const ENDINGS: [&str; 3] = ["nav", "sidebar", "footer"];

/// Words that turn such a word into a statement about the page: `no-sidebar`, `has-footer`.
const ABOUT: [&str; 8] = ["no", "has", "with", "without", "hide", "show", "is", "enable"];

/// Words for what a body belongs to, and for the body itself: a name with one of each marks the body.
const BODY_OF: [&str; 7] = ["article", "entry", "post", "story", "main", "blog", "the"];
const BODY: [&str; 4] = ["content", "body", "text", "copy"];

/// Letters of a name that are read.
const MAX_NAME_BYTES: usize = 100;

/// An element marked as beside the body holds at most this share of the page's prose, in per cent.
const MAX_PROSE_PERCENT: usize = 40;
/// The same for one in which a main heading or an element marked as the body stands.
const MAX_PROSE_WITH_BODY_PERCENT: usize = 10;

/// The elements of a page that stand beside its article.
pub(super) struct Scopes {
    beside: HashSet<NodeId>,
}

/// How an element is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// What readers wrote.
    Readers,
    /// Beside the body by its element.
    Element,
    /// Beside the body by a name.
    Name,
}

/// A marked element.
struct Marked {
    node: NodeId,
    mark: Mark,
    /// Prose in it, in bytes; while it is open, the prose before it.
    prose: usize,
    /// Main headings, and elements marked as the body, in it; while it is open, those before it.
    bodies: usize,
}

/// What was read so far.
#[derive(Default)]
struct Count {
    prose: usize,
    /// Prose that readers wrote.
    of_readers: usize,
    bodies: usize,
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
        self.bodies += usize::from(begins && (element.name() == "h1" || is_body(element)));
    }

    /// Counts what was cut here.
    fn cut(&mut self, comment: &str) {
        if let Some(held) = skim::note(comment) {
            self.prose += held.prose as usize;
            self.of_readers += held.of_readers as usize;
            self.bodies += held.bodies as usize;
        }
    }

    fn text(&mut self, text: &str) {
        if self.paragraphs > 0 && self.links == 0 {
            self.prose += text.trim().len();
            self.of_readers += if self.readers > 0 { text.trim().len() } else { 0 };
        }
    }
}

impl Scopes {
    /// Reads a page once. Of a `skimmed` page the comments say what stood in their places.
    pub(super) fn new(tree: &Html, skimmed: bool) -> Self {
        let mut marked: Vec<Marked> = Vec::new();
        let mut open: Vec<Marked> = Vec::new();
        let mut count = Count::default();
        for edge in tree.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => count.text(text),
                    Node::Comment(comment) if skimmed => count.cut(comment),
                    Node::Element(element) => {
                        let mark = mark(element);
                        count.element(element, mark, true);
                        let (prose, bodies) = (count.prose, count.bodies);
                        open.extend(mark.map(|mark| Marked { node: node.id(), mark, prose, bodies }));
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    let Node::Element(element) = node.value() else { continue };
                    let closed = open.pop_if(|one| one.node == node.id());
                    count.element(element, closed.as_ref().map(|one| one.mark), false);
                    marked.extend(closed.map(|one| Marked {
                        prose: count.prose - one.prose,
                        bodies: count.bodies - one.bodies,
                        ..one
                    }));
                }
            }
        }
        let share = |percent| (count.prose - count.of_readers) * percent / 100;
        let beside = |one: &Marked| match one.mark {
            Mark::Readers => one.bodies == 0,
            _ if one.bodies > 0 => one.prose <= share(MAX_PROSE_WITH_BODY_PERCENT),
            Mark::Element => true,
            Mark::Name => one.prose <= share(MAX_PROSE_PERCENT),
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

/// Whether any of these nodes stands in an element that is marked as beside the body. Where none does, how much prose
/// there is changes nothing.
pub(super) fn may_be_beside(tree: &Html, nodes: impl Iterator<Item = NodeId>) -> bool {
    let mut known = HashSet::new();
    for node in nodes.filter_map(|node| tree.tree.get(node)) {
        for around in std::iter::once(node).chain(node.ancestors()) {
            if !known.insert(around.id()) {
                break;
            }
            if around.value().as_element().and_then(mark).is_some() {
                return true;
            }
        }
    }
    false
}

/// What an element's name, role, class and id say.
fn mark(element: &Element) -> Option<Mark> {
    let name = element.name();
    if BESIDE.contains(&name) {
        return Some(Mark::Element);
    }
    if matches!(name, "html" | "body" | "main" | "article") {
        return None;
    }
    let mut mark: Option<Mark> = None;
    for said in names(element).map(Named::of) {
        if said.body && said.mark.is_none() {
            return None;
        }
        mark = [mark, said.mark].into_iter().flatten().min();
    }
    let mark = mark?;
    Some(if name == "aside" { mark.min(Mark::Element) } else { mark })
}

/// Role, classes and id.
fn names(element: &Element) -> impl Iterator<Item = &str> {
    let of = |attribute| crate::html::raw_attr(element, attribute).unwrap_or_default();
    of("role").split_whitespace().chain(of("class").split_whitespace()).chain([of("id")])
}

/// Whether an element says that it is the article's body.
fn is_body(element: &Element) -> bool {
    crate::html::raw_attr(element, "itemprop") == Some("articleBody") || names(element).any(|name| Named::of(name).body)
}

/// What the value of a `class`, `role` or `id` says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Says {
    /// Readers wrote what is in the element.
    pub(super) readers: bool,
    /// The element is the article's body.
    pub(super) body: bool,
}

/// Parts of words without any of which a class, role or id says nothing of the kind.
pub(super) const STEMS: [&str; 10] =
    ["omment", "espond", "isqus", "ebmention", "ingback", "rackback", "content", "body", "text", "copy"];

/// Reads such a value; an id is one name, whatever is in it.
pub(super) fn says(value: &[u8], is_id: bool) -> Says {
    let of = |name: &str| {
        let name = Named::of(name);
        Says { readers: name.mark == Some(Mark::Readers), body: name.body }
    };
    let either = |one: Says, other: Says| Says { readers: one.readers || other.readers, body: one.body || other.body };
    let value = String::from_utf8_lossy(value);
    if is_id { of(&value) } else { value.split_whitespace().map(of).fold(Says::default(), either) }
}

/// What one class, id or role says.
#[derive(Clone, Copy, Debug, Default)]
struct Named {
    mark: Option<Mark>,
    /// The element is the article's body.
    body: bool,
}

impl Named {
    fn of(name: &str) -> Self {
        let (mut about, mut readers, mut word, mut of_body, mut body) = (false, false, false, false, false);
        let (mut sidebar, mut grid) = (false, false);
        each_word(name, |one| {
            about |= ABOUT.contains(&one);
            // `sidebar-grid` is where a sidebar is, and the body beside it.
            grid |= sidebar && matches!(one, "grid" | "layout");
            sidebar = one == "sidebar";
            readers |= READERS.contains(&one) || is_of_readers(one);
            word |= WORDS.contains(&one) || ENDINGS.iter().any(|ending| one.ends_with(ending));
            of_body |= BODY_OF.contains(&one);
            body |= BODY.contains(&one);
        });
        let mark = match () {
            () if matches!(name, "contentinfo" | "complementary") => Some(Mark::Name),
            () if about || grid => None,
            () if readers => Some(Mark::Readers),
            () => word.then_some(Mark::Name),
        };
        Self { mark, body: body && of_body }
    }
}

/// `commentform`, `commentadd`; but a commentary is an article.
fn is_of_readers(word: &str) -> bool {
    word.starts_with("comment") && !word.starts_with("commentar") && !word.starts_with("commented")
}

/// The words of a name, in lower case: parted by anything but letters, and where a capital follows a small letter.
fn each_word(name: &str, mut show: impl FnMut(&str)) {
    let mut word = [0; MAX_NAME_BYTES];
    let mut len = 0;
    let mut small = false;
    let mut show = |word: &[u8]| {
        if let Ok(word) = std::str::from_utf8(word)
            && !word.is_empty()
        {
            show(word);
        }
    };
    for c in name.chars().take(MAX_NAME_BYTES) {
        if !c.is_ascii_alphabetic() || (c.is_ascii_uppercase() && small) {
            show(word.get(..len).unwrap_or_default());
            len = 0;
        }
        if c.is_ascii_alphabetic()
            && let Some(letter) = word.get_mut(len)
        {
            *letter = (c as u8).to_ascii_lowercase();
            len += 1;
        }
        small = c.is_ascii_lowercase();
    }
    show(word.get(..len).unwrap_or_default());
}
