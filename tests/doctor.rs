//! `doctor`, and what runs say of adapters: drift is told with its place, and apart from posts that are gone.

mod binary;
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number, records};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

fn of<'a>(checks: &'a [Value], subject: &str) -> &'a Value {
    checks.iter().find(|check| check["subject"].as_str().is_some_and(|s| s.ends_with(subject))).expect(subject)
}

fn doctor(folder: &Path, exchanges: &[Value], code: i32) -> Vec<Value> {
    let recording = day(folder, "2026-04-01T08:00:00Z", exchanges);
    let mut command = embalm(folder);
    command.args(["doctor", POST, "--json", "--replay"]).arg(&recording);
    records(&ends(&mut command, code).0)
}

#[test]
fn a_known_post_tells_a_sound_adapter_from_a_drifted_one() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let health = |exchanges: &[Value], code| {
        let checks = doctor(folder, exchanges, code);
        let check = of(&checks, "mastodon").clone();
        (check["health"].as_str().unwrap().to_owned(), check["detail"].as_str().unwrap().to_owned())
    };
    assert_eq!(health(&alive("Low water.", 1), 0).0, "ok");
    let (drifted, detail) = health(&case("mastodon/another_shape"), 3);
    assert_eq!(drifted, "problem");
    assert!(detail.contains("has drifted") && detail.contains("api"), "{detail}");
    let (gone, detail) = health(&case("mastodon/a_tombstone"), 3);
    assert!(gone == "problem" && detail.contains("reads as deleted"), "{detail}");
    assert_eq!(health(&case("mastodon/a_server_for_members"), 0).0, "warning");
    assert!(!folder.join("test.db").exists(), "nothing is written");
}

#[test]
fn a_known_post_that_is_not_recorded_is_skipped_and_unknown_words_are_refused() {
    let folder = TempDir::new().unwrap();
    let recording = day(folder.path(), "2026-04-01T08:00:00Z", &alive("Low water.", 1));
    let (out, _) = ends(embalm(folder.path()).args(["doctor", "--json", "--replay"]).arg(&recording), 0);
    let checks = records(&out);
    assert_eq!(of(&checks, "twitter")["health"], "skipped");
    assert!(checks.iter().filter(|check| check["check"] == "platform").count() > 10);
    let (_, err) = ends(embalm(folder.path()).args(["doctor", "fotolog"]), 2);
    assert!(err.contains("list platforms"), "{err}");
}

#[test]
fn the_archive_and_the_configuration_are_examined() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let offline = |code| {
        let mut command = embalm(folder);
        command.current_dir(folder).args(["doctor", "--offline", "--json"]);
        records(&ends(&mut command, code).0)
    };
    assert_eq!(of(&offline(0), "test.db")["health"], "warning", "there is none yet");
    ends(embalm(folder).arg("init").arg(folder), 0);
    let checks = offline(0);
    assert_eq!(of(&checks, "test.db")["health"], "ok");
    assert_eq!(of(&checks, "config.toml")["health"], "ok");
    assert!(checks.iter().all(|check| check["check"] != "platform"));
    fs::write(folder.join("config.toml"), "[network]\ntimeout = 3\n").unwrap();
    let checks = offline(3);
    assert_eq!(of(&checks, "config.toml")["health"], "problem");
    assert_eq!(of(&checks, "test.db")["health"], "ok", "the rest is told all the same");
    fs::remove_file(folder.join("config.toml")).unwrap();
    // A page in the middle is overwritten.
    let mut bytes = fs::read(folder.join("test.db")).unwrap();
    let middle = 8192 * 3;
    bytes[middle..middle + 4096].fill(0x5a);
    fs::write(folder.join("test.db"), bytes).unwrap();
    assert!(offline(3).iter().any(|check| check["check"] == "archive" && check["health"] == "problem"));
}

#[test]
fn a_drifted_adapter_is_told_with_its_place_and_ends_with_three() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let first = day(folder, "2026-03-30T08:00:00Z", &alive("Low water.", 30));
    ends(embalm(folder).args(["add", "-q", POST, "--replay"]).arg(&first), 0);
    let strange = day(folder, "2026-03-31T08:00:00Z", &case("mastodon/another_shape"));
    let (_, err) = ends(embalm(folder).args(["recheck", "-q", POST, "--replay"]).arg(&strange), 3);
    assert!(err.contains("mastodon: 1 of 1 answers were not understood (api") && err.contains(KEY), "{err}");
    assert!(err.contains("has drifted"), "{err}");
    assert_eq!(number(folder, "SELECT drifted FROM platform_runs WHERE run = 2"), 1);
    let (status, _) = ends(embalm(folder).args(["status", "--json"]), 0);
    let recent = &records(&status)[0]["platforms"][0]["recent"];
    assert_eq!((&recent[0]["drifted"], &recent[1]["captured"]), (&1.into(), &1.into()), "{recent}");
    assert!(recent[0]["drift"].as_str().is_some_and(|drift| drift.starts_with("api")), "{recent}");
    let (page, _) = ends(embalm(folder).arg("status"), 0);
    assert!(page.contains("1 of 2 answered, 1 not understood"), "{page}");
}

/// The exchanges of a case as they would be of another post of the same server.
fn renumbered(exchanges: &[Value], n: usize) -> Vec<Value> {
    let text = Value::from(exchanges.to_vec()).to_string();
    let text = text.replace("116300000012345678", &format!("1163000000123456{n:02}"));
    serde_json::from_str::<Vec<Value>>(&text).expect("JSON")
}

#[test]
fn many_deletions_at_once_are_no_drift() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let (mut live, mut gone) = (Vec::new(), Vec::new());
    let mut posts = Vec::new();
    for n in 0..6 {
        live.extend(renumbered(&alive("Low water.", 30), n));
        gone.extend(renumbered(&case("mastodon/a_tombstone"), n));
        posts.push(POST.replace("116300000012345678", &format!("1163000000123456{n:02}")));
    }
    let live = day(folder, "2026-03-30T08:00:00Z", &live);
    ends(embalm(folder).args(["add", "-q"]).args(&posts).arg("--replay").arg(&live), 0);
    let gone = day(folder, "2026-03-31T08:00:00Z", &gone);
    let (_, err) = ends(embalm(folder).args(["recheck", "--replay"]).arg(&gone), 0);
    assert!(err.contains("6 of 6 posts that were there are gone") && err.contains("no drift"), "{err}");
}
