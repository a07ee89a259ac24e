//! What a user names becomes work: URLs, files, folders of files, WARCs, JSON Lines of pages, lists of URLs.

mod file;
mod lines;
mod load;
mod names;
mod record;
mod recorded;
mod stream;

pub use file::{MAX_DOCUMENT_BYTES, local_document, read_document};
pub use lines::{MAX_LINE_BYTES, MAX_SKIPPED_BYTES};
pub(super) use load::{Loaded, Missing, Same, load, page_request, version_of};
pub(super) use names::Names;
pub(super) use recorded::unsealed;

use super::article::Document;
use crate::{
    http::{name_without_userinfo, without_userinfo},
    model::{PostRef, Quoted, Target},
    platforms, source,
    store::KnownArticle,
    warc,
};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};
use url::Url;

/// How deep folders are walked.
const MAX_FOLDER_DEPTH: usize = 32;

/// What a line of JSON that was given by itself is called where it has no URL.
const INLINE: &str = "a line of JSON";

/// A kind of input that is walked lazily, so that a million files need no list.
pub type Works = Box<dyn Iterator<Item = Result<Work, InputError>> + Send>;

/// One thing to archive.
#[derive(Clone, Debug)]
pub struct Work {
    /// The name that the article gets: as given, or for a folder the path under it.
    pub name: String,
    /// Where it is.
    pub body: WorkBody,
    /// Named by a source: a known article is looked at again where it is due or the source says that it changed.
    pub once: bool,
    /// What is known of the article, where it was looked at before.
    pub known: Option<Box<KnownArticle>>,
    /// The language that its source gives it where it doesn't say it itself, BCP 47.
    pub lang: Option<String>,
    /// What an article quotes of the post that this is, where a record of that was given.
    pub quoted: Option<Box<Quoted>>,
}

