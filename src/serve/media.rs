//! Files of posts, by the SHA-256 of their bytes.

use super::{Viewer, error::Problem};
use axum::{
    extract::{Path, State},
    response::Response,
};

/// `/media/{digest}`.
pub(super) async fn file(State(_viewer): State<Viewer>, Path(_digest): Path<String>) -> Result<Response, Problem> {
    Err(Problem::NotFound("There is no such file."))
}
