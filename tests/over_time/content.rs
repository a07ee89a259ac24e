//! Pairs of looks at one page, as files: what the name of the folder says of them must come out.

use embalm::pipeline::{Document, prepare};
use std::{fs, path::Path};

/// The digest of what a page says, as a run reads it.
fn digest(path: &Path) -> String {
    let mut document = Document::new("https://news.example/2026/05/ferry-stays-in-port", fs::read(path).unwrap());
    document.url = Some("https://news.example/2026/05/ferry-stays-in-port".parse().unwrap());
    document.content_type = Some("text/html; charset=utf-8".to_owned());
    let prepared = prepare(document).unwrap();
    embalm::article::content_digest(&prepared.article, &prepared.embeds)
}

#[test]
fn a_new_version_is_what_says_something_else_and_nothing_else_is() {
    let mut folders: Vec<_> = fs::read_dir("fixtures/content").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut wrong = Vec::new();
    for folder in &folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let same = digest(&folder.join("before.html")) == digest(&folder.join("after.html"));
        if same != name.starts_with("same_") {
            wrong.push(name);
        }
    }
    assert!(folders.len() > 15);
    assert_eq!(wrong, Vec::<String>::new());
}
