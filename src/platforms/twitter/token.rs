//! The `token` parameter of `tweet-result`: (id / 1e15) * PI, written in base 36 as JavaScript writes it, without its
//! zeros and its point.
//!
//! The value is hardly checked by the server, but a request without one is refused (react-tweet's changelog, 3.1.1,
//! 2023). The digit loop is that of V8's `DoubleToRadixCString`: it stops when the rest is below half a unit in the
//! last place, and rounds with carry, so a fixed number of digits would differ.

const RADIX: f64 = 36.0;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// No double needs more fractional digits than this in base 36.
const MAX_FRACTION: usize = 220;

/// The token for an id in decimal digits; of an id that is no number that of 0.
pub(super) fn token(id: &str) -> String {
    let id: f64 = id.parse().unwrap_or(0.0);
    let mut token = base36(id / 1e15 * std::f64::consts::PI);
    token.retain(|c| c != '0' && c != '.');
    token
}

/// A finite number that is not negative, as `Number.prototype.toString(36)` writes it.
fn base36(value: f64) -> String {
    let mut integer = value.floor();
    let (fraction, carry) = fraction_digits(value);
    if carry {
        integer += 1.0;
    }
    let mut digits = Vec::new();
    loop {
        digits.push(digit(integer % RADIX));
        integer = (integer / RADIX).floor();
        if integer < 1.0 {
            break;
        }
    }
    let mut out: String = digits.iter().rev().collect();
    if !fraction.is_empty() {
        out.push('.');
        out.extend(fraction.iter().map(|value| digit(f64::from(*value))));
    }
    out
}

/// The digits after the point, and whether rounding went over into the integer part.
fn fraction_digits(value: f64) -> (Vec<u8>, bool) {
    let mut fraction = value - value.floor();
    let mut delta = (0.5 * (value.next_up() - value)).max(0.0_f64.next_up());
    let mut digits: Vec<u8> = Vec::new();
    while fraction >= delta && digits.len() < MAX_FRACTION {
        fraction *= RADIX;
        delta *= RADIX;
        let whole = fraction.floor();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the floor is in 0..36")]
        let last = whole as u8;
        digits.push(last);
        fraction -= whole;
        let up = fraction > 0.5 || (fraction == 0.5 && last % 2 == 1);
        if up && fraction + delta > 1.0 {
            return round_up(digits);
        }
    }
    (digits, false)
}

/// Adds one to the last digit; a digit that overflows is dropped, since only zeros would follow the carry.
fn round_up(mut digits: Vec<u8>) -> (Vec<u8>, bool) {
    while let Some(last) = digits.pop() {
        if last + 1 < 36 {
            digits.push(last + 1);
            return (digits, false);
        }
    }
    (digits, true)
}

fn digit(value: f64) -> char {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a digit is in 0..36")]
    let index = value as usize;
    DIGITS.get(index).map_or('0', |byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with node 20.
    const KNOWN: [(&str, &str); 5] = [
        ("20", "6dq1a2xwd93"),
        ("1700000000000000000", "44cpgxmyurn"),
        ("1812345678901234567", "4e5ngtoaibl"),
        ("1300000000000012345", "35g2jawdy78"),
        ("1000000000000000000", "2f9lc2ug9mm"),
    ];

    #[test]
    fn tokens_are_those_of_javascript() {
        for (id, expected) in KNOWN {
            assert_eq!(token(id), expected, "{id}");
        }
    }

    #[test]
    fn odd_ids_end() {
        assert_eq!(token(""), "");
        assert!(!token("18446744073709551615").is_empty());
        assert_eq!(base36(35.0), "z");
        assert_eq!(base36(0.5), "0.i");
    }
}
