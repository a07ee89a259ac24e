//! Sources of a run: which are asked, and what becomes of what one said; and what a user names in their place.

use super::{Driver, FailedInput, flow::Flow, supply::Item, supply::Supply};
use crate::{
    fetch::Transport,
    pipeline::{
        Event, Input, InputError, PollFailure, Polled, Source, Works, expand,
        input::name_of,
        poll::{self, Due},
    },
    store::StoreError,
};

/// What is said of a file or folder that a run may have left unread: reading it again does no harm.
const MAYBE_READ: &str = "the run stopped, maybe before the end of it";

impl Driver<'_> {
    /// Archives what a user names. Where the run stops before the end, addresses that it has not reached wait in the
    /// archive's queue, and all else is told as failed, so that it can be named again.
    ///
    /// # Errors
    /// As [`Driver::articles`].
    pub async fn named(&mut self, inputs: Vec<Result<Input, InputError>>) -> Result<(), StoreError> {
        let mut flow = self.flow();
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
                Input::Url(_) | Input::Stdin => None,
            });
            self.failed.extend(left);
        }
        Ok(())
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
