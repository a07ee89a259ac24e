//! A record as a small tree: its attributes, text and children by name.

use super::Space;
use crate::html;
use url::Url;

/// An element with what is in it.
#[derive(Clone, Debug)]
pub(in crate::source) struct Element {
    /// What its name is of.
    pub(in crate::source) space: Space,
    /// Its local name in lower case.
    pub(in crate::source) name: String,
    /// Names in lower case, with their prefix, and values with references resolved.
    pub(in crate::source) attributes: Vec<(String, String)>,
    /// In the document's order.
    pub(in crate::source) children: Vec<Child>,
    /// Whether the document ended inside it.
    pub(in crate::source) is_cut: bool,
}

/// What stands in an element.
#[derive(Clone, Debug)]
pub(in crate::source) enum Child {
    /// A further element.
    Element(Element),
    /// Text, references resolved.
    Text(String),
}

/// Elements of HTML that have no end tag.
const VOID: [&str; 10] = ["area", "br", "col", "embed", "hr", "img", "input", "link", "source", "wbr"];

impl Element {
    /// An attribute's value, if it is there and not blank. `name` in lower case.
    pub(in crate::source) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The elements in it.
    pub(in crate::source) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// The elements in it of this name, in any vocabulary.
    pub(in crate::source) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.elements().filter(move |element| element.name == name)
    }

    /// Whether it is this.
    pub(in crate::source) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// The first child, of the names in their order, that holds words and is whole.
    pub(in crate::source) fn first(&self, names: &[(Space, &str)]) -> Option<&Self> {
        names.iter().find_map(|(space, name)| {
            self.elements().find(|child| child.is(*space, name) && !child.is_cut && !child.is_blank())
        })
    }

    /// Whether there is neither text nor an element in it.
    pub(in crate::source) fn is_blank(&self) -> bool {
        self.children.iter().all(|child| matches!(child, Child::Text(text) if text.trim().is_empty()))
    }

    /// Its own text, trimmed, without that of elements in it; none where that is blank.
    pub(in crate::source) fn text(&self) -> Option<String> {
        let text: String =
            self.children.iter().map(|child| if let Child::Text(text) = child { text } else { "" }).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// What is in it as markup: text as it is where there is nothing else (it is what the feed escaped), else the
    /// elements written out with their text escaped.
    pub(in crate::source) fn inner(&self) -> String {
        if self.elements().next().is_none() {
            return self.text().unwrap_or_default();
        }
        let mut out = String::new();
        self.write_children(&mut out);
        out
    }

    /// The depth is that of the tree, which the reader bounds.
    fn write_children(&self, out: &mut String) {
        for child in &self.children {
            match child {
                Child::Text(text) => out.push_str(&html::escape(text)),
                Child::Element(element) => {
                    out.push('<');
                    out.push_str(&element.name);
                    for (name, value) in &element.attributes {
                        out.push(' ');
                        out.push_str(name);
                        out.push_str("=\"");
                        out.push_str(&html::escape(value));
                        out.push('"');
                    }
                    out.push('>');
                    element.write_children(out);
                    if !VOID.contains(&element.name.as_str()) {
                        out.push_str("</");
                        out.push_str(&element.name);
                        out.push('>');
                    }
                }
            }
        }
    }

    /// Where relative addresses in it start: its `xml:base`, itself resolved against the one outside it.
    pub(in crate::source) fn base(&self, outer: Option<&Url>) -> Option<Url> {
        let own = self.attribute("xml:base").or_else(|| self.attribute("base"));
        own.and_then(|own| resolve(own, outer)).or_else(|| outer.cloned())
    }
}

/// An address, absolute: http or https with a host.
pub(in crate::source) fn resolve(text: &str, base: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    let url = match base {
        Some(base) => base.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}
