//! The archive's size over time, as each day's last run left it.

use super::{
    calendar,
    scale::{Axis, approximate, bytes},
    sheet::{Anchor, FONT, MARGIN, Plot, Sheet, Table, WIDTH, width_of},
};
use crate::model::{Figures, SizeOn};
use jiff::civil::Date;

/// Where the curve begins, left of it the ticks' sizes.
const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - MARGIN;

/// The height of the curve.
const TALL: f64 = 150.0;

/// A curve of more points is drawn without a dot for each.
const MAX_DOTS: usize = 40;

/// Points beyond which a curve gets no finer: every so many days only one is drawn.
const MAX_POINTS: usize = 300;

pub(super) fn plot(figures: &Figures) -> Plot {
    let mut sizes = figures.sizes.clone();
    sizes.sort_by_key(|size| size.day);
    let mut plot = Plot {
        id: "sizes",
        heading: "Size of the archive",
        says: "No run has measured the archive yet.".to_owned(),
        notes: Vec::new(),
        sheet: None,
        table: None,
    };
    let (Some(first), Some(last)) = (sizes.first().copied(), sizes.last().copied()) else { return plot };
    plot.says = if first.day == last.day {
        format!("{} on {}; a curve needs runs of two days.", bytes(last.bytes), written(last.day))
    } else {
        let days = (last.day - first.day).get_days().max(1).unsigned_abs();
        let (verb, difference) = match last.bytes.checked_sub(first.bytes) {
            Some(more) => ("grown", more),
            None => ("shrunk", first.bytes - last.bytes),
        };
        format!(
            "{} on {}, {} on {}: {verb} by {} a day.",
            bytes(first.bytes),
            written(first.day),
            bytes(last.bytes),
            written(last.day),
            bytes(difference / u64::from(days)),
        )
    };
    plot.table = Some(Table {
        head: ["Day", "Size", "Bytes"].map(str::to_owned).to_vec(),
        rows: sizes.iter().map(|size| vec![size.day.to_string(), bytes(size.bytes), size.bytes.to_string()]).collect(),
    });
    plot.sheet = Some(draw(&thinned(&sizes), first.day, last.day));
    plot
}

fn written(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// As many points as the eye tells apart, the last one always.
fn thinned(sizes: &[SizeOn]) -> Vec<SizeOn> {
    let every = sizes.len().div_ceil(MAX_POINTS).max(1);
    let mut thin: Vec<_> = sizes.iter().rev().step_by(every).copied().collect();
    thin.reverse();
    thin
}

fn draw(sizes: &[SizeOn], first: Date, last: Date) -> Sheet {
    let top = FONT + 2.0 * MARGIN;
    let bottom = top + TALL;
    let mut sheet = Sheet::new(bottom + 2.0 * FONT + 2.0 * MARGIN);
    let axis = Axis::sizes(sizes.iter().map(|size| size.bytes).max().unwrap_or(0), 4);
    for (tick, words) in &axis.ticks {
        let y = bottom - TALL * axis.along(*tick);
        sheet.line((LEFT, y), (RIGHT, y), if *tick == 0.0 { "axis" } else { "rule" });
        sheet.words((LEFT - 5.0, y + FONT * 0.35), Anchor::End, "tick", words, LEFT - 6.0);
    }
    let days = |day: Date| approximate(u64::try_from((day - first).get_days()).unwrap_or(0));
    let whole = days(last);
    let x = |day: Date| match whole {
        // One day alone stands in the middle.
        0.0 => f64::midpoint(LEFT, RIGHT),
        whole => LEFT + (RIGHT - LEFT) * (days(day) / whole).clamp(0.0, 1.0),
    };
    let y = |size: u64| bottom - TALL * axis.along_count(size);
    for (day, words, year) in calendar::ticks(first, last, 5) {
        let half = width_of(&words).max(width_of("2026")) / 2.0;
        let at = x(day).min(WIDTH - half - 1.0);
        sheet.words((at, bottom + FONT + 4.0), Anchor::Middle, "tick", &words, WIDTH);
        if let Some(year) = year {
            sheet.words((at, bottom + 2.0 * FONT + 5.0), Anchor::Middle, "tick", &year, WIDTH);
        }
    }
    let points: Vec<_> = sizes.iter().map(|size| (x(size.day), y(size.bytes))).collect();
    if points.len() > 1 {
        let (Some((from, _)), Some((to, _))) = (points.first(), points.last()) else { return sheet };
        let ground: Vec<_> =
            [(*from, bottom)].into_iter().chain(points.iter().copied()).chain([(*to, bottom)]).collect();
        sheet.curve(&ground, "ground");
        sheet.curve(&points, "curve");
    }
    if sizes.len() <= MAX_DOTS {
        for (size, at) in sizes.iter().zip(&points) {
            sheet.dot(*at, 2.5, "dot", Some(format!("{}: {}", written(size.day), bytes(size.bytes))));
        }
    }
    if let (Some(size), Some((x, y))) = (sizes.last(), points.last()) {
        let anchor = if points.len() > 1 { Anchor::End } else { Anchor::Middle };
        sheet.words((*x, (y - 7.0).max(FONT)), anchor, "value", &bytes(size.bytes), WIDTH);
    }
    sheet
}
