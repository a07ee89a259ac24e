//! `embalm serve` as a command: what it prints, how it ends, how it fails.

use crate::{
    binary::{embalm, ends},
    viewer::{Viewer, room},
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Stdio},
};
use tempfile::TempDir;

#[test]
fn the_ready_line_says_where_it_answers() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let port = viewer.address.port();
    assert_eq!(viewer.ready["url"], format!("http://127.0.0.1:{port}/"));
    assert_eq!((&viewer.ready["bind"], &viewer.ready["port"]), (&"127.0.0.1".into(), &port.into()));
    assert_eq!(viewer.ready["pid"], viewer.child.id());
    assert_eq!(viewer.ready["archive"], desk.path.to_str().unwrap());
    assert_eq!(viewer.get("/").status, 200);
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_asked_to_also_while_somebody_reads() {
    let desk = room();
    for name in ["INT", "TERM"] {
        let mut viewer = Viewer::start(&desk.path, &[]);
        let mut idle = viewer.connect();
        if name == "TERM" {
            idle.write_all(b"GET / HTTP/1.1\r\n").unwrap();
        }
        assert_eq!(viewer.get("/").status, 200);
        viewer.signal(name);
        let status = viewer.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{name}");
        let mut rest = String::new();
        viewer.child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "stdout has the one line");
    }
}

#[test]
fn without_json_stdout_has_the_address_alone() {
    let desk = room();
    let mut child = Command::new(env!("CARGO_BIN_EXE_embalm"))
        .env_clear()
        .args(["serve", "--port", "0", "--archive"])
        .arg(&desk.path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = [0; 17];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(&line, b"http://127.0.0.1:");
}

#[test]
fn what_cannot_be_served_is_said_with_what_helps_and_nothing_is_touched() {
    let folder = TempDir::new().unwrap();
    let serve = |words: &[&str]| ends(embalm(folder.path()).arg("serve").args(["--port", "0"]).args(words), 2).1;
    let none = serve(&[]);
    assert!(none.contains("there is no archive at") && none.contains("embalm init"), "{none}");
    assert!(!folder.path().join("test.db").exists());
    fs::write(
        folder.path().join("test.db"),
        "nothing that SQLite knows, but long enough to have a header of its own, or so it seems to be",
    )
    .unwrap();
    assert!(serve(&[]).contains("not an SQLite file"));

    let desk = room();
    let archive = desk.path.to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (_, err) = ends(embalm(folder.path()).args(["serve", "--archive", archive, "--port", &port]), 2);
    assert!(err.contains(&format!("127.0.0.1:{port}")) && err.contains("--port 0"), "{err}");
    for (words, told) in [
        (["--bind", "nowhere"], "127.0.0.1 (this machine alone)"),
        (["--bind", "192.0.2.1"], "no such address"),
        (["--allow-host", "https://archive.example"], "write a name such as archive.example"),
        (["--allow-host", "*.example"], "names must be whole"),
        (["--allow-host", "archive.example:x"], "no port behind its colon"),
    ] {
        let err = serve(&[&["--archive", archive], &words[..]].concat());
        assert!(err.contains(told), "{words:?}: {err}");
    }
    for version in [1, 9_999] {
        desk.sql().pragma_update(None, "user_version", version).unwrap();
        let err = serve(&["--archive", archive]);
        assert!(err.contains("an older embalm wrote it") || err.contains("a newer embalm wrote it"), "{err}");
    }
    let known: i64 = 6.max(fs::read_dir("src/store/migrations").unwrap().count() as i64);
    desk.sql().pragma_update(None, "user_version", known).unwrap();
}

#[test]
fn the_configuration_and_the_environment_set_it_and_flags_come_first() {
    let desk = room();
    let folder = desk.path.parent().unwrap();
    let config = folder.join("c.toml");
    let serve = |text: &str| {
        fs::write(&config, text).unwrap();
        ends(embalm(folder).args(["serve", "--config"]).arg(&config), 2).1
    };
    assert!(serve("[serve]\nbind = \"everywhere\"\n").contains("[serve] bind"));
    assert!(serve("[serve]\nhosts = [\"a b\"]\n").contains("[serve] hosts"));
    assert!(serve("[serve]\nport = 70000\n").contains("c.toml:2"));
    assert!(serve("[serve]\nprt = 1\n").contains("did you mean `port`"));
    fs::write(&config, "[serve]\nport = 1\nhosts = [\"archive.example\"]\n").unwrap();
    let viewer = Viewer::start(&desk.path, &["--config", config.to_str().unwrap(), "--allow-host", "second.example"]);
    for (host, status) in [("archive.example", 200), ("second.example", 200), ("third.example", 421)] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(viewer.ask(request.as_bytes()).status, status, "{host}");
    }
    let (_, err) = ends(embalm(folder).env("EMBALM_SERVE_BIND", "nowhere").arg("serve"), 2);
    assert!(err.contains("bind"), "{err}");
}

#[test]
fn an_address_for_others_comes_with_a_warning() {
    let desk = room();
    let mut viewer = Viewer::start(&desk.path, &["--bind", "0.0.0.0"]);
    assert_eq!(viewer.ready["bind"], "0.0.0.0");
    assert_eq!(viewer.get("/").status, 200);
    viewer.child.kill().unwrap();
    let mut err = String::new();
    viewer.child.stderr.as_mut().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("whoever can reach it can read all of the archive"), "{err}");
}
