//! The recordings that a user names, looked through once: which answers stand in them, and which of them are exports of
//! embalm with records of its own.

use super::{
    bundle::Bundle,
    input::{self, InputError},
};
use crate::{
    fetch::replay::{self, Replay},
    warc::{self, Part, Reader, Wacz},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Records of a file among which one of embalm's own stands where there are any.
const FIRST_RECORDS: usize = 16;

/// Recordings, looked through.
pub(super) struct Recordings {
    /// What they answer.
    pub(super) replay: Arc<Replay>,
    /// What those of them say that embalm itself wrote.
    pub(super) bundle: Arc<Bundle>,
    /// The files among them that embalm itself wrote.
    pub(super) own: BTreeSet<PathBuf>,
    /// What is wrong with these.
    pub(super) flaws: Vec<InputError>,
}

/// The recordings that a path stands for: itself, or those in its folder. None where it is another kind of input.
pub(super) fn named(path: &Path) -> Vec<PathBuf> {
    let is_recording = |path: &Path| {
        let name = path.to_string_lossy();
        warc::is_warc(&name) || warc::is_wacz(&name)
    };
    if path.is_dir() {
        return warc::in_folder(path).filter_map(Result::ok).collect();
    }
    if is_recording(path) { vec![path.to_owned()] } else { Vec::new() }
}

/// The recordings at a path that others wrote; none where the path is no recording, or one of embalm's own exports is not
/// among them, so that it can be read as it is.
pub(super) fn of_others(path: &Path) -> Option<Vec<PathBuf>> {
    let (own, others): (Vec<_>, Vec<_>) = named(path).into_iter().partition(|file| is_own(file));
    (!own.is_empty()).then_some(others)
}

/// Whether embalm exported a file: its records of runs stand first.
fn is_own(file: &Path) -> bool {
    let parts = replay::recordings(file).unwrap_or_default();
    let windows = parts.iter().take(1).filter_map(|part| part.open().ok());
    let readers = windows.map(|window| Reader::new(window).with_all_kinds().with_bodies_of(Bundle::wants));
    readers.flatten().take(FIRST_RECORDS).flatten().any(|record| Bundle::is_own(&record))
}

impl Recordings {
    /// Looks through these files. What can't be read is left to whoever reads it for its pages, who says so.
    pub(super) fn open(files: &[PathBuf]) -> Self {
        let (mut parts, mut files_of): (Vec<Part>, Vec<&Path>) = (Vec::new(), Vec::new());
        for file in files {
            for part in replay::recordings(file).unwrap_or_default() {
                if part.open().is_ok() {
                    parts.push(part);
                    files_of.push(file);
                }
            }
        }
        let mut bundle = Bundle::default();
        let numbers: Vec<u32> = parts.iter().map(|part| bundle.part(part)).collect();
        let mut own = BTreeSet::new();
        let (mut is_full, mut flaws) = (false, Vec::new());
        let indexed = Replay::index(parts, Bundle::wants, |part, record| {
            let (Some(number), Some(file)) = (numbers.get(part), files_of.get(part)) else { return };
            is_full = is_full || !bundle.add(*number, record);
            if Bundle::is_own(record) {
                own.insert(file.to_path_buf());
            }
        });
        let replay = match indexed {
            Ok((replay, _)) => replay,
            Err(error) => {
                flaws.push(InputError::new("the recordings", error.to_string()));
                Replay::nothing()
            }
        };
        let damaged = replay.damage().iter().filter(|(path, _)| own.iter().any(|own| path.starts_with(own)));
        flaws.extend(damaged.map(|(path, damage)| InputError::new(path.to_string_lossy(), damage.to_string())));
        // Those of others are checked where their pages are read.
        let packed = own.iter().filter(|file| warc::is_wacz(&file.to_string_lossy()));
        flaws.extend(
            packed.filter_map(|file| Wacz::open_sealed(file).ok()).flat_map(|wacz| input::unsealed(wacz.seals)),
        );
        if bundle.others() > 0 {
            let reason = format!("{} records are of another version of the format, and are left out", bundle.others());
            flaws.push(InputError::new("an export of embalm", reason));
        }
        if is_full {
            flaws.push(InputError::new("an export of embalm", "has more records than are read at once"));
        }
        Self { replay: Arc::new(replay), bundle: Arc::new(bundle), own, flaws }
    }
}
