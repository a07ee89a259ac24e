//! Which columns a table has room for, and how wide each of them is.

use super::{GAP, Words, isolated, painted, room, tame};
use crate::report::{
    Style, one_line,
    width::{width, wrap},
};

/// One column of a table that is to be laid out.
pub(in crate::report) struct Place {
    pub(super) head: String,
    /// Its values stand at the right.
    pub(super) right: bool,
    pub(super) least: usize,
    pub(super) rank: u8,
}

/// Columns with their widths; one that has none is left out.
pub(in crate::report) struct Layout {
    places: Vec<Place>,
    widths: Vec<usize>,
    style: Style,
}

impl Layout {
    /// As wide as the rows need, or as the terminal allows.
    pub(super) fn new(places: Vec<Place>, rows: &[Vec<Words>], style: Style) -> Self {
        let widest = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| width(&tame(&cell.text, None)));
            cells.max().unwrap_or(0)
        };
        let natural: Vec<usize> =
            places.iter().enumerate().map(|(at, place)| widest(at).max(width(&place.head))).collect();
        // A column in which no row has anything is left out where there is little room.
        let empty: Vec<bool> = (0..places.len()).map(|at| widest(at) == 0).collect();
        let widths = match style.columns() {
            None => natural,
            Some(columns) => fitted(&natural, &empty, &places, columns),
        };
        Self { places, widths, style }
    }

    /// The line of names.
    pub(in crate::report) fn head(&self) -> Option<String> {
        let names: Vec<Words> = self.places.iter().map(|place| Words::from(Some(place.head.clone()))).collect();
        Some(self.line(&names, |text, _| self.style.bold(text)))
    }

    /// A row as one line.
    pub(in crate::report) fn row(&self, row: &[Words]) -> String {
        self.line(row, |text, cell| painted(text, cell.paint, self.style))
    }

    /// A row whose last cell goes on in further lines where it has to.
    pub(super) fn told(&self, row: &[Words]) -> Vec<String> {
        let Some((last, columns)) = row.last().zip(self.widths.last().copied()) else { return Vec::new() };
        let whole = one_line(&last.text);
        let parts = if self.style.columns().is_some() { wrap(&whole, columns) } else { vec![whole] };
        let mut parts = parts.into_iter();
        let cells = |first: &[Words], text: String| [first, &[Words { text, paint: last.paint }]].concat();
        let before = row.get(..row.len() - 1).unwrap_or_default();
        let mut lines = vec![self.row(&cells(before, parts.next().unwrap_or_default()))];
        lines.extend(parts.map(|part| self.row(&cells(&vec![Words::default(); before.len()], part))));
        lines
    }

    fn line(&self, cells: &[Words], paint: impl Fn(&str, &Words) -> String) -> String {
        let (mut line, mut first) = (String::new(), true);
        let nothing = Words::default();
        for (at, (place, columns)) in self.places.iter().zip(&self.widths).enumerate() {
            if *columns == 0 {
                continue;
            }
            if !first {
                line.push_str(&" ".repeat(GAP));
            }
            first = false;
            let cell = cells.get(at).unwrap_or(&nothing);
            let text = tame(&cell.text, Some(*columns));
            let room = room(&text, *columns);
            let text = if self.style.columns().is_some() { isolated(&text) } else { text };
            let text = paint(&text, cell);
            if place.right {
                line.push_str(&room);
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.push_str(&room);
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// The widths of the columns on a terminal: all that they need, else the widest give way as far as they can, else those of
/// the highest rank are left out.
fn fitted(natural: &[usize], empty: &[bool], places: &[Place], columns: usize) -> Vec<usize> {
    // What stays on any terminal is told at some length before anything else has a place.
    let stays = |place: &Place, natural: usize| if place.rank == 0 { natural.min(columns / 3) } else { 0 };
    let least: Vec<usize> =
        places.iter().zip(natural).map(|(place, natural)| place.least.max(stays(place, *natural))).collect();
    let mut out: Vec<usize> = Vec::new();
    loop {
        let mut widths: Vec<usize> =
            natural.iter().enumerate().map(|(at, width)| if out.contains(&at) { 0 } else { *width }).collect();
        let kept = widths.iter().filter(|width| **width > 0).count();
        let room = columns.saturating_sub(GAP * kept.saturating_sub(1));
        narrow(&mut widths, &least, room);
        if widths.iter().sum::<usize>() <= room {
            return widths;
        }
        let rank =
            |at: &usize| (empty.get(*at).copied().unwrap_or(false), places.get(*at).map_or(0, |place| place.rank), *at);
        let leaves = (0..places.len()).filter(|at| !out.contains(at) && rank(at).1 > 0).max_by_key(rank);
        match leaves {
            Some(at) => out.push(at),
            // What must stay shares the room there is.
            None => {
                let each = (room / kept.max(1)).max(1);
                return widths.into_iter().map(|width| width.min(each)).collect();
            }
        }
    }
}

/// Takes from the widest column, again and again, until all fit or none can give more.
fn narrow(widths: &mut [usize], least: &[usize], room: usize) {
    loop {
        let excess = widths.iter().sum::<usize>().saturating_sub(room);
        if excess == 0 {
            return;
        }
        let least = |at: usize| least.get(at).copied().unwrap_or(1).max(1);
        let giving = (0..widths.len()).filter(|at| widths.get(*at).is_some_and(|width| *width > least(*at)));
        let Some(widest) = giving.max_by_key(|at| widths.get(*at).copied()) else { return };
        let next =
            widths.iter().enumerate().filter(|(at, _)| *at != widest).map(|(_, width)| *width).max().unwrap_or(0);
        if let Some(width) = widths.get_mut(widest) {
            // Down to the next widest and one further, so that the widest ones give in turn.
            let down = width.saturating_sub(next).max(1).min(excess);
            *width = (*width - down).max(least(widest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Paint, Shown, layout};
    use super::*;

    const COLUMNS: [Column; 5] = [
        Column::new("key").shown(Shown::Name).least(27).rank(0),
        Column::new("state").least(7).rank(2),
        Column::new("n").shown(Shown::Number).least(usize::MAX).rank(3),
        Column::new("author").least(9).rank(1),
        Column::new("text").least(24).rank(0),
    ];

    fn rows() -> Vec<Vec<Words>> {
        let row = |cells: [&str; 5]| cells.map(|cell| Words::new(cell, Paint::Plain)).to_vec();
        vec![
            row([
                "twitter:1822728575613931527",
                "live",
                "3",
                "ann",
                "plain words, and a good many of them, for a wide terminal",
            ]),
            row([
                "bluesky:did:plc:oai7xbsdhak7absw6vk74cwv/3ldc7sid3tkgl",
                "account_deleted",
                "1204",
                "本田圭佑",
                "言葉が続いて、どこまでも続く、改行もなしに続く",
            ]),
            row(["vk:1", "live", "", "\u{202e}evil\u{1b}[31m", "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿🇺🇳 a family, two flags\r\n\u{7}and a bell"]),
            row(["telegram:שלום/12", "live", "7", "דנה", "שלום עולם, וגם مرحبا بالعالم, and back again to the left"]),
            row([&"x".repeat(10_000), "", "99999999999999999999", "", "e\u{301}\u{301}\u{301}\u{301}"]),
        ]
    }

    #[test]
    fn no_row_is_wider_than_the_terminal_and_none_does_harm() {
        let rows = rows();
        for columns in 20..=250 {
            let style = Style::plain().of_columns(columns);
            let layout = layout(&COLUMNS, &rows, style);
            for line in layout.head().into_iter().chain(rows.iter().map(|row| layout.row(row))) {
                assert!(width(&line) <= columns, "{columns}: {} {line:?}", width(&line));
                assert!(!line.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{line:?}");
                assert_eq!(line.matches('\u{2068}').count(), line.matches('\u{2069}').count(), "{line:?}");
            }
        }
    }

    #[test]
    fn what_matters_least_is_left_out_first() {
        let rows = rows();
        let head = |columns| {
            let head = layout(&COLUMNS, &rows[..1], Style::plain().of_columns(columns)).head().unwrap();
            head.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(head(250), "key state n author text");
        assert_eq!(head(70), "key state author text");
        assert_eq!(head(64), "key author text");
        assert_eq!(head(54), "key text");
        assert_eq!(head(30), "key text");
    }

    #[test]
    fn a_pipe_is_as_wide_as_it_needs_to_be() {
        let rows = rows();
        let layout = layout(&COLUMNS, &rows[..2], Style::plain());
        assert!(layout.row(&rows[1]).contains("bluesky:did:plc:oai7xbsdhak7absw6vk74cwv/3ldc7sid3tkgl"));
    }
}
