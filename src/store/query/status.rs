//! What the archive holds as a whole.

use super::lists::run;
use crate::{
    model::{PlatformRecord, State, StatusRecord},
    store::{
        Store, StoreError,
        columns::{Word, counted},
        health, queue,
    },
};
use rusqlite::{Connection, OptionalExtension};

impl Store {
    /// Counts of everything, success by platform, the last run.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn status(&self) -> Result<StatusRecord, StoreError> {
        self.read("count what the archive holds", |connection| {
            let count = |sql: &str| connection.query_row(sql, [], |row| row.get(0)).map(counted);
            let mut status = StatusRecord {
                archive_bytes: health::size_bytes(connection)?,
                articles: count("SELECT count(*) FROM articles")?,
                versions: count("SELECT count(*) FROM article_versions")?,
                embeds: count("SELECT count(*) FROM articles a JOIN embeds e ON e.version = a.version")?,
                posts: count("SELECT count(*) FROM posts")?,
                snapshots: count("SELECT count(*) FROM snapshots")?,
                platforms: platforms(connection)?,
                queued: queue::length(connection)?,
                last_run: connection.query_row("SELECT * FROM runs ORDER BY id DESC LIMIT 1", [], run).optional()?,
                ..StatusRecord::default()
            };
            (status.media_files, status.media_bytes) = connection.query_row(
                "SELECT count(*), coalesce(sum(size_bytes), 0) FROM blobs b \
                 WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id)",
                [],
                |row| Ok((counted(row.get(0)?), counted(row.get(1)?))),
            )?;
            let mut states = connection.prepare("SELECT state, count(*) FROM posts GROUP BY state")?;
            let states = states.query_map([], |row| Ok((row.get::<_, Word<State>>(0)?.0, counted(row.get(1)?))))?;
            for state in states {
                let (state, posts) = state?;
                status.gone += if state.is_gone() { posts } else { 0 };
                status.states.insert(state.as_str().to_owned(), posts);
            }
            Ok(status)
        })
    }
}

fn platforms(connection: &Connection) -> rusqlite::Result<Vec<PlatformRecord>> {
    let mut recent = health::recent_runs(connection)?;
    let mut statement = connection.prepare("SELECT * FROM platform_success ORDER BY posts DESC, platform")?;
    let platforms = statement.query_map([], |row| {
        let number = |column: &str| row.get(column).map(counted);
        let (posts, unknown) = (number("posts")?, number("unknown")?);
        let platform: String = row.get("platform")?;
        Ok(PlatformRecord {
            recent: recent.remove(&platform).unwrap_or_default(),
            platform,
            posts,
            captured: number("captured")?,
            memento_only: number("memento_only")?,
            quoted_only: number("quoted_only")?,
            without_content: number("without_content")?,
            gone: number("gone")?,
            withheld: number("withheld")?,
            unknown,
            success: share(posts.saturating_sub(unknown), posts),
        })
    })?;
    platforms.collect()
}

#[allow(clippy::cast_precision_loss, reason = "a share is shown with two digits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
