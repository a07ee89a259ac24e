//! Posts captured over time: all of them above, then each platform in a row of its own, so that no colour has to tell
//! them apart. The rows share one scale.

use super::{
    calendar,
    scale::Axis,
    sheet::{Anchor, FONT, MARGIN, Plot, Sheet, Table, WIDTH, width_of},
};
use crate::{
    model::{Figures, Step},
    render::words::{self, number},
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Platforms with a row of their own; the rest share one.
const MAX_ROWS: usize = 5;

/// Where the bars begin, left of them the ticks' numbers.
const LEFT: f64 = 46.0;

/// The height of the bars of all posts, and of one platform's.
const TALL: f64 = 96.0;
const LOW: f64 = 30.0;

/// From one platform's row to the next: its words, its bars, some air.
const ROW: f64 = 54.0;

/// Nothing was captured before there was a web.
const FIRST_YEAR: i16 = 1990;

/// Counts of one row, by the number of the step.
struct Row {
    name: String,
    steps: BTreeMap<usize, u64>,
    posts: u64,
}

/// The steps of the time axis.
struct Time {
    step: Step,
    first: Date,
    count: usize,
    width: f64,
}

impl Time {
    fn x(&self, step: usize) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "a few hundred steps")]
        let step = step as f64;
        LEFT + step * self.width
    }

    fn starts(&self) -> Vec<Date> {
        std::iter::successors(Some(self.first), |start| self.step.next(*start)).take(self.count).collect()
    }

    /// A step in words.
    fn named(&self, start: Date) -> String {
        match self.step {
            Step::Day => start.strftime("%-d %b %Y").to_string(),
            Step::Week => format!("week from {}", start.strftime("%-d %b %Y")),
            Step::Month => start.strftime("%B %Y").to_string(),
            Step::Year => start.year().to_string(),
        }
    }
}

pub(super) fn plot(figures: &Figures, today: Date) -> Plot {
    let step = figures.step;
    let last = step.start(today);
    let possible = |start: Date| start.year() >= FIRST_YEAR && start <= last;
    let counts: Vec<_> = figures.captures.iter().filter(|count| count.posts > 0).collect();
    let (counts, odd): (Vec<_>, Vec<_>) = counts.into_iter().partition(|count| possible(count.start));
    let mut plot = Plot {
        id: "captures",
        heading: "Posts captured over time",
        says: "No post has been captured yet.".to_owned(),
        notes: Vec::new(),
        sheet: None,
        table: None,
    };
    let odd: u64 = odd.iter().fold(0, |sum, count| sum.saturating_add(count.posts));
    if odd > 0 {
        plot.notes.push(format!("{} with an impossible date: left out.", words::amount(odd, "post")));
    }
    let Some(first) = counts.iter().map(|count| step.start(count.start)).min() else { return plot };
    let steps = usize::try_from(step.between(first, last)).unwrap_or(0) + 1;
    #[allow(clippy::cast_precision_loss, reason = "a few hundred steps")]
    let time = Time { step, first, count: steps, width: (WIDTH - LEFT - MARGIN) / steps as f64 };
    let rows = rows(counts.iter().map(|count| {
        let at = usize::try_from(step.between(first, step.start(count.start))).unwrap_or(0);
        (count.platform.as_str(), at, count.posts)
    }));
    let mut all = Row { name: "All platforms".to_owned(), steps: BTreeMap::new(), posts: 0 };
    for row in &rows {
        all.posts = all.posts.saturating_add(row.posts);
        row.steps.iter().for_each(|(step, posts)| add(&mut all.steps, *step, *posts));
    }
    let (most_at, most) = all.steps.iter().max_by_key(|(_, posts)| **posts).map_or((0, 0), |(at, posts)| (*at, *posts));
    let starts = time.starts();
    let most_at = starts.get(most_at).map_or_else(String::new, |start| time.named(*start));
    let each = match step {
        Step::Day => "a day",
        Step::Week => "a week",
        Step::Month => "a month",
        Step::Year => "a year",
    };
    plot.says = format!(
        "{} by when their first content came. A bar is {each}; the most came in one ({most_at}): {}.",
        words::amount(all.posts, "post"),
        number(most)
    );
    plot.table = Some(table(&time, &starts, &all, &rows));
    plot.sheet = Some(draw(&time, &starts, &all, &rows));
    plot
}

/// The largest platforms, then the rest as one.
fn rows<'a>(counts: impl Iterator<Item = (&'a str, usize, u64)>) -> Vec<Row> {
    let mut by_platform: BTreeMap<&str, Row> = BTreeMap::new();
    for (platform, step, posts) in counts {
        let row = by_platform.entry(platform).or_insert_with(|| Row {
            name: words::platform(platform, None),
            steps: BTreeMap::new(),
            posts: 0,
        });
        add(&mut row.steps, step, posts);
        row.posts = row.posts.saturating_add(posts);
    }
    let mut rows: Vec<Row> = by_platform.into_values().collect();
    rows.sort_by(|a, b| b.posts.cmp(&a.posts).then_with(|| a.name.cmp(&b.name)));
    // One platform left over is shown itself.
    if rows.len() > MAX_ROWS + 1 {
        let rest = rows.split_off(MAX_ROWS);
        let mut others = Row { name: format!("{} others", rest.len()), steps: BTreeMap::new(), posts: 0 };
        for row in rest {
            others.posts = others.posts.saturating_add(row.posts);
            row.steps.iter().for_each(|(step, posts)| add(&mut others.steps, *step, *posts));
        }
        rows.push(others);
    }
    rows
}

