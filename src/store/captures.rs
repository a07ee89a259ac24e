//! Captures: what each rung of the ladder brought, in one transaction. Content is only ever added.

use super::{
    Store, StoreError, Transaction,
    columns::{At, Json},
    entries::{self, Kind},
    exchanges::Exchanges,
    failures::tell,
    files::CapturedMedia,
    media::{self, Files},
    posts,
    queue::{self, Retry},
    redact, signed,
};
use crate::{
    http::{Exchange, Validators},
    model::{Failure, Outcome, Post, PostRef, Related, State, Via},
    platforms::memento,
};
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;

/// How deep posts inside posts are kept; platforms show one level, seldom two.
const MAX_RELATED_DEPTH: u8 = 3;

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

/// The newest snapshot of a post that has content, or had.
fn newest(transaction: &Transaction<'_>, post: i64) -> rusqlite::Result<Option<i64>> {
    transaction
        .prepare_cached(
            "SELECT id FROM snapshots WHERE post = ?1 AND outcome = 'found' ORDER BY captured_at DESC, id DESC LIMIT 1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()
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

/// One look at a post through one rung.
pub(super) struct Look<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) run: i64,
    pub(super) at: Timestamp,
    pub(super) via: Via,
    /// Kept where the look brings anything new: a post that is as it was costs one row.
    pub(super) exchanges: &'a Exchanges<'a>,
    /// The answers that it was read from, whenever they came.
    pub(super) read_from: &'a [Exchange],
    /// Where the answers of an earlier look are read again: which one.
    pub(super) reparse: Option<Reparse>,
}

/// The look whose answers a newer parser reads again.
#[derive(Clone, Copy)]
pub(super) struct Reparse {
    pub(super) look: i64,
    pub(super) post: i64,
    /// It brought a snapshot, so that any difference, not in the post's own words alone, is worth a better one.
    pub(super) brought_snapshot: bool,
}

/// How a look ended, as its row says.
pub(super) enum Ended<'a> {
    New(i64),
    Unchanged(i64),
    Failed(&'a Failure),
}

