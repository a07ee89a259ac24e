//! Stored answers read again: what an older parser made of them is bettered, dated as it was, and nothing is requested.

mod binary;
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number, records};
use embalm::{
    fetch::{meter::Meter, replay::Replay},
    pipeline::{self, Driver, Input, Settings, Stop},
    store::{Filter, Store},
};
use serde_json::Value;
use std::{fs, path::Path, sync::Arc};
use tempfile::TempDir;

const MARCH: &str = "2026-03-30T08:00:00Z";

fn archive_with(folder: &Path, exchanges: &[Value]) {
    let recording = day(folder, MARCH, exchanges);
    ends(embalm(folder).args(["add", "-q", POST, "--replay"]).arg(&recording), 0);
}

/// Makes the archive say what a poorer parser would have said.
fn worsen(folder: &Path, sql: &str) {
    let sqlite = rusqlite::Connection::open(folder.join("test.db")).expect("the archive");
    sqlite.execute_batch(sql).expect("a poorer archive");
    drop(sqlite);
    embalm::store::Store::open(&folder.join("test.db")).expect("the archive").index_again().expect("its index");
}

fn reparse(folder: &Path, flags: &[&str]) -> (Vec<Value>, Value) {
    let (out, _) = ends(embalm(folder).args(["reparse", "--json"]).args(flags), 0);
    let mut records = records(&out);
    let summary = records.pop().expect("a summary");
    (records, summary)
}

fn post(folder: &Path) -> Value {
    records(&ends(embalm(folder).args(["list", "posts", "--json"]), 0).0).remove(0)
}

#[test]
fn a_poorer_reading_is_bettered_and_stays() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with(folder, &alive("Low water &amp; fog.", 30));
    worsen(folder, "UPDATE snapshots SET text = 'Low water &amp; fog.', digest = 'poor', lang = NULL, counts = '{}'");
    let (changes, summary) = reparse(folder, &["--dry-run"]);
    assert_eq!(changes[0]["fields"], serde_json::json!(["counts", "lang", "text"]));
    assert_eq!((number(folder, "SELECT count(*) FROM snapshots"), &summary["improved"]), (1, &1.into()));
    let (changes, _) = reparse(folder, &[]);
    assert_eq!((&changes[0]["key"], &changes[0]["before"]), (&KEY.into(), &"live".into()));
    let shown = post(folder);
    assert_eq!((&shown["text"], &shown["captured_at"]), (&"Low water & fog.".into(), &MARCH.into()), "{shown}");
    assert_eq!(number(folder, "SELECT count(*) FROM snapshots"), 2, "the poorer one stays");
    assert_eq!(number(folder, "SELECT count(*) FROM standing_looks"), 1);
    let (found, _) = ends(embalm(folder).args(["search", "fog", "--json"]), 0);
    assert_eq!(records(&found).len(), 1);
    let before = fs::read(folder.join("test.db")).unwrap();
    let (changes, summary) = reparse(folder, &[]);
    assert_eq!((changes.len(), &summary["improved"], &summary["unchanged"]), (0, &0.into(), &1.into()));
    assert_eq!(fs::read(folder.join("test.db")).unwrap(), before, "twice changes nothing more");
}

#[test]
fn looks_that_found_it_unchanged_follow_the_better_reading() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with(folder, &alive("Low water.", 30));
    for at in ["2026-03-31T08:00:00Z", "2026-04-01T08:00:00Z"] {
        let recording = day(folder, at, &alive("Low water.", 31));
        ends(embalm(folder).args(["recheck", "-q", POST, "--replay"]).arg(&recording), 0);
    }
    worsen(folder, "UPDATE snapshots SET text = 'Low'");
    let step = number(folder, "SELECT recheck_step FROM posts");
    reparse(folder, &[]);
    assert_eq!(post(folder)["text"], "Low water.");
    let following = "SELECT count(*) FROM standing_looks l JOIN posts p ON p.snapshot = l.snapshot";
    assert_eq!(number(folder, following), 3, "no look stands for the poorer words");
    assert_eq!(number(folder, "SELECT recheck_step FROM posts"), step, "reading is no looking");
    let seen = "SELECT count(*) FROM posts WHERE asked_at = '2026-04-01T08:00:00.000Z'";
    assert_eq!(number(folder, seen), 1);
    assert_eq!(reparse(folder, &[]).1["improved"], 0);
}

