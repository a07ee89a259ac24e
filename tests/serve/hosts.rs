//! Who is answered: the table `hosts.txt`, a request a line.

use crate::viewer::{Viewer, room};

/// `STATUS | REQUEST LINE | HEADER LINES, separated by ;`, where `PORT` is the viewer's own.
const TABLE: &str = include_str!("hosts.txt");

#[test]
fn only_its_own_pages_and_people_are_answered_and_only_by_its_own_names() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &["--allow-host", "archive.example", "--allow-host", "other.example:8443"]);
    let port = viewer.address.port().to_string();
    let mut cases = 0;
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut parts = line.splitn(3, '|').map(str::trim);
        let (status, request, fields) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let fields: String =
            fields.split(" ; ").filter(|field| !field.is_empty()).map(|f| format!("{f}\r\n")).collect();
        let request = format!("{request} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n").replace("PORT", &port);
        let answer = viewer.ask(request.as_bytes());
        assert_eq!(answer.status.to_string(), status, "{line}\n{request}");
        let is_told = answer.text().contains("We sail at noon");
        assert!(answer.status == 200 || !is_told, "{line}: a refused request learns nothing");
        cases += 1;
    }
    assert!(cases >= 60, "{cases}");
}

#[test]
fn a_head_of_an_older_protocol_needs_a_host_as_well() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    assert_eq!(viewer.ask(b"GET / HTTP/1.0\r\n\r\n").status, 421);
    let with_host = format!("GET / HTTP/1.0\r\nHost: {}\r\n\r\n", viewer.address);
    assert_eq!(viewer.ask(with_host.as_bytes()).status, 200);
}
