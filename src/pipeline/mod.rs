//! The driver: the only place that knows both fetch and store. It reads articles, captures their posts, and writes
//! each result in one transaction before it tells anybody about it.
//!
//! `input` turns what a user names into work, `poll` does so for configured sources, `article` makes an article of
//! bytes, `bundle` finds what embalm's own exports say, `beside` adds what the feed carries of it, `whole` its further pages, `resolve` follows short links, `capture` runs a platform's plan, `ladder` climbs down to a web archive's copies
//! (`memento`) and to what the article quotes, `ordered` searches many documents on all cores, `media` fetches files, `retry`
//! says when to try again, `recheck` when to look at a known post again, `revisit` at a known article, `reparse` reads old answers again,
//! `recordings` looks through the
//! recordings that a user names, `hosts` remembers for politeness, `problems` finds what needs a person, `healthcheck` tells a
//! watchdog, `drift` judges platforms by their answers, `doctor` examines everything, `tally` counts, `run` joins them.

mod article;
mod beside;
mod bundle;
mod capture;
mod doctor;
mod drift;
mod healthcheck;
mod hosts;
mod import;
mod input;
mod ladder;
mod lock;
mod media;
mod memento;
mod ordered;
mod poll;
mod problems;
mod recheck;
mod recordings;
mod reparse;
mod resolve;
mod retry;
mod revisit;
mod run;
mod stamp;
mod stop;
mod tally;
mod whole;

pub use article::{Document, Prepared, prepare};
pub use beside::Content;
pub use doctor::{Check, Health, examine, helper, patients, probe};
pub use drift::{Answers, Drifts};
pub use healthcheck::{PING_TIME, Ping, ping};
pub use import::{ExportKind, ImportError, ImportEvent, ImportOptions, ImportSummary, import};
pub use input::{
    Input, InputError, MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, MAX_SKIPPED_BYTES, Work, WorkBody, Works, as_line, expand,
    local_document, read_document,
};
pub use lock::{Holder, Lock, LockError, settle};
pub use media::{MediaKeeper, MediaLimits, Tools};
pub use memento::Mementos;
pub use ordered::{Bounds, Ordered, Turn};
pub use poll::{
    Agenda, Due, FAILURES_TO_TELL, Found, Kept, PollFailure, Polled, Source, SourceKind, Survey, agenda, keep,
    keep_failure, poll, source_problems, survey,
};
pub use problems::{LOW_DISK_BYTES, look_around, problems};
pub use recheck::Schedule;
pub use reparse::{ReparseSummary, Reread, reparse};
pub use retry::Backoff;
pub use revisit::Revisits;
pub use run::{DISK_NEARLY_FULL, Driver, FailedInput, Finished};
pub use stamp::{Stamping, stamp};
pub use stop::Stop;

use crate::{
    detect::CutShort,
    model::{Embed, PostRef, State, Via},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{path::Path, sync::Arc, time::Duration};

/// What a run may do and how far.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Requests under way at once,
    pub concurrency: usize,
    /// and of one host.
    pub per_host: usize,
    /// For one article, or for one post with its files; what is not done by then is tried again later.
    pub item_time: Option<Duration>,
    /// Only these platforms' posts are captured; empty means all.
    pub platforms: Vec<String>,
    /// Keeps files of posts; none where they are not wanted.
    pub media: Option<Arc<MediaKeeper>>,
    /// How far quoted and answered posts are followed.
    pub quoted_depth: u8,
    /// When known posts are looked at again.
    pub schedule: Schedule,
    /// When known articles are looked at again.
    pub revisits: Revisits,
    /// Pages of one article that are read; 1 reads the first alone.
    pub article_pages: usize,
    /// When what could not be had is tried again.
    pub backoff: Backoff,
    /// Whether answers that are known are asked for conditionally. A recording wants whole answers.
    pub conditional: bool,
    /// The web archive that is asked for posts that their platform does not show.
    pub mementos: Option<Arc<Mementos>>,
    /// Whether that archive is asked to save the posts that were captured.
    pub save_now: bool,
    /// The run stops after this long,
    pub max_time: Option<Duration>,
    /// after this many downloaded bytes,
    pub max_bytes: Option<u64>,
    /// after this many requests,
    pub max_requests: Option<u64>,
    /// where less than this is free on the archive's disk, in bytes,
    pub min_free_bytes: Option<u64>,
    /// or after this many articles.
    pub max_articles: Option<u64>,
    /// Say what would be done, and do none of it.
    pub dry_run: bool,
}

/// How an article stands after it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Never seen before.
    New,
    /// Seen, with other content now.
    Changed,
    /// As before; nothing was written.
    Unchanged,
}

/// How much work a run knows of.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Sources, articles and due posts at hand that wait. A source may name more.
    pub at_hand: usize,
    /// Posts of articles that were just archived, waiting.
    pub posts: usize,
    /// Each host, and each platform with its host, that has work under way, and how much that is.
    pub busy: &'a [(&'a str, usize)],
}

/// What happens in a run, as it happens, for whoever tells the user.
#[derive(Debug)]
pub enum Event<'a> {
    /// A run has begun.
    Started {
        /// Its number; 0 of a dry run.
        run: i64,
        /// Its command.
        command: &'a str,
        /// The archive.
        archive: &'a Path,
    },
    /// So many more posts are to be looked at.
    Wanted {
        /// How many.
        posts: u64,
    },
    /// Work was begun or done.
    Progress(&'a Progress<'a>),
    /// A source was asked.
    Polled {
        /// The source's name.
        source: &'a str,
        /// Articles named, where that is known without walking a folder.
        articles: Option<usize>,
        /// Something a person should know, such as an empty feed.
        note: Option<&'a str>,
    },
    /// A source could not be read.
    SourceFailed {
        /// The source's name.
        source: &'a str,
        /// What was attempted and why it failed.
        reason: &'a str,
    },
    /// An article is archived (or was already).
    Article {
        /// URL or path as given.
        name: &'a str,
        /// Its headline.
        title: &'a str,
        /// What is new about it.
        change: Change,
        /// What was found in it.
        embeds: &'a [Embed],
        /// Limits that it went over, so that it may embed more.
        cut_short: &'a [CutShort],
    },
    /// An article could not be had or read.
    ArticleFailed {
        /// URL or path as given.
        name: &'a str,
        /// What was attempted and why it failed.
        reason: &'a str,
    },
    /// A post is archived as far as it could be had.
    Post {
        /// The post.
        post: &'a PostRef,
        /// What came of it.
        result: &'a PostResult,
    },
}

/// How a post stands after it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PostChange {
    /// The platform had said nothing of it before, or a better rung answers now.
    New,
    /// As before.
    Unchanged,
    /// It says something else now.
    Edited,
    /// It was there, and is no more.
    Gone,
    /// It was shown, or for another reason not shown.
    Withheld,
    /// It was gone or withheld, and is shown again.
    Returned,
    /// Nothing could be learnt.
    Failed,
}

/// What came of one post in a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PostResult {
    /// What is known of it now.
    pub state: State,
    /// The best rung that gave content this time.
    pub via: Option<Via>,
    /// The author and the first words, where there is content.
    pub shown: Option<(String, String)>,
    /// Files stored or already there.
    pub media: u64,
    /// The content is as it was at the last look.
    pub unchanged: bool,
    /// What is new about it.
    pub change: PostChange,
    /// When it was first seen to be in its state.
    pub state_since: Option<Timestamp>,
    /// When the platform last showed it.
    pub last_seen_at: Option<Timestamp>,
    /// Why the platform gave nothing, in words for a person.
    pub failure: Option<String>,
}
