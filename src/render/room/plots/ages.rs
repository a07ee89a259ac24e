//! The share of posts that are gone, by their age: a row an age, with the interval in which the true share lies.

use super::{
    interval::wilson,
    scale::{Axis, per_cent, share},
    sheet::{Anchor, FONT, MARGIN, Plot, Sheet, Table, WIDTH},
};
use crate::{
    model::{Age, AgeCount, Fates, Figures},
    render::words::{amount, number},
};

/// Where the bars begin and end: left of them the ages, right of them the figures.
const LEFT: f64 = 112.0;
const RIGHT: f64 = WIDTH - 116.0;

/// The height of a row and of its bar.
const ROW: f64 = 26.0;
const BAR: f64 = 14.0;

/// A share of fewer posts is drawn hollow: hardly more than a guess.
const FEW: u64 = 20;

pub(super) fn plot(figures: &Figures) -> Plot {
    let whole = figures.ages.iter().fold(Fates::default(), |sum, age| sum.with(&age.fates));
    let mut plot = Plot {
        id: "ages",
        heading: "How many are gone, by age",
        says: "Of no post are both its age and its fate known yet.".to_owned(),
        notes: notes(figures, &whole),
        sheet: None,
        table: None,
    };
    if whole.known() == 0 {
        return plot;
    }
    plot.says = format!(
        "Of {} whose age and fate are known, {} no longer exist on their platforms ({}). A bar is the share of posts \
         that are so old today; its whiskers hold the true share 95 times out of 100.",
        amount(whole.known(), "post"),
        number(whole.gone()),
        per_cent(whole.gone(), whole.known()),
    );
    plot.sheet = Some(draw(&figures.ages));
    plot.table = Some(table(&figures.ages));
    plot
}

fn notes(figures: &Figures, whole: &Fates) -> Vec<String> {
    let mut notes = Vec::new();
    if figures.ages.iter().any(|age| (1..FEW).contains(&age.fates.known())) {
        notes.push(format!("A hollow bar stands for fewer than {FEW} posts: hardly more than a guess."));
    }
    let mut left_out = Vec::new();
    if figures.ageless.posts() > 0 {
        left_out.push(format!(
            "{} of which no date is known ({} of them gone)",
            amount(figures.ageless.posts(), "post"),
            number(figures.ageless.gone())
        ));
    }
    if whole.unknown > 0 {
        left_out.push(format!("{} whose platform has said nothing yet", amount(whole.unknown, "post")));
    }
    if !left_out.is_empty() {
        notes.push(format!("Not counted: {}.", left_out.join("; ")));
    }
    if whole.withheld > 0 {
        notes.push(format!(
            "{} not shown to strangers, or without a reason, count as still there.",
            number(whole.withheld)
        ));
    }
    notes
}

fn name(age: Age) -> &'static str {
    match age {
        Age::Week => "up to 7 days",
        Age::Month => "to 1 month",
        Age::Quarter => "to 3 months",
        Age::HalfYear => "to 6 months",
        Age::Year => "to 12 months",
        Age::TwoYears => "to 24 months",
        Age::Older => "older",
    }
}

fn draw(ages: &[AgeCount]) -> Sheet {
    let intervals = ages.iter().map(|age| interval(&age.fates));
    let axis = Axis::shares(intervals.flatten().map(|(_, high)| high).fold(0.0, f64::max), 4);
    #[allow(clippy::cast_precision_loss, reason = "seven rows")]
    let bottom = MARGIN + ages.len() as f64 * ROW;
    let mut sheet = Sheet::new(bottom + FONT + 2.0 * MARGIN);
    let x = |share: f64| LEFT + (RIGHT - LEFT) * axis.along(share);
    for (tick, words) in &axis.ticks {
        sheet.line((x(*tick), MARGIN), (x(*tick), bottom), if *tick == 0.0 { "axis" } else { "rule" });
        sheet.words((x(*tick), bottom + FONT + 4.0), Anchor::Middle, "tick", words, WIDTH);
    }
    let mut top = MARGIN;
    for AgeCount { age, fates } in ages {
        let (known, gone) = (fates.known(), fates.gone());
        let middle = top + ROW / 2.0;
        let base = middle + FONT * 0.35;
        sheet.words((LEFT - 6.0, base), Anchor::End, "name", name(*age), LEFT - MARGIN);
        let figures = format!("{} of {}", number(gone), number(known));
        let tip = format!("{}: {figures} gone, {}", name(*age), per_cent(gone, known));
        let class = if known < FEW { "bar gone few" } else { "bar gone" };
        sheet.bar((LEFT, middle - BAR / 2.0), (x(share(gone, known)) - LEFT, BAR), class, Some(tip));
        if let Some((low, high)) = interval(fates) {
            sheet.line((x(low), middle), (x(high), middle), "whisker");
            for end in [low, high] {
                sheet.line((x(end), middle - 3.5), (x(end), middle + 3.5), "whisker");
            }
        }
        let words = match known {
            0 => "no posts".to_owned(),
            // The table has them to the last digit.
            100_000..1_000_000_000 => format!("{} of {}k", per_cent(gone, known), number(known / 1_000)),
            10_000..100_000 => format!("{} of {}", per_cent(gone, known), number(known)),
            _ => figures,
        };
        sheet.words((RIGHT + MARGIN, base), Anchor::Start, "value", &words, WIDTH - RIGHT - MARGIN - 2.0);
        top += ROW;
    }
    sheet
}

/// None of no posts: that would be a whisker over everything.
fn interval(fates: &Fates) -> Option<(f64, f64)> {
    (fates.known() > 0).then(|| wilson(fates.gone(), fates.known()))
}

fn table(ages: &[AgeCount]) -> Table {
    let head = ["Age today", "Gone", "Known", "Share", "At least", "At most", "Not known"].map(str::to_owned);
    let row = |AgeCount { age, fates }: &AgeCount| {
        let (share, low, high) = match interval(fates) {
            Some((low, high)) => {
                let words = |share: f64| format!("{:.1} %", share * 100.0);
                (per_cent(fates.gone(), fates.known()), words(low), words(high))
            }
            None => ("–".to_owned(), "–".to_owned(), "–".to_owned()),
        };
        vec![
            name(*age).to_owned(),
            number(fates.gone()),
            number(fates.known()),
            share,
            low,
            high,
            number(fates.unknown),
        ]
    };
    Table { head: head.to_vec(), rows: ages.iter().map(row).collect() }
}
