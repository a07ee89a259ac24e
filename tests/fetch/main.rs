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
mod suite_http;
mod suite_ssrf;
mod suite_warc;

use std::path::PathBuf;

/// A folder of the suites beside the repository, if they are there.
fn suite(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("EMBALM_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    // Absolute: some tests read it from another folder.
    let folder = std::path::absolute(shared.join("suites").join(name)).unwrap();
    if !folder.is_dir() {
        #[allow(clippy::print_stdout, reason = "a test that did not run says so")]
        {
            println!("skipped: no {}", folder.display());
        }
    }
    folder.is_dir().then_some(folder)
}
