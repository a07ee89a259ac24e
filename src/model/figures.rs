//! What the plots of the status page are drawn from: counts over time, by age, by platform.

use jiff::{ToSpan, Unit, civil::Date};
use serde::{Deserialize, Serialize};

/// Everything that is plotted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// The width of a bar of `captures`.
    pub step: Step,
    /// Posts by when their first content came, the earliest first; only steps and platforms that have any.
    pub captures: Vec<CaptureCount>,
    /// Posts by how old they are now, the youngest first.
    pub ages: Vec<AgeCount>,
    /// Posts whose age is not known.
    pub ageless: Fates,
    /// Posts by platform, the largest first.
    pub platforms: Vec<PlatformFates>,
    /// The archive's size as runs left it, the earliest first: one a day at the most.
    pub sizes: Vec<SizeOn>,
    /// Distinct files of posts by kind, the largest sum first.
    pub media: Vec<MediaSum>,
}

/// The length of time that one bar stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A day.
    #[default]
    Day,
    /// A week from Monday on.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// Steps that still make bars rather than hairs.
const MAX_STEPS: i64 = 62;

/// Months may be hairs before years take over.
const MAX_MONTHS: i64 = 120;

impl Step {
    /// The shortest step that divides the days from `first` to `last` into a readable number.
    #[must_use]
    pub fn of(first: Date, last: Date) -> Self {
        let days = i64::from((last - first).get_days()) + 1;
        match days {
            ..=MAX_STEPS => Self::Day,
            _ if days / 7 <= MAX_STEPS => Self::Week,
            _ if days / 31 <= MAX_MONTHS => Self::Month,
            _ => Self::Year,
        }
    }

    /// The first day of the step that `day` is in.
    #[must_use]
    pub fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.saturating_sub(since_monday.days())
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The first day of the next step; none at the end of the calendar.
    #[must_use]
    pub fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Day => 1.day(),
            Self::Week => 7.days(),
            Self::Month => 1.month(),
            Self::Year => 1.year(),
        };
        start.checked_add(span).ok()
    }

    /// How many steps lie between two starts.
    #[must_use]
    pub fn between(self, from: Date, to: Date) -> i64 {
        let unit = match self {
            Self::Day | Self::Week => Unit::Day,
            Self::Month => Unit::Month,
            Self::Year => Unit::Year,
        };
        let Ok(span) = from.until((unit, to)) else { return 0 };
        match self {
            Self::Day => i64::from(span.get_days()),
            Self::Week => i64::from(span.get_days()).div_euclid(7),
            Self::Month => i64::from(span.get_months()),
            Self::Year => i64::from(span.get_years()),
        }
    }
}

/// Posts of one platform whose first content came in one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureCount {
    /// The step's first day.
    pub start: Date,
    /// The platform's id.
    pub platform: String,
    /// How many.
    pub posts: u64,
}

/// How posts stand by their platforms' own words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fates {
    /// There, and shown.
    pub live: u64,
    /// Deleted.
    pub deleted: u64,
    /// Gone with their account.
    pub account_deleted: u64,
    /// Gone with an account that the platform suspended.
    pub suspended: u64,
    /// Not shown to strangers, or not shown without a reason.
    pub withheld: u64,
    /// Those of which the platform has said nothing yet.
    pub unknown: u64,
}

impl Fates {
    /// Those that no longer exist.
    #[must_use]
    pub fn gone(&self) -> u64 {
        self.deleted.saturating_add(self.account_deleted).saturating_add(self.suspended)
    }

    /// Those of which the platform has said something.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.gone().saturating_add(self.live).saturating_add(self.withheld)
    }

    /// All of them.
    #[must_use]
    pub fn posts(&self) -> u64 {
        self.known().saturating_add(self.unknown)
    }

    /// Both together.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self {
            live: self.live.saturating_add(other.live),
            deleted: self.deleted.saturating_add(other.deleted),
            account_deleted: self.account_deleted.saturating_add(other.account_deleted),
            suspended: self.suspended.saturating_add(other.suspended),
            withheld: self.withheld.saturating_add(other.withheld),
            unknown: self.unknown.saturating_add(other.unknown),
        }
    }
}

/// How old a post is: the time since it was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Up to seven days.
    Week,
    /// Up to a month.
    Month,
    /// Up to three.
    Quarter,
    /// Up to six.
    HalfYear,
    /// Up to twelve.
    Year,
    /// Up to twenty-four.
    TwoYears,
    /// More.
    Older,
}

impl Age {
    /// Every age, the youngest first.
    pub const ALL: [Self; 7] =
        [Self::Week, Self::Month, Self::Quarter, Self::HalfYear, Self::Year, Self::TwoYears, Self::Older];

    /// The earliest day of publication that is still of this age on the day `today`; none for the oldest.
    #[must_use]
    pub fn earliest(self, today: Date) -> Option<Date> {
        Some(today.saturating_sub(match self {
            Self::Week => 7.days(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::HalfYear => 6.months(),
            Self::Year => 12.months(),
            Self::TwoYears => 24.months(),
            Self::Older => return None,
        }))
    }
}

/// How posts of one age stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeCount {
    /// How old they are now.
    pub age: Age,
    /// How they stand.
    pub fates: Fates,
}

/// How posts of one platform stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformFates {
    /// The platform's id.
    pub platform: String,
    /// How they stand.
    pub fates: Fates,
}

/// The archive's size at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeOn {
    /// The day.
    pub day: Date,
    /// In bytes.
    pub bytes: u64,
}

/// Distinct files of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaSum {
    /// The first part of their types: `image`, `video`, `audio`, `application`, `text`.
    pub kind: String,
    /// How many.
    pub files: u64,
    /// Their sizes together.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_longer_span_asks_for_a_longer_step() {
        let step = |last: &str| Step::of(day("2024-01-01"), day(last));
        assert_eq!(step("2024-01-01"), Step::Day);
        assert_eq!(step("2024-03-02"), Step::Day);
        assert_eq!(step("2024-03-03"), Step::Week);
        assert_eq!(step("2025-06-01"), Step::Month);
        assert_eq!(step("2036-01-01"), Step::Year);
        assert_eq!(Step::of(Date::MIN, Date::MAX), Step::Year);
    }

    #[test]
    fn steps_begin_where_the_calendar_does_and_are_counted_from_there() {
        assert_eq!(Step::Week.start(day("2026-11-22")), day("2026-11-16"));
        assert_eq!(Step::Week.start(Date::MIN), Date::MIN, "the calendar begins on a Monday, or is cut there");
        assert_eq!(Step::Month.start(day("2024-02-29")), day("2024-02-01"));
        assert_eq!(Step::Year.next(Date::MAX.first_of_year()), None);
        assert_eq!(Step::Month.between(day("2023-11-01"), day("2024-02-01")), 3);
        assert_eq!(Step::Week.between(day("2026-11-16"), day("2026-11-30")), 2);
    }

    #[test]
    fn ages_are_cut_by_calendar_months() {
        assert_eq!(Age::Month.earliest(day("2024-03-31")), Some(day("2024-02-29")));
        assert_eq!(Age::Older.earliest(day("2024-03-31")), None);
    }
}
