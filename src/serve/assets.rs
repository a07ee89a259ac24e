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
    let (mime, text) = match name.as_str() {
        "embalm.css" => ("text/css; charset=utf-8", render::stylesheet()),
        "room.js" => ("text/javascript; charset=utf-8", render::script()),
        _ => return Err(Problem::NotFound("There is no such file.")),
    };
    Ok(([(CONTENT_TYPE, mime)], text).into_response())
}