impl Work {
    /// Work that is done whatever is known of it.
    #[must_use]
    pub fn new(name: String, body: WorkBody) -> Self {
        let name = name_without_userinfo(name);
        let body = match body {
            WorkBody::Url(url, spare) => WorkBody::Url(without_userinfo(&url), spare),
            WorkBody::Document(mut document) => {
                document.name = name_without_userinfo(document.name);
                document.url = document.url.as_ref().map(without_userinfo);
                WorkBody::Document(document)
            }
            other => other,
        };
        Self { name, body, once: false, known: None, lang: None, quoted: None }
    }
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
    /// A line of JSON: a page, or a record of an embed.
    Line(String),
    /// `-`: what standard input brings: lines, each a URL or a JSON object with a page or of an embed, or a WARC file.
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
    pub(super) fn new(input: impl Into<String>, reason: impl Into<String>) -> Self {
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
        if word.starts_with('{') {
            return Ok(Self::Line(word.to_owned()));
        }
        match address(word) {
            Ok(url) if matches!(url.scheme(), "http" | "https" | "at") => without_login(url).map(Self::Url),
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

/// An input as a line of a list that reads as the same input: a name that a line can't hold (it begins with `#`, is `-`,
/// has line breaks or spaces at its ends) as the `file:` URL of its file.
#[must_use]
pub fn as_line(input: &str) -> String {
    let is_plain = input.trim() == input && !input.starts_with('#') && input != "-" && !input.contains(['\n', '\r']);
    let url = || Url::from_file_path(std::path::absolute(input).ok()?).ok();
    if is_plain { input.to_owned() } else { url().map_or_else(|| input.replace(['\n', '\r'], " "), String::from) }
}

/// How a file is named in a list: a name that is no text as the `file:` URL of its bytes.
pub(super) fn name_of(path: &Path) -> String {
    let url = || Url::from_file_path(std::path::absolute(path).ok()?).ok();
    let named = path.to_str().map(str::to_owned).or_else(|| url().map(String::from));
    named.unwrap_or_else(|| path.to_string_lossy().into_owned())
}

/// The work of one input, in order: a folder's files by path, a file's lines as they come.
///
/// # Errors
/// The input itself can't be opened. What is wrong with one item is an item.
pub fn expand(input: &Input) -> Result<Works, InputError> {
    match input {
        Input::Url(url) => Ok(Box::new(std::iter::once(Ok(work_of_url(url.clone()))))),
        Input::Line(line) => Ok(Box::new(lines::work(line.as_bytes(), INLINE).transpose().into_iter())),
        Input::Stdin => Ok(stream::works("-".to_owned(), io::stdin)),
        Input::Path(path) if path.is_dir() => {
            folder_works(path.clone()).or_else(|| recordings_of(path.clone())).ok_or_else(|| {
                let lacking = "the folder holds no .html, .md or .txt file (also .gz), and no .warc(.gz) or .wacz";
                InputError::new(path.to_string_lossy(), lacking)
            })
        }
        Input::Path(path) => {
            let name = path.to_string_lossy().into_owned();
            if warc::is_warc(&name) {
                return Ok(recorded::recorded_pages(path));
            }
            if warc::is_wacz(&name) {
                return Ok(recorded::packed_pages(path));
            }
            if holds_lines(path) {
                let path = path.clone();
                return Ok(lines_of(name, || File::open(path)));
            }
            Ok(Box::new(std::iter::once(Ok(Work::new(name, WorkBody::File(path.clone()))))))
        }
    }
}

/// The pages of the recordings in a folder, in the order of their names; none where there is no recording.
pub(super) fn recordings_of(root: PathBuf) -> Option<Works> {
    let mut files = warc::in_folder(&root).peekable();
    files.peek()?;
    let works = files.flat_map(move |file| match file {
        Ok(path) if warc::is_wacz(&path.to_string_lossy()) => recorded::packed_pages(&path),
        Ok(path) => recorded::recorded_pages(&path),
        Err(error) => Box::new(std::iter::once(Err(InputError::new(root.to_string_lossy(), error.to_string())))),
    });
    Some(Box::new(works))
}

/// Whether a file is lines of JSON by its name.
pub(super) fn holds_lines(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    plain.ends_with(".jsonl") || plain.ends_with(".ndjson")
}

/// The work of a file's lines. It is opened when the first is asked for.
fn lines_of<R: io::Read + Send + 'static>(
    name: String,
    open: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> Works {
    let works = std::iter::once_with(move || -> Works {
        match open().and_then(|reader| file::inflated(&name, reader)) {
            Ok(reader) => Box::new(lines::lines(name, reader)),
            Err(error) => Box::new(std::iter::once(Err(InputError::new(name, format!("can't be read: {error}"))))),
        }
    });
    Box::new(works.flatten())
}

/// A URL. Posts are also written down as `at://` and `tg://`, which are no URLs by the letter: those are their posts'.
fn address(text: &str) -> Result<Url, url::ParseError> {
    if ["at://", "tg://"].iter().any(|scheme| text.starts_with(scheme))
        && let Some(Target::Post(post)) = platforms::recognize_text(text)
    {
        return Ok(post.url);
    }
    Url::parse(text)
}

/// A URL, where it holds no user's name and password: these are neither sent nor written down.
fn without_login(url: Url) -> Result<Url, InputError> {
    let plain = without_userinfo(&url);
    if plain == url {
        return Ok(url);
    }
    Err(InputError::new(plain, "an address with a user's name or password is not fetched; give it without them"))
}

/// A URL is a post where a platform says so, else an article.
pub(super) fn work_of_url(url: Url) -> Work {
    let name = url.to_string();
    let body = match platforms::recognize(&url) {
        Some(target @ (Target::Post(_) | Target::ShortLink { .. })) => {
            WorkBody::Post(PostRef::of_embed(&target, &Quoted::default()))
        }
        _ => match platforms::given(&url) {
            Some(post) => WorkBody::Post(post),
            None => WorkBody::Url(url, None),
        },
    };
    Work::new(name, body)
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
            source::is_article_file(relative).then(|| Ok(Work::new(name, WorkBody::File(entry.into_path()))))
        }
        Ok(_) => None,
    })
}
