//! Whether an open archive is still the one at its path. A long-lived reader asks before each question: a backup may have
//! been put in its place, or a newer embalm may have upgraded it.

use super::{Store, migrations, open};
use std::{fs, path::Path};

/// What tells the file at a path from another one that takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Device and number of the file, where the system names files so.
    file: Option<(u64, u64)>,
    /// Length and time of the last change, where SQLite was told that nobody changes the file.
    content: Option<(u64, Option<std::time::SystemTime>)>,
}

impl Standing {
    /// What stands at a path now; none where nothing can be said of it.
    pub(super) fn of(path: &Path, is_immutable: bool) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt as _;
            Some((metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let file = None;
        let content = is_immutable.then(|| (metadata.len(), metadata.modified().ok()));
        Some(Self { file, content })
    }
}

impl Store {
    /// Whether this is still the archive at its path, of the schema that it was opened with. Where it is not, it is to
    /// be opened anew.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let is_immutable = self.standing.as_ref().is_some_and(|standing| standing.content.is_some());
        let stands = Standing::of(&self.path, is_immutable) == self.standing;
        // A WAL beside an archive that nobody was to change: somebody does.
        let is_left_alone = !is_immutable || open::no_wal(&self.path);
        stands && is_left_alone && open::user_version(&self.connection).is_ok_and(|found| found == migrations::KNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_in_the_place_of_another_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.db"), folder.path().join("b.db"));
        drop(Store::create_or_open(&path).unwrap());
        drop(Store::create_or_open(&other).unwrap());
        let reader = Store::open_read_only(&path).unwrap();
        assert!(reader.is_current());
        let mut writer = Store::open(&path).unwrap();
        writer.begin_run("run", "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        drop(writer);
        assert!(reader.is_current(), "a writer's commits are seen, and change nothing of it");
        if cfg!(unix) {
            fs::rename(&other, &path).unwrap();
            assert!(!reader.is_current());
            assert!(Store::open_read_only(&path).unwrap().is_current());
        }
        fs::remove_file(&path).unwrap();
        assert!(!reader.is_current());
    }

    #[test]
    fn an_upgrade_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let writer = Store::create_or_open(&path).unwrap();
        let reader = Store::open_read_only(&path).unwrap();
        assert!(reader.is_current());
        writer.connection.pragma_update(None, "user_version", migrations::KNOWN + 1).unwrap();
        assert!(!reader.is_current());
    }
}
