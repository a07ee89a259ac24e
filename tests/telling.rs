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

/// What the tables hold, counted row by row, beside what the tallies say.
const COUNTED: [(&str, &str); 11] = [
    ("SELECT count(*) FROM articles", "SELECT n FROM tallies WHERE what = 'articles'"),
    ("SELECT count(*) FROM article_versions", "SELECT n FROM tallies WHERE what = 'versions'"),
    (
        "SELECT count(*) FROM articles a JOIN embeds e ON e.version = a.version",
        "SELECT n FROM tallies WHERE what = 'embeds'",
    ),
    ("SELECT count(*) FROM snapshots", "SELECT n FROM tallies WHERE what = 'snapshots'"),
    (
        "SELECT count(*) FROM blobs b WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id)",
        "SELECT n FROM tallies WHERE what = 'media_files'",
    ),
    (
        "SELECT sum(size_bytes) FROM blobs b WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id)",
        "SELECT n FROM tallies WHERE what = 'media_bytes'",
    ),
    (
        "SELECT group_concat(platform || state || v || n) FROM (SELECT platform, state, coalesce(via, '') AS v, count(*) AS n \
         FROM posts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3)",
        "SELECT group_concat(platform || state || via || posts) FROM (SELECT * FROM post_tallies WHERE posts > 0 ORDER BY 1, 2, 3)",
    ),
    (
        "SELECT count(*) FROM looks WHERE via NOT IN ('memento', 'quoted') AND reparse_of IS NULL \
         AND coalesce(reason, '') NOT IN ('no_route', 'unresolved')",
        "SELECT sum(looks) FROM platform_looks",
    ),
    (
        "SELECT group_concat(day || platform || n) FROM (SELECT day, platform, count(*) AS n FROM (SELECT p.platform, \
         substr(min(s.captured_at), 1, 10) AS day FROM posts p JOIN snapshots s ON s.post = p.id \
         WHERE s.outcome = 'found' AND s.via <> 'quoted' GROUP BY p.id) GROUP BY 1, 2 ORDER BY 1, 2)",
        "SELECT group_concat(day || platform || posts) FROM (SELECT * FROM capture_tallies WHERE posts > 0 ORDER BY 1, 2)",
    ),
    (
        "SELECT group_concat(published || state || n) FROM (SELECT coalesce(substr(s.published, 1, 10), '') AS published, \
         p.state, count(*) AS n FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot GROUP BY 1, 2 ORDER BY 1, 2)",
        "SELECT group_concat(published || state || posts) FROM (SELECT * FROM age_tallies WHERE posts > 0 ORDER BY 1, 2)",
    ),
    (
        "SELECT group_concat(kind || files || bytes) FROM (SELECT substr(mime, 1, instr(mime || '/', '/') - 1) AS kind, \
         count(*) AS files, sum(size_bytes) AS bytes FROM blobs b WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id) \
         GROUP BY 1 ORDER BY 1)",
        "SELECT group_concat(kind || files || bytes) FROM (SELECT * FROM media_tallies WHERE files > 0 ORDER BY 1)",
    ),
];

#[test]
fn what_is_kept_count_of_is_what_a_count_finds() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("vote.html");
    let html = fs::read_to_string("fixtures/articles/council-vote.html").unwrap();
    for text in
        [html.clone(), html.replace("three votes", "four votes").replace("</article>", "<p>More.</p></article>")]
    {
        fs::write(&page, text).unwrap();
        ends(embalm(folder.path()).args(["add", "--replay", "fixtures/demo.warc.gz"]).arg(&page), 0);
        demo(folder.path(), &["-q"], 0);
    }
    let sql = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    let value = |query: &str| sql.query_row(query, [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap();
    for (counted, tally) in COUNTED {
        assert_eq!(value(counted), value(tally), "{counted}");
        assert_ne!(value(counted), rusqlite::types::Value::Integer(0), "{counted}");
    }
    // What is deleted is taken off as well.
    sql.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM snapshot_media; DELETE FROM embeds; DELETE FROM snapshots; DELETE FROM posts; DELETE FROM articles; DELETE FROM article_versions").unwrap();
    for (counted, tally) in &COUNTED[..7] {
        let none = |value| matches!(value, rusqlite::types::Value::Integer(0) | rusqlite::types::Value::Null);
        assert!(none(value(counted)) && none(value(tally)), "{counted}");
    }
}

#[test]
fn status_begins_with_what_needs_a_person_and_the_command_that_helps() {
    let folder = TempDir::new().unwrap();
    let status = |flags: &[&str], code| {
        ends(embalm(folder.path()).args(["status", "--config", "config.toml"]).args(flags), code)
    };
    demo(folder.path(), &["-q"], 0);
    let (well, _) = status(&[], 0);
    assert!(well.starts_with("last run  number 1 (`run`) done"), "{well}");
    assert!(!well.contains("problem:") && well.contains("Riverside Courier"), "{well}");
    status(&["--strict"], 0);
    let sql = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    let change = "INSERT INTO runs (command, started_at, as_of) VALUES ('run', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'); \
                  UPDATE sources SET failures_in_a_row = 9, last_error = 'it sulks'; \
                  UPDATE queue SET rests = 'failed', due_at = NULL; \
                  UPDATE platform_looks SET drifted = 5, drift = 'body: moved' WHERE platform = 'twitter'";
    sql.execute_batch(change).unwrap();
    let (ill, _) = status(&[], 0);
    let first: Vec<&str> = ill.lines().take_while(|line| line.starts_with("problem:")).collect();
    let expected = [
        ("was killed", "`embalm run`"),
        ("it sulks", "`embalm list sources`"),
        ("it sulks", "`embalm list sources`"),
        ("5 of 7 answers were not understood", "`embalm doctor twitter`"),
        ("rest until they are released", "`embalm list failures`"),
    ];
    assert_eq!(first.len(), expected.len(), "{ill}");
    for (line, (what, command)) in first.iter().zip(expected) {
        assert!(line.contains(what) && line.contains(command), "{line}");
    }
    let (quiet, said) = status(&["--strict", "-q"], 3);
    assert_eq!((quiet.as_str(), said.lines().count()), ("", 5), "{said}");
    let record = &json_lines(&status(&["--json"], 0).0)[0];
    assert_eq!(record["problems"].as_array().map(Vec::len), Some(5), "{record}");
    let lock = embalm::pipeline::Lock::take(&folder.path().join("test.db"), "run").unwrap();
    let (held, _) = status(&[], 0);
    assert!(held.contains("under way run 2") && held.contains("kill -TERM"), "{held}");
    drop(lock);
}

#[test]
fn metrics_are_written_whole_after_every_run_and_after_one_that_was_kept_out() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("embalm.prom");
    let run = |code| {
        let mut command = embalm(folder.path());
        ends(command.args(["run", "-q", "--config", "config.toml"]).env("EMBALM_NOTIFY_PROMETHEUS", &file), code);
        fs::read_to_string(&file).unwrap()
    };
    let page = run(0);
    let mut known = BTreeSet::new();
    for line in page.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(rest.ends_with(" gauge") && known.insert(rest.trim_end_matches(" gauge").to_owned()), "{line}");
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(known.contains(series.split('{').next().unwrap()) && value.parse::<f64>().is_ok(), "{line}");
        }
    }
    assert!(
        page.contains("embalm_exit_code 0\n") && page.contains("embalm_last_run_articles{result=\"new\"} 5\n"),
        "{page}"
    );
    assert!(
        fs::read_dir(folder.path()).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("metrics"))
    );
    let lock = embalm::pipeline::Lock::take(&folder.path().join("test.db"), "run").unwrap();
    assert!(run(75).contains("embalm_exit_code 75\n"));
    drop(lock);
    let (_, err) = ends(
        embalm(folder.path()).args(["run", "--config", "config.toml"]).env("EMBALM_NOTIFY_PROMETHEUS", "m.txt"),
        2,
    );
    assert!(err.contains(".prom"), "{err}");
}

