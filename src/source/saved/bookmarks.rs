//! The HTML of exports: Netscape's bookmark file, which every browser and most services write, and Pocket's.

use super::{Gathered, Saved, SavedKind, tags};
use crate::{
    html,
    source::{Entry, date::read_date, words::words},
};
use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

/// Folders deeper than this add no tag.
const MAX_FOLDERS: usize = 32;

/// Reads an export; none where the page is another one.
pub(super) fn read(page: &str) -> Option<Saved> {
    let head: String = page.chars().take(1024).collect::<String>().to_ascii_lowercase();
    let is_pocket = head.contains("<title>pocket export");
    let is_list = head.contains("netscape-bookmark-file") || (head.contains("<dl") && head.contains("<dt"));
    if !is_pocket && !is_list {
        return None;
    }
    let kind = if is_pocket { SavedKind::Pocket } else { SavedKind::Bookmarks };
    let mut gathered = Gathered::new(kind);
    let tree = html::parse(page);
    // A folder's name stands before its list; lists without a name are the file's own.
    let (mut name, mut folders): (Option<String>, Vec<Option<String>>) = (None, Vec::new());
    for edge in tree.root_element().traverse() {
        let (node, opens) = match edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        let Node::Element(element) = node.value() else { continue };
        match (element.name(), opens, ElementRef::wrap(node)) {
            // Pocket's headings part what was read from what was not: no folders.
            ("h1" | "h2" | "h3" | "h4", true, Some(heading)) if !is_pocket => {
                let is_root = ["personal_toolbar_folder", "unfiled_bookmarks_folder"]
                    .iter()
                    .any(|name| html::attr(heading, name).is_some());
                name = Some(heading)
                    .filter(|_| !is_root && element.name() != "h1")
                    .and_then(|heading| words(&html::text(heading)));
            }
            ("dl", true, _) => folders.push(name.take()),
            ("dl", false, _) => drop(folders.pop()),
            ("a", true, Some(link)) => {
                let around = folders.iter().take(MAX_FOLDERS).flatten().map(String::as_str);
                let own = html::attr(link, "tags").unwrap_or_default().split(',');
                let added = ["add_date", "time_added"].iter().find_map(|name| html::attr(link, name));
                let entry = Entry {
                    title: words(&html::text(link)),
                    added: added.and_then(read_date),
                    tags: tags(around.chain(own)),
                    ..Entry::default()
                };
                gathered.add(html::attr(link, "href"), entry);
            }
            _ => {}
        }
    }
    Some(gathered.saved)
}
