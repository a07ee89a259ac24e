//! Answers requests out of recordings: WARC files, indexed once, their bodies read from disk when they are asked for.
//!
//! The same files and the same request always give the same exchange: its time is the record's, and it took none.

mod index;
mod key;

use super::Transport;
use crate::http::{Exchange, FetchError, Headers, Request, Response};
use crate::warc::{self, Body, Damage, Kind, MAX_BODY_BYTES, Part, Reader, Record, Wacz};
use futures::future::BoxFuture;
use index::{Entry, Index};
use jiff::Timestamp;
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// How many redirects a replay follows.
pub const MAX_REDIRECTS: u8 = 10;

/// What the addresses of recordings may take in memory beside twice what the files take on the disk, in bytes: records of more
/// than a few hundred bytes never come near it, and ones that were made to fill the memory, packed a thousandfold, do.
const SMALL_INDEX_BYTES: u64 = 64 << 20;

/// Why a recording cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file or folder cannot be opened or read.
    #[error("cannot read the recording {}: {source}", path.display())]
    Unreadable {
        /// As given, or as found in a folder.
        path: PathBuf,
        /// The operating system's words.
        source: io::Error,
    },
    /// A folder holds no recording.
    #[error("no .warc, .warc.gz or .wacz file in {}", path.display())]
    Empty {
        /// As given.
        path: PathBuf,
    },
    /// A file is damaged from its first record on, so that nothing of it can be used.
    #[error("{} is not a WARC file: {damage}", path.display())]
    NotWarc {
        /// As given, or as found in a folder.
        path: PathBuf,
        /// What stands there instead.
        damage: Damage,
    },
}

/// Recordings that answer requests.
pub struct Replay {
    parts: Vec<Part>,
    index: Index,
    damage: Vec<(PathBuf, Damage)>,
}

impl Replay {
    /// Indexes these WARC and WACZ files, and those in these folders (with their subfolders, in the order of their names).
    /// Damage leaves out the records that it hits: see [`Replay::damage`].
    ///
    /// # Errors
    /// [`ReplayError`] where a path cannot be read, a folder holds no recording, or a file is none.
    pub fn open(paths: &[PathBuf]) -> Result<Self, ReplayError> {
        let mut parts = Vec::new();
        for path in paths {
            let found = recordings(path)?;
            if found.is_empty() {
                return Err(ReplayError::Empty { path: path.clone() });
            }
            parts.extend(found);
        }
        let (replay, read) = Self::index(parts, |_, _| false, |_, _| {})?;
        for (part, records) in replay.parts.iter().zip(read) {
            let path = PathBuf::from(&part.name);
            if records == 0
                && let Some((_, first)) = replay.damage.iter().find(|(hit, _)| *hit == path)
            {
                return Err(ReplayError::NotWarc { path, damage: first.clone() });
            }
        }
        Ok(replay)
    }

    /// Indexes these recordings as far as they can be read, and shows `see` every record with its recording's number; the
    /// bodies are there of those that it `wants`. Says how many whole records each recording has.
    ///
    /// # Errors
    /// [`ReplayError::Unreadable`] where a file cannot be opened.
    pub fn index(
        parts: Vec<Part>,
        wants: fn(&Kind, &Headers) -> bool,
        mut see: impl FnMut(usize, &Record),
    ) -> Result<(Self, Vec<u64>), ReplayError> {
        let mut index = Index::default();
        index.widen(SMALL_INDEX_BYTES);
        let mut is_full = false;
        let (mut damage, mut read) = (Vec::new(), Vec::new());
        for (number, part) in parts.iter().enumerate() {
            let path = PathBuf::from(&part.name);
            let window = part.open().map_err(|source| ReplayError::Unreadable { path: path.clone(), source })?;
            index.widen(window.len().saturating_mul(2));
            let mut reader = Reader::new(window).with_all_kinds().with_bodies_of(wants);
            let mut records = 0_u64;
            for item in &mut reader {
                match item {
                    Ok(record) => {
                        records += 1;
                        if !is_full && !index.add(u32::try_from(number).unwrap_or(u32::MAX), &record) {
                            is_full = true;
                            let detail = "the addresses up to here take far more memory than the files have bytes: this one and those \
                                          that follow are not replayed";
                            damage.push((
                                path.clone(),
                                Damage { offset: record.place.offset, detail: detail.to_owned() },
                            ));
                        }
                        see(number, &record);
                    }
                    Err(spot) => damage.push((path.clone(), spot)),
                }
            }
            read.push(records + reader.passed_over());
        }
        index.resolve();
        Ok((Self { parts, index, damage }, read))
    }

