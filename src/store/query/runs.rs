//! Runs in parts, and what one of them brought.

use super::{articles::brief, lists::run, posts::record_of, walk};
use crate::{
    model::{ArticleBrief, Listed, Part, PostRecord, RunRecord, Start, Total},
    store::{Store, StoreError, columns::counted},
};
use rusqlite::{Connection, OptionalExtension};

impl Store {
    /// A part of the runs, newest first. Their state is as [`Store::runs`] has it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn runs_part(&self, part: &Part) -> Result<Listed<RunRecord>, StoreError> {
        self.read("list runs", |connection| {
            let mut statement = connection.prepare_cached("SELECT * FROM runs ORDER BY id DESC LIMIT ?1 OFFSET ?2")?;
            let records = statement.query_map(bounds(part), run)?.collect::<rusqlite::Result<_>>()?;
            let total = connection.query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).map(counted)?;
            Ok(Listed { records, before: None, after: None, total: Total::Exactly(total), damaged: Vec::new() })
        })
    }

    /// One run by its number.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn run(&self, id: i64) -> Result<Option<RunRecord>, StoreError> {
        self.read(&format!("read run {id}"), |connection| {
            connection.prepare_cached("SELECT * FROM runs WHERE id = ?1")?.query_row([id], run).optional()
        })
    }

    /// A part of the articles that a run brought a version of.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn articles_of_run(&self, run: i64, part: &Part) -> Result<Listed<ArticleBrief>, StoreError> {
        const OF_RUN: &str = "SELECT DISTINCT article FROM article_versions WHERE run = ?1";
        self.read(&format!("read what run {run} brought"), |connection| listed(connection, OF_RUN, run, part, brief))
    }

    /// A part of the posts that a run brought a snapshot of.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn posts_of_run(&self, run: i64, part: &Part) -> Result<Listed<PostRecord>, StoreError> {
        const OF_RUN: &str = "SELECT DISTINCT post FROM looks WHERE run = ?1 AND result = 'new'";
        self.read(&format!("read what run {run} brought"), |connection| {
            listed(connection, OF_RUN, run, part, record_of)
        })
    }
}

/// A part of a list of numbers, each read.
fn listed<T>(
    connection: &Connection,
    numbers: &str,
    run: i64,
    part: &Part,
    read: fn(&Connection, i64) -> rusqlite::Result<T>,
) -> rusqlite::Result<Listed<T>> {
    let (limit, offset) = bounds(part);
    let mut statement = connection.prepare_cached(&format!("{numbers} ORDER BY 1 LIMIT ?2 OFFSET ?3"))?;
    let ids: Vec<i64> =
        statement.query_map((run, limit, offset), |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached(&format!("SELECT count(*) FROM ({numbers})"))?;
    let total = statement.query_row([run], |row| row.get(0)).map(counted)?;
    let (records, damaged) = walk::records(connection, &ids, true, read)?;
    Ok(Listed { records, before: None, after: None, total: Total::Exactly(total), damaged })
}

/// `LIMIT` and `OFFSET` of a part that begins at a number.
pub(super) fn bounds(part: &Part) -> (i64, i64) {
    let skip = if let Start::Skip(skip) = part.start { skip } else { 0 };
    (i64::try_from(part.size).unwrap_or(i64::MAX), i64::try_from(skip).unwrap_or(i64::MAX))
}
