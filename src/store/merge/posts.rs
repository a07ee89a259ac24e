//! All that is known of each post: looks with their answers, snapshots with their files, what waits. A post is taken whole
//! in one transaction, and what follows from it is worked out at its end.

use super::{
    Merge,
    rows::{self, Table},
    runs::taker,
    waits,
};
use crate::store::{Store, StoreError, Transaction, posts, redact::REDACTED};
use rusqlite::{Connection, OptionalExtension, types::Value};

static EXCHANGES: Table = Table {
    name: "exchanges",
    key: &["url", "run", "started_at", "method", "status", "body", "request_body", "elapsed_ms", "error"],
    refers: &[("run", "runs"), ("body", "blobs"), ("request_body", "blobs")],
};
static SNAPSHOTS: Table = Table {
    name: "snapshots",
    key: &["post", "via", "captured_at", "run", "outcome", "digest"],
    refers: &[("post", "posts"), ("run", "runs")],
};
static LOOKS: Table = Table {
    name: "looks",
    key: &["post", "looked_at", "run", "via", "result", "state", "snapshot", "reason", "reparse_of"],
    refers: &[("post", "posts"), ("run", "runs"), ("snapshot", "snapshots"), ("reparse_of", "looks")],
};
static SAVES: Table = Table {
    name: "saves",
    key: &["post", "run", "asked_at", "url", "memento_url"],
    refers: &[("post", "posts"), ("run", "runs")],
};

