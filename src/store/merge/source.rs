//! The other archive: opened for reading alone, and checked before anything is taken. Where it is older it is upgraded in a copy;
//! where it hides anything, that is put back in a copy, for rows are compared by what they say.

use crate::{
    model::Fault,
    store::{
        CHECKS, Store, StoreError, Verifying, backup, open, redact,
        verify::{
            Witness,
            pages::{added_triggers, schema_faults},
        },
    },
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The text of one row, at most, in bytes. A page of 16 MiB, the greatest that is read, has a few such texts.
const MAX_ROW_BYTES: i64 = 128 << 20;

/// What is told where a source is refused.
const ATTEMPTED: &str = "merge what stands";

/// An archive to be merged, and the folder of its copy, where it needed one.
pub(super) struct Other {
    store: Store,
    /// Where its copy is, if it needed one.
    folder: Option<TempDir>,
}

impl Other {
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Whether it is an upgraded copy.
    pub(super) fn is_upgraded(&self) -> bool {
        self.folder.is_some()
    }
}

/// Opens the archive at `path`. One of an older schema stays as it is: a copy of it beside the archive at `into` is upgraded.
pub(super) fn open(path: &Path, into: &Path) -> Result<Other, StoreError> {
    if backup::is_same_file(path, into) {
        let detail = "it is the archive that it was to be merged into".to_owned();
        return Err(StoreError::NotAnArchive { path: path.to_owned(), detail });
    }
    match Store::open_read_only_aside(path) {
        Ok(store) => Ok(Other { store, folder: None }),
        Err(StoreError::Older { found, .. }) => upgraded(path, into, found),
        Err(error) => Err(error),
    }
}

/// A copy of the other archive in a folder of its own beside this one.
fn copied(path: &Path, into: &Path, other: &Connection) -> Result<(TempDir, PathBuf), StoreError> {
    let beside = into.parent().unwrap_or_else(|| Path::new("."));
    let folder = tempfile::Builder::new().prefix(".embalm-merge-").tempdir_in(beside).map_err(|source| {
        StoreError::Io { path: beside.to_owned(), attempted: "make a copy of an archive in".to_owned(), source }
    })?;
    let copy = folder.path().join("archive.db");
    backup::copy(other, &copy, |_, _| ()).map_err(|source| StoreError::from_sqlite(path, "copy an archive", source))?;
    Ok((folder, copy))
}

/// A copy in which nothing is hidden any more, of an archive that was checked; none where it hides nothing. What was kept aside is
/// held against what was entered.
pub(super) fn revealed(other: &Other, path: &Path, into: &Path) -> Result<Option<Other>, StoreError> {
    if !other.store.read("look for what is hidden", redact::hides)? {
        return Ok(None);
    }
    let (folder, copy) = copied(path, into, &other.store.connection)?;
    let mut store = Store::open(&copy)?;
    if let Some((table, row)) = store.write("put back what is hidden", redact::reveal_checked)? {
        return Err(StoreError::Corrupt {
            path: path.to_owned(),
            attempted: ATTEMPTED.to_owned(),
            detail: format!("{table} {row}: what is kept aside of it is not what was entered"),
        });
    }
    drop(store);
    Ok(Some(Other { store: Store::open_read_only_aside(&copy)?, folder: Some(folder) }))
}

fn upgraded(path: &Path, into: &Path, schema: i64) -> Result<Other, StoreError> {
    let older =
        open::any_schema(path).map_err(|source| StoreError::from_sqlite(path, "copy an older archive", source))?;
    let (folder, copy) = copied(path, into, &older)?;
    drop(older);
    let strange = harmless(&copy, schema).map_err(|source| StoreError::from_sqlite(path, "read its schema", source))?;
    if let Some((name, detail)) = strange {
        return Err(StoreError::Corrupt {
            path: path.to_owned(),
            attempted: ATTEMPTED.to_owned(),
            detail: format!("schema: {name}: {detail}"),
        });
    }
    drop(Store::open(&copy)?);
    Ok(Other { store: Store::open_read_only_aside(&copy)?, folder: Some(folder) })
}

/// What of an older schema is not as embalm made it. The upgrade writes, and triggers of a stranger's would run: they are
/// taken out of the copy.
fn harmless(copy: &Path, schema: i64) -> rusqlite::Result<Option<(String, String)>> {
    let copy = Connection::open(copy)?;
    for trigger in added_triggers(&copy, schema)? {
        copy.execute_batch(&format!("DROP TRIGGER \"{}\"", trigger.replace('"', "\"\"")))?;
    }
    Ok(schema_faults(&copy, schema)?.into_iter().next())
}

/// Whether the archive is one of ours: its schema. It comes before anything else: a view of a stranger's may never end, and
/// whatever is asked of it asks views. And whether each of its rows can be held.
pub(super) fn check_schema(other: &Store, path: &Path) -> Result<(), StoreError> {
    check(other, path, &["schema"])?;
    let failed = |source| StoreError::from_sqlite(path, ATTEMPTED, source);
    match too_large(&other.connection).map_err(failed)? {
        None => Ok(()),
        Some(table) => Err(StoreError::Corrupt {
            path: path.to_owned(),
            attempted: ATTEMPTED.to_owned(),
            detail: format!("a row of {table} has more than {} MB of text", MAX_ROW_BYTES >> 20),
        }),
    }
}

/// Whether its runs are those that they say: each one's record against its digest, its entries against its root.
pub(super) fn check_runs(other: &Store, path: &Path) -> Result<(), StoreError> {
    check(other, path, &["runs", "stamps"])
}

/// Whether it hangs together: its pages, its references, every text and instant, every row against what was entered of it.
/// Its bytes are compared with their digests when they are taken.
pub(super) fn check_all(other: &Store, path: &Path) -> Result<(), StoreError> {
    check(other, path, &["pages", "references", "rows", "entries", "runs", "stamps"])
}

/// A table with a row of more text than any page or answer has, if there is one. Only the rows' heads are read.
fn too_large(other: &Connection) -> rusqlite::Result<Option<String>> {
    let mut tables = other.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'redacted_rows'",
    )?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in tables {
        let mut columns = other.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
        let columns: Vec<String> = columns.query_map([&table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        // A file's own bytes are read in parts.
        let columns = columns.iter().filter(|column| table != "blobs" || *column != "data");
        let lengths: Vec<String> =
            columns.map(|name| format!("coalesce(octet_length(\"{}\"), 0)", name.replace('"', "\"\""))).collect();
        let question = format!(
            "SELECT EXISTS (SELECT 1 FROM \"{}\" WHERE {} > ?1)",
            table.replace('"', "\"\""),
            lengths.join(" + ")
        );
        if other.query_row(&question, [MAX_ROW_BYTES], |row| row.get(0))? {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// `path`: what the user calls it; it may be a copy that is looked at.
fn check(other: &Store, path: &Path, checks: &[&str]) -> Result<(), StoreError> {
    let left_out: Vec<&str> = CHECKS.into_iter().filter(|check| !checks.contains(check)).collect();
    let mut first: Option<Fault> = None;
    let verified = other.verify_without(&left_out, &Witness::default(), |step| {
        if let Verifying::Fault(fault) = step
            && first.is_none()
        {
            first = Some(fault);
        }
    })?;
    let Some(fault) = first else { return Ok(()) };
    let row = fault.row.map(|row| format!(" {row}")).unwrap_or_default();
    let more = if verified.faults > 1 { format!(", and {} more", verified.faults - 1) } else { String::new() };
    Err(StoreError::Corrupt {
        path: path.to_owned(),
        attempted: ATTEMPTED.to_owned(),
        detail: format!("{}: {}{row}: {}{more}; `embalm verify` tells all", fault.check, fault.table, fault.detail),
    })
}
