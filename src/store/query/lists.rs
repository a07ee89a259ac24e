//! Lists of files and runs.

use super::filter::{Filter, Orders};
use crate::{
    model::{
        ArticleCounts, MediaCounts, MediaFileRecord, PolitenessCounts, PostCounts, RunRecord, RunState, SourceCounts,
        Summary,
    },
    store::{
        Store, StoreError,
        columns::{At, Json, Word, counted},
    },
};
use rusqlite::{Row, named_params};

const MEDIA_ORDERS: Orders = &[
    // The same instants, of which an index has this column.
    ("captured", "p.captured_at DESC, m.id DESC", "p.captured_at, m.id"),
    ("size", "m.size_bytes DESC, m.id DESC", "m.size_bytes, m.id"),
    ("kind", "m.kind, m.id", "m.kind DESC, m.id DESC"),
    ("post", "m.key, m.id", "m.key DESC, m.id DESC"),
];

const RUN_ORDERS: Orders = &[("started", "started_at DESC, id DESC", "started_at, id")];

impl Store {
    /// The files of the shown snapshots of the posts that fit (sorts: `captured`, `size`, `kind`, `post`).
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn media(&self, filter: &Filter) -> Result<Vec<MediaFileRecord>, StoreError> {
        let mut records = Vec::new();
        self.each_media(filter, |record| {
            records.push(record);
            true
        })?;
        Ok(records)
    }

    /// The same, one by one, as long as `act` wants more: memory holds one.
    ///
    /// # Errors
    /// As [`Store::media`].
    pub fn each_media(&self, filter: &Filter, mut act: impl FnMut(MediaFileRecord) -> bool) -> Result<(), StoreError> {
        let order = self.order(filter, MEDIA_ORDERS)?;
        self.read("list media", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT m.* FROM posts p JOIN snapshots s ON s.id = p.snapshot JOIN media_files m ON m.snapshot = s.id \
                 WHERE {} ORDER BY {order} LIMIT :limit",
                filter.posts_fit()
            ))?;
            let named = parameters.any();
            let named = named.of(&statement)?;
            let mut records = statement.query_map(named.as_slice(), |row| {
                Ok(MediaFileRecord {
                    post: row.get("key")?,
                    kind: row.get::<_, Word<_>>("kind")?.0,
                    url: row.get("url")?,
                    sha256: row.get("sha256")?,
                    mime: row.get("mime")?,
                    size_bytes: row.get::<_, Option<i64>>("size_bytes")?.map(counted),
                    width_px: row.get("width_px")?,
                    height_px: row.get("height_px")?,
                    duration_ms: row.get::<_, Option<i64>>("duration_ms")?.map(counted),
                    alt: row.get("alt")?,
                    captured_at: row.get::<_, At>("captured_at")?.0,
                    via: row.get::<_, Word<_>>("via")?.0,
                    failure: row.get("failure")?,
                    skipped: row.get("skipped")?,
                    obtained: row.get::<_, Option<Word<_>>>("obtained")?.map(|Word(obtained)| obtained),
                    note: row.get("note")?,
                })
            })?;
            while let Some(record) = records.next().transpose()? {
                if !act(record) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The runs, newest first. One without an end is told as running, which its lock can deny. Of the filters `since`, `until`, `limit` and `sort` (`started`) count.
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn runs(&self, filter: &Filter) -> Result<Vec<RunRecord>, StoreError> {
        let order = self.order(filter, RUN_ORDERS)?;
        self.read("list runs", |connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT * FROM runs WHERE (:since IS NULL OR started_at >= :since) \
                 AND (:until IS NULL OR started_at <= :until) ORDER BY {order} LIMIT :limit"
            ))?;
            let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
            let records = statement.query_map(
                named_params! { ":since": filter.since.map(At), ":until": filter.until.map(At), ":limit": limit },
                run,
            )?;
            records.collect()
        })
    }
}

/// A row of `runs`.
pub(super) fn run(row: &Row<'_>) -> rusqlite::Result<RunRecord> {
    let number = |column: &str| row.get(column).map(counted);
    let finished_at = row.get::<_, Option<At>>("finished_at")?.map(|At(at)| at);
    let (stopped, exit_code): (Option<String>, Option<u8>) = (row.get("stopped")?, row.get("exit_code")?);
    Ok(RunRecord {
        command: row.get("command")?,
        state: state(finished_at.is_some(), stopped.as_deref(), exit_code),
        started_at: row.get::<_, At>("started_at")?.0,
        finished_at,
        host: row.get("host")?,
        version: row.get("version")?,
        summary: Summary {
            run: row.get("id")?,
            digest: row.get("digest")?,
            // Of the moment alone: it is for whoever called the run.
            hosts_left: Vec::new(),
            articles: ArticleCounts {
                new: number("articles_new")?,
                changed: number("articles_changed")?,
                unchanged: number("articles_unchanged")?,
                failed: number("articles_failed")?,
            },
            embeds: number("embeds")?,
            posts: PostCounts {
                captured: number("posts_captured")?,
                unchanged: number("posts_unchanged")?,
                gone: number("posts_gone")?,
                withheld: number("posts_withheld")?,
                quoted_only: number("posts_quoted_only")?,
                deferred: number("posts_deferred")?,
            },
            media: MediaCounts {
                stored: number("media_stored")?,
                deduplicated: number("media_deduplicated")?,
                failed: number("media_failed")?,
            },
            requests: number("requests")?,
            downloaded_bytes: number("downloaded_bytes")?,
            elapsed_ms: number("elapsed_ms")?,
            stopped,
            sources: SourceCounts {
                polled: number("sources_polled")?,
                unchanged: number("sources_unchanged")?,
                not_due: number("sources_not_due")?,
                failed: number("sources_failed")?,
            },
            politeness: PolitenessCounts {
                robots_refused: number("robots_refused")?,
                hosts_rested: number("hosts_rested")?,
                put_off: number("put_off")?,
                waited_ms: number("waited_ms")?,
            },
            skipped: row.get::<_, Json<_>>("skipped")?.0,
            queue: row.get::<_, Json<_>>("queue")?.0,
            archive_bytes: number("archive_bytes")?,
            problems: row.get::<_, Json<_>>("problems")?.0,
            exit_code,
        },
    })
}

/// A run without an end goes on, as far as the archive knows; who holds its lock knows better.
fn state(finished: bool, stopped: Option<&str>, exit_code: Option<u8>) -> RunState {
    match (finished, stopped, exit_code) {
        (false, Some(_), _) => RunState::Killed,
        (false, None, _) => RunState::Running,
        (true, _, Some(1 | 2 | 75)) => RunState::Failed,
        (true, Some(_), _) => RunState::Stopped,
        (true, None, _) => RunState::Done,
    }
}
