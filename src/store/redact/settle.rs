//! What all records of redactions come to: which rows are hidden or gone by now, worked out from what they say in whichever
//! order they came. What is hidden is put back first, so that it does not matter what hid it, nor in which order.

use super::{
    Redaction, end, notice, records, reveal, row_of,
    work::{Run, Touched, Work, no_bytes},
};
use crate::store::{
    Transaction,
    entries::{self, Kind},
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::{cell::RefCell, collections::BTreeMap};

/// Makes the rows what the records say, and enters what that changed: in `run`, or else in one that is begun where there is
/// anything to enter, which is the answer. With `only` that is done of these alone, which takes no work for what is hidden
/// already; they must be hidden, then.
///
/// # Errors
/// Where the archive cannot be written.
pub(super) fn settle(
    main: &Transaction<'_>,
    run: Option<i64>,
    now: Timestamp,
    only: Option<&[Redaction]>,
) -> rusqlite::Result<Option<i64>> {
    let run = Run::new(run, now);
    let touched = RefCell::new(Touched::new());
    let mut all = standing(main)?;
    match only {
        None => {
            reveal(main)?;
            unnamed(main)?;
        }
        Some(only) => {
            let rows = only.iter().map(|record| row_of(main, record)).collect::<rusqlite::Result<Vec<_>>>()?;
            all.retain(|(known, row)| {
                only.iter().zip(&rows).any(|(new, of)| new.what == known.what && *of == Some(*row))
            });
        }
    }
    for (place, (redaction, row)) in all.iter().enumerate() {
        Work { main, run: &run, redaction, notice: notice(redaction), touched: Some((&touched, place)) }.row(*row)?;
    }
    for ((kind, row), place) in touched.into_inner() {
        if let (Some(kind), Some((redaction, _))) = (Kind::of(kind), all.get(place))
            && !entries::is_settled(main, kind, row)?
        {
            let at = redaction.redacted_at;
            entries::changed(main, run.id(main)?, kind, row, at, &redaction.reason)?;
        }
    }
    Ok(run.begun())
}

/// Hides again what was put back, and enters what that changes in `run`.
///
/// # Errors
/// Where the archive cannot be written.
pub(in crate::store) fn hide_again(main: &Transaction<'_>, run: i64, now: Timestamp) -> rusqlite::Result<()> {
    settle(main, Some(run), now, None).map(drop)
}

/// Redacts what has become a post's that is redacted, under one of its names or the other.
///
/// # Errors
/// Where the archive cannot be written.
pub(in crate::store) fn settle_post(main: &Transaction<'_>, post: i64) -> rusqlite::Result<()> {
    if !super::is_redacted(main, post)? {
        return Ok(());
    }
    let mut of = Vec::new();
    for record in records(main, "redacted")?.into_iter().filter(|record| record.what == "post") {
        if row_of(main, &record)? == Some(post) {
            of.push(record);
        }
    }
    let now = of.iter().map(|record| record.redacted_at).max().unwrap_or_else(Timestamp::now);
    let run = entries::seal::open_runs(main)?.pop();
    // What is removed may have been hidden, under its other name or for another reason: that is put back first.
    let only = of.iter().all(|record| record.mode == "hidden").then_some(of.as_slice());
    match settle(main, run, now, only)? {
        Some(begun) if run.is_none() => end(main, begun, now),
        _ => Ok(()),
    }
}

/// Bytes that were taken away, came again from another archive, and that nothing names here: a merge brings those of files
/// whose posts are removed. They go before anything is kept aside.
fn unnamed(main: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut blobs = main.prepare(
        "SELECT DISTINCT b.id FROM tombstones t JOIN blobs b ON b.sha256 = lower(hex(t.sha256)) \
         WHERE t.kind = ?1 AND length(b.data) > 0 \
         AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id) \
         AND NOT EXISTS (SELECT 1 FROM exchanges e WHERE e.body = b.id OR e.request_body = b.id) \
         AND NOT EXISTS (SELECT 1 FROM exchange_hops h WHERE h.body = b.id) \
         AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.original = b.id OR v.body = b.id)",
    )?;
    let blobs: Vec<i64> = blobs.query_map([entries::BLOB], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    blobs.into_iter().try_for_each(|blob| no_bytes(main, blob))
}

/// What stands of each row that was ever redacted, in the order in which it is done: what is removed first, so that what
/// is hidden beside it is kept aside; what is lifted last.
fn standing(main: &Connection) -> rusqlite::Result<Vec<(Redaction, i64)>> {
    let mut of: BTreeMap<(String, i64), Redaction> = BTreeMap::new();
    let mut take = |record: Redaction, row: i64| {
        let known = of.get(&(record.what.clone(), row));
        if known.is_none_or(|known| weight(&record) > weight(known)) {
            of.insert((record.what.clone(), row), record);
        }
    };
    for record in records(main, "redacted")? {
        if let Some(row) = row_of(main, &record)? {
            take(record, row);
        }
    }
    // A lift stands where nothing redacts the row under another of its names.
    for record in records(main, "redactions")?.into_iter().filter(|record| record.mode == LIFTED) {
        if let Some(row) = row_of(main, &record)? {
            take(record, row);
        }
    }
    let mut all: Vec<_> = of.into_iter().map(|((_, row), record)| (record, row)).collect();
    all.sort_by(|(one, _), (other, _)| {
        let order = |r: &Redaction| (std::cmp::Reverse(rank(r)), r.redacted_at, r.target.clone());
        order(one).cmp(&order(other))
    });
    Ok(all)
}

/// The mode of a record that shows something again.
pub(super) const LIFTED: &str = "lifted";

fn rank(record: &Redaction) -> u8 {
    match record.mode.as_str() {
        "removed" => 2,
        "hidden" => 1,
        _ => 0,
    }
}

/// Of two records of one row the greater counts.
fn weight(record: &Redaction) -> (u8, Timestamp, &str, &str) {
    (rank(record), record.redacted_at, &record.reason, &record.target)
}
