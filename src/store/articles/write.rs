//! The rows of a version: itself, its embeds, its further pages.

use super::NewArticle;
use crate::{
    model::{Embed, Target},
    store::{
        Transaction, blobs,
        columns::{At, Json},
        exchanges,
    },
};
use url::Url;

pub(super) fn article(transaction: &Transaction<'_>, new: &NewArticle<'_>) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached(
            "INSERT INTO articles (name, source, kind, first_captured_at, captured_at, last_looked_at, looks) \
             VALUES (?1, ?2, ?3, ?4, ?4, ?4, 0)",
        )?
        .execute((new.name, new.source, new.kind, At(new.captured_at)))?;
    Ok(transaction.last_insert_rowid())
}

pub(super) fn version(
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
             title, byline, site_name, published, lang, text, body, content_digest, body_from) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
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
            new.over_time.content_digest,
            new.over_time.body_from.map(super::BodyFrom::as_str),
        ])?;
    let version = transaction.last_insert_rowid();
    for (position, (kind, exchange)) in (1_i64..).zip(new.over_time.pages) {
        let exchange = exchanges::save(transaction, run, exchange)?;
        transaction
            .prepare_cached("INSERT INTO article_pages (version, position, kind, exchange) VALUES (?1, ?2, ?3, ?4)")?
            .execute((version, position, kind.as_str(), exchange))?;
    }
    Ok(version)
}

pub(super) fn embed(transaction: &Transaction<'_>, version: i64, embed: &Embed, post: i64) -> rusqlite::Result<()> {
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
