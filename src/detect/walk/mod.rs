//! The one walk over a page's tree, in document order: every element is shown to every platform, then read for what
//! it carries; HTML held in text or attributes is parsed and walked in its turn, to a bounded depth.

mod elements;
mod tell;

use super::{
    credit,
    found::{Found, Place},
    inside::Inside,
    limits::{CutShort, Cuts, MAX_FOUND, MAX_STATE_BYTES},
    prose::Flattened,
    scope::{self, Scopes},
    state,
    words::Words,
};
use crate::{
    html,
    model::{Form, Scope},
};
use ego_tree::{NodeId, iter::Edge};
use elements::Walk;
use scraper::Html;
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// What the walk of a page brings home.
#[derive(Default)]
struct Walked<'a> {
    /// In document order.
    found: Vec<Found>,
    /// Whether shortcodes that stand in words were left there.
    shortcodes: bool,
    /// The page was written in Markdown.
    markdown: bool,
    /// What a skim set aside.
    aside: Option<Aside<'a>>,
    /// JSON and scripts that may hold the page's state, in document order.
    state: Vec<state::Script>,
    /// Bytes of them.
    state_bytes: usize,
    /// Bytes of held HTML parsed so far.
    held_bytes: usize,
    /// What platforms read inside of elements so far.
    inside: Inside,
    cuts: Cuts,
}

impl Walked<'_> {
    /// Keeps a script, or JSON, to be read when the walk is done.
    fn state(&mut self, script: String, node: NodeId) {
        self.state_bytes += script.len();
        if self.state_bytes > MAX_STATE_BYTES {
            self.cuts.note(CutShort::State);
            return;
        }
        self.state.push(state::Script { text: script, node });
    }
}

/// Where a walk stands in the page.
#[derive(Clone, Copy, Debug)]
struct Context {
    /// The element of the page that holds the HTML being walked.
    host: Option<NodeId>,
    /// The form of markup that the host holds, where its own form doesn't count.
    form: Option<Form>,
    /// How many hosts are around it.
    depth: usize,
}

/// What a walk needs to know of its tree.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// The words can hold posts whose markup was lost.
    pub(super) flattened: bool,
    /// They can hold shortcodes that nothing has replaced.
    pub(super) shortcodes: bool,
    /// The tree is only what a skim left of a page; what it set aside.
    pub(super) skimmed: Option<Aside<'a>>,
}

/// The long scripts of a skimmed page: in the tree each holds only its index here.
#[derive(Clone, Copy)]
pub(super) struct Aside<'a> {
    pub(super) page: &'a str,
    pub(super) scripts: &'a [Range<usize>],
}

impl Aside<'_> {
    /// The text that stands for a script's.
    fn text(&self, script: &str) -> Option<String> {
        let range = self.scripts.get(script.parse::<usize>().ok()?)?;
        self.page.get(range.clone()).map(str::to_owned)
    }
}

/// The finds of a page, in document order; those of its state stand after the words that precede them there, or last;
/// and where the page was cut short. None where a skimmed page has finds that need the words around them.
pub(super) fn walk(tree: &Html, reading: Reading<'_>) -> Option<(Vec<Found>, Cuts)> {
    let mut walked = Walked {
        shortcodes: reading.shortcodes,
        markdown: !reading.shortcodes,
        aside: reading.skimmed,
        ..Walked::default()
    };
    let context = Context { host: None, form: None, depth: 0 };
    let flattened = Flattened::new(reading.flattened);
    Walk { walked: &mut walked, context, open: Vec::new(), flattened }.run(tree);
    let Walked { mut found, state: scripts, mut cuts, .. } = walked;
    if reading.skimmed.is_some() && credit::may_apply(&found) {
        return None;
    }
    credit::take_out(tree, &mut found);
    let places = || found.iter().filter_map(|one| one.place.node());
    if scope::may_be_beside(tree, places()) {
        let scopes = Scopes::new(tree, reading.skimmed.is_some());
        for one in &mut found {
            one.scope = one.place.node().map_or(Scope::Article, |node| scopes.of(tree, node));
        }
    }
    if !scripts.is_empty() {
        let known: HashSet<_> = found.iter().map(Found::key).collect();
        let scripts = if reading.skimmed.is_some() { state::of_unknown(scripts, &known) } else { scripts };
        let unknown = state::search(&scripts, &known, &mut cuts);
        if reading.skimmed.is_some() && !unknown.is_empty() {
            return None;
        }
        found = in_order(tree, found, unknown.place(tree));
    }
    if found.len() > MAX_FOUND {
        cuts.note(CutShort::Finds);
        found.truncate(MAX_FOUND);
    }
    Some((found, cuts))
}

/// Puts finds of the state between those of the page, by the nodes after which they stand.
fn in_order(tree: &Html, found: Vec<Found>, state: Vec<Found>) -> Vec<Found> {
    if !state.iter().any(|one| matches!(one.place, Place::Before(_) | Place::After(_))) {
        return found.into_iter().chain(state).collect();
    }
    let mut begins = HashMap::new();
    let mut ends = HashMap::new();
    for (at, edge) in tree.tree.root().traverse().enumerate() {
        match edge {
            Edge::Open(node) => begins.insert(node.id(), at),
            Edge::Close(node) => ends.insert(node.id(), at),
        };
    }
    let at = |one: &Found| match &one.place {
        Place::Before(node) => begins.get(node),
        Place::After(node) => ends.get(node),
        place => place.node().and_then(|node| begins.get(&node)),
    };
    let mut keyed: Vec<_> = state.into_iter().map(|one| (at(&one).copied().unwrap_or(usize::MAX), one)).collect();
    keyed.sort_by_key(|(at, _)| *at);
    let mut state = keyed.into_iter().peekable();
    let mut out = Vec::new();
    for one in found {
        let here = at(&one).copied().unwrap_or_default();
        while let Some((_, before)) =
            state.next_if(|(at, one)| *at < here || (*at == here && matches!(one.place, Place::Before(_))))
        {
            out.push(before);
        }
        out.push(one);
    }
    out.extend(state.map(|(_, one)| one));
    out
}

/// The finds of a fragment that stands nowhere in a page, each with the last letters before it, as many as `letters`.
pub(super) fn fragment(source: &str, letters: usize) -> Vec<(Found, Option<String>)> {
    let mut walked = Walked::default();
    let tree = html::parse_fragment(source);
    let context = Context { host: None, form: None, depth: 1 };
    Walk { walked: &mut walked, context, open: Vec::new(), flattened: Flattened::default() }.run(&tree);
    let marked = walked.found.iter().filter_map(|one| one.place.node()).collect();
    let words = if walked.found.is_empty() { None } else { Some(Words::of(&tree, &marked)) };
    let before = |one: &Found| words.as_ref()?.before(one.place.node()?, letters);
    walked
        .found
        .into_iter()
        .map(|one| (before(&one), one))
        .map(|(close, one)| (Found { place: Place::None, ..one }, close))
        .collect()
}
