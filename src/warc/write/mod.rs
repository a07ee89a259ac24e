//! Writes WARC 1.1 files that other tools open: one gzip member a record, lengths and digests right.
//!
//! Bodies are kept as embalm reads them, decoded; the headers that described the coding are kept under
//! `X-Archive-Orig-`, as pywb and warcio do, so that no reader decodes twice. Secrets are left out.

mod message;
mod payload;

pub(in crate::warc) use message::SET_ASIDE;
use message::request_head;
pub use message::{public_url, response_head};
pub use payload::{Payload, Take};

use crate::http::{Exchange, Request};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use message::line;
use payload::hex;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use url::Url;

/// A WARC file being written. Equal records in equal order give equal bytes.
pub struct WarcWriter<W: Write> {
    out: Measured<W>,
    records: u64,
    /// What names this file among others, so that equal records of two files have different ids.
    seed: String,
    warcinfo: Option<String>,
}

/// A record to be written.
#[derive(Clone, Copy)]
pub struct NewRecord<'a> {
    /// `WARC-Type`.
    pub kind: &'static str,
    /// `WARC-Target-URI`.
    pub target: Option<&'a str>,
    /// `WARC-Date`.
    pub at: Timestamp,
    /// `Content-Type` of the block.
    pub content_type: &'a str,
    /// Further WARC fields, by name.
    pub fields: &'a [(&'static str, &'a str)],
    /// What stands in the block before the payload: the head of an HTTP message, or nothing.
    pub head: &'a [u8],
    /// The payload; none where the record has none to speak of, so that nothing is said of its digest.
    pub payload: Option<&'a Payload<'a>>,
}

/// What was asked in an exchange.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The request; its body is not read.
    pub request: &'a Request,
    /// Its body.
    pub body: &'a Payload<'a>,
    /// When it left.
    pub at: Timestamp,
}

/// A record that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenRecord {
    /// `WARC-Record-ID`, in its angle brackets.
    pub id: String,
    /// The byte of the file at which its gzip member begins.
    pub offset: u64,
    /// The member's length in bytes.
    pub length: u64,
    /// SHA-256 of the member, in lower-case hex.
    pub sha256: String,
}

impl<W: Write> WarcWriter<W> {
    /// Begins a file with its `warcinfo` record, dated `at`.
    ///
    /// # Errors
    /// Whatever writing to `out` gives.
    pub fn new(out: W, at: Timestamp) -> io::Result<Self> {
        let mut writer = Self { out: Measured::new(out), records: 0, seed: String::new(), warcinfo: None };
        let software = concat!("software: embalm/", env!("CARGO_PKG_VERSION"), "\r\nformat: WARC File Format 1.1\r\n");
        writer.put(&warcinfo(at, software.as_bytes(), &[]))?;
        Ok(writer)
    }

    /// Begins a file that is called `name`, with a `warcinfo` record of these fields beside its own, to which all others
    /// refer.
    ///
    /// # Errors
    /// Whatever writing to `out` gives.
    pub fn named(out: W, name: &str, at: Timestamp, fields: &[(&str, &str)]) -> io::Result<Self> {
        let mut writer = Self { out: Measured::new(out), records: 0, seed: name.to_owned(), warcinfo: None };
        let mut text = String::new();
        line(&mut text, "software", concat!("embalm/", env!("CARGO_PKG_VERSION")));
        line(&mut text, "format", "WARC File Format 1.1");
        line(&mut text, "conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/");
        for (name, value) in fields {
            line(&mut text, name, value);
        }
        let written = writer.put(&warcinfo(at, text.as_bytes(), &[("WARC-Filename", name)]))?;
        writer.warcinfo = Some(written.id);
        Ok(writer)
    }

    /// Writes each answer of an exchange, redirects first, with the request that it answers. An exchange without any
    /// answer leaves no record.
    ///
    /// # Errors
    /// Whatever writing gives; the file may then end with a member that is not whole.
    pub fn write(&mut self, exchange: &Exchange) -> io::Result<()> {
        for (nth, answer) in exchange.hops.iter().chain(exchange.response()).enumerate() {
            let url = public_url(&answer.url);
            let payload = Payload::of(&answer.body);
            let head = response_head(answer.status, &answer.headers, payload.size_bytes());
            let response = self.put(&NewRecord {
                kind: "response",
                target: Some(url.as_str()),
                at: exchange.started_at,
                content_type: RESPONSE,
                fields: &[],
                head: head.as_bytes(),
                payload: Some(&payload),
            })?;
            let body = exchange.request.body.as_deref().unwrap_or_default();
            let asked = Asked { request: &exchange.request, body: &Payload::of(body), at: exchange.started_at };
            self.put_request(&asked, &url, nth, &response.id)?;
        }
        Ok(())
    }

