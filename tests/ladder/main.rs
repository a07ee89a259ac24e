//! The ladder against servers on loopback, by the binary as a user runs it: web archives, logins, requests to save a
//! page, and the posts that a post leads to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../fetch/server.rs"]
#[allow(dead_code, reason = "shared with the tests of fetching, which use more of it")]
mod server;
#[path = "../web_archive/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of platforms, which use more of it")]
mod web_archive;

mod archives;
mod logins;
mod related;
mod saves;
mod world;
