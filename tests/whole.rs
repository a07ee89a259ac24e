//! An archive is whole after everything that is done to it, one thing after the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;
#[allow(dead_code, reason = "other tests print records")]
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number};
use rusqlite::Connection;
use std::{fs, path::Path};
use tempfile::TempDir;

/// What an older version left: the steps of its schema, and a run that was killed.
fn old(path: &Path) {
    let mut steps: Vec<_> = fs::read_dir("src/store/migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    let sql = Connection::open(path).unwrap();
    for step in &steps[..7] {
        sql.execute_batch(&fs::read_to_string(step).unwrap()).unwrap();
    }
    sql.execute_batch(
        "INSERT INTO runs (command, started_at) VALUES ('run', '2026-01-02T00:00:00.000Z');
         PRAGMA application_id = 1162691137; PRAGMA user_version = 7;",
    )
    .unwrap();
}

#[test]
fn an_archive_stays_whole_whatever_is_done_to_it() {
    let (mine, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (mine, other) = (mine.path(), other.path());
    let mut entries = 0;
    let mut whole = |what: &str, adds: bool| {
        let (out, _) = ends(embalm(mine).args(["verify", "--json"]), 0);
        assert!(out.contains("\"whole\":true"), "{what}: {out}");
        let now = number(mine, "SELECT count(*) FROM entries");
        assert!(if adds { now > entries } else { now == entries }, "{what}: {entries} entries, then {now}");
        entries = now;
    };
    let done = |words: &[&str]| drop(ends(embalm(mine).args(words), 0));

    old(&mine.join("test.db"));
    done(&["init", mine.to_str().unwrap()]);
    whole("an upgrade", true);
    done(&["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]);
    whole("articles", true);
    done(&["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]);
    whole("the same articles", false);

    for (name, adds) in
        ["x", "mastodon", "gallery-dl", "auto-archiver"].into_iter().flat_map(|n| [(n, true), (n, false)])
    {
        done(&["import", "-q", "--capture", &format!("fixtures/imports/{name}")]);
        whole(name, adds);
    }

    let looked = |at: &str, command: &str, exchanges: &[serde_json::Value]| {
        let recording = day(mine, at, exchanges);
        done(&[command, "-q", POST, "--replay", recording.to_str().unwrap()]);
    };
    // Its pictures are missing at first.
    looked("2026-03-30T08:00:00Z", "add", &alive("Low water.", 30)[..1]);
    whole("a post without its files", true);
    looked("2026-03-30T09:00:00Z", "add", &alive("Low water.", 30));
    whole("late files", true);
    looked("2026-04-01T08:00:00Z", "recheck", &alive("High water.", 31));
    whole("an edit", true);
    looked("2026-04-02T08:00:00Z", "recheck", &case("mastodon/a_tombstone"));
    whole("a deletion", true);
    done(&["reparse", "-q"]);
    whole("a reading that finds nothing new", false);

    for (kind, name) in [("warc", "all.warc.gz"), ("wacz", "all.wacz")] {
        let export = mine.join(name);
        done(&["export", kind, "--out", export.to_str().unwrap()]);
        ends(embalm(other).args(["add", "-q", "--offline"]).arg(&export), 0);
        ends(embalm(other).arg("verify"), 0);
        done(&["add", "-q", "--offline", export.to_str().unwrap()]);
        let (out, _) = ends(embalm(mine).args(["verify", "--json"]), 0);
        assert!(out.contains("\"whole\":true"), "its own {kind}: {out}");
    }
    assert_eq!(number(other, &format!("SELECT count(*) FROM posts WHERE key = '{KEY}'")), 1);
    let later = day(other, "2026-04-03T08:00:00Z", &alive("High water again.", 31));
    ends(embalm(other).args(["recheck", "-q", POST, "--replay"]).arg(later), 0);
    let theirs = other.join("test.db");
    whole("its own recordings", false);
    done(&["merge", "-q", theirs.to_str().unwrap()]);
    whole("a merge", true);
    done(&["merge", "-q", theirs.to_str().unwrap()]);
    whole("the same merge", false);
    let copy = mine.join("copy.db");
    done(&["backup", "-q", copy.to_str().unwrap()]);
    ends(embalm(mine).args(["verify", "--archive"]).arg(&copy), 0);
    whole("a backup", false);
}
