//! Files of posts as a capture brings them: their bytes, or why they could not be had.

use crate::model::{Media, Obtained};
use std::sync::Arc;
use tempfile::TempPath;

/// A file as the ladder brought it.
#[derive(Clone, Debug)]
pub struct CapturedMedia {
    /// As the post names it.
    pub media: Media,
    /// Its bytes, or why they could not be had.
    pub file: Result<MediaFile, MissingFile>,
}

/// The bytes of a file.
#[derive(Clone, Debug)]
pub struct MediaFile {
    /// The whole of them.
    pub bytes: FileBytes,
    /// As they say themselves; it is looked at again when they are stored.
    pub mime: Option<String>,
    /// The URL that answered.
    pub url: String,
    /// How they were had, where they are not what that URL answered.
    pub obtained: Option<Obtained>,
    /// What a person should know of them, such as that a browser may not play them.
    pub note: Option<String>,
}

impl MediaFile {
    /// A file that is what a URL answered.
    #[must_use]
    pub fn new(url: String, bytes: Vec<u8>) -> Self {
        Self { bytes: FileBytes::Held(bytes), mime: None, url, obtained: None, note: None }
    }
}

/// Where the bytes of a file wait to be stored.
#[derive(Clone, Debug)]
pub enum FileBytes {
    /// In memory.
    Held(Vec<u8>),
    /// In a temporary file, which goes with the last copy of this.
    Spooled {
        /// The file.
        path: Arc<TempPath>,
        /// Its size.
        size_bytes: u64,
    },
    /// In the archive already: their SHA-256 in hex.
    Stored(String),
}

impl FileBytes {
    /// How many there are to store; none where they are stored.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Spooled { size_bytes, .. } => *size_bytes,
            Self::Stored(_) => 0,
        }
    }

    /// Whether there are none to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Why the bytes of a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFile {
    /// In words for a person.
    pub reason: String,
    /// A limit that kept it out; it can be fetched when the limit allows.
    pub skipped: Option<Skipped>,
}

impl MissingFile {
    /// A file that a limit kept out.
    #[must_use]
    pub fn skipped(limit: Skipped) -> Self {
        let Skipped { by, limit_bytes } = limit;
        let reason = format!("skipped: over the limit of {limit_bytes} bytes for {}", by.words());
        Self { reason, skipped: Some(limit) }
    }
}

impl From<String> for MissingFile {
    fn from(reason: String) -> Self {
        Self { reason, skipped: None }
    }
}

/// A limit that kept a file out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Whose limit.
    pub by: SkippedBy,
    /// The limit as it was.
    pub limit_bytes: u64,
}

impl Skipped {
    /// The limit of one file.
    #[must_use]
    pub fn file(limit_bytes: u64) -> Self {
        Self { by: SkippedBy::File, limit_bytes }
    }

    /// The limit of all files of a post.
    #[must_use]
    pub fn post(limit_bytes: u64) -> Self {
        Self { by: SkippedBy::Post, limit_bytes }
    }

    /// The limit of all files of a run.
    #[must_use]
    pub fn run(limit_bytes: u64) -> Self {
        Self { by: SkippedBy::Run, limit_bytes }
    }
}

/// Whose limit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SkippedBy {
    /// `[capture] max_media_bytes`.
    File,
    /// `[capture] max_post_media_bytes`.
    Post,
    /// `[capture] max_run_media_bytes`.
    Run,
}

impl SkippedBy {
    /// As SQL writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Post => "post",
            Self::Run => "run",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::File => "one file",
            Self::Post => "the files of one post",
            Self::Run => "the files of one run",
        }
    }
}
