//! Pairs of looks at one page, as files: what the name of the folder says of them must come out.

use embalm::pipeline::{Document, prepare};
use std::{collections::BTreeMap, fs, path::Path};

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

/// Archives hold digests: one that comes out otherwise by today's reading would make a version of every unchanged article.
#[test]
fn pages_keep_their_digests_until_the_reading_has_another_number() {
    let table = fs::read_to_string("fixtures/digests.tsv").unwrap();
    let mut known = BTreeMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let (path, digest) = line.split_once('\t').unwrap();
        known.insert(path.to_owned(), digest.to_owned());
    }
    assert!(known.len() > 30);
    let now: BTreeMap<_, _> =
        known.keys().map(|path| (path.clone(), digest(&Path::new("fixtures/content").join(path)))).collect();
    let lines: String = now.iter().map(|(path, digest)| format!("{path}\t{digest}\n")).collect();
    assert!(now == known, "raise `READING` in src/article/content/mod.rs, and let fixtures/digests.tsv read:\n{lines}");
}
