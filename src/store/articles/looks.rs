//! Known articles: what is needed to look at one again, which are due for it, and looks that found nothing new.

use super::{BodyFrom, aliases};
use crate::{
    article::Kind,
    http::{Exchange, Validators},
    model::{Article, When},
    store::{
        Store, StoreError, blobs,
        columns::{At, Json, Word, counted},
        entries, exchanges,
    },
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use url::Url;

/// What is known of an article before it is looked at again.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownArticle {
    /// Its number.
    pub article_id: i64,
    /// Its newest version's number.
    pub version_id: i64,
    /// Its name in the archive.
    pub name: String,
    /// The source that named it first.
    pub source: String,
    /// SHA-256 (hex) of the newest version's original bytes.
    pub sha256: String,
    /// Of what the newest version says; none in versions of older archives.
    pub content_digest: Option<String>,
    /// Where the newest version's main text was read, where that is not the page itself.
    pub body_from: Option<BodyFrom>,
    /// Whether its newest version was read from further pages too.
    pub in_pages: bool,
    /// Its headline, as its newest version says.
    pub title: String,
    /// Its first publication, as its newest version says.
    pub published: Option<When>,
    /// The address that answered the last look.
    pub looked_url: Option<Url>,
    /// What names the version of that answer.
    pub validators: Option<Validators>,
    /// Whether the site said at the last look that it is gone.
    pub gone: bool,
    /// Whether it says that it is a live blog.
    pub live_blog: bool,
    /// When its first version was archived.
    pub first_captured_at: Timestamp,
    /// When its newest version was archived.
    pub captured_at: Timestamp,
    /// When it was last looked at.
    pub last_looked_at: Timestamp,
    /// How often it was looked at.
    pub looks: u64,
    /// When it is looked at again.
    pub due_at: Option<Timestamp>,
    /// Its feed has more than its newest version: set by a run, not kept.
    pub feed_has_more: bool,
}

impl KnownArticle {
    /// Whether its page alone tells whether it changed: nothing of it was, or is to be, read elsewhere.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        !self.in_pages && !self.feed_has_more
    }
}

/// A look at a known article that added no version.
#[derive(Clone, Debug, PartialEq)]
pub struct ArticleLook {
    /// The article.
    pub article_id: i64,
    /// When.
    pub looked_at: Timestamp,
    /// When it is looked at again; none for never by itself.
    pub due_at: Option<Timestamp>,
    /// What the look found.
    pub found: LookFound,
}

/// What a look found that added no version.
#[derive(Clone, Debug, PartialEq)]
pub enum LookFound {
    /// What the article says is as it was. With where that answer came from, where it was a whole one.
    Unchanged(Option<(Url, Option<Validators>)>),
    /// The site says that it is gone.
    Gone,
    /// It could not be had; nothing is known of it.
    Failed,
}

const KNOWN: &str = "SELECT a.id, v.id AS version_id, a.name, a.source, v.sha256, v.content_digest, v.body_from, v.title, v.published, \
    EXISTS (SELECT 1 FROM article_pages p WHERE p.version = v.id) AS in_pages, \
    a.looked_url, a.validators, a.state = 'gone' AS gone, a.live_blog, a.first_captured_at, a.captured_at, \
    a.last_looked_at, a.looks, a.due_at FROM articles a JOIN article_versions v ON v.id = a.version";

impl Store {
    /// What is known of an article by its name, or by an address that leads to it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn known_article(&self, name: &str) -> Result<Option<KnownArticle>, StoreError> {
        self.read(&format!("look for the article {name}"), |connection| {
            let Some(id) = aliases::find_named(connection, name)? else { return Ok(None) };
            known(connection, id)
        })
    }

    /// What is known of the article that one of these addresses leads to, the first that does.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn known_article_at(&self, addresses: &[&Url]) -> Result<Option<KnownArticle>, StoreError> {
        self.read("look for an article by its addresses", |connection| {
            for url in addresses {
                if let Some(id) = aliases::find(connection, crate::article::address::plain(url).as_str())? {
                    return known(connection, id);
                }
            }
            Ok(None)
        })
    }

    /// The articles that are due for another look at `now`, the longest overdue first, at most `limit`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn due_revisits(&self, now: Timestamp, limit: usize) -> Result<Vec<KnownArticle>, StoreError> {
        self.read("look for articles that are due for another look", |connection| {
            let mut statement =
                connection.prepare_cached(&format!("{KNOWN} WHERE a.due_at <= ?1 ORDER BY a.due_at, a.id LIMIT ?2"))?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            statement.query_map((At(now), limit), read_known)?.collect()
        })
    }

    /// Notes looks that added no version, all of them at once.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn note_article_looks(&mut self, looks: &[ArticleLook]) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        self.write("note looks at articles", |transaction| looks.iter().try_for_each(|look| note(transaction, look)))
    }

    /// Keeps the digest of what a version says, worked out by today's reader in a run.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn set_content_digest(&mut self, run: i64, version_id: i64, content_digest: &str) -> Result<(), StoreError> {
        self.write("keep what a version of an article says as a digest", |transaction| {
            transaction
                .prepare_cached("UPDATE article_versions SET content_digest = ?2 WHERE id = ?1")?
                .execute((version_id, content_digest))?;
            entries::add(transaction, run, entries::Kind::Reading, version_id)
        })
    }
}

