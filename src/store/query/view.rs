//! Whole articles and posts, with all that is needed to draw them.

use super::{
    articles::{find_article, labels},
    content,
    selection::PostName,
    versions,
};
use crate::{
    http::Exchange,
    model::{Article, ArticleView, Embed, EmbedView, Failure, PostRef, PostView, SnapshotView, Target},
    store::{
        Store, StoreError,
        columns::{At, Word},
        exchanges,
        failures::read_failure,
        posts, queue, stream,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, types::FromSqlError};
use url::Url;

/// How many levels of quoted and answered posts a view resolves.
const RELATED_DEPTH: u8 = 2;

/// More posts and files than any article has, together: what an archive made by somebody else may say of one.
const MAX_HELD: usize = 200_000;

impl Store {
    /// The newest version of an article with its embeds and their posts, by number, URL (canonical or as given), name or
    /// file name. `with_bytes` loads the files of the posts too.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_view(&self, target: &str, with_bytes: bool) -> Result<Option<ArticleView>, StoreError> {
        self.read(&format!("read the article {target}"), |connection| {
            let Some(id) = find_article(connection, target)? else { return Ok(None) };
            article(connection, id, None, with_bytes)
        })
    }

    /// One version of an article by the article's number in the archive and the version's number, from 1; the newest
    /// where none is asked for. None where there is no such article or version.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_version(
        &self,
        id: i64,
        number: Option<usize>,
        with_bytes: bool,
    ) -> Result<Option<ArticleView>, StoreError> {
        self.read(&format!("read the article {id}"), |connection| article(connection, id, number, with_bytes))
    }

    /// The embeds of a version as they were detected, in order.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_embeds(&self, version_id: i64) -> Result<Vec<Embed>, StoreError> {
        self.read("read the embeds of an article", |connection| {
            connection
                .prepare_cached("SELECT * FROM embeds WHERE version = ?1 ORDER BY position, id")?
                .query_map([version_id], embed)?
                .collect()
        })
    }

    /// A post by its key (`platform:id`), aliases followed. `with_bytes` loads its files too.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_view(&self, key: &str, with_bytes: bool) -> Result<Option<PostView>, StoreError> {
        self.read(&format!("read the post {key}"), |connection| {
            find_post(connection, key)?.map(|id| post(connection, id, with_bytes, RELATED_DEPTH, true)).transpose()
        })
    }

    /// A post as it is shown alone: without the posts that it quotes or answers, its history, and its files' bytes.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_shown(&self, key: &str) -> Result<Option<PostView>, StoreError> {
        self.read(&format!("read the post {key}"), |connection| {
            find_post(connection, key)?.map(|id| post(connection, id, false, 0, false)).transpose()
        })
    }

    /// The post of a name, whatever characters are in its key.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn named_post_view(&self, name: &PostName) -> Result<PostView, StoreError> {
        self.read(&format!("read the post {}", name.key), |connection| {
            post(connection, name.row, false, RELATED_DEPTH, true)
        })
    }

    /// The stored exchanges of a post's newest snapshot that has any, oldest first; where there is no such snapshot, those
    /// of its last look. Empty for an unknown post.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn raw_exchanges(&self, key: &str) -> Result<Vec<Exchange>, StoreError> {
        self.read(&format!("read the exchanges of {key}"), |connection| {
            let Some(post) = find_post(connection, key)? else { return Ok(Vec::new()) };
            let look: Option<i64> = connection
                .query_row(
                    "SELECT l.id FROM looks l WHERE l.post = ?1 AND EXISTS (SELECT 1 FROM look_exchanges x WHERE x.look = l.id) \
                     ORDER BY l.result <> 'new', l.looked_at DESC, l.id DESC LIMIT 1",
                    [post],
                    |row| row.get(0),
                )
                .optional()?;
            exchanges_of(connection, look)
        })
    }

    /// The stored exchanges of one snapshot, by its number, oldest first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn snapshot_exchanges(&self, number: i64) -> Result<Vec<Exchange>, StoreError> {
        self.read(&format!("read the exchanges of snapshot {number}"), |connection| {
            let look: Option<i64> = connection
                .query_row(
                    "SELECT l.id FROM looks l WHERE l.snapshot = ?1 \
                     ORDER BY l.result <> 'new', l.looked_at DESC, l.id DESC LIMIT 1",
                    [number],
                    |row| row.get(0),
                )
                .optional()?;
            exchanges_of(connection, look)
        })
    }
}

