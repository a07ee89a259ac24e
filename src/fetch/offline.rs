//! No network at all: whatever would be asked is put off, and nothing was tried.

use super::Transport;
use crate::http::{Exchange, FetchError, Request};
use futures::future::BoxFuture;
use jiff::Timestamp;

/// Asks nobody. What it is asked waits for a run that may ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Transport for Offline {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let started_at = Timestamp::now();
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let answer = Err(FetchError::Resting { host, until: started_at, why: "this run is offline".to_owned() });
        Box::pin(std::future::ready(Exchange { request, hops: Vec::new(), answer, started_at, elapsed_ms: 0 }))
    }
}
