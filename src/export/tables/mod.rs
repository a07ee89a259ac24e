//! The archive as tables for programs of others: JSON Lines, CSV, Parquet. Rows go from the archive to the file one at
//! a time; a file has its name when it is whole.

mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod place;

pub use csv::SPREADSHEET_CELL_CHARACTERS;

use super::ExportError;
use crate::store::{Cell, Store, Table, TableChoice, TableReader};
use place::File;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// The layout of what is written: the tables, their columns and types. It grows when one of them changes its meaning.
pub const TABLES_VERSION: u32 = 1;

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableForm {
    /// An object a line.
    Jsonl,
    /// RFC 4180.
    Csv {
        /// For spreadsheets: marked as UTF-8, and nothing in it is taken for a formula.
        spreadsheet: bool,
    },
    /// Columns with statistics. Only with the feature `parquet`.
    Parquet {
        /// A folder a platform, where rows are of platforms.
        by_platform: bool,
    },
}

impl TableForm {
    /// The ending of its files.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv { .. } => "csv",
            Self::Parquet { .. } => "parquet",
        }
    }
}

/// Whether this build writes Parquet.
pub const HAS_PARQUET: bool = cfg!(feature = "parquet");

/// A file of an export by tables, as `embalm export --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct WrittenTable {
    /// Where it is.
    pub path: PathBuf,
    /// The table.
    pub table: &'static str,
    /// The platform, where the file is of one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// How many rows it has.
    pub rows: u64,
    /// In bytes.
    pub bytes: u64,
}

/// Takes rows of one table.
trait Rows {
    fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError>;
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// Writes tables into a folder, a file each, or a folder each where they are parted by platform.
///
/// # Errors
/// [`ExportError::Foreign`] where something else has the name of a file or a folder of it, and all that ends an export.
pub fn tables(
    store: &Store,
    choice: &TableChoice,
    tables: &[&'static Table],
    form: TableForm,
    folder: &Path,
    told: &mut dyn FnMut(&WrittenTable) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let failed = |source| ExportError::Folder { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    store.read_tables(choice, |reader| {
        for table in tables {
            let whole = folder.join(format!("{}.{}", table.name, form.ending()));
            if !matches!(form, TableForm::Parquet { by_platform: true }) || !table.has_platforms() {
                told(&file(reader, table, None, form, whole)?)?;
                continue;
            }
            let parted = place::Parted::begin(&folder.join(table.name))?;
            let mut written = Vec::new();
            for platform in reader.platforms(table)? {
                let (place, path) = parted.part("platform", &platform, form.ending())?;
                let part = file(reader, table, Some(platform), form, place)?;
                written.push(WrittenTable { path, ..part });
            }
            parted.finish()?;
            written.iter().try_for_each(&mut *told)?;
        }
        Ok(())
    })
}

/// Writes one table to one file.
///
/// # Errors
/// All that ends an export.
pub fn table_file(
    store: &Store,
    choice: &TableChoice,
    table: &'static Table,
    form: TableForm,
    path: &Path,
) -> Result<WrittenTable, ExportError> {
    store.read_tables(choice, |reader| file(reader, table, None, form, path.to_owned()))
}

/// Writes one table to `out`. How many rows there were.
///
/// # Errors
/// All that ends an export.
pub fn table_stream(
    store: &Store,
    choice: &TableChoice,
    table: &'static Table,
    form: TableForm,
    out: &mut (dyn Write + Send),
) -> Result<u64, ExportError> {
    store.read_tables(choice, |reader| {
        let to = Path::new("-");
        write(reader, table, None, rows(table, false, form, out, to)?)
    })
}

fn file(
    reader: &TableReader<'_>,
    table: &'static Table,
    platform: Option<String>,
    form: TableForm,
    path: PathBuf,
) -> Result<WrittenTable, ExportError> {
    let mut file = File::begin(path)?;
    let parted = platform.is_some();
    let path = file.path().to_owned();
    let count = write(reader, table, platform.as_deref(), rows(table, parted, form, &mut file, &path)?)?;
    let bytes = file.finish()?;
    Ok(WrittenTable { path, table: table.name, platform, rows: count, bytes })
}

fn rows<'a>(
    table: &'static Table,
    parted: bool,
    form: TableForm,
    out: &'a mut (dyn Write + Send),
    path: &Path,
) -> Result<Box<dyn Rows + 'a>, ExportError> {
    Ok(match form {
        TableForm::Jsonl => Box::new(jsonl::Lines::new(table, out, path)),
        TableForm::Csv { spreadsheet } => Box::new(csv::Lines::begin(table, spreadsheet, out, path)?),
        #[cfg(feature = "parquet")]
        TableForm::Parquet { .. } => Box::new(parquet::Groups::begin(table, parted, out, path)?),
        #[cfg(not(feature = "parquet"))]
        TableForm::Parquet { .. } => {
            let _ = parted;
            return Err(ExportError::NotBuilt { what: "Parquet", feature: "parquet" });
        }
    })
}

fn write(
    reader: &TableReader<'_>,
    table: &Table,
    platform: Option<&str>,
    mut rows: Box<dyn Rows + '_>,
) -> Result<u64, ExportError> {
    let count = reader.rows(table, platform, |cells| rows.row(cells))?;
    rows.finish()?;
    Ok(count)
}
