//! Likes and the like over time: a small curve of each, and the figures.

use super::timeline::label_of;
use crate::{
    model::CountsAt,
    render::words::{self, Moment},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Curves that are drawn; platforms count five things.
const MAX_CURVES: usize = 8;

/// The curve's size, in units of its own.
const WIDTH: u32 = 160;
const HEIGHT: u32 = 32;

/// Room for the stroke.
const MARGIN: f64 = 2.0;

#[derive(Serialize)]
pub(super) struct CountsDrawing {
    curves: Vec<Curve>,
    heads: Vec<String>,
    rows: Vec<Row>,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Curve {
    label: String,
    first: String,
    last: String,
    /// `x,y x,y …`
    points: String,
}

#[derive(Serialize)]
struct Row {
    at: Moment,
    counts: Vec<String>,
}

/// The counts of a post; none where they are known of one moment alone.
pub(super) fn counts(counts: &[CountsAt]) -> Option<CountsDrawing> {
    if counts.len() < 2 {
        return None;
    }
    let names: BTreeSet<&String> = counts.iter().flat_map(|at| at.counts.keys()).collect();
    let names: Vec<&String> = names.into_iter().take(MAX_CURVES).collect();
    let row = |at: &CountsAt| Row {
        at: Moment::of(crate::model::When::Instant(at.at)),
        counts: names.iter().map(|name| at.counts.get(*name).map_or("–".to_owned(), |n| words::number(*n))).collect(),
    };
    Some(CountsDrawing {
        curves: names.iter().filter_map(|name| curve(name, counts)).collect(),
        heads: names.iter().map(|name| label_of(name)).collect(),
        rows: counts.iter().map(row).collect(),
        width: WIDTH,
        height: HEIGHT,
    })
}

#[allow(clippy::cast_precision_loss, reason = "a curve of a few pixels")]
fn curve(name: &str, counts: &[CountsAt]) -> Option<Curve> {
    let known: Vec<(i64, u64)> =
        counts.iter().filter_map(|at| Some((at.at.as_second(), *at.counts.get(name)?))).collect();
    let ((from, first), (to, last)) = (*known.first()?, *known.last()?);
    if known.len() < 2 {
        return None;
    }
    let low = known.iter().map(|(_, n)| *n).min()? as f64;
    let high = known.iter().map(|(_, n)| *n).max()? as f64;
    let span = to.saturating_sub(from).max(1) as f64;
    let points = known.iter().map(|(at, n)| {
        let x = MARGIN + at.saturating_sub(from) as f64 / span * (f64::from(WIDTH) - 2.0 * MARGIN);
        let share = if high > low { (*n as f64 - low) / (high - low) } else { 0.5 };
        let y = f64::from(HEIGHT) - MARGIN - share * (f64::from(HEIGHT) - 2.0 * MARGIN);
        format!("{x:.1},{y:.1}")
    });
    Some(Curve {
        label: label_of(name),
        first: words::number(first),
        last: words::number(last),
        points: points.collect::<Vec<_>>().join(" "),
    })
}
