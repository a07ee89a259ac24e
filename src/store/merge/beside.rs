//! What stands beside posts and articles: sources with what they named, and hosts.

use super::{
    Merge, Merged,
    rows::{self, Table},
    runs::taker,
};
use crate::store::{Store, StoreError, Transaction, prune};
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};

/// Tables of which the row that says more by these columns counts, whole: name of the row first.
const HOSTS: &[&str] = &["host", "rests_until", "failures", "rests", "hour_from", "asked", "why"];
const ROBOTS: &[&str] = &["origin", "asked_at", "status", "body", "unreachable_since"];
const SOURCES: &[&str] = &[
    "name",
    "last_polled_at",
    "last_success_at",
    "next_poll_at",
    "failures_in_a_row",
    "last_error",
    "moved_to",
    "rests",
    "settings",
    "parent",
    "kind",
    "place",
    "labels",
    "lang",
];

static REDACTIONS: Table =
    Table { name: "redactions", key: &["what", "target", "redacted_at", "mode", "reason"], refers: &[] };
static TOMBSTONES: Table = Table { name: "tombstones", key: &["kind", "sha256", "buried_at", "reason"], refers: &[] };

/// What was said of redactions, and what was taken away: of both archives all of it.
pub(super) fn redactions(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let (redactions, tombstones) = (taker(store, &REDACTIONS)?, taker(store, &TOMBSTONES)?);
    let whole =
        merge.batches(store, "take a redaction of another archive", "redactions", |merged, other, main, there| {
            merged.redactions += u64::from(redactions.take(main, other, there)?.is_new);
            Ok(1)
        })?;
    Ok(whole
        && merge.batches(store, "take a tombstone of another archive", "tombstones", |_, other, main, there| {
            if !prune::is_taken_back(main, other, there)? {
                tombstones.take(main, other, there)?;
            }
            Ok(1)
        })?)
}

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let sources = merge.batches(store, "take a source of another archive", "sources", source)?;
    let robots = sources
        && merge.batches(store, "take a robots.txt of another archive", "robots", |_, other, main, there| {
            greater(main, other, "robots", ROBOTS, "rowid = ?1", &[Value::Integer(there)]).map(|()| 1)
        })?;
    if !robots {
        return Ok(false);
    }
    let other = merge.other;
    store.write("take what is known of hosts in another archive", |main| {
        let mut hosts = other.prepare("SELECT host FROM hosts")?;
        let hosts = hosts.query_map([], |row| row.get::<_, String>(0))?;
        for host in hosts {
            greater(main, other, "hosts", HOSTS, "host = ?1", &[Value::Text(host?)])?;
        }
        Ok(())
    })?;
    Ok(true)
}

/// Takes a row of the other archive where it is greater than the one here, column by column; the first names it.
fn greater(
    main: &Connection,
    other: &Connection,
    table: &str,
    columns: &[&str],
    which: &str,
    of: &[Value],
) -> rusqlite::Result<()> {
    let named = columns.join(", ");
    let values: Option<Vec<Value>> = other
        .prepare_cached(&format!("SELECT {named} FROM {table} WHERE {which}"))?
        .query_row(params_from_iter(of), |row| (0..columns.len()).map(|place| row.get(place)).collect())
        .optional()?;
    let Some(values) = values else { return Ok(()) };
    let name = columns.first().copied().unwrap_or_default();
    put(main, table, columns, &format!("ON CONFLICT ({name})"), values)
}

pub(super) fn put(
    main: &Connection,
    table: &str,
    columns: &[&str],
    conflict: &str,
    values: Vec<Value>,
) -> rusqlite::Result<()> {
    let marks = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    let set =
        columns.iter().skip(1).map(|column| format!("{column} = excluded.{column}")).collect::<Vec<_>>().join(", ");
    let ordered = |of: &str| {
        let columns = columns.iter().skip(1).map(|column| format!("coalesce({of}{column}, '')"));
        columns.collect::<Vec<_>>().join(", ")
    };
    let (given, known) = (ordered("excluded."), ordered(&format!("{table}.")));
    let named = columns.join(", ");
    main.prepare_cached(&format!(
        "INSERT INTO {table} ({named}) VALUES ({marks}) {conflict} DO UPDATE SET {set} WHERE ({given}) > ({known})"
    ))?
    .execute(params_from_iter(values))
    .map(drop)
}

fn source(_: &mut Merged, other: &Connection, main: &Transaction<'_>, there: i64) -> rusqlite::Result<usize> {
    greater(main, other, "sources", SOURCES, "id = ?1", &[Value::Integer(there)])?;
    let name: String =
        other.prepare_cached("SELECT name FROM sources WHERE id = ?1")?.query_row([there], |row| row.get(0))?;
    let here: i64 =
        main.prepare_cached("SELECT id FROM sources WHERE name = ?1")?.query_row([name], |row| row.get(0))?;
    rows::pair(main, "sources", there, here)?;
    let mut documents =
        other.prepare_cached("SELECT url, read_at, etag, last_modified FROM source_documents WHERE source = ?1")?;
    let mut documents = documents.query([there])?;
    let mut done = 1;
    while let Some(row) = documents.next()? {
        let (url, read_at, etag, last_modified): (String, String, Option<String>, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        main.prepare_cached(
            "INSERT INTO source_documents (source, url, read_at, etag, last_modified) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (source, url) DO UPDATE SET read_at = excluded.read_at, etag = excluded.etag, \
             last_modified = excluded.last_modified \
             WHERE (excluded.read_at, coalesce(excluded.etag, ''), coalesce(excluded.last_modified, '')) > \
               (source_documents.read_at, coalesce(source_documents.etag, ''), coalesce(source_documents.last_modified, ''))",
        )?
        .execute((here, url, read_at, etag, last_modified))?;
        done += 1;
    }
    let mut articles =
        other.prepare_cached("SELECT name, address, first_named_at FROM source_articles WHERE source = ?1")?;
    let mut articles = articles.query([there])?;
    while let Some(row) = articles.next()? {
        let (name, address, first): (String, Option<String>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        main.prepare_cached(
            "INSERT INTO source_articles (source, name, address, first_named_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (source, name) DO UPDATE SET first_named_at = min(first_named_at, excluded.first_named_at), \
             address = max(coalesce(address, excluded.address), coalesce(excluded.address, address))",
        )?
        .execute((here, name, address, first))?;
        done += 1;
    }
    Ok(done)
}
