//! The list of what could not be had: each with its reason, since when, how often it was tried, and when it is next.

use super::{
    filter::{Filter, Named, Orders, POST_FITS},
    runs::bounds,
};
use crate::{
    model::{FailureRecord, Part, Start},
    store::{
        Store, StoreError,
        columns::{At, Word, counted},
        failures::read_failure,
        posts,
    },
};
use rusqlite::{Connection, OptionalExtension, Row};

const FAILURE_ORDERS: Orders = &[
    ("failed", "failed_at DESC, subject, url", "failed_at, subject, url"),
    ("since", "since DESC, subject, url", "since, subject, url"),
    ("due", "due_at IS NULL, due_at, subject, url", "due_at IS NULL, due_at DESC, subject, url"),
    ("attempts", "attempts DESC, subject, url", "attempts, subject, url"),
    ("platform", "platform, subject, url", "platform DESC, subject, url"),
    ("reason", "reason, subject, url", "reason DESC, subject, url"),
];

/// Of more failures than these all are sorted.
const MAX_HORIZON: i64 = 100_000;

impl Store {
    /// What could not be had so far: posts whose last look failed, files of shown posts, articles (sorts: `failed`, `since`,
    /// `due`, `attempts`, `platform`, `reason`). Articles have a site, a name and times; the other filters leave them out.
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn failures(&self, filter: &Filter) -> Result<Vec<FailureRecord>, StoreError> {
        let part = Part { size: filter.limit.unwrap_or(usize::MAX), start: Start::Skip(filter.offset.unwrap_or(0)) };
        self.failed(filter, None, &part)
    }

    /// A part of those of one reason.
    ///
    /// # Errors
    /// As [`Store::failures`].
    pub fn failures_of_reason(
        &self,
        filter: &Filter,
        reason: &str,
        part: &Part,
    ) -> Result<Vec<FailureRecord>, StoreError> {
        self.failed(filter, Some(reason), part)
    }

    /// How many of them there are of each reason, the most frequent first.
    ///
    /// # Errors
    /// As [`Store::failures`].
    pub fn failure_reasons(&self, filter: &Filter) -> Result<Vec<(String, u64)>, StoreError> {
        self.order(filter, FAILURE_ORDERS)?;
        self.read("count failures", |connection| {
            fitting(connection, filter, |asked| {
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT reason, count(*) FROM failures f WHERE {} GROUP BY reason ORDER BY 2 DESC, 1",
                    fits()
                ))?;
                let named = asked.of(&statement)?;
                let counts = statement.query_map(named.as_slice(), |row| Ok((row.get(0)?, counted(row.get(1)?))))?;
                counts.collect()
            })
        })
    }

    fn failed(&self, filter: &Filter, reason: Option<&str>, part: &Part) -> Result<Vec<FailureRecord>, StoreError> {
        let order = self.order(filter, FAILURE_ORDERS)?;
        let (limit, offset) = bounds(part);
        self.read("list failures", |connection| {
            fitting(connection, filter, |asked| {
                let all = reason.is_none() && filter.narrows_nothing() && order == FAILURE_ORDERS[0].1;
                let horizon = if all { horizon(connection, limit, offset)? } else { None };
                let from = match horizon {
                    Some(_) => format!("({NEWEST})"),
                    None => format!("failures f WHERE (:reason IS NULL OR reason = :reason) AND {}", fits()),
                };
                let sql = format!("SELECT * FROM {from} ORDER BY {order} LIMIT :size OFFSET :skip");
                let mut statement = connection.prepare_cached(&sql)?;
                let named =
                    asked.with(&[(":reason", &reason), (":size", &limit), (":skip", &offset), (":horizon", &horizon)]);
                let named = named.of(&statement)?;
                statement.query_map(named.as_slice(), failure)?.collect()
            })
        })
    }
}

/// The time before which nothing is among the newest so many: that many posts failed since.
const HORIZON: &str = "SELECT l.looked_at FROM looks l WHERE l.result = 'failed' AND l.id = (SELECT n.id FROM looks n \
    WHERE n.post = l.post AND n.via NOT IN ('memento', 'import', 'quoted') ORDER BY n.looked_at DESC, n.id DESC LIMIT 1) \
    ORDER BY l.looked_at DESC LIMIT 1 OFFSET ?1";

/// All failures since that time. Those of files are read from the posts that were captured since, and not from all files that
/// ever failed.
const NEWEST: &str = "SELECT * FROM failures WHERE what <> 'media' AND failed_at >= :horizon UNION ALL \
    SELECT 'media', s.captured_at, p.platform, p.key, m.url, s.via, CASE WHEN m.skipped IS NULL THEN 'media' ELSE 'skipped' END, \
      m.failure, s.run, q.attempts, q.due_at, p.id, NULL, s.captured_at, \
      CASE WHEN q.id IS NOT NULL THEN q.rests WHEN m.skipped IS NULL THEN 'dead' END, NULL, NULL, m.failure \
    FROM posts p INDEXED BY posts_captured_at CROSS JOIN snapshots s ON s.id = p.snapshot \
      CROSS JOIN snapshot_media m ON m.snapshot = s.id LEFT JOIN queue q ON q.post = p.id \
    WHERE p.captured_at >= :horizon AND m.blob IS NULL AND m.failure IS NOT NULL";

