//! Writes sanitised HTML anew: posts at their tokens, pictures that are not kept as their alt text.
//!
//! A token may stand inside a paragraph, a link or a list. A post can't, so what stands open is closed before the post
//! and opened again after it, up to the next element that may hold one.

use super::markup::Markup;
use crate::html::{escape, parse_fragment, split_at_tokens};
use regex::Regex;
use scraper::{Node, node::Element};
use std::sync::LazyLock;

/// Elements that may hold a post.
const CONTAINERS: [&str; 9] = ["blockquote", "dd", "details", "div", "figure", "html", "li", "td", "th"];

/// Elements without an end tag.
const VOID: [&str; 5] = ["br", "col", "hr", "img", "wbr"];

/// Elements nested deeper than this lose their tags and keep their words.
const MAX_DEPTH: usize = 200;

static EMPTY_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    let blocks = ["p", "li", "ul", "ol", "h2", "h3", "h4", "h5", "h6", "figure", "figcaption", "blockquote", "a"];
    let empty = blocks.map(|name| format!(r"<{name}(?: [^<>]*)?>(?:\s|&nbsp;|<br>)*</{name}>"));
    Regex::new(&empty.join("|")).expect("a pattern in this file is well formed")
});

/// How an `<img>` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pictures {
    /// As a placeholder that says what the picture showed.
    Placeholder,
    /// As its alt text alone: pictures inside the words of a post are emoji.
    Words,
}

/// `clean` is the sanitiser's output. `post` gives the markup for an embed's position, or nothing.
pub(super) fn write(clean: &str, pictures: Pictures, mut post: impl FnMut(usize) -> Option<Markup>) -> Markup {
    use ego_tree::iter::Edge;
    let tree = parse_fragment(clean);
    let mut writer = Writer { out: String::with_capacity(clean.len()), open: Vec::new(), deep: 0, figure: 0, pictures };
    for edge in tree.root_element().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => {
                    for (words, position) in split_at_tokens(text) {
                        writer.out.push_str(&escape(words));
                        if let Some(markup) = position.and_then(&mut post) {
                            writer.interrupt(&markup);
                        }
                    }
                }
                Node::Element(element) if element.name() != "html" => writer.start(element),
                _ => {}
            },
            Edge::Close(node) => match node.value() {
                Node::Element(element) if element.name() != "html" => writer.end(element.name()),
                _ => {}
            },
        }
    }
    Markup::vouched(without_empty_blocks(&writer.out))
}

/// Without the blocks that are left with nothing in them, as where a picture or an embed stood; twice, for one may
/// stand in another.
fn without_empty_blocks(html: &str) -> String {
    let once = EMPTY_BLOCK.replace_all(html, "");
    EMPTY_BLOCK.replace_all(&once, "").into_owned()
}

/// Whether the alt text is only the name of the picture's file, which says nothing to a reader.
fn is_file_name(alt: &str) -> bool {
    let ending = alt.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| {
        matches!(ending.as_str(), "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" | "avif" | "bmp")
    })
}

struct Writer {
    out: String,
    /// Name and start tag of each element that is open in `out`.
    open: Vec<(String, String)>,
    /// Elements open beyond [`MAX_DEPTH`], of which nothing was written.
    deep: usize,
    /// Figures open.
    figure: usize,
    pictures: Pictures,
}

impl Writer {
    fn start(&mut self, element: &Element) {
        let name = level(element.name());
        if name == "img" {
            return self.picture(element.attr("alt").unwrap_or_default().trim());
        }
        if VOID.contains(&name) {
            self.out.push_str(&tag(name, element));
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            self.deep += 1;
            return;
        }
        self.figure += usize::from(name == "figure");
        let tag = tag(name, element);
        self.out.push_str(&tag);
        self.open.push((name.to_owned(), tag));
    }

    fn end(&mut self, name: &str) {
        let name = level(name);
        if VOID.contains(&name) {
            return;
        }
        if self.deep > 0 {
            self.deep -= 1;
            return;
        }
        self.figure -= usize::from(name == "figure" && self.figure > 0);
        if self.open.pop().is_some() {
            self.out.push_str(&format!("</{name}>"));
        }
    }

    fn interrupt(&mut self, markup: &Markup) {
        let keep = self.open.iter().rposition(|(name, _)| CONTAINERS.contains(&name.as_str())).map_or(0, |at| at + 1);
        for (name, _) in self.open[keep..].iter().rev() {
            self.out.push_str(&format!("</{name}>"));
        }
        self.out.push_str(markup.as_str());
        for (_, tag) in &self.open[keep..] {
            self.out.push_str(tag);
        }
    }

    fn picture(&mut self, alt: &str) {
        let alt = if is_file_name(alt) && self.pictures == Pictures::Placeholder { "" } else { alt };
        match self.pictures {
            Pictures::Words => self.out.push_str(&escape(alt)),
            // Without words and outside a figure it was decoration.
            Pictures::Placeholder if alt.is_empty() && self.figure == 0 => {}
            Pictures::Placeholder => {
                let words = if alt.is_empty() { "not described" } else { alt };
                self.out
                    .push_str(&format!("<span class=\"left-out\"><b>Picture not kept</b> {}</span>", escape(words)));
            }
        }
    }
}

/// The page's own title is the only first-level heading.
fn level(name: &str) -> &str {
    if name == "h1" { "h2" } else { name }
}

fn tag(name: &str, element: &Element) -> String {
    let mut tag = format!("<{name}");
    for (attribute, value) in element.attrs() {
        tag.push_str(&format!(" {attribute}=\"{}\"", escape(value)));
    }
    tag.push('>');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::embed_token;

    fn written(html: &str) -> String {
        write(html, Pictures::Placeholder, |at| Some(Markup::vouched(format!("[{at}]")))).into_string()
    }

    #[test]
    fn a_post_parts_the_paragraph_that_it_stands_in() {
        let html = format!("<div><p>One <b>two{}three</b></p><p>{}</p></div>", embed_token(0), embed_token(1));
        assert_eq!(written(&html), "<div><p>One <b>two</b></p>[0]<p><b>three</b></p>[1]</div>");
    }

    #[test]
    fn a_token_in_an_attribute_is_no_place_for_a_post() {
        let html = format!("<a title=\"{}\">x</a>", embed_token(3));
        assert!(!written(&html).contains("[3]"));
    }

    #[test]
    fn a_picture_is_its_words() {
        assert_eq!(
            written("<p><img alt=\"A <b> cat\"><img></p>"),
            "<p><span class=\"left-out\"><b>Picture not kept</b> A &lt;b&gt; cat</span></p>"
        );
    }

    #[test]
    fn a_file_name_describes_no_picture() {
        assert_eq!(
            written("<p><img alt=\"Quay at night.JPG\">Quay</p><figure><img alt=quay.png></figure>"),
            "<p>Quay</p><figure><span class=\"left-out\"><b>Picture not kept</b> not described</span></figure>"
        );
    }

    #[test]
    fn blocks_left_empty_are_left_out() {
        let html = "<p>One</p><p dir=\"auto\">\u{a0}<br></p><ul><li> </li></ul><h3></h3><p><a href=\"https://a.example\"></a></p><p>Two</p>";
        assert_eq!(written(html), "<p>One</p><p>Two</p>");
    }

    #[test]
    fn a_page_nested_without_end_keeps_its_words() {
        let html = format!("{}deep{}", "<div>".repeat(20_000), "</div>".repeat(20_000));
        let out = written(&html);
        assert!(out.contains("deep") && out.len() < 10_000);
    }
}
