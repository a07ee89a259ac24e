//! Which sources a site has, by its home page, and where to look where the page names none.

use super::Payload;
use url::Url;

/// A source that a page names, or that a site may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Absolute, http or https.
    pub url: Url,
    /// What is probably there.
    pub kind: CandidateKind,
    /// As the page calls it.
    pub title: Option<String>,
}

/// What a candidate probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap or an index of them.
    Sitemap,
}

/// The sources that a home page names, most likely the one for all its articles first: `<link rel=alternate>`, then
/// links to feeds, feeds of comments last. Empty where it names none.
#[must_use]
pub fn discover(_payload: Payload<'_>) -> Vec<Candidate> {
    Vec::new()
}

/// Addresses at which sites have feeds and sitemaps without saying so, most likely first. For a site under a path
/// (`https://example.com/blog/`) those under the path come before those at its root.
#[must_use]
pub fn well_known(_site: &Url) -> Vec<Candidate> {
    Vec::new()
}
