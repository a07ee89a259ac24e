//! `embalm import`: posts from what people have already. Every post gets a snapshot with the label `import`, dated as the
//! export says; nothing is requested, and nothing is believed beyond "the export says so".
//!
//! | what | where |
//! |---|---|
//! | folder, ZIP, tar or file | `tree` |
//! | JSON entry by entry | `items` |
//! | a Bluesky repository | `repository` |
//! | long posts of X, which stand in a file of their own | `notes` |
//! | what entries mean | `platforms::imported` |
//! | which files are read, in which order | `sources` |

mod items;
mod notes;
mod repository;
mod sources;
mod tree;

use super::Stop;
use crate::{
    model::{MediaCounts, PostCounts, PostRef, Summary},
    platforms::imported::{Imported, ImportedPost},
    store::{CapturedMedia, FileBytes, Import, MediaFile, Store, StoreError},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
    time::Instant,
};
use tree::Tree;

/// The largest JSON file that is read, in bytes.
const MAX_JSON_BYTES: u64 = 4 << 30;

/// The largest file of a post, in bytes.
const MAX_MEDIA_BYTES: u64 = 900_000_000;

/// Files up to this size are kept in memory on their way into the archive, in bytes.
const MAX_HELD_BYTES: u64 = 8 << 20;

/// Posts that wait to be queued together.
const QUEUED_TOGETHER: usize = 500;

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// X's data export.
    X,
    /// An ActivityPub export, as Mastodon gives it.
    Mastodon,
    /// A Bluesky repository.
    Bluesky,
    /// Records of gallery-dl or auto-archiver.
    Records,
}

/// How an export is imported.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// Write nothing.
    pub dry_run: bool,
    /// Posts that are not for everybody too.
    pub private: bool,
    /// Queue every post, and those that are named alone, for the next run to ask their platforms.
    pub capture: bool,
    /// Leave files of posts out.
    pub no_media: bool,
}

/// What came of an import, as `embalm import --json` prints it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// The run; none in a dry run.
    pub run: Option<i64>,
    /// What the export is.
    pub kind: ExportKind,
    /// Its own date, where it says one; else that of its files.
    pub dated: Option<Timestamp>,
    /// Posts whose words were not imported before.
    pub new: u64,
    /// Posts imported before, with the same words.
    pub known: u64,
    /// Posts that are named alone: liked, bookmarked, or without words.
    pub named: u64,
    /// Posts queued for their platforms.
    pub queued: u64,
    /// What was left out on purpose, by reason.
    pub left: BTreeMap<String, u64>,
    /// Records that could not be read.
    pub broken: u64,
    /// Files whose bytes were stored.
    pub media_stored: u64,
    /// Files whose bytes were there already.
    pub media_deduplicated: u64,
    /// Files that the export names and does not have.
    pub media_missing: u64,
    /// Why it ended early, if it did.
    pub stopped: Option<String>,
}

/// What is heard of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ImportEvent {
    /// A post.
    Post {
        /// Its key.
        key: String,
        /// Not imported before.
        new: bool,
        /// Its files that came with it.
        media: usize,
    },
    /// A record that could not be read, and was passed over.
    Broken {
        /// The file in the export.
        file: String,
        /// The entry, from 1; none where the file itself is meant.
        entry: Option<usize>,
        /// Why.
        why: String,
    },
}

/// Why an import ended.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The export can't be read.
    #[error("reading {path} failed: {source}")]
    Read {
        /// As it was given.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is none that is known.
    #[error(
        "{path} is no export that is known: X (data/tweets.js), Mastodon (outbox.json), Bluesky (.car), and records of \
         gallery-dl or auto-archiver (.json, .jsonl, .csv) are"
    )]
    Unknown {
        /// As it was given.
        path: String,
    },
    /// The archive could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports an export; `tell` hears of every post and of what could not be read. Of two imports of the same export the
/// second adds nothing.
///
/// # Errors
/// [`ImportError`]; broken records are no error.
pub async fn import(
    store: &mut Store,
    path: &Path,
    options: &ImportOptions,
    stop: &Stop,
    tell: &mut (dyn FnMut(&ImportEvent) + Send),
) -> Result<ImportSummary, ImportError> {
    let named = path.display().to_string();
    let tree = Tree::open(path).map_err(|source| ImportError::Read { path: named.clone(), source })?;
    let kind = sources::kind(&tree).ok_or_else(|| ImportError::Unknown { path: named })?;
    let (began_at, began) = (Timestamp::now(), Instant::now());
    let run = if options.dry_run { None } else { Some(store.begin_run("import", began_at)?) };
    let summary = ImportSummary {
        run,
        kind,
        dated: None,
        new: 0,
        known: 0,
        named: 0,
        queued: 0,
        left: BTreeMap::new(),
        broken: 0,
        media_stored: 0,
        media_deduplicated: 0,
        media_missing: 0,
        stopped: None,
    };
    let mut job = Job { store, tree, options, stop, tell, summary, queue: Vec::new(), began_at, failed: None };
    if let Some(flaw) = job.tree.flaw.take() {
        job.broken(&path.file_name().unwrap_or_default().to_string_lossy(), None, flaw);
    }
    sources::read(&mut job).await;
    job.flush();
    let Job { summary, failed, .. } = job;
    if let Some(error) = failed {
        return Err(error.into());
    }
    if let Some(run) = run {
        let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let counts = Summary {
            run,
            posts: PostCounts { captured: summary.new, unchanged: summary.known, ..PostCounts::default() },
            media: MediaCounts {
                stored: summary.media_stored,
                deduplicated: summary.media_deduplicated,
                failed: summary.media_missing,
            },
            elapsed_ms,
            stopped: summary.stopped.clone(),
            ..Summary::default()
        };
        store.finish_run(&counts, Timestamp::now())?;
    }
    Ok(summary)
}

