//! A page that says one thing: that there is no such page, that a question was not understood, that something failed.

use super::shell::{self, Frame, Section};
use crate::render::RenderError;
use serde::Serialize;

#[derive(Serialize)]
struct Message<'a> {
    words: &'a str,
}

/// `title` as a headline, `words` below it.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn message(title: &str, words: &str, frame: &Frame) -> Result<String, RenderError> {
    shell::page("room/message.html", frame, Section::Elsewhere, title, &Message { words })
}
