//! `[export]`: how what is archived is taken out.

use serde::Deserialize;
use std::path::PathBuf;

/// `[export]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Export {
    /// The key that signs WACZ files.
    pub signing_key: Option<PathBuf>,
}
