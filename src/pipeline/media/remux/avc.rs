//! H.264 as streams carry it: units behind start codes (ITU-T H.264, annex B), and the parameters that a player needs
//! before the first of them.

use super::boxes::Writer;

/// The start of each unit in `bytes` and its end, without the start codes.
pub(super) fn units(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts = memchr::memmem::find_iter(bytes, b"\0\0\x01").map(|at| at + 3).peekable();
    let mut found = Vec::new();
    while let Some(start) = starts.next() {
        let end = starts.peek().map_or(bytes.len(), |next| next - 3);
        // Zeros before a start code belong to it; no unit ends with one.
        let unit = bytes.get(start..end).unwrap_or_default();
        let unit = &unit[..unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        if !unit.is_empty() {
            found.push(unit);
        }
    }
    found
}

/// The kind of a unit (table 7-1).
pub(super) fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |byte| byte & 0x1f)
}

/// Width and height that are shown, of a sequence parameter set (7.3.2.1.1). None where it cannot be.
pub(super) fn size(sps: &[u8]) -> Option<(u32, u32)> {
    let profile = *sps.get(1)?;
    let payload = unescaped(sps.get(4..)?);
    let mut bits = Bits { bytes: &payload, at: 0 };
    bits.golomb()?;
    let mut chroma = 1;
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
        chroma = bits.golomb()?;
        if chroma == 3 {
            bits.take(1)?;
        }
        bits.golomb()?;
        bits.golomb()?;
        bits.take(1)?;
        if bits.take(1)? == 1 {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.take(1)? == 1 {
                    bits.skip_scaling_list(if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.take(1)?;
            bits.golomb()?;
            bits.golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?;
    bits.take(1)?;
    let width = bits.golomb()?.checked_add(1)?.checked_mul(16)?;
    let map_units = bits.golomb()?.checked_add(1)?;
    let frames_only = bits.take(1)?;
    if frames_only == 0 {
        bits.take(1)?;
    }
    let height = map_units.checked_mul(16)?.checked_mul(2 - frames_only)?;
    bits.take(1)?;
    let (mut left, mut right, mut top, mut bottom) = (0, 0, 0, 0);
    if bits.take(1)? == 1 {
        (left, right, top, bottom) = (bits.golomb()?, bits.golomb()?, bits.golomb()?, bits.golomb()?);
    }
    let (unit_x, unit_y) = match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let cut_x = left.checked_add(right)?.checked_mul(unit_x)?;
    let cut_y = top.checked_add(bottom)?.checked_mul(unit_y * (2 - frames_only))?;
    Some((width.checked_sub(cut_x)?, height.checked_sub(cut_y)?))
}

/// The sample entry of a track with these parameter sets.
pub(super) fn entry(sps: &[u8], pps: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let short = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
    let mut out = Writer::new();
    out.boxed(b"avc1", |out| {
        out.raw(&[0, 0, 0, 0, 0, 0, 0, 1]);
        out.raw(&[0; 16]);
        out.u16(short(width));
        out.u16(short(height));
        out.u32(0x0048_0000);
        out.u32(0x0048_0000);
        out.u32(0);
        out.u16(1);
        out.raw(&[0; 32]);
        out.u16(0x18);
        out.u16(0xffff);
        out.boxed(b"avcC", |out| {
            out.raw(&[1]);
            out.raw(sps.get(1..4).unwrap_or(&[66, 0, 30]));
            out.raw(&[0xff, 0xe1]);
            out.u16(u16::try_from(sps.len()).unwrap_or(u16::MAX));
            out.raw(sps);
            out.u8(1);
            out.u16(u16::try_from(pps.len()).unwrap_or(u16::MAX));
            out.raw(pps);
        });
    });
    out.0
}

/// Without the bytes that keep start codes out (7.4.1).
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut zeros = 0;
    for byte in bytes {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// An unsigned Exp-Golomb number (9.1).
    fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.take(zeros)?)
    }

    fn skip_scaling_list(&mut self, size: u32) -> Option<()> {
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..size {
            if next != 0 {
                let number = i64::from(self.golomb()?);
                let delta = if number % 2 == 1 { (number + 1) / 2 } else { -(number / 2) };
                next = (last + delta).rem_euclid(256);
            }
            if next != 0 {
                last = next;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stand_between_start_codes() {
        let stream = b"\0\0\0\x01\x09\xf0\0\0\x01\x67\x42\0\0\0\x01\x68\xce\0";
        assert_eq!(units(stream), [&b"\x09\xf0"[..], b"\x67\x42", b"\x68\xce"]);
        assert_eq!(units(b"no start code"), Vec::<&[u8]>::new());
    }

    #[test]
    fn a_size_that_is_no_multiple_of_sixteen_is_cut_to_what_is_shown() {
        // 320 x 180, High profile, as x264 writes it.
        let sps = [
            0x67, 0x64, 0x00, 0x0d, 0xac, 0xd9, 0x41, 0x41, 0x9f, 0x9e, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00,
            0x03, 0x03, 0x20, 0xf1, 0x42, 0x99, 0x60,
        ];
        assert_eq!(size(&sps), Some((320, 180)));
        for end in 0..8 {
            assert_eq!(size(&sps[..end]), None);
        }
    }
}
