//! What is new: the posts that vanished last, the platforms that the archive has posts of, the last runs.

use super::{posts::record, walk::is_damage};
use crate::{
    model::{DatedPostRecord, State},
    store::{
        Store, StoreError,
        columns::{At, counted},
        posts::last_seen,
    },
};

impl Store {
    /// The posts that their platform says are gone, those first that were last seen to be: at most `limit`, without the
    /// first `offset`.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn vanished(&self, limit: usize, offset: usize) -> Result<Vec<DatedPostRecord>, StoreError> {
        self.read("list what vanished", |connection| {
            let both = i64::try_from(limit.saturating_add(offset)).unwrap_or(i64::MAX);
            // A state at a time, in the order of an index.
            let newest = |state: &str| {
                format!(
                    "SELECT * FROM (SELECT id, state_since, last_looked_at FROM posts WHERE state = '{state}' \
                     ORDER BY state_since DESC LIMIT ?1)"
                )
            };
            let all = ["deleted", "account_deleted", "suspended"].map(newest).join(" UNION ALL ");
            let mut found = connection.prepare_cached(&format!(
                "SELECT l.*, g.state_since, g.last_looked_at FROM ({all}) g JOIN latest_posts l ON l.id = g.id \
                 ORDER BY g.state_since DESC, g.id DESC LIMIT ?2 OFFSET ?3"
            ))?;
            let (limit, offset) = (i64::try_from(limit).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX));
            let records = found.query_map((both, limit, offset), |row| {
                Ok(DatedPostRecord {
                    post: record(connection, row)?,
                    state_since: row.get::<_, Option<At>>("state_since")?.map(|At(at)| at),
                    last_seen_at: last_seen(connection, row.get("id")?)?,
                    last_looked_at: row.get::<_, Option<At>>("last_looked_at")?.map(|At(at)| at),
                })
            })?;
            // One that is damaged is named where all posts are listed.
            records.filter(|record| !matches!(record, Err(error) if is_damage(error))).collect()
        })
    }

    /// The platforms that the archive has posts of, by their ids, those with most posts first.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn platforms(&self) -> Result<Vec<String>, StoreError> {
        self.read("list platforms", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT platform FROM post_tallies GROUP BY platform HAVING sum(posts) > 0 ORDER BY sum(posts) DESC, platform",
            )?;
            statement.query_map([], |row| row.get(0))?.collect()
        })
    }

    /// How many posts are gone, by the way in which they are: only those ways that there are.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn gone_by_state(&self) -> Result<Vec<(State, u64)>, StoreError> {
        self.read("count what is gone", |connection| {
            let mut statement =
                connection.prepare_cached("SELECT coalesce(sum(posts), 0) FROM post_tallies WHERE state = ?1")?;
            let gone = State::ALL.into_iter().filter(|state| state.is_gone());
            let counts =
                gone.map(|state| Ok((state, counted(statement.query_row([state.as_str()], |row| row.get(0))?))));
            let counts: Vec<_> = counts.collect::<rusqlite::Result<_>>()?;
            Ok(counts.into_iter().filter(|(_, posts)| *posts > 0).collect())
        })
    }

    /// How many articles there are, how many posts, and how many of them are gone.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn held(&self) -> Result<(u64, u64, u64), StoreError> {
        self.read("count what the archive holds", |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT (SELECT n FROM tallies WHERE what = 'articles'), coalesce(sum(posts), 0), \
                 coalesce(sum(CASE WHEN state IN ('deleted', 'account_deleted', 'suspended') THEN posts END), 0) FROM post_tallies",
            )?;
            statement.query_row([], |row| Ok((counted(row.get(0)?), counted(row.get(1)?), counted(row.get(2)?))))
        })
    }
}
