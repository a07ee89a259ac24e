//! Posts that their platforms say are gone, the latest first.

use super::{
    filter::{Filter, POST_FITS},
    walk::is_damage,
};
use crate::{
    model::{DatedPostRecord, State},
    store::{Store, StoreError, columns::At, posts},
};
use jiff::Timestamp;
use rusqlite::named_params;

/// The states of what is gone.
const GONE: [State; 3] = [State::Deleted, State::AccountDeleted, State::Suspended];

/// Where to look, and for what: in the order of the states' index,
const OF_A_STATE: (&str, &str) = ("posts p INDEXED BY posts_state", "p.state = :state");

/// or among the posts of a handle.
const OF_AN_AUTHOR: (&str, &str) = (
    "posts p",
    "+p.state = :state AND p.id IN (SELECT a.post FROM snapshots a WHERE a.author_handle = :author COLLATE NOCASE \
     UNION SELECT a.id FROM posts a WHERE a.author_handle = :author COLLATE NOCASE)",
);

impl Store {
    /// The latest posts that vanished, of those that fit, and the numbers of those whose rows are damaged; `limit` of the filter
    /// counts, its sort does not.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn vanished_of(&self, filter: &Filter) -> Result<(Vec<DatedPostRecord>, Vec<i64>), StoreError> {
        let states = GONE.into_iter().filter(|state| filter.state.is_none_or(|asked| asked == *state));
        let (mut found, mut damaged) = (Vec::<(Timestamp, String, i64)>::new(), Vec::new());
        for state in states {
            let of_state = Filter { state: Some(state), ..filter.clone() };
            found.extend(self.read("list what vanished", |connection| {
                let Some(parameters) = of_state.parameters(connection)? else { return Ok(Vec::new()) };
                // One state after the other, for then the index has them in their order. Of one author there are few.
                let (from, of) = if of_state.author.is_some() { OF_AN_AUTHOR } else { OF_A_STATE };
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT p.state_since, p.key, p.id FROM {from} LEFT JOIN snapshots s ON s.id = p.snapshot \
                     WHERE {of} AND p.state_since IS NOT NULL AND {POST_FITS} \
                     ORDER BY p.state_since DESC LIMIT :limit"
                ))?;
                let (mut rows, mut latest) = (statement.query(&parameters.named()[..])?, Vec::new());
                while let Some(row) = rows.next()? {
                    match row.get::<_, At>(0).and_then(|At(since)| Ok((since, row.get(1)?, row.get(2)?))) {
                        Ok(post) => latest.push(post),
                        Err(error) if is_damage(&error) => damaged.push(row.get(2)?),
                        Err(error) => return Err(error),
                    }
                }
                Ok(latest)
            })?);
        }
        found.sort_by(|a, b| b.cmp(a));
        found.truncate(filter.limit.unwrap_or(usize::MAX));
        let mut records = Vec::with_capacity(found.len());
        for (_, key, id) in found {
            match self.dated_post(&key) {
                Ok(record) => records.extend(record),
                Err(StoreError::Corrupt { .. }) => damaged.push(id),
                Err(error) => return Err(error),
            }
        }
        Ok((records, damaged))
    }

    /// One post with its dates, by its key under any of its names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn dated_post(&self, key: &str) -> Result<Option<DatedPostRecord>, StoreError> {
        let Some(post) = self.post(key)? else { return Ok(None) };
        self.read(&format!("read when {key} was seen"), |connection| {
            let Some(id) = posts::find(connection, &post.platform, &post.post_id)? else { return Ok(None) };
            let mut statement =
                connection.prepare_cached("SELECT state_since, last_looked_at FROM posts WHERE id = :id")?;
            let (state_since, last_looked_at) = statement.query_row(named_params! { ":id": id }, |row| {
                let instant = |column| row.get::<_, Option<At>>(column).map(|at| at.map(|At(at)| at));
                Ok((instant("state_since")?, instant("last_looked_at")?))
            })?;
            let last_seen_at = posts::last_seen(connection, id)?;
            Ok(Some(DatedPostRecord { post: post.clone(), state_since, last_seen_at, last_looked_at }))
        })
    }
}
