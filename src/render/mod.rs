//! Draws articles and posts as HTML that opens offline and loads nothing.
//!
//! A view becomes a *drawing* (plain values, every word of it untrusted text), and a template writes the drawing,
//! escaping by itself. [`Places`] says where links lead and media come from: into one file, to the viewer, to files beside. Only
//! `markup::Markup` passes unescaped, and it is made in three places: `sanitize` (archived HTML by our allow-list),
//! `inline` (`data:` URLs of known types) and the templates themselves.

mod assets;
mod bidi;
mod body;
mod content;
mod inline;
mod linkify;
mod markup;
mod media;
mod original;
mod page;
mod places;
mod playable;
mod post;
pub mod room;
mod sanitize;
mod state;
mod words;

pub use assets::{ASSETS, Asset, script, search_script, snippet_stylesheet, stylesheet};
pub use inline::{MAX_INLINE_IMAGE_BYTES, MAX_INLINE_PAGE_BYTES, MAX_INLINE_VIDEO_BYTES};
pub use places::{Layout, Places, Shown};
pub use playable::{missing, playable, playable_as_any, unsafe_type};

use crate::model::{ArticleView, EmbedView, PostView};
use inline::Inliner;
use markup::draw;

/// A template failed. The view can't cause it; it means that a template and its drawing disagree.
#[derive(Debug, thiserror::Error)]
#[error("drawing {template}: {source}")]
pub struct RenderError {
    /// The template's file name.
    pub template: &'static str,
    /// The template engine's words.
    pub source: minijinja::Error,
}

/// A page that holds its style sheet.
#[derive(serde::Serialize)]
struct File<T> {
    style: markup::Markup,
    page: T,
}

/// The article with its posts as one HTML file that needs nothing else.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn article_page(view: &ArticleView) -> Result<String, RenderError> {
    let mut inliner = Inliner::new();
    let page = page::page(view, &mut inliner)?;
    let file = File { style: markup::Markup::vouched(stylesheet()), page };
    Ok(draw("article.html", &file)?.into_string())
}

/// One post as an HTML fragment (an `<article class="post">`), its media inlined. It looks as it should inside a page
/// that has [`stylesheet`].
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn post_fragment(view: &PostView) -> Result<String, RenderError> {
    Ok(post::post(view, &mut Inliner::new())?.into_string())
}

/// One post as a snippet for a page of somebody else's, its links and files where `places` has them; `places` says that
/// it is a snippet by its [`Layout`]. It has no script and no style: [`snippet_stylesheet`] is for it.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn snippet(view: &PostView, places: &mut dyn Places) -> Result<String, RenderError> {
    Ok(post::post(view, places)?.into_string())
}

/// One embed as an HTML fragment: its post, or what the article says of it and why there is no post.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn embed_fragment(view: &EmbedView) -> Result<String, RenderError> {
    Ok(post::embed(view, &mut Inliner::new())?.into_string())
}
