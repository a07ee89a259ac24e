//! Writes sanitised HTML anew: posts at their tokens, what is not kept as words, a structure that holds together.
//!
//! A token may stand inside a paragraph, a link or a list. A post can't, so what stands open is closed before the post
//! and opened again after it, up to the next element that may hold one.
//!
//! Each tag that leaves here is one of `structure`'s, each attribute and word is escaped: what comes out is safe to
//! parse again, whatever went in.

mod stand_in;
mod structure;

use super::markup::Markup;
use crate::html::{escape, parse_fragment, split_at_tokens};
use ego_tree::{NodeRef, iter::Edge};
use scraper::{Node, node::Element};
use std::collections::HashSet;
use structure::{MAX_DEPTH, VOID};
use url::Url;

/// Elements that may hold a post.
const CONTAINERS: [&str; 9] = ["blockquote", "dd", "details", "div", "figure", "html", "li", "td", "th"];

/// Line breaks in a row that are written.
const MAX_BREAKS: usize = 2;

/// Stands around a table, which may be wider than the page: it scrolls by itself, with the keyboard too.
const TABLE: &str = "<div class=\"wide\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">";

/// What stands before each `id` of a page, so that none is one of ours.
pub(super) const ID_PREFIX: &str = "was-";

/// What becomes of pictures and places.
pub(super) enum Manner<'a> {
    /// The main text of an article: a picture is a placeholder that says what it showed.
    Article,
    /// The words of a post: a picture inside them is an emoji, its alt text alone.
    Words,
    /// A whole page.
    Page(&'a mut Page<'a>),
}

/// How a whole page is written.
pub(super) struct Page<'a> {
    /// Its own address: links to it that name a place lead to that place here.
    pub(super) url: Option<&'a Url>,
    /// What its relative addresses stand on.
    pub(super) base: Option<&'a Url>,
    /// The address of a picture of ours that is kept for one of the page's.
    pub(super) kept: &'a mut dyn FnMut(&Url) -> Option<String>,
}

/// `clean` is the sanitiser's output. `post` gives the markup for an embed's position, or nothing.
pub(super) fn write(clean: &str, manner: Manner<'_>, mut post: impl FnMut(usize) -> Option<Markup>) -> Markup {
    let tree = parse_fragment(clean);
    let mut writer = Writer {
        out: String::with_capacity(clean.len()),
        open: Vec::new(),
        skipped: None,
        breaks: 0,
        navs: 0,
        ids: HashSet::new(),
        manner,
    };
    for edge in tree.root_element().traverse() {
        match edge {
            Edge::Open(_) if writer.skipped.is_some() => {}
            Edge::Open(node) => match node.value() {
                Node::Text(text) => {
                    for (words, position) in split_at_tokens(text) {
                        writer.words(words);
                        if let Some(markup) = position.and_then(&mut post) {
                            writer.interrupt(&markup);
                        }
                    }
                }
                Node::Element(element) if element.name() != "html" => writer.start(node, element),
                _ => {}
            },
            Edge::Close(node) => match node.value() {
                Node::Element(element) if element.name() != "html" => writer.end(node, element),
                _ => {}
            },
        }
    }
    Markup::vouched(writer.out)
}

/// An element that is open.
struct Open {
    /// As it is written; empty where its tags are left out.
    name: &'static str,
    /// The name of the nearest element written: its own, where it is written.
    nearest: &'static str,
    /// How many of these push it inwards, itself included.
    indented: usize,
    tag: String,
    /// Where in the output it began.
    start: usize,
    /// Whether anything to be seen stands in it.
    full: bool,
    /// The `id` that is lost when it is left out.
    id: Option<String>,
}

struct Writer<'a> {
    out: String,
    open: Vec<Open>,
    /// The element whose content is not written.
    skipped: Option<ego_tree::NodeId>,
    /// Line breaks since the last word.
    breaks: usize,
    /// Groups of links so far: each has a name of its own, by which it is told from the others.
    navs: usize,
    /// Those of the page that are taken.
    ids: HashSet<String>,
    manner: Manner<'a>,
}

