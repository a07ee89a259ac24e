//! Amounts as people write them: `10m`, `2h`, `2GB`, `512KiB`.

use std::time::Duration;

/// A time such as `90s`, `10m`, `2h`, `1d`, or plain seconds.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let factor = match unit {
        "" | "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return Err(format!("`{text}` is not a time; write 90s, 10m, 2h or 1d")),
    };
    let value: f64 = number.parse().map_err(|_| format!("`{text}` is not a time; write 90s, 10m, 2h or 1d"))?;
    Duration::try_from_secs_f64(value * factor).map_err(|_| format!("`{text}` is out of range"))
}

/// A wait between two looks, such as `6h`, `1d`, `1w`, `1M` (a month of 30 days) or `1y`. A small `m` is a minute.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_wait(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let days = match unit {
        "w" | "week" | "weeks" => 7.0,
        "M" | "mo" | "month" | "months" => 30.0,
        "y" | "year" | "years" => 365.0,
        _ => return parse_duration(text).map_err(|_| format!("`{text}` is not a wait; write 6h, 1d, 1w, 1M or 1y")),
    };
    let value: f64 = number.parse().map_err(|_| format!("`{text}` is not a wait; write 6h, 1d, 1w, 1M or 1y"))?;
    Duration::try_from_secs_f64(value * days * 86_400.0).map_err(|_| format!("`{text}` is out of range"))
}

/// An amount of bytes such as `500000`, `512KiB`, `100MB`, `2GB`.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(format!("`{text}` is not an amount; write 500KB, 100MB or 2GB")),
    };
    let value: u64 = number.parse().map_err(|_| format!("`{text}` is not an amount; write 500KB, 100MB or 2GB"))?;
    value.checked_mul(factor).ok_or_else(|| format!("`{text}` is out of range"))
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(parse_duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_duration("1.5h"), Ok(Duration::from_secs(5400)));
        assert!(parse_duration("soon").is_err());
        assert_eq!(parse_wait("1M"), Ok(Duration::from_secs(30 * 86_400)));
        assert_eq!((parse_wait("2w"), parse_wait("6h")), (Ok(Duration::from_secs(14 * 86_400)), parse_duration("6h")));
        assert!(parse_wait("later").is_err() && parse_wait("M").is_err());
        assert_eq!(parse_bytes("2GB"), Ok(2_000_000_000));
        assert_eq!(parse_bytes("512 KiB"), Ok(524_288));
        assert!(parse_bytes("99999999999TB").is_err());
    }
}
