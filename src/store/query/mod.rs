//! Reading the archive back: lists, search, and whole articles and posts. Nothing here writes.

mod articles;
mod content;
mod failures;
mod filter;
mod lists;
mod plots;
mod posts;
mod search;
mod selection;
mod sources;
mod status;
mod versions;
mod view;

pub(super) use content::{outcome, read_post_ref};
pub use filter::Filter;
pub(super) use filter::POST_FITS;
pub use selection::PostName;

/// Stands before a match in a search hit's snippet.
pub const MATCH_START: &str = "⟦";
/// Stands after a match in a search hit's snippet.
pub const MATCH_END: &str = "⟧";
