//! A sheet of fixed width with shapes on it. It scales as a whole, so its words are set for the narrowest screen.

use serde::Serialize;

/// Every plot is so wide, in its own units: a phone shows it at nine tenths, a wide screen two of them side by side.
pub(super) const WIDTH: f64 = 400.0;

/// The height of words, in units; the style sheet says the same.
pub(super) const FONT: f64 = 12.0;

/// Between a shape and the sheet's edge, in units.
pub(super) const MARGIN: f64 = 8.0;

/// A plot with its words and its figures.
#[derive(Clone, Debug, Serialize)]
pub(in crate::render) struct Plot {
    /// Its name in addresses and identifiers.
    pub(super) id: &'static str,
    /// The heading above it.
    pub(super) heading: &'static str,
    /// What it shows, in a sentence with the figures that matter; the plot's description for those who do not see it.
    pub(super) says: String,
    /// What a reader should know before believing it.
    pub(super) notes: Vec<String>,
    /// None where there is nothing to draw: then `says` says so.
    pub(super) sheet: Option<Sheet>,
    /// The figures.
    pub(super) table: Option<Table>,
}

/// What is drawn.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sheet {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) marks: Vec<Mark>,
    /// Whether a mark is hatched.
    pub(super) hatched: bool,
}

/// A shape. Its class tells the style sheet what it means.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub(super) enum Mark {
    /// A bar, or a swatch of a legend.
    Bar {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        class: &'static str,
        /// The name of its hatching, where the style sheet does not fill it.
        hatch: Option<&'static str>,
        tip: Option<String>,
    },
    /// A line of a grid, an axis or an interval.
    Line { x1: f64, y1: f64, x2: f64, y2: f64, class: &'static str },
    /// A point of a curve.
    Dot { x: f64, y: f64, radius: f64, class: &'static str, tip: Option<String> },
    /// A curve through points, as `x,y x,y`.
    Curve { points: String, class: &'static str },
    /// Words; `anchor` is `start`, `middle` or `end`, and `y` their base line.
    Words { x: f64, y: f64, anchor: Anchor, class: &'static str, words: String },
}

/// Which end of the words stands at their `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// The figures of a plot, for those who read or copy them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Sheet {
    pub(super) fn new(height: f64) -> Self {
        Self { width: WIDTH, height, marks: Vec::new(), hatched: false }
    }

    /// A bar; one that would not be seen is left out.
    pub(super) fn bar(&mut self, at: (f64, f64), size: (f64, f64), class: &'static str, tip: Option<String>) {
        self.hatched_bar(at, size, (class, None), tip);
    }

    /// A bar that its class does not fill, but a hatching of the template.
    pub(super) fn hatched_bar(
        &mut self,
        at: (f64, f64),
        size: (f64, f64),
        (class, hatch): (&'static str, Option<&'static str>),
        tip: Option<String>,
    ) {
        let (x, y, width, height) = (tenth(at.0), tenth(at.1), tenth(size.0), tenth(size.1));
        if width > 0.0 && height > 0.0 {
            self.hatched |= hatch.is_some();
            self.marks.push(Mark::Bar { x, y, width, height, class, hatch, tip });
        }
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &'static str) {
        let (x1, y1, x2, y2) = (tenth(from.0), tenth(from.1), tenth(to.0), tenth(to.1));
        self.marks.push(Mark::Line { x1, y1, x2, y2, class });
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, class: &'static str, tip: Option<String>) {
        self.marks.push(Mark::Dot { x: tenth(at.0), y: tenth(at.1), radius, class, tip });
    }

    pub(super) fn curve(&mut self, points: &[(f64, f64)], class: &'static str) {
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{},{}", tenth(*x), tenth(*y))).collect();
        self.marks.push(Mark::Curve { points: points.join(" "), class });
    }

    /// Words, cut to what fits into `room` units.
    pub(super) fn words(&mut self, at: (f64, f64), anchor: Anchor, class: &'static str, words: &str, room: f64) {
        let words = fitting(words, room);
        self.marks.push(Mark::Words { x: tenth(at.0), y: tenth(at.1), anchor, class, words });
    }
}

/// A tenth of a unit is finer than any screen.
fn tenth(number: f64) -> f64 {
    let rounded = (number * 10.0).round() / 10.0;
    // Zero has no sign on paper.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// How wide words are at the most, in units: the fonts of a system differ, and no letter is wider than its height.
pub(super) fn width_of(words: &str) -> f64 {
    words.chars().map(|c| if c.is_ascii() { 0.58 * FONT } else { FONT }).sum()
}

/// The words, or as many letters of them as fit, with an ellipsis. Line breaks and other control characters are spaces.
fn fitting(words: &str, room: f64) -> String {
    let mut out = String::new();
    // The ellipsis needs room only where something is cut.
    let ellipsis = if width_of(words) <= room { 0.0 } else { width_of("…") };
    let mut left = room;
    let mut letters = words.chars().map(|c| if c.is_control() { ' ' } else { c }).peekable();
    while let Some(letter) = letters.next() {
        let width = width_of(letter.encode_utf8(&mut [0; 4]));
        let needed = if letters.peek().is_some() { width + ellipsis } else { width };
        if needed > left {
            out.push('…');
            return out;
        }
        out.push(letter);
        left -= width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_fit_are_whole() {
        assert_eq!(fitting("1500 KiB", 56.0), "1500 KiB");
        assert_eq!(fitting("15000 KiB", 56.0), "15000 …");
    }
}
