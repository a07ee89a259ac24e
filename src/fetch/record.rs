//! Writes what another transport fetches into a WARC file, exchange by exchange, so that it can be replayed.

use super::Transport;
use super::manners::{HostMemory, Politeness};
use crate::http::{Exchange, Request};
use crate::warc::WarcWriter;
use futures::future::BoxFuture;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A transport that records. Each exchange is in the file before its caller has it.
pub struct Recorder {
    inner: Arc<dyn Transport>,
    recording: Mutex<Recording>,
}

struct Recording {
    writer: WarcWriter<BufWriter<File>>,
    failure: Option<String>,
}

impl Recorder {
    /// Creates the file. One that exists is never overwritten.
    ///
    /// # Errors
    /// `AlreadyExists`, or whatever else creating and writing the file gives.
    pub fn new(inner: Arc<dyn Transport>, path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create_new(path)?);
        let mut writer = WarcWriter::new(file, Timestamp::now())?;
        writer.flush()?;
        Ok(Self { inner, recording: Mutex::new(Recording { writer, failure: None }) })
    }

    /// Why recording stopped, if it did; fetching goes on without it.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner).failure.clone()
    }

    fn keep(&self, exchange: &Exchange) {
        let mut recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let Recording { writer, failure } = &mut *recording;
        if failure.is_none()
            && let Err(error) = writer.write(exchange).and_then(|()| writer.flush())
        {
            *failure = Some(error.to_string());
        }
    }
}

impl Transport for Recorder {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        Box::pin(async move {
            let exchange = self.inner.fetch(request).await;
            self.keep(&exchange);
            exchange
        })
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn remember(&self, open: &dyn Fn() -> Option<Arc<dyn HostMemory>>) {
        self.inner.remember(open);
    }

    fn left_out(&self) -> Vec<String> {
        self.inner.left_out()
    }

    fn politeness(&self) -> Politeness {
        self.inner.politeness()
    }
}
