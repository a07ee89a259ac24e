//! The page of one article: its text with its posts in their places.

use super::shell::{self, Frame, Section};
use crate::{
    model::ArticleView,
    render::{Places, RenderError, page},
};

/// The article with its posts.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn article(view: &ArticleView, frame: &Frame, places: &mut dyn Places) -> Result<String, RenderError> {
    let drawing = page::page(view, places)?;
    shell::page("room/article.html", frame, Section::Articles, &drawing.title, &drawing)
}
