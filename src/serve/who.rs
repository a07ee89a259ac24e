//! The pages of authors and of platforms.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{
    platforms,
    render::room::{self, Frame},
};
use axum::{
    extract::{Path, Query, State},
    response::Html,
};
use serde::Deserialize;

/// What can be asked of a page in parts; what is no number is the first one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    page: Option<String>,
}

/// `/author/{platform}/{handle}`.
pub(super) async fn author(
    State(viewer): State<Viewer>,
    Path((platform, handle)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Problem> {
    let page = asked.page.and_then(|page| page.parse().ok()).unwrap_or(1);
    let page = viewer.archive.read(move |store| {
        let view = store.author_view(&platform, &handle, page)?;
        let view = view.ok_or(Problem::NotFound("There is no post by this author."))?;
        Ok(room::author(&view, &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}

/// `/platform/{id}`.
pub(super) async fn platform(State(viewer): State<Viewer>, Path(id): Path<String>) -> Result<Html<String>, Problem> {
    let page = viewer.archive.read(move |store| {
        let id = id.to_ascii_lowercase();
        let view = store.platform_view(&id)?;
        if view.record.posts == 0 && platforms::by_id(&id).is_none() {
            return Err(Problem::NotFound("There is no platform of this name."));
        }
        Ok(room::platform(&view, &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}

/// `/platforms`.
pub(super) async fn platforms(State(viewer): State<Viewer>) -> Result<Html<String>, Problem> {
    let page = viewer.archive.read(|store| {
        let records = store.platform_records()?;
        Ok(room::platforms(&records, &Frame::viewer(), &Addresses)?)
    });
    page.await.map(Html)
}
