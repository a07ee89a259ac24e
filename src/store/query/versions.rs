//! The versions of an article: which there are, what they say, their bytes as they came; and how the article stands.

use super::articles::find_article;
use crate::{
    model::{Address, MediaKind, OriginalView, Standing, StoredMedia, VersionView, VersionWords},
    store::{
        Store, StoreError,
        columns::{At, counted},
        stream,
    },
};
use rusqlite::{Connection, OptionalExtension};
use url::Url;

/// A version found by its number.
pub(super) struct Chosen {
    /// Its row.
    pub(super) version: i64,
    /// Its number, from 1.
    pub(super) number: usize,
    /// How many versions there are.
    of: usize,
}

impl Store {
    /// What one version says, by the numbers of its article and of itself.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_text(&self, id: i64, number: usize) -> Result<Option<VersionWords>, StoreError> {
        self.read(&format!("read version {number} of the article {id}"), |connection| {
            let Some(chosen) = choose(connection, id, Some(number))? else { return Ok(None) };
            let mut words = connection
                .prepare_cached("SELECT captured_at, title, byline, lang, text FROM article_versions WHERE id = ?1")?
                .query_row([chosen.version], |row| {
                    Ok(VersionWords {
                        number,
                        captured_at: row.get::<_, At>("captured_at")?.0,
                        title: row.get("title")?,
                        byline: row.get("byline")?,
                        lang: row.get("lang")?,
                        text: row.get("text")?,
                        posts: Vec::new(),
                    })
                })?;
            words.posts = super::articles::posts(connection, chosen.version)?;
            Ok(Some(words))
        })
    }

    /// How an article stands by now, with its number and its name, by number, URL, name or file name.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_standing(&self, target: &str) -> Result<Option<(i64, String, Standing)>, StoreError> {
        self.read(&format!("read how the article {target} stands"), |connection| {
            let Some(id) = find_article(connection, target)? else { return Ok(None) };
            let name = connection
                .prepare_cached("SELECT name FROM articles WHERE id = ?1")?
                .query_row([id], |row| row.get(0))?;
            Ok(Some((id, name, standing(connection, id)?)))
        })
    }

    /// How many versions of an article there are; none of an article that is not there.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_count(&self, id: i64) -> Result<usize, StoreError> {
        self.read(&format!("count the versions of the article {id}"), |connection| {
            connection
                .prepare_cached("SELECT count(*) FROM article_versions WHERE article = ?1")?
                .query_row([id], |row| row.get::<_, i64>(0))
                .map(|count| usize::try_from(count).unwrap_or(0))
        })
    }

    /// A version's bytes as they came, with what is needed to read them; the newest version's where none is asked for.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn original(&self, id: i64, number: Option<usize>) -> Result<Option<OriginalView>, StoreError> {
        self.read(&format!("read the original of the article {id}"), |connection| {
            let Some(chosen) = choose(connection, id, number)? else { return Ok(None) };
            connection
                .prepare_cached(
                    "SELECT a.name, a.kind, v.title, v.lang, v.content_type, coalesce(e.answered_url, v.url, a.url) AS url, \
                     v.captured_at, v.sha256, v.original FROM article_versions v JOIN articles a ON a.id = v.article \
                     LEFT JOIN exchanges e ON e.id = v.exchange WHERE v.id = ?1",
                )?
                .query_row([chosen.version], |row| {
                    Ok(OriginalView {
                        id,
                        name: row.get("name")?,
                        number: chosen.number,
                        versions: chosen.of,
                        title: row.get("title")?,
                        lang: row.get("lang")?,
                        kind: row.get("kind")?,
                        content_type: row.get("content_type")?,
                        url: row.get::<_, Option<String>>("url")?.and_then(|url| Url::parse(&url).ok()),
                        captured_at: row.get::<_, At>("captured_at")?.0,
                        digest: row.get("sha256")?,
                        bytes: stream::document(connection, row.get("original")?)?,
                    })
                })
                .map(Some)
        })
    }

    /// The original bytes of an article's newest version, by number, URL, name or file name.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_original(&self, target: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let id = self.read(&format!("read the article {target}"), |connection| find_article(connection, target))?;
        Ok(id.map(|id| self.original(id, None)).transpose()?.flatten().map(|original| original.bytes))
    }

    /// A picture that is stored for this URL, as a file of a post or as an answer of its own; its digest, not its bytes.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn stored_picture(&self, url: &str) -> Result<Option<StoredMedia>, StoreError> {
        self.read(&format!("look for a stored picture of {url}"), |connection| {
            connection
                .prepare_cached(
                    "SELECT b.sha256, b.mime, b.size_bytes FROM blobs b WHERE b.id IN \
                     (SELECT blob FROM snapshot_media WHERE url = ?1 AND blob IS NOT NULL \
                     UNION ALL SELECT blob FROM snapshot_media WHERE answered_url = ?1 AND blob IS NOT NULL \
                     UNION ALL SELECT body FROM exchanges WHERE url = ?1 AND status = 200 AND body IS NOT NULL) \
                     AND b.mime LIKE 'image/%' ORDER BY b.id DESC LIMIT 1",
                )?
                .query_row([url], |row| {
                    Ok(StoredMedia {
                        kind: MediaKind::Image,
                        url: url.to_owned(),
                        alt: None,
                        width_px: None,
                        height_px: None,
                        duration_ms: None,
                        mime: row.get("mime")?,
                        digest: row.get("sha256")?,
                        size_bytes: Some(counted(row.get("size_bytes")?)),
                        bytes: None,
                        failure: None,
                        obtained: None,
                        note: None,
                    })
                })
                .optional()
        })
    }
}

