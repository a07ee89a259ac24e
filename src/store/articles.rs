//! Articles and their versions: the original bytes, what was read from them, and the embeds found in them.

use super::{
    Store, StoreError, Transaction, blobs,
    columns::{At, Json},
    exchanges, posts, queue,
};
use crate::{
    http::Exchange,
    model::{Article, Embed, PostRef, Scope, Target},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use url::Url;

/// An article as it was read, ready to be kept.
#[derive(Clone, Debug)]
pub struct NewArticle<'a> {
    /// Its URL or path, as the source gave it: what names the article in the archive.
    pub name: &'a str,
    /// The configured source's name, or `add`.
    pub source: &'a str,
    /// `html`, `markdown` or `text`.
    pub kind: &'a str,
    /// The bytes as they came.
    pub original: &'a [u8],
    /// The header's value, where there was a header.
    pub content_type: Option<&'a str>,
    /// What it says.
    pub article: &'a Article,
    /// Each embed with the post that it stands for, real or provisional.
    pub embeds: &'a [(Embed, PostRef)],
    /// How it was fetched, where it was.
    pub exchange: Option<&'a Exchange>,
    /// When.
    pub captured_at: Timestamp,
}

/// An article as kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedArticle {
    /// Its number.
    pub article_id: i64,
    /// Its newest version's number.
    pub version_id: i64,
    /// Whether that version is new.
    pub change: Change,
}

/// What an article is to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Never seen before.
    New,
    /// Seen, with other bytes now.
    Changed,
    /// The same bytes as its newest version; nothing was added.
    Unchanged,
}

impl Store {
    /// SHA-256 (hex) of the newest version's original bytes, by the article's name.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn latest_article_digest(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(&format!("look for the article {name}"), |connection| {
            Ok(known(connection, name)?.map(|known| known.sha256))
        })
    }

    /// Keeps an article, unless its newest version has the same bytes. Its embeds' posts that no run has looked at are
    /// queued in the same transaction, so that a run killed right after it loses none; their capture takes them off.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_article(&mut self, run: i64, new: &NewArticle<'_>) -> Result<SavedArticle, StoreError> {
        self.write(&format!("keep the article {}", new.name), |transaction| save(transaction, run, new))
    }
}

/// An article that the archive has.
struct Known {
    article: i64,
    version: i64,
    sha256: String,
}

fn known(connection: &Connection, name: &str) -> rusqlite::Result<Option<Known>> {
    connection
        .prepare_cached(
            "SELECT a.id, v.id, v.sha256 FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.name = ?1",
        )?
        .query_row([name], |row| Ok(Known { article: row.get(0)?, version: row.get(1)?, sha256: row.get(2)? }))
        .optional()
}

fn save(transaction: &Transaction<'_>, run: i64, new: &NewArticle<'_>) -> rusqlite::Result<SavedArticle> {
    queue::clear_article(transaction, new.name)?;
    let known = known(transaction, new.name)?;
    let sha256 = blobs::sha256(new.original);
    if let Some(Known { article, version, .. }) = known.as_ref().filter(|known| known.sha256 == sha256) {
        transaction
            .prepare_cached("UPDATE articles SET last_looked_at = ?2 WHERE id = ?1")?
            .execute((article, At(new.captured_at)))?;
        return Ok(SavedArticle { article_id: *article, version_id: *version, change: Change::Unchanged });
    }
    let change = if known.is_some() { Change::Changed } else { Change::New };
    let article_id = match known {
        Some(known) => {
            unindex(transaction, known.article)?;
            known.article
        }
        None => insert_article(transaction, new)?,
    };
    let version_id = insert_version(transaction, run, article_id, new, &sha256)?;
    let url = new.article.url.as_ref();
    transaction
        .prepare_cached(
            "UPDATE articles SET source = ?2, kind = ?3, url = ?4, site = ?5, version = ?6, captured_at = ?7, \
             last_looked_at = ?7 WHERE id = ?1",
        )?
        .execute((
            article_id,
            new.source,
            new.kind,
            url.map(Url::as_str),
            site(new),
            version_id,
            At(new.captured_at),
        ))?;
    index(transaction, article_id)?;
    for (embed, post) in new.embeds {
        let post = posts::ensure(transaction, post)?;
        insert_embed(transaction, version_id, embed, post)?;
        if embed.scope == Scope::Article {
            queue::expect_post(transaction, post, new.captured_at)?;
        }
    }
    Ok(SavedArticle { article_id, version_id, change })
}

