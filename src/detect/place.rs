//! Marks the places of embeds: a paragraph with a token where each stood, its markup taken out.
//!
//! An element is only taken out where it holds nothing else: an embed that was never closed may hold half of the
//! article, and a live blog's entry may carry a post's URL. Then the token stands before it.

use super::{
    found::{Place, Placed},
    prose,
};
use crate::{
    article,
    html::{self, embed_token},
    model::{Form, Scope},
};
use ego_tree::{NodeId, NodeRef};
use html5ever::{LocalName, QualName, ns};
use scraper::{
    ElementRef, Html, Node,
    node::{Element, Text},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// How far an embed's wrappers are followed outwards.
const MAX_WRAPPERS: usize = 12;
/// Siblings, or nodes in a sibling, that are looked at to tell whether a wrapper holds nothing else.
const MAX_LOOK: usize = 64;
/// Words in an element beyond which it holds more than a post, in bytes. Only blockquotes may be longer.
const MAX_CARRIER_WORDS_BYTES: usize = 2_000;

/// A text page as HTML, tokens at the places of its embeds. A URL in a sentence stays readable.
pub(super) fn mark_text(source: &str, placed: &[Placed]) -> String {
    let mut out = String::with_capacity(source.len() + 64);
    let mut from = 0;
    for one in placed {
        let Place::Bytes(range) = &one.place else { continue };
        let Some(before) = source.get(from..range.start) else { continue };
        if one.embed.target.post().is_some() && one.embed.quoted.is_empty() && !is_own_line(source, range) {
            continue;
        }
        out.push_str(before);
        out.push_str(&format!("\n\n{}\n\n", embed_token(one.embed.position)));
        from = range.end;
    }
    out.push_str(source.get(from..).unwrap_or_default());
    article::text_to_html(&out)
}

/// Whether nothing else stands in the lines of these bytes.
fn is_own_line(source: &str, range: &Range<usize>) -> bool {
    let before = source.get(..range.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let after = source.get(range.end..).unwrap_or_default().split('\n').next().unwrap_or_default();
    before.trim().is_empty() && after.trim().is_empty()
}

/// The page with tokens at the places of its embeds.
pub(super) fn mark_tree(tree: Html, placed: &[Placed]) -> String {
    let mut marker = Marker::new(tree, placed);
    for one in placed.iter().filter(|one| one.embed.scope == Scope::Article) {
        let token = embed_token(one.embed.position);
        match (&one.place, one.embed.form) {
            (Place::Element(node), Form::Link) => marker.after_lone_link(*node, &token),
            (Place::Element(node), Form::Text) => marker.instead_of_lone_url(*node, &token),
            (Place::Element(node), _) => marker.instead_of_markup(*node, &token),
            (Place::Nodes(nodes), _) => marker.instead_of_words(nodes, &token),
            (Place::Before(node), _) => marker.put(*node, &token),
            (Place::After(node), _) => marker.put_after(*node, &token),
            (Place::None | Place::Bytes(_), _) => {}
        }
    }
    for copy in placed.iter().filter(|one| one.embed.scope == Scope::Article).flat_map(|one| &one.copies) {
        if let Place::Element(node) = copy {
            marker.take_out_copy(*node);
        }
    }
    html::serialize(&marker.tree)
}

/// For each element, how many embeds' places are in it, itself included.
fn holds(tree: &Html, placed: &[Placed]) -> HashMap<NodeId, usize> {
    let mut holds = HashMap::new();
    for one in placed {
        let Some(node) = one.place.node().and_then(|node| tree.tree.get(node)) else { continue };
        for around in std::iter::once(node).chain(node.ancestors()) {
            *holds.entry(around.id()).or_insert(0) += 1;
        }
    }
    holds
}

pub(super) struct Marker {
    pub(super) tree: Html,
    holds: HashMap<NodeId, usize>,
    /// The last token that was put after a node, so that the next goes after it.
    after: HashMap<NodeId, NodeId>,
    gone: HashSet<NodeId>,
}

impl Marker {
    pub(super) fn new(tree: Html, placed: &[Placed]) -> Self {
        Self { holds: holds(&tree, placed), tree, after: HashMap::new(), gone: HashSet::new() }
    }

    fn instead_of_markup(&mut self, node: NodeId, token: &str) {
        let outer = self.outermost(node);
        let keep = self.holds_more(outer);
        self.put(outer, token);
        if !keep {
            self.take_out(outer);
        }
    }

    fn instead_of_words(&mut self, nodes: &[NodeId], token: &str) {
        let Some(first) = nodes.first() else { return };
        self.put(*first, token);
        for node in nodes {
            if self.holds.get(node).is_none_or(|count| *count <= 1) {
                self.take_out(*node);
            }
        }
    }

    /// A link in a sentence stays as it is; one that stands alone gets a token after its paragraph.
    fn after_lone_link(&mut self, node: NodeId, token: &str) {
        let Some(paragraph) = self.lone_paragraph(node) else { return };
        self.put_after(paragraph, token);
    }

    fn instead_of_lone_url(&mut self, node: NodeId, token: &str) {
        let Some(element) = self.tree.tree.get(node).and_then(ElementRef::wrap) else { return };
        if self.holds.get(&node).is_some_and(|count| *count > 1) {
            return;
        }
        let words = html::text(element);
        if words.split_whitespace().count() != 1 && !prose::is_one_post(&words) {
            return;
        }
        self.put(node, token);
        self.take_out(node);
    }

    fn take_out_copy(&mut self, node: NodeId) {
        if !self.holds.contains_key(&node) && !self.is_long(node) {
            self.take_out(node);
        }
    }

    /// The paragraph in which a link is all there is.
    fn lone_paragraph(&self, link: NodeId) -> Option<NodeId> {
        let link = self.tree.tree.get(link)?;
        let paragraph = link.ancestors().take(MAX_WRAPPERS).find(|node| !is_inline(*node))?;
        let element = ElementRef::wrap(paragraph)?;
        if !matches!(element.value().name(), "p" | "div" | "figure" | "center" | "blockquote") {
            return None;
        }
        // First what costs nothing: a paragraph may hold thousands of links.
        if self.holds.get(&paragraph.id()) != Some(&1) {
            return None;
        }
        let words = html::text(element);
        let alone = !words.is_empty() && words == html::text(ElementRef::wrap(link)?);
        alone.then(|| paragraph.id())
    }

    /// The outermost wrapper that holds nothing but this embed.
    fn outermost(&self, node: NodeId) -> NodeId {
        self.outermost_where(node, |_| true)
    }

    /// The same among wrappers of one kind.
    pub(super) fn outermost_where(&self, node: NodeId, fits: impl Fn(NodeRef<'_, Node>) -> bool) -> NodeId {
        let Some(mut outer) = self.tree.tree.get(node) else { return node };
        for _ in 0..MAX_WRAPPERS {
            let Some(parent) = outer.parent() else { break };
            let wraps = parent.value().as_element().is_some_and(|element| is_wrapper(element.name()));
            if !wraps
                || !fits(parent)
                || self.holds.get(&parent.id()).is_some_and(|count| *count > 1)
                || !self.is_alone(outer)
            {
                break;
            }
            outer = parent;
        }
        outer.id()
    }

    fn is_alone(&self, node: NodeRef<'_, Node>) -> bool {
        let mut before = node.prev_siblings();
        let mut after = node.next_siblings();
        let nothing = |node: NodeRef<'_, Node>| is_nothing(node);
        before.by_ref().take(MAX_LOOK).all(nothing)
            && before.next().is_none()
            && after.by_ref().take(MAX_LOOK).all(nothing)
            && after.next().is_none()
    }

    /// Whether an element holds other embeds, or more words than a post.
    pub(super) fn holds_more(&self, node: NodeId) -> bool {
        self.holds.get(&node).is_some_and(|count| *count > 1) || self.is_long(node)
    }

    fn is_long(&self, node: NodeId) -> bool {
        let element = self.tree.tree.get(node).and_then(ElementRef::wrap);
        element.is_some_and(|element| {
            element.value().name() != "blockquote" && html::text(element).len() > MAX_CARRIER_WORDS_BYTES
        })
    }

    /// Puts a token paragraph at a node: before it, or before or after the paragraph or inline element that it is in,
    /// for a paragraph can't stand in those.
    fn put(&mut self, node: NodeId, token: &str) {
        let Some(start) = self.tree.tree.get(node) else { return };
        if start.ancestors().any(|around| around.value().as_element().is_some_and(|element| element.name() == "head")) {
            return;
        }
        let mut anchor = start;
        while let Some(parent) = anchor.parent().filter(|parent| is_inline(*parent) || is_paragraph(*parent)) {
            anchor = parent;
        }
        let words_before = anchor.id() != node && has_words_before(anchor, start);
        let anchor = anchor.id();
        if words_before || self.after.contains_key(&anchor) {
            self.put_after(anchor, token);
            return;
        }
        let mark = self.token_paragraph(token);
        if let Some(mut node) = self.tree.tree.get_mut(anchor)
            && node.parent().is_some()
        {
            node.insert_id_before(mark);
        }
    }

    fn put_after(&mut self, anchor: NodeId, token: &str) {
        let mark = self.token_paragraph(token);
        let last = self.after.insert(anchor, mark).unwrap_or(anchor);
        if let Some(mut node) = self.tree.tree.get_mut(last)
            && node.parent().is_some()
        {
            node.insert_id_after(mark);
        }
    }

    fn token_paragraph(&mut self, token: &str) -> NodeId {
        let name = QualName::new(None, ns!(html), LocalName::from("p"));
        let mut paragraph = self.tree.tree.orphan(Node::Element(Element::new(name, Vec::new())));
        paragraph.append(Node::Text(Text { text: token.into() }));
        paragraph.id()
    }

    fn take_out(&mut self, node: NodeId) {
        if self.gone.insert(node)
            && let Some(mut node) = self.tree.tree.get_mut(node)
        {
            node.detach();
        }
    }
}

/// Whether words stand in `anchor` before `node`, which is in it.
fn has_words_before(anchor: NodeRef<'_, Node>, node: NodeRef<'_, Node>) -> bool {
    anchor
        .descendants()
        .take_while(|inner| inner.id() != node.id())
        .any(|inner| inner.value().as_text().is_some_and(|text| !text.trim().is_empty()))
}

/// Whether a node shows nothing to a reader.
fn is_nothing(node: NodeRef<'_, Node>) -> bool {
    let mut inner = node.descendants();
    let shows_nothing = inner.by_ref().take(MAX_LOOK).all(|node| match node.value() {
        Node::Text(text) => text.trim().is_empty() || node.parent().is_some_and(|parent| is_silent(parent)),
        Node::Element(element) => !matches!(
            element.name(),
            "img" | "picture" | "video" | "audio" | "iframe" | "object" | "embed" | "canvas" | "table" | "input" | "hr"
        ),
        _ => true,
    });
    shows_nothing && inner.next().is_none()
}

fn is_silent(node: NodeRef<'_, Node>) -> bool {
    let name = node.value().as_element().map(scraper::node::Element::name);
    matches!(name, Some("script" | "style" | "noscript" | "template" | "textarea"))
}

fn is_wrapper(name: &str) -> bool {
    matches!(name, "div" | "figure" | "p" | "span" | "center" | "aside" | "section" | "a" | "picture" | "strong" | "em")
        || name.contains('-')
}

fn is_inline(node: NodeRef<'_, Node>) -> bool {
    node.value().as_element().is_some_and(|element| {
        matches!(
            element.name(),
            "a" | "abbr"
                | "b"
                | "big"
                | "cite"
                | "em"
                | "font"
                | "i"
                | "label"
                | "mark"
                | "q"
                | "s"
                | "small"
                | "span"
                | "strong"
                | "sub"
                | "sup"
                | "u"
        )
    })
}

fn is_paragraph(node: NodeRef<'_, Node>) -> bool {
    let name = node.value().as_element().map(scraper::node::Element::name);
    matches!(name, Some("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "pre"))
}