impl Look<'_> {
    /// Keeps content, unless it is what the newest snapshot of this rung says; posts inside it get their own.
    pub(super) fn found(
        &self,
        post: i64,
        content: &Post,
        files: &Files,
        depth: u8,
    ) -> rusqlite::Result<(RungResult, i64)> {
        let mut related = Vec::new();
        for (kind, other) in [("quoted", &content.quoted), ("reply_to", &content.reply_to)] {
            if let Some(other) = other {
                related.push((kind, self.related(other, files, depth)?));
            }
        }
        let digest = content.digest();
        let equal = match self.equal_snapshot(post, "found", Some(&digest))? {
            None if self.via != Via::Quoted => {
                signed::equal_but_for_paths(self.transaction, post, self.via, self.until(), content, files)?
            }
            equal => equal,
        };
        if let Some(snapshot) = equal.filter(|_| !self.is_to_be_replaced(post)) {
            if self.is_said_already(post) {
                return Ok((RungResult::Unchanged(0), snapshot));
            }
            media::fill(self.transaction, self.run, snapshot, content, files, depth == 0)?;
            let look = self.insert_look(post, Some(State::Live), &Ended::Unchanged(snapshot))?;
            if depth == 0 {
                self.note_validators(look)?;
            }
            entries::add(self.transaction, self.run, Kind::Look, look)?;
            return Ok((RungResult::Unchanged(look), snapshot));
        }
        let snapshot = self.insert(post, content, &digest)?;
        for (kind, (other, other_snapshot)) in related {
            self.transaction
                .prepare_cached(
                    "INSERT INTO relations (snapshot, kind, post, related_snapshot) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((snapshot, kind, other, other_snapshot))?;
        }
        entries::add(self.transaction, self.run, Kind::Snapshot, snapshot)?;
        media::save(self.transaction, self.run, snapshot, content, files, depth == 0)?;
        self.record(post, Some(State::Live), &Ended::New(snapshot))?;
        Ok((RungResult::Stored(snapshot), snapshot))
    }

    /// The row of a post that another one quotes or answers, and its snapshot where the same answer holds its content.
    fn related(&self, related: &Related, files: &Files, depth: u8) -> rusqlite::Result<(i64, Option<i64>)> {
        let Some(content) = related.content.as_deref().filter(|_| depth < MAX_RELATED_DEPTH) else {
            return Ok((posts::ensure(self.transaction, &related.post)?, None));
        };
        let post = if content.post.platform == related.post.platform && content.post.id != related.post.id {
            posts::adopt(self.transaction, &related.post, &content.post)?
        } else {
            posts::ensure(self.transaction, &related.post)?
        };
        if redact::is_redacted(self.transaction, post)? {
            return Ok((post, newest(self.transaction, post)?));
        }
        let (_, snapshot) = self.found(post, content, files, depth + 1)?;
        posts::refresh(self.transaction, post)?;
        Ok((post, Some(snapshot)))
    }

    /// Keeps the platform's word that there is nothing to see, unless that is what it said last time.
    pub(super) fn without_content(&self, post: i64, outcome: &Outcome) -> rusqlite::Result<RungResult> {
        let Some(state) = State::proven_by(outcome) else {
            return self.record(post, None, &Ended::Failed(&Failure::NoRoute)).map(RungResult::Unchanged);
        };
        let equal = self.equal_snapshot(post, state.as_str(), None)?;
        if let Some(snapshot) = equal.filter(|_| !self.is_to_be_replaced(post)) {
            return self.record(post, Some(state), &Ended::Unchanged(snapshot)).map(RungResult::Unchanged);
        }
        self.transaction
            .prepare_cached("INSERT INTO snapshots (post, run, captured_at, via, outcome) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((post, self.run, At(self.at), self.via.as_str(), state.as_str()))?;
        let snapshot = self.transaction.last_insert_rowid();
        entries::add(self.transaction, self.run, Kind::Snapshot, snapshot)?;
        self.record(post, Some(state), &Ended::New(snapshot))?;
        Ok(RungResult::Stored(snapshot))
    }

    fn failed(&self, post: i64, failure: &Failure) -> rusqlite::Result<RungResult> {
        self.record(post, None, &Ended::Failed(failure)).map(RungResult::Unchanged)
    }

    /// The snapshot that says the same: the newest of this rung; of what articles quote any, for two articles that quote
    /// a post in different words would else take turns for ever.
    fn equal_snapshot(&self, post: i64, outcome: &str, digest: Option<&str>) -> rusqlite::Result<Option<i64>> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT id, outcome = ?3 AND digest IS ?4 FROM snapshots WHERE post = ?1 AND via = ?2 \
             AND (via <> 'quoted' OR digest IS ?4) AND (?5 IS NULL OR captured_at <= ?5) \
             ORDER BY captured_at DESC, id DESC LIMIT 1",
        )?;
        let until = self.until();
        let newest: Option<(i64, bool)> = statement
            .query_row((post, self.via.as_str(), outcome, digest, until), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(newest.filter(|(_, equal)| *equal).map(|(id, _)| id))
    }

    /// What is read again is compared with what was known then.
    fn until(&self) -> Option<At> {
        self.reparse.map(|_| At(self.at))
    }

    fn insert(&self, post: i64, content: &Post, digest: &str) -> rusqlite::Result<i64> {
        let is_memento = self.via == Via::Memento;
        let memento = is_memento.then(|| memento::last_copy(self.read_from)).flatten();
        self.transaction
            .prepare_cached(
                "INSERT INTO snapshots (post, run, captured_at, via, outcome, digest, text, text_html, truncated, \
                 author_id, author_handle, author_name, author_url, author_avatar, published, edited, lang, counts, \
                 poll, card, sensitive, warning, memento_url, memento_at, thread) VALUES (?1, ?2, ?3, ?4, 'found', ?5, ?6, \
                 ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
            )?
            .execute(rusqlite::params![
                post,
                self.run,
                At(self.at),
                self.via.as_str(),
                digest,
                content.text,
                content.text_html,
                content.truncated,
                content.author.id,
                content.author.handle,
                content.author.name,
                content.author.url,
                content.author.avatar,
                content.published.map(|published| published.to_string()),
                content.edited.map(At),
                content.lang,
                Json(&content.counts),
                content.poll.as_ref().map(Json),
                content.card.as_ref().map(Json),
                content.sensitive,
                content.warning,
                memento.as_ref().map(|memento| memento.url.as_str()),
                memento.as_ref().map(|memento| At(memento.archived_at)),
                content.thread.as_ref().map(Json),
            ])?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// The look itself, entered.
    pub(super) fn record(&self, post: i64, state: Option<State>, ended: &Ended<'_>) -> rusqlite::Result<i64> {
        let look = self.insert_look(post, state, ended)?;
        entries::add(self.transaction, self.run, Kind::Look, look)?;
        Ok(look)
    }

    /// A look that found what a snapshot says, with the versions of its answers as a JSON object, entered.
    pub(super) fn record_unchanged(
        &self,
        post: i64,
        state: Option<State>,
        snapshot: i64,
        validators: Option<&serde_json::Value>,
    ) -> rusqlite::Result<i64> {
        let look = self.insert_look(post, state, &Ended::Unchanged(snapshot))?;
        if let Some(validators) = validators {
            self.transaction
                .prepare_cached("UPDATE looks SET validators = ?2 WHERE id = ?1")?
                .execute((look, Json(validators)))?;
        }
        entries::add(self.transaction, self.run, Kind::Look, look)?;
        Ok(look)
    }

    /// The row of a look, with its exchanges.
    fn insert_look(&self, post: i64, state: Option<State>, ended: &Ended<'_>) -> rusqlite::Result<i64> {
        let (result, snapshot, failure) = match ended {
            Ended::New(snapshot) => ("new", Some(*snapshot), None),
            Ended::Unchanged(snapshot) => ("unchanged", Some(*snapshot), None),
            Ended::Failed(failure) => ("failed", None, Some(*failure)),
        };
        let proven = state.filter(|_| self.via.is_platforms_own());
        let told = failure.map(tell);
        self.transaction
            .prepare_cached(
                "INSERT INTO looks (post, run, looked_at, via, result, state, snapshot, reason, detail, retry_at, \
                 reparse_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute((
                post,
                self.run,
                At(self.at),
                self.via.as_str(),
                result,
                proven.map(State::as_str),
                snapshot,
                told.as_ref().map(|told| told.reason),
                told.as_ref().and_then(|told| told.detail.as_deref()),
                told.as_ref().and_then(|told| told.retry_at).map(At),
                self.replaced(post)?,
            ))?;
        let look = self.transaction.last_insert_rowid();
        let exchanges = if matches!(ended, Ended::Unchanged(_)) { &[] } else { self.exchanges.ids()? };
        for (position, exchange) in exchanges.iter().enumerate() {
            self.transaction
                .prepare_cached("INSERT INTO look_exchanges (look, position, exchange) VALUES (?1, ?2, ?3)")?
                .execute((look, i64::try_from(position).unwrap_or(i64::MAX), exchange))?;
        }
        Ok(look)
    }
}

