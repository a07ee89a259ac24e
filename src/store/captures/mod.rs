//! Captures: what each rung of the ladder brought, in one transaction. Content is only ever added.

mod look;
mod reparse;

pub(super) use look::Look;
pub(super) use reparse::Reparse;

use super::{
    Store, StoreError, Transaction,
    exchanges::Exchanges,
    files::CapturedMedia,
    media::Files,
    posts,
    queue::{self, Retry},
    redact,
};
use crate::{
    http::Exchange,
    model::{Outcome, Post, PostRef, Via},
};
use jiff::Timestamp;

/// One capture of one post: the rungs tried, and whether to come back.
#[derive(Clone, Debug)]
pub struct Capture {
    /// As it was asked for.
    pub post: PostRef,
    /// In the order in which they were tried.
    pub rungs: Vec<Rung>,
    /// `Some` queues the post (again), none takes it off the queue.
    pub retry: Option<Retry>,
    /// Quoted and answered posts whose content is not in the answer. Those that nobody has looked at are queued with
    /// the capture, so that a run killed right after it loses none; their own capture takes them off.
    pub related: Vec<PostRef>,
}

/// What one rung brought.
#[derive(Clone, Debug)]
pub struct Rung {
    /// When its answer was complete.
    pub captured_at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Which rung it is.
    pub via: Via,
    /// All requests and answers of it, oldest first. Those for media are left out.
    pub exchanges: Vec<Exchange>,
    /// The files that the post, and the posts inside it, name.
    pub media: Vec<CapturedMedia>,
}

/// What was kept of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCapture {
    /// One for each rung.
    pub results: Vec<RungResult>,
    /// Files whose bytes were new.
    pub media_stored: u64,
    /// Files whose bytes were there already.
    pub media_deduplicated: u64,
}

/// What was kept of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RungResult {
    /// A new snapshot, with its id.
    Stored(i64),
    /// A look, with its id, but no snapshot: the same as before, or a failure that says nothing of the post.
    Unchanged(i64),
}

impl Store {
    /// Keeps what a capture of a post brought: looks, snapshots, files, exchanges, the queue's change; all or nothing.
    /// An answer of the platform that names a more exact id than was asked for makes the asked one an alias of it.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_capture(&mut self, run: i64, capture: &Capture) -> Result<SavedCapture, StoreError> {
        self.write(&format!("keep the capture of {}", capture.post), |transaction| save(transaction, run, capture))
    }

    /// Keeps what one more article quotes of a post that was looked at before. Unlike a capture it says nothing of
    /// when to look again.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_quotation(
        &mut self,
        run: i64,
        post: &PostRef,
        content: &Post,
        read_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(&format!("keep what an article quotes of {post}"), |transaction| {
            let row = posts::ensure(transaction, post)?;
            if redact::is_redacted(transaction, row)? {
                return Ok(());
            }
            let exchanges = Exchanges::new(transaction, run, &[]);
            let via = Via::Quoted;
            let look =
                Look { transaction, run, at: read_at, via, exchanges: &exchanges, read_from: &[], reparse: None };
            look.found(row, content, &Files::store(transaction, &[])?, 0)?;
            posts::refresh(transaction, row)
        })
    }
}

fn save(transaction: &Transaction<'_>, run: i64, capture: &Capture) -> rusqlite::Result<SavedCapture> {
    let post = match exact(capture) {
        Some(exact) => posts::adopt(transaction, &capture.post, exact)?,
        None => posts::ensure(transaction, &capture.post)?,
    };
    if redact::is_redacted(transaction, post)? {
        // Whoever asked for it all the same: nothing of the answer is kept, and it is not asked again.
        queue::set_post(transaction, post, None, None)?;
        let results = capture.rungs.iter().map(|_| RungResult::Unchanged(0)).collect();
        return Ok(SavedCapture { results, media_stored: 0, media_deduplicated: 0 });
    }
    let mut saved = SavedCapture { results: Vec::new(), media_stored: 0, media_deduplicated: 0 };
    for rung in &capture.rungs {
        let files = Files::store(transaction, &rung.media)?;
        saved.media_stored += files.stored;
        saved.media_deduplicated += files.deduplicated;
        let exchanges = Exchanges::new(transaction, run, &rung.exchanges);
        let (at, via) = (rung.captured_at, rung.via);
        let read_from = &rung.exchanges;
        let look = Look { transaction, run, at, via, exchanges: &exchanges, read_from, reparse: None };
        saved.results.push(match &rung.outcome {
            Outcome::Found(content) => look.found(post, content, &files, 0)?.0,
            Outcome::Gone(_) | Outcome::Withheld(_) => look.without_content(post, &rung.outcome)?,
            Outcome::Failed(failure) => look.failed(post, failure)?,
        });
    }
    let looked_at = capture.rungs.first().map(|rung| rung.captured_at);
    queue::set_post(transaction, post, capture.retry.as_ref(), looked_at)?;
    posts::refresh(transaction, post)?;
    if let Some(at) = looked_at {
        redact::guard_post(transaction, run, post, at)?;
        for related in &capture.related {
            let related = posts::ensure(transaction, related)?;
            queue::expect_post(transaction, related, at)?;
        }
    }
    Ok(saved)
}

/// The name that the platform's own answer gives, where it is not the one that was asked for.
fn exact(capture: &Capture) -> Option<&PostRef> {
    capture.rungs.iter().filter(|rung| rung.via.is_platforms_own()).find_map(|rung| match &rung.outcome {
        Outcome::Found(post) if post.post.platform == capture.post.platform && post.post.id != capture.post.id => {
            Some(&post.post)
        }
        _ => None,
    })
}
