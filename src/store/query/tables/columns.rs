//! What a table of an export is made of: columns with types, and cells.

use crate::{
    model::MediaRecord,
    store::columns::{At, Json},
};
use jiff::Timestamp;
use rusqlite::Row;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A table of an export: the same columns in every form.
#[derive(Debug)]
pub struct Table {
    /// Its name, as in `docs/schema.md`.
    pub name: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [Column],
    /// The column of the time that its rows stand in order of, upwards; rows without a time come first.
    pub time: &'static str,
    /// Which rows it has, and in which order.
    pub(super) of: Chosen,
    /// One row by its number.
    pub(super) row: &'static str,
}

/// The rows of a table that are chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    /// The chosen posts, articles, runs or exchanges, joined with the rows that are theirs.
    pub(super) from: &'static str,
    /// Their order, which ends in what numbers them.
    pub(super) order: &'static str,
    /// Whether each row is of one platform, that of a post `p`.
    pub(super) has_platforms: bool,
}

impl Chosen {
    /// The numbers of the rows in their order; of one platform alone where `:platform` names it.
    pub(super) fn numbers(&self) -> String {
        let Self { from, order, has_platforms } = self;
        let id = order.rsplit(", ").next().unwrap_or_default();
        let of_it = if *has_platforms { " OR p.platform = :platform" } else { "" };
        format!("SELECT {id} FROM {from} WHERE :platform IS NULL{of_it} ORDER BY {order}")
    }

    /// The platforms of the rows.
    pub(super) fn platforms(&self) -> String {
        format!("SELECT DISTINCT p.platform FROM {} ORDER BY 1", self.from)
    }
}

impl Table {
    /// Whether each of its rows is of one platform.
    #[must_use]
    pub fn has_platforms(&self) -> bool {
        self.of.has_platforms
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether a row can be without it.
    pub optional: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A number of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// An instant in UTC, of milliseconds.
    Instant,
    /// A list of texts.
    Texts,
    /// Numbers by name.
    Counts,
    /// A list of files of a post.
    Files,
    /// A JSON value whose shape is that of its origin.
    Json,
}

impl ColumnKind {
    /// Its word in the documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Int => "integer",
            Self::Bool => "boolean",
            Self::Text => "text",
            Self::Instant => "instant",
            Self::Texts => "list of texts",
            Self::Counts => "counts",
            Self::Files => "list of files",
            Self::Json => "JSON",
        }
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// An instant.
    Instant(Timestamp),
    /// A list of texts.
    Texts(Vec<String>),
    /// Numbers by name.
    Counts(BTreeMap<String, u64>),
    /// Files of a post.
    Files(Vec<MediaRecord>),
    /// Any JSON value.
    Json(serde_json::Value),
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Int(number) => number.serialize(serializer),
            Self::Bool(truth) => truth.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::Instant(at) => at.serialize(serializer),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::Counts(counts) => counts.serialize(serializer),
            Self::Files(files) => files.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}

/// The cell of a column at its place in a row. What is not of its kind is damage.
pub(super) fn cell(row: &Row<'_>, at: usize, kind: ColumnKind) -> rusqlite::Result<Cell> {
    Ok(match kind {
        ColumnKind::Int => row.get::<_, Option<i64>>(at)?.map(Cell::Int),
        ColumnKind::Bool => row.get::<_, Option<bool>>(at)?.map(Cell::Bool),
        ColumnKind::Text => row.get::<_, Option<String>>(at)?.map(Cell::Text),
        ColumnKind::Instant => row.get::<_, Option<At>>(at)?.map(|At(at)| Cell::Instant(at)),
        ColumnKind::Texts => row.get::<_, Option<Json<_>>>(at)?.map(|Json(texts)| Cell::Texts(texts)),
        ColumnKind::Counts => row.get::<_, Option<Json<_>>>(at)?.map(|Json(counts)| Cell::Counts(counts)),
        ColumnKind::Files => row.get::<_, Option<Json<_>>>(at)?.map(|Json(files)| Cell::Files(files)),
        ColumnKind::Json => row.get::<_, Option<Json<_>>>(at)?.map(|Json(value)| Cell::Json(value)),
    }
    .unwrap_or(Cell::Null))
}

const fn column(name: &'static str, kind: ColumnKind, optional: bool) -> Column {
    Column { name, kind, optional }
}

pub(super) const fn int(name: &'static str) -> Column {
    column(name, ColumnKind::Int, false)
}

pub(super) const fn maybe_int(name: &'static str) -> Column {
    column(name, ColumnKind::Int, true)
}

pub(super) const fn truth(name: &'static str) -> Column {
    column(name, ColumnKind::Bool, false)
}

pub(super) const fn text(name: &'static str) -> Column {
    column(name, ColumnKind::Text, false)
}

pub(super) const fn maybe_text(name: &'static str) -> Column {
    column(name, ColumnKind::Text, true)
}

pub(super) const fn instant(name: &'static str) -> Column {
    column(name, ColumnKind::Instant, false)
}

pub(super) const fn maybe_instant(name: &'static str) -> Column {
    column(name, ColumnKind::Instant, true)
}

pub(super) const fn texts(name: &'static str) -> Column {
    column(name, ColumnKind::Texts, false)
}

pub(super) const fn counts(name: &'static str) -> Column {
    column(name, ColumnKind::Counts, false)
}

pub(super) const fn files(name: &'static str) -> Column {
    column(name, ColumnKind::Files, false)
}

pub(super) const fn json(name: &'static str) -> Column {
    column(name, ColumnKind::Json, true)
}
