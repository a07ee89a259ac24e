//! The folder that an export is written to: files appear whole or not at all, equal ones are left alone, and a folder
//! that holds something else is not touched.

use super::error::ExportError;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

/// The file by which a later export knows an earlier one.
const MARKER: &str = "embalm-site.json";

/// How a file that is being written is called.
const PART: &str = "part";

/// Bytes compared and copied at a time.
const STEP_BYTES: usize = 64 << 10;

/// What the marker says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    /// The layout of the folder.
    pub(super) embalm_site: u32,
    /// When its content last changed.
    pub(super) changed_at: String,
}

/// The layout that this version writes.
const LAYOUT: u32 = 1;

/// A folder that is being filled.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    written: HashSet<String>,
    /// What an earlier export left, where there was one.
    pub(super) earlier: Option<Marker>,
    /// Files that are new or have other bytes than before.
    pub(super) changed: u64,
}

impl Folder {
    /// Makes the folder where it is missing. Nothing in it is touched yet.
    ///
    /// # Errors
    /// [`ExportError::Foreign`] where it holds other files than an export's, unless `force`; [`ExportError::Folder`].
    pub(super) fn open(root: &Path, force: bool) -> Result<Self, ExportError> {
        let failed = |source| ExportError::Folder { folder: root.to_owned(), source };
        fs::create_dir_all(root).map_err(failed)?;
        let marker = fs::read(root.join(MARKER)).ok();
        let earlier: Option<Marker> = marker.and_then(|marker| serde_json::from_slice(&marker).ok());
        // What is hidden (a version control's folder, a system's notes) is nobody's page.
        let shown = |entry: &io::Result<fs::DirEntry>| {
            entry.as_ref().is_ok_and(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        };
        let holds_something = fs::read_dir(root).map_err(failed)?.any(|entry| shown(&entry));
        if holds_something && earlier.is_none() && !force {
            return Err(ExportError::Foreign { folder: root.to_owned() });
        }
        Ok(Self { root: root.to_owned(), written: HashSet::new(), earlier, changed: 0 })
    }

    /// Marks the folder as an export's, before anything else is in it, so that one that was interrupted can go on.
    pub(super) fn mark(&mut self, changed_at: &str) -> Result<(), ExportError> {
        let marker = Marker { embalm_site: LAYOUT, changed_at: changed_at.to_owned() };
        let mut text = serde_json::to_vec(&marker).map_err(|error| ExportError::Index { detail: error.to_string() })?;
        text.push(b'\n');
        self.put(MARKER, &text).map(drop)
    }

    /// Where `path` (parts joined by `/`, each a harmless name) is.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.root.clone(), |place, part| place.join(part))
    }

    /// Writes a file unless it is there with these bytes; whether it was written.
    pub(super) fn put(&mut self, path: &str, bytes: &[u8]) -> Result<bool, ExportError> {
        let place = self.place(path);
        self.written.insert(path.to_owned());
        if holds(&place, bytes) {
            return Ok(false);
        }
        let mut part = Part::create(&place)?;
        part.write(bytes)?;
        part.keep()?;
        self.changed += 1;
        Ok(true)
    }

    /// Whether the file is there with these bytes.
    pub(super) fn is_equal(&self, path: &str, bytes: &[u8]) -> bool {
        holds(&self.place(path), bytes)
    }

