//! What the archive alone does not know: what its configuration, its disk and its lock say. Whoever starts the viewer
//! tells it, so that the viewer itself knows neither files nor platforms.

use crate::{
    model::{RunRecord, SourceRecord, StatusRecord},
    store::Store,
};
use jiff::Timestamp;

/// Asked at every page that shows such things, on a thread that may block.
pub trait About: std::fmt::Debug + Send + Sync {
    /// How everything stands, problems included.
    ///
    /// # Errors
    /// Why that can't be said, in words for the log.
    fn status(&self, store: &Store, now: Timestamp) -> Result<StatusRecord, String>;

    /// Tells runs that go on from runs that were killed.
    fn settle(&self, runs: &mut [RunRecord], store: &Store);

    /// The configured sources first, then those that only the archive knows.
    ///
    /// # Errors
    /// Why that can't be said, in words for the log.
    fn sources(&self, store: &Store) -> Result<Vec<SourceRecord>, String>;
}
