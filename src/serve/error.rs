//! What went wrong, as a reader is told: the log has the rest.

use crate::{
    render::{RenderError, room},
    store::StoreError,
};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{Html, IntoResponse, Response},
};
use serde_json::json;
use std::borrow::Cow;

/// How soon a reader may ask again where waiting helps, in seconds.
const RETRY_AFTER_S: &str = "5";

/// Why there is no such answer. None of them carries a word of the archive's place or of the machine to a reader.
#[derive(Debug)]
pub(super) enum Problem {
    /// There is nothing at this address, in words for a reader.
    NotFound(&'static str),
    /// The same, in words made for it, of what a reader may search for instead.
    NotHere {
        /// For a reader.
        words: String,
        /// What stands in the search box.
        query: String,
    },
    /// The question is not understood, in words for a reader.
    Unclear(String),
    /// The request names another host than the viewer.
    Misdirected,
    /// A page of another site asks.
    Foreign,
    /// Another method than GET or HEAD.
    OnlyReads,
    /// The address is too long.
    TooLong,
    /// Too much is asked at this moment.
    Busy,
    /// The answer took too long.
    TooSlow,
    /// The archive can't be read as it is now; the words are for the log alone.
    Unreadable(String),
    /// The archive holds something here that embalm never writes; the words are for the log alone.
    Damaged(String),
    /// Our own failure; the words are for the log alone.
    Failed(String),
}

/// Marks an answer that is a page of our own whatever its status is: a list says beside its form what could not be asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnPage;

/// What was told, for whoever wants a record instead of a page.
#[derive(Clone, Debug)]
pub(super) struct Told {
    status: StatusCode,
    title: &'static str,
    words: Cow<'static, str>,
}

impl Told {
    /// The same as a record.
    pub(super) fn as_record(&self) -> Response {
        let record = json!({ "status": self.status.as_u16(), "error": self.title, "message": self.words });
        let kind = [(CONTENT_TYPE, "application/json")];
        let mut answer = (self.status, kind, record.to_string()).into_response();
        self.mark(&mut answer);
        answer
    }

    /// What HTTP wants to be said beside some statuses.
    fn mark(&self, answer: &mut Response) {
        match self.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            }
            _ => {}
        }
    }
}

impl Problem {
    /// That a library answered with this status.
    pub(super) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound("There is no such page."),
            StatusCode::METHOD_NOT_ALLOWED => Self::OnlyReads,
            status if status.is_client_error() => Self::NotFound("This address names nothing."),
            status => Self::Failed(format!("an answer had the status {status}")),
        }
    }

    fn told(self) -> Told {
        let (status, title, words): (_, _, Cow<'static, str>) = match self {
            Self::NotFound(words) => (StatusCode::NOT_FOUND, "Not in this archive", words.into()),
            Self::NotHere { words, .. } => (StatusCode::NOT_FOUND, "Not in this archive", words.into()),
            Self::Unclear(words) => (StatusCode::BAD_REQUEST, "Not understood", words.into()),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "Not by this name",
                "The viewer answers only by the names that it knows: the address that it printed when it was started, \
                 and those of `embalm serve --allow-host NAME`."
                    .into(),
            ),
            Self::Foreign => {
                (StatusCode::FORBIDDEN, "Not for other sites", "The viewer answers its own pages alone.".into())
            }
            Self::OnlyReads => {
                (StatusCode::METHOD_NOT_ALLOWED, "The viewer only reads", "It answers GET and HEAD alone.".into())
            }
            Self::TooLong => (StatusCode::URI_TOO_LONG, "Too long", "This address is longer than any here.".into()),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Busy",
                "Much is being asked at this moment; please ask again shortly.".into(),
            ),
            Self::TooSlow => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long",
                "The answer was not found in time. A narrower question helps.".into(),
            ),
            Self::Unreadable(why) => {
                tracing::error!("the archive can't be read: {why}");
                let words = "The archive can't be read at this moment; the viewer's log says why.";
                (StatusCode::SERVICE_UNAVAILABLE, "The archive can't be read", words.into())
            }
            Self::Damaged(why) => {
                tracing::error!("a page could not be made: {why}");
                let words = "The archive holds something here that embalm never writes, so this page can't be shown; others can. \
                     `embalm verify` finds what is damaged, and the viewer's log says what was met here.";
                (StatusCode::INTERNAL_SERVER_ERROR, "Damaged in this archive", words.into())
            }
            Self::Failed(why) => {
                tracing::error!("a page could not be made: {why}");
                let words = "Something went wrong here; the viewer's log says what.";
                (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made", words.into())
            }
        };
        Told { status, title, words }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // It says what was typed and what may be written, and nothing of the machine.
            StoreError::Query { .. } | StoreError::Sort { .. } => Self::Unclear(error.to_string()),
            StoreError::NotFound { .. }
            | StoreError::NotAnArchive { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. }
            | StoreError::Busy { .. } => Self::Unreadable(error.to_string()),
            StoreError::Corrupt { .. } => Self::Damaged(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<RenderError> for Problem {
    fn from(error: RenderError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut frame = room::Frame::viewer();
        if let Self::NotHere { query, .. } = &self {
            frame.query.clone_from(query);
        }
        let told = self.told();
        let page = room::message(told.title, &told.words, &frame).unwrap_or_else(|_| told.title.to_owned());
        let mut answer = (told.status, Html(page)).into_response();
        told.mark(&mut answer);
        answer.extensions_mut().insert(told);
        answer
    }
}
