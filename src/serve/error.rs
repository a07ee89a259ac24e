//! What went wrong, as a reader is told: the log has the rest.

use crate::{
    render::{RenderError, room},
    store::StoreError,
};
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// Why there is no such answer.
#[derive(Debug)]
pub(super) enum Problem {
    /// There is nothing at this address, in words for a reader.
    NotFound(&'static str),
    /// Our own failure; the words are for the log alone.
    Failed(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title, words) = match self {
            Self::NotFound(words) => (StatusCode::NOT_FOUND, "Not in this archive", words),
            Self::Failed(why) => {
                tracing::error!("a page could not be made: {why}");
                let words = "Something went wrong here; the viewer's log says what.";
                (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made", words)
            }
        };
        let page = room::message(title, words, &room::Frame::viewer()).unwrap_or_else(|_| title.to_owned());
        (status, Html(page)).into_response()
    }
}