#[test]
fn an_answer_that_was_strange_then_may_hold_the_post() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with(folder, &alive("Low water.", 30));
    worsen(
        folder,
        "UPDATE looks SET result = 'failed', state = NULL, snapshot = NULL, reason = 'drift', detail = 'api: no words'; \
         UPDATE posts SET state = 'unknown', state_since = NULL, snapshot = NULL, via = NULL, captured_at = NULL; \
         DELETE FROM snapshot_media; DELETE FROM snapshots;",
    );
    assert_eq!(post(folder)["state"], "unknown");
    let (changes, _) = reparse(folder, &[]);
    assert_eq!((&changes[0]["before"], &changes[0]["after"]), (&"drift".into(), &"live".into()));
    assert_eq!(changes[0]["new_files"], 2, "{changes:?}");
    assert_eq!((&post(folder)["state"], &post(folder)["text"]), (&"live".into(), &"Low water.".into()));
    assert_eq!(
        number(folder, "SELECT count(*) FROM queue WHERE reason LIKE '%files%'"),
        1,
        "the next run fetches them"
    );
    let (failures, _) = ends(embalm(folder).args(["list", "failures", "--json"]), 0);
    assert!(!failures.contains("drift"), "{failures}");
}

#[test]
fn a_page_that_was_taken_for_the_post_is_shown_no_more() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with(folder, &case("mastodon/a_tombstone"));
    worsen(
        folder,
        "UPDATE snapshots SET outcome = 'found', text = 'Sorry, this page is gone', digest = 'x', counts = '{}'; \
         UPDATE looks SET state = 'live'; UPDATE posts SET state = 'live', snapshot = (SELECT id FROM snapshots), via = 'api';",
    );
    let (changes, _) = reparse(folder, &[]);
    assert_eq!((&changes[0]["after"], &changes[0]["fields"]), (&"deleted".into(), &serde_json::json!(["state"])));
    let post = post(folder);
    assert_eq!((&post["state"], &post["text"], &post["snapshots"]), (&"deleted".into(), &Value::Null, &2.into()));
}

#[test]
fn what_today_asks_for_and_is_not_stored_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with(folder, &alive("Low water.", 30));
    worsen(folder, "UPDATE exchanges SET url = url || '?v=1'; UPDATE snapshots SET text = 'Low'");
    let (changes, summary) = reparse(folder, &[]);
    assert_eq!((changes.len(), &summary["not_stored"]), (0, &1.into()), "{summary}");
    assert_eq!(post(folder)["text"], "Low");
}

#[test]
fn filters_choose_and_a_missing_archive_is_refused() {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).arg("reparse"), 2);
    archive_with(folder.path(), &alive("Low water.", 30));
    assert_eq!(reparse(folder.path(), &["--platform", "twitter"]).1["looks"], 0);
    assert_eq!(reparse(folder.path(), &["--platform", "mastodon"]).1["looks"], 1);
}

/// What a capture writes and what reading its answers again gives must be the same thing, for every platform and every
/// outcome: else each `reparse` would write a snapshot that nobody needs.
#[tokio::test]
async fn every_case_reads_the_same_a_second_time() {
    let folder = TempDir::new().unwrap();
    let mut read = 0;
    for path in walkdir::WalkDir::new("fixtures/platforms").into_iter().map(|entry| entry.unwrap().into_path()) {
        let text = if path.extension().is_some_and(|end| end == "json") {
            fs::read_to_string(&path).unwrap()
        } else {
            continue;
        };
        let case: Value = serde_json::from_str(&text).unwrap();
        let (Some(url), Some(exchanges)) = (case["url"].as_str(), case["exchanges"].as_array()) else { continue };
        if exchanges.is_empty() || text.contains("\"body_file\"") {
            continue;
        }
        let recording = day(folder.path(), MARCH, exchanges);
        let transport = Arc::new(Meter::new(Arc::new(Replay::open(&[recording]).unwrap())));
        let mut store = Store::in_memory().unwrap();
        let (settings, stop) = (Settings { concurrency: 1, ..Settings::default() }, Stop::after(None));
        let mut driver = Driver::begin(&mut store, transport, settings, stop.clone(), "add", |_| {}).unwrap();
        let works = pipeline::expand(&Input::parse(url).unwrap()).unwrap();
        driver.articles(works, "add").await.unwrap();
        driver.finish().unwrap();
        let mut changes = Vec::new();
        let all = Filter::default();
        let summary = pipeline::reparse(&mut store, &all, true, &stop, |reread| changes.push(reread.clone())).await;
        let summary = summary.unwrap();
        read += summary.looks;
        assert_eq!(changes, [], "{}", path.display());
    }
    assert!(read > 150, "{read}");
}
