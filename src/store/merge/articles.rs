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

/// What is told of an article: what it is called, what its newest version says, what the last look said.
macro_rules! told_columns {
    () => {
        "name, first_captured_at, looks, captured_at, source, kind, url, site, live_blog, \
         last_looked_at, state, state_since, due_at, looked_url, validators"
    };
}

/// How many of them each part has.
const OF_NAME: usize = 3;
const OF_NEWEST: usize = 6;
const OF_LAST_LOOK: usize = 6;

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
                if taken.is_new {
                    embeds.take_new(main, other, there)?;
                } else {
                    embeds.take(main, other, there)?;
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
    {
        let mut addresses = addresses.query([there])?;
        while let Some(row) = addresses.next()? {
            known.extend(aliases::find(main, row.get_ref(0)?.as_str()?)?);
        }
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
        ] {
            main.prepare_cached(statement)?.execute((here, twin))?;
        }
        rows::move_pairs(main, "articles", twin, here)?;
        main.prepare_cached("DELETE FROM articles WHERE id = ?1")?.execute([twin])?;
    }
    if !is_new {
        told.push(row(main, here)?);
    }
    // When the twins are gone: it may be called by the name of one of them.
    told.iter().try_for_each(|told| fold(main, here, told))?;
    told.iter().try_for_each(|told| named(main, here, told))?;
    let mut addresses = addresses.query([there])?;
    while let Some(row) = addresses.next()? {
        let (url, how, seen_at): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
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
    const READ: &str = concat!("SELECT ", told_columns!(), " FROM articles WHERE id = ?1");
    connection
        .prepare_cached(READ)?
        .query_row([id], |row| (0..row.as_ref().column_count()).map(|place| row.get(place)).collect())
}

fn insert(main: &Transaction<'_>, other: &Connection, there: i64) -> rusqlite::Result<i64> {
    const INSERT: &str = concat!(
        "INSERT INTO articles (",
        told_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    );
    main.prepare_cached(INSERT)?.execute(params_from_iter(row(other, there)?))?;
    Ok(main.last_insert_rowid())
}

/// Adds to what is told of an article what is told of it elsewhere. An article is named as it was first, and was looked at
/// as often as the archive that looked at it most.
fn fold(main: &Transaction<'_>, here: i64, told: &[Value]) -> rusqlite::Result<()> {
    // Of two the greater counts, always, column by column.
    const NEWEST: &str = "UPDATE articles SET (captured_at, source, kind, url, site, live_blog) = (?2, ?3, ?4, ?5, ?6, ?7) \
        WHERE id = ?1 AND (coalesce(?2, ''), coalesce(?3, ''), coalesce(?4, ''), coalesce(?5, ''), coalesce(?6, ''), \
        coalesce(?7, '')) > (coalesce(captured_at, ''), coalesce(source, ''), coalesce(kind, ''), coalesce(url, ''), \
        coalesce(site, ''), coalesce(live_blog, ''))";
    const LAST_LOOK: &str = "UPDATE articles SET (last_looked_at, state, state_since, due_at, looked_url, validators) = \
        (?2, ?3, ?4, ?5, ?6, ?7) WHERE id = ?1 AND (coalesce(?2, ''), coalesce(?3, ''), coalesce(?4, ''), \
        coalesce(?5, ''), coalesce(?6, ''), coalesce(?7, '')) > (coalesce(last_looked_at, ''), coalesce(state, ''), \
        coalesce(state_since, ''), coalesce(due_at, ''), coalesce(looked_url, ''), coalesce(validators, ''))";
    let with = |from: usize, count: usize| {
        let values = told.get(from..from + count).unwrap_or_default().iter().cloned();
        params_from_iter([Value::Integer(here)].into_iter().chain(values))
    };
    main.prepare_cached(NEWEST)?.execute(with(OF_NAME, OF_NEWEST))?;
    main.prepare_cached(LAST_LOOK)?.execute(with(OF_NAME + OF_NEWEST, OF_LAST_LOOK))?;
    main.prepare_cached(
        "UPDATE articles SET looks = max(looks, ?4), \
         name = CASE WHEN (?3, ?2) < (first_captured_at, name) THEN ?2 ELSE name END, \
         first_captured_at = min(first_captured_at, ?3) WHERE id = ?1",
    )?
    .execute(with(0, OF_NAME))
    .map(drop)
}

/// Works out again which version of an article is the newest.
pub(super) fn settle(main: &Transaction<'_>, here: i64) -> rusqlite::Result<()> {
    index::remove(main, &index::ARTICLES, here)?;
    newest(main, here)?;
    index::add(main, &index::ARTICLES, here)
}

/// Which version is the newest, by when it was archived, then by the run that did, then by its bytes.
fn newest(main: &Transaction<'_>, here: i64) -> rusqlite::Result<()> {
    let newest: Option<(i64, String)> = main
        .prepare_cached(
            "SELECT v.id, v.captured_at FROM article_versions v JOIN runs r ON r.id = v.run WHERE v.article = ?1 \
             ORDER BY v.captured_at DESC, r.started_at DESC, r.command DESC, coalesce(r.host, '') DESC, \
             (SELECT min(n.position) FROM entries n WHERE n.kind = 'version' AND n.row = v.id AND n.run = v.run) DESC, \
             v.id DESC LIMIT 1",
        )?
        .query_row([here], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((version, _)) = newest else { return Ok(()) };
    main.prepare_cached("UPDATE articles SET version = ?2 WHERE id = ?1 AND version IS NOT ?2")?
        .execute((here, version))
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
