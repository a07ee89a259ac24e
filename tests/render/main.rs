//! Drawn pages: each case of `fixtures/render/` as a file of its own and as a page of the viewer, each of
//! `fixtures/originals/` as a preserved page, searched for what they must show; and hostile input in every place that
//! archived words reach.
//!
//! To look at the cases in a browser: `EMBALM_RENDER_OUT=folder cargo test --test render`; at the hostile suite:
//! `EMBALM_HOSTILE_OUT=folder`. `.ci/browser folder/*.html` then tells whether one of the pages asks for anything.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod cases;
mod changes;
mod dangers;
mod expect;
mod hostile;
mod layout;
mod originals;
mod rooms;
#[path = "../shared/mod.rs"]
mod shared;