/// The version of this number, or the one that stands for the article.
pub(super) fn choose(connection: &Connection, id: i64, number: Option<usize>) -> rusqlite::Result<Option<Chosen>> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT version FROM articles WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .flatten();
    let mut versions =
        connection.prepare_cached("SELECT id FROM article_versions WHERE article = ?1 ORDER BY captured_at, id")?;
    let versions: Vec<i64> = versions.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let place = match number {
        Some(number) => number.checked_sub(1).filter(|place| *place < versions.len()),
        None => versions.iter().position(|version| Some(*version) == newest),
    };
    Ok(place.and_then(|place| Some(Chosen { version: *versions.get(place)?, number: place + 1, of: versions.len() })))
}

/// How an article stands by now.
pub(super) fn standing(connection: &Connection, id: i64) -> rusqlite::Result<Standing> {
    let mut standing = connection
        .prepare_cached(
            "SELECT state, state_since, first_captured_at, last_looked_at, looks, due_at, live_blog \
             FROM articles WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let since = row.get::<_, Option<At>>("state_since")?.map(|At(at)| at);
            Ok(Standing {
                gone_since: since.filter(|_| row.get::<_, String>("state").is_ok_and(|state| state == "gone")),
                first_captured_at: row.get::<_, At>("first_captured_at")?.0,
                last_looked_at: row.get::<_, At>("last_looked_at")?.0,
                looks: counted(row.get("looks")?),
                due_at: row.get::<_, Option<At>>("due_at")?.map(|At(at)| at),
                live_blog: row.get("live_blog")?,
                addresses: Vec::new(),
                versions: Vec::new(),
            })
        })?;
    let mut addresses =
        connection.prepare_cached("SELECT url, how FROM article_aliases WHERE article = ?1 ORDER BY seen_at, url")?;
    let addresses = addresses.query_map([id], |row| Ok(Address { url: row.get(0)?, how: row.get(1)? }))?;
    standing.addresses = addresses.collect::<rusqlite::Result<_>>()?;
    // The length in bytes is known without reading the text.
    let mut versions = connection.prepare_cached(
        "SELECT v.captured_at, v.sha256, v.title, octet_length(v.text) AS text_bytes, \
         (SELECT count(*) FROM embeds e WHERE e.version = v.id) AS embeds \
         FROM article_versions v WHERE v.article = ?1 ORDER BY v.captured_at, v.id",
    )?;
    let versions = versions.query_map([id], |row| {
        Ok(VersionView {
            captured_at: row.get::<_, At>("captured_at")?.0,
            digest: row.get("sha256")?,
            title: row.get("title")?,
            text_bytes: counted(row.get("text_bytes")?),
            embeds: counted(row.get("embeds")?),
        })
    })?;
    standing.versions = versions.collect::<rusqlite::Result<_>>()?;
    Ok(standing)
}
