//! The files of posts by kind: what fills the archive.

use super::{
    scale::{Axis, bytes},
    sheet::{Anchor, FONT, MARGIN, Plot, Sheet, Table, WIDTH, width_of},
};
use crate::{
    model::{Figures, MediaSum},
    render::words::{amount, number},
};

/// The height of a row and of its bar.
const ROW: f64 = 38.0;
const BAR: f64 = 14.0;

/// Kinds with a row of their own: those that posts have, and the rest as one.
const KINDS: [(&str, &str, &str); 3] =
    [("image", "Pictures", "picture"), ("video", "Films", "film"), ("audio", "Sound", "recording")];

pub(super) fn plot(figures: &Figures) -> Plot {
    let rows = rows(&figures.media);
    let sum = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.bytes));
    let files = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.files));
    let mut plot = Plot {
        id: "media",
        heading: "Files of posts",
        says: "No file of a post is kept yet.".to_owned(),
        notes: Vec::new(),
        sheet: None,
        table: None,
    };
    if files == 0 {
        return plot;
    }
    plot.says = format!("{} in {}. A file that many posts show is kept once.", bytes(sum), amount(files, "file"));
    plot.table = Some(Table {
        head: ["Kind", "Files", "Size", "Bytes"].map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|row| vec![row.name.to_owned(), number(row.files), bytes(row.bytes), row.bytes.to_string()])
            .collect(),
    });
    plot.sheet = Some(draw(&rows));
    plot
}

struct Row {
    name: &'static str,
    noun: &'static str,
    files: u64,
    bytes: u64,
}

fn rows(media: &[MediaSum]) -> Vec<Row> {
    let mut rows: Vec<Row> = KINDS.map(|(_, name, noun)| Row { name, noun, files: 0, bytes: 0 }).into();
    rows.push(Row { name: "Other files", noun: "file", files: 0, bytes: 0 });
    for sum in media {
        let at = KINDS.iter().position(|(kind, _, _)| *kind == sum.kind).unwrap_or(KINDS.len());
        if let Some(row) = rows.get_mut(at) {
            row.files = row.files.saturating_add(sum.files);
            row.bytes = row.bytes.saturating_add(sum.bytes);
        }
    }
    rows.retain(|row| row.files > 0);
    rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
    rows
}

fn draw(rows: &[Row]) -> Sheet {
    let axis = Axis::sizes(rows.iter().map(|row| row.bytes).max().unwrap_or(0), 4);
    #[allow(clippy::cast_precision_loss, reason = "four rows")]
    let bottom = MARGIN + rows.len() as f64 * ROW;
    let mut sheet = Sheet::new(bottom + FONT + 2.0 * MARGIN);
    let (left, right) = (MARGIN, WIDTH - MARGIN);
    let last = axis.ticks.len().saturating_sub(1);
    for (at, (tick, words)) in axis.ticks.iter().enumerate() {
        let x = left + (right - left) * axis.along(*tick);
        sheet.line((x, MARGIN), (x, bottom), if *tick == 0.0 { "axis" } else { "rule" });
        let anchor = match at {
            0 => Anchor::Start,
            at if at == last => Anchor::End,
            _ => Anchor::Middle,
        };
        sheet.words((x, bottom + FONT + 4.0), anchor, "tick", words, WIDTH);
    }
    let mut at = MARGIN;
    for row in rows {
        let figures = format!("{}, {}", bytes(row.bytes), amount(row.files, row.noun));
        let room = right - left - width_of(&figures) - MARGIN;
        sheet.words((left + 3.0, at + FONT), Anchor::Start, "name", row.name, room);
        sheet.words((right, at + FONT), Anchor::End, "value", &figures, WIDTH);
        let width = ((right - left) * axis.along_count(row.bytes)).max(1.0);
        let tip = format!("{}: {figures}", row.name);
        sheet.bar((left, at + FONT + 5.0), (width, BAR), "bar", Some(tip));
        at += ROW;
    }
    sheet
}
