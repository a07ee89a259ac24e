//! Pages: the archive is asked, and what it answers is drawn.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{
    render::room::{self, Frame},
    store::Filter,
};
use axum::{extract::State, response::Html};

/// Articles on the front page.
const FRONT_ARTICLES: usize = 20;

/// `/`.
pub(super) async fn front(State(viewer): State<Viewer>) -> Result<Html<String>, Problem> {
    let page = viewer.archive.read(|store| {
        let articles = store.articles(&Filter { limit: Some(FRONT_ARTICLES), ..Filter::default() })?;
        Ok(room::front(&articles, &Frame::viewer(), &Addresses)?)
    });
    page.await.map(Html)
}
