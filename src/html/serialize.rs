//! A tree as HTML again, by the HTML standard's fragment serialisation (13.3), in linear time.
//!
//! The parser's own serialiser (html5ever 0.40.1) searches the rest of a text anew at each escaped character, so five
//! megabytes of `&amp;` take it minutes; and it escapes the text in `<noscript>`, which a parser with scripts enabled
//! reads as it stands.

use ego_tree::{NodeRef, iter::Edge};
use scraper::{ElementRef, Html, Node, node::Element};

/// Elements without content and end tag.
const VOID: [&str; 18] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Elements whose text stands unescaped.
const RAW: [&str; 8] = ["style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript"];

const HTML: &str = "http://www.w3.org/1999/xhtml";

/// A whole tree as HTML.
#[must_use]
pub fn serialize(tree: &Html) -> String {
    let mut out = String::new();
    write(tree.tree.root(), true, &mut out);
    out
}

/// What is inside an element, as HTML.
#[must_use]
pub fn inner_html(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    write(*element, false, &mut out);
    out
}

fn write(root: NodeRef<'_, Node>, with_root: bool, out: &mut String) {
    for edge in root.traverse() {
        match edge {
            Edge::Open(node) if with_root || node != root => open(node, out),
            Edge::Close(node) if with_root || node != root => {
                if let Some(element) = node.value().as_element()
                    && !is_one_of(element, &VOID)
                {
                    out.push_str("</");
                    out.push_str(element.name());
                    out.push('>');
                }
            }
            _ => {}
        }
    }
}

fn open(node: NodeRef<'_, Node>, out: &mut String) {
    match node.value() {
        Node::Element(element) => {
            out.push('<');
            out.push_str(element.name());
            for (name, value) in &element.attrs {
                out.push(' ');
                match &*name.ns {
                    "http://www.w3.org/XML/1998/namespace" => out.push_str("xml:"),
                    "http://www.w3.org/1999/xlink" => out.push_str("xlink:"),
                    "http://www.w3.org/2000/xmlns/" if &*name.local != "xmlns" => out.push_str("xmlns:"),
                    _ => {}
                }
                out.push_str(&name.local);
                out.push_str("=\"");
                escape(value, true, out);
                out.push('"');
            }
            out.push('>');
        }
        Node::Text(text) => {
            let is_raw =
                node.parent().and_then(|parent| parent.value().as_element()).is_some_and(|e| is_one_of(e, &RAW));
            if is_raw { out.push_str(text) } else { escape(text, false, out) }
        }
        Node::Comment(comment) => {
            out.push_str("<!--");
            out.push_str(comment);
            out.push_str("-->");
        }
        Node::Doctype(doctype) => {
            out.push_str("<!DOCTYPE ");
            out.push_str(doctype.name());
            out.push('>');
        }
        _ => {}
    }
}

/// A name counts in HTML's own namespace only: SVG has a `style` and a `script` with escaped text.
fn is_one_of(element: &Element, names: &[&str]) -> bool {
    names.contains(&element.name()) && &*element.name.ns == HTML
}

/// `<` and `>` are escaped in attributes too, as browsers have done since 2025, so that no reader is misled by them.
fn escape(text: &str, in_attribute: bool, out: &mut String) {
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let entity = match c {
            '&' => "&amp;",
            '\u{a0}' => "&nbsp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if in_attribute => "&quot;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(entity);
        from = at + c.len_utf8();
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn a_tree_is_written_as_it_was_read() {
        let page = "<!DOCTYPE html><html lang=\"en\"><head><script>a && b < c</script></head><body><p title=\"&quot;&lt;&amp;\">\
                    x&nbsp;&amp;&lt;y<br></p><!-- c --><svg xml:lang=\"de\"><style>a &amp; b</style></svg><noscript><img src=\"a\"></noscript>\
                    </body></html>";
        assert_eq!(serialize(&parse(page)), page);
    }

    #[test]
    fn the_inside_of_an_element_leaves_out_the_element() {
        let tree = parse("<body><p>a<b>c</b></p>");
        assert_eq!(inner_html(tree.root_element()), "<head></head><body><p>a<b>c</b></p></body>");
    }
}
