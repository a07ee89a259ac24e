//! The share of posts that are gone or withheld, by platform: each kind hatched in its own way.

use super::{
    scale::{Axis, per_cent, share},
    sheet::{Anchor, FONT, MARGIN, Plot, Sheet, Table, WIDTH, width_of},
};
use crate::{
    model::{Fates, Figures, PlatformFates},
    render::words::{self, amount, number},
};

/// Platforms with a row of their own; the rest share one.
const MAX_ROWS: usize = 8;

/// Where the bars begin and end: the platform's name stands above its bar.
const LEFT: f64 = MARGIN;
const RIGHT: f64 = WIDTH - MARGIN;

/// The height of a row and of its bar.
const ROW: f64 = 40.0;
const BAR: f64 = 16.0;

/// The side of a swatch in the legend.
const SWATCH: f64 = 12.0;

/// A kind in the stack: its class, its hatching, its word, its count.
type Kind = (&'static str, Option<&'static str>, &'static str, fn(&Fates) -> u64);

/// In the order in which they are stacked.
const KINDS: [Kind; 4] = [
    ("bar gone", None, "deleted", |fates| fates.deleted),
    ("part account", Some("account"), "account deleted", |fates| fates.account_deleted),
    ("part suspended", Some("suspended"), "suspended", |fates| fates.suspended),
    ("part withheld", Some("withheld"), "withheld", |fates| fates.withheld),
];

pub(super) fn plot(figures: &Figures) -> Plot {
    let rows = rows(figures);
    let whole = rows.iter().fold(Fates::default(), |sum, (_, fates)| sum.with(fates));
    let mut plot = Plot {
        id: "platforms",
        heading: "What became of posts, by platform",
        says: "No platform has said anything of a post yet.".to_owned(),
        notes: Vec::new(),
        sheet: None,
        table: None,
    };
    if whole.unknown > 0 {
        plot.notes.push(format!("Not counted: {} whose platform has said nothing yet.", amount(whole.unknown, "post")));
    }
    if whole.known() == 0 {
        return plot;
    }
    plot.says = format!(
        "Of {} whose platform has answered, {} are gone ({}) and {} are withheld from strangers.",
        amount(whole.known(), "post"),
        number(whole.gone()),
        per_cent(whole.gone(), whole.known()),
        number(whole.withheld),
    );
    plot.sheet = Some(draw(&rows));
    plot.table = Some(table(&rows));
    plot
}

/// The largest platforms, then the rest as one; those that have said nothing are no row.
fn rows(figures: &Figures) -> Vec<(String, Fates)> {
    let named = |one: &PlatformFates| (words::platform(&one.platform, None), one.fates);
    let mut rows: Vec<_> = figures.platforms.iter().filter(|one| one.fates.posts() > 0).map(named).collect();
    rows.sort_by(|(a_name, a), (b_name, b)| b.posts().cmp(&a.posts()).then_with(|| a_name.cmp(b_name)));
    // One platform left over is shown itself.
    if rows.len() > MAX_ROWS + 1 {
        let rest = rows.split_off(MAX_ROWS);
        let sum = rest.iter().fold(Fates::default(), |sum, (_, fates)| sum.with(fates));
        rows.push((format!("{} others", rest.len()), sum));
    }
    rows
}

fn draw(rows: &[(String, Fates)]) -> Sheet {
    let lost = |fates: &Fates| share(fates.gone().saturating_add(fates.withheld), fates.known());
    let axis = Axis::shares(rows.iter().map(|(_, fates)| lost(fates)).fold(0.0, f64::max), 5);
    let top = 2.0 * (SWATCH + MARGIN) + MARGIN;
    #[allow(clippy::cast_precision_loss, reason = "nine rows")]
    let bottom = top + rows.len() as f64 * ROW;
    let mut sheet = Sheet::new(bottom + FONT + 2.0 * MARGIN);
    legend(&mut sheet);
    let x = |share: f64| LEFT + (RIGHT - LEFT) * axis.along(share);
    let last = axis.ticks.len().saturating_sub(1);
    for (at, (tick, words)) in axis.ticks.iter().enumerate() {
        sheet.line((x(*tick), top), (x(*tick), bottom), if *tick == 0.0 { "axis" } else { "rule" });
        let anchor = match at {
            0 => Anchor::Start,
            at if at == last => Anchor::End,
            _ => Anchor::Middle,
        };
        sheet.words((x(*tick), bottom + FONT + 4.0), anchor, "tick", words, WIDTH);
    }
    let mut at = top;
    for (name, fates) in rows {
        let known = fates.known();
        let figures = match known {
            0 => "nothing known yet".to_owned(),
            known => format!("{} gone of {}", per_cent(fates.gone(), known), number(known)),
        };
        let room = RIGHT - LEFT - width_of(&figures) - MARGIN;
        sheet.words((LEFT + 3.0, at + FONT + 2.0), Anchor::Start, "name", name, room);
        sheet.words((RIGHT, at + FONT + 2.0), Anchor::End, "value", &figures, WIDTH);
        let mut before = 0_u64;
        for (class, hatch, word, count) in KINDS {
            let n = count(fates);
            let from = x(share(before, known));
            before = before.saturating_add(n);
            let tip = format!("{name}: {} {word}, {}", number(n), per_cent(n, known));
            let width = x(share(before, known)) - from;
            sheet.hatched_bar((from, at + FONT + 6.0), (width, BAR), (class, hatch), Some(tip));
        }
        at += ROW;
    }
    sheet
}

fn legend(sheet: &mut Sheet) {
    let (mut x, mut y) = (LEFT, MARGIN);
    for (class, hatch, word, _) in KINDS {
        let width = SWATCH + 5.0 + width_of(word) + 1.5 * MARGIN;
        if x + width > WIDTH {
            (x, y) = (LEFT, y + SWATCH + MARGIN);
        }
        sheet.hatched_bar((x, y), (SWATCH, SWATCH), (class, hatch), None);
        sheet.words((x + SWATCH + 5.0, y + FONT * 0.88), Anchor::Start, "tick", word, WIDTH);
        x += width;
    }
}

fn table(rows: &[(String, Fates)]) -> Table {
    let head =
        ["Platform", "Posts", "Live", "Deleted", "Account deleted", "Suspended", "Withheld", "Not known", "Gone"];
    let row = |(name, fates): &(String, Fates)| {
        let counts = [
            fates.posts(),
            fates.live,
            fates.deleted,
            fates.account_deleted,
            fates.suspended,
            fates.withheld,
            fates.unknown,
        ];
        let gone = if fates.known() == 0 { "–".to_owned() } else { per_cent(fates.gone(), fates.known()) };
        [name.clone()].into_iter().chain(counts.map(number)).chain([gone]).collect()
    };
    Table { head: head.map(str::to_owned).to_vec(), rows: rows.iter().map(row).collect() }
}
