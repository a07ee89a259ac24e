//! The archive as web archives hold it: WARC files, and WACZ files with an index and a list of pages. Which record stands
//! for what is told in `docs/warc.md`.
//!
//! | what | where |
//! |---|---|
//! | rows become records, one at a time | `records` |
//! | the files that they are written to, split by size | `volumes` |
//! | the index: its lines, its keys, its blocks | `cdxj`, `surt`, `index` |
//! | pages, the package, its digests | `wacz`, `pages` |
//! | its signature | `sign` |

mod cdxj;
mod index;
mod pages;
mod records;
mod sign;
mod steady;
mod surt;
mod volumes;
mod wacz;

pub use sign::Signer;
pub use wacz::wacz;

use super::error::ExportError;
use crate::store::{Store, Wanted};
use jiff::Timestamp;
use records::Records;
use serde::Serialize;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};
use volumes::{Files, Pipe};

/// How an export is written.
#[derive(Clone, Debug)]
pub struct WarcOptions {
    /// When.
    pub now: Timestamp,
    /// Who exports, for the `warcinfo` record: a mail address or a page.
    pub operator: Option<String>,
    /// A new file is begun after so many bytes.
    pub split_bytes: Option<u64>,
    /// What is exported, in words.
    pub words: String,
}

/// What an export came to, as `embalm export warc --json` prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WarcExported {
    /// The files, in order; none where it went to stdout.
    pub files: Vec<PathBuf>,
    /// In all of them together.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Records of repeated payloads, which refer to the first.
    pub revisits: u64,
    /// Files without an exchange: articles that were read from files, and the files of posts.
    pub resources: u64,
    /// Articles.
    pub articles: u64,
    /// Posts.
    pub posts: u64,
    /// Posts, articles and files that are redacted and were left out.
    pub redacted: u64,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarcProgress {
    /// Exchanges, articles and posts that are written.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// Hears how far an export is.
pub type Progress<'a> = dyn FnMut(WarcProgress) + 'a;

/// Writes WARC files: `path`, and where it is split `name-00001.warc.gz` and so on beside it. They appear when all are whole.
///
/// # Errors
/// [`ExportError::Nothing`], or where the archive can't be read or the files can't be written.
pub fn warc(
    store: &Store,
    wanted: &Wanted,
    path: &Path,
    options: &WarcOptions,
    progress: &mut Progress<'_>,
) -> Result<WarcExported, ExportError> {
    let outgoing = store.outgoing(wanted)?;
    let mut records = Records::begin(&outgoing, Files::new(path), None, options)?;
    records.all(progress)?;
    let (files, mut exported) = records.end()?;
    exported.files = files.keep()?;
    Ok(exported)
}

/// Writes one WARC file to `out`.
///
/// # Errors
/// As [`warc`].
pub fn warc_to(
    store: &Store,
    wanted: &Wanted,
    out: &mut dyn Write,
    options: &WarcOptions,
    progress: &mut Progress<'_>,
) -> Result<WarcExported, ExportError> {
    let outgoing = store.outgoing(wanted)?;
    let options = WarcOptions { split_bytes: None, ..options.clone() };
    let mut records = Records::begin(&outgoing, Pipe(out), None, &options)?;
    records.all(progress)?;
    records.end().map(|(_, exported)| exported)
}

/// A store's failure as one of reading, so that it passes through readers; [`from_io`] gives it back.
fn to_io(error: crate::store::StoreError) -> io::Error {
    io::Error::other(error)
}

fn from_io(path: &Path, error: io::Error) -> ExportError {
    match error.downcast::<crate::store::StoreError>() {
        Ok(error) => ExportError::Store(error),
        Err(error) => match ExportError::write(path.to_owned(), error) {
            ExportError::Full { path } => ExportError::FullFile { path },
            other => other,
        },
    }
}
