//! What an answer, or that none came, says of the host itself.

use crate::fetch::pace::Heard;
use crate::http::{FetchError, Response};
use crate::platforms;
use jiff::Timestamp;

/// A limit is 429 (and 420, which came before it), or any other fault of the server's with a time to come back. What the
/// server can't do, and silence, count as failing; so does an answer that breaks off.
pub(super) fn heard(answer: &Result<Response, FetchError>, received: Timestamp) -> Heard {
    match answer {
        Ok(answer) if matches!(answer.status, 420 | 429) => Heard::Asked(platforms::retry_at(answer, received)),
        Ok(answer) if answer.status >= 500 => match answer.retry_at(received) {
            None => Heard::Failed,
            asked => Heard::Asked(asked),
        },
        Ok(answer) if matches!(answer.status, 408 | 425) => Heard::Failed,
        Err(FetchError::Network { .. } | FetchError::Timeout { .. } | FetchError::Dns { .. }) => Heard::Failed,
        _ => Heard::Sound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    #[test]
    fn a_time_to_come_back_counts_with_a_limit_and_with_a_fault() {
        let noon: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        let heard = |status, retry_after: Option<&str>| {
            let mut headers = Headers::default();
            if let Some(value) = retry_after {
                headers.push("Retry-After", value);
            }
            let url = "https://host.example/".parse().unwrap();
            super::heard(&Ok(Response { url, status, headers, body: Vec::new() }), noon)
        };
        let soon = Heard::Asked("2026-01-01T12:00:03Z".parse().ok());
        assert_eq!(heard(429, Some("3")), soon);
        assert_eq!(heard(503, Some("Thu, 01 Jan 2026 12:00:03 GMT")), soon);
        let week = Heard::Asked("2026-01-08T12:00:00Z".parse().ok());
        for absurd in ["31536000", "99999999999999999999999", "Fri, 01 Jan 2100 00:00:00 GMT"] {
            assert_eq!(heard(429, Some(absurd)), week, "{absurd}");
        }
        for nothing in [None, Some("soon"), Some("-3"), Some("")] {
            assert_eq!(heard(429, nothing), Heard::Asked(None), "{nothing:?}");
            assert_eq!(heard(503, nothing), Heard::Failed);
        }
        assert_eq!(heard(404, Some("3")), Heard::Sound);
        assert_eq!(super::heard(&Err(FetchError::Timeout { limit_s: 1 }), noon), Heard::Failed);
        assert_eq!(super::heard(&Err(FetchError::TooLarge { limit_bytes: 1 }), noon), Heard::Sound);
    }
}
