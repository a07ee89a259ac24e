//! An archive, written as a WACZ and read into an empty one, is the same archive.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../content/mod.rs"]
mod content;

#[path = "../days/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of posts over time, which use more of it")]
mod days;

mod captures;
mod cared;
mod forged;
mod records;
mod rich;
mod seeded;

use binary::{embalm, ends};
use std::path::Path;
use tempfile::TempDir;

/// Archives the demo's articles out of its recording.
fn demo(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (articles, recording) = (root.join("fixtures/articles"), root.join("fixtures/demo.warc.gz"));
    ends(embalm(folder).args(["add", "-q"]).arg(articles).arg("--replay").arg(recording), 0);
}

#[test]
fn two_archives_of_one_recording_hold_the_same() {
    let (left, right) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    demo(left.path());
    demo(right.path());
    let all = content::of(&left.path().join("test.db"));
    for kind in ["versions", "embeds", "snapshots", "media", "looks", "relations", "index", "tallies"] {
        assert!(!all[kind].is_empty(), "no {kind}");
    }
    content::assert_same(&left.path().join("test.db"), &right.path().join("test.db"), &["runs", "run_of_snapshots"]);
}

/// What belongs to a machine and its schedule, and is not carried: who ran when, what is due, and what only the queue says.
const OF_THE_RUN: &[&str] =
    &["runs", "run_of_snapshots", "queue", "recheck", "sources", "source_articles", "redactions", "redacted"];

#[test]
fn an_export_read_into_an_empty_archive_is_the_same_archive() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    demo(first.path());
    let export = first.path().join("all.warc.gz");
    ends(embalm(first.path()).args(["export", "warc", "--out"]).arg(&export), 0);
    ends(embalm(second.path()).args(["add", "-q", "--offline"]).arg(&export), 0);
    content::assert_same(&first.path().join("test.db"), &second.path().join("test.db"), OF_THE_RUN);

    // Once more adds nothing.
    let before = content::of(&second.path().join("test.db"));
    ends(embalm(second.path()).args(["add", "-q", "--offline"]).arg(&export), 0);
    let mut after = content::of(&second.path().join("test.db"));
    after.insert("runs", before["runs"].clone());
    assert_eq!(before, after);
}

#[test]
fn posts_of_a_recordings_pages_are_captured_from_it_and_nobody_is_asked() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo.warc.gz");
    let page = folder.join("article.html");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles/council-vote.html"), &page).unwrap();
    let (out, _) = ends(embalm(folder).args(["add", "--offline", "--json"]).arg(&page).arg(&recording), 0);
    assert!(!out.is_empty());
    let all = content::of(&folder.join("test.db"));
    let captured: Vec<_> = all["snapshots"].iter().filter(|line| line.contains("2026-11-20T08:")).collect();
    assert!(!captured.is_empty(), "dated as recorded: {:#?}", all["looks"]);
}
