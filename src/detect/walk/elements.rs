//! The walk itself: every element is shown to every platform, then read for what it carries; HTML held back is walked
//! in its turn.

use super::{
    Context, Walked,
    tell::{inner_text, is_card, is_in_code, is_short, may_be_markup},
};
use crate::detect::{
    carrier::{self, Carried},
    found::{Found, Place},
    limits::{CutShort, MAX_FOUND, MAX_HELD_BYTES, MAX_HELD_DEPTH},
    needle,
    prose::{self, Flattened},
    script, state,
};
use crate::{
    html,
    model::{Form, Quoted, Scope, Target},
    platforms::{self, Markup, recognize_text},
};
use ego_tree::{NodeId, NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node};

/// Elements whose text names no post: it is a link's, code, or not text at all.
const SILENT: [&str; 12] =
    ["a", "pre", "code", "kbd", "samp", "svg", "script", "noscript", "textarea", "iframe", "template", "noframes"];

/// Endings of addresses that are pictures.
const PICTURES: [&str; 8] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif", ".bmp"];

/// An open element that changes how what stands in it is read.
pub(super) struct Frame {
    node: NodeId,
    /// Its links are an embed's own.
    embed: bool,
    /// Its text is a link's, or code.
    silent: bool,
    /// Nothing in it is read.
    closed: bool,
}

pub(super) struct Walk<'w, 'a> {
    pub(super) walked: &'w mut Walked<'a>,
    pub(super) context: Context,
    pub(super) open: Vec<Frame>,
    pub(super) flattened: Flattened,
}

impl Walk<'_, '_> {
    pub(super) fn run(&mut self, tree: &Html) {
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
