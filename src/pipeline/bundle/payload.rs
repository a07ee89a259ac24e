//! The bytes of a payload: in memory where they are few, else in a temporary file.

use sha2::{Digest, Sha256};
use std::{
    io::{self, Write},
    sync::Arc,
};
use tempfile::{NamedTempFile, TempPath};

/// The largest payload that is read, in bytes; the archive takes none larger.
pub(super) const MAX_PAYLOAD_BYTES: u64 = 900_000_000;

/// The bytes of a payload, compared with their digest.
pub(in crate::pipeline) enum Payload {
    Held(Vec<u8>),
    Spooled { path: Arc<TempPath>, size_bytes: u64 },
}

impl Payload {
    /// A large one on disk, out of what `copy` writes, where that has this SHA-256 (hex).
    pub(super) fn copied(sha256: &str, copy: impl FnOnce(&mut Spool) -> Result<(), String>) -> Result<Self, String> {
        let file = NamedTempFile::new().map_err(|error| error.to_string())?;
        let mut spool = Spool { file, hash: Sha256::new(), size_bytes: 0 };
        copy(&mut spool)?;
        if hex(&spool.hash.finalize()) != sha256 {
            return Err("its bytes are not what their digest says".to_owned());
        }
        Ok(Self::Spooled { path: Arc::new(spool.file.into_temp_path()), size_bytes: spool.size_bytes })
    }

    /// The same on disk, where it is in memory.
    pub(in crate::pipeline) fn spooled(self) -> Result<Self, String> {
        let Self::Held(bytes) = self else { return Ok(self) };
        let mut file = NamedTempFile::new().map_err(|error| error.to_string())?;
        file.write_all(&bytes).map_err(|error| error.to_string())?;
        Ok(Self::Spooled { path: Arc::new(file.into_temp_path()), size_bytes: bytes.len() as u64 })
    }

    /// All of it in memory, where it is not large.
    pub(in crate::pipeline) fn into_bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Held(bytes) => Ok(bytes),
            Self::Spooled { path, size_bytes } if size_bytes <= crate::warc::MAX_BODY_BYTES => {
                std::fs::read(&*path).map_err(|error| error.to_string())
            }
            Self::Spooled { size_bytes, .. } => Err(format!("{size_bytes} bytes, which no article has")),
        }
    }
}

/// A temporary file with the digest of what was written to it.
pub(super) struct Spool {
    file: NamedTempFile,
    hash: Sha256,
    size_bytes: u64,
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.size_bytes += written as u64;
        if self.size_bytes > MAX_PAYLOAD_BYTES {
            return Err(io::Error::other("larger than any file of a post"));
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Bytes as hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