/// The post of a key as it is, else as it is without the white space that people leave around what they paste.
pub(super) fn find_post(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let find = |key: &str| {
        let (platform, id) = key.split_once(':')?;
        posts::find(connection, platform, id).transpose()
    };
    find(key).or_else(|| find(key.trim())).transpose()
}

fn article(
    connection: &Connection,
    id: i64,
    number: Option<usize>,
    with_bytes: bool,
) -> rusqlite::Result<Option<ArticleView>> {
    let Some(chosen) = versions::choose(connection, id, number)? else { return Ok(None) };
    let mut view = connection
        .prepare_cached(
            "SELECT a.name, a.source, v.captured_at, v.sha256, v.url, v.title, v.byline, v.site_name, v.published, \
             v.lang, v.text, v.body FROM articles a JOIN article_versions v ON v.article = a.id WHERE v.id = ?1",
        )?
        .query_row([chosen.version], |row| {
            let body = stream::document(connection, row.get("body")?)?;
            let article = Article {
                url: row.get::<_, Option<String>>("url")?.and_then(|url| Url::parse(&url).ok()),
                title: row.get("title")?,
                byline: row.get("byline")?,
                site_name: row.get("site_name")?,
                published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
                lang: row.get("lang")?,
                text: row.get("text")?,
                body_html: String::from_utf8_lossy(&body).into_owned(),
            };
            Ok(ArticleView {
                id,
                name: row.get("name")?,
                source: row.get("source")?,
                labels: labels(connection, id)?,
                article,
                captured_at: row.get::<_, At>("captured_at")?.0,
                digest: row.get("sha256")?,
                number: chosen.number,
                standing: None,
                embeds: Vec::new(),
            })
        })?;
    view.standing = Some(versions::standing(connection, id)?);
    let mut embeds = connection.prepare_cached("SELECT * FROM embeds WHERE version = ?1 ORDER BY position, id")?;
    let mut held = 0_usize;
    let embeds = embeds.query_map([chosen.version], |row| {
        let post = post(connection, row.get("post")?, with_bytes, RELATED_DEPTH, false)?;
        held = held.saturating_add(1 + files_within(&post));
        if held > MAX_HELD {
            return Err(FromSqlError::other(std::io::Error::other("an article of more posts than any has")).into());
        }
        Ok(EmbedView { embed: embed(row)?, post: Some(post) })
    })?;
    view.embeds = embeds.collect::<rusqlite::Result<_>>()?;
    Ok(Some(view))
}

/// The exchanges of a look, oldest first.
fn exchanges_of(connection: &Connection, look: Option<i64>) -> rusqlite::Result<Vec<Exchange>> {
    let mut ids = connection.prepare_cached("SELECT exchange FROM look_exchanges WHERE look = ?1 ORDER BY position")?;
    let ids = ids.query_map([look], |row| row.get(0))?;
    ids.map(|id| exchanges::load(connection, id?)).collect()
}

/// Files of a post and of the posts inside it.
fn files_within(post: &PostView) -> usize {
    let inside = [&post.quoted, &post.reply_to].into_iter().flatten();
    post.media.len() + inside.map(|post| files_within(post)).sum::<usize>()
}

