//! `embalm export parquet` as a user runs it, read back with the crate that wrote it.

use crate::archive::{embalm, ends, folder};
use arrow_array::{
    Array as _, Int64Array, ListArray, MapArray, StringArray, TimestampMicrosecondArray, cast::AsArray as _,
};
use arrow_schema::{DataType, TimeUnit};
use embalm::store::{ColumnKind, TABLES};
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    file::metadata::PageIndexPolicy,
};
use std::{fs::File, path::Path};
use tempfile::TempDir;

fn export(arguments: &[&str]) -> String {
    ends(embalm(folder()).args(["export", "parquet"]).args(arguments), 0).0
}

fn jsonl(table: &str) -> Vec<serde_json::Value> {
    let (text, _) = ends(embalm(folder()).args(["export", "jsonl", "--table", table, "--out", "-"]), 0);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn metadata(path: &Path) -> ArrowReaderMetadata {
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    ArrowReaderMetadata::load(&File::open(path).unwrap(), options).unwrap()
}

#[test]
fn every_table_has_its_columns_with_real_types_statistics_and_a_page_index() {
    let out = TempDir::new().unwrap();
    export(&["--out", out.path().to_str().unwrap()]);
    for table in TABLES {
        let read = metadata(&out.path().join(format!("{}.parquet", table.name)));
        for (field, column) in read.schema().fields().iter().zip(table.columns) {
            assert_eq!((field.name().as_str(), field.is_nullable()), (column.name, column.optional), "{}", table.name);
            let fits = match (column.kind, field.data_type()) {
                (ColumnKind::Int, DataType::Int64)
                | (ColumnKind::Bool, DataType::Boolean)
                | (ColumnKind::Text | ColumnKind::Json, DataType::Utf8)
                | (ColumnKind::Texts | ColumnKind::Files, DataType::List(_))
                | (ColumnKind::Counts, DataType::Map(..)) => true,
                (ColumnKind::Instant, DataType::Timestamp(TimeUnit::Microsecond, Some(zone))) => &**zone == "UTC",
                _ => false,
            };
            assert!(fits, "{}.{} is {:?}", table.name, column.name, field.data_type());
        }
        let file = read.metadata();
        assert_eq!(file.file_metadata().num_rows() as usize, jsonl(table.name).len(), "{}", table.name);
        let said = file.file_metadata().key_value_metadata().unwrap();
        let said = |key: &str| said.iter().find(|entry| entry.key == key).unwrap().value.clone().unwrap();
        assert_eq!(said("embalm.table"), table.name);
        assert_eq!(
            (said("embalm.tables_version"), said("embalm.schema_version")),
            ("1".to_owned(), embalm::store::SCHEMA_VERSION.to_string())
        );
        for group in file.row_groups() {
            let sorted = &group.sorting_columns().unwrap()[0];
            let by = &group.columns()[usize::try_from(sorted.column_idx).unwrap()];
            assert_eq!(by.column_path().string(), table.time);
            assert!(group.columns().iter().all(|column| column.statistics().is_some()), "{}", table.name);
        }
        assert!(file.page_index().is_some(), "{}", table.name);
    }
}

#[test]
fn what_is_read_back_is_what_json_lines_say() {
    let out = TempDir::new().unwrap();
    let path = out.path().join("posts.parquet");
    export(&["--table", "posts", "--out", path.to_str().unwrap()]);
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
    let (batch, rows) = (reader.next().unwrap().unwrap(), jsonl("posts"));
    assert_eq!(batch.num_rows(), rows.len());
    let keys: &StringArray = batch["key"].as_string();
    let captured: &TimestampMicrosecondArray = batch["captured_at"].as_primitive();
    let snapshots: &Int64Array = batch["snapshots"].as_primitive();
    let (media, counts): (&ListArray, &MapArray) = (batch["media"].as_list(), batch["counts"].as_map());
    let mut files = 0;
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(keys.value(at), row["key"]);
        assert_eq!(snapshots.value(at), row["snapshots"]);
        let time = row["captured_at"].as_str().map(|time| time.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        assert_eq!(captured.is_valid(at).then(|| captured.value(at)), time);
        assert_eq!(counts.value_length(at) as usize, row["counts"].as_object().unwrap().len());
        let listed = row["media"].as_array().unwrap();
        assert_eq!(media.value_length(at) as usize, listed.len());
        for (number, file) in listed.iter().enumerate() {
            let item = media.value(at);
            let url: &StringArray = item.as_struct().column_by_name("url").unwrap().as_string();
            assert_eq!(url.value(number), file["url"]);
            files += 1;
        }
    }
    assert!(files > 10);
}

#[test]
fn a_table_in_parts_has_a_folder_a_platform_and_replaces_the_one_before() {
    let out = TempDir::new().unwrap();
    let place = out.path().to_str().unwrap();
    for _ in 0..2 {
        export(&["--partition", "platform", "--out", place]);
        let posts = jsonl("posts");
        let mut rows = 0;
        for entry in std::fs::read_dir(out.path().join("posts")).unwrap() {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let Some(platform) = name.strip_prefix("platform=") else {
                assert_eq!(name, "_embalm");
                continue;
            };
            let read = metadata(&folder.join("part-00000.parquet"));
            assert!(read.schema().column_with_name("platform").is_none());
            let expected = posts.iter().filter(|post| post["platform"] == platform).count();
            let found = read.metadata().file_metadata().num_rows();
            assert_eq!(usize::try_from(found).unwrap(), expected, "{platform}");
            rows += expected;
        }
        assert_eq!(rows, posts.len());
        assert!(out.path().join("runs.parquet").is_file(), "runs are of no platform");
    }
    let other = out.path().join("other");
    std::fs::create_dir_all(other.join("posts/mine")).unwrap();
    let arguments =
        ["export", "parquet", "--partition", "platform", "--table", "posts", "--out", other.to_str().unwrap()];
    let (_, told) = ends(embalm(folder()).args(arguments), 2);
    assert!(told.contains("no earlier export made it"), "{told}");
}

#[test]
fn two_exports_of_one_archive_are_equal_to_the_byte() {
    let out = TempDir::new().unwrap();
    let read = |name: &str| {
        let path = out.path().join(name);
        export(&["--table", "posts", "--out", path.to_str().unwrap()]);
        std::fs::read(path).unwrap()
    };
    assert!(read("one.parquet") == read("two.parquet"));
}
