//! One run: articles in, their posts captured, everything written as it comes, and a truthful count at the end.
//!
//! `flow` leads articles through it, `articles` writes one, `posts` captures and writes what they embed, `save` asks a web
//! archive to save them; all are the driver's.

mod articles;
mod flow;
mod posts;
mod save;
mod sources;

use super::{Drifts, Event, Settings, Stop, hosts, input::Names};
use crate::{
    fetch::{Transport, meter::Meter},
    model::Summary,
    store::{Store, StoreError},
};
use jiff::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

/// A run under way.
pub struct Driver<'a> {
    store: &'a mut Store,
    transport: Arc<Meter>,
    settings: Settings,
    stop: Stop,
    observe: Box<dyn FnMut(&Event<'_>) + 'a>,
    summary: Summary,
    claimed: HashSet<String>,
    /// How an article or post is named in an input, where that is not its name in the archive.
    named: HashMap<String, String>,
    names: Names,
    failed: Vec<String>,
    drifts: Drifts,
    source_failed: bool,
    source_ails: bool,
    /// Posts are looked at for news alone: what was skipped of them for its size stays so.
    rechecking: bool,
    looked_at: u64,
    started: Instant,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// The counts.
    pub summary: Summary,
    /// Inputs that failed, as they were given.
    pub failed: Vec<String>,
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
        transport.remember(&|| hosts::Hosts::open(store.path(), !settings.dry_run));
        let run =
            if settings.dry_run { 0 } else { store.begin_run_as_of(command, Timestamp::now(), transport.now())? };
        let mut observe: Box<dyn FnMut(&Event<'_>) + 'a> = Box::new(observe);
        observe(&Event::Started { run, command, archive: store.path() });
        Ok(Self {
            store,
            transport,
            settings,
            stop,
            observe,
            summary: Summary { run, ..Summary::default() },
            claimed: HashSet::new(),
            named: HashMap::new(),
            names: Names::default(),
            failed: Vec::new(),
            drifts: Drifts::default(),
            source_failed: false,
            source_ails: false,
            rechecking: false,
            looked_at: 0,
            started: Instant::now(),
        })
    }

    /// Ends the run: its counts are written, and returned.
    ///
    /// # Errors
    /// The archive can't be written.
    pub fn finish(mut self) -> Result<Finished, StoreError> {
        self.summary.requests = self.transport.requests();
        self.summary.downloaded_bytes = self.transport.bytes();
        self.summary.elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
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
            let over_bytes = self.settings.max_bytes.is_some_and(|limit| self.transport.bytes() >= limit);
            let over_articles = self.settings.max_articles.is_some_and(|limit| self.looked_at >= limit);
            let reason = self.stop.reason();
            let reason = reason.or(over_bytes.then_some("byte budget")).or(over_articles.then_some("article budget"));
            self.summary.stopped = reason.map(str::to_owned);
        }
        self.summary.stopped.is_some()
    }
}
