//! What a connection may cost.

use crate::viewer::{Viewer, room};
use std::io::{Read, Write};

#[test]
fn heads_that_are_too_large_are_refused_and_nonsense_is_no_request() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let fields: Vec<String> = (0..200).map(|n| format!("X-Field-{n}: 1")).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    assert_eq!(viewer.get_with("/", &fields).status, 431);
    assert_eq!(viewer.get_with("/", &[&format!("X-Field: {}", "a".repeat(100_000))]).status, 431);
    for nonsense in [
        "\r\n\r\n\r\n".to_owned() + "nonsense\r\n\r\n",
        "GET\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nno field\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {0}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", viewer.address),
        "\u{16}\u{3}\u{1}TLS here\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        let mut stream = viewer.connect();
        stream.write_all(nonsense.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(refused, "{nonsense:?}: {answer}");
    }
    assert_eq!(viewer.get("/").status, 200);
}

#[test]
fn one_connection_answers_request_after_request() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let mut stream = viewer.connect();
    let request = |path: &str| format!("HEAD {path} HTTP/1.1\r\nHost: {}\r\n\r\n", viewer.address);
    // Sent at once, answered in order.
    stream
        .write_all((request("/") + &request("/nowhere") + &viewer.request("HEAD", "/article/1", &[])).as_bytes())
        .unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let statuses: Vec<_> = answers.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).collect();
    assert_eq!(statuses, ["200 OK", "404 Not Found", "200 OK"]);
}

#[test]
fn connections_that_say_nothing_keep_nobody_from_reading() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let silent: Vec<_> = (0..100)
        .map(|n| {
            let mut stream = viewer.connect();
            if n % 2 == 0 {
                stream.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
            }
            stream
        })
        .collect();
    assert_eq!(viewer.get("/").status, 200);
    drop(silent);
    assert_eq!(viewer.get("/").status, 200);
}
