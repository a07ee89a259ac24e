//! Posts in running text: bare URLs, and posts whose markup was lost so that only words, name, handle and date are left.

use super::{
    found::{Found, Place},
    limits::{CutShort, Cuts, MAX_FOUND},
    needle,
};
use crate::{
    article, html,
    model::{Form, Quoted, Scope, Target},
    platforms::{self, TextSpan, recognize_text},
};
use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{ElementRef, Node};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::LazyLock,
};

/// A URL as it stands in text, with what may follow it.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i-u:\b)(?i:https?)://[^\s<>"'\[\]{}|\\^`]+"#).expect("a pattern that is tested with the crate")
});

/// What WordPress embeds, where its shortcode was left in the text.
static SHORTCODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\[embed(?:\s[^\]\n]*)?\]\s*(https?://[^\s<>"'\[\]]+)\s*\[/embed\]"#)
        .expect("a pattern that is tested with the crate")
});

/// The sign before a handle, as character references.
pub(super) const AT_SIGNS: [&str; 3] = ["&#64;", "&#x40;", "&commat;"];

/// A longer one names no post. Counting this in the pattern would make it many times slower.
const MAX_URL_BYTES: usize = 2000;

/// Nodes of paragraphs that are read for flattened posts in one page; more than any honest page has.
const MAX_READ_NODES: usize = 1_000_000;

/// Longer runs of paragraphs are not read for flattened posts.
const MAX_RUN_BYTES: usize = 256 * 1024;

/// The posts that a text names by their URLs, or by shortcodes that nothing has replaced, in order.
/// Of a generator's source these were replaced, and what is left is shown as it stands.
pub(super) fn posts(text: &str, shortcodes: bool) -> Vec<Target> {
    let spans = if shortcodes { post_spans(text) } else { url_spans(text) };
    spans.into_iter().map(|(_, target)| target).collect()
}

/// The first post whose URL stands in a source.
pub(super) fn first_post(source: &str) -> Option<Target> {
    url_spans(source).into_iter().next().map(|(_, target)| target)
}

/// Whether a text is one URL of a post, or one shortcode, and nothing else.
pub(super) fn is_one_post(text: &str) -> bool {
    let text = text.trim();
    post_spans(text).first().is_some_and(|(range, _)| *range == (0..text.len()))
}

/// The post of which a text is the URL, and nothing else.
pub(super) fn one_url(text: &str) -> Option<Target> {
    let text = text.trim();
    url_spans(text).into_iter().next().filter(|(range, _)| *range == (0..text.len())).map(|(_, target)| target)
}

fn post_spans(text: &str) -> Vec<(Range<usize>, Target)> {
    let mut spans = url_spans(text);
    if !["[", "{{", "{%"].iter().any(|opener| text.contains(opener)) {
        return spans;
    }
    for (range, url) in article::shortcodes_left_in_text(text) {
        let Some(target @ Target::Post(_)) = recognize_text(&url) else { continue };
        spans.retain(|(inner, _)| !range.contains(&inner.start));
        spans.push((range, target));
    }
    spans.sort_by_key(|(range, _)| range.start);
    spans
}

/// The same with the bytes of each URL.
pub(super) fn url_spans(text: &str) -> Vec<(Range<usize>, Target)> {
    if !text.contains("://") {
        return Vec::new();
    }
    let post = |found: regex::Match<'_>| {
        if found.len() > MAX_URL_BYTES {
            return None;
        }
        let url = found.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*', '…', '"', '\'']);
        let target = Some(url).filter(|url| needle::may_name(url)).and_then(recognize_text)?;
        matches!(target, Target::Post(_)).then(|| (found.start()..found.start() + url.len(), target))
    };
    let mut spans: Vec<_> = URL.find_iter(text).filter_map(post).collect();
    if text.contains("[/embed]") {
        let known: HashSet<_> = spans.iter().map(|(range, _)| range.start).collect();
        let items = SHORTCODE.captures_iter(text).filter_map(|shortcode| {
            let url = shortcode.get(1).filter(|url| url.len() <= MAX_URL_BYTES && !known.contains(&url.start()))?;
            Some((url.range(), platforms::embedded(url.as_str())?))
        });
        spans.extend(items);
        spans.sort_by_key(|(range, _)| range.start);
    }
    spans
}

