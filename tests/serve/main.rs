//! The viewer as a stranger meets it: the real binary, asked over real sockets of this machine, byte by byte.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../store/desk.rs"]
#[allow(dead_code, reason = "the archive's own tests use all of it")]
mod desk;

mod articles;
mod command;
mod feeds;
mod headers;
mod hosts;
mod limits;
mod lists;
mod live;
mod media;
mod original;
mod records;
mod status;
mod traversal;
mod viewer;
