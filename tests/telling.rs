//! What a run says of itself: the log for machines, silence, the list of runs, and the exit code that agrees with all.

mod binary;

use binary::{embalm, ends};
use embalm::report::log::{EVENTS, FIELDS};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};
use tempfile::TempDir;

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn demo(folder: &Path, flags: &[&str], code: i32) -> (String, String) {
    ends(embalm(folder).args(["run", "--config", "config.toml"]).args(flags), code)
}

#[test]
fn the_log_is_one_object_a_line_with_the_names_of_the_documentation() {
    let folder = TempDir::new().unwrap();
    let (out, log) = demo(folder.path(), &["--log-format", "json", "-vv"], 0);
    assert_eq!(out, "", "stdout is for records alone");
    let mut told = BTreeSet::new();
    for line in json_lines(&log) {
        let name = line["event"].as_str().expect("every line names its event").to_owned();
        let event = EVENTS.iter().find(|event| event.name == name).expect(&name);
        for field in line.as_object().unwrap().keys() {
            let known = ["time", "level", "event", "run"].contains(&field.as_str()) || event.fields.contains(&&**field);
            assert!(known && FIELDS.iter().any(|(name, _)| name == field), "{name}: {field}");
        }
        assert_eq!(line["run"], 1, "{line}");
        told.insert(name);
    }
    let expected = ["article", "post", "request", "run_finished", "run_started", "source_polled"];
    assert!(expected.iter().all(|name| told.contains(*name)), "{told:?}");
    let last = json_lines(&log).pop().unwrap();
    assert_eq!((&last["event"], &last["exit_code"]), (&"run_finished".into(), &0.into()));
    assert_eq!(last["summary"]["articles"]["new"], 5, "{last}");
}

#[test]
fn an_error_is_an_event_as_well() {
    let folder = TempDir::new().unwrap();
    let (out, log) = ends(embalm(folder.path()).env("EMBALM_LOG_FORMAT", "json").args(["list", "posts"]), 2);
    let error = json_lines(&log).pop().unwrap();
    assert_eq!((out.as_str(), &error["event"], &error["exit_code"]), ("", &"error".into(), &2.into()));
}

#[test]
fn a_quiet_run_says_nothing_where_nothing_needs_a_person() {
    let folder = TempDir::new().unwrap();
    for flags in [&["-q"][..], &["-q", "--log-format", "json"], &["-q", "--max-bytes", "1"]] {
        let code = if flags.len() == 3 && flags[1] == "--max-bytes" { 4 } else { 0 };
        let archive = TempDir::new().unwrap();
        assert_eq!(demo(archive.path(), flags, code), (String::new(), String::new()), "{flags:?}");
    }
    // An article that fails for a passing reason is counted and queued, and needs nobody.
    let list = folder.path().join("list.txt");
    fs::write(&list, "https://not-recorded.example/a\n").unwrap();
    let config = folder.path().join("c.toml");
    fs::write(&config, "[network]\nreplay = ['none.warc']\n[[source]]\nname = 'l'\nkind = 'list'\npath = 'list.txt'\n")
        .unwrap();
    fs::copy("fixtures/demo.warc.gz", folder.path().join("none.warc")).unwrap();
    let run =
        |flags: &[&str], code| ends(embalm(folder.path()).args(["run", "--config"]).arg(&config).args(flags), code);
    assert_eq!(run(&["-q"], 0), (String::new(), String::new()));
}

#[test]
fn the_list_of_runs_tells_how_each_ended() {
    let folder = TempDir::new().unwrap();
    demo(folder.path(), &[], 0);
    demo(folder.path(), &["--max-bytes", "1"], 0);
    let sql = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    sql.execute("INSERT INTO runs (command, started_at, as_of) VALUES ('run', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')", []).unwrap();
    let runs = || json_lines(&ends(embalm(folder.path()).args(["list", "runs", "--json", "--sort", "-started"]), 0).0);
    assert_eq!(runs()[0]["state"], "killed", "nobody holds the lock of a run without an end");
    let lock = embalm::pipeline::Lock::take(&folder.path().join("test.db"), "run").unwrap();
    assert_eq!(runs()[0]["state"], "running");
    drop(lock);
    demo(folder.path(), &[], 0);
    let killed: String = sql.query_row("SELECT stopped FROM runs WHERE id = 3", [], |row| row.get(0)).unwrap();
    assert_eq!(killed, "killed", "the next run marks it");
    let done = &runs()[1];
    assert_eq!((&done["state"], &done["exit_code"], &done["command"]), (&"done".into(), &0.into(), &"run".into()));
    assert_eq!(done["version"], env!("CARGO_PKG_VERSION"));
    let (csv, _) = ends(embalm(folder.path()).args(["list", "runs", "--csv"]), 0);
    assert!(csv.lines().next().unwrap().contains("state,exit_code,stopped"), "{csv}");
    let (table, _) = ends(embalm(folder.path()).args(["list", "runs"]), 0);
    assert!(table.contains("killed") && table.contains("done"), "{table}");
}
