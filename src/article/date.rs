//! Reads the dates that pages state about themselves: ISO where they are careful, words and slashes where not.

use crate::model::When;
use jiff::{Timestamp, civil::Date};
use regex::Regex;
use std::sync::LazyLock;

/// Longer text is no date; a publishing system may print a paragraph into a date's place.
const MAX_DATE_CHARS: usize = 80;

/// Before this year there were no web pages; earlier dates are empty fields (`0001-01-01`, `1970-01-01`).
const FIRST_YEAR: i16 = 1990;

/// Later years are typing errors.
const LAST_YEAR: i16 = 2100;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The same where German, French, Spanish, Portuguese, Italian or Dutch begin a month otherwise.
const FOREIGN_MONTHS: [(&str, usize); 26] = [
    ("j\u{e4}n", 1),
    ("ene", 1),
    ("gen", 1),
    ("f\u{e9}v", 2),
    ("fev", 2),
    ("m\u{e4}r", 3),
    ("mrz", 3),
    ("maa", 3),
    ("avr", 4),
    ("abr", 4),
    ("mai", 5),
    ("mag", 5),
    ("mei", 5),
    ("juin", 6),
    ("giu", 6),
    ("juil", 7),
    ("lug", 7),
    ("ao\u{fb}", 8),
    ("ago", 8),
    ("set", 9),
    ("okt", 10),
    ("out", 10),
    ("ott", 10),
    ("dic", 12),
    ("d\u{e9}c", 12),
    ("dez", 12),
];

static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x)^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})
          (?:(?:\s*T\s*|\s+|,\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?)?",
    )
});
static COMPACT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{4})(\d{2})(\d{2})$"));
static MONTH_FIRST: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b"));
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(\d{1,2})(?:st|nd|rd|th|er)?\.?[\s-]+(?:de\s+)?(\p{L}{3,10})\.?,?[\s-]+(?:de\s+)?(\d{4})\b")
});
static YEAR_LAST: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})\b"));
static IN_PATH: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:^|[/_])((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:[/_.-]|$)"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern in this file is well formed")
}

/// The point in time that a date field states. Where a time has no zone it is read as UTC; where only words give a
/// day, it stays a day; `03/04/2015`, which is two days, is none.
pub(super) fn parse(text: &str) -> Option<When> {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.is_empty() || text.chars().count() > MAX_DATE_CHARS {
        return None;
    }
    compact(text)
        .or_else(|| When::parse(text))
        .or_else(|| numeric(text))
        .or_else(|| epoch(text))
        .or_else(|| in_words(text))
        .or_else(|| year_last(text))
        .filter(|when| (FIRST_YEAR..=LAST_YEAR).contains(&when.day().year()))
}

/// The day in a path such as `/2015/01/31/slug` or `_posts/2015-01-31-slug.md`.
pub(super) fn in_path(path: &str) -> Option<When> {
    let found = IN_PATH.captures(path)?;
    day(&found[1], &found[2], &found[3])
}

fn day(year: &str, month: &str, day: &str) -> Option<When> {
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (FIRST_YEAR..=LAST_YEAR).contains(&date.year()).then_some(When::Day(date))
}

fn numeric(text: &str) -> Option<When> {
    let found = NUMERIC.captures(text)?;
    let whole_day = day(&found[1], &found[2], &found[3])?;
    let (Some(hour), Some(minute)) = (found.get(4), found.get(5)) else { return Some(whole_day) };
    let second = found.get(6).map_or("00", |second| second.as_str());
    let zone = match found.get(7).map(|zone| zone.as_str()) {
        None | Some("Z" | "UTC" | "GMT") => "+00:00".to_owned(),
        Some(zone) if zone.len() == 3 => format!("{zone}:00"),
        Some(zone) if zone.len() == 5 => format!("{}:{}", &zone[..3], &zone[3..]),
        Some(zone) => zone.to_owned(),
    };
    let iso = format!("{}T{:0>2}:{}:{second}{zone}", whole_day.day(), hour.as_str(), minute.as_str());
    Some(iso.parse::<Timestamp>().map_or(whole_day, When::Instant))
}

