//! Known posts looked at again: edits, deletions and returns are found and dated, and a post at rest costs next to nothing.

mod binary;
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number, records};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

const MARCH: &str = "2026-03-30T08:00:00Z";

/// What `recheck` says of the post on this day, after the run's counts.
fn recheck(folder: &Path, at: &str, exchanges: &[Value]) -> (Value, Value) {
    let recording = day(folder, at, exchanges);
    let (out, _) = ends(embalm(folder).args(["recheck", "--json", POST, "--replay"]).arg(&recording), 0);
    let mut records = records(&out);
    let summary = records.pop().expect("a summary");
    (records.pop().expect("a record of the post"), summary)
}

fn archive_with_the_post(folder: &Path) {
    let first = day(folder, MARCH, &alive("Low water.", 30));
    ends(embalm(folder).args(["add", "-q", POST, "--replay"]).arg(&first), 0);
}

fn changes(records: &[(Value, Value)]) -> Vec<&str> {
    records.iter().map(|(record, _)| record["change"].as_str().expect("a change")).collect()
}

#[test]
fn an_edit_a_deletion_and_a_return_are_found_and_dated() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let seen = [
        recheck(folder, "2026-03-31T08:00:00Z", &alive("Low water.", 31)),
        recheck(folder, "2026-04-01T08:00:00Z", &alive("High water.", 31)),
        recheck(folder, "2026-04-02T08:00:00Z", &case("mastodon/a_tombstone")),
        recheck(folder, "2026-04-03T08:00:00Z", &case("mastodon/a_tombstone")),
        recheck(folder, "2026-04-04T08:00:00Z", &alive("High water.", 31)),
        recheck(folder, "2026-04-05T08:00:00Z", &case("mastodon/a_post_that_is_not_there")),
        recheck(folder, "2026-04-06T08:00:00Z", &alive("High water.", 31)),
    ];
    assert_eq!(
        changes(&seen),
        ["unchanged", "edited", "gone", "unchanged", "returned", "withheld", "returned"],
        "{seen:?}"
    );
    let (gone, summary) = &seen[3];
    assert_eq!((&gone["state"], &gone["last_seen_at"]), (&"deleted".into(), &"2026-04-01T08:00:00Z".into()));
    assert_eq!(gone["state_since"], "2026-04-02T08:00:00Z", "first seen gone");
    assert_eq!(summary["posts"]["gone"], 1);
    assert_eq!(seen[0].1["posts"]["unchanged"], 1);
    let (back, _) = &seen[6];
    assert_eq!((&back["state"], &back["state_since"]), (&"live".into(), &"2026-04-06T08:00:00Z".into()));
    let texts = number(folder, "SELECT count(DISTINCT text) FROM snapshots WHERE outcome = 'found'");
    assert_eq!(texts, 2, "both wordings are kept");
    let (page, _) = ends(embalm(folder).args(["show", KEY]), 0);
    assert!(page.contains("High water.") && page.contains("2026-04-02  api"), "{page}");
}

#[test]
fn a_post_that_is_gone_keeps_its_words_and_shows_both_dates() {
    let folder = TempDir::new().unwrap();
    archive_with_the_post(folder.path());
    recheck(folder.path(), "2026-04-02T08:00:00Z", &case("mastodon/a_tombstone"));
    let (page, _) = ends(embalm(folder.path()).args(["show", KEY]), 0);
    let (record, _) = ends(embalm(folder.path()).args(["show", KEY, "--json"]), 0);
    let record = &records(&record)[0];
    assert_eq!((&record["last_seen_at"], &record["state_since"]), (&MARCH.into(), &"2026-04-02T08:00:00Z".into()));
    for part in ["last seen 30 March 2026, 08:00 UTC", "found so 2 April 2026, 08:00 UTC", "Low water."] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
}

#[test]
fn an_unchanged_post_costs_one_row() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let tables = [
        "looks",
        "exchanges",
        "exchange_hops",
        "look_exchanges",
        "blobs",
        "snapshots",
        "snapshot_media",
        "queue",
        "posts",
    ];
    let rows = || tables.map(|table| number(folder, &format!("SELECT count(*) FROM {table}")));
    let before = rows();
    let (_, summary) = recheck(folder, "2026-03-31T08:00:00Z", &alive("Low water.", 99));
    assert_eq!(summary["requests"], 1, "stored files are not fetched again");
    let after = rows();
    assert_eq!(after[0], before[0] + 1, "the look");
    assert_eq!(after[1..], before[1..], "{tables:?}");
}

