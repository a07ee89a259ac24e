//! Rows for spreadsheets: CSV by RFC 4180.

use serde_json::Value;
use std::borrow::Borrow;

/// The text of one cell; none is empty.
pub type Cell = Option<String>;

/// A field of a record as a cell: lists are joined, objects are JSON.
pub(in crate::report) fn cell(value: Option<&Value>) -> Cell {
    Some(match value? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    })
}

/// Rows as CSV with a header line.
#[must_use]
pub fn rows_as_csv(header: &[impl Borrow<str>], rows: impl Iterator<Item = Vec<Cell>>) -> String {
    header.join(",") + "\r\n" + &csv_rows(rows)
}

/// Rows as CSV without a header line.
pub(in crate::report) fn csv_rows(rows: impl Iterator<Item = Vec<Cell>>) -> String {
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