/// Every exchange, with its redirects.
pub(super) fn take_exchanges(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let exchanges = taker(store, &EXCHANGES)?;
    merge.batches(store, "take an answer of another archive", "exchanges", |merged, other, main, there| {
        let taken = exchanges.take(main, other, there)?;
        if !taken.is_new {
            return Ok(1);
        }
        merged.exchanges += 1;
        let mut hops = other.prepare_cached(
            "SELECT position, url, status, headers, body FROM exchange_hops WHERE exchange = ?1 ORDER BY position",
        )?;
        let mut hops = hops.query([there])?;
        let mut done = 1;
        while let Some(row) = hops.next()? {
            let body: Option<i64> = row.get(4)?;
            let body = body.map(|body| rows::here(main, "blobs", body)).transpose()?.flatten();
            let (position, url, status, headers): (i64, String, i64, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            main.prepare_cached(
                "INSERT INTO exchange_hops (exchange, position, url, status, headers, body) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((taken.id, position, url, status, headers, body))?;
            done += 1;
        }
        Ok(done)
    })
}

/// Every post with what is known of it.
pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let (snapshots, looks, saves) = (taker(store, &SNAPSHOTS)?, taker(store, &LOOKS)?, taker(store, &SAVES)?);
    let files = Files::new(store)?;
    merge.batches(store, "take a post of another archive", "posts", |merged, other, main, there| {
        let Some(here) = rows::here(main, "posts", there)? else { return Ok(1) };
        let (mut done, mut grown) = (1, false);
        let before = waits::Waits::of_post(main, here)?;
        for there in numbers(other, "SELECT id FROM snapshots WHERE post = ?1 ORDER BY id", there)? {
            let taken = snapshots.take(main, other, there)?;
            merged.snapshots += u64::from(taken.is_new);
            let changed = files.take(main, other, there, taken.id)?;
            grown |= taken.is_new || changed;
            done += 2;
        }
        // One that was read again comes before the reading.
        let looked = "SELECT id FROM looks WHERE post = ?1 ORDER BY reparse_of IS NOT NULL, id";
        for there in numbers(other, looked, there)? {
            let taken = looks.take(main, other, there)?;
            merged.looks += u64::from(taken.is_new);
            answers(main, other, there, taken.id)?;
            grown |= taken.is_new;
            done += 2;
        }
        for there in numbers(other, "SELECT id FROM saves WHERE post = ?1 ORDER BY id", there)? {
            saves.take(main, other, there)?;
        }
        if grown {
            posts::refresh(main, here)?;
        }
        waits::waiting_post(main, other, there, here, &before)?;
        Ok(done)
    })
}

fn numbers(other: &Connection, question: &str, of: i64) -> rusqlite::Result<Vec<i64>> {
    other.prepare_cached(question)?.query_map([of], |row| row.get(0))?.collect()
}

/// What a look was answered with; what names the versions of its answers, where only the other archive knows that.
fn answers(main: &Transaction<'_>, other: &Connection, there: i64, here: i64) -> rusqlite::Result<()> {
    let mut exchanges = other.prepare_cached("SELECT position, exchange FROM look_exchanges WHERE look = ?1")?;
    let mut exchanges = exchanges.query([there])?;
    while let Some(row) = exchanges.next()? {
        let position: i64 = row.get(0)?;
        if let Some(exchange) = rows::here(main, "exchanges", row.get(1)?)? {
            main.prepare_cached("INSERT OR IGNORE INTO look_exchanges (look, position, exchange) VALUES (?1, ?2, ?3)")?
                .execute((here, position, exchange))?;
        }
    }
    Ok(())
}

/// Takes the files of snapshots. Its statements name every column that the schema has, so that no later one is forgotten.
struct Files {
    columns: Vec<String>,
    read: String,
    insert: String,
    update: String,
}

impl Files {
    fn new(store: &Store) -> Result<Self, StoreError> {
        let failed = |source| StoreError::from_sqlite(&store.path, "read the archive's schema", source);
        let columns = rows::columns(&store.connection, "snapshot_media").map_err(failed)?;
        let named = columns.join(", ");
        let marks = |from: usize| (from..from + columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        Ok(Self {
            read: format!("SELECT {named} FROM snapshot_media WHERE id = ?1"),
            insert: format!("INSERT INTO snapshot_media ({named}) VALUES ({})", marks(1)),
            update: format!("UPDATE snapshot_media SET ({named}) = ({}) WHERE id = ?1", marks(2)),
            columns,
        })
    }

    /// The files of a snapshot. One that only the other archive could have is filled in; of two the lesser digest's is kept.
    fn take(&self, main: &Transaction<'_>, other: &Connection, there: i64, snapshot: i64) -> rusqlite::Result<bool> {
        let mut changed = false;
        for there in numbers(other, "SELECT id FROM snapshot_media WHERE snapshot = ?1 ORDER BY position", there)? {
            let mut values: Vec<Value> = other
                .prepare_cached(&self.read)?
                .query_row([there], |row| (0..self.columns.len()).map(|place| row.get(place)).collect())?;
            let (mut had, mut position) = (false, Value::Null);
            for (column, value) in self.columns.iter().zip(&mut values) {
                match column.as_str() {
                    "snapshot" => *value = Value::Integer(snapshot),
                    "position" => position = value.clone(),
                    "blob" => {
                        if let Value::Integer(blob) = value {
                            *value = rows::here(main, "blobs", *blob)?.map_or(Value::Null, Value::Integer);
                        }
                        had = *value != Value::Null;
                    }
                    _ => {}
                }
            }
            let found: Option<i64> = main
                .prepare_cached("SELECT id FROM snapshot_media WHERE snapshot = ?1 AND position = ?2")?
                .query_row((snapshot, position), |row| row.get(0))
                .optional()?;
            let here = match found {
                None => {
                    main.prepare_cached(&self.insert)?.execute(rusqlite::params_from_iter(values))?;
                    changed = true;
                    main.last_insert_rowid()
                }
                Some(known) if is_better(main, other, known, there, had)? => {
                    let values = [Value::Integer(known)].into_iter().chain(values);
                    main.prepare_cached(&self.update)?.execute(rusqlite::params_from_iter(values))?;
                    changed = true;
                    known
                }
                Some(known) => known,
            };
            rows::pair(main, "snapshot_media", there, here)?;
        }
        Ok(changed)
    }
}

/// Whether what the other archive says of a file stands before what this one says: bytes before none, then what is less.
fn is_better(main: &Connection, other: &Connection, here: i64, there: i64, had: bool) -> rusqlite::Result<bool> {
    const TOLD: &str = "SELECT b.sha256, m.failure IS NULL, coalesce(m.url, ''), coalesce(m.answered_url, ''), \
        coalesce(m.failure, ''), coalesce(m.skipped, ''), coalesce(m.skipped_limit_bytes, 0), coalesce(m.obtained, ''), \
        coalesce(m.note, '') FROM snapshot_media m LEFT JOIN blobs b ON b.id = m.blob WHERE m.id = ?1";
    type Told = (bool, String, bool, [String; 4], i64, [String; 2]);
    let told = |connection: &Connection, id: i64| -> rusqlite::Result<Told> {
        connection.prepare_cached(TOLD)?.query_row([id], |row| {
            let sha256: Option<String> = row.get(0)?;
            let texts = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
            Ok((
                sha256.is_none(),
                sha256.unwrap_or_default(),
                row.get(1)?,
                texts,
                row.get(6)?,
                [row.get(7)?, row.get(8)?],
            ))
        })
    };
    let (mine, theirs) = (told(main, here)?, told(other, there)?);
    // What is redacted says nothing of a file, and nothing is said of it any more.
    if [&mine, &theirs].into_iter().any(|(_, _, _, [url, ..], ..)| url == REDACTED) {
        return Ok(false);
    }
    Ok((!had || !theirs.0) && theirs < mine)
}

/// Which snapshot quotes or answers which post. Both are here by now, in whichever order they came.
pub(super) fn take_related(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    merge.batches(store, "take what posts quote and answer in another archive", "snapshots", |_, other, main, there| {
        let mut relations =
            other.prepare_cached("SELECT kind, post, related_snapshot FROM relations WHERE snapshot = ?1")?;
        let mut relations = relations.query([there])?;
        let mut done = 0;
        while let Some(row) = relations.next()? {
            let (kind, post, inside): (String, i64, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let inside = inside.map(|inside| rows::here(main, "snapshots", inside)).transpose()?.flatten();
            let (snapshot, post) = (rows::here(main, "snapshots", there)?, rows::here(main, "posts", post)?);
            if let (Some(snapshot), Some(post)) = (snapshot, post) {
                main.prepare_cached(
                    "INSERT INTO relations (snapshot, kind, post, related_snapshot) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT (snapshot, kind) DO UPDATE SET \
                     related_snapshot = coalesce(related_snapshot, excluded.related_snapshot) \
                     WHERE related_snapshot IS NULL AND excluded.related_snapshot IS NOT NULL",
                )?
                .execute((snapshot, kind, post, inside))?;
            }
            done += 1;
        }
        Ok(done)
    })
}