impl Look<'_> {
    /// Whether a snapshot is written though its digest is known: a better parse of the very answer that brought it.
    fn is_to_be_replaced(&self, post: i64) -> bool {
        self.reparse.is_some_and(|reparse| reparse.post == post && reparse.brought_snapshot)
    }

    /// Whether a look is left out: reading an answer again says nothing new of a post inside it that is as it was.
    fn is_said_already(&self, post: i64) -> bool {
        self.reparse.is_some_and(|reparse| reparse.post != post)
    }

    /// The look in whose place this one stands: of a post inside the answer that one's own.
    fn replaced(&self, post: i64) -> rusqlite::Result<Option<i64>> {
        let Some(Reparse { look, post: whole, .. }) = self.reparse else { return Ok(None) };
        if whole == post {
            return Ok(Some(look));
        }
        self.transaction
            .prepare_cached(
                "SELECT i.id FROM looks o JOIN looks i ON i.post = ?2 AND i.run = o.run AND i.looked_at = o.looked_at \
                 AND i.reparse_of IS NULL WHERE o.id = ?1 LIMIT 1",
            )?
            .query_row((look, post), |row| row.get(0))
            .optional()
    }

    /// Notes the versions of answers that said nothing new: asking for them conditionally next time, with the answers
    /// that are kept, says the same of the post.
    fn note_validators(&self, look: i64) -> rusqlite::Result<()> {
        let exchanges = self.exchanges.exchanges().iter();
        let validators: BTreeMap<_, _> =
            exchanges.filter_map(|exchange| Some((exchange.request.url.as_str(), Validators::of(exchange)?))).collect();
        if !validators.is_empty() {
            self.transaction
                .prepare_cached("UPDATE looks SET validators = ?2 WHERE id = ?1")?
                .execute((look, Json(validators)))?;
        }
        Ok(())
    }
}
