//! What the archive holds as a whole.

use super::lists::run;
use crate::{
    model::{PlatformRecord, State, StatusRecord},
    store::{
        Store, StoreError,
        columns::{At, Word, counted},
        health, queue,
    },
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};

impl Store {
    /// Counts of everything, success by platform, the queue, the runs. What disk and configuration know is left out.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn status(&self, now: Timestamp) -> Result<StatusRecord, StoreError> {
        self.read("count what the archive holds", |connection| {
            let tally = |what: &str| {
                let sql = "SELECT n FROM tallies WHERE what = ?1";
                connection.prepare_cached(sql)?.query_row([what], |row| row.get(0)).map(counted)
            };
            let last = |which: &str| {
                let sql = format!("SELECT * FROM runs WHERE {which} ORDER BY id DESC LIMIT 1");
                connection.query_row(&sql, [], run).optional()
            };
            let mut status = StatusRecord {
                archive_bytes: health::size_bytes(connection)?,
                growth_bytes_per_day: growth(connection, now)?,
                articles: tally("articles")?,
                versions: tally("versions")?,
                embeds: tally("embeds")?,
                snapshots: tally("snapshots")?,
                media_files: tally("media_files")?,
                media_bytes: tally("media_bytes")?,
                platforms: platforms(connection)?,
                queue: queue::counts(connection, now)?,
                oldest_queued: queue::oldest(connection)?,
                last_run: last("finished_at IS NOT NULL OR stopped IS NOT NULL")?,
                last_success: last("command = 'run' AND exit_code IN (0, 3, 4)")?,
                running: last("id = (SELECT max(id) FROM runs) AND finished_at IS NULL AND stopped IS NULL")?,
                usual_interval_s: usual_interval(connection)?,
                ..StatusRecord::default()
            };
            status.queued = status.queue.posts + status.queue.articles;
            (status.gone_kept, status.gone_lately) = gone(connection, now)?;
            let mut states =
                connection.prepare("SELECT state, sum(posts) AS n FROM post_tallies GROUP BY state HAVING n > 0")?;
            let states = states.query_map([], |row| Ok((row.get::<_, Word<State>>(0)?.0, counted(row.get(1)?))))?;
            for state in states {
                let (state, posts) = state?;
                status.posts += posts;
                status.gone += if state.is_gone() { posts } else { 0 };
                status.states.insert(state.as_str().to_owned(), posts);
            }
            Ok(status)
        })
    }
}

/// Runs further back say nothing of how the archive grows now.
const GROWTH_DAYS: i64 = 30;

/// Runs of which the usual time between two is taken.
const INTERVAL_RUNS: i64 = 20;

/// What "lately" means of posts that vanished.
const LATELY_DAYS: i64 = 7;

/// How many bytes the archive has gained a day; none where runs of one day alone are known.
fn growth(connection: &Connection, now: Timestamp) -> rusqlite::Result<Option<i64>> {
    let from = now.checked_sub(SignedDuration::from_hours(24 * GROWTH_DAYS)).unwrap_or(Timestamp::MIN);
    connection
        .query_row(
            "WITH measured AS (SELECT finished_at AS at, archive_bytes AS bytes FROM runs \
             WHERE archive_bytes > 0 AND finished_at >= ?1), \
             ends AS (SELECT min(at) AS first, max(at) AS last FROM measured) \
             SELECT CAST(((SELECT bytes FROM measured WHERE at = last) - (SELECT bytes FROM measured WHERE at = first)) \
             / (julianday(last) - julianday(first)) AS INTEGER) FROM ends WHERE julianday(last) - julianday(first) >= 1",
            [At(from)],
            |row| row.get(0),
        )
        .optional()
}

/// The usual time between two scheduled runs in seconds: the middle one of the last; none where there are too few.
fn usual_interval(connection: &Connection) -> rusqlite::Result<Option<u64>> {
    let mut statement = connection.prepare(
        "SELECT CAST((julianday(started_at) - julianday(lag(started_at) OVER (ORDER BY id))) * 86400 AS INTEGER) AS gap \
         FROM (SELECT id, started_at FROM runs WHERE command = 'run' ORDER BY id DESC LIMIT ?1) ORDER BY id",
    )?;
    let gaps = statement.query_map([INTERVAL_RUNS], |row| row.get::<_, Option<i64>>(0))?;
    let mut gaps: Vec<i64> = gaps.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?;
    gaps.sort_unstable();
    Ok(gaps.get(gaps.len() / 2).filter(|_| gaps.len() > 1).map(|gap| counted(*gap)))
}

/// Posts that are gone and of which a platform or a web archive gave the content, and those that vanished lately.
fn gone(connection: &Connection, now: Timestamp) -> rusqlite::Result<(u64, u64)> {
    let lately = now.checked_sub(SignedDuration::from_hours(24 * LATELY_DAYS)).unwrap_or(Timestamp::MIN);
    let kept = connection.query_row(
        "SELECT coalesce(sum(posts), 0) FROM post_tallies \
         WHERE state IN ('deleted', 'account_deleted', 'suspended') AND via NOT IN ('', 'quoted')",
        [],
        |row| row.get(0),
    )?;
    let lately = connection.query_row(
        "SELECT count(*) FROM posts WHERE state IN ('deleted', 'account_deleted', 'suspended') AND state_since >= ?1",
        [At(lately)],
        |row| row.get(0),
    )?;
    Ok((counted(kept), counted(lately)))
}

/// How well each platform answers, the largest first.
pub(super) fn platforms(connection: &Connection) -> rusqlite::Result<Vec<PlatformRecord>> {
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
            imported_only: number("imported_only")?,
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
