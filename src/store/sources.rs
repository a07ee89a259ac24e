//! Sources: when each was asked and what came of it, the versions of its documents, and which articles it has named.

use super::{
    Store, StoreError, Transaction, articles,
    columns::{At, Json},
    exchanges, expected, posts, queue,
};
use crate::{http::Validators, model::PostRef};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{BTreeMap, HashSet};
use url::Url;

/// What is known of a source from earlier polls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceState {
    /// When it was last asked.
    pub last_polled_at: Option<Timestamp>,
    /// When it last answered.
    pub last_success_at: Option<Timestamp>,
    /// Not to be asked before; none: at the next run.
    pub next_poll_at: Option<Timestamp>,
    /// Polls since it last answered.
    pub failures_in_a_row: u32,
    /// Why the last poll failed, in words for a person.
    pub last_error: Option<String>,
    /// Where it has moved for good, by its own word.
    pub moved_to: Option<Url>,
    /// Its site says that it is gone.
    pub rests: bool,
    /// What it was asked for when it last answered, in words that are compared alone.
    pub settings: String,
    /// Its documents as they were last read, by address.
    pub documents: BTreeMap<String, SourceDocument>,
}

/// A document of a source as it was last read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDocument {
    /// When it was last read; of what the source's own document names also when "not modified" was last said of it.
    pub read_at: Timestamp,
    /// What names its version; empty where the site names none.
    pub validators: Validators,
}

/// What a source is, as its row says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Its name.
    pub name: String,
    /// The OPML list that names it.
    pub parent: Option<String>,
    /// The word of its kind.
    pub kind: String,
    /// Its URL or path, as configured.
    pub place: String,
    /// Labels of its articles.
    pub labels: Vec<String>,
    /// Language of its articles where they don't say.
    pub lang: Option<String>,
}

/// What a source names: an article or a post, which waits in the queue unless it is known, so that a run killed before
/// it is looked at loses nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its URL, as the source gave it.
    pub name: String,
    /// The post that it is, if it is one.
    pub post: Option<PostRef>,
}

impl Store {
    /// What is known of the source; nothing where it was never asked, or asked elsewhere.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn source_state(&self, name: &str, place: &str) -> Result<SourceState, StoreError> {
        self.read(&format!("look for the source {name}"), |connection| {
            let found = connection
                .prepare_cached("SELECT * FROM sources WHERE name = ?1 AND place = ?2")?
                .query_row((name, place), |row| Ok((row.get::<_, i64>("id")?, state(row)?)))
                .optional()?;
            let Some((id, mut state)) = found else { return Ok(SourceState::default()) };
            state.documents = documents(connection, id)?;
            Ok(state)
        })
    }

    /// The sources that the OPML list of this name has named, by name.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn sources_of(&self, parent: &str) -> Result<Vec<SourceRow>, StoreError> {
        self.read(&format!("look for the sources of {parent}"), |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM sources WHERE parent = ?1 ORDER BY name")?;
            let rows = statement.query_map([parent], source_row)?;
            rows.collect()
        })
    }

    /// Keeps what a poll brought, in one transaction: the source's state, what it names, and that what of
    /// it nobody has seen waits in the queue. `feeds` are the sources that it names itself, where it is a list of
    /// such: those that it no longer names are no longer its.
    ///
    /// # Errors
    /// Where the archive cannot be written.
    pub fn keep_poll(
        &mut self,
        source: &SourceRow,
        state: &SourceState,
        named: &[Named],
        feeds: Option<&[SourceRow]>,
    ) -> Result<(), StoreError> {
        let at = state.last_polled_at.unwrap_or(Timestamp::UNIX_EPOCH);
        self.write(&format!("keep the poll of {}", source.name), |transaction| {
            let id = put(transaction, source)?;
            put_state(transaction, id, state)?;
            for article in named {
                name_article(transaction, id, source, article, at)?;
            }
            let Some(feeds) = feeds else { return Ok(()) };
            transaction.execute("UPDATE sources SET parent = NULL WHERE parent = ?1", [&source.name])?;
            feeds.iter().try_for_each(|feed| put(transaction, feed).map(drop))
        })
    }

    /// The names of the articles that came from this source.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_names_from(&self, source: &str) -> Result<HashSet<String>, StoreError> {
        self.read(&format!("look for the articles of {source}"), |connection| {
            let mut statement = connection.prepare_cached("SELECT name FROM articles WHERE source = ?1")?;
            let names = statement.query_map([source], |row| row.get(0))?;
            names.collect()
        })
    }

    /// Whether the archive has an article of this name, or at this address, or waits for it, or has given it up.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn is_known_article(&self, name: &str) -> Result<bool, StoreError> {
        self.read(&format!("look for the article {name}"), |connection| is_known(connection, name))
    }
}

