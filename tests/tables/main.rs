//! The archive for programs of others: what `export jsonl|csv|parquet` writes, and the queries and columns of its documentation.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod archive;
mod command;
mod pages;
#[cfg(feature = "parquet")]
mod parquet;
