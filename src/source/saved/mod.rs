//! What people saved elsewhere: exports of browsers' bookmarks, Pocket, Instapaper and wallabag.

mod bookmarks;
mod table;
mod wallabag;

use super::{Entry, NotRead, Payload, sniff, words::words, xml::resolve};
use crate::html;
use std::collections::HashSet;
use url::Url;

/// What is looked for, in messages.
const WANTED: &str = "an export of bookmarks or of saved articles";

/// A larger export is not read.
const MAX_EXPORT_BYTES: usize = 64 * 1024 * 1024;

/// More entries of one export are not kept.
const MAX_ENTRIES: usize = 200_000;

/// Tags and folders kept of one entry.
const MAX_TAGS: usize = 100;

/// An export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What wrote it.
    pub kind: SavedKind,
    /// In the export's order, each address once; with `title`, `added` and `tags` (folders too, outermost first) where
    /// it has them.
    pub entries: Vec<Entry>,
    /// How many of its rows name no address that can be fetched.
    pub skipped: usize,
}

/// What wrote an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SavedKind {
    /// The bookmarks file that browsers and bookmark services share.
    Bookmarks,
    /// Pocket's `ril_export.html` or its CSV files.
    Pocket,
    /// Instapaper's CSV.
    Instapaper,
    /// wallabag's JSON.
    Wallabag,
    /// A table of another service that has a column of addresses.
    Table,
}

/// Reads an export; its kind is told by its content.
///
/// # Errors
/// [`NotRead`], where it is none of them.
pub fn read_saved(payload: Payload<'_>) -> Result<Saved, NotRead> {
    if payload.bytes.len() > MAX_EXPORT_BYTES {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_EXPORT_BYTES });
    }
    let (text, _) = html::decode(payload.bytes, payload.content_type);
    let text = text.trim_start();
    let saved = match text.chars().next() {
        Some('<') => bookmarks::read(text),
        Some('[' | '{') => wallabag::read(text)?,
        Some(_) => table::read(text),
        None => None,
    };
    saved.ok_or_else(|| sniff::refuse(WANTED, payload))
}

/// An export under way: each address once.
struct Gathered {
    saved: Saved,
    seen: HashSet<Url>,
}

impl Gathered {
    fn new(kind: SavedKind) -> Self {
        Self { saved: Saved { kind, entries: Vec::new(), skipped: 0 }, seen: HashSet::new() }
    }

    /// Takes in a row. What it has for an address may be anything, such as a script or a browser's own page.
    fn add(&mut self, address: Option<&str>, entry: Entry) {
        let Some(url) = address.and_then(|address| resolve(address, None)) else {
            self.saved.skipped += 1;
            return;
        };
        if self.saved.entries.len() >= MAX_ENTRIES || !self.seen.insert(url.clone()) {
            return;
        }
        // Services put the address where a page has no title.
        let title = entry.title.filter(|title| title != url.as_str());
        let id = if entry.id.is_empty() { url.to_string() } else { entry.id };
        self.saved.entries.push(Entry { id, title, url: Some(url), ..entry });
    }
}

/// Tags, each once.
fn tags<'a>(parts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in parts.into_iter().filter_map(words).take(MAX_TAGS) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

#[cfg(test)]
mod tests;
