//! One writing run an archive: a lock that the system drops when the process dies, so no run is ever locked out by a
//! dead one. The lock file stays where it is: taking it away would let two runs hold two files of one name.
//!
//! `holder` is what the file says of who holds it: a courtesy to whoever waits, never what decides.

mod holder;

pub use holder::Holder;

use super::Event;
use crate::model::{RunRecord, RunState};
use holder::Written;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How often a lock that somebody holds is asked for again while waiting for it.
const POLL: Duration = Duration::from_millis(100);

/// How long the one that holds the lock has for saying who it is, and a reader for letting it go again.
const GRACE: Duration = Duration::from_millis(200);

/// The least time between two words about what a run is doing.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Held while a run writes; dropped with it.
#[derive(Debug)]
pub struct Lock {
    written: Mutex<Written>,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds the archive.
    #[error("another run holds {}: {}; nothing was done\n  --wait 5m waits for it to end", archive.display(), in_words(holder.as_deref()))]
    Held {
        /// The archive.
        archive: PathBuf,
        /// Who, since when, doing what; none where it has not said so.
        holder: Option<Box<Holder>>,
    },
    /// The lock file, or the folder for it, can't be made.
    #[error("can't make {}: {source}\n  the archive's folder must be writable", path.display())]
    Unwritable {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The file system has no locks.
    #[error(
        "can't lock {}: {source}\n  the archive must stand on a file system that knows locks, such as a disk of this machine; a network share may need its lock service",
        path.display()
    )]
    NoLocks {
        /// The lock file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
}

fn in_words(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "it has not said who it is".to_owned(), Holder::to_string)
}

impl Lock {
    /// Takes the lock of an archive for `command`, without waiting.
    ///
    /// # Errors
    /// Another run holds it, the folder is not writable, or the file system has no locks.
    pub fn take(archive: &Path, command: &str) -> Result<Self, LockError> {
        let path = path_of(archive);
        if let Some(folder) = archive.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|source| LockError::Unwritable { path: folder.to_owned(), source })?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|source| LockError::Unwritable { path: path.clone(), source })?;
        let asked_at = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => {
                    let mut written = Written::new(file, Holder::this(command));
                    written.write();
                    return Ok(Self { written: Mutex::new(written) });
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = Holder::read(&file).filter(Holder::may_be_alive);
                    // Nobody, or somebody dead: the one that holds it has not written yet, or only looks whether it is held.
                    if holder.is_none() && asked_at.elapsed() < GRACE {
                        thread::sleep(GRACE / 20);
                        continue;
                    }
                    return Err(LockError::Held { archive: archive.to_owned(), holder: holder.map(Box::new) });
                }
                Err(TryLockError::Error(source)) => return Err(LockError::NoLocks { path, source }),
            }
        }
    }

    /// The same, but waits for at most `wait`, and calls `told` once with the error if there is anything to wait for.
    ///
    /// # Errors
    /// As [`Lock::take`]; another run still holds it.
    pub fn wait(
        archive: &Path,
        command: &str,
        wait: Duration,
        mut told: impl FnMut(&LockError),
    ) -> Result<Self, LockError> {
        wait_for(wait, &mut told, || Self::take(archive, command))
    }

    /// Waits for at most `wait` until nobody holds the lock of an archive, and takes nothing. `told` as for [`Lock::wait`].
    ///
    /// # Errors
    /// Another run still holds it.
    pub fn wait_free(archive: &Path, wait: Duration, mut told: impl FnMut(&LockError)) -> Result<(), LockError> {
        wait_for(wait, &mut told, || match Self::holder(archive) {
            None => Ok(()),
            Some(holder) => Err(LockError::Held { archive: archive.to_owned(), holder: Some(Box::new(holder)) }),
        })
    }

    /// Who holds the lock of an archive now, as far as it can be told; none where nobody does.
    #[must_use]
    pub fn holder(archive: &Path) -> Option<Holder> {
        let file = File::open(path_of(archive)).ok()?;
        let holder = Holder::read(&file).filter(Holder::may_be_alive)?;
        // Its number may be another process's by now. This asks only where it says that it is held, and then takes nothing.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)).then_some(holder)
    }

    /// Notes what the run is doing, for whoever asks. It costs nothing: at most one small write a second, and one that
    /// fails is left out.
    pub fn tell(&self, doing: &str) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).doing(doing);
    }

    /// The same from what happens in a run.
    pub fn note(&self, event: &Event<'_>) {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).note(event);
    }
}

fn wait_for<T>(
    wait: Duration,
    told: &mut dyn FnMut(&LockError),
    mut take: impl FnMut() -> Result<T, LockError>,
) -> Result<T, LockError> {
    let began = Instant::now();
    let mut first = true;
    loop {
        match take() {
            Err(held @ LockError::Held { .. }) => {
                let Some(left) = wait.checked_sub(began.elapsed()).filter(|left| !left.is_zero()) else {
                    return Err(held);
                };
                if std::mem::take(&mut first) {
                    told(&held);
                }
                thread::sleep(left.min(POLL));
            }
            done => return done,
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The system lets the lock go with the file, after the words in it are gone.
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Tells a run without an end from one that was killed: the first holds the archive's lock.
pub fn settle(runs: &mut [RunRecord], archive: &Path) {
    if runs.iter().any(|run| run.state == RunState::Running) && Lock::holder(archive).is_none() {
        runs.iter_mut().filter(|run| run.state == RunState::Running).for_each(|run| run.state = RunState::Killed);
    }
}

fn path_of(archive: &Path) -> PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_who_holds_the_archive_since_when_and_doing_what() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.db");
        assert!(Lock::holder(&archive).is_none());
        let held = Lock::take(&archive, "run").unwrap();
        held.tell("capturing 120 of 300 posts");
        let error = Lock::take(&archive, "add").unwrap_err().to_string();
        for words in
            [&format!("process {}", std::process::id()), "`embalm run`", "since 20", "capturing 120 of 300 posts"]
        {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert_eq!(Lock::holder(&archive).unwrap().command, "run");
        let mut told = 0;
        assert!(Lock::wait(&archive, "add", Duration::from_millis(1), |_| told += 1).is_err());
        assert_eq!(told, 1);
        drop(held);
        assert!(Lock::holder(&archive).is_none());
        Lock::take(&archive, "add").unwrap();
    }

    #[test]
    fn what_a_dead_run_left_in_the_file_is_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.db");
        // No process has this number: it is beyond what any system gives.
        let dead = Holder { process: u32::MAX - 7, ..Holder::this("run") };
        Written::new(File::create(path_of(&archive)).unwrap(), dead).write();
        assert!(Lock::holder(&archive).is_none());
        let held = File::open(path_of(&archive)).unwrap();
        held.lock().unwrap();
        let error = Lock::take(&archive, "run").unwrap_err();
        assert!(matches!(error, LockError::Held { holder: None, .. }), "{error}");
        drop(held);
        Lock::take(&archive, "run").unwrap();
    }
}
