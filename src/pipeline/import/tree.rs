//! The files of an export, whatever they come in: a folder, a ZIP, a tar with or without gzip, or one file. Files are
//! found by their names in a list, never by a path that an export makes up, so that none leads out of it.

use jiff::Timestamp;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};
use tempfile::{NamedTempFile, TempDir};
use zip::ZipArchive;

/// Files of one export.
const MAX_FILES: usize = 2_000_000;

/// All that is unpacked of one export, in bytes.
const MAX_UNPACKED_BYTES: u64 = 256 << 30;

/// How deep folders are walked.
const MAX_DEPTH: usize = 32;

/// The first bytes of gzip (RFC 1952) and of a ZIP's entry.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// Where in a tar's first header its magic stands (POSIX ustar).
const TAR_MAGIC_AT: u64 = 257;

/// The files of an export.
pub(super) struct Tree {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    from: From,
    unpacked_bytes: u64,
    /// Where it breaks off, in words.
    pub(super) flaw: Option<String>,
    /// Where a tar was unpacked: gone with this.
    _unpacked: Option<TempDir>,
}

enum From {
    Files(Vec<PathBuf>),
    Zip(Box<ZipArchive<File>>),
}

impl Tree {
    /// Opens an export.
    ///
    /// # Errors
    /// It can't be read, or goes over a limit.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Self::folder(path);
        }
        let mut file = File::open(path)?;
        let mut first = [0; 4];
        let read = file.read(&mut first)?;
        file.rewind()?;
        if first == ZIP {
            return Self::zip(file);
        }
        if read >= 2 && first.starts_with(&GZIP) {
            let inside = flate2::read::MultiGzDecoder::new(io::BufReader::new(file));
            return Self::packed(inside);
        }
        let mut magic = [0; 5];
        file.seek(SeekFrom::Start(TAR_MAGIC_AT))?;
        if file.read_exact(&mut magic).is_ok() && &magic == b"ustar" {
            file.rewind()?;
            return Self::packed(io::BufReader::new(file));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self::of(vec![name], From::Files(vec![path.to_owned()])))
    }

    fn of(names: Vec<String>, from: From) -> Self {
        let by_name = names.iter().enumerate().map(|(index, name)| (name.clone(), index)).collect();
        Self { names, by_name, from, unpacked_bytes: 0, flaw: None, _unpacked: None }
    }

    fn unpacked_in(self, folder: TempDir) -> Self {
        Self { _unpacked: Some(folder), ..self }
    }

    /// Links are not followed: they may lead anywhere.
    fn folder(path: &Path) -> io::Result<Self> {
        let (mut names, mut paths) = (Vec::new(), Vec::new());
        for entry in walkdir::WalkDir::new(path).follow_links(false).max_depth(MAX_DEPTH).sort_by_file_name() {
            let entry = entry.map_err(io::Error::other)?;
            if !entry.file_type().is_file() {
                continue;
            }
            let inside = entry.path().strip_prefix(path).unwrap_or(entry.path());
            names.push(inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"));
            paths.push(entry.into_path());
            limited(names.len())?;
        }
        Ok(Self::of(names, From::Files(paths)))
    }

    fn zip(file: File) -> io::Result<Self> {
        let archive = ZipArchive::new(file).map_err(io::Error::other)?;
        limited(archive.len())?;
        let name = |index| archive.name_for_index(index).and_then(Result::ok).map(std::borrow::Cow::into_owned);
        let names = (0..archive.len()).map(|index| name(index).unwrap_or_default()).collect();
        Ok(Self::of(names, From::Zip(Box::new(archive))))
    }

    /// A tar is unpacked, for it can only be read from one end to the other; under numbers, so that no name of it
    /// becomes a path.
    fn packed(inside: impl Read) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (mut names, mut paths, mut total) = (Vec::new(), Vec::new(), 0);
        let mut archive = tar::Archive::new(inside);
        let mut flaw = None;
        for entry in archive.entries()? {
            let mut entry = match entry {
                Ok(entry) if entry.header().entry_type().is_file() => entry,
                Ok(_) => continue,
                Err(error) => {
                    flaw = Some(cut(error, &names)?);
                    break;
                }
            };
            let name = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
            let place = folder.path().join(names.len().to_string());
            let mut file = File::create_new(&place)?;
            match copy(&mut entry, &mut file, MAX_UNPACKED_BYTES - total) {
                Ok(size) if size == entry.size() => total += size,
                Ok(size) => {
                    flaw = Some(format!("{name}: it is broken off: {size} of {} bytes are there", entry.size()));
                }
                Err(error) => flaw = Some(format!("{name}: {}", cut(error, &names)?)),
            }
            let modified = entry.header().mtime().ok();
            if let Some(modified) =
                modified.and_then(|at| SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(at)))
            {
                let _ = file.set_modified(modified);
            }
            // Of a list the entries up to there are whole; half a picture is none.
            if flaw.is_none() || name.ends_with(".json") {
                names.push(name);
                paths.push(place);
            }
            if flaw.is_some() {
                break;
            }
            limited(names.len())?;
        }
        Ok(Self { flaw, ..Self::of(names, From::Files(paths)).unpacked_in(folder) })
    }

    /// The names of all files, as the export has them; `/` between folders.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The file of this name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// When a file was last written, where the export says so.
    pub(super) fn modified(&mut self, index: usize) -> Option<Timestamp> {
        match &mut self.from {
            From::Files(paths) => {
                let modified = paths.get(index)?.metadata().ok()?.modified().ok()?;
                Timestamp::try_from(modified).ok()
            }
            From::Zip(archive) => {
                // Times of a ZIP have no zone; the day is near enough.
                let at = archive.by_index_raw(index).ok()?.last_modified()?;
                let day = jiff::civil::date(
                    i16::try_from(at.year()).ok()?,
                    i8::try_from(at.month()).ok()?,
                    i8::try_from(at.day()).ok()?,
                );
                let at = day.at(i8::try_from(at.hour()).ok()?, i8::try_from(at.minute()).ok()?, 0, 0);
                at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
            }
        }
    }

    /// A file to be read from its beginning.
    ///
    /// # Errors
    /// It can't be read, or is larger than `limit`.
    pub(super) fn file(&mut self, index: usize, limit: u64) -> io::Result<File> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        match &mut self.from {
            From::Files(paths) => {
                let file = File::open(paths.get(index).ok_or_else(missing)?)?;
                if file.metadata()?.len() > limit { Err(too_large(limit)) } else { Ok(file) }
            }
            From::Zip(archive) => {
                let mut inside = archive.by_index(index).map_err(io::Error::other)?;
                let mut file = tempfile::tempfile()?;
                let room = limit.min(MAX_UNPACKED_BYTES - self.unpacked_bytes);
                self.unpacked_bytes += copy(&mut inside, &mut file, room)?;
                file.rewind()?;
                Ok(file)
            }
        }
    }

    /// A file's bytes in a temporary file of their own.
    ///
    /// # Errors
    /// As [`Tree::file`].
    pub(super) fn spool(&mut self, index: usize, limit: u64) -> io::Result<(NamedTempFile, u64)> {
        let mut file = self.file(index, limit)?;
        let mut spooled = NamedTempFile::new()?;
        let size = copy(&mut file, spooled.as_file_mut(), limit)?;
        Ok((spooled, size))
    }
}

fn copy(from: &mut impl Read, to: &mut impl Write, limit: u64) -> io::Result<u64> {
    let copied = io::copy(&mut from.take(limit.saturating_add(1)), to)?;
    if copied > limit { Err(too_large(limit)) } else { Ok(copied) }
}

/// Why a tar ends too soon, in words; what this machine can't write, and what holds nothing, is an error.
fn cut(error: io::Error, names: &[String]) -> io::Result<String> {
    let of_this_machine = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded, io::ErrorKind::PermissionDenied]
        .contains(&error.kind());
    if of_this_machine || names.is_empty() { Err(error) } else { Ok(format!("it is broken off: {error}")) }
}

fn too_large(limit: u64) -> io::Error {
    io::Error::other(format!("it has more than {limit} bytes, the limit"))
}

fn limited(files: usize) -> io::Result<()> {
    if files > MAX_FILES { Err(io::Error::other(format!("more than {MAX_FILES} files"))) } else { Ok(()) }
}
