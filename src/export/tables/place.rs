//! Where tables are written: a file or a folder has its name when it is whole, and replaces an earlier export of it at once.

use super::ExportError;
use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::{NamedTempFile, TempDir};

/// A file that is being written, under another name in the same folder.
pub(super) struct File {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl File {
    pub(super) fn begin(path: PathBuf) -> Result<Self, ExportError> {
        if path.is_dir() {
            return Err(ExportError::Foreign { folder: path });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let begun = || {
            fs::create_dir_all(folder)?;
            let mut builder = tempfile::Builder::new();
            builder.prefix(".embalm-").suffix(".part");
            // The file is its user's as any other that is written: the mask of the process holds.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            builder.tempfile_in(folder)
        };
        let file = begun().map_err(|source| ExportError::write(path.clone(), source))?;
        Ok(Self { path, writer: BufWriter::new(file) })
    }

    /// The name that it is to have.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its name. How many bytes it has.
    pub(super) fn finish(self) -> Result<u64, ExportError> {
        let path = self.path;
        let finished = self.writer.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
            file.as_file().sync_all()?;
            let bytes = file.as_file().metadata()?.len();
            file.persist(&path).map_err(|error| error.error)?;
            Ok(bytes)
        });
        finished.map_err(|source| ExportError::write(path, source))
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A table in parts, as Hive and Spark lay them out: `TABLE/platform=twitter/part-00000.parquet`.
pub(super) struct Parted {
    place: PathBuf,
    aside: TempDir,
}

/// The file by which an earlier export is known; readers pass over names that begin with `_`.
const MARKER: &str = "_embalm";

impl Parted {
    /// Begins a folder aside. One that is there and that no earlier export made is left alone.
    pub(super) fn begin(place: &Path) -> Result<Self, ExportError> {
        let failed = |source| ExportError::write(place.to_owned(), source);
        let is_empty = fs::read_dir(place).map_or(true, |mut entries| entries.next().is_none());
        if place.exists() && !is_empty && !place.join(MARKER).is_file() {
            return Err(ExportError::Foreign { folder: place.to_owned() });
        }
        let folder = place.parent().unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".embalm-").suffix(".part");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let aside = builder.tempdir_in(folder).map_err(failed)?;
        fs::write(aside.path().join(MARKER), "").map_err(failed)?;
        Ok(Self { place: place.to_owned(), aside })
    }

    /// Where a part is written, and where it will be.
    pub(super) fn part(&self, column: &str, value: &str, ending: &str) -> Result<(PathBuf, PathBuf), ExportError> {
        // A platform's id is short and of small letters; an archive of a stranger can say anything.
        let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        let name = format!("{column}={value}");
        let file = format!("part-00000.{ending}");
        Ok((self.aside.path().join(&name).join(&file), self.place.join(&name).join(&file)))
    }

    /// Puts the folder in the place of an earlier one.
    pub(super) fn finish(self) -> Result<(), ExportError> {
        let failed = |source| ExportError::write(self.place.clone(), source);
        if self.place.exists() {
            fs::remove_dir_all(&self.place).map_err(failed)?;
        }
        fs::rename(self.aside.keep(), &self.place).map_err(failed)
    }
}
