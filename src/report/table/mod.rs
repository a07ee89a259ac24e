//! Rows for people: a table that fits the terminal, one line a row, whatever characters are in it.

mod csv;
mod layout;

pub use csv::{Cell, rows_as_csv};
pub(super) use csv::{cell, csv_rows};
pub(super) use layout::Layout;

use super::{Style, excerpt, width::width};

/// Columns of one cell where nothing has to fit; CSV has all of it.
const CELL_WIDTH: usize = 90;

/// Room between two columns.
const GAP: usize = 2;

/// Columns of a cell that is whole or not there: figures and names.
const LEAST_WHOLE: usize = 18;

/// Columns in which something is told at least.
const LEAST_TOLD: usize = 20;

/// A column of a listing: a field of its records, and how it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub(super) field: &'static str,
    pub(super) head: &'static str,
    pub(super) shown: Shown,
    /// Columns of the terminal that it needs at least.
    pub(super) least: usize,
    /// 0 stays on any terminal; the larger it is, the sooner it is left out on a narrow one.
    pub(super) rank: u8,
}

/// How the values of a column are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Words,
    /// A name that a person may type again.
    Name,
    /// A number, at the right.
    Number,
    /// Bytes, as `1.5 MiB`.
    Size,
    /// An instant: on a terminal as seen from now.
    Moment,
    /// A day, or an instant of which the day is told on a terminal.
    Day,
    /// What is known of a post or an article by now.
    State,
}

impl Column {
    /// A column of words under the field's own name.
    #[must_use]
    pub const fn new(field: &'static str) -> Self {
        Self { field, head: field, shown: Shown::Words, least: 8, rank: 1 }
    }

    /// Under another name.
    #[must_use]
    pub const fn head(self, head: &'static str) -> Self {
        Self { head, ..self }
    }

    /// Shown in this way.
    #[must_use]
    pub const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }

    /// Of so many columns of the terminal at least.
    #[must_use]
    pub const fn least(self, least: usize) -> Self {
        Self { least, ..self }
    }

    /// Left out sooner (larger) or later on a narrow terminal; never where it is 0.
    #[must_use]
    pub const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }
}

/// What a cell's words are painted as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paint {
    #[default]
    Plain,
    Dim,
    Good,
    Odd,
    Bad,
    Name,
}

/// One cell of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) paint: Paint,
}

impl Words {
    pub(super) fn new(text: impl Into<String>, paint: Paint) -> Self {
        Self { text: text.into(), paint }
    }
}

impl From<Cell> for Words {
    fn from(cell: Cell) -> Self {
        Self::new(cell.unwrap_or_default(), Paint::Plain)
    }
}

/// A table of these rows; its later columns give way first.
pub(super) fn table<W: Into<Words>>(header: &[&str], rows: impl Iterator<Item = Vec<W>>, style: Style) -> String {
    let rows: Vec<Vec<Words>> = rows.map(|row| row.into_iter().map(Into::into).collect()).collect();
    let columns = header.iter().zip(0..).map(|(head, at)| layout::Place {
        head: (*head).to_owned(),
        right: false,
        least: LEAST_WHOLE,
        rank: at,
    });
    let layout = Layout::new(columns.collect(), &rows, style);
    layout.head().into_iter().chain(rows.iter().map(|row| layout.row(row))).collect::<Vec<_>>().join("\n")
}

/// A table of which nothing is left out or cut: what the last column has no room for goes on below.
pub(super) fn telling(header: &[&str], rows: impl Iterator<Item = Vec<Words>>, style: Style) -> String {
    let rows: Vec<Vec<Words>> = rows.collect();
    let last = header.len().saturating_sub(1);
    let place = |(at, head): (usize, &&str)| layout::Place {
        head: (*head).to_owned(),
        right: false,
        least: if at == last { LEAST_TOLD } else { usize::MAX },
        rank: 0,
    };
    let layout = Layout::new(header.iter().enumerate().map(place).collect(), &rows, style);
    layout.head().into_iter().chain(rows.iter().flat_map(|row| layout.told(row))).collect::<Vec<_>>().join("\n")
}

/// The columns of a listing, fitted to its first rows.
pub(super) fn layout(columns: &[Column], rows: &[Vec<Words>], style: Style) -> Layout {
    let places = columns.iter().map(|column| layout::Place {
        head: column.head.to_owned(),
        right: matches!(column.shown, Shown::Number | Shown::Size),
        least: column.least,
        rank: column.rank,
    });
    Layout::new(places.collect(), rows, style)
}

/// A cell's text as one line that can do no harm.
fn tame(text: &str, columns: Option<usize>) -> String {
    excerpt(text, columns.unwrap_or(CELL_WIDTH))
}

/// Words that run from right to left keep their direction to themselves: a terminal that turns them would turn the columns
/// beside them too.
fn isolated(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    if text.chars().any(turns) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

pub(super) fn painted(text: &str, paint: Paint, style: Style) -> String {
    match paint {
        Paint::Plain => text.to_owned(),
        Paint::Dim => style.dim(text),
        Paint::Good => style.green(text),
        Paint::Odd => style.yellow(text),
        Paint::Bad => style.red(text),
        Paint::Name => style.cyan(text),
    }
}

/// Room that makes a text as wide as its column.
fn room(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(width(text)))
}
