//! Reading the archive back: lists, search, and whole articles and posts. Nothing here writes.

mod articles;
mod content;
mod failures;
mod filter;
mod known;
mod lines;
mod lists;
mod plots;
mod posts;
mod search;
mod selection;
mod sources;
mod status;
mod timeline;
mod versions;
mod view;
mod who;

pub(super) use content::{outcome, read_post_ref};
pub use filter::Filter;
pub(super) use filter::POST_FITS;
pub use known::{ARTICLES_OF_A_POST, KnownParts};
pub use selection::PostName;

/// Stands before a match in a search hit's snippet.
pub const MATCH_START: &str = "⟦";
/// Stands after a match in a search hit's snippet.
pub const MATCH_END: &str = "⟧";
