//! Which of many copies stay when they are thinned out: the words and rules of restic's and borg's `forget`.

use jiff::{Timestamp, tz::TimeZone};
use std::{collections::BTreeSet, time::Duration};

/// What is kept; a copy that one of these keeps stays. Days, weeks, months and years are those of UTC, as in the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many.
    pub last: Option<u32>,
    /// All that are no older than this.
    pub within: Option<Duration>,
    /// The newest of each of the last so many hours that have any.
    pub hourly: Option<u32>,
    /// The same of days.
    pub daily: Option<u32>,
    /// The same of weeks, which begin on Monday.
    pub weekly: Option<u32>,
    /// The same of months.
    pub monthly: Option<u32>,
    /// The same of years.
    pub yearly: Option<u32>,
}

/// What tells one period from another of its kind.
type Period = fn(Timestamp) -> [i64; 3];

impl Keep {
    /// Whether anything is to be kept by it: without a rule nothing is thinned out.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// Which of these instants, newest first, stay. Applied to what stays it keeps all of it.
    pub(super) fn kept(&self, newest_first: &[Timestamp], now: Timestamp) -> Vec<bool> {
        let last = usize::try_from(self.last.unwrap_or(0)).unwrap_or(usize::MAX);
        let since = self.within.and_then(|within| super::before(now, within));
        let mut kept: Vec<bool> = newest_first
            .iter()
            .enumerate()
            .map(|(place, at)| place < last || since.is_some_and(|since| *at >= since))
            .collect();
        let periods: [(Option<u32>, Period); 5] = [
            (self.hourly, |at| [at.as_second().div_euclid(3600), 0, 0]),
            (self.daily, |at| [at.as_second().div_euclid(86_400), 0, 0]),
            (self.weekly, |at| {
                let week = at.to_zoned(TimeZone::UTC).date().iso_week_date();
                [week.year().into(), week.week().into(), 0]
            }),
            (self.monthly, |at| {
                let date = at.to_zoned(TimeZone::UTC).date();
                [date.year().into(), date.month().into(), 0]
            }),
            (self.yearly, |at| [at.to_zoned(TimeZone::UTC).date().year().into(), 0, 0]),
        ];
        for (count, period) in periods {
            let (count, mut seen) = (count.unwrap_or(0) as usize, BTreeSet::new());
            for (at, kept) in newest_first.iter().zip(&mut kept) {
                if seen.len() < count && seen.insert(period(*at)) {
                    *kept = true;
                }
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(keep: &Keep, instants: &[&str]) -> Vec<String> {
        let instants: Vec<Timestamp> = instants.iter().map(|at| at.parse().unwrap()).collect();
        let now = "2026-03-10T00:00:00Z".parse().unwrap();
        let stays = |of: &[Timestamp]| -> Vec<Timestamp> {
            of.iter().zip(keep.kept(of, now)).filter(|(_, kept)| *kept).map(|(at, _)| *at).collect()
        };
        let once = stays(&instants);
        assert_eq!(stays(&once), once, "thinned out a second time");
        once.iter().map(|at| at.strftime("%m-%dT%H").to_string()).collect()
    }

    const INSTANTS: [&str; 6] = [
        "2026-03-09T18:00:00Z",
        "2026-03-09T06:00:00Z",
        "2026-03-08T06:00:00Z",
        "2026-02-20T06:00:00Z",
        "2026-02-19T06:00:00Z",
        "2025-12-31T06:00:00Z",
    ];

    #[test]
    fn each_rule_keeps_what_its_name_says() {
        let keep = |change: fn(&mut Keep)| {
            let mut keep = Keep::default();
            change(&mut keep);
            days(&keep, &INSTANTS)
        };
        assert_eq!(keep(|keep| keep.last = Some(2)), ["03-09T18", "03-09T06"]);
        assert_eq!(keep(|keep| keep.daily = Some(2)), ["03-09T18", "03-08T06"]);
        assert_eq!(keep(|keep| keep.weekly = Some(2)), ["03-09T18", "03-08T06"], "weeks begin on Monday");
        assert_eq!(keep(|keep| keep.monthly = Some(9)), ["03-09T18", "02-20T06", "12-31T06"]);
        assert_eq!(keep(|keep| keep.yearly = Some(1)), ["03-09T18"]);
        assert_eq!(
            keep(|keep| keep.within = Some(Duration::from_secs(2 * 86_400))),
            ["03-09T18", "03-09T06", "03-08T06"]
        );
        assert_eq!(
            keep(|keep| (keep.last, keep.yearly) = (Some(1), Some(2))),
            ["03-09T18", "12-31T06"],
            "what any rule keeps stays"
        );
    }
}
