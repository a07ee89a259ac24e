//! The files of posts as a whole: the binary against a server on loopback that has films in every form.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

#[path = "../binary/mod.rs"]
mod binary;
mod films;
mod limits;
mod many;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../fetch/server.rs"]
mod server;
mod stage;
#[cfg(unix)]
mod tools;
