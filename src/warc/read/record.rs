//! One record out of its content: the message in it, its body within the limit, and the line endings that close it.

use crate::{
    http::Headers,
    warc::{
        Body, Kind, Place, Record, decode,
        digest::Check,
        header::{Fields, Parsing, Trouble},
        member::Members,
        message::{self, Start},
    },
};
use std::io::{self, BufRead, Read};

/// How much longer than its limit a body may be before decoding, in bytes: the sizes of chunks.
const CODING_ALLOWANCE_BYTES: u64 = 1024 * 1024;

/// Room that is made for a body before it is read, in bytes.
const MAX_RESERVED_BYTES: u64 = 1024 * 1024;

/// The content of one record: so many bytes of a member, and never more.
pub(super) struct Content<'a, R: Read> {
    pub(super) members: &'a mut Members<R>,
    pub(super) left: u64,
    pub(super) check: Option<Check>,
}

impl<R: Read> Content<'_, R> {
    /// Reads past the rest. Returns how many bytes the file lacks.
    pub(super) fn skip(&mut self) -> io::Result<u64> {
        loop {
            let read = self.fill_buf()?.len();
            if read == 0 {
                return Ok(self.left);
            }
            self.consume(read);
        }
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Content<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer = self.members.fill_buf()?;
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(buffer.get(..left).unwrap_or(buffer))
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        // What is consumed is still in the buffer, so that this reads nothing and cannot fail.
        if let (Some(check), Ok(buffer)) = (&mut self.check, self.members.fill_buf()) {
            check.update(buffer.get(..amount).unwrap_or(buffer));
        }
        self.members.consume(amount);
    }
}

impl Parsing {
    /// The record, if it is one of those that are read.
    pub(super) fn content<R: Read>(
        &self,
        content: &mut Content<'_, R>,
        fields: &Fields,
        place: Place,
        body_limit: Option<u64>,
        wanted: fn(&Kind, &Headers) -> bool,
    ) -> Result<Option<Record>, Trouble> {
        let message = matches!(fields.kind.as_str(), "response" | "request" | "revisit");
        let Some(url) = fields.url.clone().filter(|_| message) else { return Ok(None) };
        let head = message::read_head(content, fields.kind == "request").map_err(|error| self.io(&error))?;
        let (start, headers) = match head {
            Some((start, headers)) => (Some(start), headers),
            None => (None, Headers::default()),
        };
        let kind = match (fields.kind.as_str(), start) {
            ("response", Some(Start::Status(status))) => Kind::Response { status },
            ("request", Some(Start::Method(method))) => Kind::Request { method },
            ("revisit", start) => Kind::Revisit {
                status: if let Some(Start::Status(status)) = start { Some(status) } else { None },
                original: fields.refers_to_url.clone().unwrap_or_else(|| url.clone()),
                original_date: fields.refers_to_date,
            },
            _ => return Ok(None),
        };
        let limit_bytes = body_limit.filter(|_| wanted(&kind, &headers));
        let body = self.body(content, &headers, fields, limit_bytes)?;
        Ok(Some(Record { place, url, date: fields.date, kind, headers, body, said: fields.said.clone() }))
    }

    /// A record whose content is no message.
    pub(super) fn bare<R: Read>(
        &self,
        content: &mut Content<'_, R>,
        fields: &Fields,
        place: Place,
        body_limit: Option<u64>,
        wanted: fn(&Kind, &Headers) -> bool,
    ) -> Result<Option<Record>, Trouble> {
        let Some(url) = fields.url.clone().or_else(|| fields.name.clone()) else { return Ok(None) };
        let kind = if fields.kind == "resource" { Kind::Resource } else { Kind::Metadata };
        let mut headers = Headers::default();
        if let Some(content_type) = &fields.content_type {
            headers.push("content-type", content_type.as_str());
        }
        let limit_bytes = body_limit.filter(|_| wanted(&kind, &headers));
        let body = self.body(content, &Headers::default(), fields, limit_bytes)?;
        Ok(Some(Record { place, url, date: fields.date, kind, headers, body, said: fields.said.clone() }))
    }

    /// The body, up to the limit; without one it is not wanted.
    fn body<R: Read>(
        &self,
        content: &mut Content<'_, R>,
        headers: &Headers,
        fields: &Fields,
        limit_bytes: Option<u64>,
    ) -> Result<Body, Trouble> {
        let Some(limit_bytes) = limit_bytes else { return Ok(Body::Unread) };
        if content.left > limit_bytes.saturating_add(CODING_ALLOWANCE_BYTES) {
            return Ok(Body::TooLarge { limit_bytes });
        }
        // What a header declares is not there yet.
        let likely = content.left.min(MAX_RESERVED_BYTES);
        let mut raw = Vec::with_capacity(usize::try_from(likely).unwrap_or_default());
        content.read_to_end(&mut raw).map_err(|error| self.io(&error))?;
        Ok(match (decode::recorded(headers, raw, limit_bytes), &fields.truncated) {
            (Body::Whole(bytes), Some(reason)) => {
                Body::Cut { bytes, detail: format!("recorded in part only: {reason}") }
            }
            (body, _) => body,
        })
    }

    /// Reads the line endings that close a record; at the end of a file their absence is forgiven.
    pub(super) fn ending<R: Read>(&self, members: &mut Members<R>) -> Result<(), Trouble> {
        let sound = match members.fill_buf().map_err(|error| self.io(&error))?.first() {
            None | Some(b'\r' | b'\n') => true,
            Some(_) => false,
        };
        if !sound {
            return Err(self.record("the record goes on after the length that it declares".to_owned()));
        }
        for ending in *b"\r\n\r\n" {
            let buffer = members.fill_buf().map_err(|error| self.io(&error))?;
            if buffer.first() == Some(&ending) {
                members.consume(1);
            }
        }
        // In a compressed member with one record this is where the checksum is compared.
        members.at_end().map(drop).map_err(|error| self.io(&error))
    }
}