/// A watchdog on loopback: what it was told, as `path body`, one after the other.
fn watchdog() -> (u16, std::sync::mpsc::Receiver<String>) {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("loopback").port();
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.expect("loopback"));
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).expect("loopback");
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("loopback");
                match line.trim().split_once(": ") {
                    Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                        length = value.parse().expect("loopback");
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("loopback");
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .expect("loopback");
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            if told.send(format!("{path} {}", String::from_utf8_lossy(&body))).is_err() {
                return;
            }
        }
    });
    (port, heard)
}

#[test]
fn a_watchdog_hears_of_the_start_and_of_the_end_and_never_fails_a_run() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "Words of an article that embeds nothing at all.").unwrap();
    let (port, heard) = watchdog();
    let config = folder.path().join("c.toml");
    let run = |allowed: &str, source: &str, flags: &[&str], code| {
        let text = format!(
            "[network]\nallow_hosts = [{allowed}]\n[notify]\nhealthcheck = \"http://127.0.0.1:{port}/check/1\"\n\
             [[source]]\nname = \"one\"\nkind = \"files\"\npath = \"{source}\"\n"
        );
        fs::write(&config, text).unwrap();
        ends(embalm(folder.path()).args(["run", "--config"]).arg(&config).args(flags), code)
    };
    run("\"127.0.0.1\"", "a.txt", &[], 0);
    assert_eq!(heard.recv().unwrap(), "/check/1/start ");
    let end = heard.recv().unwrap();
    assert!(end.starts_with("/check/1 ") && end.contains("articles: 1 new"), "{end}");
    run("\"127.0.0.1\"", "gone.txt", &["--strict"], 3);
    assert_eq!(heard.recv().unwrap(), "/check/1/start ");
    let end = heard.recv().unwrap();
    assert!(end.starts_with("/check/1/3 ") && end.contains("1 failed"), "{end}");
    // A private address that nobody allowed is not reached, and the run goes on all the same.
    let (_, err) = run("", "a.txt", &[], 0);
    assert!(err.contains("the healthcheck was not told of the end"), "{err}");
    assert!(heard.try_recv().is_err());
}

#[cfg(unix)]
#[test]
fn metrics_are_readable_by_their_collector_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("embalm.prom");
    let mut shell = assert_cmd::Command::new("sh");
    shell.args(["-c", "umask 077; exec \"$0\" run -q --config config.toml", env!("CARGO_BIN_EXE_embalm")]);
    shell.env("EMBALM_ARCHIVE", folder.path().join("test.db")).env("EMBALM_NOTIFY_PROMETHEUS", &file);
    ends(&mut shell, 0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_run_that_could_not_look_does_not_say_that_nothing_is_new() {
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("list.txt");
    fs::write(&list, "https://not-recorded.example/a\n").unwrap();
    let config = folder.path().join("config.toml");
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo.warc.gz");
    let text = format!(
        "[network]\nreplay = [{recording:?}]\n[[source]]\nname = \"list\"\nkind = \"list\"\npath = \"list.txt\"\n"
    );
    fs::write(&config, text).unwrap();
    let run = |flags: &[&str]| ends(embalm(folder.path()).args(["run", "--config"]).arg(&config).args(flags), 0).0;
    let dry = run(&["--dry-run"]);
    assert!(dry.contains("1 failed") && dry.contains("a dry run: nothing was written"), "{dry}");
    let failed = run(&[]);
    assert!(failed.contains("1 failed") && !failed.contains("Nothing new") && !failed.contains("dry"), "{failed}");
}
