//! The copy of an older archive that is made before it is upgraded. It stands beside the archive, named by its schema
//! (`embalm.schema7.db`), and stays until a person removes it: when `embalm verify` has found the upgraded archive whole.

use super::{StoreError, open::user_version};
use rusqlite::{Connection, OpenFlags, backup::Backup};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Pages that are copied at once.
const PAGES: std::ffi::c_int = 4096;

/// What an upgrade adds, at most, to an archive of this size: a third for what is entered of its rows.
const GROWTH: u64 = 3;

/// Where the copy of an archive of this schema is kept.
pub(super) fn path_of(archive: &Path, schema: i64) -> PathBuf {
    archive.with_extension(format!("schema{schema}.db"))
}

/// The copies that stand beside an archive, oldest schema first.
#[must_use]
pub fn copies(archive: &Path) -> Vec<PathBuf> {
    (1..super::migrations::KNOWN).map(|schema| path_of(archive, schema)).filter(|path| path.exists()).collect()
}

/// Copies an older archive, checks the copy, and only then gives it its name: under that name is a whole one always. Where
/// a killed upgrade left one, it is made again, because an older embalm may have written in between.
///
/// # Errors
/// [`StoreError::Full`] where there is no room for the copy and what the upgrade adds, [`StoreError::Corrupt`] where the archive
/// is damaged, [`StoreError::Io`] and [`StoreError::ReadOnly`] where the folder can't be written; nothing is upgraded then.
pub(super) fn copy(connection: &Connection, archive: &Path, schema: i64) -> Result<PathBuf, StoreError> {
    let attempted = "back it up before its upgrade";
    let failed = |source| StoreError::from_sqlite(archive, attempted, source);
    let io = |path: &Path, source: std::io::Error| match source.kind() {
        std::io::ErrorKind::StorageFull => {
            StoreError::Full { path: archive.to_owned(), attempted: attempted.to_owned() }
        }
        _ => StoreError::Io { path: path.to_owned(), attempted: "write the backup".to_owned(), source },
    };
    let copy = path_of(archive, schema);
    let new = copy.with_extension("db.new");
    remove(&new);
    let size: i64 = connection
        .query_row("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", [], |row| row.get(0))
        .map_err(failed)?;
    let size = u64::try_from(size).unwrap_or(0);
    let needed = size.saturating_add(size / GROWTH);
    if super::disk::free_bytes(archive.parent().unwrap_or(archive)).is_some_and(|free| free < needed) {
        return Err(StoreError::Full { path: archive.to_owned(), attempted: attempted.to_owned() });
    }
    let made = write(connection, &new, schema);
    if let Err(source) = made {
        remove(&new);
        return Err(failed(source));
    }
    File::open(&new).and_then(|file| file.sync_all()).map_err(|source| io(&new, source))?;
    fs::rename(&new, &copy).map_err(|source| io(&copy, source))?;
    // Its name is as safe as its bytes; a file system that can't promise it is used all the same.
    let _ = copy.parent().map(|folder| File::open(folder).and_then(|folder| folder.sync_all()));
    Ok(copy)
}

/// Writes the copy as one file, and reads it again.
fn write(connection: &Connection, new: &Path, schema: i64) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(new, flags)?;
    Backup::new(connection, &mut copy)?.run_to_completion(PAGES, std::time::Duration::ZERO, None)?;
    // A copy with a journal beside it is two files, and one of them gets lost.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" || user_version(&copy)? != schema {
        let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(damaged, Some(verdict)));
    }
    copy.close().map_err(|(_, error)| error)
}

/// Takes away what a killed attempt left.
fn remove(new: &Path) {
    for ending in ["", "-journal", "-wal", "-shm"] {
        let mut name = new.as_os_str().to_owned();
        name.push(ending);
        // What is not there needs no removing; what can't be removed fails when it is written.
        let _ = fs::remove_file(PathBuf::from(name));
    }
}