impl Writer<'_> {
    fn words(&mut self, words: &str) {
        if !words.trim().is_empty() {
            self.fill();
        }
        self.out.push_str(&escape(words));
    }

    /// Something to be seen stands here.
    fn fill(&mut self) {
        self.breaks = 0;
        if let Some(open) = self.open.last_mut() {
            open.full = true;
        }
    }

    fn start(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        if matches!(element.name(), "img" | "amp-img") {
            self.skipped = Some(node.id()).filter(|_| element.name() == "amp-img");
            return self.picture(element);
        }
        if element.attr("hidden").is_some() {
            self.skipped = Some(node.id());
            return;
        }
        if let Some(kind) = stand_in::foreign(element.name()) {
            self.fill();
            self.out.push_str(&stand_in::of(kind, element));
            self.skipped = Some(node.id());
            return;
        }
        let (parent, indented) = self.open.last().map_or(("", 0), |open| (open.nearest, open.indented));
        let name = structure::written_as(node, element, parent, indented);
        if VOID.contains(&element.name()) {
            match name {
                "br" if self.breaks >= MAX_BREAKS => {}
                "br" => {
                    self.breaks += 1;
                    self.out.push_str("<br>");
                }
                "hr" => {
                    self.fill();
                    self.out.push_str("<hr>");
                }
                "" => {}
                _ => self.out.push_str(&self.tag(name, element, None)),
            }
            return;
        }
        let name = if self.open.len() >= MAX_DEPTH { "" } else { name };
        let id = self.id(element);
        let tag = match name {
            "" => String::new(),
            "table" => format!("{TABLE}{}", self.tag(name, element, id.as_deref())),
            "nav" => {
                self.navs += 1;
                let label = format!("<nav aria-label=\"Links of the page, {}\"", self.navs);
                self.tag(name, element, id.as_deref()).replacen("<nav", &label, 1)
            }
            _ => self.tag(name, element, id.as_deref()),
        };
        // What leads nowhere is no link.
        let (name, tag) = match name {
            "a" if !tag.contains(" href=") => ("span", self.tag("span", element, id.as_deref())),
            _ => (name, tag),
        };
        let start = self.out.len();
        self.out.push_str(&tag);
        let nearest = if name.is_empty() { parent } else { name };
        let indented = indented + usize::from(structure::indents(name));
        self.open.push(Open { name, nearest, indented, tag, start, full: false, id });
    }

    fn end(&mut self, node: NodeRef<'_, Node>, element: &Element) {
        if self.skipped == Some(node.id()) {
            self.skipped = None;
            return;
        }
        if self.skipped.is_some() || VOID.contains(&element.name()) {
            return;
        }
        if let Some(open) = self.open.pop() {
            self.close(&open);
        }
    }

    /// Ends an element, or takes it back where it holds nothing to be seen, as where a picture or an embed stood.
    fn close(&mut self, open: &Open) {
        if open.full || !structure::is_nothing_when_empty(open.name) {
            if !open.name.is_empty() {
                self.out.push_str("</");
                self.out.push_str(open.name);
                self.out.push('>');
            }
            if open.name == "table" {
                self.out.push_str("</div>");
            }
            if let Some(outer) = self.open.last_mut() {
                outer.full |= open.full;
            }
            return;
        }
        let space = structure::is_inline(open.name) && self.out.len() > open.start + open.tag.len();
        if !open.name.is_empty() {
            self.out.truncate(open.start);
            if space {
                self.out.push(' ');
            }
        }
        // A place that a link may lead to.
        if let Some(id) = &open.id {
            self.out.push_str(&format!("<span id=\"{}\"></span>", escape(id)));
        }
    }

    fn interrupt(&mut self, markup: &Markup) {
        // A link or a paragraph around a container would go around the post, too.
        let blocks = self.open.iter().take_while(|open| structure::may_go_around_a_post(open.name)).count();
        let keep = self.open[..blocks].iter().rposition(|open| CONTAINERS.contains(&open.name)).map_or(0, |at| at + 1);
        let mut parted = Vec::new();
        while self.open.len() > keep
            && let Some(open) = self.open.pop()
        {
            self.close(&open);
            parted.push(open);
        }
        self.fill();
        self.out.push_str(markup.as_str());
        for open in parted.into_iter().rev() {
            let start = self.out.len();
            self.out.push_str(&open.tag);
            self.open.push(Open { start, full: false, ..open });
        }
    }

    fn picture(&mut self, element: &Element) {
        let alt = element.attr("alt").unwrap_or_default().trim();
        let described = if stand_in::is_file_name(alt) { "" } else { alt };
        let in_figure = self.open.iter().any(|open| open.name == "figure");
        let drawn = match &mut self.manner {
            Manner::Words => escape(alt),
            // Without words and outside a figure it was decoration.
            Manner::Article if described.is_empty() && !in_figure => String::new(),
            Manner::Article => stand_in::picture(described, None),
            Manner::Page(page) => {
                let addresses = stand_in::addresses(element, page.base);
                match addresses.iter().find_map(|address| (page.kept)(address)) {
                    Some(kept) => {
                        format!("<img src=\"{}\" alt=\"{}\" loading=\"lazy\">", escape(&kept), escape(described))
                    }
                    None if described.is_empty() && !in_figure => String::new(),
                    None => stand_in::picture(described, addresses.first().map(Url::as_str)),
                }
            }
        };
        if !drawn.is_empty() {
            self.fill();
            self.out.push_str(&drawn);
        }
    }

    /// The element's `id`, if it is the first of the page that has it.
    fn id(&mut self, element: &Element) -> Option<String> {
        let id = element.attr("id").filter(|id| id.starts_with(ID_PREFIX) && !id.contains(char::is_whitespace))?;
        (matches!(self.manner, Manner::Page(_)) && self.ids.insert(id.to_owned())).then(|| id.to_owned())
    }

    fn tag(&self, name: &str, element: &Element, id: Option<&str>) -> String {
        let mut tag = format!("<{name}");
        let mut inside = false;
        for (attribute, value) in element.attrs().filter(|(attribute, _)| !matches!(*attribute, "id" | "name")) {
            let value = match (attribute, &self.manner) {
                ("href", Manner::Page(page)) => within(value, [page.url, page.base]),
                // A link that stays on the page leads nowhere else.
                ("rel", _) if inside || name == "span" => None,
                _ => structure::attribute(attribute, value),
            };
            inside |= attribute == "href" && value.as_deref().is_some_and(|value| value.starts_with('#'));
            if let Some(value) = value {
                tag.push_str(&format!(" {attribute}=\"{}\"", escape(&value)));
            }
        }
        if let Some(id) = id {
            tag.push_str(&format!(" id=\"{}\"", escape(id)));
        }
        tag.push('>');
        tag
    }
}

