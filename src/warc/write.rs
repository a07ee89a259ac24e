//! Writes exchanges as a WARC 1.1 file that other tools open: one gzip member a record, lengths and digests right.
//!
//! Bodies are kept as embalm reads them, decoded; the headers that described the coding are kept under
//! `X-Archive-Orig-`, as pywb and warcio do, so that no reader decodes twice. Secrets are left out.

use crate::http::{Exchange, Request, Response};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};
use url::Url;

/// Headers of the wire that are no longer true of a decoded body.
const CODING_HEADERS: [&str; 3] = ["content-encoding", "transfer-encoding", "content-length"];

/// A WARC file being written. Equal exchanges in equal order give equal bytes.
pub struct WarcWriter<W: Write> {
    out: W,
    records: u64,
}

impl<W: Write> WarcWriter<W> {
    /// Begins a file with its `warcinfo` record, dated `at`.
    ///
    /// # Errors
    /// Whatever writing to `out` gives.
    pub fn new(out: W, at: Timestamp) -> io::Result<Self> {
        let mut writer = Self { out, records: 0 };
        let software = concat!("software: embalm/", env!("CARGO_PKG_VERSION"), "\r\nformat: WARC File Format 1.1\r\n");
        writer.record(
            &RecordHead { kind: "warcinfo", url: None, at, concurrent_to: None },
            software.as_bytes(),
            None,
        )?;
        Ok(writer)
    }

    /// Writes each answer of an exchange, redirects first, with the request that it answers. An exchange without any
    /// answer leaves no record.
    ///
    /// # Errors
    /// Whatever writing gives; the file may then end with a member that is not whole.
    pub fn write(&mut self, exchange: &Exchange) -> io::Result<()> {
        for (nth, answer) in exchange.hops.iter().chain(exchange.response()).enumerate() {
            let url = without_secrets(&answer.url);
            let (block, body_at) = response_block(answer);
            let head = RecordHead { kind: "response", url: Some(&url), at: exchange.started_at, concurrent_to: None };
            let response = self.record(&head, &block, Some(body_at))?;
            let (block, body_at) = request_block(&exchange.request, &url, nth == 0);
            let head = RecordHead { kind: "request", concurrent_to: Some(response), ..head };
            self.record(&head, &block, Some(body_at))?;
        }
        Ok(())
    }

    /// Hands what was written on to the operating system.
    ///
    /// # Errors
    /// Whatever flushing gives.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// What was written to. Every record is complete at any time; there is nothing to close.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Writes one member, and returns the record's id.
    fn record(&mut self, head: &RecordHead<'_>, block: &[u8], body_at: Option<usize>) -> io::Result<String> {
        let block_digest = hex(&Sha256::digest(block));
        let id = self.record_id(&block_digest);
        let mut text =
            format!("WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\n", head.kind, head.at);
        let content_type = match (head.kind, head.url) {
            (_, None) => "application/warc-fields",
            ("request", _) => "application/http; msgtype=request",
            _ => "application/http; msgtype=response",
        };
        if let Some(url) = head.url {
            line(&mut text, "WARC-Target-URI", url.as_str());
        }
        if let Some(other) = &head.concurrent_to {
            line(&mut text, "WARC-Concurrent-To", other);
        }
        if let Some(body) = body_at.and_then(|at| block.get(at..)) {
            line(&mut text, "WARC-Payload-Digest", &format!("sha256:{}", hex(&Sha256::digest(body))));
        }
        line(&mut text, "WARC-Block-Digest", &format!("sha256:{block_digest}"));
        line(&mut text, "Content-Type", content_type);
        line(&mut text, "Content-Length", &block.len().to_string());
        text.push_str("\r\n");

        let mut member = GzEncoder::new(&mut self.out, Compression::default());
        member.write_all(text.as_bytes())?;
        member.write_all(block)?;
        member.write_all(b"\r\n\r\n")?;
        member.finish()?;
        self.records += 1;
        Ok(id)
    }

    /// A UUID of version 8 (RFC 9562, 5.8), made of the record's number and content so that it needs no randomness.
    fn record_id(&self, block_digest: &str) -> String {
        let digest = hex(&Sha256::digest(format!("{} {block_digest}", self.records)));
        let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
        format!("<urn:uuid:{}-{}-8{}-8{}-{}>", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }
}

struct RecordHead<'a> {
    kind: &'static str,
    url: Option<&'a Url>,
    at: Timestamp,
    concurrent_to: Option<String>,
}

/// The message, and the offset of its body.
fn response_block(answer: &Response) -> (Vec<u8>, usize) {
    let mut text = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers.0 {
        if crate::http::is_secret_header(name) {
            continue;
        }
        if CODING_HEADERS.contains(&name.as_str()) {
            line(&mut text, &format!("x-archive-orig-{name}"), value);
        } else {
            line(&mut text, name, value);
        }
    }
    line(&mut text, "content-length", &answer.body.len().to_string());
    block(text, &answer.body)
}

/// The request behind an answer at `url`: the planned one, or that of a redirect, which repeats its headers only.
fn request_block(request: &Request, url: &Url, first: bool) -> (Vec<u8>, usize) {
    let body = request.body.as_deref().filter(|_| first).unwrap_or_default();
    let method = if first { request.method.as_str() } else { "GET" };
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut text = format!("{} {}{query} HTTP/1.1\r\n", printable(method), url.path());
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    line(&mut text, "host", &format!("{}{port}", url.host_str().unwrap_or_default()));
    for (name, value) in &request.headers.0 {
        if !crate::http::is_secret_header(name) && name != "host" && !CODING_HEADERS.contains(&name.as_str()) {
            line(&mut text, name, value);
        }
    }
    if !body.is_empty() {
        line(&mut text, "content-length", &body.len().to_string());
    }
    block(text, body)
}

fn block(mut head: String, body: &[u8]) -> (Vec<u8>, usize) {
    head.push_str("\r\n");
    let body_at = head.len();
    let mut block = head.into_bytes();
    block.extend_from_slice(body);
    (block, body_at)
}

/// One header line. A name that is none is left out; a value cannot begin another line.
fn line(text: &mut String, name: &str, value: &str) {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if !name.is_empty() && name.bytes().all(token) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}: {}\r\n", printable(value));
    }
}

fn printable(value: &str) -> String {
    value.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}

fn without_secrets(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // These fail only for URLs without a host, which hold neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The usual words for a status; readers go by the number.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
