//! Articles and their versions: the original bytes, what was read from them, and the embeds found in them. `aliases` are
//! the addresses that lead to an article, `looks` what is known before it is looked at again, `write` a version's rows.

pub(super) mod aliases;
mod looks;
mod write;

pub use aliases::Leads;
pub use looks::{ArticleLook, KnownArticle, LookFound, StoredVersion};

use super::{
    Store, StoreError, Transaction, blobs,
    columns::At,
    entries::{self, Kind},
    index, posts, queue, redact,
};
use crate::{
    http::{Exchange, Validators},
    model::{Article, Embed, PostRef, Scope},
};
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use serde::Deserialize;
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
    /// What matters when it is looked at again.
    pub over_time: OverTime<'a>,
}

/// What matters of an article when it is looked at again.
#[derive(Clone, Debug, Default)]
pub struct OverTime<'a> {
    /// SHA-256 (hex) of what it says. Without one its bytes decide whether it changed.
    pub content_digest: Option<&'a str>,
    /// Where its main text was read, where that is not the page itself.
    pub body_from: Option<BodyFrom>,
    /// Further pages that it was read from, in order.
    pub pages: &'a [(PageKind, Exchange)],
    /// Whether its feed embeds posts that its newest version lacks, whatever its page says.
    pub feed_has_more: bool,
    /// Addresses that lead to it, beside its name.
    pub addresses: &'a [(Url, Leads)],
    /// Whether it says that it is a live blog.
    pub live_blog: bool,
    /// When it is looked at again.
    pub due_at: Option<Timestamp>,
    /// The address to ask then, with what names the version of its answer.
    pub answered: Option<(&'a Url, Option<&'a Validators>)>,
}

/// Where the main text of a page is read that has none itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFrom {
    /// Its AMP form.
    Amp,
    /// Its form for printing.
    Print,
    /// The `articleBody` of its own JSON-LD.
    JsonLd,
}

impl BodyFrom {
    /// As SQL writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Amp => "amp",
            Self::Print => "print",
            Self::JsonLd => "json_ld",
        }
    }
}

/// What a further page is to its article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// The next page of an article in pages.
    Next,
    /// All pages on one.
    Whole,
    /// The AMP form.
    Amp,
    /// The form for printing.
    Print,
}

impl PageKind {
    /// As SQL writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Whole => "whole",
            Self::Amp => "amp",
            Self::Print => "print",
        }
    }
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
    /// It says what its newest version says; nothing was added.
    Unchanged,
}

impl Store {
    /// SHA-256 (hex) of the newest version's original bytes, by the article's name or an address that leads to it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn latest_article_digest(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.known_article(name)?.map(|known| known.sha256))
    }

    /// Keeps an article, unless its newest version says the same. Its embeds' posts that no run has looked at are
    /// queued in the same transaction, so that a run killed right after it loses none; their capture takes them off.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn save_article(&mut self, run: i64, new: &NewArticle<'_>) -> Result<SavedArticle, StoreError> {
        self.write(&format!("keep the article {}", new.name), |transaction| save(transaction, run, new))
    }
}

fn save(transaction: &Transaction<'_>, run: i64, new: &NewArticle<'_>) -> rusqlite::Result<SavedArticle> {
    queue::clear_article(transaction, new.name)?;
    let article = aliases::identify(transaction, new)?;
    let known = article.map(|id| looks::known(transaction, id)).transpose()?.flatten();
    let sha256 = blobs::sha256(new.original);
    if let Some(KnownArticle { article_id, version_id, .. }) =
        known.as_ref().filter(|known| is_same(known, new, &sha256))
    {
        seen(transaction, *article_id, new)?;
        return Ok(SavedArticle { article_id: *article_id, version_id: *version_id, change: Change::Unchanged });
    }
    if let Some(KnownArticle { article_id, version_id, .. }) = &known
        && redact::is_article_redacted(transaction, *article_id)?
    {
        // Nothing more is kept of it, whatever it says by now.
        return Ok(SavedArticle { article_id: *article_id, version_id: *version_id, change: Change::Unchanged });
    }
    if let Some(known) = known.as_ref()
        && new.captured_at < known.captured_at
        && is_of_before(transaction, run, new.captured_at)?
    {
        return older(transaction, run, known, new, &sha256);
    }
    let change = if known.is_some() { Change::Changed } else { Change::New };
    let article_id = match article {
        Some(article) => {
            index::remove(transaction, &index::ARTICLES, article)?;
            article
        }
        None => write::article(transaction, new)?,
    };
    let version_id = write::version(transaction, run, article_id, new, &sha256)?;
    let url = new.article.url.as_ref();
    transaction
        .prepare_cached(
            "UPDATE articles SET source = ?2, kind = ?3, url = ?4, site = ?5, version = ?6, captured_at = ?7, \
             live_blog = ?8 WHERE id = ?1",
        )?
        .execute((
            article_id,
            new.source,
            new.kind,
            url.map(Url::as_str),
            site(new),
            version_id,
            At(new.captured_at),
            new.over_time.live_blog,
        ))?;
    seen(transaction, article_id, new)?;
    index::add(transaction, &index::ARTICLES, article_id)?;
    entered(transaction, run, version_id, new)?;
    Ok(SavedArticle { article_id, version_id, change })
}

