//! The front page: what is new.

use super::shell::{self, Frame, Section};
use crate::{
    model::ArticleRecord,
    render::{Places, RenderError},
};
use serde::Serialize;

#[derive(Serialize)]
struct FrontPage {
    articles: Vec<Headline>,
}

#[derive(Serialize)]
struct Headline {
    title: String,
    url: Option<String>,
}

/// The latest articles.
///
/// # Errors
/// [`RenderError`], which no view causes.
pub fn front(articles: &[ArticleRecord], frame: &Frame, places: &dyn Places) -> Result<String, RenderError> {
    let headline = |article: &ArticleRecord| Headline {
        title: if article.title.trim().is_empty() { article.name.clone() } else { article.title.clone() },
        url: places.article(article.id),
    };
    let page = FrontPage { articles: articles.iter().map(headline).collect() };
    shell::page("room/front.html", frame, Section::Front, "The archive", &page)
}
