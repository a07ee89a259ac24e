//! Addresses that lead to an article, and articles that turn out to be one.

use super::NewArticle;
use crate::{
    article::address,
    store::{Transaction, columns::At, index},
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;
use url::Url;

/// How an address is known to lead to an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// A source or a person named it.
    Named,
    /// A redirect led from it, or to it.
    Redirect,
    /// The page states it as its own.
    Canonical,
    /// It is a further page of the article.
    Page,
    /// It is the article's AMP form.
    Amp,
    /// It is the article's form for printing.
    Print,
}

impl Leads {
    /// As SQL and records write it.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Named, Self::Redirect, Self::Canonical, Self::Page, Self::Amp, Self::Print];
        all.into_iter().find(|how| how.as_str() == word)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Redirect => "redirect",
            Self::Canonical => "canonical",
            Self::Page => "page",
            Self::Amp => "amp",
            Self::Print => "print",
        }
    }
}

/// The address by which a name is looked up among the aliases; none where it is no web address.
pub(in crate::store) fn key(name: &str) -> Option<Url> {
    let url = Url::parse(name).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(address::plain(&url))
}

/// The article that this alias leads to.
pub(in crate::store) fn find(connection: &Connection, url: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT article FROM article_aliases WHERE url = ?1")?
        .query_row([url], |row| row.get(0))
        .optional()
}

/// The article of a name, or of an address that leads to it.
pub(in crate::store) fn find_named(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    let by_name = connection
        .prepare_cached("SELECT id FROM articles WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    match (by_name, key(name)) {
        (None, Some(url)) => find(connection, url.as_str()),
        (found, _) => Ok(found),
    }
}

/// The article that a new look is at, by its name and by every address that leads to it. Where these lead to several
/// articles, they turn out to be one: all their versions are the first one's from now on.
pub(super) fn identify(transaction: &Transaction<'_>, new: &NewArticle<'_>) -> rusqlite::Result<Option<i64>> {
    let mut found: BTreeSet<i64> = find_named(transaction, new.name)?.into_iter().collect();
    for (url, _) in new.over_time.addresses {
        found.extend(find(transaction, address::plain(url).as_str())?);
    }
    let mut found = found.into_iter();
    let Some(first) = found.next() else { return Ok(None) };
    for other in found {
        merge(transaction, first, other)?;
    }
    Ok(Some(first))
}

/// Notes every address that leads to an article.
pub(super) fn note(transaction: &Transaction<'_>, article: i64, new: &NewArticle<'_>) -> rusqlite::Result<()> {
    if let Some(url) = key(new.name) {
        add(transaction, article, &url, Leads::Named, new.captured_at)?;
    }
    for (url, how) in new.over_time.addresses {
        add(transaction, article, &address::plain(url), *how, new.captured_at)?;
    }
    Ok(())
}

pub(in crate::store) fn add(
    connection: &Connection,
    article: i64,
    url: &Url,
    how: Leads,
    seen_at: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO article_aliases (url, article, how, seen_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute((url.as_str(), article, how.as_str(), At(seen_at)))?;
    Ok(())
}

/// Makes one article of two. Versions, aliases and dates of both are kept; the name of the second becomes an alias.
fn merge(transaction: &Connection, kept: i64, other: i64) -> rusqlite::Result<()> {
    index::remove(transaction, &index::ARTICLES, kept)?;
    index::remove(transaction, &index::ARTICLES, other)?;
    transaction
        .prepare_cached("UPDATE article_versions SET article = ?1 WHERE article = ?2")?
        .execute((kept, other))?;
    transaction.prepare_cached("UPDATE article_aliases SET article = ?1 WHERE article = ?2")?.execute((kept, other))?;
    // Its versions were entered under its name, to the letter.
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO article_aliases (url, article, how, seen_at) \
             SELECT name, ?1, 'named', first_captured_at FROM articles WHERE id = ?2",
        )?
        .execute((kept, other))?;
    transaction
        .prepare_cached(
            "UPDATE articles SET looks = articles.looks + o.looks, \
             first_captured_at = min(articles.first_captured_at, o.first_captured_at), \
             captured_at = max(articles.captured_at, o.captured_at), \
             last_looked_at = max(articles.last_looked_at, o.last_looked_at), \
             version = CASE WHEN o.captured_at > articles.captured_at THEN o.version ELSE articles.version END, \
             url = CASE WHEN o.captured_at > articles.captured_at THEN o.url ELSE articles.url END \
             FROM articles o WHERE articles.id = ?1 AND o.id = ?2",
        )?
        .execute((kept, other))?;
    transaction.prepare_cached("DELETE FROM articles WHERE id = ?1")?.execute([other])?;
    index::add(transaction, &index::ARTICLES, kept)
}

/// Gives the articles of an older archive their aliases, and makes one of those that only tracking parameters, or their
/// own canonical addresses, told apart.
pub(in crate::store) fn fill(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT id, name, url, first_captured_at FROM articles ORDER BY id")?;
    let articles = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, At>(3)?.0))
    })?;
    let articles: Vec<_> = articles.collect::<rusqlite::Result<_>>()?;
    for (id, name, canonical, seen_at) in articles {
        let Some(named) = key(&name) else { continue };
        let canonical = canonical.as_deref().and_then(key).filter(|url| address::is_believed(url, &named));
        let addresses = [Some((named, Leads::Named)), canonical.map(|url| (url, Leads::Canonical))];
        let mut kept = id;
        for (url, _) in addresses.iter().flatten() {
            if let Some(known) = find(connection, url.as_str())?.filter(|known| *known != kept) {
                let (first, second) = (known.min(kept), known.max(kept));
                merge(connection, first, second)?;
                kept = first;
            }
        }
        for (url, how) in addresses.iter().flatten() {
            add(connection, kept, url, *how, seen_at)?;
        }
    }
    Ok(())
}
