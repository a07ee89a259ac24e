//! A snapshot's rows as the outcome that they were written from.

use crate::{
    model::{Author, Gone, Media, Memento, Obtained, Outcome, Post, PostRef, Related, StoredMedia, Withheld},
    store::{
        blobs,
        columns::{At, Json, Word, counted},
        exchanges::url,
    },
};
use rusqlite::{Connection, Row, types::FromSqlError};

/// A larger file is not loaded to be shown, in bytes: no page holds one.
const MAX_SHOWN_BYTES: i64 = 64 << 20;

/// More files than any post has: an archive that says so is damaged, or made to fill the memory.
const MAX_FILES: usize = 20_000;

/// Rows of files, as long as there are not too many.
fn files<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> rusqlite::Result<Vec<T>> {
    let files: Vec<T> = rows.take(MAX_FILES + 1).collect::<rusqlite::Result<_>>()?;
    if files.len() > MAX_FILES {
        return Err(FromSqlError::other(std::io::Error::other("a post of more files than any has")).into());
    }
    Ok(files)
}

/// A post's own name, by its row.
pub(super) fn post_ref(connection: &Connection, post: i64) -> rusqlite::Result<PostRef> {
    connection
        .prepare_cached("SELECT platform, post_id, author_handle, url FROM posts WHERE id = ?1")?
        .query_row([post], read_post_ref)
}

/// The columns `platform`, `post_id`, `author_handle`, `url` of a post.
pub(in crate::store) fn read_post_ref(row: &Row<'_>) -> rusqlite::Result<PostRef> {
    Ok(PostRef {
        platform: row.get("platform")?,
        id: row.get("post_id")?,
        author: row.get("author_handle")?,
        url: url(row, "url")?,
    })
}

/// What a snapshot says. Posts inside it come with their content down to `depth` levels.
pub(in crate::store) fn outcome(connection: &Connection, snapshot: i64, depth: u8) -> rusqlite::Result<Outcome> {
    let word: String = connection
        .prepare_cached("SELECT outcome FROM snapshots WHERE id = ?1")?
        .query_row([snapshot], |row| row.get(0))?;
    Ok(match word.as_str() {
        "found" => Outcome::Found(Box::new(content(connection, snapshot, depth)?)),
        "deleted" => Outcome::Gone(Gone::Deleted),
        "account_deleted" => Outcome::Gone(Gone::AccountDeleted),
        "suspended" => Outcome::Gone(Gone::Suspended),
        "private" => Outcome::Withheld(Withheld::Private),
        "login_required" => Outcome::Withheld(Withheld::LoginRequired),
        "age_restricted" => Outcome::Withheld(Withheld::AgeRestricted),
        "geo_blocked" => Outcome::Withheld(Withheld::GeoBlocked),
        "unavailable" => Outcome::Withheld(Withheld::Unavailable),
        _ => return Err(FromSqlError::other(std::io::Error::other(format!("no outcome is called {word:?}"))).into()),
    })
}

/// Where a snapshot came from: the copy in a web archive, and whether an answer to the user's own login is behind it.
pub(super) fn origin(connection: &Connection, snapshot: i64) -> rusqlite::Result<(Option<Memento>, bool)> {
    connection
        .prepare_cached(
            "SELECT memento_url, memento_at, EXISTS (SELECT 1 FROM looks l JOIN look_exchanges le ON le.look = coalesce(l.reparse_of, l.id) \
             JOIN exchanges e ON e.id = le.exchange WHERE l.snapshot = s.id AND l.result = 'new' AND e.login) AS login \
             FROM snapshots s WHERE id = ?1",
        )?
        .query_row([snapshot], |row| {
            let archived_at: Option<At> = row.get("memento_at")?;
            let memento = match archived_at {
                Some(At(archived_at)) => Some(Memento { url: url(row, "memento_url")?, archived_at }),
                None => None,
            };
            Ok((memento, row.get("login")?))
        })
}

/// What the author of a snapshot warns of.
pub(super) fn warning(connection: &Connection, snapshot: i64) -> rusqlite::Result<Option<String>> {
    let warning: Option<String> = connection
        .prepare_cached("SELECT warning FROM snapshots WHERE id = ?1")?
        .query_row([snapshot], |row| row.get(0))?;
    Ok(warning.filter(|warning| !warning.trim().is_empty()))
}

