//! What a search found, as a page of it is shown.

use super::{SearchHit, Total};

/// Stands before a match in a search hit's words.
pub const MATCH_START: &str = "⟦";

/// Stands after a match in a search hit's words.
pub const MATCH_END: &str = "⟧";

/// A part of the hits of a search, and what is known of all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// The hits of this part, in their order.
    pub hits: Vec<SearchHit>,
    /// How many there are.
    pub total: Total,
    /// More match than are ranked: the best of the newest so many come first, the others after them, newest first.
    pub ranked: Option<u64>,
    /// So many of the newest matches were looked at by the filters, and there are older ones.
    pub looked_at: Option<u64>,
    /// How the words were read.
    pub reading: Reading,
    /// What the ranked hits are of.
    pub facets: Facets,
}

/// How the words of a search were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As they stand.
    AsWritten,
    /// As plain words: as they stand they are no query.
    PlainWords,
}

/// Counts of hits by what they are of, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Of posts, by platform.
    pub platforms: Vec<(String, u64)>,
    /// Of posts, by state.
    pub states: Vec<(String, u64)>,
    /// By the host of the article, or of the articles that embed the post.
    pub sites: Vec<(String, u64)>,
}