/// Whether an instant is before the run. What the run itself reads is always the newest, whatever date a recording gave its own.
fn is_of_before(transaction: &Transaction<'_>, run: i64, at: Timestamp) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT ?2 < started_at FROM runs WHERE id = ?1")?
        .query_row((run, At(at)), |row| row.get(0))
}

/// Writes what a version embeds, and enters it.
fn entered(transaction: &Transaction<'_>, run: i64, version_id: i64, new: &NewArticle<'_>) -> rusqlite::Result<()> {
    for (embed, post) in new.embeds {
        let post = posts::ensure(transaction, post)?;
        write::embed(transaction, version_id, embed, post)?;
        if embed.scope == Scope::Article {
            queue::expect_post(transaction, post, new.captured_at)?;
        }
    }
    redact::guard_version(transaction, run, version_id, new.captured_at)?;
    entries::add(transaction, run, Kind::Version, version_id)?;
    if new.over_time.content_digest.is_some() {
        entries::add(transaction, run, Kind::Reading, version_id)?;
    }
    Ok(())
}

/// Keeps a version that is older than the newest one, out of a recording: what is shown of the article stays. One that says
/// what the version before it says, or the one after it, is no version of its own.
fn older(
    transaction: &Transaction<'_>,
    run: i64,
    known: &KnownArticle,
    new: &NewArticle<'_>,
    sha256: &str,
) -> rusqlite::Result<SavedArticle> {
    let article_id = known.article_id;
    let same: Option<i64> = transaction
        .prepare_cached(
            "SELECT id FROM article_versions WHERE article = ?1 AND (sha256 = ?3 OR content_digest = ?4) AND id IN ( \
               (SELECT id FROM article_versions WHERE article = ?1 AND captured_at <= ?2 ORDER BY captured_at DESC, id DESC LIMIT 1), \
               (SELECT id FROM article_versions WHERE article = ?1 AND captured_at > ?2 ORDER BY captured_at, id LIMIT 1)) LIMIT 1",
        )?
        .query_row((article_id, At(new.captured_at), sha256, new.over_time.content_digest), |row| row.get(0))
        .optional()?;
    transaction
        .prepare_cached("UPDATE articles SET first_captured_at = min(first_captured_at, ?2) WHERE id = ?1")?
        .execute((article_id, At(new.captured_at)))?;
    if let Some(version_id) = same {
        return Ok(SavedArticle { article_id, version_id, change: Change::Unchanged });
    }
    let version_id = write::version(transaction, run, article_id, new, sha256)?;
    entered(transaction, run, version_id, new)?;
    Ok(SavedArticle { article_id, version_id, change: Change::Changed })
}

/// Whether the newest version says the same; where nobody has worked that out, whether it has the same bytes.
fn is_same(known: &KnownArticle, new: &NewArticle<'_>, sha256: &str) -> bool {
    if new.over_time.feed_has_more {
        return false;
    }
    match (&known.content_digest, new.over_time.content_digest) {
        (Some(known), Some(new)) => known == new,
        _ => known.sha256 == sha256,
    }
}

/// Notes a look, and the addresses that led to the article.
fn seen(transaction: &Transaction<'_>, article_id: i64, new: &NewArticle<'_>) -> rusqlite::Result<()> {
    aliases::note(transaction, article_id, new)?;
    let answered = new.over_time.answered.map(|(url, validators)| (url.clone(), validators.cloned()));
    let found = LookFound::Unchanged(answered);
    let look = ArticleLook { article_id, looked_at: new.captured_at, due_at: new.over_time.due_at, found };
    looks::note(transaction, &look)
}

/// The host by which people name the site, without `www.`.
fn site(new: &NewArticle<'_>) -> Option<String> {
    let named = Url::parse(new.name).ok();
    let host = new.article.url.as_ref().or(named.as_ref())?.host_str()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").map(str::to_owned).unwrap_or(host))
}
