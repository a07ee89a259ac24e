//! Rows for people (a table as wide as the terminal) and for spreadsheets (CSV by RFC 4180).

use super::{Style, excerpt};
use comfy_table::{Attribute, ContentArrangement, Table, presets};
use serde_json::Value;
use std::borrow::Borrow;

/// Characters of one cell of a table; CSV has them all.
const CELL_WIDTH: usize = 90;

/// The text of one cell; none is empty.
pub type Cell = Option<String>;

/// A field of a record as a cell: lists are joined, objects are JSON.
pub(super) fn cell(value: Option<&Value>) -> Cell {
    Some(match value? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    })
}

/// A table that fits the terminal, one line a row where it is a pipe.
pub(super) fn table(header: &[&str], rows: impl Iterator<Item = Vec<Cell>>, style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    // The table counts the width of its own attributes as none, which it can't do for escape codes in the text.
    table.set_header(header.iter().map(|name| {
        let cell = comfy_table::Cell::new(name);
        if style.is_on() { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    if style.is_on() {
        table.enforce_styling();
    }
    for row in rows {
        table.add_row(row.into_iter().map(|cell| excerpt(&cell.unwrap_or_default(), CELL_WIDTH)));
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Rows as CSV with a header line.
#[must_use]
pub fn rows_as_csv(header: &[impl Borrow<str>], rows: impl Iterator<Item = Vec<Cell>>) -> String {
    header.join(",") + "\r\n" + &csv_rows(rows)
}

/// Rows as CSV without a header line.
pub(super) fn csv_rows(rows: impl Iterator<Item = Vec<Cell>>) -> String {
    let mut out = String::new();
    for row in rows {
        let cells: Vec<_> = row.into_iter().map(|cell| csv_cell(&cell.unwrap_or_default())).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_would_break_a_row() {
        let row = vec![Some("a,b".to_owned()), Some("say \"x\"\nthere".to_owned()), None];
        assert_eq!(
            rows_as_csv(&["x", "y", "z"], std::iter::once(row)),
            "x,y,z\r\n\"a,b\",\"say \"\"x\"\"\nthere\",\r\n"
        );
    }
}
