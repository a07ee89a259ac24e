//! Releasing: what rests, or waits long, is made due at once, as if it had never failed.

use crate::{
    model::FailureRecord,
    store::{Store, StoreError, Transaction, columns::At, posts},
};
use jiff::Timestamp;
use std::collections::BTreeSet;

impl Store {
    /// Makes the subjects of these failures due at `now`, with no try counted. The keys and names of those that are now.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn release(&mut self, failures: &[FailureRecord], now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        self.write("release what failed", |transaction| {
            let mut released = BTreeSet::new();
            for failure in failures {
                if !released.contains(&failure.subject) && release(transaction, failure, now)? {
                    released.insert(failure.subject.clone());
                }
            }
            Ok(released)
        })
    }
}

fn release(transaction: &Transaction<'_>, failure: &FailureRecord, now: Timestamp) -> rusqlite::Result<bool> {
    // A run that replays a recording takes its time for now, which may be long ago.
    let due_at = failure.since.min(now);
    if failure.what == "article" {
        let released = transaction
            .prepare_cached("UPDATE queue SET due_at = ?2, attempts = 0, rests = NULL WHERE article_name = ?1")?
            .execute((&failure.subject, At(due_at)))?;
        return Ok(released > 0);
    }
    let Some((platform, id)) = failure.subject.split_once(':') else { return Ok(false) };
    let Some(post) = posts::find(transaction, platform, id)? else { return Ok(false) };
    transaction
        .prepare_cached(
            "INSERT INTO queue (post, due_at, attempts, reason, queued_at) VALUES (?1, ?2, 0, ?3, ?4) \
             ON CONFLICT (post) DO UPDATE SET due_at = excluded.due_at, attempts = 0, rests = NULL",
        )?
        .execute((post, At(due_at), &failure.why, At(failure.since)))?;
    Ok(true)
}
