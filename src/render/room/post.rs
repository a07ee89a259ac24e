//! The page of one post.

use super::shell::{self, Frame, Section};
use crate::{
    model::PostView,
    render::{Places, RenderError, markup::Markup, post as drawn, words},
};
use serde::Serialize;

#[derive(Serialize)]
struct PostPage {
    post: Markup,
}

/// The post as it is best shown.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn post(view: &PostView, frame: &Frame, places: &mut dyn Places) -> Result<String, RenderError> {
    let platform = words::platform(&view.post.platform, Some(&view.post.url));
    let title = format!("Post on {platform}");
    let page = PostPage { post: drawn::post(view, places)? };
    shell::page("room/post.html", frame, Section::Posts, &title, &page)
}
