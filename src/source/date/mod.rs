//! Dates as feeds write them. The standards (RFC 822 and 2822, W3C's profile of ISO 8601, asctime) are what is left
//! when the mistakes are forgiven: any order, names of months in many languages, zones by name, fractions, weeks.

mod names;

use crate::model::When;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, ISOWeekDate, Time, Weekday},
    tz::Offset,
};
use names::{MONTHS, ZONES};

/// A longer text is no date.
const MAX_BYTES: usize = 100;

/// Reads a date. None where the text is none, or where day and month can't be told apart.
pub(super) fn read_date(text: &str) -> Option<When> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    iso(text).or_else(|| When::parse(text)).or_else(|| loose(text)).or_else(|| epoch(text))
}

/// Seconds or milliseconds since 1970, as some JSON feeds and exports have.
pub(super) fn epoch(text: &str) -> Option<When> {
    let number: i64 = text.trim().parse().ok()?;
    let at = match text.trim().len() {
        9..=10 => Timestamp::from_second(number),
        12..=13 => Timestamp::from_millisecond(number),
        15..=16 => Timestamp::from_microsecond(number),
        _ => return None,
    };
    at.ok().map(When::Instant)
}

/// ISO 8601 in its shorter and odder forms: `2003`, `2003-12`, `20031231`, `2003-335`, `2003-W50-3`, and each with a
/// time of day.
fn iso(text: &str) -> Option<When> {
    if !text.is_ascii() {
        return None;
    }
    let upper = text.to_ascii_uppercase();
    let (day, time) = match upper.split_once('T').or_else(|| upper.split_once(' ')) {
        Some((day, time)) => (day, Some(time.trim())),
        None => (upper.as_str(), None),
    };
    let date = iso_day(day)?;
    let Some(time) = time else { return Some(When::Day(date)) };
    let zone_at = time.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let zone = zone.trim().trim_start_matches("Z+").trim_start_matches("Z-");
    let offset = if zone.is_empty() { 0 } else { offset(zone)? };
    instant(date, clock_time(clock)?, offset)
}

fn iso_day(day: &str) -> Option<Date> {
    if let Some((year, week)) = day.split_once("-W").or_else(|| day.split_once('W')) {
        let week = week.replace('-', "");
        let weekday = week.get(2..3).map_or(Ok(1), str::parse).ok()?;
        let week = week.get(..2)?.parse().ok()?;
        let weekday = Weekday::from_monday_one_offset(weekday).ok()?;
        return ISOWeekDate::new(year.parse().ok()?, week, weekday).ok().map(ISOWeekDate::date);
    }
    let parts: Vec<&str> = day.split('-').collect();
    let number = |text: &str| text.parse::<i16>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let month_day = |month: i16, day: i16| Some((i8::try_from(month).ok()?, i8::try_from(day).ok()?));
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            let (month, day) = month_day(number(month)?, number(day)?)?;
            (number(year)?, month, day)
        }
        [year, month, day] if year.len() == 2 && month.len() == 2 && day.len() == 2 => {
            let (month, day) = month_day(number(month)?, number(day)?)?;
            (full_year(number(year)?), month, day)
        }
        [year, ordinal] if year.len() == 4 && ordinal.len() == 3 => {
            let first = Date::new(number(year)?, 1, 1).ok()?;
            return first.checked_add(jiff::Span::new().try_days(number(ordinal)?.checked_sub(1)?).ok()?).ok();
        }
        [year, month] if year.len() == 4 => (number(year)?, month_day(number(month)?, 1)?.0, 1),
        [all] if all.len() == 8 => {
            let (month, day) = month_day(number(all.get(4..6)?)?, number(all.get(6..)?)?)?;
            (number(all.get(..4)?)?, month, day)
        }
        [all] if all.len() == 7 => {
            let first = Date::new(number(all.get(..4)?)?, 1, 1).ok()?;
            return first.checked_add(jiff::Span::new().try_days(number(all.get(4..)?)?.checked_sub(1)?).ok()?).ok();
        }
        [all] if all.len() == 6 => {
            let (month, day) = month_day(number(all.get(2..4)?)?, number(all.get(4..)?)?)?;
            (full_year(number(all.get(..2)?)?), month, day)
        }
        [year] if year.len() == 4 => (number(year)?, 1, 1),
        _ => return None,
    };
    Date::new(year, month, day).ok()
}

/// Everything else: words and numbers in any order.
fn loose(text: &str) -> Option<When> {
    let lower = text.to_lowercase();
    let mut found = Found::default();
    for token in tokens(&lower) {
        found.take(token);
    }
    found.finish()
}

