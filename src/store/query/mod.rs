//! Reading the archive back: lists, search, and whole articles and posts. Nothing here writes.

mod articles;
mod candidates;
mod content;
mod failures;
mod filter;
pub mod given;
mod known;
mod latest;
mod lines;
mod lists;
mod outgoing;
#[cfg(test)]
mod plans;
mod plots;
mod posts;
mod runs;
mod search;
mod selection;
mod sources;
mod status;
mod tables;
mod timeline;
mod vanished;
mod versions;
mod view;
mod walk;
mod who;

pub use candidates::Candidates;
pub(super) use content::{outcome, read_post_ref};
pub use filter::Filter;
pub(super) use filter::{ARTICLE_FITS, POST_FITS};
pub use known::{ARTICLES_OF_A_POST, KnownParts};
pub use outgoing::{
    Outgoing, OutgoingAnswer, OutgoingExchange, OutgoingFile, OutgoingPage, OutgoingRecord, Rows, Wanted,
    WrittenPayload,
};
pub use selection::PostName;
pub use tables::{Cell, Column, ColumnKind, TABLES, Table, TableChoice, TableReader};
