//! Dates, numbers, names of platforms: as a reader expects them, with the exact form beside.

use crate::model::When;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use url::Url;

/// A moment as it is drawn in a `<time>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// For the `datetime` attribute.
    machine: String,
    /// For the `title` attribute.
    exact: String,
    /// For the reader.
    shown: String,
}

impl Moment {
    /// Day and minute, as posts are dated; the day alone where no more is known.
    pub(super) fn of(when: When) -> Self {
        match when {
            When::Day(date) => Self {
                machine: date.to_string(),
                exact: format!("{date} (the day is all that is known)"),
                shown: day(date),
            },
            When::Instant(at) => {
                let utc = at.to_zoned(TimeZone::UTC);
                Self { shown: format!("{}, {} UTC", day(utc.date()), utc.strftime("%H:%M")), ..Self::day_of(at) }
            }
        }
    }

    /// The day of an instant, with the second in the title.
    pub(super) fn day_of(at: Timestamp) -> Self {
        let utc = at.to_zoned(TimeZone::UTC);
        Self {
            machine: utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: utc.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            shown: day(utc.date()),
        }
    }

    /// The words for the reader alone.
    pub(super) fn shown(self) -> String {
        self.shown
    }
}

fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// `1234567` as `1,234,567`.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 post`, `1,234 posts`.
pub(super) fn many(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", self::number(number), if number == 1 { one } else { many })
}

/// A count with its noun.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    self::many(u64::try_from(count).unwrap_or(u64::MAX), one, many)
}

/// `1 post`, `1,204 posts`: of counts that the archive keeps.
pub(super) fn amount(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}

/// A platform as people call it. Those of many hosts are told apart by the host.
pub(super) fn platform(id: &str, url: Option<&Url>) -> String {
    let host = url.and_then(Url::host_str).map(|host| host.trim_start_matches("www.").to_owned());
    match (id, host) {
        ("twitter", _) => "X (Twitter)".to_owned(),
        ("mastodon", Some(host)) => format!("Mastodon, {host}"),
        ("oembed", Some(host)) => host,
        ("oembed", None) => "Other sites (oEmbed)".to_owned(),
        ("youtube", _) => "YouTube".to_owned(),
        ("tiktok", _) => "TikTok".to_owned(),
        ("vk", _) => "VK".to_owned(),
        ("ted", _) => "TED".to_owned(),
        ("gist", _) => "GitHub Gist".to_owned(),
        ("linkedin", _) => "LinkedIn".to_owned(),
        ("soundcloud", _) => "SoundCloud".to_owned(),
        ("slideshare", _) => "SlideShare".to_owned(),
        ("deviantart", _) => "DeviantArt".to_owned(),
        ("truthsocial", _) => "Truth Social".to_owned(),
        ("peertube", _) => "PeerTube".to_owned(),
        ("gotosocial", _) => "GoToSocial".to_owned(),
        ("gnusocial", _) => "GNU social".to_owned(),
        ("activitypub", _) => "ActivityPub".to_owned(),
        ("gettr", _) => "GETTR".to_owned(),
        (other, _) => {
            let mut letters = other.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

/// A platform's name in the middle of a sentence: without the host.
pub(super) fn short_platform(name: &str) -> &str {
    name.split([',', '(']).next().unwrap_or(name).trim()
}

/// A URL as a reader recognises it: no scheme, no `www.`, no closing slash.
pub(super) fn shown_url(url: &str) -> String {
    let bare = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/').to_owned()
}

/// Up to two letters that stand for a missing picture.
pub(super) fn initials(name: &str) -> String {
    let letters: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    if letters.is_empty() { "·".to_owned() } else { letters }
}

/// A length of time as players show it.
pub(super) fn duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    match seconds / 3_600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// Milliseconds as people say how long something took.
pub(super) fn time_taken(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..60 => format!("{seconds}.{} s", ms % 1_000 / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A size as people say it: `12 kB`, `3.4 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.into_iter().find(|(_, size)| bytes >= *size) {
        None => format!("{bytes} bytes"),
        Some((unit, size)) if bytes / size < 10 => format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size),
        Some((unit, size)) => format!("{} {unit}", bytes / size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_to_the_minute_and_kept_to_the_second() {
        let moment = Moment::of("2024-08-11T20:15:07Z".parse().unwrap());
        assert_eq!(
            (moment.shown.as_str(), moment.exact.as_str()),
            ("11 Aug 2024, 20:15 UTC", "2024-08-11 20:15:07 UTC")
        );
        assert_eq!(Moment::of("2024-08-11".parse().unwrap()).shown, "11 Aug 2024");
    }

    #[test]
    fn numbers_names_and_lengths_read_well() {
        assert_eq!([number(7), number(1_234), number(12_345_678)], ["7", "1,234", "12,345,678"]);
        assert_eq!([initials("ada b. lovelace"), initials("🌊 łódź"), initials("🌊")], ["AB", "Ł", "·"]);
        assert_eq!([duration(1_400), duration(65_000), duration(3_725_000)], ["0:02", "1:05", "1:02:05"]);
        assert_eq!([amount(1, "post"), amount(1_204, "post")], ["1 post", "1,204 posts"]);
        assert_eq!([time_taken(1_234), time_taken(61_000), time_taken(7_260_000)], ["1.2 s", "1 min 1 s", "2 h 1 min"]);
        assert_eq!([bytes(7), bytes(1_234), bytes(56_000_000)], ["7 bytes", "1.2 kB", "56 MB"]);
        assert_eq!([many(1, "post", "posts"), many(1_000, "post", "posts")], ["1 post", "1,000 posts"]);
        assert_eq!(shown_url("https://www.paper.example/"), "paper.example");
    }
}