/// An album of Telegram, whose files' names are signed in the path, with these bytes of its last picture.
fn album(signature: &str, last: &str) -> Vec<Value> {
    let mut exchanges = case("telegram/album");
    let page = exchanges[0]["body"].as_str().expect("a page").replace("/file/", &format!("/file/{signature}"));
    exchanges[0]["body"] = page.into();
    for (name, bytes) in [("avatar.jpg", "face"), ("one.jpg", "one"), ("still.jpg", "still"), ("two.jpg", last)] {
        exchanges.push(serde_json::json!({
            "url": format!("https://cdn4.telesco.example/file/{signature}{name}"),
            "status": 200,
            "headers": {"content-type": "image/gif"},
            "body": format!("GIF89a {bytes}"),
        }));
    }
    exchanges
}

#[test]
fn a_post_whose_files_are_named_anew_in_each_answer_is_as_it_was() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let look = |command: &str, at: &str, exchanges: &[Value]| {
        let recording = day(folder, at, exchanges);
        let post = "https://t.me/harbour_news/50";
        let (out, _) = ends(embalm(folder).args([command, "--json", post, "--replay"]).arg(&recording), 0);
        let records = records(&out);
        records.iter().find_map(|record| record["change"].as_str().map(str::to_owned)).unwrap_or_default()
    };
    look("add", MARCH, &album("a1-", "two"));
    let rows =
        || ["snapshots", "snapshot_media", "blobs"].map(|t| number(folder, &format!("SELECT count(*) FROM {t}")));
    let before = rows();
    assert_eq!(look("recheck", "2026-03-31T08:00:00Z", &album("b2-", "two")), "unchanged");
    let without_files = &album("c3-", "two")[..1];
    assert_eq!(look("recheck", "2026-04-01T08:00:00Z", without_files), "unchanged", "what can't be had is no edit");
    assert_eq!(rows(), before);
    assert_eq!(look("recheck", "2026-04-02T08:00:00Z", &album("d4-", "another")), "edited");
    assert_eq!(rows()[0], before[0] + 1);
}

#[test]
fn a_failed_recheck_takes_nothing_from_what_is_known() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let mut broken = case("mastodon/a_post_that_is_not_there");
    for exchange in &mut broken {
        exchange["status"] = 503.into();
    }
    let (record, summary) = recheck(folder, "2026-03-31T08:00:00Z", &broken);
    assert_eq!((&record["change"], &record["state"]), (&"failed".into(), &"live".into()), "{record}");
    assert_eq!(summary["posts"]["deferred"], 1, "the queue tries again: {summary}");
    assert_eq!(number(folder, "SELECT recheck_step FROM posts"), 1, "the schedule is where it was");
    let (out, _) = ends(embalm(folder).args(["list", "posts", "--json"]), 0);
    assert_eq!(records(&out)[0]["text"], "Low water.");
}

#[test]
fn a_platform_that_names_versions_is_asked_for_changes_alone() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut first = alive("Low water.", 30);
    first[0]["headers"]["etag"] = "W/\"1\"".into();
    let recording = day(folder, MARCH, &first);
    ends(embalm(folder).args(["add", "-q", POST, "--replay"]).arg(&recording), 0);
    // An unchanged post of a newer version: its version is remembered with the look.
    first[0]["headers"]["etag"] = "W/\"2\"".into();
    first[0]["body"]["favourites_count"] = 31.into();
    recheck(folder, "2026-03-31T08:00:00Z", &first);
    assert_eq!(number(folder, "SELECT count(*) FROM looks WHERE validators LIKE '%W/_\"2_\"%'"), 1);
    let mut same = first;
    same[0]["status"] = 304.into();
    same[0]["body"] = Value::Null;
    let (record, summary) = recheck(folder, "2026-04-01T08:00:00Z", &same);
    assert_eq!((&record["change"], &summary["requests"]), (&"unchanged".into(), &1.into()), "{record} {summary}");
}

/// Runs the scheduled job against a recording of this day.
fn run(folder: &Path, schedule: &str, at: &str, exchanges: &[Value]) -> Value {
    let recording = day(folder, at, exchanges);
    fs::write(folder.join("list.txt"), "").expect("a list");
    let config =
        format!("[recheck]\nschedule = {schedule}\n[[source]]\nname = \"L\"\nkind = \"list\"\npath = \"list.txt\"\n");
    fs::write(folder.join("config.toml"), config).expect("a configuration");
    let mut command = embalm(folder);
    command.args(["run", "--json", "--replay"]).arg(&recording).arg("--config").arg(folder.join("config.toml"));
    records(&ends(&mut command, 0).0).pop().expect("a summary")
}

