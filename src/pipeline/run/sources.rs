//! Sources of a run: which are asked, and what becomes of what one said.

use super::{Driver, flow::Flow, supply::Item, supply::Supply};
use crate::{
    fetch::Transport,
    pipeline::{
        Event, Input, PollFailure, Polled, Source, Works,
        poll::{self, Due},
    },
    store::StoreError,
};

impl Driver<'_> {
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
