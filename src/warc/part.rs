//! A stretch of a file that holds a recording: a whole WARC file, or one that stands in a WACZ.

use super::{is_wacz, is_warc, spool::Memory};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;

/// How deep folders are walked.
const MAX_FOLDER_DEPTH: usize = 32;

/// A recording: where its bytes are.
#[derive(Clone, Debug)]
pub struct Part {
    /// For messages: the file's path, and the name inside it where it is one of several.
    pub name: String,
    place: Place,
    start: u64,
    len: Option<u64>,
    pub(super) memory: Arc<Memory>,
}

/// The recordings in a folder and its subfolders, WARC and WACZ, in the order of their names. Hidden ones are left out.
pub fn in_folder(folder: &Path) -> impl Iterator<Item = io::Result<PathBuf>> + Send + use<> {
    let walk = walkdir::WalkDir::new(folder).max_depth(MAX_FOLDER_DEPTH).sort_by_file_name();
    let entries = walk
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.'));
    entries.filter_map(|entry| match entry {
        Err(error) => Some(Err(error.into())),
        Ok(entry) => {
            let name = entry.file_name().to_string_lossy();
            let is_recording = entry.file_type().is_file() && (is_warc(&name) || is_wacz(&name));
            is_recording.then(|| Ok(entry.path().to_owned()))
        }
    })
}

/// The file that holds a part.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// The user's.
    Path(PathBuf),
    /// Unpacked; gone with the last part in it.
    Temporary(Arc<NamedTempFile>),
}

impl Part {
    /// A whole file.
    #[must_use]
    pub fn of_file(path: &Path) -> Self {
        Self::new(path.to_string_lossy().into_owned(), Place::Path(path.to_owned()), 0, None)
    }

    pub(super) fn of_temporary(name: String, file: NamedTempFile) -> Self {
        Self::of_shared(name, Arc::new(file))
    }

    pub(super) fn of_shared(name: String, file: Arc<NamedTempFile>) -> Self {
        Self::new(name, Place::Temporary(file), 0, None)
    }

    fn new(name: String, place: Place, start: u64, len: Option<u64>) -> Self {
        Self { name, place, start, len, memory: Arc::default() }
    }

    /// `len` bytes of this part, from its byte `start` on.
    pub(super) fn within(&self, name: String, start: u64, len: u64) -> Self {
        Self::new(name, self.place.clone(), self.start.saturating_add(start), Some(len))
    }

    /// Opens it. The reader never leaves the part.
    ///
    /// # Errors
    /// The file can't be opened.
    pub fn open(&self) -> io::Result<Window> {
        let file = match &self.place {
            Place::Path(path) => File::open(path)?,
            Place::Temporary(file) => file.reopen()?,
        };
        let whole = file.metadata()?.len().saturating_sub(self.start);
        let mut window = Window { file, start: self.start, len: self.len.unwrap_or(whole).min(whole), at: 0 };
        window.rewind()?;
        Ok(window)
    }
}

/// Reads a part as if it were a file of its own.
#[derive(Debug)]
pub struct Window {
    file: File,
    start: u64,
    len: u64,
    at: u64,
}

impl Window {
    /// Bytes in all.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> u64 {
        self.len
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let room = left.min(buffer.len());
        let read = match buffer.get_mut(..room) {
            Some(room) if !room.is_empty() => self.file.read(room)?,
            _ => 0,
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        let at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        self.file.seek(SeekFrom::Start(self.start.saturating_add(at)))?;
        self.at = at;
        Ok(at)
    }
}
