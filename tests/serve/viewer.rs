//! A viewer of an archive, and a client that sends exactly what a test says.

use crate::desk::{Desk, PNG, brought, found, post, post_ref};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The address of the article of [`room`].
pub(crate) const STORY: &str = "https://news.example/2026/the-last-ferry.html?id=7";

/// A viewer's process. It ends with the value.
pub(crate) struct Viewer {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) ready: Value,
}

impl Viewer {
    /// Starts it with these further words.
    pub(crate) fn start(archive: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_embalm"))
            .env_clear()
            .env("HOME", archive.parent().unwrap())
            .args(["serve", "--port", "0", "--json", "--archive"])
            .arg(archive)
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        let url: url::Url = ready["url"].as_str().unwrap().parse().unwrap();
        let address = url.socket_addrs(|| None).unwrap()[0];
        Self { child, address, ready }
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What it answers to these bytes; `PORT` in them is its port.
    pub(crate) fn ask(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut bytes = Vec::new();
        // One that refuses may close before it has read everything.
        let _ = stream.read_to_end(&mut bytes);
        Answer::of(&bytes, request.starts_with(b"HEAD"))
    }

    /// What it answers to a GET with these further header lines.
    pub(crate) fn get_with(&self, path: &str, lines: &[&str]) -> Answer {
        self.ask(self.request("GET", path, lines).as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn request(&self, method: &str, path: &str, lines: &[&str]) -> String {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}\r\n", self.address)
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status().unwrap();
        assert!(status.success());
    }

    /// Bytes of memory that it holds.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8], is_head: bool) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body);
        } else if let Some(length) = answer.header("content-length").filter(|_| !is_head && status != 304) {
            assert_eq!(answer.body.len().to_string(), length, "{head}");
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        first
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
}

/// An archive with an article, its post with a picture, and a file of each kind that must not be shown.
pub(crate) fn room() -> Desk {
    let mut desk = Desk::new();
    let media = [("picture.png", PNG), ("drawing.svg", DRAWING), ("page.html", PAGE), ("paper.pdf", PAPER)];
    let mut captured = found("2026-01-01T00:00:02Z", post("1822768", "We sail at noon"));
    captured.media = media.map(|(name, bytes)| brought(&format!("https://files.example/{name}"), bytes)).into();
    desk.capture(&post_ref("1822768"), captured);
    desk.article(STORY, "<p>The ferry left at noon.</p>", &[post_ref("1822768")]);
    desk
}

/// An SVG, which is a document.
pub(crate) const DRAWING: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
/// Bytes that a browser would read as a page; the pipeline refuses those that are plainly one.
pub(crate) const PAGE: &[u8] = b"\n\n \xef\xbb\xbf <b>not</b> <script>alert(1)</script>";
/// A PDF, which can hold scripts.
pub(crate) const PAPER: &[u8] = b"%PDF-1.7\n1 0 obj <</JS (app.alert(1))>>";

/// SHA-256 as lower-case hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
