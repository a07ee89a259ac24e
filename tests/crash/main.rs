//! Runs that are killed or stopped, that start all at once, and that others read beside: real processes on a real file.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test that cannot go on has failed")]

#[path = "../content/mod.rs"]
mod content;
mod killed;
mod merged;
mod pruned;
#[path = "../fetch/server.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod server;
mod site;
mod stopped;
mod together;
