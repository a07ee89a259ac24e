//! Axes with round ticks, and numbers as they are read beside them.

use crate::render::words::number;

/// Sizes in the units that people know, each 1,024 times the one before.
const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// An axis from nothing to its last tick.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// The ticks with their words, the first of them at nothing.
    pub(super) ticks: Vec<(f64, String)>,
    top: f64,
}

impl Axis {
    /// An axis of counts that reaches `largest`, with about `wanted` ticks above nothing.
    pub(super) fn counts(largest: u64, wanted: u32) -> Self {
        // A count has no half.
        Self::round(approximate(largest), wanted, 1.0, count)
    }

    /// An axis of sizes in bytes.
    pub(super) fn sizes(largest: u64, wanted: u32) -> Self {
        let (power, unit) = unit(largest);
        let scale = 1024_f64.powi(power);
        let mut axis = Self::round(approximate(largest) / scale, wanted, if power == 0 { 1.0 } else { 0.1 }, |tick| {
            if tick.fract() == 0.0 { format!("{tick:.0} {unit}") } else { format!("{tick:.1} {unit}") }
        });
        axis.ticks.iter_mut().for_each(|(tick, _)| *tick *= scale);
        axis.top *= scale;
        axis
    }

    /// An axis of shares, which ends at the whole.
    pub(super) fn shares(largest: f64, wanted: u32) -> Self {
        let axis = Self::round(largest.clamp(0.0, 1.0) * 100.0, wanted, 1.0, |tick| format!("{tick:.0} %"));
        let ticks = axis.ticks.into_iter().map(|(tick, words)| (tick / 100.0, words));
        let mut axis = Self { ticks: ticks.filter(|(tick, _)| *tick <= 1.0).collect(), top: axis.top / 100.0 };
        axis.top = axis.top.min(1.0);
        axis
    }

    /// Steps of 1, 2 or 5 times a power of ten, and no smaller than `least`.
    fn round(largest: f64, wanted: u32, least: f64, words: impl Fn(f64) -> String) -> Self {
        let largest = if largest.is_finite() { largest.max(least) } else { least };
        let rough = (largest / f64::from(wanted.max(1))).max(least);
        let power = 10_f64.powf(rough.log10().floor());
        // What is written as 0.1 is not quite that; a hair's breadth decides nothing.
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough * 0.999_999);
        let step = step.unwrap_or(rough).max(least);
        let steps = (largest / step - 1e-9).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= steps {
            // Rounded to the step's own digits, as sums of tenths drift.
            let tick = (at * step / least).round() * least;
            ticks.push((tick, words(tick)));
            at += 1.0;
        }
        Self { top: (steps * step).max(least), ticks }
    }

    /// How far along the axis a value lies, 0 to 1.
    pub(super) fn along(&self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }

    /// The same of a count or a size.
    pub(super) fn along_count(&self, count: u64) -> f64 {
        self.along(approximate(count))
    }
}

/// As a number with a fraction; beyond 2^53 not to the last digit, which no plot shows.
#[allow(clippy::cast_precision_loss, reason = "a plot is a few hundred units wide")]
pub(super) fn approximate(count: u64) -> f64 {
    count as f64
}

/// A share of `whole`; none of nothing is nothing.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { approximate(part) / approximate(whole) }
}

/// A share in words: whole per cents, one digit more below ten, and never "0 %" or "100 %" where that is not so.
pub(in crate::render) fn per_cent(part: u64, whole: u64) -> String {
    let per_cent = share(part, whole) * 100.0;
    if part == 0 || part == whole {
        format!("{per_cent:.0} %")
    } else if per_cent < 0.1 {
        "under 0.1 %".to_owned()
    } else if per_cent < 9.95 {
        format!("{per_cent:.1} %")
    } else if per_cent > 99.0 {
        "over 99 %".to_owned()
    } else {
        format!("{per_cent:.0} %")
    }
}

