//! Where the markup of each embed stands in a page as it was written, to the byte.
//!
//! A tree knows nothing of bytes. So each start tag is given an attribute that says where it stands, and each end tag a
//! comment after it; the page is parsed and searched as ever, and an element's bytes are known where the comment right
//! after it is that of an end tag of its name. Where tags are misnested so that the parser ended it elsewhere, nothing
//! is said: who replaces the bytes must be sure of them.

use super::{
    found::Place,
    in_whole,
    place::Marker,
    skim::tokens::{self, Token},
};
use crate::{
    article::{Kind, Page},
    html,
    model::{Embed, Form},
};
use ego_tree::NodeRef;
use scraper::{ElementRef, Html, Node};
use std::ops::Range;

/// Larger pages are not searched for places, in bytes.
const MAX_PAGE_BYTES: usize = 64 << 20;

/// The attribute that says where a start tag stands.
const AT: &str = "data-embalm-at";

/// How the comments after end tags begin.
const END: &str = "embalm-end-";

/// Nodes between an embed and the script beside it: white space and comments.
const MAX_BETWEEN: usize = 8;

/// An embed with the places of its markup.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// As detected.
    pub embed: Embed,
    /// The markup, in the embed's own place and in copies of it; empty where no place is sure.
    pub markup: Vec<Markup>,
}

/// Bytes of a page that are an embed's, and the scripts that draw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    /// Where, in bytes of the page's text; wrappers that hold nothing else are in it.
    pub range: Range<usize>,
    /// The script that follows it.
    pub beside: Option<Script>,
    /// Scripts inside it.
    pub inside: Vec<Script>,
}

/// A script by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// As the page writes it.
    pub src: String,
    /// Where the element is, in bytes of the page's text.
    pub range: Range<usize>,
}

/// The embeds of an HTML page that are more than links, words or data, with the places of their markup.
#[must_use]
pub fn written(page: &Page) -> Vec<Written> {
    if page.kind != Kind::Html || page.html.len() > MAX_PAGE_BYTES || !super::may_hold(&page.html) {
        return Vec::new();
    }
    let annotated = Page { html: annotate(&page.html), ..page.clone() };
    let tree = html::parse(&annotated.html);
    let (placed, _) = in_whole(&annotated, &tree);
    let marker = Marker::new(tree, &placed);
    let finder = Finder { source: &page.html, tree: &marker.tree };
    let mut out = Vec::new();
    for one in placed.iter().filter(|one| !matches!(one.embed.form, Form::Link | Form::Text | Form::Json)) {
        let mut markup = Vec::new();
        if let Place::Element(node) = &one.place {
            let known = |node: NodeRef<'_, Node>| is_wrapper_of_one(node) && finder.range(node).is_some();
            let outer = marker.outermost_where(*node, known);
            let outer = if marker.holds_more(outer) { *node } else { outer };
            markup.extend(marker.tree.tree.get(outer).and_then(|node| finder.markup(node)));
        }
        for copy in &one.copies {
            let Place::Element(node) = copy else { continue };
            let node = marker.tree.tree.get(*node).filter(|node| is_embed(*node));
            markup.extend(node.and_then(|node| finder.markup(node)));
        }
        out.push(Written { embed: one.embed.clone(), markup });
    }
    out
}

