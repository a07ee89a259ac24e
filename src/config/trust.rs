//! `[trust]`: who stamps runs, and whose stamps are believed.

use crate::stamp::Authorities;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// `[trust]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// The address of a time-stamp authority (RFC 3161).
    pub timestamp_url: Option<String>,
    /// A PEM file with the certificates of the authorities whose stamps are believed.
    pub timestamp_ca_file: Option<PathBuf>,
}

impl Trust {
    /// The authority, if any.
    ///
    /// # Errors
    /// The value is no address; with what would be right.
    pub fn authority(&self) -> Result<Option<url::Url>, String> {
        let Some(address) = self.timestamp_url.as_deref().filter(|address| !address.is_empty()) else {
            return Ok(None);
        };
        let url =
            url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.map(Some).ok_or_else(|| format!("{address:?} is no address such as \"https://tsa.example/tsr\""))
    }

    /// The authorities whose stamps are believed, if any are named.
    ///
    /// # Errors
    /// Their file can't be read or has no certificates; what to do about it.
    pub fn authorities(&self) -> Result<Option<Authorities>, String> {
        self.timestamp_ca_file.as_deref().map(read_authorities).transpose()
    }
}

/// Reads the authorities whose stamps are believed from a PEM file.
///
/// # Errors
/// It can't be read or has no certificates; in words for a person.
pub fn read_authorities(path: &Path) -> Result<Authorities, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string());
    let read = pem.and_then(|pem| Authorities::from_pem(&pem));
    read.map_err(|why| format!("cannot read the certificates of time-stamp authorities in {}: {why}", path.display()))
}
