//! Where a page shows what its state names: after the words that stand before it in the state, else before those after
//! it, or at its script. What
//! follows words that the page doesn't show belongs to another article.

use super::{Candidate, Prose};
use crate::detect::{
    found::{Found, Place},
    scope::Scopes,
    words::{self, Words},
};
use crate::model::Scope;
use ego_tree::NodeId;
use scraper::Html;
use std::collections::{HashMap, HashSet};

/// A page with fewer letters is drawn by its scripts, so that its state is all there is of its body.
const MIN_PAGE_LETTERS: usize = 200;

/// Letters of a page that are read to find prose, over all that is looked for. A state that names more is no article's.
const MAX_READ_BYTES: usize = 1024 * 1024 * 1024;

/// A page whose words are looked for prose.
struct Page<'t> {
    tree: &'t Html,
    words: Words,
    scopes: Scopes,
    known: HashMap<String, Option<(NodeId, Scope)>>,
    read_bytes: usize,
}

/// The finds of these candidates that are this page's, each at its place. `body` has the letters of the article where
/// JSON-LD gives them.
pub(super) fn place(candidates: Vec<Candidate>, body: &str, tree: &Html) -> Vec<Found> {
    if candidates.is_empty() {
        return Vec::new();
    }
    let words = Words::of(tree, &HashSet::new());
    let mut page = Page { tree, words, scopes: Scopes::new(tree, false), known: HashMap::new(), read_bytes: 0 };
    let shows = |one: &Candidate| one.prose.as_ref().is_some_and(|prose| page.words.letters.contains(&prose.head));
    let is_empty = page.words.letters.len() < MIN_PAGE_LETTERS && !candidates.iter().any(shows);
    let is_body = |prose: &Prose| body.is_empty() || body.contains(&prose.head);
    let mut placed = Vec::new();
    for one in candidates {
        let Some(prose) = one.prose.clone() else {
            placed.push(page.without_words_before(one));
            continue;
        };
        let shown = page.find(&prose.head);
        let close = shown.and_then(|_| page.find(one.close.as_ref().unwrap_or(&prose.tail)));
        if let Some((text, scope)) = close.or(shown) {
            let place = words::block_around(tree, text).map_or(Place::None, Place::After);
            placed.push(Found { scope, place, ..one.found });
        } else if is_empty && is_body(&prose) {
            placed.push(one.found);
        }
    }
    placed
}

impl Page<'_> {
    fn find(&mut self, probe: &str) -> Option<(NodeId, Scope)> {
        if let Some(known) = self.known.get(probe) {
            return *known;
        }
        self.read_bytes += self.words.letters.len();
        let found =
            if self.read_bytes > MAX_READ_BYTES { None } else { self.words.find(probe, self.tree, &self.scopes) };
        self.known.insert(probe.to_owned(), found);
        found
    }

    /// A find without words before it stands before those after it, or at its script, where that is in the content
    /// rather than in the head or at the page's end.
    fn without_words_before(&mut self, one: Candidate) -> Found {
        let next = one.next.as_ref().and_then(|next| self.find(&next.head));
        if let Some((text, scope)) = next
            && let Some(block) = words::block_around(self.tree, text)
        {
            return Found { scope, place: Place::Before(block), ..one.found };
        }
        let parent = |node: NodeId| self.tree.tree.get(node)?.parent()?.value().as_element();
        let is_inside = |node: &NodeId| parent(*node).is_some_and(|parent| !matches!(parent.name(), "head" | "body"));
        let Some(node) = one.script.filter(is_inside) else { return one.found };
        Found { scope: self.scopes.of(self.tree, node), place: Place::After(node), ..one.found }
    }
}
