//! A table as CSV (RFC 4180, UTF-8). Lists and objects are JSON in their cells; nothing is an empty cell.
//!
//! Spreadsheets run what begins with `=`, `+`, `-` or `@` (<https://owasp.org/www-community/attacks/CSV_Injection>), round
//! numbers of more than 15 digits, and break a row at a cell of more than 32,767 characters. For them, such texts begin with
//! an apostrophe, and longer ones end in an ellipsis.

use super::{ExportError, Rows};
use crate::store::{Cell, Table};
use std::{
    borrow::Cow,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What a cell of a spreadsheet can hold
/// (<https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>).
pub const SPREADSHEET_CELL_CHARACTERS: usize = 32_767;

/// The digits of a number that a spreadsheet keeps, by the same page.
const SPREADSHEET_DIGITS: usize = 15;

/// Tells a spreadsheet that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Lines<'a> {
    writer: csv::Writer<&'a mut (dyn Write + Send)>,
    spreadsheet: bool,
    path: PathBuf,
}

impl<'a> Lines<'a> {
    pub(super) fn begin(
        table: &'static Table,
        spreadsheet: bool,
        out: &'a mut (dyn Write + Send),
        path: &Path,
    ) -> Result<Self, ExportError> {
        if spreadsheet {
            out.write_all(BYTE_ORDER_MARK).map_err(|source| ExportError::write(path.to_owned(), source))?;
        }
        let writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        let mut lines = Self { writer, spreadsheet, path: path.to_owned() };
        lines.record(table.columns.iter().map(|column| column.name.as_bytes()))?;
        Ok(lines)
    }

    fn record<F: AsRef<[u8]>>(&mut self, fields: impl Iterator<Item = F>) -> Result<(), ExportError> {
        self.writer.write_record(fields).map_err(|error| {
            // The library's own way to an I/O error forgets its kind, by which a closed pipe and a full disk are known.
            let source = match error.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => io::Error::other(format!("{other:?}")),
            };
            ExportError::write(self.path.clone(), source)
        })
    }
}

impl Rows for Lines<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        let fields: Vec<_> = cells.iter().map(field).collect();
        if self.spreadsheet {
            // Numbers, times and truths are what they are; texts come from strangers.
            self.record(
                cells
                    .iter()
                    .zip(&fields)
                    .map(|(cell, field)| match cell {
                        Cell::Int(_) | Cell::Bool(_) | Cell::Instant(_) => Cow::Borrowed(field.as_ref()),
                        _ => harmless(field),
                    })
                    .map(|field| field.into_owned()),
            )
        } else {
            self.record(fields.iter().map(|field| field.as_bytes()))
        }
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.writer.flush().map_err(|source| ExportError::write(self.path.clone(), source))
    }
}

fn field(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Int(number) => number.to_string().into(),
        Cell::Bool(truth) => truth.to_string().into(),
        Cell::Text(text) => Cow::Borrowed(text),
        Cell::Instant(at) => at.to_string().into(),
        // Texts, numbers and objects with names of text can always be written as JSON.
        other => serde_json::to_string(other).unwrap_or_default().into(),
    }
}

/// A text as a spreadsheet may have it: it shows it, and does nothing with it.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_number = text.len() > SPREADSHEET_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    // A space or a control before the sign is dropped by some of them; the wide signs are read as the narrow ones.
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).chars().next();
    let begins_badly = text.starts_with(['\t', '\r', '\n'])
        || matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%'));
    let mark = if is_number || begins_badly { "'" } else { "" };
    let room = SPREADSHEET_CELL_CHARACTERS - mark.len();
    // They count in UTF-16.
    let mut used = 0;
    let cut = text.char_indices().find(|(_, c)| {
        used += c.len_utf16();
        used > room
    });
    match (cut, mark) {
        (None, "") => Cow::Borrowed(text),
        (None, mark) => format!("{mark}{text}").into(),
        (Some(_), mark) => {
            let (mut used, mut end) = (1, 0);
            for (at, c) in text.char_indices() {
                used += c.len_utf16();
                if used > room {
                    break;
                }
                end = at + c.len_utf8();
            }
            format!("{mark}{}…", &text[..end]).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_round_or_break_is_shown_by_it_instead() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "1822768123456789012", "\u{1}=1"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "a=1", "1822768", "Good morning @all", "[\"=1\"]", "'", "2024-08-11"] {
            assert_eq!(harmless(text), text);
        }
        let utf16 = |text: &str| text.encode_utf16().count();
        for text in ["a".repeat(32_768), "=".repeat(40_000), "🏮".repeat(20_000)] {
            let cut = harmless(&text);
            assert!(cut.ends_with('…') && utf16(&cut) > 32_700 && utf16(&cut) <= SPREADSHEET_CELL_CHARACTERS);
        }
        let whole = "🏮".repeat(16_383);
        assert_eq!(harmless(&whole), whole);
    }
}
