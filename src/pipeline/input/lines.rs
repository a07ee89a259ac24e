//! Lines of text, each a page in JSON, a record of an embed, or a URL. One line is held at a time, and none beyond a limit.

use super::{InputError, MAX_DOCUMENT_BYTES, Work, WorkBody, record, work_of_url};
use crate::{article::Kind, pipeline::article::Document};
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny},
};
use std::{
    fmt,
    io::{self, BufRead, Read},
};
use url::Url;

/// The longest line, in bytes: a page, with escapes. A longer one is an error, and passed over.
pub const MAX_LINE_BYTES: u64 = 2 * MAX_DOCUMENT_BYTES;

/// How much of a line that is too long is passed over in search of its end, in bytes. Nothing of it is kept, so this
/// bounds time.
pub const MAX_SKIPPED_BYTES: u64 = crate::warc::MAX_MEMBER_BYTES;

/// How much of a bad line is repeated in the words about it, in bytes.
const MAX_REPEATED_BYTES: usize = 2_000;

/// A page in a line of JSON.
#[derive(Deserialize)]
struct PageLine {
    url: Option<Text>,
    html: Option<Text>,
    markdown: Option<Text>,
    text: Option<Text>,
    quoted: Option<IgnoredAny>,
}

/// A JSON string as bytes, for writers leave halves of surrogate pairs in it, and bytes that are no UTF-8.
struct Text(Vec<u8>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.as_bytes().to_owned()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(bytes.to_owned()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

/// The work of lines, in order. What is wrong with a line is an item with the line's number.
pub(super) fn lines(
    name: String,
    reader: impl BufRead + Send + 'static,
) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    let mut lines = Lines { reader, ended: false };
    let mut number = 0_u64;
    std::iter::from_fn(move || {
        loop {
            number += 1;
            let place = format!("{name}:{number}");
            match lines.next() {
                None => return None,
                Some(Err(error)) => return Some(Err(InputError::new(place, format!("can't be read: {error}")))),
                Some(Ok(line)) => match work(&line, &place) {
                    Ok(None) => {}
                    Ok(Some(work)) => return Some(Ok(work)),
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    })
}

/// The work of one line; none for an empty one or a comment.
pub(super) fn work(line: &[u8], place: &str) -> Result<Option<Work>, InputError> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    if line.starts_with(b"{") {
        return page(line, place).map(Some).map_err(|reason| InputError::new(place, reason));
    }
    let shown = String::from_utf8_lossy(line.get(..MAX_REPEATED_BYTES).unwrap_or(line)).into_owned();
    match super::address(&shown) {
        Ok(url) if shown.len() == line.len() => Ok(Some(work_of_url(super::without_login(url)?))),
        Ok(_) => Err(InputError::new(place, format!("a URL of more than {MAX_REPEATED_BYTES} bytes"))),
        Err(error) => Err(InputError::new(shown, format!("{place} is not a URL: {error}"))),
    }
}

fn page(line: &[u8], place: &str) -> Result<Work, String> {
    let page: PageLine = serde_json::from_slice(line).map_err(|error| format!("not a page: {error}"))?;
    let (kind, body) = match (page.html, page.markdown, page.text) {
        (Some(html), ..) => (Kind::Html, html),
        (_, Some(markdown), _) => (Kind::Markdown, markdown),
        (.., Some(text)) => (Kind::Text, text),
        _ if page.quoted.is_some() => return record::work(line, place),
        _ => return Err("a page needs `html`, `markdown` or `text`, and the record of an embed `quoted`".to_owned()),
    };
    let Text(bytes) = body;
    if bytes.len() as u64 > MAX_DOCUMENT_BYTES {
        return Err(format!("a page larger than {MAX_DOCUMENT_BYTES} bytes, which no article is"));
    }
    let name = page.url.map(|Text(url)| String::from_utf8_lossy(&url).into_owned());
    let url = name.as_deref().and_then(|url| Url::parse(url).ok());
    let name = name.unwrap_or_else(|| place.to_owned());
    // The text is already decoded; the header says so, whatever a meta tag claims.
    let content_type = Some("text/html; charset=utf-8".to_owned());
    let document = Document { url, kind: Some(kind), content_type, ..Document::new(name.clone(), bytes) };
    Ok(Work::new(name, WorkBody::Document(Box::new(document))))
}

/// Lines of at most [`MAX_LINE_BYTES`].
struct Lines<R> {
    reader: R,
    ended: bool,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.line();
        // After an error of the file itself nothing more can be read; a line that is too long was passed over.
        self.ended = match &line {
            Ok(Some(_)) => false,
            Ok(None) => true,
            Err(error) => error.kind() != io::ErrorKind::FileTooLarge,
        };
        line.transpose()
    }
}

impl<R: BufRead> Lines<R> {
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        if self.reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 <= MAX_LINE_BYTES || line.ends_with(b"\n") {
            return Ok(Some(line));
        }
        drop(line);
        let mut rest = self.reader.by_ref().take(MAX_SKIPPED_BYTES);
        rest.skip_until(b'\n')?;
        if rest.limit() == 0 {
            return Err(io::Error::other(format!("a line over {MAX_SKIPPED_BYTES} bytes; what follows is not read")));
        }
        Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("a line over {MAX_LINE_BYTES} bytes")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(bytes: Vec<u8>) -> Vec<Result<Work, InputError>> {
        lines("x".to_owned(), Cursor::new(bytes)).collect()
    }

    fn bytes(work: &Result<Work, InputError>) -> &[u8] {
        match work {
            Ok(Work { body: WorkBody::Document(document), .. }) => &document.bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn half_a_surrogate_pair_and_bytes_that_are_no_text_are_read() {
        let works =
            read(b"\xef\xbb\xbf{\"text\":\"a\\ud83db\"}\n{\"text\":\"\xff\\ud83d\\ude00\",\"x\":\"\\udead\"}".to_vec());
        assert_eq!(bytes(&works[0]), b"a\xed\xa0\xbdb");
        assert_eq!(bytes(&works[1]), b"\xff\xf0\x9f\x98\x80");
    }

    #[test]
    fn a_line_that_is_too_long_is_told_and_the_next_is_read() {
        let mut input = b"{\"text\":\"".to_vec();
        input.resize(usize::try_from(MAX_LINE_BYTES).unwrap() + 50, b'x');
        input.extend_from_slice(b"\n{\"text\":\"y\"}\n[]\n{\"text\":7}\n\nhttps://a.example/\n");
        let works = read(input);
        assert_eq!(works.len(), 5);
        assert_eq!(works[0].as_ref().unwrap_err().to_string(), "x:1: can't be read: a line over 67108864 bytes");
        assert_eq!(bytes(&works[1]), b"y");
        assert!(works[2].as_ref().unwrap_err().reason.starts_with("x:3 is not a URL"), "{:?}", works[2]);
        assert!(works[3].as_ref().unwrap_err().reason.contains("expected a string"), "{:?}", works[3]);
        assert!(works[4].is_ok());
    }
}
