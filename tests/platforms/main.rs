//! Every platform, offline: samples of URLs, recorded cases under `fixtures/platforms/<platform>/<case>.json`, and junk.
//!
//! A case needs no test code. It is a file
//!
//! ```json
//! {
//!   "url": "https://social.example/a/1",
//!   "exchanges": [
//!     {"url": "https://api.social.example/1", "status": 200, "headers": {"content-type": "application/json"}, "body": {"id": 1}},
//!     {"url": "https://social.example/a/1", "status": 404, "body_file": "missing.html"}
//!   ],
//!   "expected": {"state": "live", "via": "api", "text": "Hello"}
//! }
//! ```
//!
//! What may be expected is listed in `expected.rs`; only what is named is compared. With `../shared` beside the
//! repository (or where `EMBALM_SHARED` points) the recordings there are read too.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test says what it found, and ends at a broken fixture")]

mod cases;
mod coverage;
mod drive;
mod expected;
mod junk;
mod mementos;
mod recordings;
mod samples;
#[path = "../shared/mod.rs"]
mod shared;
mod urls;
mod walls;
#[path = "../web_archive/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of the ladder, which use more of it")]
mod web_archive;
