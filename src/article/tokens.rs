//! Puts back the embed tokens that main-text extraction threw away with their wrappers: each after the block of text
//! that stood before it in the page.

use super::scan::fold;
use crate::html;
use ego_tree::{NodeId, NodeRef, iter::Edge};
use html5ever::{LocalName, QualName, ns};
use scraper::{
    ElementRef, Html, Node, StrTendril,
    node::{Element, Text},
};
use std::collections::{HashMap, HashSet};

/// Elements by whose words a place is known again.
const BLOCKS: [&str; 12] = ["p", "h1", "h2", "h3", "h4", "h5", "li", "blockquote", "pre", "figcaption", "td", "div"];

/// Words of a block that tell it from others, in bytes.
const KEY_BYTES: usize = 120;

/// Words so short ("Advertisement") tell no place.
const MIN_KEY_BYTES: usize = 24;

/// Nodes looked at for the words of one block, so that nested wrappers are not read again and again.
const MAX_NODES_OF_A_KEY: usize = 40;

/// The content with every token that the page has before the content's last known block; those after it, and those of
/// a page of which no block is known again, stay away, and the renderer shows their posts at the end.
pub(super) fn restore(mut content: Html, document: &Html) -> Html {
    let kept: HashSet<usize> = positions(&content).into_iter().map(|(_, position)| position).collect();
    if positions(document).iter().all(|(_, position)| kept.contains(position)) {
        return content;
    }
    let mut anchors: HashMap<String, NodeId> = HashMap::new();
    for edge in content.tree.root().traverse() {
        if let Edge::Open(node) = edge
            && let Some(key) = key(node)
        {
            // The innermost of nested blocks with the same first words comes last.
            anchors.insert(key, node.id());
        }
    }
    // Tokens wait for the next known block: only then they are known to stand inside the content.
    let mut last: Option<NodeId> = None;
    let mut waiting: Vec<usize> = Vec::new();
    let mut places: Vec<(Option<NodeId>, Vec<usize>)> = Vec::new();
    let mut seen = kept;
    for edge in document.root_element().traverse() {
        let Edge::Open(node) = edge else { continue };
        if let Some(position) = token(node) {
            if seen.insert(position) {
                waiting.push(position);
            }
        } else if let Some(anchor) = key(node).and_then(|key| anchors.get(&key)) {
            if !waiting.is_empty() {
                places.push((last, std::mem::take(&mut waiting)));
            }
            last = Some(*anchor);
        }
    }
    for (anchor, positions) in places {
        insert(&mut content, anchor, &positions);
    }
    content
}

/// The tokens of a tree in order, with their text nodes.
fn positions(tree: &Html) -> Vec<(NodeId, usize)> {
    tree.tree.root().descendants().filter_map(|node| Some((node.id(), token(node)?))).collect()
}

/// The position that a text node is the token of.
fn token(node: NodeRef<'_, Node>) -> Option<usize> {
    let text = node.value().as_text()?;
    match html::split_at_tokens(text.trim()).as_slice() {
        [("", Some(position)), ("", None)] => Some(*position),
        _ => None,
    }
}

/// The first words of a block, by which it is known in page and content alike. A token is its own key, so that a token
/// that was kept shows the place of one that was not.
fn key(node: NodeRef<'_, Node>) -> Option<String> {
    if let Some(position) = token(node) {
        return Some(html::embed_token(position));
    }
    let element = ElementRef::wrap(node).filter(|element| BLOCKS.contains(&element.value().name()))?;
    let mut words = String::new();
    for inner in element.descendants().take(MAX_NODES_OF_A_KEY) {
        if let Some(text) = inner.value().as_text() {
            words.push_str(text);
            if words.len() >= KEY_BYTES * 2 {
                break;
            }
        }
    }
    let words: String = fold(&words).chars().take(KEY_BYTES).collect();
    (words.len() >= MIN_KEY_BYTES).then_some(words)
}

/// Puts paragraphs with these tokens after the anchor (inside it where it is a list item or a cell), or first of all.
fn insert(content: &mut Html, anchor: Option<NodeId>, positions: &[usize]) {
    let first = || content.root_element().id();
    let (mut at, mut inside) = (anchor.unwrap_or_else(first), anchor.is_none());
    let is_item = |node: NodeRef<'_, Node>| {
        node.value().as_element().is_some_and(|element| matches!(element.name(), "li" | "td"))
    };
    // A token's anchor is its text; the paragraph is around it.
    while let Some(node) = content.tree.get(at) {
        let Some(parent) = node.parent() else { break };
        let is_leaf = node.value().is_text() || node.value().as_element().is_some_and(|element| element.name() == "p");
        let parent_is_p = parent.value().as_element().is_some_and(|element| element.name() == "p");
        if !(is_leaf && parent_is_p) {
            break;
        }
        at = parent.id();
    }
    inside = inside || content.tree.get(at).is_some_and(is_item);
    let is_first = anchor.is_none();
    let goes_on = inside && !is_first;
    let in_turn: Vec<usize> = if goes_on { positions.to_vec() } else { positions.iter().rev().copied().collect() };
    for position in in_turn {
        let name = QualName::new(None, ns!(html), LocalName::from("p"));
        let paragraph = content.tree.orphan(Node::Element(Element::new(name, Vec::new()))).id();
        if let Some(mut paragraph) = content.tree.get_mut(paragraph) {
            paragraph.append(Node::Text(Text { text: StrTendril::from(html::embed_token(position)) }));
        }
        let Some(mut node) = content.tree.get_mut(at) else { return };
        match (inside, is_first) {
            (true, true) => drop(node.prepend_id(paragraph)),
            (true, false) => drop(node.append_id(paragraph)),
            (false, _) => drop(node.insert_id_after(paragraph)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_token_goes_back_between_its_neighbours() {
        let token = html::embed_token;
        let (one, two) = ("The first paragraph of the page.", "The second paragraph of the page.");
        let page = format!(
            "<nav><p>{}</p></nav><div><p>{one}</p><div class=x><p>{}</p><p>{}</p></div><ul><li>{two}</li></ul><p>{}</p></div>",
            token(0),
            token(1),
            token(2),
            token(3)
        );
        let content = format!("<div><p>{one}</p><p>{}</p><ul><li>{two}</li></ul></div>", token(2));
        let restored = restore(html::parse_fragment(&content), &html::parse(&page));
        let found: Vec<_> = positions(&restored).into_iter().map(|(_, position)| position).collect();
        assert_eq!(found, [0, 1, 2], "{}", html::inner_html(restored.root_element()));
    }
}
