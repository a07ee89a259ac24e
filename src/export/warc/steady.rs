//! A writer that fails once: what is written after a failure goes nowhere. The writer of ZIP files tries to end its file when
//! it is dropped, and prints where it can't; the failure itself has been told by then.

use std::io::{self, Seek, SeekFrom, Write};

/// Fails once.
pub(super) struct Steady<W> {
    out: W,
    failed: bool,
    /// Where the next byte goes, or would go.
    at: u64,
}

impl<W> Steady<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, failed: false, at: 0 }
    }

    pub(super) fn into_inner(self) -> W {
        self.out
    }

    fn heed<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        self.failed |= done.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        done
    }
}

impl<W: Write> Write for Steady<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = if self.failed { Ok(bytes.len()) } else { self.out.write(bytes) };
        self.at += written.as_ref().map_or(0, |written| *written as u64);
        self.heed(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.heed(flushed)
    }
}

impl<W: Seek> Seek for Steady<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            _ if !self.failed => self.out.seek(to),
            SeekFrom::Start(at) => Ok(at),
            SeekFrom::Current(by) | SeekFrom::End(by) => Ok(self.at.saturating_add_signed(by)),
        };
        self.at = at.as_ref().map_or(self.at, |at| *at);
        self.heed(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn only_the_first_failure_is_told() {
        let mut small = [0; 4];
        let mut out = Steady::new(Cursor::new(small.as_mut_slice()));
        assert_eq!(out.write_all(b"12345").unwrap_err().kind(), io::ErrorKind::WriteZero);
        assert_eq!(out.seek(SeekFrom::End(0)).unwrap(), 4, "writing nothing is no failure of the writer itself");
        out.heed::<()>(Err(io::ErrorKind::StorageFull.into())).unwrap_err();
        out.write_all(b"12345").unwrap();
        assert_eq!(out.seek(SeekFrom::End(0)).unwrap(), 9);
    }
}