/// The host by which people name the site, without `www.`.
fn site(new: &NewArticle<'_>) -> Option<String> {
    let named = Url::parse(new.name).ok();
    let host = new.article.url.as_ref().or(named.as_ref())?.host_str()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").map(str::to_owned).unwrap_or(host))
}

fn insert_article(transaction: &Transaction<'_>, new: &NewArticle<'_>) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO articles (name, source, kind, first_captured_at, captured_at, last_looked_at) \
             VALUES (?1, ?2, ?3, ?4, ?4, ?4)",
        )?
        .execute((new.name, new.source, new.kind, At(new.captured_at)))?;
    Ok(transaction.last_insert_rowid())
}

fn insert_version(
    transaction: &Transaction<'_>,
    run: i64,
    article_id: i64,
    new: &NewArticle<'_>,
    sha256: &str,
) -> rusqlite::Result<i64> {
    let original = blobs::put(transaction, new.original)?.id;
    let body = blobs::put(transaction, new.article.body_html.as_bytes())?.id;
    let exchange = new.exchange.map(|exchange| exchanges::save(transaction, run, exchange)).transpose()?;
    let article = new.article;
    transaction
        .prepare_cached(
            "INSERT INTO article_versions (article, run, captured_at, sha256, original, content_type, exchange, url, \
             title, byline, site_name, published, lang, text, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(rusqlite::params![
            article_id,
            run,
            At(new.captured_at),
            sha256,
            original,
            new.content_type,
            exchange,
            article.url.as_ref().map(Url::as_str),
            article.title,
            article.byline,
            article.site_name,
            article.published.map(|published| published.to_string()),
            article.lang,
            article.text,
            body,
        ])?;
    Ok(transaction.last_insert_rowid())
}

fn insert_embed(transaction: &Transaction<'_>, version: i64, embed: &Embed, post: i64) -> rusqlite::Result<()> {
    let (target, target_url) = match &embed.target {
        Target::Post(post) => ("post", Some(&post.url)),
        Target::ShortLink { url, .. } => ("short_link", Some(url)),
        Target::Unresolved { .. } => ("unresolved", None),
    };
    let quoted = &embed.quoted;
    transaction
        .prepare_cached(
            "INSERT INTO embeds (version, position, form, scope, post, target, target_platform, target_post_id, \
             target_author, target_url, quoted_text, quoted_author_name, quoted_author_handle, quoted_published, \
             quoted_links) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(rusqlite::params![
            version,
            i64::try_from(embed.position).unwrap_or(i64::MAX),
            embed.form.as_str(),
            embed.scope.as_str(),
            post,
            target,
            embed.target.platform(),
            embed.target.post().map(|post| &post.id),
            embed.target.post().and_then(|post| post.author.as_ref()),
            target_url.map(Url::as_str),
            quoted.text,
            quoted.author_name,
            quoted.author_handle,
            quoted.published.map(|published| published.to_string()),
            Json(&quoted.links),
        ])?;
    Ok(())
}

/// Takes an article's words out of the index, before they change.
fn unindex(connection: &Connection, article: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO articles_fts (articles_fts, rowid, title, byline, text) \
             SELECT 'delete', id, title, byline, text FROM article_texts WHERE id = ?1",
        )?
        .execute([article])?;
    Ok(())
}

fn index(connection: &Connection, article: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO articles_fts (rowid, title, byline, text) \
             SELECT id, title, byline, text FROM article_texts WHERE id = ?1",
        )?
        .execute([article])?;
    Ok(())
}
