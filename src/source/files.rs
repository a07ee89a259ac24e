//! Which files of a folder are articles, by their names alone.

/// Endings of articles, each also with `.gz`.
const ENDINGS: [&str; 7] = [".html", ".htm", ".xhtml", ".md", ".markdown", ".mdx", ".txt"];

/// Whether a file of this name (or path) is an article. Hidden files are not.
#[must_use]
pub fn is_article_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let plain = file.strip_suffix(".gz").unwrap_or(&file);
    !file.starts_with('.') && ENDINGS.iter().any(|ending| plain.len() > ending.len() && plain.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_known_by_their_endings() {
        for name in ["a.html", "b/c.HTM", "d.md.gz", "2024-01-02-e.markdown", "f.txt"] {
            assert!(is_article_file(name), "{name}");
        }
        for name in [".html", "a.css", "b.jpg", "labels.jsonl", "x/.hidden.md", "archive.tar.gz"] {
            assert!(!is_article_file(name), "{name}");
        }
    }
}
