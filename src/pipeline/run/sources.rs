//! Sources of a run: which are asked, and what becomes of what one said; and what a user names in their place.

use super::{Driver, FailedInput, flow::Flow, supply::Item, supply::Supply};
use crate::{
    fetch::Transport,
    pipeline::{
        Event, Input, InputError, PollFailure, Polled, Source, Work, Works, expand,
        input::name_of,
        poll::{self, Due},
        recordings::{self, Recordings},
    },
    store::StoreError,
};

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

/// What is said of a file or folder that a run may have left unread: reading it again does no harm.
const MAYBE_READ: &str = "the run stopped, maybe before the end of it";

impl Driver<'_> {
    /// Archives what a user names. Where the run stops before the end, addresses that it has not reached wait in the
    /// archive's queue, and all else is told as failed, so that it can be named again.
    ///
    /// # Errors
    /// As [`Driver::articles`].
    pub async fn named(&mut self, inputs: Vec<Result<Input, InputError>>) -> Result<(), StoreError> {
        self.archive_named(inputs, false).await
    }

    /// Goes on with what a user has named before: what has been looked at is left out, and what waits in the archive's
    /// queue and is due is taken up.
    ///
    /// # Errors
    /// As [`Driver::articles`].
    pub async fn resumed(&mut self, inputs: Vec<Result<Input, InputError>>) -> Result<(), StoreError> {
        self.archive_named(inputs, true).await
    }

    async fn archive_named(&mut self, inputs: Vec<Result<Input, InputError>>, resumes: bool) -> Result<(), StoreError> {
        let inputs = self.look_through(inputs).await?;
        let mut flow = self.flow();
        let works = |inputs| -> Works {
            let once = move |work: Result<Work, _>| work.map(|work| Work { once: work.once || resumes, ..work });
            Box::new(works(inputs).map(once))
        };
        if resumes && !self.settings.dry_run {
            flow.add(Supply::of(self.due_articles()?));
            flow.add(Supply::queue());
        }
        // In a replay everything keeps its order. Else what has to be read is read by a thread, which nobody waits for
        // at the end: an address among it would be lost with it.
        let is_address = |input: &Result<Input, InputError>| !matches!(input, Ok(Input::Path(_) | Input::Stdin));
        let (here, read): (Vec<_>, Vec<_>) =
            inputs.into_iter().partition(|input| flow.is_in_order() || is_address(input));
        flow.add(Supply::works(works(here), "add"));
        let files: Vec<Input> = read.iter().flatten().cloned().collect();
        if !read.is_empty() {
            flow.add(reading(&flow, works(read), "add"));
        }
        self.drive(flow).await?;
        if self.summary.stopped.is_some() {
            let left = files.iter().filter_map(|input| match input {
                Input::Path(path) => Some(FailedInput { input: name_of(path), reason: MAYBE_READ.to_owned() }),
                Input::Url(_) | Input::Line(_) | Input::Stdin => None,
            });
            self.failed.extend(left);
        }
        Ok(())
    }

    /// Looks through the recordings among the inputs: what embalm itself exported is put back at once, and what the others
    /// answer is at hand for the posts of their pages. Gives the inputs that are left to be read.
    async fn look_through(
        &mut self,
        inputs: Vec<Result<Input, InputError>>,
    ) -> Result<Vec<Result<Input, InputError>>, StoreError> {
        let paths = inputs.iter().filter_map(|input| match input {
            Ok(Input::Path(path)) => Some(path.clone()),
            _ => None,
        });
        let own = self.recordings(paths.collect()).await?;
        let rest = inputs.into_iter().flat_map(|input| match &input {
            Ok(Input::Path(path))
                if !own.is_empty() && recordings::named(path).iter().any(|file| own.contains(file)) =>
            {
                let others = recordings::named(path).into_iter().filter(|file| !own.contains(file));
                others.map(|file| Ok(Input::Path(file))).collect()
            }
            _ => vec![input],
        });
        Ok(rest.collect())
    }

    /// Looks through the recordings that these sources are.
    pub(super) async fn recordings_of(&mut self, sources: &[Source]) -> Result<(), StoreError> {
        let paths = sources.iter().filter_map(|source| match &source.place {
            Input::Path(path) => Some(path.clone()),
            _ => None,
        });
        self.recordings(paths.collect()).await.map(drop)
    }

    /// Looks through the recordings at these paths; gives those that embalm itself exported, which are put back.
    pub(super) async fn recordings(&mut self, paths: Vec<PathBuf>) -> Result<BTreeSet<PathBuf>, StoreError> {
        if self.transport.is_replay() {
            // Every answer comes from the recording that is replayed.
            let files: Vec<_> = paths.iter().flat_map(|path| recordings::named(path)).collect();
            let own = files.into_iter().filter(|file| Recordings::open(std::slice::from_ref(file)).own.contains(file));
            let own: Vec<_> = own.collect();
            return self.put_back(Recordings::open(&own)).await;
        }
        let looking = tokio::task::spawn_blocking(move || {
            let files: Vec<_> = paths.iter().flat_map(|path| recordings::named(path)).collect();
            (!files.is_empty()).then(|| Recordings::open(&files))
        });
        match looking.await {
            Ok(Some(recordings)) => {
                self.recorded = Some(Arc::clone(&recordings.replay)).filter(|replay| !replay.is_empty());
                self.put_back(recordings).await
            }
            _ => Ok(BTreeSet::new()),
        }
    }

    async fn put_back(&mut self, recordings: Recordings) -> Result<BTreeSet<PathBuf>, StoreError> {
        for InputError { input, reason } in recordings.flaws {
            self.failed(&input, &reason);
        }
        if !recordings.bundle.is_empty() {
            self.restore(recordings.bundle).await?;
        }
        Ok(recordings.own)
    }

    /// The sources that are due.
    pub(super) fn due_sources(&mut self, sources: &[Source]) -> Result<Supply, StoreError> {
        let agenda = poll::agenda(self.store, sources, self.transport.now())?;
        self.summary.sources.not_due = agenda.waiting.len() as u64;
        for (source, reason) in agenda.ailing() {
            self.source_ails = true;
            let source = source.to_owned();
            self.news(move |tell| tell(&Event::SourceFailed { source: &source, reason: &reason }));
        }
        Ok(asking(agenda.due))
    }

    /// These sources, due or not.
    pub(super) fn all_sources(&self, sources: &[Source]) -> Result<Supply, StoreError> {
        let due = sources.iter().map(|source| {
            let state = self.store.source_state(&source.name, &source.place())?;
            Ok(Due { source: source.clone(), state })
        });
        Ok(asking(due.collect::<Result<_, StoreError>>()?))
    }

    /// A source that was asked: what it names waits in the queue from now on, and is to be archived.
    pub(super) fn asked(
        &mut self,
        flow: &mut Flow,
        source: &Source,
        said: Result<Polled, PollFailure>,
    ) -> Result<(), StoreError> {
        let name = source.name.clone();
        let mut is_known = true;
        let kept = match said {
            Err(failure) => {
                self.source_failed = true;
                self.summary.sources.failed += 1;
                let kept = poll::keep_failure(self.store, source, &failure, self.settings.dry_run)?;
                self.news(move |tell| tell(&Event::SourceFailed { source: &name, reason: &failure.reason }));
                kept
            }
            Ok(mut polled) => {
                self.summary.sources.polled += 1;
                self.summary.sources.unchanged += u64::from(polled.unchanged);
                let (articles, note) = (polled.known, polled.note.take());
                is_known = articles.is_some();
                self.news(move |tell| tell(&Event::Polled { source: &name, articles, note: note.as_deref() }));
                poll::keep(self.store, source, polled, self.settings.dry_run)?
            }
        };
        self.source_ails |= kept.ails;
        flow.add(asking(kept.sources));
        let local = !matches!(source.place, Input::Url(_));
        let works = kept.works;
        let works = if is_known { Supply::works(works, &source.name) } else { reading(flow, works, &source.name) };
        flow.add(works.local(local));
        Ok(())
    }
}

fn asking(due: Vec<Due>) -> Supply {
    Supply::of(due.into_iter().map(|due| Item::Poll(Box::new(due))))
}

/// Work that may take long to name: a thread reads it ahead, where its order with other work need not be kept.
pub(super) fn reading(flow: &Flow, works: Works, source: &str) -> Supply {
    if flow.is_in_order() { Supply::works(works, source) } else { Supply::read_ahead(works, source, &flow.arrivals) }
}

/// The work of what a user names, in order.
fn works(inputs: Vec<Result<Input, InputError>>) -> Works {
    let expanded = inputs.into_iter().flat_map(|input| match input.and_then(|input| expand(&input)) {
        Ok(works) => works,
        Err(error) => Box::new(std::iter::once(Err(error))),
    });
    Box::new(expanded)
}
