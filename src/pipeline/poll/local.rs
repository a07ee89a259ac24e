//! Sources on this machine: files and folders, walked as they are asked for.

use super::{Named, Source, SourceKind, ask::Refusal};
use crate::pipeline::{
    input::{self, Input},
    recordings,
};

/// What a folder, or one file, holds.
pub(super) fn read(source: &Source) -> Result<Named, Refusal> {
    let Input::Path(path) = &source.place else {
        return Err(Refusal::new(format!("a source of kind `{}` needs a `path`", source.kind.as_str())));
    };
    if !path.exists() {
        return Err(Refusal::new(format!("{} is not there", path.display())));
    }
    let works = if let Some(others) = recordings::of_others(path) {
        // What embalm itself exported is put back before any source is asked.
        let works = others.into_iter().flat_map(|file| match input::expand(&Input::Path(file)) {
            Ok(works) => works,
            Err(error) => Box::new(std::iter::once(Err(error))),
        });
        Box::new(works)
    } else if path.is_dir() {
        let works = match source.kind {
            SourceKind::Warc => input::recordings_of(path.clone()),
            _ => input::folder_works(path.clone()).or_else(|| input::recordings_of(path.clone())),
        };
        // A folder may get its first article yet.
        works.unwrap_or_else(|| Box::new(std::iter::empty()))
    } else {
        input::expand(&source.place).map_err(|error| Refusal::new(error.to_string()))?
    };
    let lang = source.lang.clone();
    let works = works.map(move |work| {
        work.map(|mut work| {
            work.lang.clone_from(&lang);
            work
        })
    });
    Ok(Named { works: Box::new(works), known: None, sources: None })
}
