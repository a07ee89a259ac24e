//! Times as people write them: `yesterday`, `2024-08`, `3d`, `last monday`, `2024-08-11 20:15`, an instant with its offset.
//!
//! A day, a week, a month or a year is a stretch of time in the user's own time zone: `since` is its first moment, `until`
//! its last one, so that `--since 2024-08 --until 2024-08` is all of August. Everything else is a moment, for both alike.
//! What is not understood to the last letter is refused: half a reading would be another question than the one asked.

use crate::model::When;
use jiff::{
    Span, Timestamp, ToSpan, Zoned,
    civil::{Date, DateTime, Weekday, date},
    tz::TimeZone,
};

/// How to write a time.
const FORMS: &str = "write a day (2024-08-11, yesterday, last monday), a month (2024-08), a year (2024), how long ago (3d, 2w, \
    3 days ago), or a moment (2024-08-11 20:15, 2024-08-11T20:15:00Z)";

/// The longest words of a time, in bytes.
const MAX_BYTES: usize = 100;

/// How a day is written with the name of its month, or in the order of days, months and years.
const DAYS: [&str; 8] =
    ["%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y"];

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The moment from which on something counts, as the words say it: of a day, a month or a year its first one.
///
/// # Errors
/// How to write a time.
pub fn since(words: &str, now: &Zoned) -> Result<Timestamp, String> {
    read(words, now)?.bounds(now.time_zone()).map(|(first, _)| first)
}

/// The moment until which something counts, as the words say it: of a day, a month or a year its last one.
///
/// # Errors
/// How to write a time.
pub fn until(words: &str, now: &Zoned) -> Result<Timestamp, String> {
    read(words, now)?.bounds(now.time_zone()).map(|(_, last)| last)
}

/// What words name.
enum Time {
    Moment(Timestamp),
    /// Whole days: the first of them, and the day after the last.
    Days(Date, Date),
}

impl Time {
    /// The first and the last moment.
    fn bounds(&self, zone: &TimeZone) -> Result<(Timestamp, Timestamp), String> {
        match self {
            Self::Moment(at) => Ok((*at, *at)),
            Self::Days(first, next) => {
                let start = |day: &Date| day.to_zoned(zone.clone()).map(|at| at.timestamp()).map_err(|_| told());
                Ok((start(first)?, start(next)?.checked_sub(1.nanosecond()).map_err(|_| told())?))
            }
        }
    }
}

fn told() -> String {
    FORMS.to_owned()
}

fn read(words: &str, now: &Zoned) -> Result<Time, String> {
    if words.len() > MAX_BYTES {
        return Err(told());
    }
    let words = words.trim();
    let plain = words.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    named(&plain, now)
        .or_else(|| calendar(&plain))
        .or_else(|| moment(words, now))
        .or_else(|| ago(&plain, now))
        .ok_or_else(told)
}

/// Words alone: `today`, `last monday`, `this month`, `august 2024`.
fn named(words: &str, now: &Zoned) -> Option<Time> {
    let today = now.date();
    match words {
        "now" => return Some(Time::Moment(now.timestamp())),
        "today" => return days(today, 1.day()),
        "yesterday" => return days(today.yesterday().ok()?, 1.day()),
        _ => {}
    }
    let (which, name) = match words.split_once(' ') {
        Some((which @ ("last" | "this"), name)) => (Some(which), name),
        _ => (None, words),
    };
    let back = i32::from(which == Some("last"));
    match (which, name) {
        (Some(_), "week") => {
            let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?;
            return days(monday.checked_sub(back.weeks()).ok()?, 1.week());
        }
        (Some(_), "month") => return days(today.first_of_month().checked_sub(back.months()).ok()?, 1.month()),
        (Some(_), "year") => return days(today.first_of_year().checked_sub(back.years()).ok()?, 1.year()),
        _ => {}
    }
    if let Some((_, weekday)) = WEEKDAYS.iter().find(|(known, _)| is_name(name, known)) {
        // A weekday is the latest one: today, if it is today, unless the last one is asked for.
        let latest = if which == Some("last") { today.yesterday().ok()? } else { today };
        let behind = weekday.until(latest.weekday());
        return days(latest.checked_sub(i64::from(behind).days()).ok()?, 1.day());
    }
    let (name, year) = match name.rsplit_once(' ') {
        Some((name, year)) if which.is_none() => (name, Some(self::year(year)?)),
        _ => (name, None),
    };
    let month = (1..).zip(MONTHS).find(|(_, known)| is_name(name, known)).map(|(n, _)| n)?;
    let first = match year {
        Some(year) => Date::new(year, month, 1).ok()?,
        None => {
            // A month is the latest one: this one, if it is this one, unless the last one is asked for.
            let this = Date::new(today.year(), month, 1).ok()?;
            let ahead = this > today.first_of_month() || (which == Some("last") && this == today.first_of_month());
            this.checked_sub(i32::from(ahead).years()).ok()?
        }
    };
    days(first, 1.month())
}

/// A name or its first three letters.
fn is_name(words: &str, name: &str) -> bool {
    words == name || name.get(..3) == Some(words)
}

/// A year, a month or a day in numbers, or a day with the name of its month.
fn calendar(words: &str) -> Option<Time> {
    if let Some(year) = year(words) {
        return days(date(year, 1, 1), 1.year());
    }
    if let Some((start, month)) = words.split_once(['-', '/'])
        && let (Some(year), true) = (year(start), month.len() == 2)
    {
        return days(Date::new(year, month.parse().ok()?, 1).ok()?, 1.month());
    }
    // A day of ISO 8601 alone: what stands behind it makes it a moment.
    let iso = words.len() == 10 && words.as_bytes().get(4) == Some(&b'-');
    let iso = iso.then(|| words.parse::<Date>().ok()).flatten();
    let day =
        iso.or_else(|| DAYS.iter().find_map(|form| Date::strptime(form, words).ok()).filter(|day| day.year() >= 1000))?;
    days(day, 1.day())
}

