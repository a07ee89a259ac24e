//! The words of a page by their letters, so that prose known from a page's state can be found where a reader sees it.

use super::scope::Scopes;
use crate::model::Scope;
use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{Html, Node};
use std::collections::{HashMap, HashSet};

/// Elements whose content a reader doesn't see as words.
const UNSEEN: [&str; 9] =
    ["script", "style", "noscript", "template", "textarea", "svg", "head", "iframe", "embalm-shortcode"];

/// Places of one piece of prose that are looked at: teasers repeat an article's first words.
const MAX_PLACES: usize = 16;

/// How far around a piece of prose the element is looked for after which an embed can stand.
const MAX_AROUND: usize = 16;

/// The letters of a tree, and where they stand.
pub(super) struct Words {
    /// Letters and digits in lower case, in document order.
    pub(super) letters: String,
    /// Where each text node's letters begin.
    starts: Vec<(usize, NodeId)>,
    /// Where the elements stand that were asked for; their own words aren't counted.
    pub(super) marked: HashMap<NodeId, usize>,
}

impl Words {
    /// Reads a tree. The words inside the elements `marked` are left out, and their places noted.
    pub(super) fn of(tree: &Html, marked: &HashSet<NodeId>) -> Self {
        let mut words = Self { letters: String::new(), starts: Vec::new(), marked: HashMap::new() };
        let mut unseen: Option<NodeId> = None;
        for edge in tree.tree.root().traverse() {
            match edge {
                Edge::Open(_) if unseen.is_some() => {}
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => {
                        words.starts.push((words.letters.len(), node.id()));
                        push_letters(text, &mut words.letters);
                    }
                    Node::Element(element) => {
                        if marked.contains(&node.id()) {
                            words.marked.insert(node.id(), words.letters.len());
                            unseen = Some(node.id());
                        } else if UNSEEN.contains(&element.name()) {
                            unseen = Some(node.id());
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) if unseen == Some(node.id()) => unseen = None,
                Edge::Close(_) => {}
            }
        }
        words
    }

    /// The text node in which the last letter of `probe` stands: of its places in the article, else beside it, the
    /// first.
    pub(super) fn find(&self, probe: &str, tree: &Html, scopes: &Scopes) -> Option<(NodeId, Scope)> {
        let places = self.letters.match_indices(probe).take(MAX_PLACES).filter_map(|(at, _)| {
            let last = at + probe.len().saturating_sub(1);
            let after = self.starts.partition_point(|(start, _)| *start <= last);
            let (_, node) = self.starts.get(after.checked_sub(1)?)?;
            Some((*node, scopes.of(tree, *node)))
        });
        let places: Vec<_> = places.collect();
        places.iter().find(|(_, scope)| *scope == Scope::Article).or(places.first()).copied()
    }

    /// The last letters before a marked element, as many as `count`; none where fewer stand there.
    pub(super) fn before(&self, node: NodeId, count: usize) -> Option<String> {
        let before = self.letters.get(..*self.marked.get(&node)?)?;
        last(before, count)
    }
}

/// The node after which an embed stands that follows these words: their paragraph, or the list or quotation around it;
/// where words stand without a paragraph, they themselves.
pub(super) fn block_around(tree: &Html, text: NodeId) -> Option<NodeId> {
    let text = tree.tree.get(text)?;
    let mut inner = text;
    let mut around = text.ancestors().take(MAX_AROUND);
    let mut block = loop {
        let node = around.next()?;
        if is_block(name(node)) {
            break node;
        }
        inner = node;
    };
    if !is_paragraph(block) {
        return Some(inner.id());
    }
    for outer in around {
        if !is_of_pieces(name(outer)) && !matches!(name(block), "li" | "dt" | "dd" | "figcaption") {
            break;
        }
        block = outer;
    }
    Some(block.id())
}

fn name(node: NodeRef<'_, Node>) -> &str {
    node.value().as_element().map_or("", |element| element.name())
}

/// Whether a block is one paragraph rather than a body of several.
fn is_paragraph(block: NodeRef<'_, Node>) -> bool {
    match name(block) {
        "body" | "main" | "article" => false,
        "div" | "section" | "center" => {
            !block.children().any(|child| name(child) == "br" || is_block(name(child)) || name(child) == "table")
        }
        _ => true,
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "div"
            | "section"
            | "article"
            | "main"
            | "body"
            | "pre"
            | "center"
    ) || is_of_pieces(name)
}

fn is_of_pieces(name: &str) -> bool {
    matches!(name, "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "blockquote" | "figure" | "figcaption")
}

/// Only letters and digits, in lower case.
pub(super) fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    push_letters(text, &mut letters);
    letters
}

fn push_letters(text: &str, letters: &mut String) {
    letters.extend(text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
}

/// The first letters of a text, as many as `count`; none where there are fewer.
pub(super) fn first(text: &str, count: usize) -> Option<String> {
    let mut letters = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let first: String = letters.by_ref().take(count).collect();
    (first.chars().count() == count).then_some(first)
}

/// The last letters of a text, as many as `count`; none where there are fewer.
pub(super) fn last_of(text: &str, count: usize) -> Option<String> {
    // A letter may be several in lower case, none fewer than one.
    let from = text.char_indices().rev().filter(|(_, c)| c.is_alphanumeric()).map(|(at, _)| at).nth(count - 1)?;
    last(&letters(text.get(from..)?), count)
}

/// The last letters of some, as many as `count`; none where there are fewer.
pub(super) fn last(letters: &str, count: usize) -> Option<String> {
    let (start, _) = letters.char_indices().rev().nth(count.checked_sub(1)?)?;
    letters.get(start..).map(str::to_owned)
}
