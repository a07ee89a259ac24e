//! One writing run an archive: a lock that the system drops when the process dies, so no run is ever locked out by a
//! dead one.

use crate::model::{RunRecord, RunState};
use jiff::Timestamp;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

/// Held while a run writes; dropped with it.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds the archive.
    #[error("another run holds {}: {holder}; nothing was done", archive.display())]
    Held {
        /// The archive.
        archive: PathBuf,
        /// Who, since when.
        holder: String,
    },
    /// The lock file, or the folder for it, can't be made.
    #[error("can't make {}: {source}\n  the archive's folder must be writable", path.display())]
    Unwritable {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
}

impl Lock {
    /// Whether anybody holds the lock of an archive.
    #[must_use]
    pub fn is_held(archive: &Path) -> bool {
        let mut path = archive.as_os_str().to_owned();
        path.push(".lock");
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Takes the lock of an archive, without waiting.
    ///
    /// # Errors
    /// Another run holds it, or the folder is not writable.
    pub fn take(archive: &Path) -> Result<Self, LockError> {
        let mut path = archive.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        if let Some(folder) = archive.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| LockError::Unwritable { path: folder.to_owned(), source })?;
        }
        let unwritable = |source| LockError::Unwritable { path: path.clone(), source };
        let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options().map_err(unwritable)?;
        match file.try_lock() {
            Ok(()) => {
                let holder = format!("process {} since {}\n", std::process::id(), Timestamp::now().round_to_second());
                let written =
                    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
                written.map_err(unwritable)?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is a courtesy; that it is held is known already.
                let _ = file.read_to_string(&mut holder);
                Err(LockError::Held { archive: archive.to_owned(), holder: holder.trim().to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(unwritable(source)),
        }
    }
}

/// Tells a run without an end from one that was killed: the first holds the archive's lock.
pub fn settle(runs: &mut [RunRecord], archive: &Path) {
    if runs.iter().any(|run| run.state == RunState::Running) && !Lock::is_held(archive) {
        runs.iter_mut().filter(|run| run.state == RunState::Running).for_each(|run| run.state = RunState::Killed);
    }
}

trait RoundToSecond {
    fn round_to_second(self) -> Self;
}

impl RoundToSecond for Timestamp {
    fn round_to_second(self) -> Self {
        self.round(jiff::Unit::Second).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_holds_the_archive() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.db");
        let held = Lock::take(&archive).unwrap();
        let error = Lock::take(&archive).unwrap_err().to_string();
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        Lock::take(&archive).unwrap();
    }
}
