//! Posts of a run: captured level by level, written, counted, told.

use super::Driver;
use crate::{
    model::{Outcome, PostRef},
    pipeline::{
        Event, Work, WorkBody,
        ladder::{self, Climbed, Wanted},
        tally,
    },
    store::{self, StoreError},
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use std::sync::Arc;
use url::Url;

/// Posts taken from the queue in one run.
const MAX_DUE: usize = 10_000;

impl Driver<'_> {
    /// Tries again what failed for a passing reason and is due.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn queue(&mut self) -> Result<(), StoreError> {
        if self.settings.dry_run || self.stopped() {
            return Ok(());
        }
        let now = Timestamp::now();
        for item in self.store.due_articles(now, MAX_DUE)? {
            let Ok(url) = Url::parse(&item.name) else { continue };
            let work = Work { name: item.name, body: WorkBody::Url(url, None), once: true };
            self.articles(std::iter::once(Ok(work)), &item.source).await?;
        }
        let due = self.store.due(now, MAX_DUE)?;
        let wanted = due.into_iter().map(|item| Wanted {
            post: item.post,
            quoted: Some((item.quoted, item.quoted_at.unwrap_or(now))).filter(|(quoted, _)| !quoted.is_empty()),
            attempts: item.attempts,
            // What another post quotes is as far from an article as it was.
            depth: u8::from(item.related),
        });
        let wanted: Vec<_> = wanted.filter(|wanted| self.claimed.insert(wanted.post.key())).collect();
        self.capture(wanted).await
    }

    /// Whether a post needs no look now: taken in this run, or looked at before; what failed then waits in the queue.
    pub(super) fn is_settled(&mut self, post: &PostRef) -> Result<bool, StoreError> {
        if !self.claimed.insert(post.key()) {
            return Ok(true);
        }
        let status = self.store.post_status(post)?;
        // What had no route may have one by now: a platform that was switched off, or that an older version did not know.
        let is_looked_at = |status: store::PostStatus| {
            status.last_looked_at.is_some() && (!status.had_no_route || post.is_provisional())
        };
        Ok(status.is_some_and(is_looked_at))
    }

    /// Captures posts, then the posts that they quote or answer, level by level.
    pub(super) async fn capture(&mut self, mut wanted: Vec<Wanted>) -> Result<(), StoreError> {
        while !wanted.is_empty() && !self.settings.dry_run {
            let transport = Arc::clone(&self.transport);
            let settings = self.settings.clone();
            let climbs = std::mem::take(&mut wanted).into_iter().map(|wanted| {
                let (transport, settings) = (Arc::clone(&transport), &settings);
                async move { ladder::climb(transport.as_ref(), settings, wanted).await }
            });
            let mut climbing = stream::iter(climbs).buffered(self.settings.concurrency);
            let mut related = Vec::new();
            while let Some(climbed) = climbing.next().await {
                related.extend(self.keep(climbed)?);
                if self.stopped() {
                    return Ok(());
                }
            }
            wanted = related;
        }
        Ok(())
    }

    /// Writes one capture, counts it, tells about it, and says what it leads to.
    fn keep(&mut self, climbed: Climbed) -> Result<Vec<Wanted>, StoreError> {
        let Climbed { wanted, adopted, capture } = climbed;
        if let Some(real) = &adopted {
            self.store.adopt(&wanted.post, real)?;
        }
        let saved = self.store.save_capture(self.summary.run, &capture)?;
        self.summary.media.stored += saved.media_stored;
        self.summary.media.deduplicated += saved.media_deduplicated;
        let files = capture.rungs.iter().flat_map(|rung| &rung.media);
        self.summary.media.failed += files.filter(|media| media.file.is_err()).count() as u64;
        let result = tally::result(self.store, &capture, &saved)?;
        self.drifted |= result.drifted;
        tally::count(&mut self.summary.posts, &capture, &result);
        let unanswered = capture.rungs.first().is_some_and(|rung| matches!(rung.outcome, Outcome::Failed(_)));
        if let Some(named) = self.named.get(&wanted.post.key()).filter(|_| unanswered) {
            self.failed.push(named.clone());
        }
        (self.observe)(&Event::Post { post: &capture.post, result: &result });
        let mut next = Vec::new();
        for post in capture.related {
            if !self.is_settled(&post)? {
                next.push(Wanted { post, quoted: None, attempts: 0, depth: wanted.depth + 1 });
            }
        }
        Ok(next)
    }
}
