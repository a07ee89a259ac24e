//! A table as Parquet: real types, row groups that readers can leave out by their statistics, in the order of time.
//!
//! Instants are UTC in microseconds, which DuckDB, Spark and pandas all take for what they are. Counts are a map, lists are
//! lists, JSON of no fixed shape is text.

mod columns;

use super::{ExportError, Rows, TABLES_VERSION};
use crate::store::{Cell, Table};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Schema};
use columns::{Builder, field};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::{EnabledStatistics, WriterProperties},
    },
};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Rows of a group: as DuckDB writes them, so that a query of one is a query of many threads.
const GROUP_ROWS: usize = 122_880;

/// A group ends before, where it has so many bytes: what the writer holds in memory.
const GROUP_BYTES: usize = 64 << 20;

/// Rows that are gathered before they are encoded.
const BATCH_ROWS: usize = 1024;

/// The same, in bytes of their texts: articles are long.
const BATCH_BYTES: usize = 8 << 20;

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

pub(super) struct Groups<'a> {
    writer: ArrowWriter<&'a mut (dyn Write + Send)>,
    schema: Arc<Schema>,
    columns: Vec<(usize, Builder)>,
    rows: usize,
    bytes: usize,
    path: PathBuf,
}

impl<'a> Groups<'a> {
    /// Begins a file. In one that is of one platform the column with it is left to the name of its folder.
    pub(super) fn begin(
        table: &'static Table,
        parted: bool,
        out: &'a mut (dyn Write + Send),
        path: &Path,
    ) -> Result<Self, ExportError> {
        let columns: Vec<_> =
            table.columns.iter().enumerate().filter(|(_, column)| !(parted && column.name == "platform")).collect();
        let fields: Vec<_> = columns.iter().map(|(_, column)| field(column)).collect();
        let schema = Arc::new(Schema::new(fields));
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties(table, &schema)))
            .map_err(|error| failed(path, error))?;
        let columns = columns.into_iter().map(|(at, column)| (at, Builder::new(column.kind))).collect();
        Ok(Self { writer, schema, columns, rows: 0, bytes: 0, path: path.to_owned() })
    }

    /// Encodes what was gathered.
    fn batch(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        let arrays = self.columns.iter_mut().map(|(_, builder)| builder.finish()).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)
            .map_err(|error| failed(&self.path, ParquetError::from(error)))?;
        self.writer.write(&batch).map_err(|error| failed(&self.path, error))?;
        if self.writer.in_progress_size() >= GROUP_BYTES {
            self.writer.flush().map_err(|error| failed(&self.path, error))?;
        }
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Rows for Groups<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        for (at, builder) in &mut self.columns {
            self.bytes += builder.append(cells.get(*at).unwrap_or(&Cell::Null));
        }
        self.rows += 1;
        if self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES { self.batch() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.batch()?;
        self.writer.close().map(drop).map_err(|error| failed(&self.path, error))
    }
}

/// Statistics of every page and column, so that readers leave out what can't fit; what the file is, in its metadata.
fn properties(table: &Table, schema: &Schema) -> WriterProperties {
    let time = schema.column_with_name(table.time).and_then(|(at, _)| leaf(schema, at));
    let sorted = time.map(|column_idx| vec![SortingColumn { column_idx, descending: false, nulls_first: true }]);
    let said = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default()))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_sorting_columns(sorted)
        .set_created_by(format!("embalm {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![
            said("embalm.table", table.name.to_owned()),
            said("embalm.tables_version", TABLES_VERSION.to_string()),
            said("embalm.schema_version", crate::store::SCHEMA_VERSION.to_string()),
            said("embalm.sorted_by", table.time.to_owned()),
        ]))
        .build()
}

/// The place of a plain column among the leaves of the schema: Parquet counts those of lists and maps too.
fn leaf(schema: &Schema, column: usize) -> Option<i32> {
    let before = schema.fields().iter().take(column).map(|field| leaves(field.data_type())).sum::<usize>();
    i32::try_from(before).ok()
}

fn leaves(kind: &DataType) -> usize {
    match kind {
        DataType::List(item) | DataType::Map(item, _) => leaves(item.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| leaves(field.data_type())).sum(),
        _ => 1,
    }
}

fn failed(path: &Path, error: ParquetError) -> ExportError {
    let source = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::other(error),
    };
    ExportError::write(path.to_owned(), source)
}
