//! What an export of another archive says of posts and articles beside their content, put back: names, looks that found
//! nothing new, failures. Content comes the way that all content comes, by captures.

use super::{
    Leads, Store, StoreError,
    articles::aliases,
    captures::Look,
    columns::{At, Json, Word, count},
    exchanges::Exchanges,
    failures::read_failure,
    posts,
};
use crate::model::{Failure, PostRef, Quoted, State, Via};
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use url::Url;

/// What articles quote of one post that is looked through.
const MAX_QUOTATIONS: usize = 1000;

/// A look that found a post as a snapshot says.
#[derive(Clone, Debug)]
pub struct UnchangedLook<'a> {
    /// The post.
    pub post: &'a PostRef,
    /// When.
    pub looked_at: Timestamp,
    /// The rung.
    pub via: Via,
    /// When that snapshot was taken.
    pub captured_at: Timestamp,
    /// The versions of its answers by URL, a JSON object.
    pub validators: Option<&'a serde_json::Value>,
}

/// How an article stood when it was exported.
#[derive(Clone, Debug)]
pub struct ArticleStanding<'a> {
    /// Its name.
    pub name: &'a str,
    /// How often it was looked at.
    pub looks: u64,
    /// The last time.
    pub last_looked_at: Timestamp,
    /// Since when its site says that it is gone.
    pub gone_since: Option<Timestamp>,
    /// When its present state was first seen.
    pub state_since: Option<Timestamp>,
    /// The address that answered the last look.
    pub looked_url: Option<&'a Url>,
    /// What names the version of that answer.
    pub validators: Option<&'a crate::http::Validators>,
    /// Addresses that lead to it, with how and when each was first seen.
    pub addresses: &'a [(Url, Leads, Timestamp)],
}

/// A failure as the columns of a look tell it.
#[must_use]
pub fn told_failure(reason: &str, detail: Option<String>, retry_at: Option<Timestamp>) -> Failure {
    read_failure(reason, detail, retry_at)
}

impl Store {
    /// How many looks at a post, under any of its names, are kept of one instant and one rung.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn looks_at(&self, post: &PostRef, looked_at: Timestamp, via: Via) -> Result<usize, StoreError> {
        self.read("look for a look", |connection| {
            let Some(post) = posts::find(connection, &post.platform, &post.id)? else { return Ok(0) };
            connection
                .prepare_cached(
                    "SELECT count(*) FROM looks WHERE post = ?1 AND looked_at = ?2 AND via = ?3 AND reparse_of IS NULL",
                )?
                .query_row((post, At(looked_at), via.as_str()), |row| row.get::<_, i64>(0))
                .map(|looks| usize::try_from(looks).unwrap_or_default())
        })
    }

    /// Whether this version of an article is kept already, under any of the article's names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn has_version(&self, article: i64, captured_at: Timestamp, sha256: &str) -> Result<bool, StoreError> {
        self.read("look for a version of an article", |connection| {
            connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM article_versions WHERE article = ?1 AND captured_at = ?2 AND sha256 = ?3)",
                )?
                .query_row((article, At(captured_at), sha256), |row| row.get(0))
        })
    }

    /// Whether it is known that a web archive was asked to save a post.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn is_saved(&self, post: &PostRef) -> Result<bool, StoreError> {
        self.read("look for what a web archive saved", |connection| {
            let Some(post) = posts::find(connection, &post.platform, &post.id)? else { return Ok(false) };
            connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM saves WHERE post = ?1)")?
                .query_row([post], |row| row.get(0))
        })
    }

    /// What articles quote of a post.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn quotations(&self, post: &PostRef) -> Result<Vec<Quoted>, StoreError> {
        self.read("read what articles quote of a post", |connection| {
            let Some(post) = posts::find(connection, &post.platform, &post.id)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(
                "SELECT quoted_text, quoted_author_name, quoted_author_handle, quoted_published, quoted_links FROM embeds \
                 WHERE post = ?1 LIMIT ?2",
            )?;
            let quotations = statement.query_map((post, count(MAX_QUOTATIONS as u64)), |row| {
                Ok(Quoted {
                    text: row.get(0)?,
                    author_name: row.get(1)?,
                    author_handle: row.get(2)?,
                    published: row.get::<_, Option<Word<_>>>(3)?.map(|Word(when)| when),
                    links: row.get::<_, Json<_>>(4)?.0,
                })
            })?;
            quotations.collect()
        })
    }

    /// Notes posts by name that nothing more is known of; those that are known are left as they are.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn note_posts(&mut self, named: &[PostRef]) -> Result<(), StoreError> {
        self.write("note posts", |transaction| {
            named.iter().try_for_each(|post| posts::ensure(transaction, post).map(drop))
        })
    }

    /// Keeps a look that found a post as one of its snapshots says. False where that snapshot is not there.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn restore_look(&mut self, run: i64, look: &UnchangedLook<'_>) -> Result<bool, StoreError> {
        self.write("keep a look that found nothing new", |transaction| {
            let UnchangedLook { post, looked_at, via, captured_at, validators } = look;
            let Some(post) = posts::find(transaction, &post.platform, &post.id)? else { return Ok(false) };
            let found: Option<(i64, String)> = transaction
                .prepare_cached(
                    "SELECT id, outcome FROM snapshots WHERE post = ?1 AND via = ?2 AND captured_at = ?3 ORDER BY id DESC LIMIT 1",
                )?
                .query_row((post, via.as_str(), At(*captured_at)), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((snapshot, outcome)) = found else { return Ok(false) };
            let word = if outcome == "found" { State::Live.as_str().to_owned() } else { outcome };
            let state: Option<State> = serde_json::from_value(word.into()).ok();
            let exchanges = Exchanges::new(transaction, run, &[]);
            let looked = Look { transaction, run, at: *looked_at, via: *via, exchanges: &exchanges, reparse: None, read_from: &[] };
            looked.record_unchanged(post, state, snapshot, *validators)?;
            posts::refresh(transaction, post)?;
            Ok(true)
        })
    }

    /// Puts back how an article stood, where all of its versions came by this run.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn restore_standing(&mut self, run: i64, standing: &ArticleStanding<'_>) -> Result<(), StoreError> {
        self.write("keep how an article stood", |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE articles SET looks = max(looks, ?3), last_looked_at = max(last_looked_at, ?4), \
                     state = CASE WHEN ?5 IS NULL THEN state ELSE 'gone' END, state_since = ?6, \
                     looked_url = coalesce(?7, looked_url), validators = coalesce(?8, validators) \
                     WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.article = articles.id AND v.run <> ?2)",
                )?
                .execute(rusqlite::params![
                    standing.name,
                    run,
                    count(standing.looks),
                    At(standing.last_looked_at),
                    standing.gone_since.map(At),
                    standing.state_since.map(At),
                    standing.looked_url.map(Url::as_str),
                    standing.validators.map(Json),
                ])?;
            let new: Option<i64> = transaction
                .prepare_cached(
                    "SELECT id FROM articles WHERE name = ?1 \
                     AND NOT EXISTS (SELECT 1 FROM article_versions v WHERE v.article = articles.id AND v.run <> ?2)",
                )?
                .query_row((standing.name, run), |row| row.get(0))
                .optional()?;
            let Some(article) = new else { return Ok(()) };
            standing
                .addresses
                .iter()
                .try_for_each(|(url, how, seen_at)| aliases::add(transaction, article, url, *how, *seen_at))
        })
    }
}
