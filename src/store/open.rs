//! Opening: an archive is created, upgraded, or refused; a file that is not ours is recognised before SQLite touches it.

use super::{Store, StoreError, articles, beside, current::Standing, entries, index, migrations};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};
use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long to wait for another process's lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// "EMBA": marks the file as an archive of embalm (`PRAGMA application_id`).
const APPLICATION_ID: i64 = 0x454d_4241;

/// 16 % less CPU than 4 KiB pages at the same size; larger ones waste space on small blobs.
const PAGE_SIZE_BYTES: i64 = 8192;

/// Statements that are kept prepared.
const PREPARED_STATEMENTS: usize = 128;

/// The length of an SQLite file's header in bytes (<https://www.sqlite.org/fileformat2.html>, section 1.3).
const HEADER_BYTES: usize = 100;

/// What is escaped in a path that SQLite reads as a URI.
const IN_A_URI: percent_encoding::AsciiSet =
    percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// What stands at a path, by its first bytes.
enum Found {
    Nothing,
    EmptyFile,
    Archive,
}

impl Store {
    /// Opens the archive at `path` for writing, and creates it (and its folder) where there is none. An older archive
    /// is copied beside itself, and then upgraded in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotAnArchive`] and [`StoreError::Newer`] for files that are then left untouched,
    /// [`StoreError::ReadOnly`], [`StoreError::Busy`], [`StoreError::Corrupt`].
    pub fn create_or_open(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        if matches!(inspect(&path)?, Found::Nothing | Found::EmptyFile) {
            if let Some(left) = left_beside(&path) {
                let detail = format!(
                    "{} holds what was written last to an archive that is not here; put that archive back beside it, or remove it",
                    left.display()
                );
                return Err(StoreError::NotAnArchive { path, detail });
            }
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|source| unwritable(&path, "make the folder of", source))?;
            }
            Self::create(&path)?;
        }
        Self::open_for_writing(path)
    }

    /// Makes an archive under another name and gives it its own when it is complete, so that nobody ever sees half of one,
    /// whenever the process is killed. What a killed one left is begun anew.
    fn create(path: &Path) -> Result<(), StoreError> {
        let beside = |ending: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let new = beside(".new");
        for left in ["", "-journal", "-wal", "-shm"] {
            match fs::remove_file(beside(&format!(".new{left}"))) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(unwritable(path, "make the archive", source));
                }
                _ => {}
            }
        }
        drop(Self::open_for_writing(new.clone()).map_err(|error| match error {
            StoreError::ReadOnly { .. } => StoreError::ReadOnly { path: path.to_owned() },
            error => error,
        })?);
        fs::rename(&new, path).map_err(|source| unwritable(path, "make the archive", source))?;
        // Its name is as safe as its bytes; a file system that can't promise it is used all the same.
        let _ = path.parent().map(|folder| File::open(folder).and_then(|folder| folder.sync_all()));
        Ok(())
    }

    /// Opens the archive at `path` for writing; there must be one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], and those of [`Store::create_or_open`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = existing(path)?;
        Self::open_for_writing(path)
    }

    /// Opens the archive at `path` for reading alone; there must be one. It may stand on a read-only medium.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAnArchive`], [`StoreError::Newer`], [`StoreError::Older`],
    /// [`StoreError::Busy`], [`StoreError::Corrupt`].
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = existing(path)?;
        let failed = |source| StoreError::from_sqlite(&path, "open the archive", source);
        let (mut standing, mutable) = (Standing::of(&path, false), read_only(&path, false));
        let connection = match mutable {
            Ok(connection) => connection,
            // Where no file can be made beside it, SQLite reads a WAL archive only as one that nobody changes.
            Err(error) if no_wal(&path) => {
                standing = Standing::of(&path, true);
                read_only(&path, true).map_err(|_| failed(error))?
            }
            Err(error) => return Err(failed(error)),
        };
        let found = user_version(&connection).map_err(failed)?;
        if found > migrations::KNOWN {
            return Err(StoreError::Newer { path, found, known: migrations::KNOWN });
        }
        if found < migrations::KNOWN {
            return Err(StoreError::Older { path, found, known: migrations::KNOWN });
        }
        Ok(Self { connection, path, writable: false, standing })
    }

    /// The same, with room beside the archive for temporary tables. The archive itself can't be written all the same.
    ///
    /// # Errors
    /// As [`Store::open_read_only`].
    pub fn open_read_only_aside(path: &Path) -> Result<Self, StoreError> {
        let store = Self::open_read_only(path)?;
        let failed = |source| StoreError::from_sqlite(&store.path, "open the archive", source);
        store.connection.pragma_update(None, "query_only", false).map_err(failed)?;
        store.connection.pragma_update(None, "temp_store", "FILE").map_err(failed)?;
        Ok(store)
    }

    /// An archive in memory that is gone with the value: for trying out what would be archived.
    ///
    /// # Errors
    /// Where SQLite refuses.
    pub fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(":memory:");
        let failed = |source| StoreError::from_sqlite(&path, "open an archive", source);
        let mut connection = Connection::open_in_memory().map_err(failed)?;
        configure(&connection).map_err(failed)?;
        migrate(&mut connection, &path)?;
        Ok(Self { connection, path, writable: false, standing: None })
    }

    /// Where the archive is: an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open_for_writing(path: PathBuf) -> Result<Self, StoreError> {
        let failed = |source| StoreError::from_sqlite(&path, "open the archive", source);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        // SQLite opens a file that cannot be written for reading, silently.
        if connection.is_readonly("main").map_err(failed)? {
            return Err(StoreError::ReadOnly { path });
        }
        configure(&connection).map_err(failed)?;
        connection.pragma_update(None, "page_size", PAGE_SIZE_BYTES).map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        let found = migrate(&mut connection, &path)?;
        if found > migrations::KNOWN {
            return Err(StoreError::Newer { path, found, known: migrations::KNOWN });
        }
        // After the schema, so that the file's own header always says what it is.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        Ok(Self { connection, path, writable: true, standing: None })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.writable {
            // A convenience: what is in the WAL is as safe there, and the next opening reads it.
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }
}

