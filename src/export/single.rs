//! One article as one file that needs nothing else.

use super::{Sink, Written, error::ExportError, folder};
use crate::{render, store::Store};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// The longest name of a file, in characters and in words.
const MAX_NAME_CHARS: usize = 60;
const MAX_NAME_WORDS: usize = 8;

/// Writes an article as the file `path`.
///
/// # Errors
/// [`ExportError::NotFound`], or as writing fails.
pub fn article_file(store: &Store, target: &str, path: &Path, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    write(store, target, sink, |_, _| path.to_owned())
}

/// Writes each article as a file of its own into `folder`, named after its title.
///
/// # Errors
/// As [`article_file`].
pub fn article_files(store: &Store, targets: &[String], folder: &Path, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut taken = HashSet::new();
    targets
        .iter()
        .try_for_each(|target| write(store, target, sink, |title, id| folder.join(file_name(title, id, &mut taken))))
}

fn write(
    store: &Store,
    target: &str,
    sink: &mut Sink<'_>,
    path: impl FnOnce(&str, i64) -> PathBuf,
) -> Result<(), ExportError> {
    let Some(view) = store.article_view(target, true)? else {
        let hint = "`embalm list articles` says what is";
        return Err(ExportError::NotFound { target: target.to_owned(), hint });
    };
    let page = render::article_page(&view)?;
    let path = path(&view.article.title, view.id);
    let written = folder::write_file(&path, page.as_bytes())?;
    sink(&Written {
        path,
        what: "article",
        id: Some(view.id),
        key: None,
        bytes: page.len() as u64,
        bytes_without_media: None,
        written,
    })
}

/// Letters and digits of the title; unique, and harmless on every file system.
fn file_name(title: &str, id: i64, taken: &mut HashSet<String>) -> String {
    let words: Vec<_> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .take(MAX_NAME_WORDS)
        .collect();
    let mut name: String = words.join("-").chars().take(MAX_NAME_CHARS).collect();
    if name.is_empty() || super::names::is_device(&name) || !taken.insert(name.clone()) {
        name = format!("{name}-{id}").trim_start_matches('-').to_owned();
        taken.insert(name.clone());
    }
    format!("{name}.html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_harmless_and_never_collide() {
        let mut taken = HashSet::new();
        assert_eq!(file_name("../etc/passwd: A Story!", 1, &mut taken), "etc-passwd-a-story.html");
        assert_eq!(file_name("etc passwd a story", 2, &mut taken), "etc-passwd-a-story-2.html");
    }
}
