//! A table as Parquet: real types, row groups that readers can leave out by their statistics, in the order of time.
//!
//! Instants are UTC in microseconds, which DuckDB, Spark and pandas all take for what they are. Counts are a map, lists are
//! lists, JSON of no fixed shape is text.

use super::{ExportError, Rows, TABLES_VERSION};
use crate::{
    model::MediaRecord,
    store::{Cell, Column, ColumnKind, Table},
};
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{
        BooleanBuilder, Int64Builder, ListBuilder, MapBuilder, MapFieldNames, StringBuilder, StructBuilder,
        TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
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

/// The time zone of instants.
const UTC: &str = "UTC";

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

fn field(column: &Column) -> Field {
    Field::new(column.name, kind(column.kind), column.optional)
}

fn kind(kind: ColumnKind) -> DataType {
    match kind {
        ColumnKind::Int => DataType::Int64,
        ColumnKind::Bool => DataType::Boolean,
        ColumnKind::Text | ColumnKind::Json => DataType::Utf8,
        ColumnKind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        ColumnKind::Texts => DataType::List(text_item()),
        ColumnKind::Files => DataType::List(file_item()),
        ColumnKind::Counts => {
            let entry = Fields::from(vec![
                Field::new("key", DataType::Utf8, false),
                Field::new("value", DataType::Int64, false),
            ]);
            DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(entry), false)), false)
        }
    }
}

fn text_item() -> Arc<Field> {
    Arc::new(Field::new("element", DataType::Utf8, false))
}

fn file_item() -> Arc<Field> {
    Arc::new(Field::new("element", DataType::Struct(file_fields()), false))
}

/// The fields of a file of a post, as `list posts --json` has them.
fn file_fields() -> Fields {
    Fields::from(vec![
        Field::new("kind", DataType::Utf8, false),
        Field::new("url", DataType::Utf8, false),
        Field::new("sha256", DataType::Utf8, true),
        Field::new("mime", DataType::Utf8, true),
        Field::new("size_bytes", DataType::Int64, true),
        Field::new("width_px", DataType::Int64, true),
        Field::new("height_px", DataType::Int64, true),
        Field::new("alt", DataType::Utf8, true),
    ])
}

/// A column that is being gathered.
enum Builder {
    Int(Int64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Instant(TimestampMicrosecondBuilder),
    Texts(ListBuilder<StringBuilder>),
    Counts(Box<MapBuilder<StringBuilder, Int64Builder>>),
    Files(FilesBuilder),
}

impl Builder {
    fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Int => Self::Int(Int64Builder::new()),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnKind::Text | ColumnKind::Json => Self::Text(StringBuilder::new()),
            ColumnKind::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            ColumnKind::Texts => Self::Texts(ListBuilder::new(StringBuilder::new()).with_field(text_item())),
            ColumnKind::Counts => {
                let names = MapFieldNames { entry: "key_value".into(), key: "key".into(), value: "value".into() };
                let map = MapBuilder::new(Some(names), StringBuilder::new(), Int64Builder::new());
                Self::Counts(Box::new(map.with_values_field(Field::new("value", DataType::Int64, false))))
            }
            ColumnKind::Files => Self::Files(FilesBuilder::new()),
        }
    }

    /// Adds a cell; one of another kind than the column's is nothing. About how many bytes it has.
    fn append(&mut self, cell: &Cell) -> usize {
        match (self, cell) {
            (Self::Int(column), cell) => column.append_option(match cell {
                Cell::Int(number) => Some(*number),
                _ => None,
            }),
            (Self::Bool(column), cell) => column.append_option(match cell {
                Cell::Bool(truth) => Some(*truth),
                _ => None,
            }),
            (Self::Instant(column), cell) => column.append_option(match cell {
                Cell::Instant(at) => Some(at.as_microsecond()),
                _ => None,
            }),
            (Self::Text(column), Cell::Text(text)) => {
                column.append_value(text);
                return text.len();
            }
            (Self::Text(column), Cell::Json(value)) => {
                let text = value.to_string();
                column.append_value(&text);
                return text.len();
            }
            (Self::Text(column), _) => column.append_null(),
            (Self::Texts(column), cell) => {
                let texts: &[String] = if let Cell::Texts(texts) = cell { texts } else { &[] };
                texts.iter().for_each(|text| column.values().append_value(text));
                column.append(true);
                return texts.iter().map(String::len).sum();
            }
            (Self::Counts(column), cell) => {
                for (name, number) in
                    if let Cell::Counts(counts) = cell { Some(counts) } else { None }.into_iter().flatten()
                {
                    column.keys().append_value(name);
                    column.values().append_value(i64::try_from(*number).unwrap_or(i64::MAX));
                }
                // It has as many keys as values.
                let _ = column.append(true);
            }
            (Self::Files(column), cell) => {
                column.append(if let Cell::Files(files) = cell { files } else { &[] });
            }
        }
        size_of::<i64>()
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Text(column) => Arc::new(column.finish()),
            Self::Instant(column) => Arc::new(column.finish()),
            Self::Texts(column) => Arc::new(column.finish()),
            Self::Counts(column) => Arc::new(column.finish()),
            Self::Files(column) => Arc::new(column.0.finish()),
        }
    }
}

struct FilesBuilder(ListBuilder<StructBuilder>);

impl FilesBuilder {
    fn new() -> Self {
        let item = StructBuilder::from_fields(file_fields(), 0);
        Self(ListBuilder::new(item).with_field(file_item()))
    }

    fn append(&mut self, files: &[MediaRecord]) {
        for file in files {
            let item = self.0.values();
            let number = |number: Option<u32>| number.map(i64::from);
            let size = file.size_bytes.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
            text(item, 0, Some(file.kind.as_str()));
            text(item, 1, Some(&file.url));
            text(item, 2, file.sha256.as_deref());
            text(item, 3, file.mime.as_deref());
            int(item, 4, size);
            int(item, 5, number(file.width_px));
            int(item, 6, number(file.height_px));
            text(item, 7, file.alt.as_deref());
            item.append(true);
        }
        self.0.append(true);
    }
}

fn text(item: &mut StructBuilder, at: usize, value: Option<&str>) {
    if let Some(builder) = item.field_builder::<StringBuilder>(at) {
        builder.append_option(value);
    }
}

fn int(item: &mut StructBuilder, at: usize, value: Option<i64>) {
    if let Some(builder) = item.field_builder::<Int64Builder>(at) {
        builder.append_option(value);
    }
}