/// So many posts may have been captured since.
const MAX_CAPTURED_SINCE: i64 = 5_000;

/// That time, where there are more failures than are asked for, and few posts were captured since.
fn horizon(connection: &Connection, limit: i64, offset: i64) -> rusqlite::Result<Option<String>> {
    let Some(last) = limit.checked_add(offset).filter(|_| (1..MAX_HORIZON).contains(&limit)) else { return Ok(None) };
    let since: Option<String> =
        connection.prepare_cached(HORIZON)?.query_row([last.saturating_sub(1)], |row| row.get(0)).optional()?;
    let Some(since) = since else { return Ok(None) };
    let captured: i64 = connection
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM posts WHERE captured_at >= ?1 LIMIT ?2)")?
        .query_row((&since, MAX_CAPTURED_SINCE + 1), |row| row.get(0))?;
    Ok((captured <= MAX_CAPTURED_SINCE).then_some(since))
}

/// Whether a failure `f` fits.
fn fits() -> String {
    format!(
        "(:from IS NULL OR failed_at >= :from) AND (:to IS NULL OR failed_at <= :to) \
         AND CASE WHEN f.post IS NULL THEN NOT :of_posts \
           AND (:name IS NULL OR f.subject = :name OR f.subject = (SELECT name FROM articles WHERE id = :article)) \
           AND (:label IS NULL OR EXISTS (SELECT 1 FROM source_articles n JOIN sources o ON o.id = n.source, json_each(o.labels) j \
             WHERE (n.name = f.subject OR n.address = f.subject) AND j.value = :label)) \
           AND (:site IS NULL OR f.site = :site OR substr(f.site, -length(:site) - 1) = '.' || :site) \
         ELSE NOT :of_articles AND EXISTS (SELECT 1 FROM posts p \
           LEFT JOIN snapshots s ON s.id = p.snapshot WHERE p.id = f.post AND {POST_FITS}) END"
    )
}

/// Asks with the parameters of a filter: the time of a failure is its own, not that of the snapshot shown.
fn fitting<T>(
    connection: &Connection,
    filter: &Filter,
    ask: impl FnOnce(&Named<'_>) -> rusqlite::Result<Vec<T>>,
) -> rusqlite::Result<Vec<T>> {
    let of_posts = filter.platform.is_some()
        || filter.author.is_some()
        || filter.lang.is_some()
        || filter.state.is_some()
        || filter.via.is_some();
    let mut posts = Filter { since: None, until: None, ..filter.clone() };
    let mut parameters = posts.parameters(connection)?;
    // An article that was never had is no article of the archive yet, and embeds none of its posts.
    let of_articles = parameters.is_none();
    if of_articles {
        posts.article = None;
        parameters = posts.parameters(connection)?;
    }
    let Some(parameters) = parameters else { return Ok(Vec::new()) };
    let (from, to) = (filter.since.map(At), filter.until.map(At));
    ask(&parameters.any().with(&[
        (":from", &from),
        (":to", &to),
        (":of_posts", &of_posts),
        (":of_articles", &of_articles),
        (":name", &filter.article),
    ]))
}

impl Store {
    /// What could not be had of a post, by its key under any of its names.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn failures_of_post(&self, key: &str) -> Result<Vec<FailureRecord>, StoreError> {
        let Some((platform, id)) = key.split_once(':') else { return Ok(Vec::new()) };
        self.read(&format!("look for what failed of {key}"), |connection| {
            let Some(post) = posts::find(connection, platform, id)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached("SELECT * FROM failures WHERE post = ?1")?;
            statement.query_map([post], failure)?.collect()
        })
    }

    /// What could not be had of an article, by its name, URL or number: the article itself, and the posts in it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn failures_of_article(&self, target: &str) -> Result<Vec<FailureRecord>, StoreError> {
        self.failures(&Filter { article: Some(target.to_owned()), ..Filter::default() })
    }
}

fn failure(row: &Row<'_>) -> rusqlite::Result<FailureRecord> {
    let what: String = row.get("what")?;
    let reason: String = row.get("reason")?;
    let detail: Option<String> = row.get("detail")?;
    let why = match what.as_str() {
        "post" => {
            read_failure(&reason, detail.clone(), row.get::<_, Option<At>>("retry_at")?.map(|At(at)| at)).to_string()
        }
        _ => row.get("why")?,
    };
    Ok(FailureRecord {
        what,
        subject: row.get("subject")?,
        platform: row.get("platform")?,
        url: row.get("url")?,
        via: row.get::<_, Option<Word<_>>>("via")?.map(|Word(via)| via),
        reason,
        detail,
        failed_at: row.get::<_, At>("failed_at")?.0,
        attempts: row.get("attempts")?,
        due_at: row.get::<_, Option<At>>("due_at")?.map(|At(at)| at),
        run: row.get("run")?,
        since: row.get::<_, At>("since")?.0,
        rests: row.get::<_, Option<Word<_>>>("rests")?.map(|Word(rest)| rest),
        why,
    })
}
