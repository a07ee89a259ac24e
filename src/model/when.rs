//! A point in time as well as it is known: many sources give only the day, and inventing an hour would be a lie.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A day, or an instant in UTC. Written `2024-08-11` or `2024-08-11T20:15:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Only the day is known; its time zone is not.
    Day(Date),
    /// The instant is known.
    Instant(Timestamp),
}

impl When {
    /// The day, in UTC where the instant is known.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::Day(date) => date,
            Self::Instant(at) => at.to_zoned(TimeZone::UTC).date(),
        }
    }

    /// Reads ISO 8601 and RFC 3339 (any offset, or none: then UTC), RFC 2822, or a bare day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self::Instant(at));
        }
        if text.len() == 10 {
            return text.parse::<Date>().ok().map(Self::Day);
        }
        if let Ok(at) = jiff::fmt::rfc2822::parse(text) {
            return Some(Self::Instant(at.timestamp()));
        }
        for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M:%S%.f %z"] {
            if let Ok(at) = Timestamp::strptime(format, text) {
                return Some(Self::Instant(at));
            }
        }
        let civil = text.parse::<jiff::civil::DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|at| Self::Instant(at.timestamp()))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::Instant(at) => write!(f, "{at}"),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("not a date: {text:?}"))
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stays_a_day_and_an_offset_becomes_utc() {
        assert_eq!(When::parse("2024-08-11").unwrap().to_string(), "2024-08-11");
        assert_eq!(When::parse("2008-10-04T13:06:22-07:00").unwrap().to_string(), "2008-10-04T20:06:22Z");
        assert_eq!(When::parse("2008-10-04T13:06:22+0200").unwrap().to_string(), "2008-10-04T11:06:22Z");
        assert_eq!(When::parse("2024-01-02T03:04:05").unwrap().to_string(), "2024-01-02T03:04:05Z");
        assert_eq!(When::parse("Sun, 04 Apr 2021 15:22:00 GMT").unwrap().to_string(), "2021-04-04T15:22:00Z");
        assert!(When::parse("last Tuesday").is_none());
    }
}
