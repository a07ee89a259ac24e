//! Posts of a run: captured level by level, written, counted, told.

use super::Driver;
use crate::{
    fetch::Transport,
    model::{Outcome, PostRef, State},
    pipeline::{
        Event, Schedule, Work, WorkBody,
        ladder::{self, Climbed, Wanted},
        tally,
    },
    store::{self, Due, StoreError},
};
use futures::{StreamExt, stream::FuturesOrdered};
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
        let now = self.transport.now();
        for item in self.store.due_articles(now, MAX_DUE)? {
            let Ok(url) = Url::parse(&item.name) else { continue };
            let work = Work { name: item.name, body: WorkBody::Url(url, None), once: false };
            self.articles(std::iter::once(Ok(work)), &item.source).await?;
        }
        if let Some(keeper) = &self.settings.media {
            let limits = keeper.limits();
            self.store.queue_skipped(limits.file_bytes, limits.post_bytes, now)?;
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

    /// Looks again at known posts whose turn has come.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn rechecks(&mut self) -> Result<(), StoreError> {
        if self.settings.dry_run || self.stopped() {
            return Ok(());
        }
        let Schedule { posts, .. } = self.settings.schedule;
        let (waits, platforms) = (self.settings.schedule.steps(), &self.settings.platforms);
        let due = self.store.due_rechecks(self.transport.now(), &waits, platforms, posts)?;
        self.recheck(due).await
    }

    /// Looks again at these posts now. What an article quotes of them is kept already, so that rung is left out.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn recheck(&mut self, due: Vec<Due>) -> Result<(), StoreError> {
        let mut wanted = Vec::new();
        for Due { post, related } in due {
            let platforms = &self.settings.platforms;
            let allowed = platforms.is_empty() || platforms.contains(&post.platform);
            if allowed && self.claimed.insert(post.key()) {
                let attempts = self.store.post_status(&post)?.map_or(0, |status| status.attempts);
                wanted.push(Wanted { post, quoted: None, attempts, depth: u8::from(related) });
            }
        }
        self.rechecking = true;
        let done = self.capture(wanted).await;
        self.rechecking = false;
        done
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
            (self.observe)(&Event::Wanted { posts: wanted.len() as u64 });
            let mut waiting = std::mem::take(&mut wanted).into_iter();
            let mut climbing = FuturesOrdered::new();
            loop {
                // What is known of a post is read when its turn comes, so that memory stays flat over any number.
                while climbing.len() < settings.concurrency.max(1)
                    && let Some(next) = waiting.next()
                {
                    let known = self.store.known(&next.post, self.rechecking)?;
                    climbing.push_back(ladder::climb(transport.as_ref(), &settings, next, known));
                }
                let Some(climbed) = climbing.next().await else { break };
                wanted.extend(self.keep(climbed)?);
                if self.stopped() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Writes one capture, counts it, tells about it, and says what it leads to.
    fn keep(&mut self, climbed: Climbed) -> Result<Vec<Wanted>, StoreError> {
        let Climbed { wanted, adopted, capture } = climbed;
        if let Some(real) = &adopted {
            self.store.adopt(&wanted.post, real)?;
        }
        let before = self.store.post_status(&capture.post)?;
        let saved = self.store.save_capture(self.summary.run, &capture)?;
        self.summary.media.stored += saved.media_stored;
        self.summary.media.deduplicated += saved.media_deduplicated;
        let files = capture.rungs.iter().flat_map(|rung| &rung.media);
        self.summary.media.failed += files.filter(|media| media.file.is_err()).count() as u64;
        let result = tally::result(self.store, before.as_ref(), &capture, &saved)?;
        if let Some(rung) = capture.rungs.first() {
            let was = before.map_or(State::Unknown, |before| before.state);
            self.drifts.note(&capture.post, &rung.outcome, was, result.change);
        }
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
