//! What ends an export.

use crate::{render::RenderError, store::StoreError};
use std::{io, path::PathBuf};

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The target is not in the archive.
    #[error("{target} is not in the archive; {hint}")]
    NotFound {
        /// As it was given.
        target: String,
        /// Which command says what is there.
        hint: &'static str,
    },
    /// Nothing is left to write.
    #[error("nothing in the archive is asked for; `embalm list articles` and `embalm list posts` say what is there")]
    Nothing,
    /// The folder holds something else.
    #[error(
        "{} is not empty, and no earlier export made it; choose another folder, or use --force to write among its files",
        folder.display()
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder could not be made or looked at.
    #[error("using the folder {} failed: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("writing {} failed: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk is full. What was written stays.
    #[error(
        "writing {} failed: the disk is full. What was written before is whole; make room and run the same command again",
        path.display()
    )]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full, and what was to be one file is not there.
    #[error("writing {} failed: the disk is full. No part of it is left; make room and run the same command again", path.display())]
    FullFile {
        /// The file.
        path: PathBuf,
    },
    /// The search index could not be put into words.
    #[error("making the search index failed: {detail}")]
    Index {
        /// Why.
        detail: String,
    },
    /// The signature could not be made.
    #[error("{detail}")]
    Sign {
        /// Why.
        detail: String,
    },
    /// A form that this build leaves out.
    #[error(
        "this embalm was built without {what}; `cargo install --path . --features {feature}` in its sources builds it with it"
    )]
    NotBuilt {
        /// The form.
        what: &'static str,
        /// The feature that has it.
        feature: &'static str,
    },
    /// Whoever hears of the pages has gone.
    #[error("telling what was written failed: {0}")]
    Output(io::Error),
    /// The archive could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A page could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl ExportError {
    /// Writing `path` failed.
    pub(super) fn write(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Write { path, source },
        }
    }
}
