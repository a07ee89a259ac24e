//! Pages: the archive is asked, and what it answers is drawn.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{
    render::room::{self, Frame},
    store::Filter,
};
use axum::{
    extract::{Path, State},
    response::Html,
};

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

/// `/post/{key}`.
pub(super) async fn post(State(viewer): State<Viewer>, Path(key): Path<String>) -> Result<Html<String>, Problem> {
    let page = viewer.archive.read(move |store| {
        let view = store.post_view(&key, false)?.ok_or(Problem::NotFound("There is no post of this name."))?;
        Ok(room::post(&view, &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}
