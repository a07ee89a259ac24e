//! The web pages of recordings: WARC files, and WACZ files that hold some of them.

use super::{InputError, Work, WorkBody, Works};
use crate::{
    article::Kind as PageKind,
    http::{Headers, Response},
    model::Target,
    pipeline::article::Document,
    platforms,
    warc::{Body, Kind, Part, Reader, Record, Seal, Wacz},
};
use std::{collections::BTreeSet, io::Read, path::Path};

/// Parameters in which an interface is told the address of a post.
const NAMING: [&str; 4] = ["url", "uri", "uris", "href"];

/// Content types by which a server says that it does not know.
const UNKNOWN: [&str; 5] = ["", "*/*", "unknown/unknown", "application/unknown", "application/octet-stream"];

/// The web pages of a WARC file, each named by its URL. Damage is an item of its own, with its byte offset. The file is
/// opened when the first is asked for.
pub(super) fn recorded_pages(path: &Path) -> Works {
    pages_of_part(Part::of_file(path))
}

fn pages_of_part(part: Part) -> Works {
    let works = std::iter::once_with(move || -> Works {
        match part.open() {
            Ok(window) => {
                let pages = pages(part.name.clone(), window);
                // The part is held until its end: it may be a temporary file.
                Box::new(pages.inspect(move |_| _ = &part))
            }
            Err(error) => failed(part.name, format!("can't be read: {error}")),
        }
    });
    Box::new(works.flatten())
}

/// The web pages of a WACZ file: those that it lists as pages, else all that it holds. What stands in frames of pages is
/// recorded as well, and is no article.
pub(super) fn packed_pages(path: &Path) -> Works {
    let path = path.to_owned();
    let works = std::iter::once_with(move || -> Works {
        let name = path.to_string_lossy().into_owned();
        let Wacz { parts, pages, flaws, seals } = match Wacz::open_sealed(&path) {
            Ok(wacz) => wacz,
            Err(error) => return failed(name, format!("can't be read: {error}")),
        };
        let unsealed = unsealed(seals).map(Err);
        let flaws = flaws.into_iter().map({
            let name = name.clone();
            move |flaw| Err(InputError::new(&name, flaw))
        });
        let flaws = unsealed.chain(flaws);
        if parts.is_empty() {
            return Box::new(flaws.chain(failed(name, "holds no recording".to_owned())));
        }
        let listed = recorded_of(&parts, pages);
        let works = parts.into_iter().flat_map(pages_of_part).filter(move |work| match (work, &listed) {
            (Ok(work), Some(listed)) => listed.contains(&work.name),
            _ => true,
        });
        Box::new(flaws.chain(works))
    });
    Box::new(works.flatten())
}

/// What is not as it was packed or signed. What is, is told to who listens closely.
pub(in crate::pipeline) fn unsealed(seals: Vec<(String, Seal)>) -> impl Iterator<Item = InputError> {
    seals.into_iter().flat_map(|(name, seal)| {
        if !seal.held.is_empty() {
            tracing::info!(event = "log", message = format!("{name}: {}", seal.held));
        }
        seal.flaws.into_iter().map(move |flaw| InputError::new(&name, flaw))
    })
}

/// The pages of a list with those that they lead to by redirects; none where none of them is recorded.
fn recorded_of(parts: &[Part], mut listed: BTreeSet<String>) -> Option<BTreeSet<String>> {
    if listed.is_empty() {
        return None;
    }
    let mut any = false;
    let windows = parts.iter().filter_map(|part| part.open().ok());
    for record in windows.flat_map(|window| Reader::new(window).without_bodies()).flatten() {
        let Kind::Response { status } = record.kind else { continue };
        if !listed.contains(record.url.as_str()) {
            continue;
        }
        let answer = Response { url: record.url, status, headers: record.headers, body: Vec::new() };
        any |= answer.is_success();
        listed.extend(answer.redirect_target().map(|mut target| {
            target.set_fragment(None);
            String::from(target)
        }));
    }
    any.then_some(listed)
}

fn failed(name: String, reason: String) -> Works {
    Box::new(std::iter::once(Err(InputError::new(name, reason))))
}

/// The pages of one recording, as it is read.
pub(super) fn pages(name: String, input: impl Read + Send) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    Reader::new(input).with_bodies_of(may_be_page).filter_map(move |record| match record {
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

/// The post that an answer is of which is no page: what an interface says of it in JSON, or that it is gone. Pictures and films
/// under a post's address, and answers that lead elsewhere, are not told apart from those of its article.
fn post(record: &Record) -> Option<Work> {
    let Kind::Response { status } = record.kind else { return None };
    let is_json = media_type(&record.headers).contains("json") || media_type(&record.headers).contains("javascript");
    let says_something = match status {
        200 => is_json,
        404 | 410 => is_json || says_html(&record.headers) || says_nothing(&record.headers),
        _ => false,
    };
    if !says_something {
        return None;
    }
    let parameter = || {
        let mut values = record.url.query_pairs().filter(|(name, _)| NAMING.contains(&name.as_ref()));
        values.find_map(|(_, value)| match platforms::recognize_text(&value) {
            Some(Target::Post(post)) => Some(post),
            _ => None,
        })
    };
    let post = match platforms::recognize(&record.url) {
        Some(Target::Post(post)) => post,
        _ => parameter()?,
    };
    // What stands in a recording is named anew at every run.
    Some(Work { once: true, ..Work::new(record.url.to_string(), WorkBody::Post(post)) })
}

/// The work of a record; none where it is neither a page nor a post.
fn page(file: &str, record: Record) -> Result<Option<Work>, InputError> {
    if !may_be_page(&record.kind, &record.headers) {
        return Ok(post(&record));
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
    Ok(Some(Work::new(name, WorkBody::Document(Box::new(document)))))
}
