//! What a user names becomes work: URLs, files, folders of files, WARCs, JSON Lines of pages, lists of URLs.

use super::article::{Document, Hint};
use crate::{
    article::Kind,
    fetch::Transport,
    http::{FetchError, Request},
    model::{PostRef, Target},
    platforms, source,
    warc::{self, Body, Reader},
};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use url::Url;

/// Bytes of one file, after inflating. A page of a thousand screens has 5 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// How deep folders are walked.
const MAX_FOLDER_DEPTH: usize = 32;

/// A kind of input that is walked lazily, so that a million files need no list.
pub type Works = Box<dyn Iterator<Item = Result<Work, InputError>> + Send>;

/// One thing to archive.
#[derive(Clone, Debug)]
pub struct Work {
    /// The name that the article gets: as given, or for a folder the path under it.
    pub name: String,
    /// Where it is.
    pub body: WorkBody,
    /// Archived at most once: a known name is not looked at again.
    pub once: bool,
}

/// Where work is.
#[derive(Clone, Debug)]
pub enum WorkBody {
    /// An article to fetch. The document, if there is one, serves where the page can't be had (a full-content feed).
    Url(Url, Option<Box<Document>>),
    /// A file to read.
    File(PathBuf),
    /// Already here.
    Document(Box<Document>),
    /// A post itself.
    Post(PostRef),
}

/// What a word of the command line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// An article or a post on the network.
    Url(Url),
    /// A file or folder on this machine.
    Path(PathBuf),
    /// `-`: lines of standard input, each a URL or a JSON object with a page.
    Stdin,
}

/// An input that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{input}: {reason}")]
pub struct InputError {
    /// As it was given.
    pub input: String,
    /// What was attempted, why it failed, what to do.
    pub reason: String,
}

impl InputError {
    fn new(input: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { input: input.into(), reason: reason.into() }
    }
}

impl Input {
    /// Reads a word of the command line. A path that is there wins over a URL without a scheme.
    ///
    /// # Errors
    /// It is neither a path that is there nor a URL.
    pub fn parse(word: &str) -> Result<Self, InputError> {
        if word == "-" {
            return Ok(Self::Stdin);
        }
        let path = PathBuf::from(word);
        if path.exists() {
            return Ok(Self::Path(path));
        }
        match Url::parse(word) {
            Ok(url) if matches!(url.scheme(), "http" | "https" | "at") => Ok(Self::Url(url)),
            Ok(url) if url.scheme() == "file" => {
                url.to_file_path().map(Self::Path).map_err(|()| InputError::new(word, "no path of this machine"))
            }
            Ok(url) if word.contains("://") => Err(InputError::new(
                word,
                format!("the scheme `{}` is not fetched; only http and https are", url.scheme()),
            )),
            Err(error) if word.contains("://") => Err(InputError::new(word, format!("not a URL: {error}"))),
            _ => Err(InputError::new(word, "no such file, and not a URL (a URL begins with https://)")),
        }
    }
}

/// The work of one input, in order: a folder's files by path, a file's lines as they come.
///
/// # Errors
/// The input itself can't be opened. What is wrong with one item is an item.
pub fn expand(input: &Input) -> Result<Works, InputError> {
    match input {
        Input::Url(url) => Ok(Box::new(std::iter::once(Ok(work_of_url(url.clone()))))),
        Input::Stdin => Ok(Box::new(lines("-".to_owned(), BufReader::new(io::stdin())))),
        Input::Path(path) if path.is_dir() => folder_works(path.clone()).ok_or_else(|| {
            InputError::new(path.to_string_lossy(), "the folder holds no .html, .md or .txt file (also .gz)")
        }),
        Input::Path(path) => {
            let name = path.to_string_lossy().into_owned();
            let plain = name.strip_suffix(".gz").unwrap_or(&name);
            if plain.ends_with(".warc") {
                let file =
                    File::open(path).map_err(|error| InputError::new(&name, format!("can't be read: {error}")))?;
                return Ok(Box::new(recorded_pages(name, file)));
            }
            if plain.ends_with(".jsonl") || plain.ends_with(".ndjson") {
                let file =
                    File::open(path).map_err(|error| InputError::new(&name, format!("can't be read: {error}")))?;
                let reader: Box<dyn Read + Send> =
                    if name.ends_with(".gz") { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
                return Ok(Box::new(lines(name, BufReader::new(reader))));
            }
            Ok(Box::new(std::iter::once(Ok(Work { name, body: WorkBody::File(path.clone()), once: false }))))
        }
    }
}

/// A URL is a post where a platform says so, else an article.
pub(super) fn work_of_url(url: Url) -> Work {
    let name = url.to_string();
    let body = match platforms::recognize(&url) {
        Some(target @ (Target::Post(_) | Target::ShortLink { .. })) => {
            WorkBody::Post(PostRef::of_embed(&target, &crate::model::Quoted::default()))
        }
        _ => WorkBody::Url(url, None),
    };
    Work { name, body, once: false }
}

/// The work of a folder; None where no article is in it.
pub(super) fn folder_works(root: PathBuf) -> Option<Works> {
    let mut works = folder(root).peekable();
    works.peek().is_some().then(|| Box::new(works) as Works)
}

fn folder(root: PathBuf) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    let walk = walkdir::WalkDir::new(&root).max_depth(MAX_FOLDER_DEPTH).sort_by_file_name();
    let entries = walk
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.'));
    entries.filter_map(move |entry| match entry {
        Err(error) => {
            let input = error.path().map_or_else(|| root.to_string_lossy(), Path::to_string_lossy).into_owned();
            Some(Err(InputError::new(input, format!("can't be read: {error}"))))
        }
        Ok(entry) if entry.file_type().is_file() => {
            let relative = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let name = relative.to_string_lossy().into_owned();
            source::is_article_file(relative)
                .then(|| Ok(Work { name, body: WorkBody::File(entry.into_path()), once: false }))
        }
        Ok(_) => None,
    })
}

