//! The archive is spared: no other output takes its place.

use super::{Failure, Global};
use std::path::{Path, PathBuf};

/// What stands beside an archive under its name: SQLite's log, its index and its journal, and the lock of runs.
const BESIDE: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// Refuses to write to `out` where the archive is, or what belongs to it: what is written replaces what is there.
pub(super) fn spare(global: &Global, out: &Path) -> Result<(), Failure> {
    let archive = real(&global.archive(&global.config()?));
    let out_is = real(out);
    let beside = |end: &str| {
        let mut name = archive.clone().into_os_string();
        name.push(end);
        out_is.as_os_str() == name
    };
    if out_is != archive && !BESIDE.iter().any(|end| beside(end)) {
        return Ok(());
    }
    Err(Failure::usage(format!("{} is the archive itself, or belongs to it; write to another file", out.display())))
}

/// The file that a path leads to; of one that is not there yet, where it would be.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.canonicalize().unwrap_or_else(|_| match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    })
}