fn compact(text: &str) -> Option<When> {
    let found = COMPACT.captures(text)?;
    day(&found[1], &found[2], &found[3])
}

/// Seconds or milliseconds since 1970.
fn epoch(text: &str) -> Option<When> {
    let number: i64 = text.parse().ok()?;
    let at = match text.len() {
        9 | 10 => Timestamp::from_second(number),
        12 | 13 => Timestamp::from_millisecond(number),
        _ => return None,
    };
    at.ok().map(When::Instant)
}

fn in_words(text: &str) -> Option<When> {
    let month = |name: &str| {
        let start: String = name.chars().flat_map(char::to_lowercase).take(4).collect();
        let english = MONTHS.iter().position(|month| start.starts_with(month)).map(|index| index + 1);
        let foreign = || FOREIGN_MONTHS.iter().find(|(month, _)| start.starts_with(month)).map(|(_, number)| *number);
        english.or_else(foreign).map(|number| number.to_string())
    };
    if let Some(found) = MONTH_FIRST.captures(text) {
        return day(&found[3], &month(&found[1])?, &found[2]);
    }
    let found = DAY_FIRST.captures(text)?;
    day(&found[3], &month(&found[2])?, &found[1])
}

/// `31.01.2015` is day first everywhere; with slashes or hyphens only a number over 12 tells the day.
fn year_last(text: &str) -> Option<When> {
    let found = YEAR_LAST.captures(text)?;
    let (first, second) = (found[1].parse::<u8>().ok()?, found[3].parse::<u8>().ok()?);
    if &found[2] == "." || first > 12 {
        day(&found[4], &found[3], &found[1])
    } else if second > 12 || first == second {
        day(&found[4], &found[1], &found[3])
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        parse(text).map_or_else(|| "none".to_owned(), |when| when.to_string())
    }

    #[test]
    fn dates_are_read_as_pages_write_them() {
        for (text, expected) in [
            ("2015-03-04T05:06:07+02:00", "2015-03-04T03:06:07Z"),
            ("2015-03-04 05:06:07 UTC", "2015-03-04T05:06:07Z"),
            ("2015-3-4 5:06", "2015-03-04T05:06:00Z"),
            ("2016-12-21 8:46 -0800", "2016-12-21T16:46:00Z"),
            ("2015/03/04", "2015-03-04"),
            ("20150304", "2015-03-04"),
            ("1425445567", "2015-03-04T05:06:07Z"),
            ("Wednesday, March 4th, 2015 5:06 pm", "2015-03-04"),
            ("4 Mar 2015", "2015-03-04"),
            ("4. M\u{e4}rz 2015, 11:19", "2015-03-04"),
            ("Mercredi 1er juillet 2015", "2015-07-01"),
            ("4 de mayo de 2015", "2015-05-04"),
            ("14 Juin 2015", "2015-06-14"),
            ("Wed Mar 04 2015 05:06:07 GMT+0000 (UTC)", "2015-03-04"),
            ("31.01.2015", "2015-01-31"),
            ("01/31/2015", "2015-01-31"),
            ("03/04/2015", "none"),
            ("0001-01-01T00:00:00", "none"),
            ("yesterday", "none"),
            ("2015-13-45", "none"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_path_may_hold_the_day() {
        let day = |path: &str| in_path(path).map(|when| when.to_string());
        assert_eq!(day("/2015/01/31/slug/").as_deref(), Some("2015-01-31"));
        assert_eq!(day("_posts/2015-01-31-slug.md").as_deref(), Some("2015-01-31"));
        assert_eq!(day("/2015/45/31/slug"), None);
        assert_eq!(day("/a-2015-01-31-b"), None);
    }
}
