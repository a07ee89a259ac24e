//! Lists of posts, each with the snapshot that is best to show.

use super::{
    content,
    filter::{Filter, Orders, POST_FITS},
};
use crate::{
    model::{MediaRecord, PostRecord},
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
        posts,
    },
};
use rusqlite::{Connection, Row};

const ORDERS: Orders = &[
    ("captured", "p.captured_at DESC, p.id DESC", "p.captured_at, p.id"),
    ("published", "s.published DESC, p.id DESC", "s.published, p.id"),
    ("platform", "p.platform, p.id", "p.platform DESC, p.id DESC"),
    ("author", "s.author_handle COLLATE NOCASE, p.id", "s.author_handle COLLATE NOCASE DESC, p.id DESC"),
    ("state", "p.state, p.id", "p.state DESC, p.id DESC"),
    ("key", "p.platform, p.post_id", "p.platform DESC, p.post_id DESC"),
];

impl Store {
    /// The posts that fit, newest capture first unless the filter sorts them (`captured`, `published`, `platform`,
    /// `author`, `state`, `key`).
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn posts(&self, filter: &Filter) -> Result<Vec<PostRecord>, StoreError> {
        let order = self.order(filter, ORDERS)?;
        self.read("list posts", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT l.* FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot JOIN latest_posts l ON l.id = p.id \
                 WHERE {POST_FITS} ORDER BY {order} LIMIT :limit"
            ))?;
            let records = statement.query_map(&parameters.named(), |row| record(connection, row))?;
            records.collect()
        })
    }

    /// One post by its key `platform:id`, under any of its names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post(&self, key: &str) -> Result<Option<PostRecord>, StoreError> {
        let Some((platform, id)) = key.split_once(':') else { return Ok(None) };
        self.read(&format!("read the post {key}"), |connection| {
            let Some(post) = posts::find(connection, platform, id)? else { return Ok(None) };
            let mut statement = connection.prepare_cached("SELECT * FROM latest_posts WHERE id = ?1")?;
            statement.query_row([post], |row| record(connection, row)).map(Some)
        })
    }
}

fn record(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<PostRecord> {
    let snapshot: Option<i64> = row.get("snapshot")?;
    let (memento, login) = match snapshot {
        Some(snapshot) => content::origin(connection, snapshot)?,
        None => (None, false),
    };
    Ok(PostRecord {
        key: row.get("key")?,
        platform: row.get("platform")?,
        post_id: row.get("post_id")?,
        url: row.get("url")?,
        state: row.get::<_, Word<_>>("state")?.0,
        via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
        captured_at: row.get::<_, Option<At>>("captured_at")?.map(|At(at)| at),
        memento,
        login,
        author_name: row.get("author_name")?,
        author_handle: row.get("author_handle")?,
        published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
        text: row.get("text")?,
        lang: row.get("lang")?,
        media: match snapshot {
            Some(snapshot) => media(connection, snapshot)?,
            None => Vec::new(),
        },
        quoted: row.get("quoted")?,
        reply_to: row.get("reply_to")?,
        counts: row.get::<_, Option<Json<_>>>("counts")?.map(|Json(counts)| counts).unwrap_or_default(),
        snapshots: counted(row.get("snapshots")?),
        articles: articles(connection, row.get("id")?)?,
    })
}

fn media(connection: &Connection, snapshot: i64) -> rusqlite::Result<Vec<MediaRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT m.kind, m.url, b.sha256, b.mime, b.size_bytes, m.width_px, m.height_px, m.alt FROM snapshot_media m \
         LEFT JOIN blobs b ON b.id = m.blob WHERE m.snapshot = ?1 AND m.part IN ('media', 'avatar') ORDER BY m.position",
    )?;
    let media = statement.query_map([snapshot], |row| {
        Ok(MediaRecord {
            kind: row.get::<_, Word<_>>("kind")?.0,
            url: row.get("url")?,
            sha256: row.get("sha256")?,
            mime: row.get("mime")?,
            size_bytes: row.get::<_, Option<i64>>("size_bytes")?.map(counted),
            width_px: row.get("width_px")?,
            height_px: row.get("height_px")?,
            alt: row.get("alt")?,
        })
    })?;
    media.collect()
}

fn articles(connection: &Connection, post: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT coalesce(a.url, a.name) FROM embeds e JOIN article_versions v ON v.id = e.version \
         JOIN articles a ON a.id = v.article WHERE e.post = ?1 ORDER BY a.id",
    )?;
    let articles = statement.query_map([post], |row| row.get(0))?;
    articles.collect()
}
