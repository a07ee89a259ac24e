//! Archives that somebody took care of (merged, read anew, pruned, redacted), and articles that only their feed carries: each
//! comes back as it stood.

use super::{content, demo, embalm, ends};
use crate::{
    days::{POST, alive},
    records::{self, records},
    rich::{export, imports, look, there_and_back, year},
};
use std::path::Path;
use tempfile::TempDir;

fn care(folder: &Path, words: &[&str]) {
    ends(embalm(folder).args(words), 0);
}

#[test]
fn an_archive_merged_of_several_comes_back_as_it_is() {
    let (first, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    demo(first.path());
    year(other.path());
    imports(other.path());
    ends(embalm(first.path()).args(["merge", "-q"]).arg(other.path().join("test.db")), 0);
    let all = content::of(&first.path().join("test.db"));
    assert!(all["snapshots"].iter().any(|line| line.contains("116300000012345678")), "nothing was merged");
    there_and_back(first.path(), &[], &[]);
}

#[test]
fn what_was_pruned_stays_away_and_the_rest_comes_back() {
    for prune in [&["--snapshots", "--keep-last", "1"][..], &["--posts", "--platform", "bluesky"]] {
        let first = TempDir::new().unwrap();
        demo(first.path());
        year(first.path());
        for (at, words) in [("09", "One boat."), ("10", "Two boats."), ("11", "Three boats."), ("12", "Four boats.")] {
            look(first.path(), "recheck", &format!("2026-04-{at}T08:00:00Z"), &alive(words, 60));
        }
        let before = content::of(&first.path().join("test.db"));
        care(first.path(), &[&["prune", "-q", "--yes"], prune].concat());
        let after = content::of(&first.path().join("test.db"));
        let changed = before.iter().any(|(kind, lines)| *kind != "runs" && after[kind] != *lines);
        assert!(changed, "{prune:?}: nothing was pruned");
        there_and_back(first.path(), &[], &[]);
    }
}

#[test]
fn what_was_read_anew_comes_back_as_it_was_read() {
    let first = TempDir::new().unwrap();
    demo(first.path());
    year(first.path());
    care(first.path(), &["reparse", "-q"]);
    there_and_back(first.path(), &[], &[]);
}

/// The tombstones are told, and not put back: nothing else differs.
#[test]
fn what_was_removed_leaves_its_tombstone_in_the_first_export_alone() {
    for mode in [&["--remove"][..], &[]] {
        let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        demo(first.path());
        year(first.path());
        let mut words = vec!["redact", POST, "--reason", "asked for by its author"];
        words.extend(mode);
        care(first.path(), &words);
        let exported = export(first.path(), "wacz", "first.wacz", &[]);
        ends(embalm(second.path()).args(["add", "-q", "--offline"]).arg(&exported), 0);
        care(second.path(), &["verify"]);
        let mut told = records(&exported);
        told.retain(|(head, _)| !head.contains("urn:embalm:redaction:"));
        records::assert_same(&told, &records(&export(second.path(), "wacz", "second.wacz", &[])));
    }
}
