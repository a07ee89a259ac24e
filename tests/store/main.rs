//! The archive keeps what it was given: its invariants, each a test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod captures;
mod desk;
