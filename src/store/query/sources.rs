//! The sources that the archive knows.

use crate::{
    model::SourceRecord,
    store::{
        Store, StoreError,
        columns::{At, Json, counted},
    },
};
use rusqlite::Row;

impl Store {
    /// Every source that was ever polled, or that an article came from (`add` apart), by name. Whether the configuration
    /// has it, the archive does not know.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceRecord>, StoreError> {
        self.read("list sources", |connection| {
            let mut statement = connection.prepare(
                "SELECT s.*, (SELECT count(*) FROM (SELECT a.id FROM articles a WHERE a.source = s.name UNION \
                 SELECT a.id FROM source_articles n JOIN articles a ON a.name = n.name WHERE n.source = s.id UNION \
                 SELECT l.article FROM source_articles n JOIN article_aliases l ON l.url = n.address WHERE n.source = s.id)) \
                 AS articles FROM sources s ORDER BY s.name",
            )?;
            let mut found = statement.query_map([], record)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut statement = connection.prepare(
                "SELECT a.source, count(*) FROM articles a WHERE a.source <> 'add' \
                 AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.name = a.source) GROUP BY a.source",
            )?;
            let left = statement.query_map([], |row| {
                Ok(SourceRecord { name: row.get(0)?, articles: counted(row.get(1)?), ..SourceRecord::default() })
            })?;
            for record in left {
                found.push(record?);
            }
            Ok(found)
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<SourceRecord> {
    let instant = |column: &str| row.get::<_, Option<At>>(column).map(|at| at.map(|At(at)| at));
    Ok(SourceRecord {
        name: row.get("name")?,
        kind: row.get("kind")?,
        place: row.get("place")?,
        configured: false,
        parent: row.get("parent")?,
        labels: row.get::<_, Json<_>>("labels")?.0,
        articles: counted(row.get("articles")?),
        last_polled_at: instant("last_polled_at")?,
        last_success_at: instant("last_success_at")?,
        next_poll_at: instant("next_poll_at")?,
        failures_in_a_row: row.get("failures_in_a_row")?,
        last_error: row.get("last_error")?,
        moved_to: row.get("moved_to")?,
        rests: row.get("rests")?,
    })
}