/// Words, numbers with `:` in them, and signed offsets. What parts them in any language is left out.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(|c: char| c.is_alphanumeric() || matches!(c, '+' | '-'))?;
        let tail = &rest[start..];
        let first = tail.chars().next()?;
        let same = |c: char| match first {
            '+' | '-' | '0'..='9' => c.is_ascii_digit() || c == ':' || (c == '.' && first.is_ascii_digit()),
            _ => c.is_alphabetic(),
        };
        let length = tail.char_indices().skip(1).find(|(_, c)| !same(*c)).map_or(tail.len(), |(at, _)| at);
        rest = &tail[length..];
        Some(&tail[..length])
    })
}

#[derive(Default)]
struct Found<'a> {
    numbers: Vec<&'a str>,
    month: Option<i8>,
    time: Option<Time>,
    is_afternoon: Option<bool>,
    offset: Option<i32>,
}

impl<'a> Found<'a> {
    fn take(&mut self, token: &'a str) {
        let token = token.trim_end_matches(['.', ':']);
        let signed = token.strip_prefix(['+', '-']);
        if let (Some(digits), Some(_)) = (signed, self.time)
            && digits.len() >= 2
            && !is_year(digits)
        {
            self.offset = offset(token).or(self.offset);
        } else if token.contains(':') && self.time.is_none() {
            self.time = clock_time(token.trim_start_matches(['+', '-'])).map(|(time, _)| time);
        } else if let Some(digits) =
            Some(signed.unwrap_or(token)).filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
        {
            self.numbers.extend(digits.split('.').filter(|part| !part.is_empty()));
        } else {
            self.word(token);
        }
    }

    fn word(&mut self, word: &str) {
        match word {
            "am" | "a" | "\u{c624}\u{c804}" | "\u{4e0a}\u{5348}" | "\u{5348}\u{524d}"
                if self.is_afternoon.is_none() =>
            {
                self.is_afternoon = Some(false);
            }
            "pm" | "p" | "\u{c624}\u{d6c4}" | "\u{4e0b}\u{5348}" | "\u{5348}\u{5f8c}" => self.is_afternoon = Some(true),
            _ => {}
        }
        let zone = ZONES.iter().find(|(name, _)| *name == word);
        if let (Some((_, minutes)), Some(_)) = (zone, self.time) {
            self.offset = self.offset.or(Some(*minutes));
        } else {
            // `mar` is Tuesday as well, in three languages: a weekday stands before the month, so the last one counts.
            let by_length = |known: &&(&str, i8)| known.0.len();
            let known = MONTHS.iter().filter(|(prefix, _)| word.starts_with(prefix)).max_by_key(by_length);
            self.month = known.map(|(_, month)| *month).or(self.month);
        }
    }

    fn finish(self) -> Option<When> {
        let value = |text: &str| text.parse::<i16>().ok();
        let (year, month, day) = match (self.month, self.numbers.as_slice()) {
            // The year is the one that can't be a day; else the later one.
            (Some(month), [first, second, ..]) if first.len() == 4 => (value(first)?, month, value(second)?),
            (Some(month), [first, second, ..]) => (year(second)?, month, value(first)?),
            (None, [first, second, third, ..]) if first.len() == 4 => {
                (value(first)?, i8::try_from(value(second)?).ok()?, value(third)?)
            }
            (None, [first, second, third, ..]) => {
                let (first, second) = (value(first)?, value(second)?);
                match (first, second) {
                    (13.., 1..=12) => (year(third)?, i8::try_from(second).ok()?, first),
                    (1..=12, 13..) => (year(third)?, i8::try_from(first).ok()?, second),
                    _ if first == second => (year(third)?, i8::try_from(first).ok()?, second),
                    _ => return None,
                }
            }
            _ => return None,
        };
        let date = Date::new(year, month, i8::try_from(day).ok()?).ok()?;
        let Some(time) = self.time else { return Some(When::Day(date)) };
        let hour = match (self.is_afternoon, time.hour()) {
            (Some(true), hour @ 1..=11) => hour + 12,
            (Some(false), 12) => 0,
            (_, hour) => hour,
        };
        let time = Time::new(hour, time.minute(), time.second(), time.subsec_nanosecond()).ok()?;
        instant(date, (time, false), self.offset.unwrap_or(0))
    }
}

/// `-2004` behind a time is a year and no offset.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.parse().is_ok_and(|year: u16| (1500..2400).contains(&year))
}

fn year(text: &str) -> Option<i16> {
    let year = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(full_year(year)),
        // What programs write that count years from 1900.
        3 if year >= 100 => Some(1900 + year),
        _ => None,
    }
}

