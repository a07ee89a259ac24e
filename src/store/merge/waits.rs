//! What waits for another try, by the word of both archives: unless one of them has the answer.

use super::{Merge, beside::put};
use crate::store::{Store, StoreError, Transaction, articles::aliases};
use rusqlite::{Connection, OptionalExtension, types::Value};
use std::collections::BTreeSet;

const QUEUE: &[&str] = &["tried_at", "attempts", "rests", "due_at", "reason", "queued_at", "source", "site"];

/// Names of one article that are followed, at most: an archive of a stranger's may have any number.
const MAX_NAMES: usize = 10_000;

/// What an archive says of whether a post or an article waits, and of when it last gave an answer.
#[derive(Debug, Default)]
pub(super) struct Waits {
    entry: Option<Vec<Value>>,
    answered_at: Option<String>,
    is_known: bool,
}

impl Waits {
    pub(super) fn of_post(archive: &Connection, post: i64) -> rusqlite::Result<Self> {
        let (answered_at, is_known) = archive
            .prepare_cached(
                "SELECT max(looked_at) FILTER (WHERE state IS NOT NULL AND reparse_of IS NULL), \
                 count(*) FILTER (WHERE via <> 'quoted') > 0 FROM looks WHERE post = ?1",
            )?
            .query_row([post], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { entry: entry(archive, "post", &Value::Integer(post))?, answered_at, is_known })
    }

    /// What both archives say of an article. Where they know it as one together and neither by itself, what was known of it
    /// apart has answered too.
    fn of_articles(here: &Connection, there: &Connection, name: &str) -> rusqlite::Result<[Self; 2]> {
        let all = [here, there];
        let group = named_together(all, name)?;
        let mut waits = [Self::default(), Self::default()];
        let mut apart = [None, None];
        for (place, archive) in all.into_iter().enumerate() {
            let own = aliases::find_named(archive, name)?;
            let found = group.iter().map(|name| aliases::find_named(archive, name));
            let found: BTreeSet<i64> = found.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
            for article in found {
                let looked_at: Option<String> = archive
                    .prepare_cached("SELECT last_looked_at FROM articles WHERE id = ?1")?
                    .query_row([article], |row| row.get(0))?;
                if own != Some(article) {
                    apart[place] = looked_at.clone().max(apart[place].take());
                }
                waits[place].answered_at = looked_at.max(waits[place].answered_at.take());
                waits[place].is_known = true;
            }
            waits[place].entry = entry(archive, "article_name", &Value::Text(name.to_owned()))?;
        }
        let [of_here, of_there] = apart;
        let [here, there] = &mut waits;
        here.answered_at = here.answered_at.take().max(of_there);
        there.answered_at = there.answered_at.take().max(of_here);
        Ok(waits)
    }

    /// Whether an archive in which nothing waits has had the answer that another one waits for.
    fn has_answer_to(&self, entry: &[Value]) -> bool {
        let text = |column| text(entry, column);
        let since = text("tried_at").or(text("queued_at"));
        (is_untried(entry) && self.is_known && text("reason").is_some_and(|reason| reason.starts_with("not yet")))
            || matches!((&self.answered_at, since), (Some(at), Some(since)) if at.as_str() > since)
    }
}

/// Every name and address of an article, by the word of both archives together.
fn named_together(archives: [&Connection; 2], name: &str) -> rusqlite::Result<BTreeSet<String>> {
    let mut known = BTreeSet::from([name.to_owned()]);
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop().filter(|_| known.len() < MAX_NAMES) {
        for archive in archives {
            let Some(article) = aliases::find_named(archive, &name)? else { continue };
            let mut names = archive.prepare_cached(
                "SELECT name FROM articles WHERE id = ?1 UNION SELECT url FROM article_aliases WHERE article = ?1",
            )?;
            for name in names.query_map([article], |row| row.get::<_, String>(0))? {
                let name = name?;
                if known.insert(name.clone()) {
                    next.push(name);
                }
            }
        }
    }
    Ok(known)
}

