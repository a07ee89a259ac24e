//! ARC, the format before WARC: each record begins with one line that says all.
//! <https://archive.org/web/researcher/ArcFileFormat.php>

use super::header::{Fields, web_url};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The fields of a record of version 1, from the end of its line: address, IP, date, type, length.
const DATE_IN_V1: usize = 2;

/// The same of version 2: status, checksum, location, offset and file name stand before the length.
const DATE_IN_V2: usize = 7;

/// The header in a record's first line; none where the line is none of ARC.
pub(super) fn fields(line: &str) -> Option<Fields> {
    let mut words = line.trim_end().rsplit(' ');
    let length = words.next()?.parse().ok()?;
    let mut before = words.clone();
    // An address may hold spaces, so that the line is read from its end.
    let (content_type, at) = match (date_of(&mut words, DATE_IN_V1), date_of(&mut before, DATE_IN_V2)) {
        (Some((kind, at)), _) => (kind, at),
        (None, Some((kind, at))) => {
            words = before;
            (kind, at)
        }
        (None, None) => return None,
    };
    let _ip = words.next()?;
    let mut address: Vec<&str> = words.collect();
    address.reverse();
    let address = address.join(" ");
    let (scheme, _) = address.split_once(':')?;
    let kind = match scheme {
        "http" | "https" => "response",
        // It describes the file.
        "filedesc" => "warcinfo",
        _ => "resource",
    };
    Some(Fields {
        kind: kind.to_owned(),
        url: web_url(&address),
        content_type: content_type.map(str::to_owned),
        date: Some(at),
        length,
        ..Fields::default()
    })
}

/// The type and the date, so many words before the length.
fn date_of<'a>(words: &mut impl Iterator<Item = &'a str>, place: usize) -> Option<(Option<&'a str>, Timestamp)> {
    let mut content_type = None;
    for _ in 1..place {
        content_type = words.next();
    }
    let digits = words.next().filter(|digits| digits.len() == 14)?;
    let at = DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some((content_type, at.timestamp()))
}
