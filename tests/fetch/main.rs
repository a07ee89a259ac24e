//! Fetching as a whole: over loopback, out of recordings, and against what others wrote to break such code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

#[path = "../binary/mod.rs"]
mod binary;
#[allow(dead_code, reason = "other tests look at a post on several days")]
#[path = "../days/mod.rs"]
mod days;
mod faults;
mod live;
mod politeness;
mod recordings;
mod server;
#[path = "../shared/mod.rs"]
mod shared;
mod suite_http;
mod suite_ssrf;
mod suite_warc;

use std::path::PathBuf;

/// A folder of the suites beside the repository, if they are there.
fn suite(name: &str) -> Option<PathBuf> {
    shared::shared(&format!("suites/{name}"))
}
