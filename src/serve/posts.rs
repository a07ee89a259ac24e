//! The pages of posts: the archive is asked, and what it answers is drawn.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{
    render::room::{self, Frame},
    store::{ARTICLES_OF_A_POST, KnownParts},
};
use axum::{
    extract::{Path, Query, State},
    response::Html,
};
use serde::Deserialize;

/// What can be asked of a post's page; what is not a number is as if it were not asked.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    snapshot: Option<String>,
    history: Option<String>,
    articles: Option<String>,
}

/// `/post/{key}`.
pub(super) async fn post(
    State(viewer): State<Viewer>,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Problem> {
    let snapshot = match asked.snapshot.as_deref().map(str::parse) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => return Err(Problem::NotFound("A snapshot of a post has a number.")),
    };
    let page = |asked: Option<String>| asked.and_then(|page| page.parse().ok()).filter(|page| *page > 0).unwrap_or(1);
    let parts = KnownParts { snapshot, history: page(asked.history), articles: page(asked.articles) };
    let page = viewer.archive.read(move |store| {
        let view = store.known_post(&key, parts)?.ok_or(Problem::NotFound(match parts.snapshot {
            Some(_) => "There is no such post, or it has no snapshot of this number.",
            None => "There is no post of this name.",
        }))?;
        Ok(room::post(&view, (parts.articles, ARTICLES_OF_A_POST), &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}
