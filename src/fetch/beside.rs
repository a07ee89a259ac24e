//! A recording beside a network: what is recorded is not asked for.

use super::{Transport, replay::Replay};
use crate::http::{Exchange, FetchError, Request};
use futures::future::BoxFuture;
use jiff::Timestamp;

/// Answers from the recording where it can, else from the other.
pub struct Beside<'a> {
    /// What is recorded.
    pub recorded: &'a Replay,
    /// Who is asked for the rest.
    pub other: &'a dyn Transport,
}

impl Transport for Beside<'_> {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        let exchange = self.recorded.exchange(request.clone());
        if exchange.answer == Err(FetchError::NotRecorded) {
            return self.other.fetch(request);
        }
        Box::pin(std::future::ready(exchange))
    }

    fn now(&self) -> Timestamp {
        self.other.now()
    }
}
