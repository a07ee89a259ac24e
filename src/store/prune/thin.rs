//! Thinning out: which snapshots, versions and looks go by rules, and which never do, whatever the rules say. A post or an
//! article is read at a time.

use super::Keep;
use crate::store::columns::At;
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Does `work` for each number of a table of the selection.
fn each(
    connection: &Connection,
    table: &str,
    mut work: impl FnMut(i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut numbers = connection.prepare(&format!("SELECT id FROM temp.{table} ORDER BY id"))?;
    let mut numbers = numbers.query([])?;
    while let Some(row) = numbers.next()? {
        work(row.get(0)?)?;
    }
    Ok(())
}

fn mark(connection: &Connection, kind: &str, ids: impl IntoIterator<Item = i64>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO temp.prunable VALUES (?1, ?2, 0)")?;
    ids.into_iter().try_for_each(|id| insert.execute((kind, id)).map(drop))
}

/// A copy of something, at an instant.
struct Copy {
    id: i64,
    at: Timestamp,
}

/// What of copies, newest first, goes by the rules and is not held.
fn gone(copies: &[Copy], keep: &Keep, now: Timestamp, held: &BTreeSet<i64>) -> Vec<i64> {
    let instants: Vec<Timestamp> = copies.iter().map(|copy| copy.at).collect();
    let kept = keep.kept(&instants, now);
    copies.iter().zip(kept).filter(|(copy, kept)| !kept && !held.contains(&copy.id)).map(|(copy, _)| copy.id).collect()
}

/// Snapshots of posts. Never goes: what a platform said without content, the first snapshot, the newest of each rung, the one
/// that is shown, those around each change of state, those that an article's version stood beside, and those that a snapshot
/// that stays quotes.
pub(super) fn snapshots(connection: &Connection, keep: &Keep, now: Timestamp) -> rusqlite::Result<()> {
    each(connection, "pruned_posts", |post| {
        let mut copies = connection.prepare_cached(
            "SELECT id, captured_at, via FROM snapshots WHERE post = ?1 AND outcome = 'found' ORDER BY captured_at DESC, id DESC",
        )?;
        let copies: Vec<(Copy, String)> = copies
            .query_map([post], |row| Ok((Copy { id: row.get(0)?, at: row.get::<_, At>(1)?.0 }, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if copies.len() < 3 {
            return Ok(());
        }
        let mut held = held_by_looks(connection, post)?;
        let mut rungs = BTreeSet::new();
        held.extend(copies.iter().filter(|(_, via)| rungs.insert(via.as_str())).map(|(copy, _)| copy.id));
        let copies: Vec<Copy> = copies.into_iter().map(|(copy, _)| copy).collect();
        held.extend(copies.last().map(|first| first.id));
        held.extend(
            connection
                .prepare_cached("SELECT snapshot FROM posts WHERE id = ?1")?
                .query_row([post], |row| row.get::<_, Option<i64>>(0))?,
        );
        let mut beside = connection.prepare_cached(
            "SELECT DISTINCT v.captured_at FROM embeds e JOIN article_versions v ON v.id = e.version WHERE e.post = ?1",
        )?;
        let beside = beside.query_map([post], |row| Ok(row.get::<_, At>(0)?.0))?;
        for version in beside {
            let version = version?;
            // Newest first: those that are newer stand before this place.
            let newer = copies.partition_point(|copy| copy.at > version);
            held.extend(copies.get(newer).map(|copy| copy.id));
            held.extend(newer.checked_sub(1).and_then(|place| copies.get(place)).map(|copy| copy.id));
        }
        mark(connection, "snapshot", gone(&copies, keep, now, &held))
    })?;
    settle(connection)?;
    connection.execute_batch(
        "INSERT OR IGNORE INTO temp.prunable SELECT 'look', l.id, 0 FROM temp.prunable g JOIN looks l ON l.snapshot = g.id \
         WHERE g.kind = 'snapshot'",
    )
}

/// Snapshots that a look proves something with that nothing else does: the last look at a post, and both sides of each change
/// of its state.
fn held_by_looks(connection: &Connection, post: i64) -> rusqlite::Result<BTreeSet<i64>> {
    let mut looks =
        connection.prepare_cached("SELECT snapshot, state FROM looks WHERE post = ?1 ORDER BY looked_at, id")?;
    let mut looks = looks.query([post])?;
    let (mut held, mut before, mut last) = (BTreeSet::new(), None::<(Option<i64>, String)>, None);
    while let Some(look) = looks.next()? {
        let (snapshot, state): (Option<i64>, Option<String>) = (look.get(0)?, look.get(1)?);
        last = snapshot;
        let Some(state) = state else { continue };
        match &before {
            Some((other, known)) if *known != state => held.extend([*other, snapshot].into_iter().flatten()),
            None => held.extend(snapshot),
            Some(_) => {}
        }
        before = Some((snapshot, state));
    }
    held.extend(last);
    held.extend(before.and_then(|(snapshot, _)| snapshot));
    Ok(held)
}

/// Takes out of the selection what something that stays refers to, until nothing does: a quoted post's snapshot, and the
/// readings of one answer, which stay or go together.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    const GOES: &str = "SELECT 1 FROM temp.prunable g WHERE g.kind = 'snapshot' AND g.id";
    let settle = format!(
        "DELETE FROM temp.prunable WHERE kind = 'snapshot' AND whole = 0 AND ( \
         id IN (SELECT r.related_snapshot FROM relations r WHERE r.related_snapshot IS NOT NULL AND NOT EXISTS ({GOES} = r.snapshot)) \
         OR id IN (SELECT l.snapshot FROM looks n JOIN looks l ON l.id = n.reparse_of \
           WHERE n.reparse_of IS NOT NULL AND l.snapshot IS NOT NULL AND NOT EXISTS ({GOES} IS n.snapshot)) \
         OR id IN (SELECT n.snapshot FROM looks n JOIN looks l ON l.id = n.reparse_of \
           WHERE n.reparse_of IS NOT NULL AND n.snapshot IS NOT NULL AND NOT EXISTS ({GOES} IS l.snapshot)))"
    );
    let mut settle = connection.prepare(&settle)?;
    while settle.execute([])? > 0 {}
    Ok(())
}

/// Versions of articles. Never goes: the first, the newest, and the newest that embeds a post.
pub(super) fn versions(connection: &Connection, keep: &Keep, now: Timestamp) -> rusqlite::Result<()> {
    each(connection, "pruned_articles", |article| {
        let mut copies = connection.prepare_cached(
            "SELECT id, captured_at FROM article_versions WHERE article = ?1 ORDER BY captured_at DESC, id DESC",
        )?;
        let copies: Vec<Copy> = copies
            .query_map([article], |row| Ok(Copy { id: row.get(0)?, at: row.get::<_, At>(1)?.0 }))?
            .collect::<rusqlite::Result<_>>()?;
        let mut held: BTreeSet<i64> = copies.first().into_iter().chain(copies.last()).map(|copy| copy.id).collect();
        held.extend(
            connection
                .prepare_cached("SELECT version FROM articles WHERE id = ?1")?
                .query_row([article], |row| row.get::<_, Option<i64>>(0))?,
        );
        let mut posts = BTreeSet::new();
        for copy in &copies {
            let mut embeds = connection.prepare_cached("SELECT post FROM embeds WHERE version = ?1")?;
            let embeds = embeds.query_map([copy.id], |row| row.get::<_, i64>(0))?;
            for post in embeds {
                if posts.insert(post?) {
                    held.insert(copy.id);
                }
            }
        }
        mark(connection, "version", gone(&copies, keep, now, &held))
    })
}

/// Looks that stand between two that ended in the same way with the same answer, byte for byte, through the same rung. A look
/// without an answer stays: its tombstone would take more room than the look does. So does one of two of the same instant: nothing
/// would tell by its digest which one went.
pub(super) fn repeats(connection: &Connection) -> rusqlite::Result<()> {
    each(connection, "pruned_posts", |post| {
        let mut looks = connection.prepare_cached(
            "SELECT id FROM ( \
               SELECT id, result, answered, reparse_of, says, lag(says) OVER w AS earlier, lead(says) OVER w AS later, \
                 looked_at = lag(looked_at) OVER w OR looked_at = lead(looked_at) OVER w AS is_twin FROM ( \
                 SELECT l.id, l.via, l.looked_at, l.result, l.reparse_of, \
                   EXISTS (SELECT 1 FROM look_exchanges x WHERE x.look = l.id) AS answered, \
                   json_array(l.result, l.state, l.snapshot, l.reason, (SELECT json_group_array(json_array(e.method, e.url, e.status, e.body, e.error)) \
                     FROM look_exchanges x JOIN exchanges e ON e.id = x.exchange WHERE x.look = l.id)) AS says \
                 FROM looks l WHERE l.post = ?1) \
               WINDOW w AS (PARTITION BY via ORDER BY looked_at, id)) t \
             WHERE result <> 'new' AND answered AND says = earlier AND says = later AND NOT is_twin AND reparse_of IS NULL \
             AND NOT EXISTS (SELECT 1 FROM looks n WHERE n.reparse_of = t.id)",
        )?;
        let looks: Vec<i64> = looks.query_map([post], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        mark(connection, "look", looks)
    })
}
