//! Tables: Instapaper's and Pocket's CSV, and that of any service which names its columns.

use super::{Gathered, Saved, SavedKind, tags};
use crate::source::{Entry, date::read_date, words::words};
use csv::{ReaderBuilder, StringRecord};

/// A wider table is none of these.
const MAX_COLUMNS: usize = 100;

/// Where a table has what. Names are compared in lower case, without spaces and underscores.
#[derive(Default)]
struct Columns {
    url: usize,
    title: Option<usize>,
    added: Option<usize>,
    tags: Option<usize>,
    folder: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord) -> Option<Self> {
        let names: Vec<String> = header
            .iter()
            .take(MAX_COLUMNS)
            .map(|name| name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect())
            .collect();
        let at = |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
        Some(Self {
            url: at(&["url", "link", "href", "address", "givenurl", "resolvedurl"])?,
            title: at(&["title", "name", "resolvedtitle", "giventitle"]),
            added: at(&[
                "timeadded",
                "timestamp",
                "added",
                "addeddate",
                "created",
                "createdat",
                "savedat",
                "saveddate",
                "date",
            ]),
            tags: at(&["tags", "labels", "tag"]),
            folder: at(&["folder", "collection"]),
        })
    }
}

/// Reads a table whose first row names its columns; none where it names none of addresses.
pub(super) fn read(text: &str) -> Option<Saved> {
    let first = text.lines().next()?;
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|mark| first.bytes().filter(|byte| byte == mark).count())?;
    let mut reader = ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let columns = Columns::of(&header)?;
    // A list of URLs may have a heading; a table has a second column.
    if header.len() < 2 {
        return None;
    }
    let mut gathered = Gathered::new(kind(&header));
    let mut row = StringRecord::new();
    while reader.read_record(&mut row).is_ok_and(|is_row| is_row) {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(str::trim).filter(|cell| !cell.is_empty());
        let folder = cell(columns.folder).filter(|name| !matches!(name.to_lowercase().as_str(), "unread" | "archive"));
        let own = cell(columns.tags).unwrap_or_default();
        let own =
            own.trim_start_matches('[').trim_end_matches(']').split(['|', ',']).map(|tag| tag.trim().trim_matches('"'));
        let entry = Entry {
            title: cell(columns.title).and_then(words),
            added: cell(columns.added).and_then(read_date),
            tags: tags(folder.into_iter().chain(own)),
            ..Entry::default()
        };
        gathered.add(cell(Some(columns.url)), entry);
    }
    Some(gathered.saved)
}

fn kind(header: &StringRecord) -> SavedKind {
    let has = |name: &str| header.iter().any(|own| own.trim().eq_ignore_ascii_case(name));
    if has("time_added") {
        SavedKind::Pocket
    } else if has("Selection") && has("Timestamp") {
        SavedKind::Instapaper
    } else {
        SavedKind::Table
    }
}
