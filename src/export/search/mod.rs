//! The search of a static site: an index that a page can ask without a server and from `file://`, where nothing may be
//! fetched. So it is made of scripts that hand over data: `assets/search/index.js` says what there is, `wN.js` hold words
//! with the documents that they occur in, in alphabetical order, and `dN.js` hold what is shown of the documents. A
//! search loads the index, the one or two files of words per word asked for, and the documents that it shows.

mod tokens;

use super::{Folder, error::ExportError};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// Documents in one file.
const DOCUMENTS_A_FILE: usize = 250;

/// Where a file of words ends, in bytes.
const WORDS_FILE_BYTES: usize = 96 << 10;

/// Words of one document that are indexed: what a long novel has of different ones, and a hostile text may not exceed.
const MAX_WORDS_A_DOCUMENT: usize = 20_000;

/// What is read of one document, in bytes.
const MAX_TEXT_BYTES: usize = 1 << 20;

/// What is shown of a document's text, in characters.
pub(super) const EXCERPT_CHARS: usize = 240;

/// The digits of numbers in files of words.
const BASE: u32 = 36;

/// One document as a hit shows it. A list in the script: the order of the fields is what `search.js` reads.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Shown {
    /// Its page, from the root of the site.
    pub(super) path: String,
    /// An article's headline; a post's author.
    pub(super) title: String,
    /// Publication and byline; platform and handle.
    pub(super) about: String,
    /// The day, for people.
    pub(super) day: String,
    /// How the text begins.
    pub(super) excerpt: String,
    /// What became of it, where it is gone.
    pub(super) gone: String,
}

/// The index while it is made. Words and their occurrences are in memory, about two bytes an occurrence; documents are
/// written as they come.
#[derive(Default)]
pub(super) struct Index {
    words: BTreeMap<String, Occurrences>,
    documents: u32,
    waiting: Vec<Shown>,
    files: usize,
    digest: Sha256,
}

/// The documents of a word as they are written: distances in base 36, each with `!` where the word is in the title.
#[derive(Default)]
struct Occurrences {
    written: String,
    last: u32,
}

#[derive(Serialize)]
struct Contents<'a> {
    documents: u32,
    documents_a_file: usize,
    /// The first word of each file of words.
    first_words: &'a [&'a str],
    /// Changes with the index, so that no browser mixes files of two exports.
    version: String,
}

impl Index {
    /// Adds a document. The title's words count more.
    pub(super) fn add(
        &mut self,
        folder: &mut Folder,
        shown: Shown,
        title: &[&str],
        text: &[&str],
    ) -> Result<(), ExportError> {
        let number = self.documents;
        let mut found: BTreeMap<String, bool> = BTreeMap::new();
        for (parts, is_title) in [(title, true), (text, false)] {
            for part in parts {
                tokens::words(cut(part), |word| {
                    if found.len() < MAX_WORDS_A_DOCUMENT {
                        found.entry(word).or_insert(is_title);
                    }
                });
            }
        }
        for (word, in_title) in found {
            let occurrences = self.words.entry(word).or_default();
            let comma = if occurrences.written.is_empty() { "" } else { "," };
            occurrences.written.push_str(comma);
            push_number(&mut occurrences.written, number - occurrences.last);
            if in_title {
                occurrences.written.push('!');
            }
            occurrences.last = number;
        }
        self.documents += 1;
        self.waiting.push(shown);
        if self.waiting.len() == DOCUMENTS_A_FILE { self.write_documents(folder) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self, folder: &mut Folder) -> Result<(), ExportError> {
        if !self.waiting.is_empty() {
            self.write_documents(folder)?;
        }
        let (mut first_words, mut file, mut nth) = (Vec::new(), String::new(), 0);
        for (word, occurrences) in &self.words {
            if file.is_empty() {
                first_words.push(word.as_str());
            }
            let _ = writeln!(file, "{word} {}", occurrences.written);
            if file.len() >= WORDS_FILE_BYTES {
                write_words(folder, &mut self.digest, nth, &file)?;
                nth += 1;
                file.clear();
            }
        }
        if !file.is_empty() {
            write_words(folder, &mut self.digest, nth, &file)?;
        }
        let version: String = self.digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let contents = Contents {
            documents: self.documents,
            documents_a_file: DOCUMENTS_A_FILE,
            first_words: &first_words,
            version,
        };
        let script = format!("embalmSearch.contents({});\n", json(&contents)?);
        folder.put("assets/search/index.js", script.as_bytes()).map(drop)
    }

    fn write_documents(&mut self, folder: &mut Folder) -> Result<(), ExportError> {
        let rows: Vec<[&str; 6]> = self
            .waiting
            .iter()
            .map(|one| {
                let Shown { path, title, about, day, excerpt, gone } = one;
                [path.as_str(), title, about, day, excerpt, gone]
            })
            .collect();
        let script = format!("embalmSearch.documents({}, {});\n", self.files, json(&rows)?);
        self.digest.update(&script);
        folder.put(&format!("assets/search/d{}.js", self.files), script.as_bytes())?;
        self.files += 1;
        self.waiting.clear();
        Ok(())
    }
}

fn write_words(folder: &mut Folder, digest: &mut Sha256, nth: usize, words: &str) -> Result<(), ExportError> {
    let script = format!("embalmSearch.words({nth}, {});\n", json(&words)?);
    digest.update(&script);
    folder.put(&format!("assets/search/w{nth}.js"), script.as_bytes()).map(drop)
}

/// JSON that is a script's literal in any file: no `<`, and no character that ends a line of a script.
fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, ExportError> {
    let plain = serde_json::to_string(value).map_err(|error| ExportError::Index { detail: error.to_string() })?;
    Ok(plain.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

fn push_number(out: &mut String, mut number: u32) {
    let at = out.len();
    loop {
        out.insert(at, char::from_digit(number % BASE, BASE).unwrap_or('0'));
        number /= BASE;
        if number == 0 {
            break;
        }
    }
}

fn cut(text: &str) -> &str {
    let end = (0..=text.len().min(MAX_TEXT_BYTES)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}
