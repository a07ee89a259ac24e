//! Old answers read again by newer parsers: looks with the exchanges that are kept of them, and better readings of these.
//!
//! A better reading is one more look with the old one's time, and one more snapshot; it stands in the old one's place (the
//! view `standing_looks`). The old rows stay.

use super::{
    Filter, Store, StoreError, Transaction,
    captures::{Look, Reparse},
    columns::{At, Word},
    entries::{self, Kind},
    exchanges::{self, Exchanges},
    failures::read_failure,
    media::Files,
    posts,
    query::{POST_FITS, outcome, read_post_ref},
    queue::{self, Retry},
    redact,
};
use crate::{
    http::Exchange,
    model::{Outcome, PostRef, State, Via},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use url::Url;

/// How deep posts inside posts are compared.
const DEPTH: u8 = 1;

/// A look of which the answers are kept, and what stands of it by now.
#[derive(Clone, Debug)]
pub struct StoredLook {
    /// Its number.
    pub id: i64,
    /// The post, then its other names; it was asked for by one of them.
    pub names: Vec<PostRef>,
    /// When.
    pub looked_at: Timestamp,
    /// What the best reading so far says.
    pub outcome: Outcome,
    /// The digest of its content, as it was stored.
    pub digest: Option<String>,
    /// The rung of that reading.
    pub via: Via,
    /// That reading brought a snapshot; else it said what an earlier one says.
    pub brought_snapshot: bool,
    /// Oldest first.
    pub exchanges: Vec<Exchange>,
}

/// A better reading of a look.
#[derive(Clone, Debug)]
pub struct Better<'a> {
    /// The look.
    pub look: &'a StoredLook,
    /// What its answers say to the newer parser: content, or the platform's word that there is none.
    pub outcome: &'a Outcome,
    /// The rung.
    pub via: Via,
    /// When the reading was done; files that it names anew are due then.
    pub now: Timestamp,
}

impl Store {
    /// The numbers of the posts that fit and have answers to be read again, in the order of their numbers.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn posts_with_answers(&self, filter: &Filter) -> Result<Vec<i64>, StoreError> {
        self.read("look for stored answers", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT p.id FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot WHERE {POST_FITS} \
                 AND EXISTS (SELECT 1 FROM looks l JOIN look_exchanges x ON x.look = l.id WHERE l.post = p.id) \
                 AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'post' AND r.target = p.key) \
                 ORDER BY p.id LIMIT :limit"
            ))?;
            let ids = statement.query_map(&parameters.named(), |row| row.get(0))?;
            ids.collect()
        })
    }

    /// The numbers of the looks at a post whose answers are kept, oldest first. What an article gave is left out, and
    /// what only its author's friends may read: of that no body is kept.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn stored_looks(&self, post: i64) -> Result<Vec<i64>, StoreError> {
        self.read("read stored answers", |connection| {
            let mut looks = connection.prepare_cached(
                "SELECT l.id FROM looks l WHERE l.post = ?1 AND l.reparse_of IS NULL AND l.via <> 'quoted' \
                 AND l.state IS NOT 'login_required' AND EXISTS (SELECT 1 FROM look_exchanges x WHERE x.look = l.id) \
                 ORDER BY l.looked_at, l.id",
            )?;
            let looks = looks.query_map([post], |row| row.get(0))?;
            looks.collect()
        })
    }

    /// A look with its answers.
    ///
    /// # Errors
    /// Where the archive cannot be read, or does not hold the look.
    pub fn stored_look(&self, look: i64) -> Result<StoredLook, StoreError> {
        self.read("read stored answers", |connection| stored_look(connection, look))
    }

    /// Keeps a better reading, and queues the post where it is live and names files that are not stored yet. Returns how
    /// many these are.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_better(&mut self, run: i64, better: &Better<'_>) -> Result<u64, StoreError> {
        self.write("keep a better reading", |transaction| save(transaction, run, better))
    }
}

