//! The other archive: opened for reading alone, upgraded in a copy where it is older, and checked before anything is taken.

use crate::{
    model::Fault,
    store::{
        CHECKS, Store, StoreError, Verifying, backup, migrations, open,
        verify::{
            Witness,
            pages::{added_triggers, schema_faults},
        },
    },
};
use rusqlite::Connection;
use std::path::Path;

/// An archive to be merged, and the folder of its copy, where it needed one.
pub(super) struct Other {
    store: Store,
    folder: Option<tempfile::TempDir>,
}

impl Other {
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Whether it is an upgraded copy.
    pub(super) fn is_copy(&self) -> bool {
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

fn upgraded(path: &Path, into: &Path, schema: i64) -> Result<Other, StoreError> {
    let beside = into.parent().unwrap_or_else(|| Path::new("."));
    let folder = tempfile::Builder::new().prefix(".embalm-merge-").tempdir_in(beside).map_err(|source| {
        StoreError::Io { path: beside.to_owned(), attempted: "make a copy of an older archive in".to_owned(), source }
    })?;
    let copy = folder.path().join("archive.db");
    open::any_schema(path)
        .and_then(|older| backup::copy(&older, &copy, |_, _| ()))
        .map_err(|source| StoreError::from_sqlite(path, "copy an older archive", source))?;
    let strange = harmless(&copy, schema).map_err(|source| StoreError::from_sqlite(path, "read its schema", source))?;
    if let Some((name, detail)) = strange {
        return Err(StoreError::Corrupt {
            path: path.to_owned(),
            attempted: format!("merge an archive of schema {schema}"),
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

/// Whether the archive is one of ours and hangs together: its schema, its pages, its references, every text and instant.
/// Its bytes are compared with their digests when they are taken.
pub(super) fn check(other: &Store) -> Result<(), StoreError> {
    // The schema by itself: a view of a stranger's may never end, and the other checks ask views.
    let others: Vec<&str> = CHECKS.into_iter().filter(|check| *check != "schema").collect();
    check_without(other, &others)?;
    check_without(other, &["schema", "blobs", "search"])
}

fn check_without(other: &Store, left_out: &[&str]) -> Result<(), StoreError> {
    let mut first: Option<Fault> = None;
    let verified = other.verify_without(left_out, &Witness::default(), |step| {
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
        path: other.path().to_owned(),
        attempted: format!("merge an archive of schema {}", migrations::KNOWN),
        detail: format!("{}: {}{row}: {}{more}; `embalm verify` tells all", fault.check, fault.table, fault.detail),
    })
}