#[test]
fn the_scheduled_job_looks_again_later_and_later() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let schedule = "[\"6h\", \"1d\"]";
    let post = alive("Low water.", 30);
    let looked: Vec<u64> = [
        "2026-03-30T13:00:00Z", // five hours after the first look
        "2026-03-30T15:00:00Z", // seven: due
        "2026-03-31T14:00:00Z", // not a day later
        "2026-03-31T18:00:00Z", // a day and three hours: due
        "2026-03-31T18:00:00Z", // the same recording again says nothing new
        "2026-04-02T00:00:00Z", // the last wait repeats
    ]
    .map(|at| run(folder, schedule, at, &post)["posts"]["unchanged"].as_u64().unwrap())
    .into();
    assert_eq!(looked, [0, 1, 0, 1, 0, 1]);
    // What vanished begins anew.
    let gone = run(folder, schedule, "2026-04-04T00:00:00Z", &case("mastodon/a_tombstone"));
    assert_eq!(gone["posts"]["gone"], 1, "{gone}");
    let back = run(folder, schedule, "2026-04-04T07:00:00Z", &post);
    assert_eq!(back["posts"]["captured"], 1, "{back}");
}

#[test]
fn an_empty_schedule_never_looks_again() {
    let folder = TempDir::new().unwrap();
    archive_with_the_post(folder.path());
    let summary = run(folder.path(), "[]", "2027-03-30T08:00:00Z", &alive("Low water.", 30));
    assert_eq!(summary["requests"], 0, "{summary}");
}

#[test]
fn posts_are_chosen_by_name_by_filter_and_by_schedule() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let recording = day(folder, "2026-03-30T09:00:00Z", &alive("Low water.", 30));
    let asked = |words: &[&str]| {
        let mut command = embalm(folder);
        command.arg("recheck").args(words).args(["--json", "--replay"]).arg(&recording);
        records(&ends(&mut command, 0).0).len() - 1
    };
    assert_eq!(asked(&["--due"]), 0, "not due after an hour");
    assert_eq!(asked(&[]), 1);
    assert_eq!(asked(&["--platform", "mastodon", "--state", "live"]), 1);
    assert_eq!(asked(&["--platform", "twitter"]), 0);
    assert_eq!(asked(&["--state", "deleted"]), 0);
    let (_, err) = ends(embalm(folder).args(["recheck", "https://harbour.example/@mole/1"]), 2);
    assert!(err.contains("no post of this archive"), "{err}");
    ends(embalm(folder).args(["recheck", POST, "--platform", "mastodon"]), 2);
    let nowhere = folder.join("nowhere.db");
    ends(embalm(folder).args(["recheck", "--archive"]).arg(&nowhere), 2);
    assert!(!nowhere.exists());
}

#[test]
fn what_is_due_is_looked_at_within_the_limit_of_a_run() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    archive_with_the_post(folder);
    let later = day(folder, "2026-04-30T08:00:00Z", &alive("Low water.", 30));
    for (posts, looked) in [("0", 0), ("1", 1)] {
        let mut command = embalm(folder);
        command.env("EMBALM_RECHECK_POSTS", posts).args(["recheck", "--due", "--json", "--replay"]).arg(&later);
        assert_eq!(records(&ends(&mut command, 0).0).len() - 1, looked, "[recheck] posts = {posts}");
    }
}

#[test]
fn a_schedule_that_is_none_is_refused_with_advice() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("config.toml"), "[recheck]\nschedule = [\"soon\"]\n").unwrap();
    let (_, err) = ends(embalm(folder.path()).current_dir(folder.path()).args(["recheck"]), 2);
    assert!(err.contains("[recheck] schedule") && err.contains("6h, 1d, 1w, 1M"), "{err}");
}

#[test]
fn a_file_that_was_skipped_for_its_size_is_not_tried_at_every_recheck() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let first = day(folder, MARCH, &alive("Low water.", 30));
    let mut add = embalm(folder);
    ends(add.env("EMBALM_CAPTURE_MAX_MEDIA_BYTES", "10").args(["add", "-q", POST, "--replay"]).arg(&first), 0);
    assert_eq!(number(folder, "SELECT count(*) FROM snapshot_media WHERE skipped IS NOT NULL"), 2);
    let (_, summary) = recheck(folder, "2026-03-31T08:00:00Z", &alive("Low water.", 31));
    assert_eq!(summary["requests"], 1, "{summary}");
}
