//! Ticks of a time axis: at days, months or years that people name, with the year where it changes.

use jiff::{ToSpan, civil::Date};

/// A tick: its day, what stands below it, and the year below that where it is the first of it.
pub(super) type Tick = (Date, String, Option<String>);

/// The lengths between two ticks, the shortest first.
const LENGTHS: [Length; 12] = [
    Length::Days(1),
    Length::Days(2),
    Length::Weeks(1),
    Length::Weeks(2),
    Length::Months(1),
    Length::Months(2),
    Length::Months(3),
    Length::Months(6),
    Length::Years(1),
    Length::Years(2),
    Length::Years(5),
    Length::Years(10),
];

#[derive(Clone, Copy)]
enum Length {
    Days(i64),
    Weeks(i64),
    Months(i8),
    Years(i16),
}

/// The ticks between two days, `most` at the most; the first day itself where no round one lies between them.
pub(super) fn ticks(first: Date, last: Date, most: usize) -> Vec<Tick> {
    let days = LENGTHS.iter().map(|length| days(first, last, *length, most + 1)).find(|days| days.len() <= most);
    let mut days = days.unwrap_or_default();
    if days.is_empty() {
        days.push((first, true));
    }
    let mut year = None;
    let words = |day: Date, by_day: bool| match by_day {
        true => day.strftime("%-d %b").to_string(),
        false => day.strftime("%b").to_string(),
    };
    let yearly = days.iter().all(|(day, by_day)| !by_day && day.month() == 1) && days.len() > 1;
    let ticks = days.into_iter().map(|(day, by_day)| {
        if yearly {
            return (day, day.year().to_string(), None);
        }
        let new_year = year.replace(day.year()) != Some(day.year());
        (day, words(day, by_day), new_year.then(|| day.year().to_string()))
    });
    ticks.collect()
}

/// The round days of one length, up to `limit` of them; whether each is named by its day.
fn days(first: Date, last: Date, length: Length, limit: usize) -> Vec<(Date, bool)> {
    let monday = || first.saturating_add((7 - i64::from(first.weekday().to_monday_zero_offset())).rem_euclid(7).days());
    let month = |every: i8| {
        let mut at = first.first_of_month();
        while at < first || (at.month() - 1) % every != 0 {
            at = at.checked_add(1.month()).ok()?;
        }
        Some(at)
    };
    let year = |every: i16| {
        let mut at = first.first_of_year();
        while at < first || at.year().rem_euclid(every) != 0 {
            at = at.checked_add(1.year()).ok()?;
        }
        Some(at)
    };
    let (start, step) = match length {
        Length::Days(n) => (Some(first), n.days()),
        Length::Weeks(n) => (Some(monday()), (7 * n).days()),
        Length::Months(n) => (month(n), i64::from(n).months()),
        Length::Years(n) => (year(n), i64::from(n).years()),
    };
    let by_day = matches!(length, Length::Days(_) | Length::Weeks(_));
    let mut found = Vec::new();
    let mut at = start;
    while let Some(day) = at.filter(|day| *day <= last && found.len() < limit) {
        found.push((day, by_day));
        at = day.checked_add(step).ok();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(first: &str, last: &str) -> String {
        let ticks = ticks(first.parse().unwrap(), last.parse().unwrap(), 6);
        let words = ticks
            .iter()
            .map(|(_, words, year)| format!("{words}{}", year.as_ref().map_or(String::new(), |y| format!("/{y}"))));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_days_months_or_years_as_the_span_asks() {
        assert_eq!(written("2026-11-22", "2026-11-22"), "22 Nov/2026");
        assert_eq!(written("2026-12-28", "2027-01-01"), "28 Dec/2026 29 Dec 30 Dec 31 Dec 1 Jan/2027");
        assert_eq!(written("2026-10-20", "2026-11-22"), "26 Oct/2026 2 Nov 9 Nov 16 Nov");
        assert_eq!(written("2026-01-05", "2026-06-22"), "1 Feb".replace("1 Feb", "Feb/2026 Mar Apr May Jun"));
        assert_eq!(written("2025-03-03", "2026-11-16"), "Jul/2025 Jan/2026 Jul");
        assert_eq!(written("2021-05-01", "2026-11-01"), "2022 2023 2024 2025 2026");
        assert_eq!(written("1991-05-01", "2026-11-01"), "2000 2010 2020");
    }

    #[test]
    fn the_ends_of_the_calendar_have_ticks_too() {
        assert!(!ticks(Date::MIN, Date::MAX, 6).is_empty());
        assert!(!ticks(Date::MAX, Date::MAX, 6).is_empty());
    }
}