fn add(steps: &mut BTreeMap<usize, u64>, step: usize, posts: u64) {
    let sum = steps.entry(step).or_default();
    *sum = sum.saturating_add(posts);
}

fn draw(time: &Time, starts: &[Date], all: &Row, rows: &[Row]) -> Sheet {
    let several = rows.len() > 1;
    let top = FONT + 2.0 * MARGIN;
    let mut below = top + TALL;
    #[allow(clippy::cast_precision_loss, reason = "a few rows")]
    let rows_height = if several { rows.len() as f64 * ROW } else { 0.0 };
    let mut sheet = Sheet::new(below + rows_height + 2.0 * FONT + 2.0 * MARGIN);
    let bottom = below + rows_height;
    let ticks = ticks(time, starts);
    for (x, _, _) in &ticks {
        sheet.line((*x, top), (*x, bottom), "rule");
    }
    let largest = |row: &Row| row.steps.values().copied().max().unwrap_or(0);
    let name = if several { &all.name } else { rows.first().map_or(&all.name, |row| &row.name) };
    heading(&mut sheet, top - MARGIN, name, all.posts);
    bars(&mut sheet, time, starts, all, &Axis::counts(largest(all), 3), (top, TALL), "bar");
    if several {
        let axis = Axis::counts(rows.iter().map(largest).max().unwrap_or(0), 1);
        for row in rows {
            heading(&mut sheet, below + ROW - LOW - 5.0, &row.name, row.posts);
            below += ROW;
            bars(&mut sheet, time, starts, row, &axis, (below - LOW, LOW), "bar second");
        }
    }
    for (x, words, year) in ticks {
        let y = bottom + FONT + 4.0;
        // Words at the edge turn inwards.
        let half = width_of(&words) / 2.0;
        let x = x.clamp(half + 1.0, WIDTH - half - 1.0);
        sheet.words((x, y), Anchor::Middle, "tick", &words, WIDTH);
        if let Some(year) = year {
            sheet.words((x, y + FONT + 1.0), Anchor::Middle, "tick", &year, WIDTH);
        }
    }
    sheet
}

/// A row's name, and its sum at the other end.
fn heading(sheet: &mut Sheet, y: f64, name: &str, posts: u64) {
    let sum = number(posts);
    let room = WIDTH - LEFT - 2.0 * MARGIN - width_of(&sum);
    sheet.words((LEFT, y), Anchor::Start, "name", name, room);
    sheet.words((WIDTH - MARGIN, y), Anchor::End, "value", &sum, WIDTH);
}

fn bars(sheet: &mut Sheet, time: &Time, starts: &[Date], row: &Row, axis: &Axis, at: (f64, f64), class: &'static str) {
    let (top, height) = at;
    for (value, words) in &axis.ticks {
        let y = top + height * (1.0 - axis.along(*value));
        sheet.line((LEFT, y), (WIDTH - MARGIN, y), if *value == 0.0 { "axis" } else { "rule" });
        sheet.words((LEFT - 5.0, y + FONT * 0.35), Anchor::End, "tick", words, LEFT - 6.0);
    }
    let gap = if time.width >= 4.0 { 1.0 } else { 0.0 };
    for (step, posts) in &row.steps {
        // What is there is seen, however little it is.
        let tall = (height * axis.along_count(*posts)).max(1.0);
        let tip = starts.get(*step).map(|start| format!("{}, {}: {}", row.name, time.named(*start), number(*posts)));
        let width = (time.width - gap).min(40.0);
        let x = time.x(*step) + (time.width - width) / 2.0;
        sheet.bar((x, top + height - tall), (width, tall), class, tip);
    }
}

/// The ticks with their places.
fn ticks(time: &Time, starts: &[Date]) -> Vec<(f64, String, Option<String>)> {
    let Some(last) = starts.last() else { return Vec::new() };
    let place = |day: Date| {
        let start = time.step.start(day);
        let step = usize::try_from(time.step.between(time.first, start)).unwrap_or(0);
        time.x(step) + if time.width > 12.0 { time.width / 2.0 } else { 0.0 }
    };
    let last = match time.step {
        Step::Year => last.last_of_year(),
        Step::Month => last.last_of_month(),
        Step::Week | Step::Day => *last,
    };
    let ticks = calendar::ticks(time.first, last, 6).into_iter();
    ticks
        .map(|(day, words, year)| {
            (
                place(day),
                if time.step == Step::Year { day.year().to_string() } else { words },
                year.filter(|_| time.step != Step::Year),
            )
        })
        .collect()
}

fn table(time: &Time, starts: &[Date], all: &Row, rows: &[Row]) -> Table {
    let heads = ["From".to_owned(), "All".to_owned()].into_iter().chain(rows.iter().map(|row| row.name.clone()));
    let cell = |row: &Row, step: usize| number(row.steps.get(&step).copied().unwrap_or(0));
    let line = |(step, start): (usize, &Date)| {
        let first = if time.step == Step::Year { start.year().to_string() } else { start.to_string() };
        [first, cell(all, step)].into_iter().chain(rows.iter().map(|row| cell(row, step))).collect()
    };
    Table { head: heads.collect(), rows: starts.iter().enumerate().map(line).collect() }
}
