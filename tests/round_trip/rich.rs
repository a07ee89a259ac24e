//! Archives of all kinds of content: an export read into an empty archive gives the same articles, embeds, posts, snapshots
//! and media, and an export of that one is the first export, record for record.

use super::{OF_THE_RUN, content, demo, embalm, ends};
use crate::{
    days::{POST, alive, case, day},
    records::{self, records},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// The second export is made at the same time as the first.
const NOW: (&str, &str) = ("SOURCE_DATE_EPOCH", "1800000000");

pub(crate) fn export(folder: &Path, form: &str, name: &str, flags: &[&str]) -> PathBuf {
    let path = folder.join(name);
    ends(embalm(folder).env(NOW.0, NOW.1).args(["export", form]).args(flags).arg("--out").arg(&path), 0);
    path
}

/// Exports an archive, reads the export into an empty archive, and exports that one.
pub(crate) fn there_and_back(first: &Path, flags: &[&str], apart_from: &[&str]) {
    let export_of_first = export(first, "wacz", "first.wacz", flags);
    let second = TempDir::new().unwrap();
    ends(embalm(second.path()).args(["add", "-q", "--offline"]).arg(&export_of_first), 0);
    ends(embalm(second.path()).arg("verify"), 0);
    if flags.is_empty() {
        let apart_from: Vec<&str> = OF_THE_RUN.iter().chain(apart_from).copied().collect();
        content::assert_same(&first.join("test.db"), &second.path().join("test.db"), &apart_from);
    }
    let export_of_second = export(second.path(), "wacz", "second.wacz", &[]);
    records::assert_same(&records(&export_of_first), &records(&export_of_second));
    // Once more adds nothing.
    let before = content::of(&second.path().join("test.db"));
    ends(embalm(second.path()).args(["add", "-q", "--offline"]).arg(&export_of_first), 0);
    let mut after = content::of(&second.path().join("test.db"));
    after.insert("runs", before["runs"].clone());
    assert_eq!(before, after);
}

pub(crate) fn look(folder: &Path, command: &str, at: &str, exchanges: &[serde_json::Value]) {
    let recording = day(folder, at, exchanges);
    ends(embalm(folder).args([command, "-q", POST, "--replay"]).arg(&recording), 0);
}

/// A post's year: seen, seen as it was, edited, deleted, back, in trouble.
pub(crate) fn year(folder: &Path) {
    look(folder, "add", "2026-03-30T08:00:00Z", &alive("Low water at the old quay.", 30));
    look(folder, "recheck", "2026-03-31T08:00:00Z", &alive("Low water at the old quay.", 31));
    look(folder, "recheck", "2026-04-02T08:00:00Z", &alive("High water at the old quay.", 45));
    look(folder, "recheck", "2026-04-04T08:00:00Z", &case("mastodon/a_tombstone"));
    look(folder, "recheck", "2026-04-05T08:00:00Z", &case("mastodon/a_tombstone"));
    look(folder, "recheck", "2026-04-06T08:00:00Z", &alive("High water at the old quay.", 52));
    let mut broken = case("mastodon/a_post_that_is_not_there");
    for exchange in &mut broken {
        exchange["status"] = 503.into();
    }
    look(folder, "recheck", "2026-04-07T08:00:00Z", &broken);
    // Files that the platform no longer gives.
    let mut without_files = alive("No water at all.", 60);
    without_files.retain(|exchange| !exchange["url"].as_str().unwrap().ends_with(".png"));
    look(folder, "recheck", "2026-04-08T08:00:00Z", &without_files);
}

/// Posts of an account that its owner, or another program, kept.
pub(crate) fn imports(folder: &Path) {
    for name in ["x", "mastodon", "gallery-dl", "auto-archiver"] {
        let source = Path::new("fixtures/imports").join(name);
        let _ = embalm(folder).args(["import", "-q"]).arg(&source).output().unwrap();
    }
}

#[test]
fn a_post_s_year_of_edits_deletion_return_and_failures() {
    let first = TempDir::new().unwrap();
    year(first.path());
    let all = content::of(&first.path().join("test.db"));
    assert!(all["snapshots"].len() >= 4 && all["looks"].len() >= 8, "{:#?}", all["looks"]);
    there_and_back(first.path(), &[], &[]);
}

#[test]
fn what_people_imported_comes_back_with_that_label() {
    let first = TempDir::new().unwrap();
    imports(first.path());
    let all = content::of(&first.path().join("test.db"));
    assert!(all["snapshots"].iter().filter(|line| line.contains("import")).count() > 4, "{:#?}", all["snapshots"]);
    there_and_back(first.path(), &[], &[]);
}

#[test]
fn everything_at_once_in_one_file_in_several_and_as_warc() {
    let first = TempDir::new().unwrap();
    let folder = first.path();
    demo(folder);
    year(folder);
    imports(folder);
    there_and_back(folder, &[], &[]);
    there_and_back(folder, &["--split-size", "20000"], &[]);
    // Files beside one another are read together.
    let second = TempDir::new().unwrap();
    export(folder, "warc", "parts.warc.gz", &["--split-size", "20000"]);
    let parts = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let parts: Vec<_> = parts.filter(|path| path.to_string_lossy().contains("/parts")).collect();
    assert!(parts.len() > 3, "{parts:?}");
    ends(embalm(second.path()).args(["add", "-q", "--offline"]).args(&parts), 0);
    content::assert_same(&folder.join("test.db"), &second.path().join("test.db"), OF_THE_RUN);
}

#[test]
fn a_selection_comes_back_as_it_was_chosen() {
    let first = TempDir::new().unwrap();
    demo(first.path());
    year(first.path());
    there_and_back(first.path(), &["--platform", "mastodon"], &[]);
    there_and_back(first.path(), &["--site", "riverside-courier.example"], &[]);
}

#[test]
fn what_a_server_called_original_headers_stays_its_own() {
    let first = TempDir::new().unwrap();
    let mut exchanges = alive("Low water.", 1);
    for exchange in &mut exchanges {
        exchange["headers"]["x-archive-orig-server"] = "tsa".into();
        exchange["headers"]["content-length"] = "7".into();
    }
    look(first.path(), "add", "2026-03-30T08:00:00Z", &exchanges);
    let all = content::of(&first.path().join("test.db"));
    assert!(all["exchanges"].iter().any(|line| line.contains("x-archive-orig-server")), "{:#?}", all["exchanges"]);
    there_and_back(first.path(), &[], &[]);
}

/// What is hidden or removed is in neither export; what only it bore is in no second one.
#[test]
fn of_what_is_redacted_nothing_comes_back() {
    let first = TempDir::new().unwrap();
    demo(first.path());
    year(first.path());
    ends(embalm(first.path()).args(["redact", POST, "--reason", "asked for by its author"]), 0);
    let exported = export(first.path(), "wacz", "first.wacz", &[]);
    let text: Vec<u8> = records(&exported).into_iter().flat_map(|(_, block)| block).collect();
    assert!(!String::from_utf8_lossy(&text).contains("old quay"), "its words are exported");
    let second = TempDir::new().unwrap();
    let _ = embalm(second.path()).args(["add", "-q", "--offline"]).arg(&exported).output().unwrap();
    let all = content::of(&second.path().join("test.db"));
    assert!(!all["snapshots"].iter().any(|line| line.contains("116300000012345678")), "{:#?}", all["snapshots"]);
    ends(embalm(second.path()).arg("verify"), 0);
}

#[test]
fn a_name_and_password_in_an_address_are_written_nowhere() {
    let first = TempDir::new().unwrap();
    let folder = first.path();
    let page =
        "<title>The ferry</title><article><p>It sails at noon, says the harbour master of Calder Quay.</p></article>";
    let line = serde_json::json!({"url": "https://ann:hush77@news.example/ferry", "html": page}).to_string();
    fs::write(folder.join("pages.jsonl"), line).unwrap();
    ends(embalm(folder).args(["add", "-q", "--offline"]).arg(folder.join("pages.jsonl")), 0);
    let (_, told) = ends(embalm(folder).args(["add", "-q", "https://ann:hush77@news.example/other"]), 2);
    assert!(told.contains("password") && !told.contains("hush77"), "{told}");
    let exported = export(folder, "wacz", "first.wacz", &[]);
    for (head, block) in records(&exported) {
        assert!(!head.contains("hush77") && !String::from_utf8_lossy(&block).contains("hush77"), "{head}");
    }
    let sqlite = fs::read(folder.join("test.db")).unwrap();
    assert!(!sqlite.windows(6).any(|window| window == b"hush77"), "the archive holds it");
}
