//! Articles: one under all of its addresses, with every version that either archive has.

use super::{
    Merge,
    rows::{self, Table},
    runs::taker,
};
use crate::store::{Store, StoreError, Transaction, articles::aliases, index};
use rusqlite::{Connection, OptionalExtension, params_from_iter, types::Value};
use std::collections::BTreeSet;

static VERSIONS: Table = Table {
    name: "article_versions",
    key: &["article", "captured_at", "run", "sha256"],
    refers: &[
        ("article", "articles"),
        ("run", "runs"),
        ("original", "blobs"),
        ("exchange", "exchanges"),
        ("body", "blobs"),
    ],
};
static EMBEDS: Table = Table {
    name: "embeds",
    key: &["version", "position", "form", "target_post_id", "target"],
    refers: &[("version", "article_versions"), ("post", "posts")],
};

/// What the newest version says of its article, and what the last look said. Of two the greater counts, always.
const OF_NEWEST: &[&str] = &["captured_at", "source", "kind", "url", "site", "live_blog"];
const OF_LAST_LOOK: &[&str] = &["last_looked_at", "state", "state_since", "due_at", "looked_url", "validators"];

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    let (versions, embeds) = (taker(store, &VERSIONS)?, taker(store, &EMBEDS)?);
    merge.batches(store, "take an article of another archive", "articles", |merged, other, main, there| {
        let (here, is_new) = article(main, other, there)?;
        merged.articles += u64::from(is_new);
        rows::pair(main, "articles", there, here)?;
        let mut done = 1;
        for there in numbers(other, "SELECT id FROM article_versions WHERE article = ?1 ORDER BY id", there)? {
            let taken = versions.take(main, other, there)?;
            merged.versions += u64::from(taken.is_new);
            if taken.is_new {
                pages(main, other, there, taken.id)?;
            } else {
                digest(main, other, there, taken.id)?;
            }
            for there in numbers(other, "SELECT id FROM embeds WHERE version = ?1 ORDER BY id", there)? {
                let taken = embeds.take(main, other, there)?;
                if !taken.is_new {
                    stands_for(main, other, there, taken.id)?;
                }
                done += 1;
            }
            done += 3;
        }
        newest(main, here)?;
        index::add(main, &index::ARTICLES, here)?;
        Ok(done)
    })
}

fn numbers(other: &Connection, question: &str, of: i64) -> rusqlite::Result<Vec<i64>> {
    other.prepare_cached(question)?.query_map([of], |row| row.get(0))?.collect()
}