fn stored_look(connection: &Connection, id: i64) -> rusqlite::Result<StoredLook> {
    let (post, looked_at): (i64, At) = connection
        .prepare_cached("SELECT post, looked_at FROM looks WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (outcome, via, brought_snapshot, digest) = connection
        .prepare_cached(
            "SELECT l.via, l.result, l.snapshot, l.reason, l.detail, l.retry_at, s.digest FROM looks l \
             LEFT JOIN snapshots s ON s.id = l.snapshot WHERE l.id = ?1 OR l.reparse_of = ?1 ORDER BY l.id DESC LIMIT 1",
        )?
        .query_row([id], |row| {
            let outcome = match row.get::<_, Option<i64>>("snapshot")? {
                Some(snapshot) => outcome(connection, snapshot, DEPTH)?,
                None => {
                    let retry_at = row.get::<_, Option<At>>("retry_at")?.map(|At(at)| at);
                    let reason = row.get::<_, Option<String>>("reason")?.unwrap_or_default();
                    Outcome::Failed(read_failure(&reason, row.get("detail")?, retry_at))
                }
            };
            let is_new = row.get::<_, String>("result")? == "new";
            Ok((outcome, row.get::<_, Word<Via>>("via")?.0, is_new, row.get("digest")?))
        })?;
    let mut ids = connection.prepare_cached("SELECT exchange FROM look_exchanges WHERE look = ?1 ORDER BY position")?;
    let ids: Vec<i64> = ids.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let exchanges = ids.into_iter().map(|id| exchanges::load(connection, id)).collect::<rusqlite::Result<_>>()?;
    let names = names(connection, post)?;
    Ok(StoredLook { id, names, looked_at: looked_at.0, outcome, digest, via, brought_snapshot, exchanges })
}

/// A post's own name, then its aliases.
fn names(connection: &Connection, post: i64) -> rusqlite::Result<Vec<PostRef>> {
    let own = connection
        .prepare_cached("SELECT platform, post_id, author_handle, url FROM posts WHERE id = ?1")?
        .query_row([post], read_post_ref)?;
    let mut aliases = connection
        .prepare_cached("SELECT platform, post_id, url FROM post_aliases WHERE post = ?1 ORDER BY post_id")?;
    let aliases = aliases.query_map([post], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    let mut names = vec![own];
    for alias in aliases {
        let (platform, id, url) = alias?;
        if let Ok(url) = Url::parse(&url) {
            let author = names.first().and_then(|own| own.author.clone());
            names.push(PostRef { platform, id, author, url });
        }
    }
    Ok(names)
}

fn save(transaction: &Transaction<'_>, run: i64, better: &Better<'_>) -> rusqlite::Result<u64> {
    let StoredLook { id, looked_at, brought_snapshot, names, .. } = better.look;
    let mut post: i64 =
        transaction.prepare_cached("SELECT post FROM looks WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    let before: Option<i64> = transaction
        .prepare_cached("SELECT snapshot FROM looks WHERE id = ?1 OR reparse_of = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([id], |row| row.get(0))?;
    if let (Outcome::Found(content), Some(own)) = (better.outcome, names.first())
        && content.post.platform == own.platform
        && better.via != Via::Memento
        && names.iter().all(|name| name.id != content.post.id)
    {
        post = posts::adopt(transaction, own, &content.post)?;
    }
    if redact::is_redacted(transaction, post)? {
        return Ok(0);
    }
    let nothing = Exchanges::new(transaction, run, &[]);
    let reparse = Some(Reparse { look: *id, post, brought_snapshot: *brought_snapshot });
    let (at, via, read_from) = (*looked_at, better.via, &better.look.exchanges);
    let look = Look { transaction, run, at, via, exchanges: &nothing, read_from, reparse };
    match better.outcome {
        Outcome::Found(content) => {
            look.found(post, content, &Files::store(transaction, &[])?, 0)?;
        }
        outcome => {
            look.without_content(post, outcome)?;
        }
    }
    let after: Option<i64> = transaction
        .prepare_cached("SELECT snapshot FROM looks WHERE reparse_of = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .flatten();
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        follow(transaction, run, before, after)?;
    }
    posts::refresh(transaction, post)?;
    let Some(after) = after else { return Ok(0) };
    let missing: i64 = transaction
        .prepare_cached(
            "SELECT count(*) FROM snapshot_media m WHERE m.snapshot = ?1 AND m.blob IS NULL \
             AND NOT EXISTS (SELECT 1 FROM snapshot_media o WHERE o.snapshot = ?2 AND o.url = m.url)",
        )?
        .query_row((after, before), |row| row.get(0))?;
    let live: bool = transaction
        .prepare_cached("SELECT state = ?2 FROM posts WHERE id = ?1")?
        .query_row((post, State::Live.as_str()), |row| row.get(0))?;
    if missing > 0 && live {
        let retry = Retry::at(better.now, "a newer parser names more of its files");
        queue::set_post(transaction, post, Some(&retry), None)?;
    }
    Ok(u64::try_from(missing).unwrap_or(0))
}

/// Looks that found a post as a snapshot said, and kept no answers, now found it as the better one says.
fn follow(transaction: &Transaction<'_>, run: i64, before: i64, after: i64) -> rusqlite::Result<()> {
    let last: i64 =
        transaction.prepare_cached("SELECT coalesce(max(id), 0) FROM looks")?.query_row([], |row| row.get(0))?;
    transaction
        .prepare_cached(
            "INSERT INTO looks (post, run, looked_at, via, result, state, snapshot, reparse_of) \
             SELECT l.post, ?1, l.looked_at, l.via, 'unchanged', \
               (SELECT CASE outcome WHEN 'found' THEN 'live' ELSE outcome END FROM snapshots WHERE id = ?3), ?3, \
               coalesce(l.reparse_of, l.id) \
             FROM standing_looks l WHERE l.snapshot = ?2 AND l.result = 'unchanged' \
             AND NOT EXISTS (SELECT 1 FROM look_exchanges x WHERE x.look = coalesce(l.reparse_of, l.id)) ORDER BY l.id",
        )?
        .execute((run, before, after))?;
    entries::add_all(transaction, run, Kind::Look, "SELECT id FROM looks WHERE id > ?1 ORDER BY id", [last])
}
