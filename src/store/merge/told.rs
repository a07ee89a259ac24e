//! What was told of a post, and by which of its names: a run's entries say so.

use super::names::Name;
use crate::{
    merkle::Hash,
    model::{PostRef, Quoted, Target},
    store::entries::{Kind, content},
};
use rusqlite::Connection;
use url::Url;

/// Kinds of rows that are told of a post.
pub(super) const KINDS: [Kind; 3] = [Kind::Snapshot, Kind::Look, Kind::Save];

/// Whether a row is another one than was first entered.
pub(super) fn is_lost(archive: &Connection, kind: Kind, row: i64) -> rusqlite::Result<bool> {
    let first = entries(archive, kind, row)?.into_iter().next();
    Ok(match first {
        Some(entry) => as_entered(archive, kind, row, &[entry])?.is_none(),
        None => false,
    })
}

pub(super) type Entry = (i64, Hash);

pub(super) fn entries(archive: &Connection, kind: Kind, row: i64) -> rusqlite::Result<Vec<Entry>> {
    archive
        .prepare_cached("SELECT run, sha256 FROM entries WHERE kind = ?1 AND row = ?2 ORDER BY run, position")?
        .query_map((kind.as_str(), row), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// What a row says in the first of these entries that fits it, with the names by which its posts were known then.
pub(super) fn as_entered(
    archive: &Connection,
    kind: Kind,
    row: i64,
    entries: &[Entry],
) -> rusqlite::Result<Option<content::Content>> {
    let Some(plain) = content::read(archive, kind, row)? else { return Ok(None) };
    for (run, digest) in entries {
        let entered = plain.clone().entered_by(archive, kind, row, *run)?;
        if let Some(content) = entered.is(archive, kind, row, digest)? {
            return Ok(Some(content));
        }
        if let Some(content) = plain.is(archive, kind, row, digest)? {
            return Ok(Some(content));
        }
    }
    Ok(None)
}

/// What moves from one post to another.
#[derive(Default)]
pub(super) struct Moves {
    pub(super) rows: Vec<(Kind, i64)>,
    /// Snapshots that name the post, with how.
    pub(super) relations: Vec<(i64, String)>,
    pub(super) embeds: Vec<i64>,
}

/// What of a post was told under another name.
pub(super) fn told_as(main: &Connection, name: &Name, post: i64) -> rusqlite::Result<Moves> {
    let key = format!("{}:{}", name.platform, name.post_id);
    let mut moves = Moves::default();
    for kind in KINDS {
        let question = format!(
            "SELECT id FROM {} WHERE post = ?1 AND NOT EXISTS (SELECT 1 FROM temp.merge_held h WHERE h.kind = ?2 AND h.row = id)",
            kind.table()
        );
        let mut rows = main.prepare(&question)?;
        let rows: Vec<i64> =
            rows.query_map((post, kind.as_str()), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for row in rows {
            let entered = as_entered(main, kind, row, &entries(main, kind, row)?)?;
            if entered.is_some_and(|content| content.post() == Some(&key)) {
                moves.rows.push((kind, row));
            }
        }
    }
    let mut relations = main.prepare("SELECT snapshot, kind FROM relations WHERE post = ?1")?;
    let relations: Vec<(i64, String)> =
        relations.query_map([post], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (snapshot, how) in relations {
        let entered = as_entered(main, Kind::Snapshot, snapshot, &entries(main, Kind::Snapshot, snapshot)?)?;
        if entered.is_some_and(|content| content.related(&how) == Some(&key)) {
            moves.relations.push((snapshot, how));
        }
    }
    let mut embeds = main.prepare(
        "SELECT id, target, target_platform, target_post_id, target_url, quoted_text, quoted_author_handle, quoted_published \
         FROM embeds WHERE post = ?1",
    )?;
    let mut embeds = embeds.query([post])?;
    while let Some(row) = embeds.next()? {
        let (target, platform): (String, Option<String>) = (row.get(1)?, row.get(2)?);
        let (id, url): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let platform = platform.unwrap_or_default();
        let is_named = match target.as_str() {
            "post" => id.as_deref() == Some(name.post_id.as_str()),
            "short_link" => {
                let of = |url: &str| Some(Target::ShortLink { platform: platform.clone(), url: Url::parse(url).ok()? });
                let of = url.as_deref().and_then(of).map(|target| PostRef::of_embed(&target, &Quoted::default()).id);
                url.as_deref() == Some(name.url.as_str()) || of.as_ref() == Some(&name.post_id)
            }
            _ => {
                let quoted = Quoted {
                    text: row.get(5)?,
                    author_handle: row.get(6)?,
                    published: row.get::<_, Option<String>>(7)?.and_then(|published| published.parse().ok()),
                    ..Quoted::default()
                };
                PostRef::of_embed(&Target::Unresolved { platform: platform.clone() }, &quoted).id == name.post_id
            }
        };
        if is_named && platform == name.platform {
            moves.embeds.push(row.get(0)?);
        }
    }
    Ok(moves)
}