/// Two digits of a year: feeds are younger than 1970.
fn full_year(year: i16) -> i16 {
    if year >= 70 { 1900 + year } else { 2000 + year }
}

/// `hh`, `hh:mm`, `hh:mm:ss`, `hhmm`, `hhmmss`, each with a fraction; true where it is 24:00, the next day's start.
fn clock_time(text: &str) -> Option<(Time, bool)> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let parts: Vec<&str> = match whole.contains(':') {
        true => whole.split(':').collect(),
        false => [whole.get(..2), whole.get(2..4), whole.get(4..6)]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect(),
    };
    let part = |index: usize| parts.get(index).map_or(Some(0), |part| part.parse::<i8>().ok());
    let (hour, minute, second) = (part(0)?, part(1)?, part(2)?.min(59));
    if parts.is_empty() {
        return None;
    }
    let nanosecond = match fraction.bytes().all(|b| b.is_ascii_digit()) {
        true if !fraction.is_empty() => format!("{fraction:0<9}").get(..9)?.parse().ok()?,
        _ => 0,
    };
    match hour {
        24 => Time::new(0, minute, second, nanosecond).ok().map(|time| (time, true)),
        _ => Time::new(hour, minute, second, nanosecond).ok().map(|time| (time, false)),
    }
}

/// Minutes east of UTC: `+0100`, `-05:00`, `+1`, `-800`, or a zone's name.
fn offset(zone: &str) -> Option<i32> {
    let zone = zone.trim();
    let lower = zone.to_ascii_lowercase();
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == lower) {
        return Some(*minutes);
    }
    let (sign, digits) =
        if let Some(digits) = zone.strip_prefix('-') { (-1, digits) } else { (1, zone.strip_prefix('+')?) };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn instant(date: Date, (time, is_next_day): (Time, bool), offset_minutes: i32) -> Option<When> {
    let date = if is_next_day { date.tomorrow().ok()? } else { date };
    let offset = Offset::from_seconds(offset_minutes * 60).ok()?;
    offset.to_timestamp(DateTime::from_parts(date, time)).ok().map(When::Instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_the_wild_are_read() {
        let cases = [
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
            ("01 Jan 2004 19:48:21 EST", "2004-01-02T00:48:21Z"),
            ("Thu, 01 Jan 04 19:48 +0100", "2004-01-01T18:48:00Z"),
            ("Thu,01 January 2004 19:48:21 -05:00", "2004-01-02T00:48:21Z"),
            ("Jan 2, 2004 7:05 PM", "2004-01-02T19:05:00Z"),
            ("Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06Z"),
            ("Sun Jan 4 16:29:06 2004", "2004-01-04T16:29:06Z"),
            ("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"),
            ("2003-12-31t10:14:55.5-08:00", "2003-12-31T18:14:55.5Z"),
            ("2003-12-31T10:14", "2003-12-31T10:14:00Z"),
            ("2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"),
            ("2003-12-31T10Z", "2003-12-31T10:00:00Z"),
            ("2003-12-31 10:14:55.0", "2003-12-31T10:14:55Z"),
            ("2003-12", "2003-12-01"),
            ("2003", "2003-01-01"),
            ("20031231", "2003-12-31"),
            ("20031231T101455Z", "2003-12-31T10:14:55Z"),
            ("2003-335", "2003-12-01"),
            ("2003-W50-3", "2003-12-10"),
            ("2004\u{b144} 05\u{c6d4} 28\u{c77c} 01:31:15", "2004-05-28T01:31:15Z"),
            ("2004-05-25 \u{c624}\u{d6c4} 11:23:17", "2004-05-25T23:23:17Z"),
            ("2004-j\u{fa}lius-13T9:15-05:00", "2004-07-13T14:15:00Z"),
            ("\u{39a}\u{3c5}\u{3c1}, 11 \u{399}\u{3bf}\u{3cd}\u{3bb} 2004 12:00:00 EST", "2004-07-11T17:00:00Z"),
            ("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z"),
            ("28.02.2021 14:05", "2021-02-28T14:05:00Z"),
            ("12 f\u{e9}vrier 2021", "2021-02-12"),
            ("10:15 01-Jan-2004", "2004-01-01T10:15:00Z"),
            ("mar., 05 janv. 2021 08:00 CET", "2021-01-05T07:00:00Z"),
            ("1614521045", "2021-02-28T14:04:05Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(read_date(text).map(|when| when.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "03/04/2021", "2003-13-45", "Thu, 99 Jan 2004", "12:30"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
