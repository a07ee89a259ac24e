//! What can go wrong with an archive as a file: each error says what was attempted, on what, why it failed, what to do.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// The program's failure to open, read or write an archive. That a post is gone or an answer is missing is data, never one of these.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Opening an archive that must exist.
    #[error("there is no archive at {}: make one with `embalm init`, or name another one with --archive", path.display())]
    NotFound {
        /// The archive.
        path: PathBuf,
    },
    /// The file is something else; it was left untouched.
    #[error("cannot open {} as an archive: {detail}; it was left untouched, so name another file with --archive", path.display())]
    NotAnArchive {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        detail: String,
    },
    /// A newer embalm wrote it; it was left untouched.
    #[error("cannot open the archive {}: a newer embalm wrote it (schema {found}; this one knows {known}); it was left untouched, so upgrade embalm", path.display())]
    Newer {
        /// The archive.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// An older embalm wrote it, and reading alone cannot upgrade it.
    #[error("cannot read the archive {}: an older embalm wrote it (schema {found}; this one reads {known}); upgrade it with `embalm init`", path.display())]
    Older {
        /// The archive.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The schema that this version reads.
        known: i64,
    },
    /// The file or its folder cannot be written.
    #[error("cannot write the archive {}: the file or its folder does not allow it; change the permissions, or name another place with --archive", path.display())]
    ReadOnly {
        /// The archive.
        path: PathBuf,
    },
    /// Another process kept the archive locked for longer than the time limit.
    #[error("cannot use the archive {}: another process has kept it locked for {} s; wait for it to end and try again", path.display(), super::open::BUSY_TIMEOUT.as_secs())]
    Busy {
        /// The archive.
        path: PathBuf,
    },
    /// No room is left; what was committed before is safe.
    #[error("cannot {attempted} in {}: the disk is full; everything reported as archived is safe, so free some space and run again", path.display())]
    Full {
        /// The archive.
        path: PathBuf,
        /// What was not done.
        attempted: String,
    },
    /// The archive holds something that embalm never writes.
    #[error("cannot {attempted} in {}: the archive is damaged ({detail}); keep a copy, and restore a backup or try `sqlite3 FILE .recover`", path.display())]
    Corrupt {
        /// The archive.
        path: PathBuf,
        /// What was not done.
        attempted: String,
        /// What was found.
        detail: String,
    },
    /// Search words that mean nothing, even as plain words.
    #[error("cannot search for {query:?}: {detail}; write words, \"a phrase\", prefix*, AND, OR, NOT")]
    Query {
        /// As typed.
        query: String,
        /// Why.
        detail: String,
    },
    /// A sort order that a list does not have.
    #[error("cannot sort by {sort:?}: choose one of {known}, with a leading - for the other direction")]
    Sort {
        /// As typed.
        sort: String,
        /// What there is.
        known: String,
    },
    /// The file system refused.
    #[error("cannot {attempted} {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was not done.
        attempted: String,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused for another reason.
    #[error("cannot {attempted} in {}: {source}; nothing of it was kept, and everything committed before is safe", path.display())]
    Sqlite {
        /// The archive.
        path: PathBuf,
        /// What was not done.
        attempted: String,
        /// Why.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// The error that SQLite's word means for what was attempted on the archive at `path`.
    pub(super) fn from_sqlite(path: &Path, attempted: &str, source: rusqlite::Error) -> Self {
        let (path, attempted) = (path.to_owned(), attempted.to_owned());
        match &source {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
            // Every row that must be there is asked for by another row that names it.
            | rusqlite::Error::QueryReturnedNoRows => {
                Self::Corrupt { path, attempted, detail: source.to_string() }
            }
            rusqlite::Error::SqliteFailure(failure, detail) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { path },
                ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Self::ReadOnly { path },
                ErrorCode::DiskFull => Self::Full { path, attempted },
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => {
                    let detail = detail.clone().unwrap_or_else(|| source.to_string());
                    Self::Corrupt { path, attempted, detail }
                }
                _ => Self::Sqlite { path, attempted, source },
            },
            _ => Self::Sqlite { path, attempted, source },
        }
    }
}
