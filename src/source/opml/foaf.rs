//! Lists in RDF: people and groups of FOAF with their weblogs' feeds.

use super::{Kind, Listing};
use crate::source::{words::words, xml::Element};

/// Takes in a document's people. The depth is that of the tree, which the reader bounds.
pub(super) fn read(root: &Element, list: &mut Listing<'_>) {
    walk(root, list, &Around::default());
}

/// What stands around an element.
#[derive(Clone, Debug, Default)]
struct Around {
    /// The person's or agent's name.
    name: Option<String>,
    groups: Vec<String>,
    /// Whether the person is one that another knows.
    is_known: bool,
}

fn walk(element: &Element, list: &mut Listing<'_>, around: &Around) {
    for child in element.elements() {
        let mut inner = around.clone();
        let name = || {
            let names = ["name", "member_name", "nick"].iter().flat_map(|name| child.named(name));
            names.filter_map(Element::text).find_map(|name| words(&name))
        };
        let about = child.attribute("rdf:about");
        let resource = child.attribute("rdf:resource");
        let found = match child.name.as_str() {
            "group" => {
                inner.groups.extend(name());
                None
            }
            "agent" | "person" => {
                inner.name = name();
                None
            }
            "knows" => {
                inner.is_known = true;
                None
            }
            "channel" => about.map(|url| (Kind::Feed, url)),
            "feed" => resource.map(|url| (Kind::Feed, url)),
            "seealso" if around.is_known => resource.map(|url| (Kind::List, url)),
            "document" if !has_feed(child) => about.map(|url| (Kind::Site, url)),
            _ => None,
        };
        if let Some((kind, url)) = found {
            list.add(kind, url, around.name.clone(), vec![around.groups.clone()]);
        }
        walk(child, list, &inner);
    }
}

/// Whether a weblog's feed is named in it.
fn has_feed(document: &Element) -> bool {
    let mut links = document.named("seealso").flat_map(|link| link.named("channel"));
    links.any(|channel| channel.attribute("rdf:about").is_some())
}
