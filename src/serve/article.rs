//! Pages of an article: how it reads, in any of its versions; its original as preserved; that original's bytes.

use super::{Viewer, error::Problem, places::Addresses};
use crate::{
    model::OriginalView,
    render::room::{self, Frame},
    store::Store,
};
use axum::{
    extract::{Path, Query, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

/// The policy of bytes that are only to be stored.
const DOWNLOAD_POLICY: &str =
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NO_ARTICLE: Problem = Problem::NotFound("There is no such article, or no such version of it.");

const NO_CHANGES: Problem = Problem::NotFound("There is no such version, or none before it.");

/// `?version=N`.
#[derive(Deserialize)]
pub(super) struct Which {
    version: Option<String>,
}

impl Which {
    /// The version's number, from 1; none for the newest.
    fn number(&self) -> Result<Option<usize>, Problem> {
        self.version.as_deref().map(str::parse).transpose().map_err(|_| NO_ARTICLE)
    }
}

/// `/article/{id}`.
pub(super) async fn page(
    State(viewer): State<Viewer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Html<String>, Problem> {
    let (id, number) = (numbered(&id)?, which.number()?);
    let page = viewer.archive.read(move |store| {
        let view = store.article_version(id, number, false)?.ok_or(NO_ARTICLE)?;
        Ok(room::article(&view, &Frame::viewer(), &mut Addresses)?)
    });
    page.await.map(Html)
}

/// `/article/{id}/changes`: since the version before.
pub(super) async fn changes(
    State(viewer): State<Viewer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Html<String>, Problem> {
    let (id, number) = (numbered(&id)?, which.number()?);
    let page = viewer.archive.read(move |store| {
        let versions = store.version_count(id)?;
        let number = number.unwrap_or(versions);
        let before = number.checked_sub(1).map(|before| store.version_text(id, before)).transpose()?.flatten();
        let (before, after) = before.zip(store.version_text(id, number)?).ok_or(NO_CHANGES)?;
        Ok(room::changes(id, &before, &after, versions, &Frame::viewer(), &Addresses)?)
    });
    page.await.map(Html)
}

/// `/article/{id}/original`.
pub(super) async fn original(
    State(viewer): State<Viewer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let (id, number) = (numbered(&id)?, which.number()?);
    let page = viewer.archive.read(move |store| {
        let view = read(store, id, number)?;
        let mut kept = |url: &str| store.stored_picture(url).ok().flatten();
        Ok(room::original(&view, &Frame::viewer(), &mut Addresses, &mut kept)?)
    });
    Ok(([(CONTENT_SECURITY_POLICY, room::ORIGINAL_POLICY)], Html(page.await?)).into_response())
}

/// `/article/{id}/original.raw`: a download, whatever the bytes are.
pub(super) async fn bytes(
    State(viewer): State<Viewer>,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let (id, number) = (numbered(&id)?, which.number()?);
    let view = viewer.archive.read(move |store| read(store, id, number)).await?;
    let ending = match view.kind.as_str() {
        "html" => "html",
        "markdown" => "md",
        _ => "txt",
    };
    let name = format!("attachment; filename=\"article-{id}-version-{}.{ending}\"", view.number);
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_DISPOSITION, name),
        (CONTENT_SECURITY_POLICY, DOWNLOAD_POLICY.to_owned()),
    ];
    Ok((headers, view.bytes).into_response())
}

fn read(store: &Store, id: i64, number: Option<usize>) -> Result<OriginalView, Problem> {
    store.original(id, number)?.ok_or(NO_ARTICLE)
}

fn numbered(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| NO_ARTICLE)
}
