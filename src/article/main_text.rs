//! The main content of a web page: Mozilla's Readability in its maintained port, kept within limits, with the embeds'
//! places held fast in what it keeps; and a plain pick where the page is too large or too deep for it.

use super::{scan::Scan, tokens};
use crate::html;
use dom_smoothie::{Config, Readability};
use ego_tree::{NodeId, iter::Edge};
use regex::Regex;
use scraper::{ElementRef, Html, Node};
use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{self, AssertUnwindSafe},
    sync::LazyLock,
};

/// Readability looks at a node's text again and again, so its work grows with elements times depth; past these
/// limits (a long live blog has a tenth of them) the plain pick takes over.
const MAX_READABILITY_BYTES: usize = 3 * 1024 * 1024;
const MAX_READABILITY_ELEMENTS: usize = 40_000;
const MAX_READABILITY_DEPTH: usize = 300;

/// Readability writes its result with a serialiser that searches the rest of a text at each escaped character: bytes
/// searched in the worst case, a second or so.
const MAX_READABILITY_ESCAPE_WORK: usize = 8_000_000_000;

/// A shorter paragraph says nothing of where the article stands.
const MIN_PARAGRAPH_BYTES: usize = 25;

/// What a token's paragraph says while Readability reads the page. It takes short paragraphs for clutter and weighs
/// text by its length and commas; the post that stood here was both long enough and part of the article.
const FILLER: &str = " embalm keeps this place, where a post stood in the article, for the post that was embedded \
                      here, so that it stays between the same paragraphs, as its readers saw it.";

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("\u{27e6}embalm:[0-9]{1,9}\u{27e7}").expect("a pattern in this file is well formed"));

/// Containers of the consent dialogues that sites buy. They are in the page, they are prose, and sometimes they are
/// longer than the article.
const CONSENT_IDS: [&str; 10] = [
    "onetrust-",
    "ot-sdk-",
    "CybotCookiebot",
    "usercentrics",
    "didomi",
    "qc-cmp",
    "truste",
    "sp_message",
    "cookie-law",
    "cmplz",
];

/// A main text shorter than this is doubted.
const DOUBTED_BYTES: usize = 400;

/// The main content of a page. `document` is the tree of `marked_html`, `scan` its shape.
pub(super) fn extract(marked_html: &str, mut document: Html, scan: &Scan) -> Html {
    let page = if without_consent(&mut document) {
        Cow::Owned(html::serialize(&document))
    } else {
        Cow::Borrowed(marked_html)
    };
    let is_small = marked_html.len() <= MAX_READABILITY_BYTES
        && scan.elements <= MAX_READABILITY_ELEMENTS
        && scan.escape_work <= MAX_READABILITY_ESCAPE_WORK
        && scan.depth <= MAX_READABILITY_DEPTH;
    let readable = if is_small { readability(&page) } else { None };
    let readable = readable.map(|content| html::parse_fragment(&content));
    let length = readable.as_ref().map_or(0, |content| html::text(content.root_element()).len());
    let content = match readable {
        Some(content) if length >= DOUBTED_BYTES => content,
        doubted => {
            let (words, picked) = plain_pick(&document);
            match doubted {
                Some(content) if length > 0 && words < length * 3 => content,
                _ => html::parse_fragment(&picked),
            }
        }
    };
    tokens::restore(content, &document)
}

/// Takes consent dialogues out of a page; whether there were any.
fn without_consent(document: &mut Html) -> bool {
    let is_consent = |node: &ego_tree::NodeRef<'_, Node>| {
        let id = node.value().as_element().and_then(|element| element.attr("id"));
        id.is_some_and(|id| CONSENT_IDS.iter().any(|start| id.starts_with(start)))
    };
    let dialogues: Vec<NodeId> = document.tree.nodes().filter(is_consent).map(|node| node.id()).collect();
    for id in &dialogues {
        if let Some(mut node) = document.tree.get_mut(*id) {
            node.detach();
        }
    }
    !dialogues.is_empty()
}

fn readability(page: &str) -> Option<String> {
    let tame = html::tame(page);
    let filled = TOKEN.replace_all(&tame, |token: &regex::Captures<'_>| format!("{}{FILLER}", &token[0]));
    let config = Config { keep_classes: true, disable_json_ld: true, ..Config::default() };
    // It cuts addresses of videos at byte offsets without a look at what stands there, which panics inside a character.
    let parse = || Readability::new(filled.as_ref(), None, Some(config)).ok()?.parse().ok();
    let article = panic::catch_unwind(AssertUnwindSafe(parse)).ok()??;
    Some(article.content.replace(FILLER, ""))
}

/// The content of a document's body, whole: what Markdown and plain text become is article from end to end.
pub(super) fn whole(document: &Html) -> String {
    document
        .root_element()
        .child_elements()
        .find(|child| child.value().name() == "body")
        .map(html::inner_html)
        .unwrap_or_default()
}

/// The element in which the most words stand in paragraphs, as a page's article does among its lists of links; the
/// body where no paragraph is. With it the bytes of words found there. One walk, whatever the page's shape.
fn plain_pick(document: &Html) -> (usize, String) {
    let mut scores: HashMap<NodeId, usize> = HashMap::new();
    let mut words = 0_usize;
    let mut silent = 0_usize;
    let mut paragraphs: Vec<usize> = Vec::new();
    for edge in document.root_element().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) if silent == 0 => words += text.trim().len(),
                Node::Element(element) if is_silent(element.name()) => silent += 1,
                Node::Element(element) if element.name() == "p" => paragraphs.push(words),
                _ => {}
            },
            Edge::Close(node) => match node.value() {
                Node::Element(element) if is_silent(element.name()) => silent -= 1,
                Node::Element(element) if element.name() == "p" => {
                    let length = words - paragraphs.pop().unwrap_or(words);
                    if length >= MIN_PARAGRAPH_BYTES
                        && let Some(parent) = node.parent()
                    {
                        *scores.entry(parent.id()).or_default() += length;
                        if let Some(grandparent) = parent.parent() {
                            *scores.entry(grandparent.id()).or_default() += length / 2;
                        }
                    }
                }
                _ => {}
            },
        }
    }
    // Of equals the first in the page is taken, so that equal pages give equal articles.
    let best = scores.into_iter().max_by_key(|(id, score)| (*score, std::cmp::Reverse(*id)));
    let element = best.and_then(|(id, score)| Some((score, ElementRef::wrap(document.tree.get(id)?)?)));
    element.map_or_else(|| (0, whole(document)), |(score, element)| (score, html::inner_html(element)))
}

fn is_silent(name: &str) -> bool {
    matches!(name, "script" | "style" | "noscript" | "template" | "textarea" | "nav" | "footer" | "form")
}