/// The web pages of a WARC, each named by its URL. Damage is an item of its own, with its byte offset.
fn recorded_pages(name: String, file: File) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    Reader::new(BufReader::new(file)).filter_map(move |record| match record {
        Err(damage) => Some(Err(InputError::new(&name, damage.to_string()))),
        Ok(record) => {
            let warc::Kind::Response { status: 200 } = record.kind else { return None };
            let content_type = record.headers.get("content-type").map(str::to_owned);
            if !content_type.as_deref().is_some_and(|value| value.contains("html")) {
                return None;
            }
            let name = record.url.to_string();
            let bytes = match record.body {
                Body::Whole(bytes) => bytes,
                Body::TooLarge { limit_bytes } => {
                    return Some(Err(InputError::new(name, format!("larger than {limit_bytes} bytes"))));
                }
                Body::Cut { .. } | Body::Unread => return Some(Err(InputError::new(name, "recorded only in part"))),
            };
            let document = Document {
                url: Some(record.url),
                content_type,
                read_at: record.date,
                ..Document::new(name.clone(), bytes)
            };
            Some(Ok(Work { name, body: WorkBody::Document(Box::new(document)), once: false }))
        }
    })
}

/// A page in a line of JSON.
#[derive(Deserialize)]
struct PageLine {
    url: Option<String>,
    html: Option<String>,
    markdown: Option<String>,
    text: Option<String>,
}

fn lines(name: String, reader: impl BufRead + Send + 'static) -> impl Iterator<Item = Result<Work, InputError>> + Send {
    let numbered = (1_u64..).zip(limited_lines(reader));
    numbered.filter_map(move |(number, line)| {
        let place = || format!("{name}:{number}");
        match line {
            Err(error) => Some(Err(InputError::new(place(), format!("can't be read: {error}")))),
            Ok(line) if line.trim().is_empty() || line.starts_with('#') => None,
            Ok(line) if line.trim_start().starts_with('{') => {
                Some(page_of_line(&line, &place()).map_err(|reason| InputError::new(place(), reason)))
            }
            Ok(line) => Some(match Url::parse(line.trim()) {
                Ok(url) => Ok(work_of_url(url)),
                Err(error) => Err(InputError::new(line.trim(), format!("{} is not a URL: {error}", place()))),
            }),
        }
    })
}

/// Lines of at most [`MAX_FILE_BYTES`]; an endless line is an error and the end.
fn limited_lines(mut reader: impl BufRead) -> impl Iterator<Item = io::Result<String>> {
    let mut over = false;
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let mut line = Vec::new();
        match reader.by_ref().take(MAX_FILE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(read) if read as u64 == MAX_FILE_BYTES => {
                over = true;
                Some(Err(io::Error::other(format!("a line over {MAX_FILE_BYTES} bytes"))))
            }
            Ok(_) => Some(Ok(String::from_utf8_lossy(&line).into_owned())),
            Err(error) => {
                over = true;
                Some(Err(error))
            }
        }
    })
}