/// Four digits.
fn year(words: &str) -> Option<i16> {
    let digits = words.len() == 4 && words.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| words.parse().ok()).flatten()
}

/// A day with a time of day: with an offset, or in the user's time zone.
fn moment(words: &str, now: &Zoned) -> Option<Time> {
    if let Ok(at) = words.parse::<DateTime>()
        && words.len() > 10
        && words.parse::<Timestamp>().is_err()
    {
        return at.to_zoned(now.time_zone().clone()).ok().map(|at| Time::Moment(at.timestamp()));
    }
    match When::parse(words)? {
        When::Instant(at) => Some(Time::Moment(at)),
        When::Day(day) => days(day, 1.day()),
    }
}

/// So long ago: `3d`, `2 weeks ago`. The clock is turned back by the calendar of the user's time zone.
fn ago(words: &str, now: &Zoned) -> Option<Time> {
    let begins_with_a_number = words.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let length: Span = if begins_with_a_number { words.parse().ok()? } else { return None };
    // What is ahead is no time ago: both "3d" and "3 days ago" mean what is past.
    let past = if length.is_negative() { length } else { length.negate() };
    now.checked_add(past).ok().map(|at| Time::Moment(at.timestamp()))
}

fn days(first: Date, length: Span) -> Option<Time> {
    Some(Time::Days(first, first.checked_add(length).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday, in a zone that is two hours ahead of UTC then.
    fn now() -> Zoned {
        "2026-06-17T14:30:00+02:00[Europe/Berlin]".parse().unwrap()
    }

    fn read(words: &str) -> String {
        let now = now();
        let shown = |at: Timestamp| at.to_zoned(now.time_zone().clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        match (since(words, &now), until(words, &now)) {
            (Ok(since), Ok(until)) => format!("{} .. {}", shown(since), shown(until)),
            (Err(why), Err(same)) if why == same => "refused".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let day = |day: &str| format!("{day} 00:00:00 .. {day} 23:59:59");
        let at = |at: &str| format!("{at} .. {at}");
        let cases = [
            ("today", day("2026-06-17")),
            ("Yesterday", day("2026-06-16")),
            ("monday", day("2026-06-15")),
            ("wed", day("2026-06-17")),
            ("last wednesday", day("2026-06-10")),
            ("last  Monday", day("2026-06-15")),
            ("this week", "2026-06-15 00:00:00 .. 2026-06-21 23:59:59".to_owned()),
            ("last week", "2026-06-08 00:00:00 .. 2026-06-14 23:59:59".to_owned()),
            ("last month", "2026-05-01 00:00:00 .. 2026-05-31 23:59:59".to_owned()),
            ("this year", "2026-01-01 00:00:00 .. 2026-12-31 23:59:59".to_owned()),
            ("august", "2025-08-01 00:00:00 .. 2025-08-31 23:59:59".to_owned()),
            ("last june", "2025-06-01 00:00:00 .. 2025-06-30 23:59:59".to_owned()),
            ("aug 2024", "2024-08-01 00:00:00 .. 2024-08-31 23:59:59".to_owned()),
            ("2024", "2024-01-01 00:00:00 .. 2024-12-31 23:59:59".to_owned()),
            ("2024-02", "2024-02-01 00:00:00 .. 2024-02-29 23:59:59".to_owned()),
            ("2024-08-11", day("2024-08-11")),
            ("2024/08/11", day("2024-08-11")),
            ("11.08.2024", day("2024-08-11")),
            ("11 August 2024", day("2024-08-11")),
            ("Aug 11, 2024", day("2024-08-11")),
            ("now", at("2026-06-17 14:30:00")),
            ("3d", at("2026-06-14 14:30:00")),
            ("2w", at("2026-06-03 14:30:00")),
            ("90m", at("2026-06-17 13:00:00")),
            ("3 days ago", at("2026-06-14 14:30:00")),
            ("1 month ago", at("2026-05-17 14:30:00")),
            ("2024-08-11 20:15", at("2024-08-11 20:15:00")),
            ("2024-08-11T20:15", at("2024-08-11 20:15:00")),
            ("2024-08-11T20:15:00Z", at("2024-08-11 22:15:00")),
            ("2024-08-11T20:15:00-07:00", at("2024-08-12 05:15:00")),
            ("Sun, 04 Apr 2021 15:22:00 GMT", at("2021-04-04 17:22:00")),
        ];
        for (words, expected) in cases {
            assert_eq!(read(words), expected, "{words}");
        }
    }

    #[test]
    fn what_is_not_understood_to_the_last_letter_is_refused() {
        for words in [
            "",
            "soon",
            "decent",
            "monkey",
            "3",
            "3x",
            "20240",
            "2024-13",
            "2024-02-30",
            "2024-8",
            "last",
            "last 3d",
            "d3",
            "-3d",
            "august 20",
            "11/08/2024",
            "yesterday noon",
            "99999999999w",
            "2024-08-11 25:00",
            &"9".repeat(5_000),
        ] {
            assert_eq!(read(words), "refused", "{words}");
        }
    }

    #[test]
    fn a_day_on_which_the_clock_is_turned_is_a_whole_day() {
        let (first, last) = (since("2026-03-29", &now()).unwrap(), until("2026-03-29", &now()).unwrap());
        assert_eq!(first.to_string(), "2026-03-28T23:00:00Z");
        assert!(last < "2026-03-29T22:00:00Z".parse().unwrap() && last > "2026-03-29T21:59:59.9Z".parse().unwrap());
    }
}
