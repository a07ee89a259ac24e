//! The files that records are written to: one, or several of a size.

use super::super::{error::ExportError, folder::Part};
use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 256 << 10;

/// Where records go. Each file begins anew.
pub(super) trait Volumes: Write {
    /// Begins the next file, the first one too, and says what it is called.
    fn next(&mut self) -> Result<String, ExportError>;

    /// The file at hand, for messages.
    fn place(&self) -> PathBuf;
}

/// What goes on as one stream.
pub(super) struct Pipe<'a>(pub(super) &'a mut dyn Write);

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Volumes for Pipe<'_> {
    fn next(&mut self) -> Result<String, ExportError> {
        Ok("embalm.warc.gz".to_owned())
    }

    fn place(&self) -> PathBuf {
        PathBuf::from("-")
    }
}

/// Files beside one another. They appear under their names when all are whole.
pub(super) struct Files {
    path: PathBuf,
    whole: Vec<Part>,
    open: Option<BufWriter<Part>>,
}

impl Files {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), whole: Vec::new(), open: None }
    }

    /// Gives them their names.
    pub(super) fn keep(mut self) -> Result<Vec<PathBuf>, ExportError> {
        self.close()?;
        let mut names = Vec::new();
        for part in self.whole {
            names.push(part.place().to_owned());
            part.sync()?;
            part.keep()?;
        }
        Ok(names)
    }

    fn close(&mut self) -> Result<(), ExportError> {
        let place = self.place();
        if let Some(open) = self.open.take() {
            self.whole.push(open.into_inner().map_err(|error| ExportError::write(place, error.into_error()))?);
        }
        Ok(())
    }
}

impl Write for Files {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.open {
            Some(open) => open.write(bytes),
            None => Err(io::Error::other("no file was begun")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Volumes for Files {
    fn next(&mut self) -> Result<String, ExportError> {
        self.close()?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = nth_name(&name, self.whole.len());
        let part = Part::create(&self.path.with_file_name(&name))?;
        self.open = Some(BufWriter::with_capacity(BUFFER_BYTES, part));
        Ok(name)
    }

    fn place(&self) -> PathBuf {
        self.path.clone()
    }
}

/// The name of the nth file, from 0: the first has the name itself.
pub(super) fn nth_name(name: &str, nth: usize) -> String {
    let stem = name.strip_suffix(".warc.gz").unwrap_or(name);
    if nth == 0 { name.to_owned() } else { format!("{stem}-{nth:05}.warc.gz") }
}