/// Where the element that begins at `start` ends, by counting the tags of its name; for markup that is whole.
#[must_use]
pub fn element_end(source: &[u8], start: usize) -> Option<usize> {
    let (Token::Start(tag), mut at) = tokens::next(source, start)? else { return None };
    let (name, mut depth) = (tag.name, 1_usize);
    while let Some((token, end)) = tokens::next(source, at) {
        at = end;
        match token {
            Token::Start(tag) if tag.is_raw() => at = tokens::raw_end(source, end, &tag).1,
            Token::Start(tag) if tag.name == name => depth += 1,
            Token::End(closed) if closed == name => {
                depth -= 1;
                if depth == 0 {
                    return Some(end);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where elements begin whose markup begins with these bytes, in order. What stands in a comment, a script, a style or a text
/// field is no element.
pub fn elements<'a>(source: &'a [u8], markup: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some((token, mut end)) = tokens::next(source, at) {
            let start = at;
            let is_one =
                matches!(token, Token::Start(_)) && source.get(start..).is_some_and(|rest| rest.starts_with(markup));
            if let Token::Start(tag) = token
                && tag.is_raw()
            {
                end = tokens::raw_end(source, end, &tag).1;
            }
            at = end.max(start + 1);
            if is_one {
                return Some(start);
            }
        }
        None
    })
}

/// The page with its places written into it.
fn annotate(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len() * 2);
    let part = |from: usize, to: usize| source.get(from..to).unwrap_or_default();
    let mut at = 0;
    while let Some((token, mut end)) = tokens::next(bytes, at) {
        match token {
            Token::Start(tag) => {
                let name_end = at + 1 + tag.name_bytes;
                out.push_str(part(at, name_end));
                out.push_str(&format!(" {AT}=\"e{at}\""));
                out.push_str(part(name_end, end));
                if tag.is_raw() {
                    let (text_end, raw_end) = tokens::raw_end(bytes, end, &tag);
                    out.push_str(part(end, raw_end));
                    if text_end < raw_end {
                        out.push_str(&format!("<!--{END}{raw_end}-->"));
                    }
                    end = raw_end;
                }
            }
            Token::End(_) => {
                out.push_str(part(at, end));
                if part(at, end).ends_with('>') {
                    out.push_str(&format!("<!--{END}{end}-->"));
                }
            }
            _ => out.push_str(part(at, end)),
        }
        at = end;
    }
    out
}

struct Finder<'a> {
    source: &'a str,
    tree: &'a Html,
}

impl Finder<'_> {
    /// The bytes of an element, where they are sure.
    fn range(&self, node: NodeRef<'_, Node>) -> Option<Range<usize>> {
        let element = node.value().as_element()?;
        let start: usize = html::raw_attr(element, AT)?.strip_prefix('e')?.parse().ok()?;
        let comment = node.next_sibling()?;
        let end: usize = comment.value().as_comment()?.strip_prefix(END)?.parse().ok()?;
        let closed = self.source.get(start..end)?.rsplit_once("</")?.1;
        let name: String = closed.chars().take_while(|c| !c.is_ascii_whitespace() && *c != '>' && *c != '/').collect();
        name.eq_ignore_ascii_case(element.name()).then_some(start..end)
    }

    fn markup(&self, node: NodeRef<'_, Node>) -> Option<Markup> {
        let range = self.range(node)?;
        let after = node.next_siblings().take(MAX_BETWEEN).find(|node| match node.value() {
            Node::Comment(comment) => !comment.starts_with(END),
            Node::Text(text) => !text.trim().is_empty(),
            _ => true,
        });
        let beside = after.and_then(|node| self.script(node));
        let inside = self.tree.tree.get(node.id()).into_iter().flat_map(|node| node.descendants());
        Some(Markup { range, beside, inside: inside.filter_map(|node| self.script(node)).collect() })
    }

    fn script(&self, node: NodeRef<'_, Node>) -> Option<Script> {
        let element = ElementRef::wrap(node).filter(|element| element.value().name() == "script")?;
        Some(Script { src: html::attr(element, "src")?.to_owned(), range: self.range(node)? })
    }
}

/// Whether an element can be nothing but an embed.
fn is_embed(node: NodeRef<'_, Node>) -> bool {
    node.value().as_element().is_some_and(|element| {
        matches!(element.name(), "blockquote" | "iframe" | "object" | "embed") || element.name().starts_with("amp-")
    })
}

/// Whether an element around an embed is its own: by its name, or by what its class or style say. A `div` that holds
/// one embed alone may be the whole article.
fn is_wrapper_of_one(node: NodeRef<'_, Node>) -> bool {
    const SAID: [&str; 16] = [
        "embed",
        "social",
        "tweet",
        "twitter",
        "instagram",
        "video",
        "player",
        "iframe",
        "responsive",
        "ratio",
        "bluesky",
        "mastodon",
        "tiktok",
        "facebook",
        "youtube",
        "bsky",
    ];
    let Some(element) = node.value().as_element() else { return false };
    match element.name() {
        "p" | "figure" | "center" | "picture" => true,
        "div" | "span" | "aside" => {
            let names = [html::raw_attr(element, "class"), html::raw_attr(element, "id")];
            let said = names.into_iter().flatten().any(|names| {
                let names = names.to_ascii_lowercase();
                SAID.iter().any(|word| names.contains(word))
            });
            let style = html::raw_attr(element, "style").unwrap_or_default().to_ascii_lowercase();
            said || style.contains("padding-bottom") || style.contains("aspect-ratio")
        }
        _ => false,
    }
}
