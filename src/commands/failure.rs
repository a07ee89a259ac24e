//! How a command fails: words for a person, and the exit code that scripts rely on.

use crate::{
    config::ConfigError,
    pipeline::{InputError, LockError},
    store::StoreError,
};
use std::io;

/// Unexpected.
pub(super) const UNEXPECTED: u8 = 1;
/// Wrong usage or configuration; nothing was touched.
pub(super) const USAGE: u8 = 2;
/// Done, but a person should look.
pub(super) const LOOK: u8 = 3;
/// Stopped early with the work saved.
pub(super) const STOPPED: u8 = 4;
/// Another run holds the archive.
pub(super) const HELD: u8 = 75;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// What was attempted, on what, why it failed, what to do. None for a closed pipe: silence is right.
    pub message: Option<String>,
}

impl Failure {
    /// Wrong usage.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: Some(message.into()) }
    }

    /// Something else.
    pub(super) fn unexpected(message: impl Into<String>) -> Self {
        Self { code: UNEXPECTED, message: Some(message.into()) }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let code = if matches!(error, LockError::Held { .. }) { HELD } else { USAGE };
        Self { code, message: Some(error.to_string()) }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Busy { .. } => HELD,
            StoreError::NotFound { .. }
            | StoreError::NotAnArchive { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::Query { .. }
            | StoreError::Sort { .. } => USAGE,
            StoreError::Corrupt { .. } => LOOK,
            StoreError::Full { .. } => STOPPED,
            StoreError::Io { .. } | StoreError::Sqlite { .. } => UNEXPECTED,
        };
        Self { code, message: Some(error.to_string()) }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Whoever reads us has read enough: `embalm list posts | head` is a success.
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { code: 0, message: None };
        }
        let code = if error.kind() == io::ErrorKind::StorageFull { STOPPED } else { UNEXPECTED };
        Self { code, message: Some(format!("writing the output failed: {error}")) }
    }
}
