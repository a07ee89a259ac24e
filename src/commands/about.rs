//! What the viewer is told of the archive that the archive alone does not know: configuration, disk, lock.

use super::{
    list::sources,
    status::{Place, gather_from},
};
use crate::{
    config::Config,
    model::{RunRecord, SourceRecord, StatusRecord},
    pipeline,
    serve::About,
    store::Store,
};
use jiff::Timestamp;

/// The configuration as it was when the viewer started; disk and lock as they are.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) config: Config,
}

impl About for Known {
    fn status(&self, store: &Store, now: Timestamp) -> Result<StatusRecord, String> {
        let place = Place { config: &self.config, archive: store.path() };
        gather_from(store, &place, now).map_err(|failure| failure.message.unwrap_or_default())
    }

    fn settle(&self, runs: &mut [RunRecord], store: &Store) {
        pipeline::settle(runs, store.path());
    }

    fn sources(&self, store: &Store) -> Result<Vec<SourceRecord>, String> {
        let known = store.sources().map_err(|error| error.to_string())?;
        // What is misconfigured is told by `run`; what the archive knows is told all the same.
        let configured = self.config.sources().unwrap_or_default();
        Ok(sources::merged(&configured, known))
    }
}
