//! `/status`: how everything stands, with its plots.

use super::{Viewer, error::Problem, places::Addresses};
use crate::render::room::{self, Frame};
use axum::{extract::State, response::Html};
use jiff::Timestamp;
use std::sync::Arc;

/// `/status`.
pub(super) async fn status(State(viewer): State<Viewer>) -> Result<Html<String>, Problem> {
    let about = Arc::clone(&viewer.about);
    let page = viewer.archive.read(move |store| {
        let now = Timestamp::now();
        let status = about.status(store, now).map_err(Problem::Failed)?;
        let figures = store.figures(now)?;
        Ok(room::status(&status, &figures, now, &Frame::viewer(), &Addresses)?)
    });
    page.await.map(Html)
}
