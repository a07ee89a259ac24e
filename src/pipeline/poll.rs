//! Asks configured sources what articles there are: a feed or a list is fetched or read, a folder is walked.

use super::{
    article::{Document, Hint},
    input::{self, Input, InputError, Work, WorkBody, Works},
};
use crate::{
    article::Kind,
    fetch::Transport,
    http::Request,
    source::{self, BadLine, Entry, Payload},
};
use regex::Regex;
use std::path::PathBuf;
use url::Url;

/// A configured source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in lists and messages.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// Where it is.
    pub place: Input,
    /// Of these patterns one must match an article's URL or path; empty means all do.
    pub include: Vec<Regex>,
    /// Of these none may match.
    pub exclude: Vec<Regex>,
    /// Articles a run.
    pub limit: Option<usize>,
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// URLs, one a line.
    List,
    /// A folder of files, or one file.
    Files,
}

/// What a source names.
pub struct Polled {
    /// In the source's order.
    pub works: Works,
    /// How many, where that is known without walking.
    pub known: Option<usize>,
    /// Something a person should know, such as an empty feed.
    pub note: Option<String>,
}

/// Asks one source.
///
/// # Errors
/// A sentence: what was attempted, why it failed.
pub async fn poll(transport: &dyn Transport, source: &Source) -> Result<Polled, String> {
    let (works, known, note) = match source.kind {
        SourceKind::Files => match files(source)? {
            Some(works) => (works, None, None),
            None => (Box::new(std::iter::empty()) as Works, None, Some("the folder holds no article".to_owned())),
        },
        SourceKind::List => {
            let (bytes, _) = bytes(transport, source).await?;
            let list = source::read_list(&String::from_utf8_lossy(&bytes));
            let known = list.urls.len();
            let bad = list.bad.into_iter().map(|line| Err(error_of_line(line)));
            let works: Vec<_> = list.urls.into_iter().map(|url| Ok(work_of_url(url))).chain(bad).collect();
            (Box::new(works.into_iter()) as Works, Some(known), None)
        }
        SourceKind::Feed => {
            let (bytes, url) = bytes(transport, source).await?;
            let feed = source::read_feed(Payload::of(&bytes).at(url.as_ref())).map_err(|error| error.to_string())?;
            let note = feed.entries.is_empty().then(|| "the feed has no entries".to_owned());
            let works: Vec<_> = feed.entries.into_iter().filter_map(work_of_entry).map(Ok).collect();
            let known = works.len();
            (Box::new(works.into_iter()) as Works, Some(known), note)
        }
    };
    let (include, exclude) = (source.include.clone(), source.exclude.clone());
    let works = works.filter(move |work| {
        let Ok(work) = work else { return true };
        (include.is_empty() || include.iter().any(|pattern| pattern.is_match(&work.name)))
            && !exclude.iter().any(|pattern| pattern.is_match(&work.name))
    });
    let works: Works = match source.limit {
        Some(limit) => Box::new(works.take(limit)),
        None => Box::new(works),
    };
    Ok(Polled { works, known, note })
}

/// None for a folder without an article, which may get one yet.
fn files(source: &Source) -> Result<Option<Works>, String> {
    let Input::Path(path) = &source.place else {
        return Err("a source of kind `files` needs a `path`".to_owned());
    };
    if !path.exists() {
        return Err(format!("{} is not there", path.display()));
    }
    if path.is_dir() {
        return Ok(input::folder_works(path.clone()));
    }
    input::expand(&source.place).map(Some).map_err(|error| error.to_string())
}

/// The bytes of a feed or list, from the network or from a file.
async fn bytes(transport: &dyn Transport, source: &Source) -> Result<(Vec<u8>, Option<Url>), String> {
    match &source.place {
        Input::Url(url) => {
            let exchange = transport.fetch(Request::get(url.clone())).await;
            let response = exchange.answer.map_err(|error| format!("{url} could not be fetched: {error}"))?;
            if !response.is_success() {
                return Err(format!("{url} could not be fetched: the site answered with status {}", response.status));
            }
            Ok((response.body, Some(response.url)))
        }
        Input::Path(path) => {
            let name = path.to_string_lossy();
            let document = input::read_document(path, &name).map_err(|reason| format!("{name} {reason}"))?;
            Ok((document.bytes, Url::from_file_path(absolute(path.clone())).ok()))
        }
        Input::Stdin => Err("a source can't be standard input".to_owned()),
    }
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn work_of_url(url: Url) -> Work {
    Work { once: true, ..input::work_of_url(url) }
}

fn error_of_line(bad: BadLine) -> InputError {
    InputError { input: bad.text, reason: format!("line {}: {}", bad.line, bad.why) }
}

/// An entry's page is what counts; its content serves where the page can't be had. An entry without an address names
/// nothing.
fn work_of_entry(entry: Entry) -> Option<Work> {
    let published = entry.dated();
    let url = entry.url?;
    let name = url.to_string();
    let spare = Document {
        url: Some(url.clone()),
        kind: Some(Kind::Html),
        content_type: Some("text/html; charset=utf-8".to_owned()),
        hint: Hint { title: entry.title, published, updated: entry.updated },
        ..Document::new(name.clone(), entry.content_html.unwrap_or_default().into_bytes())
    };
    Some(Work { name, body: WorkBody::Url(url, Some(Box::new(spare))), once: true })
}
