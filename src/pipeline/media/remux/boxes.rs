//! ISO boxes (ISO/IEC 14496-12, 4.2): a size, a name, and what is inside.

use super::JoinError;

/// A box inside other bytes.
#[derive(Clone, Copy)]
pub(super) struct Box<'a> {
    pub(super) name: [u8; 4],
    /// Where it begins in the bytes that it was found in.
    pub(super) start: usize,
    /// From its first byte.
    pub(super) whole: &'a [u8],
    /// Without size and name.
    pub(super) body: &'a [u8],
}

/// The boxes in a row; one that goes beyond the end is an error, so that what was cut off is never taken for whole.
pub(super) fn all(bytes: &[u8]) -> Result<Vec<Box<'_>>, JoinError> {
    let cut = || JoinError::Broken("a box goes beyond the end of its piece".to_owned());
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let rest = &bytes[start..];
        let header = rest.get(..8).ok_or_else(cut)?;
        let name = [header[4], header[5], header[6], header[7]];
        let (inside, size) = match u32_at(rest, 0).unwrap_or(0) {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64_at(rest, 8).ok_or_else(cut)?).map_err(|_| cut())?),
            size => (8, size as usize),
        };
        let whole = rest.get(..size).ok_or_else(cut)?;
        let body = whole.get(inside..).ok_or_else(cut)?;
        found.push(Box { name, start, whole, body });
        start += size;
    }
    Ok(found)
}

/// The first box of that name.
pub(super) fn first<'a>(boxes: &[Box<'a>], name: &[u8; 4]) -> Option<Box<'a>> {
    boxes.iter().find(|found| found.name == *name).copied()
}

/// The box at a path of names.
pub(super) fn inside<'a>(body: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(body, |body, name| Some(first(&all(body).ok()?, name)?.body))
}

/// Whether these are the first bytes of a box that films begin with.
pub(super) fn begins_with_box(bytes: &[u8]) -> bool {
    matches!(bytes.get(4..8), Some(b"ftyp" | b"styp" | b"moof" | b"moov" | b"sidx" | b"emsg" | b"prft"))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// Writes boxes into one another: each is closed when what writes its inside returns.
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn boxed(&mut self, name: &[u8; 4], inside: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.0.extend([0; 4]);
        self.0.extend(name);
        inside(self);
        let size = u32::try_from(self.0.len() - start).unwrap_or(u32::MAX);
        self.0[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }

    /// A box with version and flags.
    pub(super) fn full(&mut self, name: &[u8; 4], version: u8, flags: u32, inside: impl FnOnce(&mut Self)) {
        self.boxed(name, |out| {
            out.u32(u32::from(version) << 24 | flags);
            inside(out);
        });
    }

    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }
}