/// The content of a snapshot that found the post.
pub(super) fn content(connection: &Connection, snapshot: i64, depth: u8) -> rusqlite::Result<Post> {
    let mut content = connection
        .prepare_cached(
            "SELECT post, text, text_html, truncated, author_id, author_handle, author_name, author_url, \
             author_avatar, published, edited, lang, counts, poll, card, sensitive, warning, thread FROM snapshots WHERE id = ?1",
        )?
        .query_row([snapshot], |row| {
            let post: i64 = row.get("post")?;
            let author = Author {
                id: row.get("author_id")?,
                handle: row.get::<_, Option<String>>("author_handle")?.unwrap_or_default(),
                name: row.get("author_name")?,
                url: row.get("author_url")?,
                avatar: row.get("author_avatar")?,
            };
            let text = row.get::<_, Option<String>>("text")?.unwrap_or_default();
            let mut content = Post::new(post_ref(connection, post)?, author, text);
            content.text_html = row.get("text_html")?;
            content.truncated = row.get("truncated")?;
            content.published = row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when);
            content.edited = row.get::<_, Option<At>>("edited")?.map(|At(at)| at);
            content.lang = row.get("lang")?;
            content.counts = row.get::<_, Option<Json<_>>>("counts")?.map(|Json(counts)| counts).unwrap_or_default();
            content.poll = row.get::<_, Option<Json<_>>>("poll")?.map(|Json(poll)| poll);
            content.card = row.get::<_, Option<Json<_>>>("card")?.map(|Json(card)| card);
            content.sensitive = row.get("sensitive")?;
            content.warning = row.get("warning")?;
            content.thread = row.get::<_, Option<Json<_>>>("thread")?.map(|Json(thread)| thread);
            Ok(content)
        })?;
    let mut media = connection.prepare_cached(
        "SELECT kind, url, fallbacks, alt, width_px, height_px, duration_ms, stated_mime, \
         obtained = 'yt-dlp' AS by_other FROM snapshot_media \
         WHERE snapshot = ?1 AND part = 'media' ORDER BY position",
    )?;
    let media = media.query_map([snapshot], |row| {
        Ok(Media {
            kind: row.get::<_, Word<_>>("kind")?.0,
            url: row.get("url")?,
            fallbacks: row.get::<_, Option<Json<_>>>("fallbacks")?.map(|Json(urls)| urls).unwrap_or_default(),
            alt: row.get("alt")?,
            width_px: row.get("width_px")?,
            height_px: row.get("height_px")?,
            duration_ms: row.get::<_, Option<i64>>("duration_ms")?.map(counted),
            mime: row.get("stated_mime")?,
            variants: Vec::new(),
            obtained: row.get::<_, Option<bool>>("by_other")?.filter(|by| *by).map(|_| Obtained::YtDlp),
        })
    })?;
    content.media = files(media)?;
    for (kind, post, related_snapshot) in relations(connection, snapshot)? {
        let inside = match related_snapshot.filter(|_| depth > 0) {
            Some(inside) => Some(Box::new(self::content(connection, inside, depth - 1)?)),
            None => None,
        };
        let related = Some(Related { post: post_ref(connection, post)?, content: inside });
        match kind.as_str() {
            "quoted" => content.quoted = related,
            _ => content.reply_to = related,
        }
    }
    Ok(content)
}

/// The posts that a snapshot quotes and answers: kind, post, and the snapshot of it that the same answer brought.
pub(super) fn relations(connection: &Connection, snapshot: i64) -> rusqlite::Result<Vec<(String, i64, Option<i64>)>> {
    let mut relations =
        connection.prepare_cached("SELECT kind, post, related_snapshot FROM relations WHERE snapshot = ?1")?;
    let relations = relations.query_map([snapshot], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    relations.collect()
}

/// All files of a snapshot, its author's picture and its card's included.
pub(super) fn stored_media(
    connection: &Connection,
    snapshot: i64,
    with_bytes: bool,
) -> rusqlite::Result<Vec<StoredMedia>> {
    let mut media = connection.prepare_cached(
        "SELECT m.kind, m.url, m.alt, m.width_px, m.height_px, m.duration_ms, m.blob, m.failure, m.obtained, m.note, \
         b.mime, b.sha256, \
         b.size_bytes FROM snapshot_media m LEFT JOIN blobs b ON b.id = m.blob WHERE m.snapshot = ?1 ORDER BY m.position",
    )?;
    let media = media.query_map([snapshot], |row| {
        let blob: Option<i64> = row.get("blob")?;
        let size_bytes: Option<i64> = row.get("size_bytes")?;
        Ok(StoredMedia {
            kind: row.get::<_, Word<_>>("kind")?.0,
            url: row.get("url")?,
            alt: row.get("alt")?,
            width_px: row.get("width_px")?,
            height_px: row.get("height_px")?,
            duration_ms: row.get::<_, Option<i64>>("duration_ms")?.map(counted),
            mime: row.get("mime")?,
            digest: row.get("sha256")?,
            size_bytes: size_bytes.map(counted),
            bytes: blob
                .filter(|_| with_bytes && size_bytes.is_some_and(|size| size <= MAX_SHOWN_BYTES))
                .map(|blob| blobs::get(connection, blob))
                .transpose()?,
            failure: row.get("failure")?,
            obtained: row.get::<_, Option<Word<_>>>("obtained")?.map(|Word(obtained)| obtained),
            note: row.get("note")?,
        })
    })?;
    files(media)
}
