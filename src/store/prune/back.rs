//! What a merge brings back. A prune is thrift: where the other archive has what was let go here, it is here again, and the
//! tombstones that said otherwise are taken away, each with one of its own. What is redacted stays away.

use super::{COMMAND, REASON};
use crate::{
    merkle::Hash,
    store::{
        Store, StoreError, Transaction,
        entries::{self, BLOB, Kind, NO_ROW, content},
        merge::rows as pairs,
        redact, runs,
    },
};
use jiff::Timestamp;
use rusqlite::Connection;

/// Tombstones `t` that a prune has set.
const BY_PRUNE: &str = "EXISTS (SELECT 1 FROM entries o JOIN runs r ON r.id = o.run \
    WHERE o.kind = 'tombstone' AND o.row = t.id AND r.command = 'prune')";

/// Whether a tombstone of the other archive was set aside here before, because what it speaks of had come back.
pub(in crate::store) fn is_taken_back(main: &Connection, other: &Connection, there: i64) -> rusqlite::Result<bool> {
    let mut entered = other.prepare_cached("SELECT sha256 FROM entries WHERE kind = 'tombstone' AND row = ?1")?;
    let entered: Vec<Hash> = entered.query_map([there], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut buried =
        main.prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstones WHERE kind = 'tombstone' AND sha256 = ?1)")?;
    for digest in entered {
        if buried.query_row([digest], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Store {
    /// After all of another archive is here: what prunes of either archive had let go and the other one has is as it was.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub(in crate::store) fn bring_back(&mut self, other: &Connection, now: Timestamp) -> Result<(), StoreError> {
        self.write("bring back what was pruned", |main| bring_back(main, other, now))
    }
}

fn bring_back(main: &Transaction<'_>, other: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    // Tombstones that either archive has set aside before.
    let set_aside = "SELECT t.id FROM tombstones u JOIN entries o ON o.sha256 = u.sha256 AND o.kind = 'tombstone' \
        JOIN tombstones t ON t.id = o.row WHERE u.kind = 'tombstone'";
    for stone in numbers(main, set_aside)? {
        main.execute("UPDATE entries SET row = ?2 WHERE kind = 'tombstone' AND row = ?1", (stone, NO_ROW))?;
        main.execute("DELETE FROM tombstones WHERE id = ?1", [stone])?;
    }
    let any: bool = main.query_row(
        "SELECT EXISTS (SELECT 1 FROM runs WHERE command = ?1) AND EXISTS (SELECT 1 FROM tombstones)",
        [COMMAND],
        |row| row.get(0),
    )?;
    if !any {
        return Ok(());
    }
    lead_again(main, other)?;
    let back = came_back(main)?;
    if !back.is_empty() {
        let run = runs::begin(main, "merge", now, now)?;
        for thing in &back {
            match thing {
                // What the prune had entered of it in its place is so no longer.
                Back::Row(kind, row) => {
                    entries::changed(main, run, *kind, *row, now, "it is as it was before a prune")?;
                }
                Back::Bytes(digest) => entries::dig_up(main, run, BLOB, digest, now)?,
            }
        }
        redact::end(main, run, now)?;
    }
    // What rested because nothing of it was left has something again.
    main.execute(
        "DELETE FROM queue WHERE rests = 'dead' AND substr(reason, 1, length(?1)) = ?1 \
         AND (SELECT last_looked_at FROM posts WHERE id = queue.post) IS NOT NULL",
        [REASON],
    )
    .map(drop)
}

fn numbers(main: &Connection, question: &str) -> rusqlite::Result<Vec<i64>> {
    main.prepare(question)?.query_map([], |row| row.get(0))?.collect()
}

/// Entries here whose rows had gone lead to the rows that came from the other archive.
fn lead_again(main: &Transaction<'_>, other: &Connection) -> rusqlite::Result<()> {
    let mut theirs = other.prepare("SELECT kind, row FROM entries WHERE run = ?1 AND position = ?2 AND row <> 0")?;
    for kind in Kind::ALL {
        if matches!(kind, Kind::Run | Kind::Tombstone | Kind::Redaction) {
            continue;
        }
        let mut lost = main.prepare(
            "SELECT n.run, n.position, m.there FROM entries n JOIN temp.merge_map m ON m.kind = ?2 AND m.here = n.run \
             WHERE n.kind = ?1 AND n.row = 0",
        )?;
        let lost: Vec<(i64, i64, i64)> = lost
            .query_map((kind.as_str(), pairs::kind("runs")), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (run, position, there) in lost {
            let mut found = theirs.query((there, position))?;
            let Some(row) = found.next()? else { continue };
            if row.get_ref(0)?.as_str().is_ok_and(|word| word == kind.as_str())
                && let Some(here) = pairs::here(main, kind.table(), row.get(1)?)?
            {
                main.prepare_cached("UPDATE entries SET row = ?3 WHERE run = ?1 AND position = ?2")?
                    .execute((run, position, here))?;
            }
        }
    }
    Ok(())
}

/// What is here again.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Back {
    Row(Kind, i64),
    Bytes(Hash),
}

/// What tombstones of prunes speak of and is here as it was entered.
fn came_back(main: &Transaction<'_>) -> rusqlite::Result<Vec<Back>> {
    let mut back = Vec::new();
    let mut rows = main.prepare(&format!(
        "SELECT DISTINCT n.kind, n.row, n.run, n.sha256 FROM tombstones t JOIN entries n ON n.kind = t.kind AND n.sha256 = t.sha256 \
         WHERE n.row <> 0 AND {BY_PRUNE}"
    ))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (word, id, run, digest): (String, i64, i64, Hash) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let Some(kind) = Kind::of(&word) else { continue };
        let Some(plain) = content::read(main, kind, id)? else { continue };
        let entered = plain.entered_by(main, kind, id, run)?;
        if entered.is(main, kind, id, &digest)?.is_some() {
            back.push(Back::Row(kind, id));
        }
    }
    let mut rows = main.prepare(&format!(
        "SELECT t.sha256 FROM tombstones t JOIN blobs b ON b.sha256 = lower(hex(t.sha256)) \
         WHERE t.kind = ?1 AND (length(b.data) > 0 OR b.size_bytes = 0) AND {BY_PRUNE}"
    ))?;
    let rows = rows.query_map([BLOB], |row| row.get(0))?;
    for digest in rows {
        back.push(Back::Bytes(digest?));
    }
    back.sort();
    back.dedup();
    Ok(back)
}
