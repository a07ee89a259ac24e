//! Records in the form that was asked for: JSON Lines with every field, CSV with the fields of a list, a table for people.

use super::{
    Column, Format, Output, Shown,
    run::minute,
    status::{ago, size},
    table::{self, Cell, Layout, Paint, Words, cell, csv_rows},
};
use crate::model::State;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::io;

/// A listing that is printed part by part: a table has the widths that its first part needs.
pub struct Rows<'a> {
    out: &'a mut Output,
    csv: &'a [&'a str],
    columns: &'a [Column],
    layout: Option<Layout>,
    begun: bool,
}

impl Output {
    /// Begins a listing. A field of a part of the record is named `part.field`, and its column in CSV `part_field`.
    pub fn rows<'a>(&'a mut self, csv: &'a [&'a str], columns: &'a [Column]) -> Rows<'a> {
        Rows { out: self, csv, columns, layout: None, begun: false }
    }

    /// Records that are all there: JSON has every field, CSV the fields of `csv`, a table those of `table`.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn records<R: Serialize>(&mut self, records: &[R], csv: &[&str], table: &[&'static str]) -> io::Result<()> {
        let columns: Vec<Column> = table.iter().map(|field| Column::new(field)).collect();
        let mut rows = self.rows(csv, &columns);
        rows.add(records)?;
        rows.end()
    }
}

impl Rows<'_> {
    /// The next part.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn add<R: Serialize>(&mut self, records: &[R]) -> io::Result<()> {
        if self.out.format == Format::Json {
            self.begun = self.begun || !records.is_empty();
            return records.iter().try_for_each(|record| self.out.json(record));
        }
        let values = records.iter().map(|record| serde_json::to_value(record).unwrap_or_default());
        if self.out.format == Format::Csv {
            self.head()?;
            let row = |value: Value| self.csv.iter().map(|name| cell(field(&value, name))).collect::<Vec<Cell>>();
            return self.out.csv(&csv_rows(values.map(row)));
        }
        let shown = |value: Value| -> Vec<Words> {
            self.columns.iter().map(|column| words(column, field(&value, column.field), self.out)).collect()
        };
        let rows: Vec<Vec<Words>> = values.map(warned).map(shown).collect();
        if rows.is_empty() {
            return Ok(());
        }
        if !self.begun {
            self.begun = true;
            let layout = table::layout(self.columns, &rows, self.out.style);
            if let Some(head) = layout.head() {
                self.out.line(&head)?;
            }
            self.layout = Some(layout);
        }
        let Some(layout) = &self.layout else { return Ok(()) };
        rows.iter().try_for_each(|row| self.out.line(&layout.row(row)))
    }

    /// What was added so far is really written: somebody waits for it.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Ends it: CSV has its line of names even where there are no rows, and a person is told so.
    ///
    /// # Errors
    /// stdout is closed or full.
    pub fn end(mut self) -> io::Result<()> {
        match self.out.format {
            Format::Csv => self.head(),
            Format::Table if !self.begun => {
                self.out.talk("nothing to list");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn head(&mut self) -> io::Result<()> {
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        let names: Vec<String> = self.csv.iter().map(|name| name.replace('.', "_")).collect();
        self.out.csv(&format!("{}\r\n", names.join(",")))
    }
}

fn field<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(record, |part, name| part.get(name))
}

/// A record for people: what its author warns of stands before the words.
fn warned(mut record: Value) -> Value {
    if let (Some(warning), Some(text)) = (record["warning"].as_str(), record["text"].as_str()) {
        record["text"] = format!("[{warning}] {text}").into();
    }
    record
}

/// A value for people: sizes and times in words on a terminal, times as they are elsewhere.
fn words(column: &Column, value: Option<&Value>, out: &Output) -> Words {
    let text = cell(value).unwrap_or_default();
    let instant = || text.parse::<Timestamp>().ok();

    let (text, paint) = match column.shown {
        Shown::Words | Shown::Number => (text, Paint::Plain),
        Shown::Name => (text, Paint::Name),
        Shown::Size => (value.and_then(Value::as_u64).map(size).unwrap_or_default(), Paint::Plain),
        Shown::Moment => match instant() {
            Some(at) if out.terminal => (ago(at, out.now), Paint::Dim),
            Some(at) => (minute(at), Paint::Dim),
            None => (text, Paint::Dim),
        },
        Shown::Day if out.terminal || out.style.columns().is_some() => {
            (text.get(..10).unwrap_or(&text).to_owned(), Paint::Dim)
        }
        Shown::Day => (instant().map_or(text.clone(), minute), Paint::Dim),
        Shown::State => {
            let paint = state(&text);
            (text, paint)
        }
    };
    Words::new(text, paint)
}

fn state(word: &str) -> Paint {
    let known = State::ALL.into_iter().find(|state| state.as_str() == word);
    match (word, known) {
        (_, Some(State::Live)) => Paint::Good,
        ("gone", _) => Paint::Bad,
        (_, Some(state)) if state.is_gone() => Paint::Bad,
        ("", _) => Paint::Plain,
        _ => Paint::Odd,
    }
}
