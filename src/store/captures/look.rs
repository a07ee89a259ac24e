//! One look at a post through one rung: its row, its snapshot where it brings anything new, the posts inside it.

use super::{RungResult, reparse::Reparse};
use crate::{
    http::{Exchange, Validators},
    model::{Failure, Outcome, Post, Related, State, Via},
    platforms::memento,
    store::{
        Transaction,
        columns::{At, Json},
        entries::{self, Kind},
        exchanges::Exchanges,
        failures::tell,
        media::{self, Files},
        posts, redact, signed,
    },
};
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;

/// How deep posts inside posts are kept; platforms show one level, seldom two.
const MAX_RELATED_DEPTH: u8 = 3;

/// One look at a post through one rung.
pub(in crate::store) struct Look<'a> {
    pub(in crate::store) transaction: &'a Transaction<'a>,
    pub(in crate::store) run: i64,
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) via: Via,
    /// Kept where the look brings anything new: a post that is as it was costs one row.
    pub(in crate::store) exchanges: &'a Exchanges<'a>,
    /// The answers that it was read from, whenever they came.
    pub(in crate::store) read_from: &'a [Exchange],
    /// Where the answers of an earlier look are read again: which one.
    pub(in crate::store) reparse: Option<Reparse>,
}

/// How a look ended, as its row says.
pub(in crate::store) enum Ended<'a> {
    New(i64),
    Unchanged(i64),
    Failed(&'a Failure),
}

impl Look<'_> {
    /// Keeps content, unless it is what the newest snapshot of this rung says; posts inside it get their own.
    pub(in crate::store) fn found(
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
    pub(in crate::store) fn without_content(&self, post: i64, outcome: &Outcome) -> rusqlite::Result<RungResult> {
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

    pub(super) fn failed(&self, post: i64, failure: &Failure) -> rusqlite::Result<RungResult> {
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
    pub(in crate::store) fn record(&self, post: i64, state: Option<State>, ended: &Ended<'_>) -> rusqlite::Result<i64> {
        let look = self.insert_look(post, state, ended)?;
        entries::add(self.transaction, self.run, Kind::Look, look)?;
        Ok(look)
    }

    /// A look that found what a snapshot says, with the versions of its answers as a JSON object, entered.
    pub(in crate::store) fn record_unchanged(
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

/// The newest snapshot of a post that has content, or had.
fn newest(transaction: &Transaction<'_>, post: i64) -> rusqlite::Result<Option<i64>> {
    transaction
        .prepare_cached(
            "SELECT id FROM snapshots WHERE post = ?1 AND outcome = 'found' ORDER BY captured_at DESC, id DESC LIMIT 1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()
}
