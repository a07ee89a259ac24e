//! The archive keeps what it was given: its invariants, each a test.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on has failed")]

mod aliases;
mod articles;
mod captures;
mod desk;
mod hosts;
mod lists;
mod media;
mod opening;
mod paging;
mod relevance;
mod schema;
mod search;
mod versions;
