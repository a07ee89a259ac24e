//! Which element an archived one is written as, so that the page stays well formed whatever it was made of: one
//! first-level heading, list items in lists, cells in tables, no landmark twice, nothing pushed off the page.

use ego_tree::NodeRef;
use scraper::{Node, node::Element};

/// Elements without an end tag.
pub(super) const VOID: [&str; 5] = ["br", "col", "hr", "img", "wbr"];

/// Elements nested deeper than this lose their tags and keep their words.
pub(super) const MAX_DEPTH: usize = 200;

/// Elements that push their content inwards, nested deeper than this, are written as plain blocks.
const MAX_INDENTED: usize = 6;

/// Columns and rows that one cell may span.
const MAX_SPAN: u16 = 100;

/// Whether an element takes width from what stands in it.
pub(super) fn indents(name: &str) -> bool {
    matches!(name, "blockquote" | "ul" | "ol" | "dd" | "table" | "details")
}

/// The name under which an element is written inside `parent`, the nearest one written. `indented` says how many of
/// those around it push it inwards.
pub(super) fn written_as(node: NodeRef<'_, Node>, element: &Element, parent: &str, indented: usize) -> &'static str {
    match element.name() {
        name if indented >= MAX_INDENTED && indents(name) => "div",
        "h1" => "h2",
        "ul" | "ol" if !holds_only(node, &["li"]) => "div",
        "li" if !matches!(parent, "ul" | "ol") => "div",
        "dl" if !holds_only(node, &["dt", "dd"]) => "div",
        "dt" | "dd" if parent != "dl" => "div",
        "caption" | "colgroup" | "thead" | "tbody" | "tfoot" if parent != "table" => "div",
        "tr" if !matches!(parent, "table" | "thead" | "tbody" | "tfoot") => "div",
        "td" | "th" if parent != "tr" => "div",
        "col" if parent != "colgroup" => "",
        "summary" if parent != "details" => "div",
        "rt" | "rp" if parent != "ruby" => "span",
        "main" | "form" | "fieldset" | "legend" | "center" | "address" | "article" | "hgroup" => "div",
        "aside" => "section",
        "button" | "label" | "font" | "big" | "tt" => "span",
        "strike" => "s",
        name => super::super::sanitize::kept(name).unwrap_or_default(),
    }
}

/// Whether an element is left out where nothing stands in it.
pub(super) fn is_nothing_when_empty(name: &str) -> bool {
    !matches!(name, "td" | "th" | "tr" | "col" | "colgroup" | "caption" | "summary")
}

/// Whether a post may stand somewhere inside an element.
pub(super) fn may_go_around_a_post(name: &str) -> bool {
    matches!(
        name,
        "" | "blockquote"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "figure"
            | "footer"
            | "header"
            | "li"
            | "ol"
            | "section"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Whether what stands before and after an element is one line of words.
pub(super) fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "rp"
            | "rt"
            | "ruby"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
    )
}

/// An attribute as it is written; none where its value means nothing good.
pub(super) fn attribute(name: &str, value: &str) -> Option<String> {
    match name {
        "lang" | "hreflang" => super::super::sanitize::language(Some(value)),
        "dir" => ["ltr", "rtl", "auto"].into_iter().find(|way| value.eq_ignore_ascii_case(way)).map(str::to_owned),
        "scope" => ["row", "col", "rowgroup", "colgroup"]
            .into_iter()
            .find(|way| value.eq_ignore_ascii_case(way))
            .map(str::to_owned),
        "colspan" | "rowspan" => value.trim().parse::<u16>().ok().map(|span| span.clamp(1, MAX_SPAN).to_string()),
        "start" => value.trim().parse::<i32>().ok().map(|start| start.to_string()),
        "reversed" => Some(String::new()),
        "src" | "poster" | "alt" | "width" | "height" | "data" | "hidden" => None,
        name if name.starts_with("data-") || name == "srcset" => None,
        _ => Some(value.to_owned()),
    }
}

fn holds_only(node: NodeRef<'_, Node>, names: &[&str]) -> bool {
    node.children().all(|child| match child.value() {
        Node::Element(element) => names.contains(&element.name()),
        Node::Text(text) => text.trim().is_empty(),
        _ => true,
    })
}
