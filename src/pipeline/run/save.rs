//! At a run's end the web archive is asked to save posts that were captured, if the user wants that. It never fails a run.

use super::Driver;
use crate::{
    http::{Exchange, Request},
    model::Failure,
    platforms::{self, memento},
    store::{Save, StoreError},
};
use std::{sync::Arc, time::Duration};

/// Posts that one run asks for; the others wait for the next.
const MAX_SAVES: usize = 100;

/// Between two requests to save: the Wayback Machine takes some fifteen a minute from a stranger (its own limit page, 2024).
const SAVE_DELAY: Duration = Duration::from_secs(5);

/// Bytes of the page that an archive answers with.
const MAX_SAVE_BYTES: u64 = 4 << 20;

impl Driver<'_> {
    /// Asks the web archive to save what it was not yet asked to save. It stops at a limit, and at the first question
    /// without an answer; what is left is asked for in a later run.
    ///
    /// # Errors
    /// The archive file can't be read or written.
    pub async fn save_now(&mut self) -> Result<(), StoreError> {
        let Some(mementos) = self.settings.mementos.clone().filter(|_| self.settings.save_now) else { return Ok(()) };
        if self.settings.dry_run {
            return Ok(());
        }
        let transport = Arc::clone(&self.transport);
        for (nth, post) in self.store.unsaved(MAX_SAVES)?.into_iter().enumerate() {
            if self.stopped() || mementos.pause(crate::fetch::Transport::now(transport.as_ref())).is_some() {
                break;
            }
            if nth > 0 {
                tokio::time::sleep(SAVE_DELAY).await;
            }
            let Some(url) = mementos.archive().save(&post.url) else { continue };
            let mut request = Request::get(url).without_redirects();
            request.max_bytes = Some(MAX_SAVE_BYTES);
            let exchange = crate::fetch::Transport::fetch(transport.as_ref(), request).await;
            let (memento, failure) = match &exchange.answer {
                Ok(answer) if answer.status < 400 => (memento::saved_as(answer), None),
                _ => (None, Some(platforms::failure(&exchange))),
            };
            if passes(failure.as_ref()) {
                mementos.note(failure.as_ref(), exchange.started_at);
                break;
            }
            let Exchange { started_at: asked_at, .. } = exchange;
            let failure = failure.as_ref().map(ToString::to_string);
            self.store.keep_save(self.summary.run, &Save { post, asked_at, memento, failure })?;
        }
        Ok(())
    }
}

/// Whether it may be otherwise later.
fn passes(failure: Option<&Failure>) -> bool {
    matches!(
        failure,
        Some(
            Failure::RateLimited { .. }
                | Failure::Resting { .. }
                | Failure::Network { .. }
                | Failure::Blocked
                | Failure::Http { status: 500.. }
        )
    )
}