/// The row of an article here, made where there is none, with what the other archive says of it; out of the index until its
/// versions are here. Articles here that the other archive knows as one become one.
fn article(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<(i64, bool)> {
    let name: String =
        other.prepare_cached("SELECT name FROM articles WHERE id = ?1")?.query_row([there], |row| row.get(0))?;
    let mut known: BTreeSet<i64> = aliases::find_named(main, &name)?.into_iter().collect();
    let mut addresses =
        other.prepare_cached("SELECT url, how, seen_at FROM article_aliases WHERE article = ?1 ORDER BY url")?;
    let addresses: Vec<(String, String, String)> = addresses
        .query_map([there], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (url, ..) in &addresses {
        known.extend(aliases::find(main, url)?);
    }
    let mut known = known.into_iter();
    let (here, is_new) = match known.next() {
        Some(here) => {
            index::remove(main, &index::ARTICLES, here)?;
            (here, false)
        }
        None => (insert(main, other, there)?, true),
    };
    let mut told = if is_new { Vec::new() } else { vec![row(other, there)?] };
    for twin in known {
        index::remove(main, &index::ARTICLES, twin)?;
        told.push(row(main, twin)?);
        for statement in [
            "UPDATE article_versions SET article = ?1 WHERE article = ?2",
            "UPDATE article_aliases SET article = ?1 WHERE article = ?2",
            "UPDATE temp.merge_map SET here = ?1 WHERE kind = 'articles' AND here = ?2",
        ] {
            main.prepare_cached(statement)?.execute((here, twin))?;
        }
        main.prepare_cached("DELETE FROM articles WHERE id = ?1")?.execute([twin])?;
    }
    if !is_new {
        told.push(row(main, here)?);
    }
    // When the twins are gone: it may be called by the name of one of them.
    told.iter().try_for_each(|told| fold(main, here, told))?;
    told.iter().try_for_each(|told| named(main, here, told))?;
    for (url, how, seen_at) in addresses {
        main.prepare_cached(
            "INSERT INTO article_aliases (url, article, how, seen_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (url) DO UPDATE \
             SET how = excluded.how, seen_at = excluded.seen_at WHERE (excluded.seen_at, excluded.how) < (seen_at, how)",
        )?
        .execute((url, here, how, seen_at))?;
    }
    Ok((here, is_new))
}

/// Keeps another name of an article among its addresses: versions were entered under it, to the letter.
fn named(main: &Transaction<'_>, here: i64, told: &[Value]) -> rusqlite::Result<()> {
    main.prepare_cached(
        "INSERT INTO article_aliases (url, article, how, seen_at) SELECT ?2, ?1, 'named', ?3 \
         WHERE ?2 <> (SELECT name FROM articles WHERE id = ?1) ON CONFLICT (url) DO UPDATE \
         SET how = excluded.how, seen_at = excluded.seen_at WHERE (excluded.seen_at, excluded.how) < (seen_at, how)",
    )?
    .execute((here, told.first(), told.get(1)))
    .map(drop)
}

/// The columns of an article that are told of it, less what is worked out from its versions.
fn row(connection: &Connection, id: i64) -> rusqlite::Result<Vec<Value>> {
    let columns: Vec<&str> =
        ["name", "first_captured_at", "looks"].iter().chain(OF_NEWEST).chain(OF_LAST_LOOK).copied().collect();
    connection
        .prepare_cached(&format!("SELECT {} FROM articles WHERE id = ?1", columns.join(", ")))?
        .query_row([id], |row| (0..columns.len()).map(|place| row.get(place)).collect())
}

fn insert(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<i64> {
    let columns: Vec<&str> =
        ["name", "first_captured_at", "looks"].iter().chain(OF_NEWEST).chain(OF_LAST_LOOK).copied().collect();
    let marks = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
    main.prepare_cached(&format!("INSERT INTO articles ({}) VALUES ({marks})", columns.join(", ")))?
        .execute(params_from_iter(row(other, there)?))?;
    Ok(main.last_insert_rowid())
}

/// Adds to what is told of an article what is told of it elsewhere. An article is named as it was first, and was looked at
/// as often as the archive that looked at it most.
fn fold(main: &Transaction<'_>, here: i64, told: &[Value]) -> rusqlite::Result<()> {
    let group = |columns: &[&str], from: usize| {
        let names = columns.join(", ");
        let known: Vec<_> = columns.iter().map(|column| format!("coalesce({column}, '')")).collect();
        let values: Vec<_> = (from..from + columns.len()).map(|n| format!("?{n}")).collect();
        let given: Vec<_> = values.iter().map(|value| format!("coalesce({value}, '')")).collect();
        format!(
            "UPDATE articles SET ({names}) = ({}) WHERE id = ?1 AND ({}) > ({})",
            values.join(", "),
            given.join(", "),
            known.join(", ")
        )
    };
    let of = |from: usize, to: usize| told.get(from..to).unwrap_or_default().iter().cloned();
    let with =
        |values: &mut dyn Iterator<Item = Value>| [Value::Integer(here)].into_iter().chain(values).collect::<Vec<_>>();
    let (newest, last) = (3 + OF_NEWEST.len(), 3 + OF_NEWEST.len() + OF_LAST_LOOK.len());
    main.prepare_cached(&group(OF_NEWEST, 2))?.execute(params_from_iter(with(&mut of(3, newest))))?;
    main.prepare_cached(&group(OF_LAST_LOOK, 2))?.execute(params_from_iter(with(&mut of(newest, last))))?;
    main.prepare_cached(
        "UPDATE articles SET looks = max(looks, ?4), \
         name = CASE WHEN (?3, ?2) < (first_captured_at, name) THEN ?2 ELSE name END, \
         first_captured_at = min(first_captured_at, ?3) WHERE id = ?1",
    )?
    .execute(params_from_iter(with(&mut of(0, 3))))
    .map(drop)
}

/// Which version is the newest, by when it was archived, then by the run that did, then by its bytes.
fn newest(main: &Transaction<'_>, here: i64) -> rusqlite::Result<()> {
    let newest: Option<(i64, String)> = main
        .prepare_cached(
            "SELECT v.id, v.captured_at FROM article_versions v JOIN runs r ON r.id = v.run WHERE v.article = ?1 \
             ORDER BY v.captured_at DESC, r.started_at DESC, r.command DESC, coalesce(r.host, '') DESC, v.id DESC LIMIT 1",
        )?
        .query_row([here], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((version, _)) = newest else { return Ok(()) };
    main.prepare_cached("UPDATE articles SET version = ?2 WHERE id = ?1 AND version IS NOT ?2")?
        .execute((here, version))
        .map(drop)
}

/// An embed that stands for one post here and for another one there: the lesser name's, as among aliases.
fn stands_for(main: &Transaction<'_>, other: &Connection, there: i64, here: i64) -> rusqlite::Result<()> {
    let post: i64 =
        other.prepare_cached("SELECT post FROM embeds WHERE id = ?1")?.query_row([there], |row| row.get(0))?;
    main.prepare_cached(
        "UPDATE embeds SET post = ?2 WHERE id = ?1 AND post <> ?2 \
         AND (SELECT key FROM posts WHERE id = ?2) < (SELECT key FROM posts WHERE id = embeds.post)",
    )?
    .execute((here, rows::here(main, "posts", post)?))
    .map(drop)
}

/// The further pages that a version was read from.
fn pages(main: &Transaction<'_>, other: &Connection, there: i64, here: i64) -> rusqlite::Result<()> {
    let mut pages = other.prepare_cached("SELECT position, kind, exchange FROM article_pages WHERE version = ?1")?;
    let mut pages = pages.query([there])?;
    while let Some(row) = pages.next()? {
        let (position, kind): (i64, String) = (row.get(0)?, row.get(1)?);
        if let Some(exchange) = rows::here(main, "exchanges", row.get(2)?)? {
            main.prepare_cached(
                "INSERT OR IGNORE INTO article_pages (version, position, kind, exchange) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute((here, position, kind, exchange))?;
        }
    }
    Ok(())
}

/// What a version says as a digest, where only the other archive has worked it out.
fn digest(main: &Transaction<'_>, other: &Connection, there: i64, here: i64) -> rusqlite::Result<()> {
    let digest: Option<String> = other
        .prepare_cached("SELECT content_digest FROM article_versions WHERE id = ?1")?
        .query_row([there], |row| row.get(0))?;
    main.prepare_cached(
        "UPDATE article_versions SET content_digest = max(coalesce(content_digest, ?2), ?2) \
         WHERE id = ?1 AND ?2 IS NOT NULL AND coalesce(content_digest, '') < ?2",
    )?
    .execute((here, digest))
    .map(drop)
}
