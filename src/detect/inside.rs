//! What platforms read inside of elements: a blockquote's words and links, its signature. Elements stand in elements, as
//! where none was ever closed, and then the same nodes are read for each around them. So a page may have only so much
//! of it read; after that elements stand for no post by their markup, and the links in them are what they are.

use super::{limits::MAX_INSIDE, needle};
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// What a link costs, beside a node: its address is parsed.
const LINK_COST: usize = 10;

/// What was read so far, in nodes.
#[derive(Debug, Default)]
pub(super) struct Inside {
    read: usize,
}

impl Inside {
    /// Whether platforms may read this element, which then counts as read.
    pub(super) fn admit(&mut self, element: ElementRef<'_>) -> bool {
        if self.read > MAX_INSIDE {
            return !may_be_read(element);
        }
        if !may_be_read(element) {
            return true;
        }
        // Paragraphs are read on their own, too, each with those in it.
        let mut paragraphs = 0;
        for edge in element.traverse() {
            let (name, opens) = match edge {
                Edge::Open(node) => (name(node.value()), true),
                Edge::Close(node) => (name(node.value()), false),
            };
            match (name, opens) {
                (Some("p"), true) => paragraphs += 1,
                (Some("p"), false) => paragraphs -= 1,
                (Some("a"), true) => self.read += LINK_COST,
                _ => {}
            }
            if opens {
                self.read += 1 + paragraphs;
                if self.read > MAX_INSIDE {
                    return false;
                }
            }
        }
        true
    }
}

fn name(node: &Node) -> Option<&str> {
    node.as_element().map(scraper::node::Element::name)
}

/// Whether a platform may read more of an element than its own tag.
fn may_be_read(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    let is_marked = |text: &str| needle::words(text.as_bytes()).any(|word| word.is_mark);
    name == "blockquote"
        || name.contains(['-', ':'])
        || element
            .value()
            .attrs()
            .any(|(name, value)| is_marked(name) || (matches!(name, "class" | "id") && is_marked(value)))
}