    /// Writes a file whose name is the digest of its bytes, as `fill` hands them over in parts; `fill` says whether it
    /// came to the end. One that is there in the right size is whole, for files appear whole. False where the bytes are
    /// not those of the digest: then nothing is there.
    pub(super) fn put_media(
        &mut self,
        path: &str,
        digest: &str,
        size_bytes: u64,
        fill: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), ExportError>) -> Result<bool, ExportError>,
    ) -> Result<bool, ExportError> {
        let place = self.place(path);
        if !fs::symlink_metadata(&place).is_ok_and(|there| there.is_file() && there.len() == size_bytes) {
            let (mut part, mut hash) = (Part::create(&place)?, Sha256::new());
            let whole = fill(&mut |bytes| {
                hash.update(bytes);
                part.write(bytes)
            })?;
            let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            if !whole || found != digest {
                return Ok(false);
            }
            part.keep()?;
            self.changed += 1;
        }
        self.written.insert(path.to_owned());
        Ok(true)
    }

    /// Files below `folders` that an earlier export wrote and this one did not, sorted.
    pub(super) fn left_over(&self, folders: &[&str]) -> Vec<String> {
        let mut left = Vec::new();
        for folder in folders {
            // A folder that is a link leads to what may be somebody's.
            let walk = walkdir::WalkDir::new(self.root.join(folder)).follow_links(false).follow_root_links(false);
            let files = walk.into_iter().flatten();
            for file in files.filter(|file| file.file_type().is_file()) {
                let Ok(relative) = file.path().strip_prefix(&self.root) else { continue };
                let name = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
                if !self.written.contains(&name) {
                    left.push(name);
                }
            }
        }
        left.sort();
        left
    }

    /// Removes a file that [`Folder::left_over`] named.
    pub(super) fn remove(&self, path: &str) -> Result<(), ExportError> {
        let place = self.place(path);
        fs::remove_file(&place).map_err(|source| ExportError::write(place, source))
    }
}

/// Writes a file of its own, outside of any export's folder.
///
/// # Errors
/// [`ExportError::Write`], [`ExportError::Full`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<bool, ExportError> {
    if holds(path, bytes) {
        return Ok(false);
    }
    let mut part = Part::create(path)?;
    part.write(bytes)?;
    part.sync()?;
    part.keep()?;
    Ok(true)
}

/// A file beside its place, moved there when it is whole and removed when it never is.
pub(super) struct Part {
    file: File,
    part: PathBuf,
    place: PathBuf,
    kept: bool,
}

impl Part {
    pub(super) fn create(place: &Path) -> Result<Self, ExportError> {
        let mut name = place.as_os_str().to_owned();
        name.push(".");
        name.push(PART);
        let part = PathBuf::from(name);
        let open = || -> io::Result<File> {
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
            }
            // Whatever stands there under this name, a link perhaps, is not written through.
            let _ = fs::remove_file(&part);
            File::create_new(&part)
        };
        let file = open().map_err(|source| ExportError::write(place.to_owned(), source))?;
        Ok(Self { file, part, place: place.to_owned(), kept: false })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.file.write_all(bytes).map_err(|source| ExportError::write(self.place.clone(), source))
    }

    pub(super) fn sync(&self) -> Result<(), ExportError> {
        self.file.sync_all().map_err(|source| ExportError::write(self.place.clone(), source))
    }

    pub(super) fn keep(mut self) -> Result<(), ExportError> {
        fs::rename(&self.part, &self.place).map_err(|source| ExportError::write(self.place.clone(), source))?;
        self.kept = true;
        Ok(())
    }
}

impl Part {
    /// The name that it will have.
    pub(super) fn place(&self) -> &Path {
        &self.place
    }
}

impl io::Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl io::Seek for Part {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Whether the file at `place` is there with these bytes.
fn holds(place: &Path, bytes: &[u8]) -> bool {
    let same_size = fs::symlink_metadata(place).is_ok_and(|there| there.is_file() && there.len() == bytes.len() as u64);
    let Ok(mut file) = File::open(place).map_err(|_| ()).and_then(|file| if same_size { Ok(file) } else { Err(()) })
    else {
        return false;
    };
    let (mut step, mut rest) = (vec![0; STEP_BYTES], bytes);
    loop {
        match file.read(&mut step) {
            Ok(0) => return rest.is_empty(),
            Ok(read) => match rest.strip_prefix(step.get(..read).unwrap_or_default()) {
                Some(after) => rest = after,
                None => return false,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
