//! The archive: one SQLite file. All SQL of embalm is in this module.
//!
//! Nothing captured is ever overwritten: versions of articles and snapshots of posts are only added. What is worked
//! out from them (a post's state, the snapshot to show, the full-text index) is brought up to date in the same
//! transaction. `docs/schema.md` describes every table and view for people who read the file with other tools.
//!
//! | what | where |
//! |---|---|
//! | opening, creating, upgrading (with a copy first), refusing; whether it is still the one at its path | `open`, `migrations`, `beside`, `current` |
//! | transactions, and several writes in one of them | `group` |
//! | what each run added, sealed and chained | `entries` |
//! | bytes by digest, whole and in parts; raw exchanges | `blobs`, `stream`, `exchanges` |
//! | articles, their versions, the addresses that lead to them; the sources that name them | `articles`, `sources` |
//! | posts, their aliases, their state, what to show | `posts` |
//! | captures: looks, snapshots, media | `captures`, `files`, `media`, `signed` |
//! | what to try again, what to look at again; runs | `queue`, `rechecks`, `runs` |
//! | the full-text index: what writes it | `index` |
//! | hosts that are left alone, and their robots.txt | `hosts` |
//! | old answers read again by newer parsers | `reparse` |
//! | a copy while a run goes on; everything of another archive | `backup`, `merge` |
//! | what must not be shown; what is no longer wanted | `redact`, `prune` |
//! | what an export of another archive says, put back | `restore` |
//! | whether the file is whole; platforms run by run | `health` |
//! | every bit of it against what was stored | `verify` |
//! | reading it back, and taking it out | `query` |
//! | lines sorted outside of memory | `sorter` |

mod articles;
mod backup;
mod beside;
mod blobs;
mod captures;
mod columns;
mod current;
mod disk;
mod entries;
mod error;
mod exchanges;
mod expected;
mod failures;
mod files;
mod group;
mod health;
mod hosts;
mod imports;
mod index;
mod media;
mod merge;
mod migrations;
mod open;
mod posts;
mod prune;
mod query;
mod queue;
mod rechecks;
mod redact;
mod reparse;
mod restore;
mod runs;
mod saves;
mod signed;
mod sorter;
mod sources;
mod stamps;
mod stream;
mod verify;

pub use crate::model::{MATCH_END, MATCH_START};
pub use articles::{
    ArticleLook, BodyFrom, Change, KnownArticle, Leads, LookFound, NewArticle, OverTime, PageKind, SavedArticle,
    StoredVersion,
};
pub use backup::BackedUp;
pub use beside::copies;
pub use captures::{Capture, Rung, RungResult, SavedCapture};
pub use disk::free_bytes;
pub use entries::{Provable, Proving};
pub use error::StoreError;
pub use files::{CapturedMedia, FileBytes, MediaFile, MissingFile, Skipped, SkippedBy};
pub use health::ArchiveHealth;
pub use imports::{Import, SavedImport};
pub use merge::{Merged, Merging};
pub use migrations::KNOWN as SCHEMA_VERSION;
pub use posts::PostStatus;
pub use prune::{Again, Keep, Prunable, PrunableFiles, Pruned, PrunedKind, Pruning, before};
pub use query::{
    ARTICLES_OF_A_POST, Candidates, Cell, Column, ColumnKind, Filter, KnownParts, Outgoing, OutgoingAnswer,
    OutgoingExchange, OutgoingFile, OutgoingPage, OutgoingRecord, PostName, Rows, TABLES, Table, TableChoice,
    TableReader, Wanted, WrittenPayload, given,
};
pub use queue::{ArticleQueueItem, ArticleRetry, QueueItem, Queued, Retry};
pub use rechecks::{Due, Known, MAX_STEPS};
pub use redact::{Lift, Redaction};
pub use reparse::{Better, StoredLook};
pub use restore::{ArticleStanding, UnchangedLook, told_failure};
pub use saves::Save;
pub use sorter::Sorter;
pub use sources::{Named, SourceDocument, SourceRow, SourceState};
pub use stamps::Unstamped;
pub use stream::{Interrupter, STREAM_PART_BYTES, StoredFile};
pub use verify::{CHECKS, MAX_FAULTS, Verified, Verifying, Witness};

use group::Transaction;
use rusqlite::Connection;
use std::path::PathBuf;

/// An open archive. One writer; reading goes on beside it.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    writable: bool,
    standing: Option<current::Standing>,
}
