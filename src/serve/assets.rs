//! The viewer's own files: style sheet, script, icon. They are part of the program.

use super::error::Problem;
use crate::render;
use axum::{
    extract::Path,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

/// `/assets/{name}`.
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = render::ASSETS.iter().find(|asset| asset.name == name);
    let asset = asset.ok_or(Problem::NotFound("There is no such file."))?;
    Ok(([(CONTENT_TYPE, asset.mime)], asset.bytes).into_response())
}