/// SQLite reads a name that starts with `file:` as a URI; an absolute path never does.
fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|source| StoreError::Io {
        path: path.to_owned(),
        attempted: "find the archive".to_owned(),
        source,
    })
}

fn existing(path: &Path) -> Result<PathBuf, StoreError> {
    let path = absolute(path)?;
    match inspect(&path)? {
        Found::Nothing => Err(StoreError::NotFound { path }),
        Found::EmptyFile => Err(StoreError::NotAnArchive { path, detail: "the file is empty".to_owned() }),
        Found::Archive => Ok(path),
    }
}

/// Looks at the header alone: SQLite would roll back or checkpoint a foreign file by opening it.
fn inspect(path: &Path) -> Result<Found, StoreError> {
    let other = |detail: &str| StoreError::NotAnArchive { path: path.to_owned(), detail: detail.to_owned() };
    let unreadable =
        |source| StoreError::Io { path: path.to_owned(), attempted: "read the archive".to_owned(), source };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            return Err(other("a part of its path is a file, not a folder"));
        }
        Err(error) => return Err(unreadable(error)),
    };
    if metadata.is_dir() {
        return Err(other("it is a folder"));
    }
    if !metadata.is_file() {
        return Err(other("it is not a regular file"));
    }
    if metadata.len() == 0 {
        return Ok(Found::EmptyFile);
    }
    let mut header = Vec::with_capacity(HEADER_BYTES);
    let file = File::open(path).map_err(unreadable)?;
    file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(unreadable)?;
    if header.len() < HEADER_BYTES || !header.starts_with(b"SQLite format 3\0") {
        return Err(other("it is not an SQLite file"));
    }
    let number =
        |at: usize| header.get(at..at + 4).map_or(0, |b| b.iter().fold(0, |n, byte| n << 8 | i64::from(*byte)));
    let (user_version, application_id) = (number(60), number(68));
    if application_id != APPLICATION_ID {
        return Err(other("it is an SQLite file of another program"));
    }
    if user_version > migrations::KNOWN {
        return Err(StoreError::Newer { path: path.to_owned(), found: user_version, known: migrations::KNOWN });
    }
    Ok(Found::Archive)
}

