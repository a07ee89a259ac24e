//! An archive is whole after everything that is done to it, one thing after the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;
#[allow(dead_code, reason = "other tests print records")]
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number};
use embalm::{model::PostRef, store::Store};
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
    // Two machines that go on from the same archive, each with runs of its own, and merge with each other.
    let third = TempDir::new().unwrap();
    let third = third.path();
    done(&["backup", "-q", third.join("test.db").to_str().unwrap()]);
    whole("a backup to go on from", false);
    let apart = day(third, "2026-04-05T08:00:00Z", &alive("High water at noon.", 40));
    ends(embalm(third).args(["recheck", "-q", POST, "--replay"]).arg(apart), 0);
    looked("2026-04-06T08:00:00Z", "recheck", &alive("Low water at night.", 41));
    whole("a run of one line", true);
    done(&["merge", "-q", third.join("test.db").to_str().unwrap()]);
    whole("a merge of two lines", true);
    ends(embalm(third).args(["merge", "-q"]).arg(mine.join("test.db")), 0);
    ends(embalm(third).args(["verify", "-q"]), 0);
    looked("2026-04-07T08:00:00Z", "recheck", &alive("Low water at dawn.", 42));
    whole("a run that joins both lines", true);
    let heads = "SELECT count(*) FROM runs r WHERE digest IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs c, json_each(c.parents) p \
                 WHERE p.value = r.digest)";
    assert_eq!(number(mine, heads), 1);
    // What was entered in one line is proven in the other, up to the run that joins them.
    let proof = mine.join("proof.json");
    done(&["export", "proof", POST, "--out", proof.to_str().unwrap()]);
    done(&["verify", "--proof", proof.to_str().unwrap()]);

    // A post that was known as an article flattened it turns out to be another one.
    let (platform, id, url): (String, String, String) = Connection::open(mine.join("test.db"))
        .unwrap()
        .query_row("SELECT platform, post_id, url FROM posts WHERE via = 'quoted' ORDER BY key LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    let quoted = PostRef { id, author: None, url: url.parse().unwrap(), platform: platform.clone() };
    let real = PostRef {
        id: "990000000000000001".to_owned(),
        author: None,
        url: "https://social.example/1".parse().unwrap(),
        platform,
    };
    Store::open(&mine.join("test.db")).unwrap().adopt(&quoted, &real).unwrap();
    whole("an adoption", false);
    done(&["export", "proof", &real.key(), "--out", proof.to_str().unwrap()]);
    done(&["verify", "--proof", proof.to_str().unwrap()]);

    done(&["redact", "-q", KEY, "--reason", "asked by its author"]);
    whole("a post that is hidden", true);
    done(&["redact", "-q", KEY, "--reason", "asked by its author", "--remove"]);
    whole("a post that is removed", true);
    let (key, _): (String, i64) = Connection::open(mine.join("test.db"))
        .unwrap()
        .query_row("SELECT key, id FROM latest_posts WHERE via NOT IN ('quoted', 'memento') AND key <> ?1 ORDER BY key LIMIT 1", [KEY], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    done(&["redact", "-q", &key, "--reason", "by order"]);
    whole("another post that is hidden", true);
    done(&["prune", "-q", "--media", "image", "--shown", "--yes"]);
    whole("pictures let go", true);
    done(&["prune", "-q", "--media", "image", "--shown", "--yes"]);
    whole("nothing to let go", false);
    let copy = mine.join("copy.db");
    done(&["backup", "-q", copy.to_str().unwrap()]);
    ends(embalm(mine).args(["verify", "--archive"]).arg(&copy), 0);
    whole("a backup", false);
}
