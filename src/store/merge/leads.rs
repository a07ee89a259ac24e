//! Names that lead to one post in this archive and to another one in that: the lesser post's, always. What was told of such a
//! name follows it, in whichever order archives come; a run's entries say by which name each row was told.

use super::{
    articles,
    names::Name,
    rows,
    told::{Entry, KINDS, Moves, as_entered, entries, is_lost, told_as},
    waits,
};
use crate::store::{
    Store, StoreError, Transaction,
    columns::At,
    entries::{self as entered, Kind},
    index, posts, queue, redact, runs,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Makes room for rows of which the two archives say different posts, and one of them nothing else any more.
pub(super) const HELD: &str = "DROP TABLE IF EXISTS temp.merge_held; \
    CREATE TEMP TABLE merge_held (kind TEXT NOT NULL, row INTEGER NOT NULL, post INTEGER NOT NULL, PRIMARY KEY (kind, row)); \
    DROP TABLE IF EXISTS temp.merge_moved; \
    CREATE TEMP TABLE merge_moved (kind TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (kind, row));";

/// A row that is here and there, told of different posts. What the entries cannot tell by its words, because one of the archives
/// was made to forget them, stays with the post for which that was asked.
pub(super) fn differ(
    main: &Connection,
    other: &Connection,
    table: &str,
    (there, here): (i64, i64),
    post: i64,
) -> rusqlite::Result<()> {
    let Some(kind) = KINDS.into_iter().find(|kind| kind.table() == table) else { return Ok(()) };
    let known: i64 =
        main.prepare_cached(&format!("SELECT post FROM {table} WHERE id = ?1"))?.query_row([here], |row| row.get(0))?;
    if known == post || !is_lost(other, kind, there)? {
        return Ok(());
    }
    let to = if is_lost(main, kind, here)? { lesser(main, known, post)? } else { post };
    main.prepare_cached("INSERT OR REPLACE INTO temp.merge_held (kind, row, post) VALUES (?1, ?2, ?3)")?
        .execute((kind.as_str(), here, to))
        .map(drop)
}

/// Of two posts the one with the lesser name.
pub(super) fn lesser(main: &Connection, one: i64, other: i64) -> rusqlite::Result<i64> {
    main.prepare_cached("SELECT id FROM posts WHERE id IN (?1, ?2) ORDER BY key LIMIT 1")?
        .query_row((one, other), |row| row.get(0))
}

/// Lets everything that was told under a name be of the post that the name leads to, once all is here.
pub(super) fn follow(store: &mut Store) -> Result<(), StoreError> {
    store.write("let what was told follow its name", |main| {
        let mut touched = BTreeSet::new();
        for (kind, row, to) in held(main)? {
            let from = main
                .prepare(&format!("SELECT post FROM {} WHERE id = ?1", kind.table()))?
                .query_row([row], |row| row.get(0))?;
            if from != to {
                begin(main, &mut touched, [from, to])?;
                put(main, kind, row, from, to)?;
            }
        }
        for (name, from) in formers(main)? {
            let Some(to) = posts::find(main, &name.platform, &name.post_id)?.filter(|to| *to != from) else { continue };
            let moves = told_as(main, &name, from)?;
            begin(main, &mut touched, [from, to])?;
            moves.carry_out(main, from, to)?;
            waiting(main, &name, from, to)?;
            note(main, &told_as(main, &name, to)?)?;
            forget(main, &name, from)?;
        }
        // Which of two words of one instant came last, their entries tell, which are here by now.
        for post in rows::joined(main, "posts")? {
            begin(main, &mut touched, [post, post])?;
        }
        rows::joined(main, "articles")?.into_iter().try_for_each(|article| articles::settle(main, article))?;
        touched.into_iter().try_for_each(|post| {
            posts::refresh(main, post)?;
            expect(main, post)
        })
    })
}

/// Notes what was told under a name that leads elsewhere by now: it may have been hidden as another post's.
fn note(main: &Connection, told: &Moves) -> rusqlite::Result<()> {
    let mut note = main.prepare_cached("INSERT OR IGNORE INTO temp.merge_moved (kind, row) VALUES (?1, ?2)")?;
    for (kind, row) in &told.rows {
        note.execute((kind.as_str(), row))?;
    }
    for (snapshot, _) in &told.relations {
        note.execute((Kind::Snapshot.as_str(), snapshot))?;
    }
    let mut of = main.prepare_cached(
        "INSERT OR IGNORE INTO temp.merge_moved (kind, row) SELECT ?1, version FROM embeds WHERE id = ?2",
    )?;
    for embed in &told.embeds {
        of.execute((Kind::Version.as_str(), embed))?;
    }
    Ok(())
}

/// Enters what was noted as it stands, once it is known what is hidden.
pub(super) fn enter(store: &mut Store, now: Timestamp) -> Result<(), StoreError> {
    store.write("enter what followed its name", |main| {
        let mut moved = main.prepare("SELECT kind, row FROM temp.merge_moved ORDER BY kind, row")?;
        let moved = moved.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let moved: Vec<(String, i64)> = moved.collect::<rusqlite::Result<_>>()?;
        let mut run = None;
        for (word, row) in moved {
            let Some(kind) = Kind::of(&word) else { continue };
            if entered::is_settled(main, kind, row)? {
                continue;
            }
            let run = match run {
                Some(run) => run,
                None => *run.insert(runs::begin(main, "merge", now, now)?),
            };
            entered::changed(main, run, kind, row, now, "its name leads to another post")?;
        }
        run.map_or(Ok(()), |run| redact::end(main, run, now))
    })
}

/// A post that an article embeds and that nobody has looked at waits since the first one that does.
fn expect(main: &Connection, post: i64) -> rusqlite::Result<()> {
    let since: Option<At> = main
        .prepare_cached(
            "SELECT min(v.captured_at) FROM embeds e JOIN article_versions v ON v.id = e.version \
             WHERE e.post = ?1 AND e.scope = 'article'",
        )?
        .query_row([post], |row| row.get(0))?;
    let Some(At(since)) = since else { return Ok(()) };
    main.prepare_cached(
        "UPDATE queue SET due_at = ?2, queued_at = ?2 WHERE post = ?1 AND tried_at IS NULL AND attempts = 0 AND rests IS NULL \
         AND due_at = queued_at",
    )?
    .execute((post, At(since)))?;
    queue::expect_post(main, post, since)
}

fn held(main: &Connection) -> rusqlite::Result<Vec<(Kind, i64, i64)>> {
    let mut held = main.prepare("SELECT kind, row, post FROM temp.merge_held ORDER BY kind, row")?;
    let held = held.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    let held: Vec<(String, i64, i64)> = held.collect::<rusqlite::Result<_>>()?;
    Ok(held.into_iter().filter_map(|(word, row, post)| Kind::of(&word).map(|kind| (kind, row, post))).collect())
}

/// Every name of before, with the post that it led to.
fn formers(main: &Connection) -> rusqlite::Result<Vec<(Name, i64)>> {
    let mut formers = main.prepare(
        "SELECT f.platform, f.post_id, coalesce(a.url, p.url, ''), f.post FROM former_names f \
         LEFT JOIN post_aliases a ON a.platform = f.platform AND a.post_id = f.post_id \
         LEFT JOIN posts p ON p.platform = f.platform AND p.post_id = f.post_id ORDER BY f.platform, f.post_id, f.post",
    )?;
    let formers = formers.query_map([], |row| {
        Ok((Name { platform: row.get(0)?, post_id: row.get(1)?, url: row.get(2)? }, row.get(3)?))
    })?;
    formers.collect()
}

/// What is shown of posts is taken out of the index, before it moves.
fn begin(main: &Transaction<'_>, touched: &mut BTreeSet<i64>, posts: [i64; 2]) -> rusqlite::Result<()> {
    posts.into_iter().filter(|post| touched.insert(*post)).try_for_each(|post| {
        index::remove(main, &index::POSTS, post)?;
        main.prepare_cached(
            "UPDATE posts SET snapshot = NULL, via = NULL, captured_at = NULL, published = NULL WHERE id = ?1",
        )?
        .execute([post])
        .map(drop)
    })
}

impl Moves {
    fn carry_out(&self, main: &Transaction<'_>, from: i64, to: i64) -> rusqlite::Result<()> {
        for (kind, row) in &self.rows {
            put(main, *kind, *row, from, to)?;
        }
        for (snapshot, how) in &self.relations {
            main.prepare_cached("UPDATE relations SET post = ?3 WHERE snapshot = ?1 AND kind = ?2")?
                .execute((snapshot, how, to))?;
        }
        for embed in &self.embeds {
            main.prepare_cached("UPDATE embeds SET post = ?2 WHERE id = ?1")?.execute((embed, to))?;
        }
        Ok(())
    }
}

/// What waits goes along where it waits since a look that was told under the name, or where an article alone has it, and has
/// that name.
fn waiting(main: &Transaction<'_>, name: &Name, from: i64, to: i64) -> rusqlite::Result<()> {
    let since: Option<Option<String>> = {
        let mut waits = main.prepare_cached("SELECT tried_at FROM queue WHERE post = ?1")?;
        let mut waits = waits.query([from])?;
        waits.next()?.map(|row| row.get(0)).transpose()?
    };
    let Some(tried_at) = since else { return Ok(()) };
    let stays: bool = match &tried_at {
        Some(at) => main
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM looks WHERE post = ?1 AND looked_at = ?2)")?
            .query_row((from, at), |row| row.get(0))?,
        None => main
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM embeds WHERE post = ?1)")?
            .query_row([from], |row| row.get(0))?,
    };
    if stays {
        return Ok(());
    }
    let told = told_as(main, name, to)?;
    let follows = match &tried_at {
        None => !told.embeds.is_empty(),
        Some(at) => {
            let mut looked_at = main.prepare_cached("SELECT looked_at = ?2 FROM looks WHERE id = ?1")?;
            let looks = told.rows.iter().filter(|(kind, _)| *kind == Kind::Look);
            let looks = looks.map(|(_, look)| looked_at.query_row((look, at), |row| row.get::<_, bool>(0)));
            looks.collect::<rusqlite::Result<Vec<_>>>()?.contains(&true)
        }
    };
    if follows { waits::move_waiting(main, from, to) } else { Ok(()) }
}