/// A link; where it leads to a place of the page itself, to that place here. What is no address of the web leads nowhere.
fn within(href: &str, page: [Option<&Url>; 2]) -> Option<String> {
    let bare = |url: &str| url.split('#').next().map(str::to_owned);
    let place = href.strip_prefix('#').map(str::to_owned).or_else(|| {
        let url = Url::parse(href).ok()?;
        let same = page.into_iter().flatten().any(|page| bare(url.as_str()) == bare(page.as_str()));
        url.fragment().filter(|_| same).map(str::to_owned)
    });
    match place {
        // The top of the page.
        Some(place) if place.is_empty() => Some("#main".to_owned()),
        Some(place) if place.starts_with(ID_PREFIX) => Some(format!("#{place}")),
        Some(place) => Some(format!("#{ID_PREFIX}{place}")),
        None => super::sanitize::link(href),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::embed_token;

    fn written(html: &str) -> String {
        write(html, Manner::Article, |at| Some(Markup::vouched(format!("[{at}]")))).into_string()
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
            "<p><span class=\"left-out\"><b>Picture not kept</b> <bdi>A &lt;b&gt; cat</bdi></span></p>"
        );
    }

    #[test]
    fn a_file_name_describes_no_picture() {
        assert_eq!(
            written("<p><img alt=\"Quay at night.JPG\">Quay</p><figure><img alt=quay.png></figure>"),
            "<p>Quay</p><figure><span class=\"left-out\"><b>Picture not kept</b> <bdi>not described</bdi></span></figure>"
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