fn page_of_line(line: &str, place: &str) -> Result<Work, String> {
    let page: PageLine = serde_json::from_str(line).map_err(|error| format!("not a page: {error}"))?;
    let (kind, body) = match (page.html, page.markdown, page.text) {
        (Some(html), ..) => (Kind::Html, html),
        (_, Some(markdown), _) => (Kind::Markdown, markdown),
        (.., Some(text)) => (Kind::Text, text),
        _ => return Err("a page needs `html`, `markdown` or `text`".to_owned()),
    };
    let url = page.url.as_deref().and_then(|url| Url::parse(url).ok());
    let name = page.url.unwrap_or_else(|| place.to_owned());
    // The text is already decoded; the header says so, whatever a meta tag claims.
    let content_type = Some("text/html; charset=utf-8".to_owned());
    let document = Document { url, kind: Some(kind), content_type, ..Document::new(name.clone(), body.into_bytes()) };
    Ok(Work { name, body: WorkBody::Document(Box::new(document)), once: false })
}

/// A local file's document, inflated where it is gzipped.
///
/// # Errors
/// A sentence: the file can't be read, or is too large.
pub fn read_document(path: &Path, name: &str) -> Result<Document, String> {
    let file = File::open(path).map_err(|error| format!("can't be read: {error}"))?;
    let mut reader: Box<dyn Read> = if name.ends_with(".gz") || has_gzip_magic(path) {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("can't be read: {error}"))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("larger than {MAX_FILE_BYTES} bytes, which no article is"));
    }
    Ok(Document::new(name, bytes))
}

fn has_gzip_magic(path: &Path) -> bool {
    let mut magic = [0_u8; 2];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == [0x1f, 0x8b]
}

/// The names of files in one run, as digests, so that a million files take little. Two folders may each hold an
/// `index.html`, and these are two articles.
#[derive(Default)]
pub(super) struct Names(HashMap<u64, u64>);

impl Names {
    /// Whether another file of this run has the name. The first one keeps it, and the order of inputs is stable.
    pub(super) fn are_taken(&mut self, name: &str, path: &Path) -> bool {
        let path = digest(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        *self.0.entry(digest(name)).or_insert(path) != path
    }
}

fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A document that could not be had.
pub(super) struct Missing {
    /// The work's name.
    pub(super) name: String,
    /// What was attempted and why it failed.
    pub(super) reason: String,
    /// Trying again later may help.
    pub(super) passing: bool,
    /// Not before then, by the site's own word.
    pub(super) retry_at: Option<Timestamp>,
}

/// Loads one work's document: reads the file, or fetches the page.
pub(super) async fn load(transport: std::sync::Arc<impl Transport>, work: Work) -> Result<Document, Missing> {
    let Work { name, body, .. } = work;
    let missing = |name, reason, passing| Err(Missing { name, reason, passing, retry_at: None });
    match body {
        WorkBody::Document(document) => Ok(*document),
        WorkBody::File(path) => {
            let read = {
                let name = name.clone();
                tokio::task::spawn_blocking(move || read_document(&path, &name)).await
            };
            match read {
                Ok(Ok(document)) => Ok(document),
                Ok(Err(reason)) => missing(name, reason, false),
                Err(error) => missing(name, format!("reading it failed: {error}"), false),
            }
        }
        WorkBody::Post(post) => missing(name, format!("{post} is a post, not an article"), false),
        WorkBody::Url(url, spare) => {
            let fetched = fetch(transport.as_ref(), &name, url).await;
            match (fetched, spare) {
                (Ok(mut document), Some(spare)) => {
                    document.hint = spare.hint;
                    Ok(document)
                }
                (Err(_), Some(spare)) if !spare.bytes.is_empty() => Ok(*spare),
                (fetched, _) => fetched.map_err(|refusal| Missing { name, ..refusal }),
            }
        }
    }
}

/// Fetches a page; an error is a sentence, with whether and when trying again may help.
async fn fetch(transport: &dyn Transport, name: &str, url: Url) -> Result<Document, Missing> {
    let request = Request::get(url).with_header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5");
    let exchange = transport.fetch(request).await;
    let missing = |reason: String, passing, retry_at| Missing { name: name.to_owned(), reason, passing, retry_at };
    let response = exchange.answer.as_ref().map_err(|error| {
        let passing = !matches!(error, FetchError::Refused { .. } | FetchError::TooLarge { .. });
        missing(format!("could not be fetched: {error}"), passing, None)
    })?;
    if !response.is_success() {
        let reason = format!("could not be fetched: the site answered with status {}", response.status);
        let passing = !matches!(response.status, 404 | 410 | 451);
        return Err(missing(reason, passing, response.retry_at(exchange.started_at)));
    }
    Ok(Document {
        name: name.to_owned(),
        url: Some(response.url.clone()),
        bytes: response.body.clone(),
        content_type: response.headers.get("content-type").map(str::to_owned),
        kind: None,
        hint: Hint::default(),
        read_at: Some(exchange.started_at),
        exchange: Some(exchange),
    })
}
