//! The one walk over a page's tree, in document order: every element is shown to every platform, then read for what
//! it carries; HTML held in text or attributes is parsed and walked in its turn, to a bounded depth.

use super::{
    carrier::{self, Carried},
    credit,
    found::{Found, Place},
    inside::Inside,
    limits::{CutShort, Cuts, MAX_FOUND, MAX_HELD_BYTES, MAX_HELD_DEPTH, MAX_STATE_BYTES},
    needle,
    prose::{self, Flattened},
    scope::Scopes,
    script, state,
    words::Words,
};
use crate::{
    html,
    model::{Form, Quoted, Scope, Target},
    platforms::{self, Markup, recognize_text},
};
use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// Elements whose text names no post: it is a link's, code, or not text at all.
const SILENT: [&str; 12] =
    ["a", "pre", "code", "kbd", "samp", "svg", "script", "noscript", "textarea", "iframe", "template", "noframes"];

/// Endings of addresses that are pictures.
const PICTURES: [&str; 8] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif", ".bmp"];

/// A shortener's host and path are not longer.
const MAX_SHORT_HOST_BYTES: usize = 20;
const MAX_SHORT_PATH_BYTES: usize = 16;

/// How far inside a card its link stands.
const CARD_LEVELS: usize = 3;

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
    if !found.is_empty() {
        let scopes = Scopes::new(tree, reading.skimmed.is_some());
        for one in &mut found {
            one.scope = one.place.node().map_or(Scope::Article, |node| scopes.of(tree, node));
        }
    }
    if !scripts.is_empty() {
        let known: HashSet<_> = found.iter().map(Found::key).collect();
        let scripts: Vec<_> = scripts
            .into_iter()
            .filter(|script| reading.skimmed.is_none() || !state::is_all_known(&script.text, &known))
            .collect();
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

/// An open element that changes how what stands in it is read.
struct Frame {
    node: NodeId,
    /// Its links are an embed's own.
    embed: bool,
    /// Its text is a link's, or code.
    silent: bool,
    /// Nothing in it is read.
    closed: bool,
}

struct Walk<'w, 'a> {
    walked: &'w mut Walked<'a>,
    context: Context,
    open: Vec<Frame>,
    flattened: Flattened,
}

impl Walk<'_, '_> {
    fn run(&mut self, tree: &Html) {
        for edge in tree.tree.root().traverse() {
            match edge {
                Edge::Open(_) if self.walked.found.len() > MAX_FOUND => {}
                Edge::Open(node) => match node.value() {
                    Node::Text(text) => self.text(node, text),
                    Node::Element(_) => {
                        if let Some(element) = ElementRef::wrap(node) {
                            self.element(element);
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if self.open.last().is_some_and(|frame| frame.node == node.id()) {
                        self.open.pop();
                    }
                }
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>) {
        if self.open.last().is_some_and(|frame| frame.closed) {
            return;
        }
        let name = element.value().name();
        let mut frame = Frame {
            node: element.id(),
            embed: name == "template",
            silent: SILENT.contains(&name),
            closed: matches!(name, "style" | "title"),
        };
        let place = Place::Element(self.context.host.unwrap_or(element.id()));
        if self.context.host.is_none() {
            self.flattened.enter(element);
        }
        for found in self.flattened.at(element.id()) {
            self.push(found.form, found.target, found.quoted, found.place);
        }
        self.open_embed_ends(element);
        if let Some(Markup { form, target, quoted }) = self.markup(element) {
            frame.embed = !matches!(form, Form::Link | Form::Text);
            self.end_open_embeds();
            self.push(form, target, quoted, place.clone());
        }
        if name == "embalm-shortcode" && is_in_code(element) {
            return;
        }
        for carried in carrier::carried(element.value()) {
            match carried {
                Carried::Post(form, target) => {
                    // A site's own blockquote stands for the post as the platform's does.
                    let form = if name == "blockquote" { Form::Blockquote } else { form };
                    self.push(form, target, Quoted::default(), place.clone());
                }
                Carried::Html(form, html) => {
                    let before = self.walked.found.len();
                    self.held(&html, Some(form), element.id());
                    if form == Form::Iframe {
                        self.consented(&html, before, &place);
                    }
                }
                Carried::State(json) => self.walked.state(json, self.context.host.unwrap_or(element.id())),
            }
        }
        match name {
            "a" | "area" => self.link(element, place),
            "img" if self.walked.markdown && self.context.depth == 0 => self.picture(element, place),
            "script" => self.script(element, &place),
            "noscript" => self.held(&inner_text(element), Some(Form::DataAttr), element.id()),
            "textarea" => {
                if let Some(html) = carrier::html_in(&inner_text(element)) {
                    self.held(&html, Some(Form::DataAttr), element.id());
                }
            }
            _ => {}
        }
        if frame.embed || frame.silent || frame.closed {
            self.open.push(frame);
        }
    }

    /// What a platform says that the element is.
    fn markup(&mut self, element: ElementRef<'_>) -> Option<Markup> {
        if !may_be_markup(element) {
            return None;
        }
        if !self.walked.inside.admit(element) {
            self.walked.cuts.note(CutShort::Inside);
            return None;
        }
        platforms::ALL.iter().find_map(|one| one.detect(element))
    }

    /// A frame's page of its own may ask for consent first, and load the post by a link or a script.
    fn consented(&mut self, html: &str, before: usize, place: &Place) {
        let own = self.walked.found.get_mut(before..).unwrap_or_default();
        if own.iter().all(|found| found.form == Form::Link)
            && let Some(first) = own.first_mut()
        {
            first.form = Form::Iframe;
        } else if own.is_empty()
            && let Some(post) = prose::first_post(&carrier::plain(html))
        {
            self.push(Form::Iframe, post, Quoted::default(), place.clone());
        }
    }

    /// A plain link to a post. A short link is one only where a platform's shortener leads to nothing else.
    fn link(&mut self, element: ElementRef<'_>, place: Place) {
        if self.open.iter().any(|frame| frame.embed) {
            return;
        }
        let Some(href) = html::attr(element, "href") else { return };
        let named = Some(href).filter(|href| needle::may_name(href)).and_then(recognize_text);
        // A shortener's link may show where it leads.
        let shown = || if is_short(href) { prose::one_url(&inner_text(element)) } else { None };
        if let Some(target @ Target::Post(_)) = named.filter(|named| named.post().is_some()).or_else(shown) {
            let form = if is_card(element) { Form::DataAttr } else { Form::Link };
            self.push(form, target, Quoted::default(), place);
        }
    }

    /// Writers of Markdown embed a post as if it were a picture.
    fn picture(&mut self, element: ElementRef<'_>, place: Place) {
        let Some(src) = html::attr(element, "src").filter(|src| needle::may_name(src)) else { return };
        let path = src.split(['?', '#']).next().unwrap_or(src).to_ascii_lowercase();
        if PICTURES.iter().any(|ending| path.ends_with(ending)) {
            return;
        }
        if let Some(target @ Target::Post(_)) = recognize_text(src) {
            self.push(Form::DataAttr, target, Quoted::default(), place);
        }
    }

    fn script(&mut self, element: ElementRef<'_>, place: &Place) {
        let text = inner_text(element);
        let aside = self.walked.aside.filter(|_| self.context.depth == 0);
        let text = aside.and_then(|aside| aside.text(&text)).unwrap_or(text);
        if text.trim().is_empty() {
            return;
        }
        if script::is_state(element) {
            if state::may_hold(&text, &mut self.walked.cuts) {
                self.walked.state(text, self.context.host.unwrap_or(element.id()));
            }
            return;
        }
        if script::is_template(element) {
            if let Some(html) = carrier::html_in(text.trim()) {
                self.held(&html, Some(Form::DataAttr), element.id());
            }
            return;
        }
        for carried in script::written(&text) {
            match carried {
                Carried::Post(form, target) => self.push(form, target, Quoted::default(), place.clone()),
                Carried::Html(form, html) => self.held(&html, Some(form), element.id()),
                Carried::State(json) => self.walked.state(json, self.context.host.unwrap_or(element.id())),
            }
        }
        if state::may_hold(&text, &mut self.walked.cuts) {
            self.walked.state(text, self.context.host.unwrap_or(element.id()));
        }
    }

    /// Post URLs that stand as text.
    fn text(&mut self, node: NodeRef<'_, Node>, text: &str) {
        if self.context.form.is_some() || self.open.iter().any(|frame| frame.silent || frame.embed || frame.closed) {
            return;
        }
        let place = self
            .context
            .host
            .map_or_else(|| node.parent().map_or(Place::None, |parent| Place::Element(parent.id())), Place::Element);
        for target in prose::posts(text, self.walked.shortcodes) {
            self.push(Form::Text, target, Quoted::default(), place.clone());
        }
    }

    /// HTML that the page holds back.
    fn held(&mut self, source: &str, form: Option<Form>, holder: NodeId) {
        if self.context.depth >= MAX_HELD_DEPTH || !source.contains('<') {
            return;
        }
        if self.walked.held_bytes + source.len() > MAX_HELD_BYTES {
            self.walked.cuts.note(CutShort::HeldHtml);
            return;
        }
        self.walked.held_bytes += source.len();
        let context = Context {
            host: Some(self.context.host.unwrap_or(holder)),
            form: form.or(self.context.form),
            depth: self.context.depth + 1,
        };
        let tree = html::parse_fragment(source);
        let flattened = Flattened::default();
        Walk { walked: &mut *self.walked, context, open: Vec::new(), flattened }.run(&tree);
    }

    fn push(&mut self, form: Form, target: Target, quoted: Quoted, place: Place) {
        // One more than the limit shows that there are more.
        if self.walked.found.len() > MAX_FOUND {
            return;
        }
        let form = match (form, self.context.form) {
            (Form::Link | Form::Text, _) | (_, None) => form,
            (_, Some(held)) => held,
        };
        self.walked.found.push(Found { form, target, scope: Scope::Article, quoted, place });
    }

    /// An embed's element that was never closed ends where the platform's script stands, for that follows an embed.
    fn open_embed_ends(&mut self, element: ElementRef<'_>) {
        if element.value().name() == "script" && html::attr(element, "src").is_some() {
            self.end_open_embeds();
        }
    }

    fn end_open_embeds(&mut self) {
        self.open.iter_mut().for_each(|frame| frame.embed = false);
    }
}

/// Whether an element stands in raw HTML that shows code.
fn is_in_code(element: ElementRef<'_>) -> bool {
    let mut around = element.ancestors().filter_map(ElementRef::wrap);
    around.any(|around| matches!(around.value().name(), "code" | "pre" | "kbd" | "samp"))
}

/// Whether an address can be a shortener's: one short part after the host.
fn is_short(href: &str) -> bool {
    let path = href.trim().split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.is_some_and(|(host, path)| {
        host.len() <= MAX_SHORT_HOST_BYTES && (1..=MAX_SHORT_PATH_BYTES).contains(&path.len()) && !path.contains('/')
    })
}

/// Whether a script of an embedding service puts the post in the place of a link.
fn is_card(link: ElementRef<'_>) -> bool {
    html::has_class(link, "embedly-card")
        || html::attr(link, "data-iframely-url").is_some()
        || link
            .ancestors()
            .filter_map(ElementRef::wrap)
            .take(CARD_LEVELS)
            .any(|around| around.value().name() == "blockquote" && html::has_class(around, "embedly-card"))
}

/// The text directly inside an element.
fn inner_text(element: ElementRef<'_>) -> String {
    element.children().filter_map(|child| child.value().as_text().map(|text| &**text)).collect()
}

/// Whether a platform may know this element: it has a name or an attribute that isn't every element's, or a class or id
/// in which a platform marks its own. Most elements are told apart here before forty platforms look at them.
fn may_be_markup(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(
        name,
        "blockquote" | "iframe" | "frame" | "script" | "object" | "embed" | "param" | "oembed" | "video" | "source"
    ) || name.contains(['-', ':'])
    {
        return true;
    }
    element.value().attrs().any(|(name, value)| match name {
        "class" | "id" => needle::words(value.as_bytes()).any(|word| word.is_mark),
        "href" | "src" | "style" | "alt" | "title" | "width" | "height" | "rel" | "target" | "role" | "lang"
        | "dir" | "type" | "name" | "content" | "datetime" | "srcset" | "sizes" | "loading" | "for" | "value" => false,
        name => !name.starts_with("aria-"),
    })
}