/// The finds of a plain text: flattened posts, and bare URLs outside them.
pub(super) fn in_text(text: &str) -> (Vec<Found>, Cuts) {
    let found =
        |form, target, quoted, range| Found { form, target, scope: Scope::Article, quoted, place: Place::Bytes(range) };
    let mut all: Vec<_> = spans(text)
        .into_iter()
        .map(|span| (span.start, found(Form::Text, span.target, span.quoted, span.start..span.end)))
        .collect();
    all.sort_by_key(|(start, _)| *start);
    let mut taken: Vec<_> = all
        .iter()
        .filter_map(|(_, found)| match &found.place {
            Place::Bytes(range) => Some(range.clone()),
            _ => None,
        })
        .collect();
    // Where each ends, or an earlier one that ends later; so the last that begins before a URL tells.
    let mut end = 0;
    for span in &mut taken {
        end = end.max(span.end);
        span.end = end;
    }
    for (range, target) in post_spans(text) {
        let before = taken.partition_point(|span| span.start <= range.start);
        let within = before.checked_sub(1).and_then(|last| taken.get(last)).is_some_and(|span| range.start < span.end);
        if !within {
            all.push((range.start, found(Form::Text, target, Quoted::default(), range)));
        }
    }
    all.sort_by_key(|(start, _)| *start);
    let mut cuts = Cuts::default();
    if all.len() > MAX_FOUND {
        cuts.note(CutShort::Finds);
        all.truncate(MAX_FOUND);
    }
    (all.into_iter().map(|(_, found)| found).collect(), cuts)
}

/// Flattened posts of a tree, found where their paragraphs' parent begins and given out where their words begin.
#[derive(Default)]
pub(super) struct Flattened {
    enabled: bool,
    /// Nodes read in paragraphs so far.
    read_nodes: usize,
    waiting: HashMap<NodeId, Vec<Found>>,
}

/// Whether a page can hold such posts at all: their signatures have a handle in brackets.
pub(super) fn may_be_flattened(source: &str) -> bool {
    let is_sign =
        |at: usize| source.get(at + 1..).is_some_and(|rest| AT_SIGNS.iter().any(|sign| rest.starts_with(sign)));
    let find = |sign: &'static str| memchr::memmem::find_iter(source.as_bytes(), sign);
    find("(@").next().is_some() || find("(&").any(is_sign)
}

impl Flattened {
    pub(super) fn new(enabled: bool) -> Self {
        Self { enabled, read_nodes: 0, waiting: HashMap::new() }
    }

    /// Reads the runs of paragraphs directly inside an element.
    pub(super) fn enter(&mut self, parent: ElementRef<'_>) {
        if !self.enabled
            || matches!(parent.value().name(), "p" | "pre" | "code" | "a" | "script" | "style" | "head" | "html")
        {
            return;
        }
        let mut run = Run::default();
        for child in parent.children() {
            match child.value() {
                Node::Element(_) if is_paragraph(child) => run.push(child, self),
                Node::Element(element) if is_silent(element.name()) => {}
                Node::Element(_) => run.end(self),
                _ => {}
            }
        }
        run.end(self);
    }

    fn wait(&mut self, nodes: Vec<NodeId>, span: TextSpan) {
        let Some(first) = nodes.first().copied() else { return };
        self.waiting.entry(first).or_default().push(Found {
            form: Form::Text,
            target: span.target,
            scope: Scope::Article,
            quoted: span.quoted,
            place: Place::Nodes(nodes),
        });
    }

    /// The posts whose words begin in this element.
    pub(super) fn at(&mut self, node: NodeId) -> Vec<Found> {
        if self.waiting.is_empty() { Vec::new() } else { self.waiting.remove(&node).unwrap_or_default() }
    }
}

