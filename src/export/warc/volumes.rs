//! The files that records are written to: one, or several of a size.

use super::super::{error::ExportError, folder::Part};
use flate2::read::GzDecoder;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
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

    /// Gives them their names. What an earlier export of this name left beyond them is taken away, for it is no part of
    /// this one, and may say what is redacted by now.
    pub(super) fn keep(mut self) -> Result<Vec<PathBuf>, ExportError> {
        self.close()?;
        let mut names = Vec::new();
        for part in self.whole {
            names.push(part.place().to_owned());
            part.sync()?;
            part.keep()?;
        }
        for left in
            left_over(&self.path, names.len()).map_err(|source| ExportError::write(self.path.clone(), source))?
        {
            fs::remove_file(&left).map_err(|source| ExportError::write(left, source))?;
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

/// How much of a file tells who wrote it: the head of its first record and the lines behind it, in bytes.
const HEAD_BYTES: u64 = 4096;

/// The further files that an earlier, longer export of this name wrote beside it. One that embalm did not write is none.
fn left_over(path: &Path, written: usize) -> io::Result<Vec<PathBuf>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let stem = format!("{}-", name.strip_suffix(".warc.gz").unwrap_or(&name));
    let mut left = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let other = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let nth = other.strip_prefix(&stem).and_then(|rest| rest.strip_suffix(".warc.gz"));
        let nth: Option<usize> = nth.and_then(|digits| digits.parse().ok());
        if nth.is_some_and(|nth| nth >= written.max(1) && other == nth_name(&name, nth)) && is_ours(&path, &other) {
            left.push(path);
        }
    }
    Ok(left)
}

/// Whether an export wrote a file under this name.
fn is_ours(path: &Path, name: &str) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| GzDecoder::new(file).take(HEAD_BYTES).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines();
    read.is_ok()
        && lines.next().is_some_and(|line| line.starts_with("WARC/"))
        && head.lines().any(|line| line == format!("WARC-Filename: {name}"))
        && head.lines().any(|line| line.starts_with("software: embalm/"))
}
