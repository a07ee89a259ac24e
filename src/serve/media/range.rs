//! What a request for a file asks for: all of it, a part, or nothing that it does not have already (RFC 9110, 13 and
//! 14). Pure: the length and the name of the bytes are enough.

use axum::http::{HeaderMap, HeaderName, Method, header};
use std::ops::Range;

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// 200 with everything.
    Whole,
    /// 206 with these bytes; never empty.
    Part(Range<u64>),
    /// 304: the reader has it.
    Known,
    /// 412: the reader wants other bytes than these.
    Other,
    /// 416: no byte of it is there.
    Beyond,
}

/// What a request with these headers asks of a file of `size_bytes` whose strong entity tag is `etag`, quotes included.
///
/// A request for several ranges is answered with the whole, which section 14.2 allows of any range: no player asks so,
/// and the parts of a multipart answer are a known way to make a server work much for little.
pub(super) fn wanted(method: &Method, headers: &HeaderMap, size_bytes: u64, etag: &str) -> Wanted {
    if headers.contains_key(header::IF_MATCH) && !names(headers, &header::IF_MATCH, etag, false) {
        return Wanted::Other;
    }
    if names(headers, &header::IF_NONE_MATCH, etag, true) {
        return Wanted::Known;
    }
    // A range has a meaning for GET alone (14.2), and where `If-Range` names other bytes it has none (13.1.5). A date is
    // no name of these bytes: they have none.
    let stands = headers.get(header::IF_RANGE).is_none_or(|named| named.as_bytes() == etag.as_bytes());
    if method != Method::GET || !stands {
        return Wanted::Whole;
    }
    let mut fields = headers.get_all(header::RANGE).iter();
    match (fields.next().and_then(|field| field.to_str().ok()), fields.next()) {
        (Some(field), None) => range(field, size_bytes),
        _ => Wanted::Whole,
    }
}

/// The one range of a `Range` field. What is no range of bytes is as if it were not there.
fn range(field: &str, size_bytes: u64) -> Wanted {
    let Some((unit, set)) = field.split_once('=') else { return Wanted::Whole };
    if !unit.eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let mut ranges = set.split(',').map(|range| range.trim_matches([' ', '\t'])).filter(|range| !range.is_empty());
    let (Some(one), None) = (ranges.next(), ranges.next()) else { return Wanted::Whole };
    let bounds = match one.split_once('-') {
        Some(("", last)) => number(last).map(|length| (size_bytes.saturating_sub(length), u64::MAX)),
        Some((first, "")) => number(first).map(|first| (first, u64::MAX)),
        Some((first, last)) => number(first).zip(number(last)).filter(|(first, last)| first <= last),
        None => None,
    };
    match bounds {
        None => Wanted::Whole,
        Some((first, last)) if first < size_bytes => Wanted::Part(first..last.saturating_add(1).min(size_bytes)),
        Some(_) => Wanted::Beyond,
    }
}

/// Digits alone; a number beyond all files counts as the largest.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Whether a list of entity tags names this one. Tags never hold a quote or a space here, so that a list can be cut at
/// its commas.
fn names(headers: &HeaderMap, field: &HeaderName, etag: &str, weakly: bool) -> bool {
    let fields = headers.get_all(field).iter().filter_map(|value| value.to_str().ok());
    fields.flat_map(|value| value.split(',')).map(str::trim).any(|tag| {
        let tag = if weakly { tag.strip_prefix("W/").unwrap_or(tag) } else { tag };
        tag == "*" || tag == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const ETAG: &str = "\"abc\"";

    fn asked(fields: &[(&'static str, &'static str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        wanted(&Method::GET, &headers, 1000, ETAG)
    }

    #[test]
    fn one_range_in_each_of_its_forms_is_answered() {
        for (field, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-499", 0..500),
            ("bytes=500-", 500..1000),
            ("bytes=-1", 999..1000),
            ("bytes=-5000", 0..1000),
            ("bytes=990-99999999999999999999999", 990..1000),
            ("BYTES=0-1", 0..2),
            ("bytes= 0-1 ,", 0..2),
        ] {
            assert_eq!(asked(&[("range", field)]), Wanted::Part(part), "{field}");
        }
    }

    #[test]
    fn a_range_of_which_no_byte_is_there_is_refused() {
        for field in ["bytes=1000-", "bytes=1000-1000", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(asked(&[("range", field)]), Wanted::Beyond, "{field}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("range", HeaderValue::from_static("bytes=0-"));
        assert_eq!(wanted(&Method::GET, &headers, 0, ETAG), Wanted::Beyond);
    }

    #[test]
    fn what_is_no_single_range_of_bytes_is_answered_with_the_whole() {
        for field in [
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1-2-3",
            "bytes 0-1",
            "lines=0-1",
            "bytes=0-1,5-6",
            "bytes=0x1-2",
            "bytes=\u{ff11}-2",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("range", HeaderValue::from_bytes(field.as_bytes()).unwrap());
            assert_eq!(wanted(&Method::GET, &headers, 1000, ETAG), Wanted::Whole, "{field}");
        }
        assert_eq!(asked(&[("range", "bytes=0-1"), ("range", "bytes=2-3")]), Wanted::Whole);
        let mut headers = HeaderMap::new();
        headers.insert("range", HeaderValue::from_static("bytes=0-1"));
        assert_eq!(wanted(&Method::HEAD, &headers, 1000, ETAG), Wanted::Whole);
    }

    #[test]
    fn a_range_stands_only_for_the_bytes_that_the_reader_knows() {
        let range = ("range", "bytes=0-1");
        assert_eq!(asked(&[range, ("if-range", ETAG)]), Wanted::Part(0..2));
        for other in ["\"abd\"", "W/\"abc\"", "abc", "Mon, 23 Nov 2026 01:00:00 GMT", ""] {
            assert_eq!(asked(&[range, ("if-range", other)]), Wanted::Whole, "{other}");
        }
    }

    #[test]
    fn conditions_are_judged_before_ranges() {
        let range = ("range", "bytes=0-1");
        for known in [ETAG, "W/\"abc\"", "*", "\"x\", \"abc\""] {
            assert_eq!(asked(&[range, ("if-none-match", known)]), Wanted::Known, "{known}");
        }
        assert_eq!(asked(&[range, ("if-none-match", "\"x\"")]), Wanted::Part(0..2));
        assert_eq!(asked(&[("if-match", "\"x\"")]), Wanted::Other);
        assert_eq!(asked(&[("if-match", "W/\"abc\"")]), Wanted::Other);
        assert_eq!(asked(&[("if-match", "\"x\",\"abc\"")]), Wanted::Whole);
        assert_eq!(asked(&[("if-match", "*"), ("if-none-match", "*")]), Wanted::Known);
    }
}