/// An import that goes on.
struct Job<'a> {
    store: &'a mut Store,
    tree: Tree,
    options: &'a ImportOptions,
    stop: &'a Stop,
    tell: &'a mut (dyn FnMut(&ImportEvent) + Send),
    summary: ImportSummary,
    queue: Vec<PostRef>,
    began_at: Timestamp,
    /// What ended it.
    failed: Option<StoreError>,
}

impl Job<'_> {
    /// Whether to go on: nobody asked to stop, and the archive can be written.
    fn goes_on(&mut self) -> bool {
        if self.summary.stopped.is_none() {
            self.summary.stopped = self.stop.reason().map(str::to_owned);
        }
        self.summary.stopped.is_none() && self.failed.is_none()
    }

    fn broken(&mut self, file: &str, entry: Option<usize>, why: impl Into<String>) {
        self.summary.broken += 1;
        (self.tell)(&ImportEvent::Broken { file: file.to_owned(), entry, why: why.into() });
    }

    /// Takes what an entry is. `dated` is when the export, or the entry's file, says so; `place` finds a file of the
    /// export by the names that the entry gives.
    fn take(&mut self, imported: Imported, dated: Option<Timestamp>, place: &dyn Fn(&Tree, &str) -> Option<usize>) {
        match imported {
            Imported::Left(why) => *self.summary.left.entry(why.to_owned()).or_default() += 1,
            Imported::Named(post) => {
                self.summary.named += 1;
                if self.options.capture {
                    self.queue.push(post);
                    if self.queue.len() >= QUEUED_TOGETHER {
                        self.flush();
                    }
                }
            }
            Imported::Post(post) => {
                if let Err(error) = self.post(*post, dated, place) {
                    self.failed = Some(error);
                }
            }
        }
    }

    fn post(
        &mut self,
        imported: ImportedPost,
        dated: Option<Timestamp>,
        place: &dyn Fn(&Tree, &str) -> Option<usize>,
    ) -> Result<(), StoreError> {
        let ImportedPost { post: content, files, dated: own } = imported;
        // A date to come is a mistake, and would stand above all that is really known.
        let dated = own.or(dated).filter(|at| *at <= self.began_at).unwrap_or(self.began_at);
        self.summary.dated = self.summary.dated.max(Some(dated));
        let mut media = Vec::new();
        for (url, names) in files {
            let Some(file) = names.iter().find_map(|name| place(&self.tree, name)) else {
                self.summary.media_missing += 1;
                continue;
            };
            let Some(described) = content.media.iter().find(|one| one.url == url) else { continue };
            if self.options.no_media || self.options.dry_run {
                continue;
            }
            match self.bytes(file) {
                Ok(bytes) => {
                    let note = Some("from an export; not what its address answered".to_owned());
                    let file = MediaFile { bytes, mime: None, url, obtained: None, note };
                    media.push(CapturedMedia { media: described.clone(), file: Ok(file) });
                }
                Err(error) => {
                    let name = self.tree.names().get(file).cloned().unwrap_or_default();
                    self.broken(&name, None, error.to_string());
                }
            }
        }
        let (key, count) = (content.post.key(), media.len());
        let new = match self.summary.run {
            None => !self.store.has_import(&content)?,
            Some(run) => {
                let asked = self.options.capture.then_some(self.began_at);
                let saved = self.store.save_import(run, &Import { content, media, dated, asked })?;
                self.summary.media_stored += saved.media_stored;
                self.summary.media_deduplicated += saved.media_deduplicated;
                saved.new
            }
        };
        self.summary.queued += u64::from(self.options.capture);
        if new {
            self.summary.new += 1;
        } else {
            self.summary.known += 1;
        }
        (self.tell)(&ImportEvent::Post { key, new, media: count });
        Ok(())
    }

    fn bytes(&mut self, file: usize) -> io::Result<FileBytes> {
        let (spooled, size_bytes) = self.tree.spool(file, MAX_MEDIA_BYTES)?;
        if size_bytes > MAX_HELD_BYTES {
            return Ok(FileBytes::Spooled { path: Arc::new(spooled.into_temp_path()), size_bytes });
        }
        let mut held = Vec::new();
        spooled.reopen()?.read_to_end(&mut held)?;
        Ok(FileBytes::Held(held))
    }

    /// Queues the posts that are named alone.
    fn flush(&mut self) {
        let named = std::mem::take(&mut self.queue);
        self.summary.queued += named.len() as u64;
        if !self.options.dry_run
            && let Err(error) = self.store.expect(&[], &named, self.began_at)
        {
            self.failed = Some(error);
        }
    }
}
