//! Carries requests: over the network (`live`), or out of a recording (`replay`). Both answer with an exchange, always.

pub mod beside;
pub mod conditional;
pub mod connect_to;
pub mod fence;
pub mod guard;
pub mod live;
pub mod login;
pub mod manners;
pub mod meter;
pub mod offline;
pub mod pace;
pub mod record;
pub mod replay;

use crate::http::{Exchange, Request};
use futures::future::BoxFuture;
use jiff::Timestamp;
use manners::{HostMemory, Politeness};
use std::sync::Arc;

/// Something that answers requests. Failing to get an answer is part of the exchange, never an error.
pub trait Transport: Send + Sync {
    /// Carries one request to its answer.
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange>;

    /// The time that answers are from: a recording's end, where one is replayed.
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// Whether answers come from a recording. What is done with them then keeps its order, whatever comes first.
    fn is_replay(&self) -> bool {
        false
    }

    /// Remembers hosts from run to run, from now on, in what `open` gives. Only what asks hosts has a use for it.
    fn remember(&self, open: &dyn Fn() -> Option<Arc<dyn HostMemory>>) {
        let _ = open;
    }

    /// Hosts that were wanted and left out, because this run may not ask them.
    fn left_out(&self) -> Vec<String> {
        Vec::new()
    }

    /// What politeness has cost so far.
    fn politeness(&self) -> Politeness {
        Politeness::default()
    }
}
