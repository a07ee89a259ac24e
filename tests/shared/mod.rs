//! The suites that others wrote, where they are there: beside the repository, or where `EMBALM_SHARED` points.

use std::path::{Path, PathBuf};

/// A file or folder of the suites, as an absolute path; none, and a line that says so, where it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("EMBALM_SHARED").unwrap_or_else(|| "../shared".into());
    // Some tests read it from another folder.
    let path = std::path::absolute(Path::new(&root).join(path)).expect("a path that is not empty");
    if !path.exists() {
        #[allow(clippy::print_stdout, reason = "a test that did not run says so")]
        {
            println!("skipped: no {}", path.display());
        }
    }
    path.exists().then_some(path)
}
