//! All that is known of one post, for its own page: bounded, however much that is.

use super::{
    content, lines,
    selection::PostName,
    timeline::timeline,
    view::{self, find_post, instant},
};
use crate::{
    model::{AskedSnapshot, EmbeddedIn, KnownPost, PostRef, PostView, QueuedRecord, SavedCopy, State},
    store::{
        Store, StoreError,
        columns::{At, Word, counted},
        queue,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use url::Url;

/// Articles of a page of those that embed a post.
pub const ARTICLES_OF_A_POST: usize = 30;

/// Posts that quote or answer a post, as they are listed.
const MAX_MENTIONS: i64 = 25;

/// Other names of a post that are told.
const MAX_NAMES: i64 = 50;

/// How many levels of posts inside a snapshot are read.
const DEPTH: u8 = 2;

/// Which parts of what is known are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownParts {
    /// One snapshot instead of the one that is best to show, by its number.
    pub snapshot: Option<i64>,
    /// The page of the history, from 1.
    pub history: usize,
    /// The page of the articles, from 1.
    pub articles: usize,
}

impl Store {
    /// A post with all that is known of it, by its key under any of its names. None where the archive does not know it,
    /// or where the snapshot that is asked for is not one of it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn known_post(&self, key: &str, parts: KnownParts) -> Result<Option<KnownPost>, StoreError> {
        self.read(&format!("read what is known of {key}"), |connection| {
            find_post(connection, key)?.map_or(Ok(None), |id| known(connection, id, parts))
        })
    }

    /// The same of a name, whatever characters are in its key.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn known_named_post(&self, name: &PostName, parts: KnownParts) -> Result<Option<KnownPost>, StoreError> {
        self.read(&format!("read what is known of {}", name.key), |connection| known(connection, name.row, parts))
    }
}

fn known(connection: &Connection, id: i64, parts: KnownParts) -> rusqlite::Result<Option<KnownPost>> {
    let mut post = view::post(connection, id, false, DEPTH, false)?;
    let asked = match parts.snapshot {
        None => None,
        Some(number) => match asked(connection, id, number)? {
            Some(asked) => {
                let now = snapshot(connection, number, DEPTH)?;
                post = PostView {
                    state: post.state,
                    state_since: post.state_since,
                    last_looked_at: post.last_looked_at,
                    last_seen_at: post.last_seen_at,
                    last_failure: post.last_failure,
                    ..now
                };
                Some(asked)
            }
            None => return Ok(None),
        },
    };
    let count = |sql: &str| -> rusqlite::Result<u64> {
        connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).map(counted)
    };
    let mentions = |kind: &str| -> rusqlite::Result<_> {
        let lines = lines::lines(
            connection,
            "p.id IN (SELECT s.post FROM relations r JOIN snapshots s ON s.id = r.snapshot WHERE r.post = ?1 AND r.kind = ?2) \
             ORDER BY p.id DESC LIMIT ?3",
            (id, kind, MAX_MENTIONS),
        )?;
        let total: i64 = connection
            .prepare_cached(
                "SELECT count(DISTINCT s.post) FROM relations r JOIN snapshots s ON s.id = r.snapshot WHERE r.post = ?1 AND r.kind = ?2",
            )?
            .query_row((id, kind), |row| row.get(0))?;
        Ok((lines, counted(total)))
    };
    let (quoted_by, quoted_by_total) = mentions("quoted")?;
    let (answered_by, answered_by_total) = mentions("reply_to")?;
    Ok(Some(KnownPost {
        asked,
        names: names(connection, id)?,
        snapshots: count("SELECT count(*) FROM snapshots WHERE post = ?1")?,
        articles: articles(connection, id, parts.articles)?,
        articles_total: count(
            "SELECT count(DISTINCT v.article) FROM embeds e JOIN article_versions v ON v.id = e.version WHERE e.post = ?1",
        )?,
        quoted_by,
        quoted_by_total,
        answered_by,
        answered_by_total,
        queued: queue::of_post(connection, id)?.map(|queued| QueuedRecord {
            name: post.post.key(),
            since: queued.since,
            due_at: queued.due_at,
            attempts: queued.attempts,
            reason: queued.reason,
        }),
        saved: saved(connection, id)?,
        timeline: timeline(connection, id, parts.history)?,
        post,
    }))
}

/// A post as one snapshot has it, with the posts inside it as the same answer had them. The state is left unknown.
fn snapshot(connection: &Connection, snapshot: i64, depth: u8) -> rusqlite::Result<PostView> {
    let (post, captured_at, via, found) = connection
        .prepare_cached("SELECT post, captured_at, via, outcome = 'found' FROM snapshots WHERE id = ?1")?
        .query_row([snapshot], |row| {
            Ok((row.get(0)?, row.get::<_, At>(1)?.0, row.get::<_, Word<_>>(2)?.0, row.get::<_, bool>(3)?))
        })?;
    let (memento, login) = content::origin(connection, snapshot)?;
    let mut view = PostView {
        post: content::post_ref(connection, post)?,
        state: State::Live,
        state_since: None,
        content: None,
        via: Some(via),
        captured_at: Some(captured_at),
        memento,
        login,
        media: Vec::new(),
        quoted: None,
        reply_to: None,
        last_looked_at: None,
        last_seen_at: None,
        last_failure: None,
        history: Vec::new(),
    };
    if found {
        view.content = Some(content::content(connection, snapshot, depth)?);
        view.media = content::stored_media(connection, snapshot, false)?;
        for (kind, _, inside) in content::relations(connection, snapshot)? {
            let Some(inside) = inside.filter(|inside| depth > 0 && *inside != snapshot) else { continue };
            let inside = Some(Box::new(self::snapshot(connection, inside, depth - 1)?));
            match kind.as_str() {
                "quoted" => view.quoted = inside,
                _ => view.reply_to = inside,
            }
        }
    }
    Ok(view)
}

