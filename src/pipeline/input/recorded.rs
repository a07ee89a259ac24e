//! The web pages of a WARC file.

use super::{InputError, Work, WorkBody, Works};
use crate::{
    article::Kind as PageKind,
    http::Headers,
    pipeline::article::Document,
    warc::{Body, Kind, Reader, Record},
};
use std::{fs::File, path::Path};

/// Content types by which a server says that it does not know.
const UNKNOWN: [&str; 5] = ["", "*/*", "unknown/unknown", "application/unknown", "application/octet-stream"];

/// The web pages of a recording, each named by its URL. Damage is an item of its own, with its byte offset. The file is
/// opened when the first is asked for.
pub(super) fn recorded_pages(name: String, path: &Path) -> Works {
    let path = path.to_owned();
    let works = std::iter::once_with(move || -> Works {
        match File::open(path) {
            Ok(file) => Box::new(pages(name, Reader::new(file).with_bodies_of(may_be_page))),
            Err(error) => Box::new(std::iter::once(Err(InputError::new(name, format!("can't be read: {error}"))))),
        }
    });
    Box::new(works.flatten())
}

fn pages(name: String, reader: Reader<File>) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    reader.filter_map(move |record| match record {
        Err(damage) => Some(Err(InputError::new(&name, damage.to_string()))),
        Ok(record) => page(&name, record).transpose(),
    })
}

/// Whether a record can be a page, by its head.
fn may_be_page(kind: &Kind, headers: &Headers) -> bool {
    *kind == Kind::Response { status: 200 } && (says_html(headers) || says_nothing(headers))
}

fn media_type(headers: &Headers) -> String {
    let value = headers.get("content-type").unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn says_html(headers: &Headers) -> bool {
    media_type(headers).contains("html")
}

fn says_nothing(headers: &Headers) -> bool {
    UNKNOWN.contains(&media_type(headers).as_str())
}

/// The work of a record; none where it is no page.
fn page(file: &str, record: Record) -> Result<Option<Work>, InputError> {
    if !may_be_page(&record.kind, &record.headers) {
        return Ok(None);
    }
    let name = record.url.to_string();
    let at = record.place.offset;
    let lacking = |why: &str| Err(InputError::new(&name, format!("{why}, in {file} at byte {at}")));
    let bytes = match record.body {
        Body::Whole(bytes) => bytes,
        Body::TooLarge { limit_bytes } => return lacking(&format!("larger than {limit_bytes} bytes")),
        Body::Cut { detail, .. } => return lacking(&format!("recorded only in part ({detail})")),
        Body::Unread => return Ok(None),
    };
    // Servers call many things a page: what is empty, or a picture, is none, and no flaw of the recording either.
    let content_type = record.headers.get("content-type").map(str::to_owned);
    let sniffed = PageKind::of("", content_type.as_deref().filter(|_| says_html(&record.headers)), &bytes);
    if sniffed != Ok(PageKind::Html) {
        return Ok(None);
    }
    let document = Document {
        url: Some(record.url),
        content_type,
        kind: Some(PageKind::Html),
        read_at: record.date,
        ..Document::new(name.clone(), bytes)
    };
    Ok(Some(Work { name, body: WorkBody::Document(Box::new(document)), once: false }))
}
