//! Bytes on their way out that no exchange holds: articles that were read from files, and the files of posts.

use super::Outgoing;
use crate::store::{StoreError, StoredFile, columns::At};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// Bytes with the address that they have in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingFile {
    /// The bytes.
    pub file: StoredFile,
    /// Addresses that may name them, best first; they need not be URLs.
    pub names: Vec<String>,
    /// What the archive says of their type, best first.
    pub types: Vec<String>,
    /// When they were captured.
    pub at: Timestamp,
}

/// What is shown to a reader who opens an export: a version of an article, or a post's snapshot shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingPage {
    /// Addresses that may be it, best first; they need not be URLs, nor stand in the export.
    pub urls: Vec<String>,
    /// When it was captured.
    pub at: Timestamp,
    /// Its headline, or who says it.
    pub title: String,
    /// Its words.
    pub text: String,
}

impl Outgoing<'_> {
    /// The bytes of an article's version that no exchange brought; none where one did.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_file(&self, version: i64) -> Result<Option<OutgoingFile>, StoreError> {
        self.query("read an article's file", |connection| {
            let sql = "SELECT v.original, a.name, v.url, v.content_type, a.kind, v.captured_at FROM article_versions v \
                       JOIN articles a ON a.id = v.article WHERE v.id = ?1 AND v.exchange IS NULL";
            let found = connection
                .prepare_cached(sql)?
                .query_row([version], |row| {
                    let kind = match row.get::<_, String>(4)?.as_str() {
                        "html" => "text/html",
                        "markdown" => "text/markdown",
                        _ => "text/plain",
                    };
                    let names = [row.get::<_, Option<String>>(1)?, row.get(2)?].into_iter().flatten().collect();
                    let types = row.get::<_, Option<String>>(3)?.into_iter().chain([kind.to_owned()]).collect();
                    Ok((row.get::<_, i64>(0)?, names, types, row.get::<_, At>(5)?.0))
                })
                .optional()?;
            let Some((original, names, types, at)) = found else { return Ok(None) };
            Ok(stored(connection, original)?.map(|file| OutgoingFile { file, names, types, at }))
        })
    }

    /// A version of an article as a reader of the export finds it. None where what was exchanged for it is left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_page(&self, version: i64) -> Result<Option<OutgoingPage>, StoreError> {
        self.query("read a version of an article", |connection| {
            connection
                .prepare_cached(
                    "SELECT v.exchange IS NULL, e.answered_url, a.name, v.url, coalesce(e.started_at, v.captured_at), v.title, v.text \
                     FROM article_versions v JOIN articles a ON a.id = v.article \
                     LEFT JOIN temp.out_exchanges o ON o.id = v.exchange LEFT JOIN exchanges e ON e.id = o.id \
                     WHERE v.id = ?1 AND (v.exchange IS NULL OR e.answered_url IS NOT NULL)",
                )?
                .query_row([version], |row| {
                    let urls: [Option<String>; 3] = [row.get(1)?, row.get(2)?, row.get(3)?];
                    let skip = usize::from(row.get::<_, bool>(0)?);
                    let take = if skip == 1 { 2 } else { 1 };
                    Ok(OutgoingPage {
                        urls: urls.into_iter().skip(skip).take(take).flatten().collect(),
                        at: row.get::<_, At>(4)?.0,
                        title: row.get(5)?,
                        text: row.get(6)?,
                    })
                })
                .optional()
        })
    }

    /// A post's snapshot that is best to show, at the address whose answer shows it. None where no answer does.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_page(&self, post: i64) -> Result<Option<OutgoingPage>, StoreError> {
        self.query(&format!("read post {post}"), |connection| {
            connection
                .prepare_cached(
                    "SELECT e.answered_url, e.started_at, coalesce(nullif(s.author_name, ''), nullif(s.author_handle, ''), p.author_handle), \
                     p.platform, s.published, s.text \
                     FROM posts p JOIN snapshots s ON s.id = p.snapshot JOIN looks l ON l.snapshot = s.id AND l.result = 'new' \
                     JOIN look_exchanges x ON x.look = coalesce(l.reparse_of, l.id) JOIN temp.out_exchanges o ON o.id = x.exchange \
                     JOIN exchanges e ON e.id = o.id AND e.status = 200 AND e.method = 'GET' \
                     WHERE p.id = ?1 AND s.outcome = 'found' ORDER BY e.answered_url = p.url DESC, l.id, x.position LIMIT 1",
                )?
                .query_row([post], |row| {
                    let who: Option<String> = row.get(2)?;
                    let (platform, published): (String, Option<String>) = (row.get(3)?, row.get(4)?);
                    let title = [who, Some(platform), published].into_iter().flatten().collect::<Vec<_>>().join(", ");
                    Ok(OutgoingPage {
                        urls: vec![row.get(0)?],
                        at: row.get::<_, At>(1)?.0,
                        title,
                        text: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                    })
                })
                .optional()
        })
    }

    /// The files that a post's snapshots name, each under each address once. What is redacted is left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn post_files(&self, post: i64) -> Result<Vec<OutgoingFile>, StoreError> {
        self.query(&format!("read the files of post {post}"), |connection| {
            let mut media = connection.prepare_cached(
                "SELECT m.blob, coalesce(m.answered_url, m.url) AS address, max(m.stated_mime), min(s.captured_at) \
                 FROM snapshots s JOIN snapshot_media m ON m.snapshot = s.id JOIN blobs b ON b.id = m.blob \
                 WHERE s.post = ?1 AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'media' AND r.target = b.sha256) \
                 GROUP BY m.blob, address ORDER BY min(s.captured_at), min(m.position), address",
            )?;
            let mut rows = media.query([post])?;
            let mut files = Vec::new();
            while let Some(row) = rows.next()? {
                let Some(file) = stored(connection, row.get(0)?)? else { continue };
                let types = [Some(file.sniffed.to_owned()), row.get(2)?].into_iter().flatten().collect();
                files.push(OutgoingFile { file, names: vec![row.get(1)?], types, at: row.get::<_, At>(3)?.0 });
            }
            Ok(files)
        })
    }
}

/// A file by its number in the archive. None where it is not there.
pub(super) fn stored(connection: &Connection, blob: i64) -> rusqlite::Result<Option<StoredFile>> {
    let found = connection
        .prepare_cached("SELECT sha256 FROM blobs WHERE id = ?1")?
        .query_row([blob], |row| row.get::<_, String>(0))
        .optional()?;
    found.map_or(Ok(None), |sha256| crate::store::stream::stored_file(connection, &sha256))
}