fn text<'a>(entry: &'a [Value], column: &str) -> Option<&'a str> {
    match QUEUE.iter().position(|name| *name == column).and_then(|place| entry.get(place)) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn is_untried(entry: &[Value]) -> bool {
    let attempts = QUEUE.iter().position(|name| *name == "attempts").and_then(|place| entry.get(place));
    text(entry, "tried_at").is_none() && attempts == Some(&Value::Integer(0))
}

/// Of two that were never tried, the one that has waited longer says since when.
fn has_waited_longer(one: &[Value], other: &[Value]) -> bool {
    let since = |entry| ["rests", "due_at", "queued_at", "reason"].map(|column| text(entry, column));
    is_untried(one) && is_untried(other) && since(one) < since(other)
}

fn entry(archive: &Connection, column: &str, of: &Value) -> rusqlite::Result<Option<Vec<Value>>> {
    let named = QUEUE.join(", ");
    archive
        .prepare_cached(&format!("SELECT {named} FROM queue WHERE {column} = ?1"))?
        .query_row([of], |row| (0..QUEUE.len()).map(|place| row.get(place)).collect())
        .optional()
}

/// What waits of a post or an article by the word of both archives: the later try counts, or the longer wait, unless one
/// of them has the answer.
fn waiting(main: &Connection, column: &str, name: Value, here: &Waits, there: &Waits) -> rusqlite::Result<()> {
    match (&here.entry, &there.entry) {
        (Some(entry), None) if there.has_answer_to(entry) => {
            main.prepare_cached(&format!("DELETE FROM queue WHERE {column} = ?1"))?.execute([name]).map(drop)
        }
        (Some(here), Some(there)) if has_waited_longer(here, there) => Ok(()),
        (Some(here), Some(there)) if has_waited_longer(there, here) => {
            main.prepare_cached(&format!("DELETE FROM queue WHERE {column} = ?1"))?.execute([&name])?;
            let columns: Vec<&str> = [column].iter().chain(QUEUE).copied().collect();
            let values = [name].into_iter().chain(there.iter().cloned()).collect();
            put(main, "queue", &columns, &format!("ON CONFLICT ({column})"), values)
        }
        (here_entry, Some(entry)) if here_entry.is_some() || !here.has_answer_to(entry) => {
            let columns: Vec<&str> = [column].iter().chain(QUEUE).copied().collect();
            let values = [name].into_iter().chain(entry.iter().cloned()).collect();
            put(main, "queue", &columns, &format!("ON CONFLICT ({column})"), values)
        }
        _ => Ok(()),
    }
}

/// What waits of a post. `before`: what this archive said of it before the other's looks were taken.
pub(super) fn waiting_post(
    main: &Transaction<'_>,
    other: &Connection,
    there: i64,
    here: i64,
    before: &Waits,
) -> rusqlite::Result<()> {
    waiting(main, "post", Value::Integer(here), before, &Waits::of_post(other, there)?)
}

/// What waits of a post that turns out to be another one.
pub(super) fn move_waiting(main: &Transaction<'_>, from: i64, to: i64) -> rusqlite::Result<()> {
    let (here, there) = (Waits::of_post(main, to)?, Waits::of_post(main, from)?);
    waiting(main, "post", Value::Integer(to), &here, &there)?;
    main.prepare_cached("DELETE FROM queue WHERE post = ?1")?.execute([from]).map(drop)
}

/// The articles that wait in either archive, before the other's are taken.
pub(super) fn waiting_articles(merge: &mut Merge<'_>, store: &mut Store) -> Result<bool, StoreError> {
    const NAMES: &str = "SELECT article_name FROM queue WHERE article_name IS NOT NULL ORDER BY article_name";
    let other = merge.other;
    store.write("take what waits in another archive", |main| {
        for archive in [other, main] {
            let mut names = archive.prepare(NAMES)?;
            let mut names = names.query([])?;
            while let Some(row) = names.next()? {
                let name: String = row.get(0)?;
                let [here, there] = Waits::of_articles(main, other, &name)?;
                waiting(main, "article_name", Value::Text(name), &here, &there)?;
            }
        }
        Ok(())
    })?;
    Ok(true)
}
