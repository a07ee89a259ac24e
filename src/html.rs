//! Reading HTML: the words of an element as a reader sees them, attributes, and the tokens that mark embeds' places.
//!
//! Everything that parses HTML in embalm goes through `scraper` (html5ever), so that pages are understood as
//! browsers understand them. Nothing here judges content; that is `detect`'s and the platforms' work.

pub(crate) mod charset;
mod serialize;
mod tame;

use scraper::{ElementRef, Html, Node, node::Element};

pub use charset::decode;
pub use serialize::{inner_html, serialize};
pub use tame::tame;

/// The tree of a page, also of one made to exhaust a parser: see [`tame`]. Scripts count as enabled, so the content of
/// `<noscript>` is text.
#[must_use]
pub fn parse(source: &str) -> Html {
    Html::parse_document(&tame(source))
}

/// The tree of a fragment, as it would stand in a body.
#[must_use]
pub fn parse_fragment(source: &str) -> Html {
    Html::parse_fragment(&tame(source))
}

/// Elements that end a line.
const BLOCKS: [&str; 31] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// Whether an element of this name ends a line.
#[must_use]
pub fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// Elements whose content is not words.
const SILENT: [&str; 8] = ["script", "style", "noscript", "template", "textarea", "svg", "head", "iframe"];

/// The words inside `element`: `<br>` and blocks make line breaks, a paragraph is set off by a blank line, other white
/// space is folded, scripts are silent, an image with an emoji as `alt` reads as that emoji.
#[must_use]
pub fn text(element: ElementRef<'_>) -> String {
    let mut out = Words::default();
    collect(element, &mut out);
    out.finish()
}

/// The words of an HTML fragment; entities decoded, tags dropped.
#[must_use]
pub fn fragment_text(fragment: &str) -> String {
    text(parse_fragment(fragment).root_element())
}

/// Plain text as HTML: the five special characters escaped.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Whether one of the element's classes is `class`.
#[must_use]
pub fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    classes(element).any(|name| name == class)
}

/// The element's classes. Read from the attribute: scraper's own list keeps each in a table that all threads share.
pub fn classes(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    raw_attr(element.value(), "class").unwrap_or_default().split_ascii_whitespace()
}

/// The value of an attribute, trimmed, if it is there and not empty.
#[must_use]
pub fn attr<'a>(element: ElementRef<'a>, name: &str) -> Option<&'a str> {
    raw_attr(element.value(), name).map(str::trim).filter(|value| !value.is_empty())
}

/// The value of an attribute as it is. Elements have few attributes, so reading along them is fast; scraper's own look-up
/// keeps each name that it is asked for in a table that all threads share.
#[must_use]
pub fn raw_attr<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.attrs().find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// The text that stands in an article's body where the embed of this position stood. It survives every step that
/// keeps text (main-text extraction, sanitising), and is put in as a paragraph of its own.
#[must_use]
pub fn embed_token(position: usize) -> String {
    format!("\u{27e6}embalm:{position}\u{27e7}")
}

/// Splits text or HTML at the embed tokens: pieces of the text, each with the position whose token follows it.
#[must_use]
pub fn split_at_tokens(body: &str) -> Vec<(&str, Option<usize>)> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some((start, end, position)) = next_token(rest) {
        pieces.push((&rest[..start], Some(position)));
        rest = &rest[end..];
    }
    pieces.push((rest, None));
    pieces
}

fn next_token(text: &str) -> Option<(usize, usize, usize)> {
    const OPEN: &str = "\u{27e6}embalm:";
    const CLOSE: char = '\u{27e7}';
    /// As many as a position can have. A page may forge openings to no end, so none is followed further.
    const MAX_DIGITS: usize = 20;
    let mut from = 0;
    loop {
        let start = from + text[from..].find(OPEN)?;
        let inside = &text[start + OPEN.len()..];
        let digits = inside.bytes().take(MAX_DIGITS).take_while(u8::is_ascii_digit).count();
        if let (Ok(position), true) = (inside[..digits].parse(), inside[digits..].starts_with(CLOSE)) {
            return Some((start, start + OPEN.len() + digits + CLOSE.len_utf8(), position));
        }
        from = start + OPEN.len();
    }
}

