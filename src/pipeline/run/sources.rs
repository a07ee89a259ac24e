//! Sources of a run: those that are due are asked, and what they name is archived.

use super::Driver;
use crate::{
    fetch::Transport,
    pipeline::{
        Event, Source,
        poll::{self, Due},
    },
    store::StoreError,
};
use std::collections::VecDeque;

impl Driver<'_> {
    /// Asks the sources that are due, and archives what they name.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn sources(&mut self, transport: &dyn Transport, sources: &[Source]) -> Result<(), StoreError> {
        let agenda = poll::agenda(self.store, sources, transport.now())?;
        for (source, reason) in agenda.ailing() {
            self.source_ails = true;
            (self.observe)(&Event::SourceFailed { source, reason: &reason });
        }
        self.summary.sources.not_due = agenda.waiting.len() as u64;
        let mut due = VecDeque::from(agenda.due);
        while let Some(Due { source, state }) = due.pop_front() {
            if self.stopped() {
                break;
            }
            let name = &source.name;
            let kept = match poll::poll(transport, &source, &state).await {
                Err(failure) => {
                    self.source_failed = true;
                    self.summary.sources.failed += 1;
                    (self.observe)(&Event::SourceFailed { source: name, reason: &failure.reason });
                    poll::keep_failure(self.store, &source, &failure, self.settings.dry_run)?
                }
                Ok(polled) => {
                    self.summary.sources.polled += 1;
                    let (articles, note) = (polled.known, polled.note.as_deref());
                    (self.observe)(&Event::Polled { source: name, articles, note });
                    poll::keep(self.store, &source, polled, self.settings.dry_run)?
                }
            };
            self.source_ails |= kept.ails;
            due.extend(kept.sources);
            self.articles(kept.works, name).await?;
        }
        Ok(())
    }
}