/// A tick of a count: short, however large.
fn count(tick: f64) -> String {
    for (unit, name) in [(1e18, "×10¹⁸"), (1e15, "×10¹⁵"), (1e12, "T"), (1e9, "bn"), (1e6, "m"), (1e4, "k")] {
        if tick >= unit {
            let unit = if name == "k" { 1e3 } else { unit };
            let rounded = tick / unit;
            return if rounded.fract() == 0.0 { format!("{rounded:.0}{name}") } else { format!("{rounded:.1}{name}") };
        }
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ticks below 10,000 that are whole")]
    number(tick as u64)
}

fn unit(bytes: u64) -> (i32, &'static str) {
    let mut power = 0;
    while power < 6 && bytes >> (10 * (power + 1)) > 0 {
        power += 1;
    }
    let name = usize::try_from(power).ok().and_then(|power| UNITS.get(power)).copied();
    (power, name.unwrap_or("B"))
}

/// A size for people: a tenth is as exact as they want it.
pub(in crate::render) fn bytes(bytes: u64) -> String {
    match unit(bytes) {
        (0, unit) => format!("{bytes} {unit}"),
        (power, unit) => format!("{:.1} {unit}", approximate(bytes) / 1024_f64.powi(power)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, words)| words.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_and_reach_the_largest() {
        assert_eq!(words(&Axis::counts(0, 3)), ["0", "1"]);
        assert_eq!(words(&Axis::counts(1, 3)), ["0", "1"]);
        assert_eq!(words(&Axis::counts(7, 3)), ["0", "5", "10"]);
        assert_eq!(words(&Axis::counts(1_204, 3)), ["0", "500", "1,000", "1,500"]);
        assert_eq!(words(&Axis::counts(3_000_000, 3)), ["0", "1m", "2m", "3m"]);
        assert_eq!(words(&Axis::counts(250_000, 3)), ["0", "100k", "200k", "300k"]);
        assert_eq!(words(&Axis::counts(u64::MAX, 3)), ["0", "10×10¹⁸", "20×10¹⁸"]);
        assert_eq!(words(&Axis::sizes(0, 3)), ["0 B", "1 B"]);
        assert_eq!(words(&Axis::sizes(1_300 << 20, 3)), ["0 GiB", "0.5 GiB", "1 GiB", "1.5 GiB"]);
        assert_eq!(words(&Axis::sizes(700 << 20, 3)), ["0 MiB", "500 MiB", "1000 MiB"]);
        assert_eq!(words(&Axis::shares(0.0, 4)), ["0 %", "1 %"]);
        assert_eq!(words(&Axis::shares(0.79, 4)), ["0 %", "20 %", "40 %", "60 %", "80 %"]);
        assert_eq!(words(&Axis::shares(f64::NAN, 4)).len(), 2);
    }

    #[test]
    fn every_axis_holds_its_largest_value() {
        for shift in 0..64 {
            for largest in [1_u64 << shift, (1 << shift) - 1, (1_u64 << shift).wrapping_mul(3)] {
                for axis in [Axis::counts(largest, 3), Axis::sizes(largest, 3)] {
                    let last = axis.ticks.last().unwrap().0;
                    assert!(last * 1.000_001 >= approximate(largest), "{largest}: {axis:?}");
                    assert!(axis.ticks.len() <= 6, "{largest}: {axis:?}");
                }
            }
        }
    }

    #[test]
    fn shares_and_sizes_say_no_more_than_is_so() {
        assert_eq!(
            [
                per_cent(0, 7),
                per_cent(7, 7),
                per_cent(1, 9_999),
                per_cent(9_998, 9_999),
                per_cent(1, 30),
                per_cent(1, 3)
            ],
            ["0 %", "100 %", "under 0.1 %", "over 99 %", "3.3 %", "33 %"]
        );
        assert_eq!([bytes(0), bytes(1_023), bytes(1_536), bytes(u64::MAX)], ["0 B", "1023 B", "1.5 KiB", "16.0 EiB"]);
    }
}
