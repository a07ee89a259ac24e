//! Posts under all their names: a post that one archive knows by a short link alone is the one that the other found behind it.

use super::{Merge, Merged, leads, rows, waits};
use crate::store::{Store, StoreError, Transaction, posts};
use rusqlite::{Connection, OptionalExtension};

/// A name, with the address that goes with it.
pub(super) struct Name {
    pub(super) platform: String,
    pub(super) post_id: String,
    pub(super) url: String,
}

pub(super) fn take(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    // Both archives' own posts first, then which of them are others' names.
    let whole = merge.batches(store, "take a post of another archive", "posts", own)?;
    Ok(whole && merge.batches(store, "take the names of a post of another archive", "posts", aliases)?)
}

/// The row of a post. Of what both archives say of it that is no word of the platform, the lesser text is kept, always.
fn own(merged: &mut Merged, other: &Connection, main: &Transaction<'_>, there: i64) -> rusqlite::Result<usize> {
    let (name, author): (Name, Option<String>) = other
        .prepare_cached("SELECT platform, post_id, url, author_handle FROM posts WHERE id = ?1")?
        .query_row([there], |row| {
            Ok((Name { platform: row.get(0)?, post_id: row.get(1)?, url: row.get(2)? }, row.get(3)?))
        })?;
    let here = match posts::find(main, &name.platform, &name.post_id)? {
        Some(here) => {
            main.prepare_cached(
                "UPDATE posts SET url = min(url, ?2), \
                 author_handle = min(coalesce(author_handle, ?3), coalesce(?3, author_handle)) \
                 WHERE id = ?1 AND platform = ?4 AND post_id = ?5 AND (url > ?2 OR author_handle IS NOT ?3)",
            )?
            .execute((here, &name.url, &author, &name.platform, &name.post_id))?;
            here
        }
        None => {
            main.prepare_cached("INSERT INTO posts (platform, post_id, url, author_handle) VALUES (?1, ?2, ?3, ?4)")?
                .execute((&name.platform, &name.post_id, &name.url, &author))?;
            merged.posts += 1;
            main.last_insert_rowid()
        }
    };
    rows::pair(main, "posts", there, here)?;
    Ok(1)
}

/// The other names of a post.
fn aliases(_: &mut Merged, other: &Connection, main: &Transaction<'_>, there: i64) -> rusqlite::Result<usize> {
    let mut names = other
        .prepare_cached("SELECT platform, post_id, url FROM post_aliases WHERE post = ?1 ORDER BY platform, post_id")?;
    let mut names = names.query([there])?;
    let mut done = 1;
    while let Some(row) = names.next()? {
        let Some(here) = rows::here(main, "posts", there)? else { return Ok(done) };
        alias(main, &Name { platform: row.get(0)?, post_id: row.get(1)?, url: row.get(2)? }, here)?;
        done += 1;
    }
    let mut formers = other.prepare_cached("SELECT platform, post_id FROM former_names WHERE post = ?1")?;
    let mut formers = formers.query([there])?;
    while let Some(row) = formers.next()? {
        if let Some(here) = rows::here(main, "posts", there)? {
            former(main, &Name { platform: row.get(0)?, post_id: row.get(1)?, url: String::new() }, here)?;
        }
    }
    Ok(done)
}

fn former(main: &Transaction<'_>, name: &Name, post: i64) -> rusqlite::Result<()> {
    main.prepare_cached("INSERT OR IGNORE INTO former_names (platform, post_id, post) VALUES (?1, ?2, ?3)")?
        .execute((&name.platform, &name.post_id, post))
        .map(drop)
}

/// Makes a name one of the post `here`.
fn alias(main: &Transaction<'_>, name: &Name, here: i64) -> rusqlite::Result<()> {
    let own: Option<i64> = main
        .prepare_cached("SELECT id FROM posts WHERE platform = ?1 AND post_id = ?2")?
        .query_row((&name.platform, &name.post_id), |row| row.get(0))
        .optional()?;
    if own == Some(here) {
        return Ok(());
    }
    if let Some(own) = own {
        // Here nobody had found out yet.
        waits::move_waiting(main, own, here)?;
        posts::merge(main, own, here)?;
        rows::move_pairs(main, "posts", own, here)?;
        posts::refresh(main, here)?;
    }
    let known: Option<(i64, String)> = main
        .prepare_cached("SELECT post, url FROM post_aliases WHERE platform = ?1 AND post_id = ?2")?
        .query_row((&name.platform, &name.post_id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((known, url)) = known else {
        main.prepare_cached("INSERT INTO post_aliases (platform, post_id, url, post) VALUES (?1, ?2, ?3, ?4)")?
            .execute((&name.platform, &name.post_id, &name.url, here))?;
        return Ok(());
    };
    // A name that leads to one post here and to another one there: the lesser name's, always.
    let leads_to = leads::lesser(main, here, known)?;
    if here != known {
        // What was told of under this name follows when all is here.
        former(main, name, if leads_to == here { known } else { here })?;
    }
    if leads_to != known || name.url < url {
        main.prepare_cached(
            "UPDATE post_aliases SET post = ?3, url = min(url, ?4) WHERE platform = ?1 AND post_id = ?2",
        )?
        .execute((&name.platform, &name.post_id, leads_to, &name.url))?;
    }
    Ok(())
}
