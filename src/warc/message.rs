//! The head of a recorded HTTP message: its first line and its header fields, read as leniently as browsers read them.

use super::{MAX_HTTP_HEADER_BYTES, MAX_LINE_BYTES};
use crate::http::Headers;
use std::io::{self, BufRead, Error, ErrorKind};

/// How many interim answers (1xx) may stand before the real one.
const MAX_INTERIM_ANSWERS: usize = 8;

/// The first line of a message.
pub(super) enum Start {
    /// Of an answer.
    Status(u16),
    /// Of a request.
    Method(String),
}

/// Reads the head of a request or an answer up to and with the empty line, past interim answers. None where the block
/// is no such message.
pub(super) fn read_head(input: &mut impl BufRead, request: bool) -> io::Result<Option<(Start, Headers)>> {
    for _ in 0..MAX_INTERIM_ANSWERS {
        let line = match read_line(input) {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(error),
        };
        let start = if request { method(&line) } else { status(&line) };
        let Some(start) = start else { return Ok(None) };
        let headers = read_fields(input)?;
        match start {
            Start::Status(100 | 102..=199) => {}
            start => return Ok(Some((start, headers))),
        }
    }
    Ok(None)
}

fn status(line: &[u8]) -> Option<Start> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    words.next().and_then(|first| first.get(..5)).filter(|first| first.eq_ignore_ascii_case("HTTP/"))?;
    let status = words.next()?.parse().ok()?;
    (100..=999).contains(&status).then_some(Start::Status(status))
}

/// Some crawlers leave the version out of the line, so that the method alone has to do.
fn method(line: &[u8]) -> Option<Start> {
    let first = std::str::from_utf8(line).ok()?.split_ascii_whitespace().next()?;
    let method = first.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
    method.then(|| Start::Method(first.to_owned()))
}

fn read_fields(input: &mut impl BufRead) -> io::Result<Headers> {
    let mut headers = Headers::default();
    let mut total = 0;
    while let Some(line) = read_line(input)? {
        if line.is_empty() {
            break;
        }
        total += line.len();
        if total > MAX_HTTP_HEADER_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidData,
                format!("an HTTP header over {MAX_HTTP_HEADER_BYTES} bytes"),
            ));
        }
        let text = field_text(&line);
        if let Some((_, value)) = headers.0.last_mut().filter(|_| text.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(text.trim());
        } else if let Some((name, value)) = text.split_once(':') {
            headers.push(name.trim(), value.trim());
        }
    }
    Ok(headers)
}

/// Field values are bytes: UTF-8 where they are, else each byte the character of the same number, as RFC 9110 had it.
fn field_text(line: &[u8]) -> String {
    std::str::from_utf8(line).map_or_else(|_| line.iter().map(|byte| char::from(*byte)).collect(), str::to_owned)
}

/// One line without its ending (CRLF or LF). None at the end of the input; a last line without an ending is a line.
pub(super) fn read_line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok((!line.is_empty()).then_some(line));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |at| at + 1);
        line.extend(buffer.iter().take(taken));
        input.consume(taken);
        if line.len() > MAX_LINE_BYTES {
            return Err(Error::new(ErrorKind::InvalidData, format!("a line over {MAX_LINE_BYTES} bytes")));
        }
        if end.is_some() {
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(line));
        }
    }
}
