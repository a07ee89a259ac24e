//! One run: articles in, their posts captured, everything written as it comes, and a truthful count at the end.
//!
//! `drive` leads the stream: `supply` is where work comes from, `flow` what waits and what is under way, `lanes` how much
//! of it goes to one host, `job` the parts that take time. `articles` writes an article, `looks` judges
//! what is known of one, `fed` what its feed carries of it, `posts` a post, `restore` puts back what an export of
//! another archive holds, `save` asks a web
//! archive to save them.

mod articles;
mod drive;
mod fed;
mod flow;
mod job;
mod lanes;
mod looks;
mod posts;
mod restore;
mod save;
mod sources;
mod supply;

use super::{Drifts, Event, Settings, Stop, hosts, input::Names};
use crate::{
    fetch::{Transport, manners::Politeness, meter::Meter, replay::Replay},
    model::{PolitenessCounts, Quoted, Summary},
    store::{ArticleLook, Store, StoreError},
};
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

/// Why a run stops before it would do harm.
pub const DISK_NEARLY_FULL: &str = "disk nearly full";

/// Something to tell, with all that it speaks of.
type News = Box<dyn FnOnce(&mut dyn FnMut(&Event<'_>)) + Send>;

/// A run under way.
pub struct Driver<'a> {
    store: &'a mut Store,
    transport: Arc<Meter>,
    /// Recordings that the user named.
    recorded: Option<Arc<Replay>>,
    settings: Settings,
    stop: Stop,
    observe: Box<dyn FnMut(&Event<'_>) + 'a>,
    summary: Summary,
    claimed: HashSet<String>,
    /// How an article or post is named in an input, where that is not its name in the archive.
    named: HashMap<String, String>,
    /// What articles quote of posts that are being looked at.
    quotations: HashMap<String, (Quoted, Timestamp)>,
    names: Names,
    failed: Vec<FailedInput>,
    drifts: Drifts,
    source_failed: bool,
    source_ails: bool,
    /// Posts whose files were skipped, and for which there is room now, are in the queue.
    skipped_queued: bool,
    /// Posts beyond what is kept in memory are left to the archive's queue, and taken from there.
    spills: bool,
    /// What is to be told when it is committed.
    untold: Vec<News>,
    looked_at: u64,
    /// Looks at known articles that brought nothing new, to be noted.
    looks: Vec<ArticleLook>,
    started: Instant,
}

/// An input that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedInput {
    /// As it was given.
    pub input: String,
    /// Why, in words for a person.
    pub reason: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// The counts.
    pub summary: Summary,
    /// Inputs that failed, as they were given.
    pub failed: Vec<FailedInput>,
    /// How platforms answered, and whether an adapter has drifted.
    pub drifts: Drifts,
    /// A source could not be read.
    pub source_failed: bool,
    /// A person should look after a source: it failed several times in a row, or its site says that it is gone.
    pub source_ails: bool,
}

impl<'a> Driver<'a> {
    /// Begins a run in the archive.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn begin(
        store: &'a mut Store,
        transport: Arc<Meter>,
        settings: Settings,
        stop: Stop,
        command: &str,
        observe: impl FnMut(&Event<'_>) + 'a,
    ) -> Result<Self, StoreError> {
        if let Some(keeper) = &settings.media {
            keeper.look_in(store.path());
            keeper.heed(&stop);
        }
        transport.limit(settings.max_bytes, settings.max_requests);
        transport.remember(&|| hosts::Hosts::open(store.path(), !settings.dry_run));
        let run =
            if settings.dry_run { 0 } else { store.begin_run_as_of(command, Timestamp::now(), transport.now())? };
        let mut observe: Box<dyn FnMut(&Event<'_>) + 'a> = Box::new(observe);
        observe(&Event::Started { run, command, archive: store.path() });
        Ok(Self {
            store,
            transport,
            recorded: None,
            settings,
            stop,
            observe,
            summary: Summary { run, ..Summary::default() },
            claimed: HashSet::new(),
            named: HashMap::new(),
            quotations: HashMap::new(),
            names: Names::default(),
            failed: Vec::new(),
            drifts: Drifts::default(),
            source_failed: false,
            source_ails: false,
            skipped_queued: false,
            spills: command == "run",
            untold: Vec::new(),
            looked_at: 0,
            looks: Vec::new(),
            started: Instant::now(),
        })
    }

    /// Ends the run: its counts are written, and returned.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn finish(mut self) -> Result<Finished, StoreError> {
        self.tell();
        self.summary.requests = self.transport.requests();
        self.summary.downloaded_bytes = self.transport.bytes();
        self.summary.elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Politeness { robots_refused, hosts_rested, put_off, waited_ms, .. } = self.transport.politeness();
        self.summary.politeness = PolitenessCounts { robots_refused, hosts_rested, put_off, waited_ms };
        self.summary.hosts_left = self.transport.left_out();
        self.summary.queue = self.store.queue_counts(self.transport.now())?;
        self.summary.archive_bytes = self.store.size_bytes()?;
        if !self.settings.dry_run {
            self.store.finish_run(&self.summary, Timestamp::now())?;
        }
        let Self { summary, failed, drifts, source_failed, source_ails, .. } = self;
        Ok(Finished { summary, failed, drifts, source_failed, source_ails })
    }

    /// Whether to stop now; the reason goes into the summary.
    pub fn stopped(&mut self) -> bool {
        if self.summary.stopped.is_none() {
            let reason = self.stop.reason().or_else(|| self.transport.spent());
            let reason = reason.or_else(|| self.is_disk_nearly_full().then_some(DISK_NEARLY_FULL));
            self.summary.stopped = reason.map(str::to_owned);
        }
        self.summary.stopped.is_some()
    }

    fn is_disk_nearly_full(&self) -> bool {
        let floor = self.settings.min_free_bytes.filter(|_| !self.settings.dry_run);
        floor.is_some_and(|floor| crate::store::free_bytes(self.store.path()).is_some_and(|free| free < floor))
    }

    /// Keeps something to tell until it is committed.
    fn news(&mut self, news: impl FnOnce(&mut dyn FnMut(&Event<'_>)) + Send + 'static) {
        self.untold.push(Box::new(news));
    }

    /// Tells what has happened.
    fn tell(&mut self) {
        for news in self.untold.drain(..) {
            news(&mut *self.observe);
        }
    }
}
