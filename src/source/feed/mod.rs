//! Feeds: RSS, Atom and JSON Feed as lists of articles; and what was found instead, where it is no feed.
//!
//! The reader is embalm's own, on quick-xml and serde_json, because a feed that a parser refuses is a source that goes
//! silent: broken markup, odd dates, private namespaces, relative addresses and ends cut off are read past.

mod fields;
mod json;
mod markup;

use super::{Entry, NotRead, Payload, sniff};
use crate::model::When;
use std::collections::HashSet;
use url::Url;

/// What is looked for, in messages.
const WANTED: &str = "RSS, Atom or JSON Feed";

/// A larger document is not read. The largest honest feeds hold every episode of a daily show.
const MAX_FEED_BYTES: usize = 32 * 1024 * 1024;

/// Entries kept of one feed, the first ones.
const MAX_ENTRIES: usize = 10_000;

/// A feed as a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Of the feed; without markup.
    pub title: Option<String>,
    /// The site that the feed is of.
    pub link: Option<Url>,
    /// Atom's id or RDF's about, as the feed gives it.
    pub id: Option<String>,
    /// When the feed says that it was published.
    pub published: Option<When>,
    /// When the feed says that it changed last.
    pub updated: Option<When>,
    /// BCP 47, as the feed says.
    pub lang: Option<String>,
    /// The page of the feed that holds older entries (RFC 5005, or JSON Feed's `next_url`).
    pub next: Option<Url>,
    /// In the feed's order. Empty where the feed has none: that is the caller's to say.
    pub entries: Vec<Entry>,
    /// What was left out or could not be read, as a sentence; the rest was read.
    pub note: Option<String>,
}

/// Reads a feed.
///
/// # Errors
/// [`NotRead`], by what the bytes are instead of a feed.
pub fn read_feed(payload: Payload<'_>) -> Result<Feed, NotRead> {
    let bytes = payload.bytes;
    if bytes.len() > MAX_FEED_BYTES {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_FEED_BYTES });
    }
    let text = super::xml::decode(payload);
    let trimmed = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\0'));
    let feed = match trimmed.chars().next() {
        None => None,
        Some('{' | '[') => json::read(trimmed, payload.url)?,
        // What a server printed before the feed (a warning, a stray line) is stepped over.
        Some(_) => markup::read(trimmed, payload.url),
    };
    let mut feed = feed.ok_or_else(|| sniff::refuse(WANTED, payload))?;
    for entry in &mut feed.entries {
        if entry.id.is_empty() {
            // The same as long as address and title are.
            entry.id = entry.url.as_ref().map(Url::to_string).or_else(|| entry.title.clone()).unwrap_or_default();
        }
        if entry.lang.is_none() {
            entry.lang.clone_from(&feed.lang);
        }
        let mut seen = HashSet::new();
        entry.tags.retain(|tag| seen.insert(tag.to_lowercase()));
    }
    Ok(feed)
}

#[cfg(test)]
mod tests;
