//! Posts of a run: which are due, and what becomes of one: written, counted, told, and the posts that it leads to.

use super::{
    Driver, FailedInput,
    supply::{Item, Supply},
};
use crate::{
    fetch::Transport,
    model::{Outcome, PostRef, State},
    pipeline::{
        Event, Schedule, Work, WorkBody,
        ladder::{Climbed, Wanted},
        tally,
    },
    store::{self, Due, StoreError},
};
use url::Url;

/// Articles taken from the queue in one run.
const MAX_DUE: usize = 10_000;

impl Driver<'_> {
    /// The articles that failed for a passing reason and are due, or that no run has reached.
    pub(super) fn due_articles(&mut self) -> Result<Vec<Item>, StoreError> {
        let due = self.store.due_articles(self.transport.now(), MAX_DUE)?;
        let items = due.into_iter().filter_map(|item| {
            let body = WorkBody::Url(Url::parse(&item.name).ok()?, None);
            let work = Work::new(item.name, body);
            Some(Item::Work(Box::new(work), item.source.into()))
        });
        Ok(items.collect())
    }

    /// The posts that are due and that this run has not begun.
    pub(super) fn due_posts(&mut self, limit: usize) -> Result<Vec<Item>, StoreError> {
        let now = self.transport.now();
        if let Some(keeper) = self.settings.media.as_ref().filter(|_| !self.skipped_queued) {
            let limits = keeper.limits();
            self.store.queue_skipped(limits.file_bytes, limits.post_bytes, now)?;
            self.skipped_queued = true;
        }
        let due = self.store.due(now, limit)?;
        let wanted = due.into_iter().map(|item| Wanted {
            quoted: Some((item.quoted, item.quoted_at.unwrap_or(now))).filter(|(quoted, _)| !quoted.is_empty()),
            attempts: item.attempts,
            // What another post quotes is as far from an article as it was.
            depth: u8::from(item.related),
            ..Wanted::named(item.post)
        });
        let wanted = wanted.filter(|wanted| self.claimed.insert(wanted.post.key()));
        Ok(wanted.map(|wanted| Item::Post(Box::new(wanted))).collect())
    }

    /// Known posts whose turn to be looked at again has come.
    pub(super) fn due_rechecks(&mut self) -> Result<Vec<Item>, StoreError> {
        let Schedule { posts, .. } = self.settings.schedule;
        let (waits, platforms) = (self.settings.schedule.steps(), &self.settings.platforms);
        let due = self.store.due_rechecks(self.transport.now(), &waits, platforms, posts)?;
        self.looks_again(due)
    }

    /// Looks again at these posts now. What an article quotes of them is kept already, so that rung is left out.
    ///
    /// # Errors
    /// The archive can't be read or written.
    pub async fn recheck(&mut self, due: Vec<Due>) -> Result<(), StoreError> {
        let looks = self.looks_again(due)?;
        let mut flow = self.flow();
        flow.add(Supply::of(looks));
        self.drive(flow).await
    }

    fn looks_again(&mut self, due: Vec<Due>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for Due { post, related } in due {
            let platforms = &self.settings.platforms;
            let allowed = platforms.is_empty() || platforms.contains(&post.platform);
            if allowed && self.claimed.insert(post.key()) {
                let attempts = self.store.post_status(&post)?.map_or(0, |status| status.attempts);
                let depth = u8::from(related);
                items.push(Item::Post(Box::new(Wanted { attempts, depth, recheck: true, ..Wanted::named(post) })));
            }
        }
        Ok(items)
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
        let is_settled = status.is_some_and(is_looked_at);
        if is_settled {
            // The queue may have it, and takes it up when it is due.
            self.claimed.remove(&post.key());
        }
        Ok(is_settled)
    }

    /// Writes one capture, counts it, tells about it, and says what it leads to.
    pub(super) fn keep(&mut self, climbed: Climbed) -> Result<Vec<Wanted>, StoreError> {
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
        self.keep_late_quotation(&wanted.post)?;
        let result = tally::result(self.store, before.as_ref(), &capture, &saved)?;
        if let Some(rung) = capture.rungs.first() {
            let was = before.map_or(State::Unknown, |before| before.state);
            self.drifts.note(&capture.post, &rung.outcome, was, result.change);
        }
        tally::count(&mut self.summary.posts, &capture, &result);
        let unanswered = capture.rungs.first().is_some_and(|rung| matches!(rung.outcome, Outcome::Failed(_)));
        if let Some(named) = self.named.remove(&wanted.post.key()).filter(|_| unanswered) {
            self.failed.push(FailedInput { input: named, reason: result.failure.clone().unwrap_or_default() });
        }
        let post = capture.post;
        self.news(move |tell| tell(&Event::Post { post: &post, result: &result }));
        let mut next = Vec::new();
        for post in capture.related {
            if !self.is_settled(&post)? {
                next.push(Wanted { depth: wanted.depth + 1, ..Wanted::named(post) });
            }
        }
        Ok(next)
    }
}
