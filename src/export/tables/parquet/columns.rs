//! Columns of a table as Parquet types them, and their cells as they are gathered.

use crate::{
    model::MediaRecord,
    store::{Cell, Column, ColumnKind},
};
use arrow_array::{
    ArrayRef,
    builder::{
        BooleanBuilder, Int64Builder, ListBuilder, MapBuilder, MapFieldNames, StringBuilder, StructBuilder,
        TimestampMicrosecondBuilder,
    },
};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use std::sync::Arc;

/// The time zone of instants.
const UTC: &str = "UTC";

/// A column as Parquet declares it.
pub(super) fn field(column: &Column) -> Field {
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
pub(super) enum Builder {
    Int(Int64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Instant(TimestampMicrosecondBuilder),
    Texts(ListBuilder<StringBuilder>),
    Counts(Box<MapBuilder<StringBuilder, Int64Builder>>),
    Files(FilesBuilder),
}

impl Builder {
    pub(super) fn new(kind: ColumnKind) -> Self {
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
    pub(super) fn append(&mut self, cell: &Cell) -> usize {
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

    pub(super) fn finish(&mut self) -> ArrayRef {
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

/// Lists of files.
pub(super) struct FilesBuilder(ListBuilder<StructBuilder>);

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