/// The bytes of a version, with what is needed to read them again.
#[derive(Clone, Debug)]
pub struct StoredVersion {
    /// As they came.
    pub bytes: Vec<u8>,
    /// The header's value, where there was a header.
    pub content_type: Option<String>,
    /// What they are.
    pub kind: Option<Kind>,
    /// The address that answered.
    pub url: Option<Url>,
    /// How it was fetched, where it was.
    pub exchange: Option<Exchange>,
    /// Further pages that it was read from, in order.
    pub pages: Vec<Exchange>,
}

impl Store {
    /// The bytes of a version.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn stored_version(&self, version_id: i64) -> Result<Option<StoredVersion>, StoreError> {
        self.read("read a version of an article", |connection| {
            let found = connection
                .prepare_cached(
                    "SELECT v.original, v.content_type, v.exchange, a.kind FROM article_versions v \
                     JOIN articles a ON a.id = v.article WHERE v.id = ?1",
                )?
                .query_row([version_id], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?, row.get::<_, String>(3)?))
                })
                .optional()?;
            let Some((original, content_type, exchange, kind)) = found else { return Ok(None) };
            let exchange = exchange.map(|exchange| exchanges::load(connection, exchange)).transpose()?;
            let mut pages =
                connection.prepare_cached("SELECT exchange FROM article_pages WHERE version = ?1 ORDER BY position")?;
            let pages = pages.query_map([version_id], |row| exchanges::load(connection, row.get(0)?))?;
            let pages = pages.collect::<rusqlite::Result<_>>()?;
            Ok(Some(StoredVersion {
                bytes: blobs::get(connection, original)?,
                content_type,
                kind: [Kind::Html, Kind::Markdown, Kind::Text].into_iter().find(|known| known.as_str() == kind),
                url: exchange.as_ref().and_then(|exchange| Some(exchange.response()?.url.clone())),
                exchange,
                pages,
            }))
        })
    }

    /// Headline and words of a version.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn version_words(&self, version_id: i64) -> Result<Article, StoreError> {
        self.read("read the words of an article", |connection| {
            connection
                .prepare_cached("SELECT title, text FROM article_versions WHERE id = ?1")?
                .query_row([version_id], |row| {
                    Ok(Article { title: row.get(0)?, text: row.get(1)?, ..Article::default() })
                })
        })
    }
}

pub(super) fn known(connection: &Connection, id: i64) -> rusqlite::Result<Option<KnownArticle>> {
    connection.prepare_cached(&format!("{KNOWN} WHERE a.id = ?1"))?.query_row([id], read_known).optional()
}

fn read_known(row: &Row<'_>) -> rusqlite::Result<KnownArticle> {
    let at = |column: &str| row.get::<_, At>(column).map(|At(at)| at);
    let looked_url: Option<String> = row.get("looked_url")?;
    Ok(KnownArticle {
        article_id: row.get("id")?,
        version_id: row.get("version_id")?,
        name: row.get("name")?,
        source: row.get("source")?,
        sha256: row.get("sha256")?,
        content_digest: row.get("content_digest")?,
        body_from: row.get::<_, Option<Word<_>>>("body_from")?.map(|Word(from)| from),
        in_pages: row.get("in_pages")?,
        title: row.get("title")?,
        published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
        looked_url: looked_url.map(|_| exchanges::url(row, "looked_url")).transpose()?,
        validators: row.get::<_, Option<Json<_>>>("validators")?.map(|Json(validators)| validators),
        gone: row.get("gone")?,
        live_blog: row.get("live_blog")?,
        first_captured_at: at("first_captured_at")?,
        captured_at: at("captured_at")?,
        last_looked_at: at("last_looked_at")?,
        looks: counted(row.get("looks")?),
        due_at: row.get::<_, Option<At>>("due_at")?.map(|At(at)| at),
        feed_has_more: false,
    })
}

/// A look is one update of one row, and never takes anything from what is known.
pub(super) fn note(connection: &Connection, look: &ArticleLook) -> rusqlite::Result<()> {
    let due_at = look.due_at.map(At);
    let seen = |connection: &Connection, state: &str| {
        connection
            .prepare_cached(
                "UPDATE articles SET last_looked_at = max(last_looked_at, ?2), due_at = ?3, looks = looks + 1, \
                 state_since = CASE WHEN state = ?4 THEN state_since ELSE ?2 END, state = ?4 WHERE id = ?1",
            )?
            .execute((look.article_id, At(look.looked_at), due_at, state))
            .map(drop)
    };
    match &look.found {
        LookFound::Gone => seen(connection, "gone"),
        LookFound::Failed => connection
            .prepare_cached("UPDATE articles SET due_at = ?2, looks = looks + 1 WHERE id = ?1")?
            .execute((look.article_id, due_at))
            .map(drop),
        LookFound::Unchanged(answered) => {
            seen(connection, "live")?;
            let Some((url, validators)) = answered else { return Ok(()) };
            connection
                .prepare_cached("UPDATE articles SET looked_url = ?2, validators = ?3 WHERE id = ?1")?
                .execute((look.article_id, url.as_str(), validators.as_ref().map(Json)))
                .map(drop)
        }
    }
}