/// Puts a row under another post. Entries that named it by its post of before are true all the same.
fn put(main: &Transaction<'_>, kind: Kind, row: i64, from: i64, to: i64) -> rusqlite::Result<()> {
    main.prepare_cached(&format!("UPDATE {} SET post = ?2 WHERE id = ?1", kind.table()))?.execute((row, to))?;
    let entries = entries(main, kind, row)?;
    let fits =
        |entry: &Entry| as_entered(main, kind, row, std::slice::from_ref(entry)).map(|content| content.is_some());
    if entries.iter().map(fits).collect::<rusqlite::Result<Vec<_>>>()?.contains(&false) {
        main.prepare_cached(
            "INSERT OR IGNORE INTO former_names (platform, post_id, post) SELECT platform, post_id, ?2 FROM posts WHERE id = ?1",
        )?
        .execute((from, to))?;
    }
    Ok(())
}

/// Takes a name of before away, where everything that was told under it has followed it.
fn forget(main: &Transaction<'_>, name: &Name, post: i64) -> rusqlite::Result<()> {
    let delete = "DELETE FROM former_names WHERE platform = ?1 AND post_id = ?2 AND post = ?3";
    let keep = "INSERT INTO former_names (platform, post_id, post) VALUES (?1, ?2, ?3)";
    let of = (&name.platform, &name.post_id, post);
    let fitting = |main: &Connection| -> rusqlite::Result<usize> {
        let mut fitting = 0;
        for kind in KINDS {
            let mut rows = main.prepare(&format!("SELECT id FROM {} WHERE post = ?1", kind.table()))?;
            let rows: Vec<i64> = rows.query_map([post], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for row in rows {
                for entry in entries(main, kind, row)? {
                    fitting += usize::from(as_entered(main, kind, row, &[entry])?.is_some());
                }
            }
        }
        Ok(fitting)
    };
    let before = fitting(main)?;
    main.prepare_cached(delete)?.execute(of)?;
    if fitting(main)? < before {
        main.prepare_cached(keep)?.execute(of)?;
    }
    Ok(())
}
