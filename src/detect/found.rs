//! What the walk finds, and how the finds of one post become one embed: in its richest form, at its first place.

use crate::model::{Embed, Form, Quoted, Scope, Target};
use ego_tree::NodeId;
use std::{collections::HashMap, ops::Range};

/// One place in a page where a post stands.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) form: Form,
    pub(super) target: Target,
    pub(super) scope: Scope,
    pub(super) quoted: Quoted,
    pub(super) place: Place,
}

/// Where a find stands.
#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    /// Nowhere that a reader could see.
    #[default]
    None,
    /// This element of the page's tree.
    Element(NodeId),
    /// These nodes of the page's tree, siblings in document order.
    Nodes(Vec<NodeId>),
    /// Nowhere itself, but before this node of the page's tree: the words after it begin there.
    Before(NodeId),
    /// Nowhere itself, but after this node of the page's tree: the words before it end there.
    After(NodeId),
    /// These bytes of a text page's source.
    Bytes(Range<usize>),
}

/// What makes two finds of a post or short link the same; see [`Found::key`].
pub(super) fn key_of(target: &Target) -> Option<String> {
    match target {
        Target::Post(post) => Some(post.key()),
        Target::ShortLink { platform, url } => Some(format!("{platform} short {url}")),
        Target::Unresolved { .. } => None,
    }
}

impl Found {
    /// A find without a place in what a reader sees.
    pub(super) fn state(target: Target) -> Self {
        let (form, scope, quoted) = (Form::Json, Scope::Article, Quoted::default());
        Self { form, target, scope, quoted, place: Place::None }
    }

    /// What makes two finds the same post.
    pub(super) fn key(&self) -> String {
        key_of(&self.target).unwrap_or_else(|| {
            let quoted = &self.quoted;
            let day = quoted.published.map(|when| when.day().to_string()).unwrap_or_default();
            let handle = quoted.author_handle.as_deref().unwrap_or_default();
            format!("{} said {handle} {day} {}", self.target.platform(), quoted.text.as_deref().unwrap_or_default())
        })
    }
}

impl Place {
    /// The node of the page's tree where it begins.
    pub(super) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Element(node) => Some(*node),
            Self::Nodes(nodes) => nodes.first().copied(),
            Self::None | Self::Before(_) | Self::After(_) | Self::Bytes(_) => None,
        }
    }
}

/// An embed with every place where its post stands; the first of them is the embed's own.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) embed: Embed,
    pub(super) place: Place,
    /// Other places where markup for the same post stands: copies that show nothing new.
    pub(super) copies: Vec<Place>,
}

/// How much a form weighs when a post stands in several: real markup over a link, a link over text, text over state.
fn class(form: Form) -> u8 {
    match form {
        Form::Json => 0,
        Form::Text => 1,
        Form::Link => 2,
        _ => 3,
    }
}

/// One embed for each post, in reading order; finds of state without a place come last.
pub(super) fn merge(finds: Vec<Found>) -> Vec<Placed> {
    let mut by_post: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<(usize, Found)>> = Vec::new();
    for (order, found) in finds.into_iter().enumerate() {
        let group = *by_post.entry(found.key()).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        if let Some(group) = groups.get_mut(group) {
            group.push((order, found));
        }
    }
    let mut placed: Vec<_> = groups.into_iter().filter_map(one).collect();
    placed.sort_by_key(|(state, order, _)| (*state, *order));
    let mut out = Vec::with_capacity(placed.len());
    for (position, (_, _, mut one)) in placed.into_iter().enumerate() {
        one.embed.position = position;
        out.push(one);
    }
    out
}

/// The embed of one post's finds, with what it is sorted by: whether it is state without a place, and its place in the
/// walk.
fn one(mut finds: Vec<(usize, Found)>) -> Option<(bool, usize, Placed)> {
    let in_article = finds.iter().any(|(_, found)| found.scope == Scope::Article);
    let scope = if in_article { Scope::Article } else { Scope::Page };
    let best = finds.iter().filter(|(_, found)| found.scope == scope).map(|(_, found)| class(found.form)).max()?;
    let of_best = |found: &Found| found.scope == scope && class(found.form) == best;
    let form = finds.iter().filter(|(_, found)| of_best(found)).map(|(_, found)| found.form).max()?;
    let is_main = |found: &Found, placed: bool| of_best(found) && (!placed || !matches!(found.place, Place::None));
    let main = [true, false].into_iter().find_map(|placed| finds.iter().position(|(_, one)| is_main(one, placed)))?;
    let quoted = quoted(&finds);
    let (order, mut found) = finds.remove(main);
    if found.target.post().is_some_and(|post| post.author.is_none()) {
        // An id alone names the post; an address elsewhere says whose it is.
        let named = finds.iter().find(|(_, other)| other.target.post().is_some_and(|post| post.author.is_some()));
        found.target = named.map_or(found.target, |(_, other)| other.target.clone());
    }
    let copies = finds.into_iter().filter(|(_, other)| class(other.form) == 3).map(|(_, other)| other.place).collect();
    let embed = Embed { position: 0, form, target: found.target, scope, quoted };
    Some((best == 0 && matches!(found.place, Place::None), order, Placed { embed, place: found.place, copies }))
}

/// The fullest of what the places say; what it leaves open is filled from the others, in reading order.
fn quoted(finds: &[(usize, Found)]) -> Quoted {
    let weight = |quoted: &Quoted| {
        (quoted.text.as_ref().map_or(0, String::len), usize::from(quoted.author_name.is_some()) + quoted.links.len())
    };
    let fullest = finds.iter().map(|(_, found)| &found.quoted).rev().max_by_key(|quoted| weight(quoted));
    let mut out = fullest.cloned().unwrap_or_default();
    for (_, Found { quoted, .. }) in finds {
        out.author_name = out.author_name.or_else(|| quoted.author_name.clone());
        out.author_handle = out.author_handle.or_else(|| quoted.author_handle.clone());
        out.published = out.published.or(quoted.published);
        if out.links.is_empty() {
            out.links.clone_from(&quoted.links);
        }
    }
    out
}