fn is_known(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    if articles::aliases::find_named(connection, name)?.is_some() {
        return Ok(true);
    }
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM queue WHERE article_name = ?1)")?
        .query_row([name], |row| row.get(0))
}

/// Makes the source's row say what the source is; what was known of it at another place is forgotten.
fn put(transaction: &Transaction<'_>, source: &SourceRow) -> rusqlite::Result<i64> {
    let SourceRow { name, parent, kind, place, labels, lang } = source;
    let known: Option<(i64, String)> = transaction
        .prepare_cached("SELECT id, place FROM sources WHERE name = ?1")?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, _)) = known.as_ref().filter(|(_, known)| known != place) {
        put_state(transaction, *id, &SourceState::default())?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO sources (name, parent, kind, place, labels, lang) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (name) DO UPDATE SET parent = excluded.parent, kind = excluded.kind, place = excluded.place, \
             labels = excluded.labels, lang = excluded.lang RETURNING id",
        )?
        .query_row((name, parent, kind, place, Json(labels), lang), |row| row.get(0))
}

fn put_state(transaction: &Transaction<'_>, id: i64, state: &SourceState) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE sources SET last_polled_at = ?2, last_success_at = ?3, next_poll_at = ?4, failures_in_a_row = ?5, \
             last_error = ?6, moved_to = ?7, rests = ?8, settings = ?9 WHERE id = ?1",
        )?
        .execute((
            id,
            state.last_polled_at.map(At),
            state.last_success_at.map(At),
            state.next_poll_at.map(At),
            state.failures_in_a_row,
            &state.last_error,
            state.moved_to.as_ref().map(Url::as_str),
            state.rests,
            &state.settings,
        ))?;
    if documents(transaction, id)? == state.documents {
        return Ok(());
    }
    transaction.prepare_cached("DELETE FROM source_documents WHERE source = ?1")?.execute([id])?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO source_documents (source, url, read_at, etag, last_modified) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (url, SourceDocument { read_at, validators }) in &state.documents {
        insert.execute((id, url, At(*read_at), &validators.etag, &validators.last_modified))?;
    }
    Ok(())
}

fn name_article(
    transaction: &Transaction<'_>,
    id: i64,
    source: &SourceRow,
    article: &Named,
    at: Timestamp,
) -> rusqlite::Result<()> {
    let Named { name, post } = article;
    transaction
        .prepare_cached(
            "INSERT INTO source_articles (source, name, address, first_named_at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO NOTHING",
        )?
        .execute((id, name, articles::aliases::key(name).as_ref().map(Url::as_str), At(at)))?;
    if let Some(post) = post {
        let post = posts::ensure(transaction, post)?;
        return queue::expect_post(transaction, post, at);
    }
    if is_known(transaction, name)? {
        return Ok(());
    }
    expected::expect_article(transaction, name, &source.name, at)
}

fn documents(connection: &Connection, id: i64) -> rusqlite::Result<BTreeMap<String, SourceDocument>> {
    let mut statement = connection
        .prepare_cached("SELECT url, read_at, etag, last_modified FROM source_documents WHERE source = ?1")?;
    let rows = statement.query_map([id], |row| {
        let validators = Validators { etag: row.get(2)?, last_modified: row.get(3)? };
        Ok((row.get(0)?, SourceDocument { read_at: row.get::<_, At>(1)?.0, validators }))
    })?;
    rows.collect()
}

fn source_row(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    Ok(SourceRow {
        name: row.get("name")?,
        parent: row.get("parent")?,
        kind: row.get("kind")?,
        place: row.get("place")?,
        labels: row.get::<_, Json<_>>("labels")?.0,
        lang: row.get("lang")?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<SourceState> {
    let instant = |column: &str| row.get::<_, Option<At>>(column).map(|at| at.map(|At(at)| at));
    let moved = row.get::<_, Option<String>>("moved_to")?;
    Ok(SourceState {
        last_polled_at: instant("last_polled_at")?,
        last_success_at: instant("last_success_at")?,
        next_poll_at: instant("next_poll_at")?,
        failures_in_a_row: row.get("failures_in_a_row")?,
        last_error: row.get("last_error")?,
        moved_to: moved.map(|_| exchanges::url(row, "moved_to")).transpose()?,
        rests: row.get("rests")?,
        settings: row.get("settings")?,
        documents: BTreeMap::new(),
    })
}
