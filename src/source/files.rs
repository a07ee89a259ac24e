//! Which files of a folder are articles, and in which order they are read.

use std::path::{Component, Path, PathBuf};

/// Endings of articles; each may be followed by `.gz`. `article::Kind::by_ending` tells which is what.
const ENDINGS: [&str; 12] =
    ["html", "htm", "xhtml", "xht", "shtml", "md", "markdown", "mdx", "mdown", "mkd", "txt", "text"];

/// Stems of files that tell about a folder and are no articles of it.
const ABOUT: [&str; 6] = ["readme", "license", "licence", "changelog", "contributing", "robots"];

/// Folders of tools and of what they made.
const NOT_ENTERED: [&str; 3] = ["node_modules", "__macosx", "target"];

/// Whether the file of this path, relative to the folder that was named, is an article by its name: by its ending,
/// not hidden nor in a hidden folder, and none of those that tell about the folder (`README.md`, `LICENSE.txt`).
#[must_use]
pub fn is_article_file(relative: &Path) -> bool {
    let mut parts = relative.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().to_ascii_lowercase()),
        _ => None,
    });
    let Some(file) = parts.next_back() else { return false };
    if parts.any(|folder| folder.starts_with('.') || NOT_ENTERED.contains(&folder.as_str())) || file.starts_with('.') {
        return false;
    }
    let Some((stem, ending)) = file.strip_suffix(".gz").unwrap_or(&file).rsplit_once('.') else { return false };
    ENDINGS.contains(&ending) && !ABOUT.contains(&stem)
}

/// The articles among a folder's files, sorted by path, so that every machine reads them in the same order. Paths are
/// relative to the folder that was named.
#[must_use]
pub fn in_order(paths: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = paths.into_iter().filter(|path| is_article_file(path)).collect();
    paths.sort();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_known_by_their_names_and_sorted() {
        let names = [
            "b.md",
            "a/z.HTML",
            "a/b.txt.gz",
            "README.md",
            "my-readme.md",
            ".git/x.md",
            "pic.png",
            ".x.txt",
            "noending",
        ];
        let found = in_order(names.iter().map(PathBuf::from));
        let found: Vec<_> = found.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        assert_eq!(found, ["a/b.txt.gz", "a/z.HTML", "b.md", "my-readme.md"]);
    }
}
