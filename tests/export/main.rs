//! Exports: a static site that leads nowhere wrong and loads nothing foreign, snippets for other people's pages, and
//! hostile words in all of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod command;
mod faults;
mod hostile;
mod search;
#[path = "../shared/mod.rs"]
mod shared;
mod site;
mod snippets;
mod stage;
mod versions;
mod warc;