    /// Writes the request behind the nth answer of an exchange, which came from `url` and stands in the record `answer`:
    /// the planned one, or that of a redirect, which has no body.
    ///
    /// # Errors
    /// As [`WarcWriter::put`].
    pub fn put_request(&mut self, asked: &Asked<'_>, url: &Url, nth: usize, answer: &str) -> io::Result<WrittenRecord> {
        let nothing = Payload::of(&[]);
        let payload = if nth == 0 { asked.body } else { &nothing };
        let head = request_head(asked.request, url, nth == 0, payload.size_bytes());
        self.put(&NewRecord {
            kind: "request",
            target: Some(url.as_str()),
            at: asked.at,
            content_type: REQUEST,
            fields: &[("WARC-Concurrent-To", answer)],
            head: head.as_bytes(),
            payload: Some(payload),
        })
    }

    /// Writes one record as one gzip member. The payload is read twice: for its block's digest, and to be written.
    ///
    /// # Errors
    /// Whatever reading the payload or writing gives; the file may then end with a member that is not whole.
    pub fn put(&mut self, record: &NewRecord<'_>) -> io::Result<WrittenRecord> {
        let size_bytes = record.payload.map_or(0, Payload::size_bytes);
        let block_digest = match record.payload {
            Some(payload) if record.head.is_empty() => payload.sha256().to_owned(),
            payload => {
                let mut digest = Sha256::new();
                digest.update(record.head);
                if let Some(payload) = payload {
                    payload.each(&mut |part| {
                        digest.update(part);
                        Ok(())
                    })?;
                }
                hex(&digest.finalize())
            }
        };
        let id = self.record_id(record, &block_digest);
        let mut text =
            format!("WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\n", record.kind, record.at);
        if let Some(target) = record.target {
            line(&mut text, "WARC-Target-URI", target);
        }
        for (name, value) in record.fields {
            line(&mut text, name, value);
        }
        if let Some(warcinfo) = &self.warcinfo {
            line(&mut text, "WARC-Warcinfo-ID", warcinfo);
        }
        // The payload of what has no head of its own is the block.
        if let Some(payload) = record.payload.filter(|_| !matches!(record.kind, "warcinfo" | "metadata")) {
            line(&mut text, "WARC-Payload-Digest", &format!("sha256:{}", payload.sha256()));
        }
        line(&mut text, "WARC-Block-Digest", &format!("sha256:{block_digest}"));
        line(&mut text, "Content-Type", record.content_type);
        let block_bytes = record.head.len() as u64 + size_bytes;
        line(&mut text, "Content-Length", &block_bytes.to_string());
        text.push_str("\r\n");

        let offset = self.out.at;
        self.out.member = Sha256::new();
        let level = match record.payload {
            // Pictures and films are compressed in themselves.
            Some(payload) if payload.is_packed() => Compression::none(),
            _ => Compression::default(),
        };
        let mut member = GzEncoder::new(&mut self.out, level);
        member.write_all(text.as_bytes())?;
        member.write_all(record.head)?;
        if let Some(payload) = record.payload {
            let mut written = 0;
            payload.each(&mut |part| {
                written += part.len() as u64;
                member.write_all(part)
            })?;
            if written != size_bytes {
                return Err(io::Error::other(format!("a payload of {size_bytes} bytes turned out to have {written}")));
            }
        }
        member.write_all(b"\r\n\r\n")?;
        member.finish()?;
        self.records += 1;
        let sha256 = hex(&std::mem::take(&mut self.out.member).finalize());
        Ok(WrittenRecord { id, offset, length: self.out.at - offset, sha256 })
    }

    /// Bytes written so far.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.out.at
    }

    /// What is written to.
    #[must_use]
    pub fn get_ref(&self) -> &W {
        &self.out.out
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
        self.out.out
    }

    /// A UUID of version 8 (RFC 9562, 5.8), made of the record's place and content so that it needs no randomness.
    fn record_id(&self, record: &NewRecord<'_>, block_digest: &str) -> String {
        let mut place = format!("{} {block_digest}", self.records);
        if !self.seed.is_empty() {
            place =
                format!("{place} {} {} {} {}", self.seed, record.kind, record.target.unwrap_or_default(), record.at);
        }
        let digest = hex(&Sha256::digest(place));
        let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default();
        format!("<urn:uuid:{}-{}-8{}-8{}-{}>", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }
}

/// The block of a recorded request.
pub const REQUEST: &str = "application/http; msgtype=request";

/// The block of a recorded answer.
pub const RESPONSE: &str = "application/http; msgtype=response";

/// Lines of names and values (ISO 28500, annex).
pub const FIELDS: &str = "application/warc-fields";

fn warcinfo<'a>(at: Timestamp, block: &'a [u8], fields: &'a [(&'static str, &'a str)]) -> NewRecord<'a> {
    NewRecord { kind: "warcinfo", target: None, at, content_type: FIELDS, fields, head: block, payload: None }
}

/// Counts what passes, and takes the digest of the member at hand.
struct Measured<W> {
    out: W,
    at: u64,
    member: Sha256,
}

impl<W> Measured<W> {
    fn new(out: W) -> Self {
        Self { out, at: 0, member: Sha256::new() }
    }
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.at += written as u64;
        self.member.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