    /// Where the files are damaged, with the file.
    #[must_use]
    pub fn damage(&self) -> &[(PathBuf, Damage)] {
        &self.damage
    }

    /// No recording at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self { parts: Vec::new(), index: Index::default(), damage: Vec::new() }
    }

    /// How many URLs are recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no URL is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.len() == 0
    }

    /// The exchange that the recordings hold for a request.
    #[must_use]
    pub fn exchange(&self, request: Request) -> Exchange {
        // No login goes anywhere.
        let request = Request { login: None, ..request };
        let mut hops = Vec::new();
        let mut url = request.url.clone();
        let mut started_at = None;
        let limit_bytes = request.max_bytes.unwrap_or(MAX_BODY_BYTES);
        let answer = loop {
            let Some(entry) = self.index.find(&url) else { break Err(FetchError::NotRecorded) };
            // A record without a date is as old as can be.
            started_at = started_at.or(Some(entry.date.unwrap_or(Timestamp::UNIX_EPOCH)));
            let response = match self.read(entry, &url, limit_bytes) {
                Ok(response) => response,
                Err(error) => break Err(error),
            };
            let Some(target) = response.redirect_target().filter(|_| request.follow) else { break Ok(response) };
            hops.push(response);
            let seen = hops.iter().any(|hop| hop.url == target);
            if seen || hops.len() > usize::from(MAX_REDIRECTS) {
                break Err(FetchError::TooManyRedirects { limit: MAX_REDIRECTS });
            }
            url = target;
        };
        // What is not recorded is dated like the recording's end, so that replays stay equal to each other.
        let started_at = started_at.or(self.index.newest()).unwrap_or(Timestamp::UNIX_EPOCH);
        Exchange { request, hops, answer, started_at, elapsed_ms: 0 }
    }

    fn read(&self, entry: Entry, url: &Url, limit_bytes: u64) -> Result<Response, FetchError> {
        let broken = |detail: String| FetchError::Network { detail: format!("the recording is unreadable: {detail}") };
        let part = self.parts.get(entry.file as usize).ok_or(FetchError::NotRecorded)?;
        let record = part.record(entry.place, limit_bytes).map_err(broken)?;
        let Kind::Response { status } = record.kind else { return Err(broken("not an answer".to_owned())) };
        match record.body {
            Body::Whole(body) => Ok(Response { url: url.clone(), status, headers: record.headers, body }),
            Body::TooLarge { limit_bytes } => Err(FetchError::TooLarge { limit_bytes }),
            Body::Cut { detail, .. } => Err(FetchError::Network { detail }),
            Body::Unread => Err(FetchError::NotRecorded),
        }
    }
}

impl Transport for Replay {
    fn fetch(&self, request: Request) -> BoxFuture<'_, Exchange> {
        Box::pin(std::future::ready(self.exchange(request)))
    }

    fn is_replay(&self) -> bool {
        true
    }

    fn now(&self) -> Timestamp {
        self.index.newest().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The recordings of a file, or of those in a folder.
///
/// # Errors
/// [`ReplayError::Unreadable`] where the file or the folder, or a WACZ, cannot be read.
pub fn recordings(path: &Path) -> Result<Vec<Part>, ReplayError> {
    let unreadable = |path: &Path, source| ReplayError::Unreadable { path: path.to_owned(), source };
    let metadata = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
    let files = if metadata.is_dir() {
        warc::in_folder(path).collect::<Result<_, _>>().map_err(|error| unreadable(path, error))?
    } else {
        vec![path.to_owned()]
    };
    let mut parts = Vec::new();
    for file in files {
        if warc::is_wacz(&file.to_string_lossy()) {
            parts.extend(Wacz::open(&file).map_err(|source| unreadable(&file, source))?.parts);
        } else {
            parts.push(Part::of_file(&file));
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
