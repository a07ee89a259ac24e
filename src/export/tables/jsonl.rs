//! A table as JSON Lines: an object a row, its columns in their order, nothing left out.

use super::{ExportError, Rows};
use crate::store::{Cell, Table};
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

pub(super) struct Lines<'a> {
    table: &'static Table,
    out: &'a mut (dyn Write + Send),
    path: PathBuf,
}

impl<'a> Lines<'a> {
    pub(super) fn new(table: &'static Table, out: &'a mut (dyn Write + Send), path: &Path) -> Self {
        Self { table, out, path: path.to_owned() }
    }
}

impl Rows for Lines<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        let line = serde_json::to_vec(&Row { table: self.table, cells }).map_err(std::io::Error::from);
        let written = line.and_then(|mut line| {
            line.push(b'\n');
            self.out.write_all(&line)
        });
        written.map_err(|source| ExportError::write(self.path.clone(), source))
    }

    fn finish(self: Box<Self>) -> Result<(), ExportError> {
        self.out.flush().map_err(|source| ExportError::write(self.path.clone(), source))
    }
}

struct Row<'a> {
    table: &'static Table,
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cells.len()))?;
        for (column, cell) in self.table.columns.iter().zip(self.cells) {
            map.serialize_entry(column.name, cell)?;
        }
        map.end()
    }
}