/// Words as they are gathered: white space waits until it is known whether a break follows.
#[derive(Default)]
struct Words {
    out: String,
    space: bool,
    breaks: u8,
}

impl Words {
    fn push(&mut self, text: &str, keep_space: bool) {
        for c in text.chars() {
            if c.is_whitespace() && c != '\u{a0}' && !keep_space {
                self.space = true;
            } else {
                self.settle();
                self.out.push(c);
            }
        }
    }

    fn line(&mut self, breaks: u8) {
        self.space = false;
        self.breaks = if breaks == 1 { (self.breaks + 1).min(2) } else { 2 };
    }

    fn block(&mut self) {
        self.space = false;
        self.breaks = self.breaks.max(1);
    }

    fn settle(&mut self) {
        if self.breaks > 0 {
            if !self.out.is_empty() {
                (0..self.breaks).for_each(|_| self.out.push('\n'));
            }
        } else if self.space && !self.out.is_empty() {
            self.out.push(' ');
        }
        self.space = false;
        self.breaks = 0;
    }

    fn finish(self) -> String {
        self.out.trim().to_owned()
    }
}

/// Walks without recursion, so that a page nested a hundred thousand deep can't exhaust the stack.
fn collect(root: ElementRef<'_>, out: &mut Words) {
    use ego_tree::iter::Edge;
    let mut silent: Option<ego_tree::NodeId> = None;
    let mut pre = 0_usize;
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) => {
                if silent.is_some() {
                    continue;
                }
                match node.value() {
                    Node::Text(text) => out.push(text, pre > 0),
                    Node::Element(element) => {
                        let name = element.name();
                        if SILENT.contains(&name) && node.id() != root.id() {
                            silent = Some(node.id());
                        } else if name == "br" {
                            out.line(1);
                        } else if name == "p" {
                            out.line(2);
                        } else if BLOCKS.contains(&name) {
                            out.block();
                        } else if name == "img"
                            && let Some(alt) = element.attr("alt").filter(|alt| is_emoji(alt))
                        {
                            out.push(alt, false);
                        }
                        pre += usize::from(name == "pre");
                    }
                    _ => {}
                }
            }
            Edge::Close(node) => {
                if silent == Some(node.id()) {
                    silent = None;
                } else if silent.is_none()
                    && let Node::Element(element) = node.value()
                {
                    let name = element.name();
                    if name == "p" {
                        out.line(2);
                    } else if BLOCKS.contains(&name) {
                        out.block();
                    }
                    pre -= usize::from(name == "pre");
                }
            }
        }
    }
}

/// A short string without letters or ASCII beyond keycaps: what sites put into `alt` of an emoji picture.
fn is_emoji(alt: &str) -> bool {
    !alt.is_empty() && alt.chars().count() <= 12 && !alt.chars().any(char::is_alphabetic) && !alt.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_as_a_reader_sees_them() {
        let html = "<p>One &amp;\n two<br>three</p><p>four <script>no</script><b>fi</b>ve<img alt='\u{1f60d}'></p>";
        assert_eq!(fragment_text(html), "One & two\nthree\n\nfour five\u{1f60d}");
    }

    #[test]
    fn tokens_part_a_body_and_foreign_ones_are_text() {
        let body = format!("a{}b\u{27e6}embalm:x\u{27e7}c", embed_token(12));
        assert_eq!(split_at_tokens(&body), [("a", Some(12)), ("b\u{27e6}embalm:x\u{27e7}c", None)]);
        let forged = format!("{}1\u{27e7}", "\u{27e6}embalm:".repeat(200_000));
        assert_eq!(split_at_tokens(&forged).len(), 2);
    }
}