fn unwritable(path: &Path, attempted: &str, source: std::io::Error) -> StoreError {
    match source.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly { path: path.to_owned() }
        }
        _ => StoreError::Io { path: path.to_owned(), attempted: attempted.to_owned(), source },
    }
}

pub(super) fn no_wal(path: &Path) -> bool {
    holds_nothing(path, "-wal").is_ok()
}

/// The journal of a killed writer that lies beside this name, where one does. SQLite would write what it holds into whatever
/// file gets the name, and no check of its own tells that it belongs to another one.
pub(super) fn left_beside(path: &Path) -> Option<PathBuf> {
    ["-wal", "-journal"].into_iter().find_map(|ending| holds_nothing(path, ending).err())
}

/// Whether the journal of this ending is not there, or empty; its name where it is not.
fn holds_nothing(path: &Path, ending: &str) -> Result<(), PathBuf> {
    let mut journal = path.as_os_str().to_owned();
    journal.push(ending);
    let journal = PathBuf::from(journal);
    if fs::metadata(&journal).map_or(true, |metadata| metadata.len() == 0) { Ok(()) } else { Err(journal) }
}

fn read_only(path: &Path, immutable: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = if immutable {
        let name = percent_encoding::percent_encode(path.as_os_str().as_encoded_bytes(), &IN_A_URI);
        Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    configure(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// An archive of any schema, for copying it alone.
pub(super) fn any_schema(path: &Path) -> rusqlite::Result<Connection> {
    read_only(path, false).or_else(|error| if no_wal(path) { read_only(path, true) } else { Err(error) })
}

/// An archive may come from a stranger: its schema gets no powers.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    // One plan for a statement, whatever is bound to it. Else SQLite plans many of them anew for each other value, which
    // costs more than what they find.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)
}

pub(super) fn user_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the steps that are missing, all in one transaction, and returns the version found before; a newer one is
/// left as it is. What is not new is copied beside the archive first.
fn migrate(connection: &mut Connection, path: &Path) -> Result<i64, StoreError> {
    let failed = |source| StoreError::from_sqlite(path, "open the archive", source);
    let found = user_version(connection).map_err(failed)?;
    if found >= migrations::KNOWN {
        return Ok(found);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    // Another process may have been quicker.
    let found = user_version(&transaction).map_err(failed)?;
    let is_older = (1..migrations::KNOWN).contains(&found);
    if is_older {
        // Nobody writes while this transaction is open, and another connection still reads what was there before it.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags).map_err(failed)?;
        let copy = beside::copy(&reader, path, found)?;
        tracing::warn!(
            "{} is of an older version and is upgraded now; it was copied to {} first, which you can remove when `embalm verify` \
             finds the archive whole",
            path.display(),
            copy.display()
        );
    }
    upgrade(&transaction, found).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(found)
}

fn upgrade(transaction: &Connection, found: i64) -> rusqlite::Result<()> {
    for step in migrations::STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    // Before anything that moves words about.
    if (1..migrations::WORDS).contains(&found) {
        index::fill_all(transaction)?;
    }
    if (1..migrations::ALIASES).contains(&found) {
        articles::aliases::fill(transaction)?;
    }
    if (1..migrations::ENTRIES).contains(&found) {
        entries::upgrade::enter_all(transaction, Timestamp::now())?;
    }
    if found < migrations::KNOWN {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", migrations::KNOWN)?;
    }
    Ok(())
}
