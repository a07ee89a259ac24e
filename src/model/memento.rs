//! A web archive's copy of something: where it is, and when the archive made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// The copy that a snapshot was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memento {
    /// The copy's own address in the archive, in its raw form.
    pub url: Url,
    /// When the archive made it. The snapshot's own time is when embalm read it.
    pub archived_at: Timestamp,
}
