//! Bodies of files, through the run's own transport: small ones at once, large ones one at a time, so that memory is
//! bounded whatever a server sends.

use super::super::Stop;
use crate::{
    fetch::Transport,
    http::{Exchange, FetchError, Request},
    store::{FileBytes, MissingFile, Skipped},
};
use std::{
    io::{self, Write},
    sync::Arc,
};
use tempfile::NamedTempFile;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

/// A body up to this size is read at once, in bytes; for a larger one its turn is waited for.
const SMALL_BYTES: u64 = 8 << 20;

/// A file from this size on waits for its capture to be written on disk and not in memory, in bytes.
const HELD_BYTES: usize = 1 << 20;

/// Why a file can't be had.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    /// In words for a person.
    pub(super) reason: String,
    /// Another try may bring it.
    pub(super) passing: bool,
    /// It is larger than was allowed; a smaller form of it may not be.
    pub(super) over: bool,
}

impl Missing {
    pub(super) fn for_good(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), passing: false, over: false }
    }

    pub(super) fn for_now(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), passing: true, over: false }
    }

    pub(super) fn too_large() -> Self {
        Self { reason: "larger than allowed".to_owned(), passing: false, over: true }
    }

    /// As it is kept; what was too large names the limit that it was over.
    pub(super) fn told(self, limit: Skipped) -> MissingFile {
        if self.over { MissingFile::skipped(limit) } else { self.reason.into() }
    }
}

impl From<io::Error> for Missing {
    fn from(error: io::Error) -> Self {
        Self::for_now(format!("a temporary file: {error}"))
    }
}

/// A way to fetch bodies.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a> {
    pub(super) transport: &'a dyn Transport,
    pub(super) large: &'a Semaphore,
    /// When the run ends.
    pub(super) stop: Option<&'a Stop>,
}

/// A whole body.
pub(super) struct Body<'a> {
    /// The URL that answered.
    pub(super) url: Url,
    pub(super) content_type: Option<String>,
    pub(super) bytes: Vec<u8>,
    /// Held while a large one is in memory.
    _turn: Option<SemaphorePermit<'a>>,
}

impl<'a> Wire<'a> {
    /// Fetches a body of at most so many bytes.
    pub(super) async fn get(&self, url: &Url, max_bytes: u64) -> Result<Body<'a>, Missing> {
        match self.ask(url, max_bytes.min(SMALL_BYTES)).await {
            Err(missing) if missing.over && max_bytes > SMALL_BYTES => {}
            other => return other,
        }
        let turn = self.large.acquire().await.ok();
        let body = self.ask(url, max_bytes).await?;
        Ok(Body { _turn: turn, ..body })
    }

    async fn ask(&self, url: &Url, max_bytes: u64) -> Result<Body<'a>, Missing> {
        let mut request = Request::get(url.clone());
        request.max_bytes = Some(max_bytes);
        let Exchange { answer, .. } = self.transport.fetch(request).await;
        let response = answer.map_err(|error| match error {
            FetchError::TooLarge { .. } => Missing::too_large(),
            FetchError::Refused { .. } => Missing::for_good(error.to_string()),
            _ => Missing::for_now(error.to_string()),
        })?;
        if !response.is_success() {
            let reason = format!("status {}", response.status);
            let passing = matches!(response.status, 408 | 425 | 429 | 500..);
            return Err(Missing { reason, passing, over: false });
        }
        // A part of a body is not the body.
        if response.status == 206 {
            return Err(Missing::for_now("only a part of it came"));
        }
        let content_type = response.headers.get("content-type").map(str::to_owned);
        Ok(Body { url: response.url, content_type, bytes: response.body, _turn: None })
    }
}

impl Body<'_> {
    /// The bytes as they wait for their capture to be written.
    pub(super) async fn kept(self) -> Result<FileBytes, Missing> {
        if self.bytes.len() < HELD_BYTES {
            return Ok(FileBytes::Held(self.bytes));
        }
        let bytes = self.bytes;
        let spooled = tokio::task::spawn_blocking(move || {
            let mut file = NamedTempFile::new()?;
            file.write_all(&bytes)?;
            spooled(file)
        });
        spooled.await.map_err(|error| Missing::for_now(error.to_string()))?.map_err(Missing::from)
    }
}

/// A temporary file as bytes of a capture.
pub(super) fn spooled(file: NamedTempFile) -> io::Result<FileBytes> {
    let size_bytes = file.as_file().metadata()?.len();
    Ok(FileBytes::Spooled { path: Arc::new(file.into_temp_path()), size_bytes })
}
