//! The payload of a record: bytes in memory, or bytes that are read in parts wherever they are kept.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;

/// Takes one part of a payload after another.
pub type Take<'t> = dyn FnMut(&[u8]) -> io::Result<()> + 't;

/// Bytes that can be read more than once, with their size and digest.
pub struct Payload<'a> {
    size_bytes: u64,
    sha256: String,
    is_packed: bool,
    from: From<'a>,
}

enum From<'a> {
    Memory(&'a [u8]),
    Elsewhere(&'a dyn Fn(&mut Take<'_>) -> io::Result<()>),
}

impl<'a> Payload<'a> {
    /// Bytes in memory.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self {
            size_bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
            is_packed: false,
            from: From::Memory(bytes),
        }
    }

    /// `size_bytes` bytes that `read` hands over in parts, whenever it is called. `is_packed` says that they don't become
    /// smaller.
    #[must_use]
    pub fn elsewhere(
        size_bytes: u64,
        sha256: &str,
        is_packed: bool,
        read: &'a dyn Fn(&mut Take<'_>) -> io::Result<()>,
    ) -> Self {
        Self { size_bytes, sha256: sha256.to_owned(), is_packed, from: From::Elsewhere(read) }
    }

    /// In bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// In lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub(super) fn is_packed(&self) -> bool {
        self.is_packed
    }

    /// Hands all of it over.
    pub(super) fn each(&self, take: &mut Take<'_>) -> io::Result<()> {
        match &self.from {
            From::Memory(bytes) => take(bytes),
            From::Elsewhere(read) => read(take),
        }
    }
}

/// In lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