fn asked(connection: &Connection, post: i64, number: i64) -> rusqlite::Result<Option<AskedSnapshot>> {
    let next = |sql: &str, at: Timestamp| -> rusqlite::Result<Option<i64>> {
        connection.prepare_cached(sql)?.query_row((post, At(at), number), |row| row.get(0)).optional()
    };
    let found = connection
        .prepare_cached(
            "SELECT s.captured_at, s.via, CASE s.outcome WHEN 'found' THEN 'live' ELSE s.outcome END AS state, \
             p.snapshot IS s.id AS is_shown, \
             NOT EXISTS (SELECT 1 FROM standing_looks l WHERE l.snapshot = s.id) AS is_superseded \
             FROM snapshots s JOIN posts p ON p.id = s.post WHERE s.id = ?1 AND s.post = ?2",
        )?
        .query_row((number, post), |row| {
            Ok(AskedSnapshot {
                number,
                captured_at: row.get::<_, At>("captured_at")?.0,
                via: row.get::<_, Word<_>>("via")?.0,
                state: row.get::<_, Word<_>>("state")?.0,
                is_shown: row.get("is_shown")?,
                is_superseded: row.get("is_superseded")?,
                previous: None,
                next: None,
            })
        })
        .optional()?;
    let Some(mut asked) = found else { return Ok(None) };
    let at = asked.captured_at;
    asked.previous = next(
        "SELECT id FROM snapshots WHERE post = ?1 AND (captured_at, id) < (?2, ?3) ORDER BY captured_at DESC, id DESC LIMIT 1",
        at,
    )?;
    asked.next = next(
        "SELECT id FROM snapshots WHERE post = ?1 AND (captured_at, id) > (?2, ?3) ORDER BY captured_at, id LIMIT 1",
        at,
    )?;
    Ok(Some(asked))
}

fn names(connection: &Connection, post: i64) -> rusqlite::Result<Vec<PostRef>> {
    let mut names = connection.prepare_cached(
        "SELECT platform, post_id, url FROM post_aliases WHERE post = ?1 ORDER BY platform, post_id LIMIT ?2",
    )?;
    let names = names.query_map((post, MAX_NAMES), |row| {
        let url: String = row.get("url")?;
        let (platform, id) = (row.get("platform")?, row.get("post_id")?);
        Ok(Url::parse(&url).ok().map(|url| PostRef { platform, id, author: None, url }))
    })?;
    names.filter_map(Result::transpose).collect()
}

/// A page of the articles that embed a post, each by its newest version that does, the newest article first.
fn articles(connection: &Connection, post: i64, page: usize) -> rusqlite::Result<Vec<EmbeddedIn>> {
    let skipped = page.saturating_sub(1).saturating_mul(ARTICLES_OF_A_POST);
    let mut statement = connection.prepare_cached(
        "WITH newest AS (SELECT v.article, v.id AS version, max(v.captured_at || printf('%020d', v.id)) \
             FROM embeds e JOIN article_versions v ON v.id = e.version \
           WHERE e.post = ?1 GROUP BY v.article ORDER BY v.article DESC LIMIT ?2 OFFSET ?3) \
         SELECT n.article, coalesce(nullif(w.title, ''), v.title) AS title, a.name, v.site_name, v.published, v.captured_at, \
           a.version IS NOT n.version AS no_longer, e.* \
         FROM newest n JOIN articles a ON a.id = n.article JOIN article_versions v ON v.id = n.version \
           LEFT JOIN article_versions w ON w.id = a.version \
           JOIN embeds e ON e.id = (SELECT min(f.id) FROM embeds f WHERE f.version = n.version AND f.post = ?1) \
         ORDER BY n.article DESC",
    )?;
    let size = i64::try_from(ARTICLES_OF_A_POST).unwrap_or(i64::MAX);
    let skipped = i64::try_from(skipped).unwrap_or(i64::MAX);
    let articles = statement.query_map((post, size, skipped), |row| {
        Ok(EmbeddedIn {
            article: row.get("article")?,
            title: row.get("title")?,
            name: row.get("name")?,
            site_name: row.get("site_name")?,
            published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
            captured_at: row.get::<_, At>("captured_at")?.0,
            no_longer: row.get("no_longer")?,
            form: row.get::<_, Word<_>>("form")?.0,
            scope: row.get::<_, Word<_>>("scope")?.0,
            quoted: queue::quoted(row)?,
        })
    })?;
    articles.collect()
}

fn saved(connection: &Connection, post: i64) -> rusqlite::Result<Option<SavedCopy>> {
    connection
        .prepare_cached(
            "SELECT asked_at, memento_url, failure FROM saves WHERE post = ?1 ORDER BY asked_at DESC, id DESC LIMIT 1",
        )?
        .query_row([post], |row| {
            Ok(instant(row, "asked_at")?.map(|asked_at| SavedCopy {
                asked_at,
                memento: row
                    .get::<_, Option<String>>("memento_url")
                    .ok()
                    .flatten()
                    .and_then(|url| Url::parse(&url).ok()),
                failure: row.get("failure").ok().flatten(),
            }))
        })
        .optional()
        .map(Option::flatten)
}