/// Neighbouring paragraphs without a link to a post.
#[derive(Default)]
struct Run {
    paragraphs: Vec<(NodeId, String)>,
    bytes: usize,
}

impl Run {
    fn push(&mut self, paragraph: NodeRef<'_, Node>, out: &mut Flattened) {
        let Some(element) = ElementRef::wrap(paragraph) else { return };
        // Paragraphs in paragraphs would be read once for each that they stand in.
        out.read_nodes += element.descendants().take(MAX_READ_NODES).count();
        if out.read_nodes > MAX_READ_NODES {
            out.enabled = false;
            self.end(out);
            return;
        }
        let words = html::text(element);
        if links_to_post(element) || self.bytes + words.len() > MAX_RUN_BYTES {
            self.end(out);
            return;
        }
        self.bytes += words.len();
        self.paragraphs.push((element.id(), words));
    }

    fn end(&mut self, out: &mut Flattened) {
        let run = std::mem::take(self);
        let mut before: Option<&(NodeId, String)> = None;
        for paragraph in &run.paragraphs {
            let (node, words) = paragraph;
            let mut used = false;
            if words.contains("(@") {
                for span in spans(words) {
                    used = true;
                    // A signature alone signs the paragraph before it.
                    let signed = before.filter(|_| span.quoted.text.is_none());
                    let joined = signed.map(|(first, text)| (*first, spans(&format!("{text}\n\n{words}"))));
                    match joined.and_then(|(first, spans)| Some((first, spans.into_iter().next_back()?))) {
                        Some((first, span)) => out.wait(vec![first, *node], span),
                        None => out.wait(vec![*node], span),
                    }
                }
            }
            before = (!used && !words.is_empty()).then_some(paragraph);
        }
    }
}

fn spans(text: &str) -> Vec<TextSpan> {
    platforms::ALL.iter().flat_map(|platform| platform.detect_in_text(text)).collect()
}

/// A paragraph: `<p>`, or a block that holds words and no block.
fn is_paragraph(node: NodeRef<'_, Node>) -> bool {
    let Some(element) = node.value().as_element() else { return false };
    match element.name() {
        "p" => true,
        "blockquote" if is_signed_loosely(node) => true,
        "div" | "li" | "blockquote" | "section" => {
            !node.descendants().skip(1).any(|inner| inner.value().as_element().is_some_and(|e| is_block(e.name())))
        }
        _ => false,
    }
}

/// Whether a quote of some paragraphs is signed behind them rather than in one of them, as a post's widget is that lost
/// its class and its link.
fn is_signed_loosely(quote: NodeRef<'_, Node>) -> bool {
    let plain = |name: &str| !is_block(name) || matches!(name, "p" | "footer");
    let mut inner = quote.descendants().skip(1).filter_map(|inner| inner.value().as_element());
    inner.all(|element| plain(element.name()))
        && quote.children().any(|child| match child.value() {
            Node::Text(text) => text.contains("(@"),
            Node::Element(element) => {
                element.name() == "footer" && ElementRef::wrap(child).is_some_and(|it| html::text(it).contains("(@"))
            }
            _ => false,
        })
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "ul"
            | "ol"
            | "li"
            | "blockquote"
            | "section"
            | "article"
            | "aside"
            | "table"
            | "figure"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "pre"
            | "form"
            | "dl"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "iframe"
            | "script"
            | "style"
    )
}

fn is_silent(name: &str) -> bool {
    matches!(name, "script" | "style" | "noscript" | "template" | "br")
}

fn links_to_post(element: ElementRef<'_>) -> bool {
    element.descendants().filter_map(ElementRef::wrap).any(|inner| {
        inner.value().name() == "a"
            && html::attr(inner, "href")
                .filter(|href| needle::may_name(href))
                .and_then(recognize_text)
                .is_some_and(|target| target.post().is_some())
    })
}
