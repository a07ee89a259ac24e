//! Showing again what was only hidden. What is removed is not there to be shown.

use super::{Redaction, after, end, named, put, records, row_of, settle::LIFTED, settle::settle};
use crate::store::{Store, StoreError, runs};
use jiff::Timestamp;

/// What came of a lift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lift {
    /// They are shown again, one record for each name under which they were hidden.
    Done(Vec<Redaction>),
    /// Nothing was done: these are not redacted.
    NotRedacted(Vec<String>),
    /// Nothing was done: these are removed.
    Removed(Vec<Redaction>),
}

impl Store {
    /// The keys of the hidden posts of an author, by the handle in what is kept aside of them, in either case.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn hidden_posts_by(&self, platform: &str, handle: &str) -> Result<Vec<String>, StoreError> {
        self.read("look for the hidden posts of an author", |connection| {
            let mut keys = connection.prepare(
                "SELECT p.key FROM posts p WHERE p.platform = ?1 AND (EXISTS (SELECT 1 FROM redacted_rows r \
                 WHERE r.\"table\" = 'posts' AND r.row = p.id AND lower(json_extract(r.content, '$.author_handle')) = lower(?2)) \
                 OR EXISTS (SELECT 1 FROM snapshots s JOIN redacted_rows r ON r.\"table\" = 'snapshots' AND r.row = s.id \
                 WHERE s.post = p.id AND lower(json_extract(r.content, '$.author_handle')) = lower(?2))) ORDER BY p.key",
            )?;
            let keys = keys.query_map((platform, handle), |row| row.get(0))?;
            keys.collect()
        })
    }

    /// Shows posts (by their keys), articles or files (by their SHA-256) again that are hidden, all of them or none, in one
    /// transaction.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn lift(&mut self, targets: &[String], reason: &str, now: Timestamp) -> Result<Lift, StoreError> {
        self.overwrite()?;
        self.write("show again what was hidden", |main| {
            let redacted = records(main, "redacted")?;
            let rows = redacted.iter().map(|record| row_of(main, record)).collect::<rusqlite::Result<Vec<_>>>()?;
            let (mut lifted, mut unknown, mut removed): (Vec<&Redaction>, Vec<String>, Vec<Redaction>) =
                Default::default();
            for target in targets {
                // A post can be hidden under several of its names: all of them are lifted.
                let (what, name) = named(main, target)?.unwrap_or(("", target.clone()));
                let sought = Redaction {
                    what: what.to_owned(),
                    target: name,
                    mode: LIFTED.to_owned(),
                    redacted_at: now,
                    reason: reason.to_owned(),
                };
                let row = if what.is_empty() { None } else { row_of(main, &sought)? };
                let of = redacted.iter().zip(&rows).filter(|(record, found)| {
                    (row.is_some() && **found == row && record.what == what) || record.target == *target
                });
                let of: Vec<&Redaction> = of.map(|(record, _)| record).collect();
                if of.is_empty() {
                    unknown.push(target.clone());
                }
                removed.extend(of.iter().filter(|record| record.mode == "removed").map(|record| (*record).clone()));
                lifted.extend(of.into_iter().filter(|record| record.mode == "hidden"));
            }
            if !unknown.is_empty() || targets.is_empty() {
                return Ok(Lift::NotRedacted(unknown));
            }
            if !removed.is_empty() {
                return Ok(Lift::Removed(removed));
            }
            lifted.dedup();
            runs::close(main)?;
            let run = runs::begin(main, "redact", now, now)?;
            let mut done: Vec<Redaction> = Vec::new();
            for hidden in lifted {
                if done.iter().any(|known| (&known.what, &known.target) == (&hidden.what, &hidden.target)) {
                    continue;
                }
                let redacted_at = after(main, &hidden.what, &hidden.target, "redactions", now)?;
                let (what, target) = (hidden.what.clone(), hidden.target.clone());
                let lift = Redaction { what, target, mode: LIFTED.to_owned(), redacted_at, reason: reason.to_owned() };
                put(main, run, &lift)?;
                done.push(lift);
            }
            settle(main, Some(run), now, None)?;
            end(main, run, now)?;
            Ok(Lift::Done(done))
        })
    }
}
