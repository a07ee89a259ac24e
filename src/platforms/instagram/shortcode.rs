//! A shortcode is the media's number in base64url, and the number carries the time.
//!
//! Milliseconds = (number >> 23) + 1314220021721, since August 2011; computed from recordings of 2017 and 2021, where
//! it equals the stated second. Numbers before that were counted up and carry no time.

use jiff::Timestamp;

const EPOCH_MS: u128 = 1_314_220_021_721;
const TIME_SHIFT: u32 = 23;
/// Characters after the number in a private post's code (yt-dlp, 2026).
const PRIVATE_TAIL: usize = 28;
/// Numbers below this were counted, not made from the time.
const FIRST_TIMED: u128 = 1 << 44;

/// When the post of this code was made; None where the code carries no time.
pub(in crate::platforms) fn time(code: &str) -> Option<Timestamp> {
    let code = if code.len() > PRIVATE_TAIL { code.get(..code.len() - PRIVATE_TAIL)? } else { code };
    if code.len() > 16 {
        return None;
    }
    let number = code.bytes().try_fold(0_u128, |number, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        Some(number << 6 | u128::from(digit))
    })?;
    if number < FIRST_TIMED {
        return None;
    }
    Timestamp::from_millisecond(i64::try_from((number >> TIME_SHIFT) + EPOCH_MS).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_carries_its_time() {
        let time = |code: &str| time(code).map(|at| at.to_string());
        assert_eq!(time("BWUDBntl3_Z").as_deref(), Some("2017-07-09T04:58:10.228Z"));
        assert_eq!(time(&format!("BWUDBntl3_Z{}", "x".repeat(28))), time("BWUDBntl3_Z"));
        assert_eq!(time("C"), None);
        assert_eq!(time("fBwFP"), None);
        assert_eq!(time("no code"), None);
        assert_eq!(time(&"_".repeat(16)), None);
        assert_eq!(time(""), None);
    }
}
