//! The archive as the memory of hosts: what politeness learns is kept as it is learnt, beside what the run writes.

use crate::{
    fetch::manners::HostMemory,
    model::{HostRecord, RobotsRecord},
    store::{Store, StoreError},
};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A connection of its own to the run's archive.
pub(super) struct Hosts(Mutex<Store>);

impl Hosts {
    /// The memory of a run in the archive at `path`; nothing where that can't be opened, as an archive in memory can't. A
    /// run that writes nothing keeps nothing.
    pub(super) fn open(path: &Path, writes: bool) -> Option<Arc<dyn HostMemory>> {
        let store = if writes { Store::open(path) } else { Store::open_read_only(path) };
        told(store).map(|store| Arc::new(Self(Mutex::new(store))) as Arc<dyn HostMemory>)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That something about a host can't be read or kept ends no run: the site is then asked as if nothing were known.
fn told<T>(result: Result<T, StoreError>) -> Option<T> {
    result.map_err(|error| tracing::debug!(%error)).ok()
}

impl HostMemory for Hosts {
    fn host(&self, host: &str) -> Option<HostRecord> {
        told(self.store().host(host))?
    }

    fn keep_host(&self, host: &str, record: &HostRecord) {
        told(self.store().keep_host(host, record));
    }

    fn robots(&self, origin: &str) -> Option<RobotsRecord> {
        told(self.store().robots(origin))?
    }

    fn keep_robots(&self, origin: &str, record: &RobotsRecord) {
        told(self.store().keep_robots(origin, record));
    }
}
