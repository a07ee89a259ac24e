//! A copy of the archive while a run goes on: as it was at one moment, checked, and never half of one under its name.

use super::{Store, StoreError};
use rusqlite::{Connection, backup::Backup, backup::StepResult};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Pages that are copied at a time: 8 MiB, so that there is something to tell.
const STEP_PAGES: i32 = 1024;

/// How long a step waits that found the file locked, and how often in a row.
const LOCKED_WAIT: Duration = Duration::from_millis(50);
const LOCKED_TRIES: u32 = 1200;

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackedUp {
    /// Its size in bytes.
    pub bytes: u64,
    /// Its runs.
    pub runs: u64,
    /// Its articles.
    pub articles: u64,
    /// Its posts.
    pub posts: u64,
    /// Its snapshots.
    pub snapshots: u64,
    /// Its blobs.
    pub blobs: u64,
}

impl Store {
    /// Copies the archive to a file, as it is at this moment, whatever a run beside it writes meanwhile. The copy gets its
    /// name when it is complete, checked and on the disk; a file that stands there is replaced with `replace` alone.
    /// `tell` hears how many pages are copied, of how many.
    ///
    /// # Errors
    /// [`StoreError::Io`] where a file stands there or none can be made, [`StoreError::NotAnArchive`] where the journal of
    /// another one lies beside it, [`StoreError::Full`], [`StoreError::Corrupt`]
    /// where the copy is not whole, because the archive is not.
    pub fn backup(&self, to: &Path, replace: bool, tell: impl FnMut(u64, u64)) -> Result<BackedUp, StoreError> {
        let io_error = |path: &Path, attempted: &str, source| StoreError::Io {
            path: path.to_owned(),
            attempted: attempted.to_owned(),
            source,
        };
        let to = std::path::absolute(to).map_err(|source| io_error(to, "write the backup", source))?;
        if is_same_file(&to, &self.path) {
            let source = io::Error::other("it is the archive itself");
            return Err(io_error(&to, "write the backup", source));
        }
        if !replace && fs::symlink_metadata(&to).is_ok() {
            let source = io::Error::other("a file is there already; --force replaces it");
            return Err(io_error(&to, "write the backup", source));
        }
        if let Some(left) = super::open::left_beside(&to) {
            let detail = format!(
                "{} belongs to another file of this name and would be read into this one; open that one once, or remove both",
                left.display()
            );
            return Err(StoreError::NotAnArchive { path: to, detail });
        }
        let folder = to.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        fs::create_dir_all(&folder).map_err(|source| io_error(&folder, "make the folder of the backup", source))?;
        // A private folder beside it: gone with whatever SQLite leaves in it, and of the same file system as the name.
        let beside = tempfile::Builder::new().prefix(".embalm-backup-").tempdir_in(&folder);
        let beside = beside.map_err(|source| io_error(&folder, "write a backup in", source))?;
        let partial = beside.path().join("archive.db");
        let backed_up = copy(&self.connection, &partial, tell)
            .map_err(|source| StoreError::from_sqlite(&self.path, "copy the archive", source))?;
        File::open(&partial).and_then(|file| file.sync_all()).map_err(|source| io_error(&to, "write", source))?;
        fs::rename(&partial, &to).map_err(|source| io_error(&to, "name the backup", source))?;
        // Its name is as safe as its bytes; a file system that can't promise it is used all the same.
        let _ = File::open(&folder).and_then(|folder| folder.sync_all());
        Ok(backed_up)
    }
}

/// Whether two paths lead to one file.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other
        || matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
        || is_hard_link(one, other)
}

#[cfg(unix)]
fn is_hard_link(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let file = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((file(one), file(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_hard_link(_one: &Path, _other: &Path) -> bool {
    false
}

/// Copies what a connection sees now to a new file, page by page, and checks it. The connection holds its view of the
/// archive until the end: a writer that commits meanwhile neither changes the copy nor makes it begin anew.
pub(super) fn copy(from: &Connection, to: &Path, mut tell: impl FnMut(u64, u64)) -> rusqlite::Result<BackedUp> {
    let view = from.is_autocommit().then(|| from.unchecked_transaction()).transpose()?;
    from.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut made = Connection::open(to)?;
    {
        let backup = Backup::new(from, &mut made)?;
        let mut locked = 0;
        loop {
            let step = backup.step(STEP_PAGES)?;
            let progress = backup.progress();
            let number = |pages: i32| u64::try_from(pages).unwrap_or(0);
            tell(number(progress.pagecount - progress.remaining), number(progress.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => locked = 0,
                _ if locked < LOCKED_TRIES => {
                    locked += 1;
                    std::thread::sleep(LOCKED_WAIT);
                }
                _ => return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(5), None)),
            }
        }
    }
    drop(view);
    let fault: String = made.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if fault != "ok" {
        let corrupt = rusqlite::ffi::Error::new(11);
        return Err(rusqlite::Error::SqliteFailure(corrupt, Some(format!("the copy is not whole: {fault}"))));
    }
    let count = |table: &str| {
        made.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0))
            .map(super::columns::counted)
    };
    let mut backed_up = BackedUp {
        bytes: 0,
        runs: count("runs")?,
        articles: count("articles")?,
        posts: count("posts")?,
        snapshots: count("snapshots")?,
        blobs: count("blobs")?,
    };
    made.close().map_err(|(_, error)| error)?;
    backed_up.bytes = fs::metadata(to).map_or(0, |metadata| metadata.len());
    Ok(backed_up)
}