fn embed(row: &Row<'_>) -> rusqlite::Result<Embed> {
    let platform: String = row.get("target_platform")?;
    let target: String = row.get("target")?;
    let target = match target.as_str() {
        "post" => Target::Post(PostRef {
            platform,
            id: row.get("target_post_id")?,
            author: row.get("target_author")?,
            url: exchanges::url(row, "target_url")?,
        }),
        "short_link" => Target::ShortLink { platform, url: exchanges::url(row, "target_url")? },
        _ => Target::Unresolved { platform },
    };
    let position: i64 = row.get("position")?;
    Ok(Embed {
        position: usize::try_from(position).map_err(FromSqlError::other)?,
        form: row.get::<_, Word<_>>("form")?.0,
        target,
        scope: row.get::<_, Word<_>>("scope")?.0,
        quoted: queue::quoted(row)?,
    })
}

/// `whole` brings its history too; posts inside it come without.
pub(super) fn post(
    connection: &Connection,
    id: i64,
    with_bytes: bool,
    depth: u8,
    whole: bool,
) -> rusqlite::Result<PostView> {
    let (snapshot, mut view) = connection
        .prepare_cached(
            "SELECT platform, post_id, author_handle, url, state, state_since, last_looked_at, via, captured_at, snapshot FROM posts WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let view = PostView {
                post: content::read_post_ref(row)?,
                state: row.get::<_, Word<_>>("state")?.0,
                state_since: instant(row, "state_since")?,
                content: None,
                via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
                captured_at: instant(row, "captured_at")?,
                memento: None,
                login: false,
                media: Vec::new(),
                quoted: None,
                reply_to: None,
                last_looked_at: instant(row, "last_looked_at")?,
                last_seen_at: None,
                last_failure: None,
                history: Vec::new(),
            };
            Ok((row.get::<_, Option<i64>>("snapshot")?, view))
        })?;
    if let Some(snapshot) = snapshot {
        (view.memento, view.login) = content::origin(connection, snapshot)?;
        view.content = Some(content::content(connection, snapshot, depth)?);
        view.media = content::stored_media(connection, snapshot, with_bytes)?;
        for (kind, other, _) in content::relations(connection, snapshot)? {
            if depth == 0 || other == id {
                continue;
            }
            let other = Some(Box::new(post(connection, other, with_bytes, depth - 1, false)?));
            match kind.as_str() {
                "quoted" => view.quoted = other,
                _ => view.reply_to = other,
            }
        }
    }
    view.last_seen_at = posts::last_seen(connection, id)?;
    view.last_failure = last_failure(connection, id)?;
    if whole {
        view.history = history(connection, id)?;
    }
    Ok(view)
}

/// Why the newest look at the platform failed; none where it told something.
fn last_failure(connection: &Connection, post: i64) -> rusqlite::Result<Option<Failure>> {
    let newest = connection
        .prepare_cached(
            "SELECT reason, detail, retry_at FROM looks WHERE post = ?1 AND via NOT IN ('memento', 'import', 'quoted') \
             ORDER BY looked_at DESC, id DESC LIMIT 1",
        )?
        .query_row([post], |row| {
            let reason: Option<String> = row.get(0)?;
            let (detail, retry_at) = (row.get::<_, Option<String>>(1)?, row.get::<_, Option<At>>(2)?);
            Ok(reason.map(|reason| read_failure(&reason, detail, retry_at.map(|At(at)| at))))
        })
        .optional()?;
    Ok(newest.flatten())
}

fn history(connection: &Connection, post: i64) -> rusqlite::Result<Vec<SnapshotView>> {
    let mut snapshots = connection
        .prepare_cached("SELECT id, captured_at, via FROM snapshots WHERE post = ?1 ORDER BY captured_at, id")?;
    let snapshots = snapshots.query_map([post], |row| {
        let id = row.get("id")?;
        let (memento, login) = content::origin(connection, id)?;
        Ok(SnapshotView {
            id,
            captured_at: row.get::<_, At>("captured_at")?.0,
            via: row.get::<_, Word<_>>("via")?.0,
            outcome: content::outcome(connection, id, 0)?,
            memento,
            login,
        })
    })?;
    snapshots.collect()
}

pub(super) fn instant(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<At>>(column)?.map(|At(at)| at))
}
