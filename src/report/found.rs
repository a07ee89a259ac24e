//! The records of one page, as `detect` prints them. Made where the page is searched, on many threads, and only written
//! where all is printed.

use super::{
    Format, excerpt, printable,
    table::{cell, csv_rows},
};
use crate::model::{EMBED_SCHEMA, EmbedRecord};
use serde::Serialize;
use serde_json::Value;

/// The columns of CSV.
const COLUMNS: [&str; 8] = ["article", "position", "platform", "post_id", "url", "form", "scope", "quoted"];

/// Words of a quotation that a person is shown, in characters.
const EXCERPT_WIDTH: usize = 70;

/// What stands before all records.
#[must_use]
pub fn found_head(format: Format) -> Vec<u8> {
    match format {
        Format::Csv => format!("{}\r\n", COLUMNS.join(",")).into_bytes(),
        Format::Json | Format::Table => Vec::new(),
    }
}

/// The records of one page: lines, each with its ending.
#[must_use]
pub fn found(records: &[EmbedRecord], format: Format) -> Vec<u8> {
    match format {
        Format::Json => {
            let mut out = Vec::with_capacity(records.len() * 512);
            for record in records {
                serde_json::to_writer(&mut out, record).expect("a record is JSON, and memory takes all of it");
                out.push(b'\n');
            }
            out
        }
        Format::Csv => {
            let cells = |record: &EmbedRecord| {
                let value = serde_json::to_value(record).unwrap_or(Value::Null);
                COLUMNS.iter().map(|name| cell(value.get(*name))).collect()
            };
            csv_rows(records.iter().map(cells)).into_bytes()
        }
        Format::Table => records.iter().map(|record| line(record) + "\n").collect::<String>().into_bytes(),
    }
}

/// What came of one page: the line after its records that says that they are all there.
#[derive(Debug, Serialize)]
pub struct PageLine<'a> {
    /// Its place among the pages of all inputs, from 0.
    pub page: u64,
    /// As in its records; for a page that could not be read, its place in the input.
    pub article: &'a str,
    /// Its records, which stand before this line.
    pub records: usize,
    /// Why it has none; null where it was searched.
    pub error: Option<&'a str>,
    /// Where the search of it ended early.
    pub cut_short: &'a [String],
}

/// The line of a page.
#[must_use]
pub fn page_line(line: &PageLine<'_>) -> Vec<u8> {
    let mut out = serde_json::to_vec(line).expect("text and numbers are JSON");
    out.push(b'\n');
    out
}

/// The line before all records where pages are told: whose words follow, and in which version of the records.
#[must_use]
pub fn pages_head() -> Vec<u8> {
    format!("{{\"embalm\":\"{}\",\"schema\":{EMBED_SCHEMA}}}\n", env!("CARGO_PKG_VERSION")).into_bytes()
}

fn line(record: &EmbedRecord) -> String {
    let target = match (&record.platform, &record.post_id, &record.url) {
        (Some(platform), Some(id), _) => format!("{platform}:{id}"),
        (Some(platform), None, Some(url)) => format!("{platform} {url}"),
        (platform, ..) => format!("{} post without an address", platform.as_deref().unwrap_or("a")),
    };
    let handle = record.quoted.author_handle.as_ref().map(|handle| format!("@{handle}: ")).unwrap_or_default();
    let text = excerpt(record.quoted.text.as_deref().unwrap_or_default(), EXCERPT_WIDTH);
    let (form, scope) = (record.form.as_str(), record.scope.as_str());
    let line = format!("{}  {target}  {form}  {scope}  {handle}{text}", record.article);
    printable(&line).trim_end().to_owned()
}
