//! Sources on this machine: files and folders, walked as they are asked for.

use super::{Named, Source, ask::Refusal};
use crate::pipeline::input::{self, Input};

/// What a folder, or one file, holds.
pub(super) fn read(source: &Source) -> Result<Named, Refusal> {
    let Input::Path(path) = &source.place else {
        return Err(Refusal::new(format!("a source of kind `{}` needs a `path`", source.kind.as_str())));
    };
    if !path.exists() {
        return Err(Refusal::new(format!("{} is not there", path.display())));
    }
    let works = if path.is_dir() {
        // A folder may get its first article yet.
        input::folder_works(path.clone()).unwrap_or_else(|| Box::new(std::iter::empty()))
    } else {
        input::expand(&source.place).map_err(|error| Refusal::new(error.to_string()))?
    };
    Ok(Named { works, known: None, sources: None })
}
