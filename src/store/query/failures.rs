//! The list of what could not be had: each with its reason, since when, how often it was tried, and when it is next.

use super::filter::{Filter, Orders, POST_FITS};
use crate::{
    model::FailureRecord,
    store::{
        Store, StoreError,
        columns::{At, Word},
        failures::read_failure,
        posts,
    },
};
use rusqlite::{Row, ToSql};

const FAILURE_ORDERS: Orders = &[
    ("failed", "failed_at DESC, subject, url", "failed_at, subject, url"),
    ("since", "since DESC, subject, url", "since, subject, url"),
    ("due", "due_at IS NULL, due_at, subject, url", "due_at IS NULL, due_at DESC, subject, url"),
    ("attempts", "attempts DESC, subject, url", "attempts, subject, url"),
    ("platform", "platform, subject, url", "platform DESC, subject, url"),
    ("reason", "reason, subject, url", "reason DESC, subject, url"),
];

impl Store {
    /// What could not be had so far: posts whose last look failed, files of shown posts, articles (sorts: `failed`, `since`,
    /// `due`, `attempts`, `platform`, `reason`). Articles have a site, a name and times; the other filters leave them out.
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn failures(&self, filter: &Filter) -> Result<Vec<FailureRecord>, StoreError> {
        let order = self.order(filter, FAILURE_ORDERS)?;
        let of_posts = filter.platform.is_some()
            || filter.author.is_some()
            || filter.lang.is_some()
            || filter.state.is_some()
            || filter.via.is_some();
        // The time of a failure is its own, not that of the snapshot shown.
        let mut posts = Filter { since: None, until: None, ..filter.clone() };
        self.read("list failures", |connection| {
            let mut parameters = posts.parameters(connection)?;
            // An article that was never had is no article of the archive yet, and embeds none of its posts.
            let of_articles = parameters.is_none();
            if of_articles {
                posts.article = None;
                parameters = posts.parameters(connection)?;
            }
            let Some(parameters) = parameters else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT * FROM failures f WHERE (:from IS NULL OR failed_at >= :from) AND (:to IS NULL OR failed_at <= :to) \
                 AND CASE WHEN f.post IS NULL THEN NOT :of_posts \
                   AND (:name IS NULL OR f.subject = :name OR f.subject = (SELECT name FROM articles WHERE id = :article)) \
                   AND (:site IS NULL OR f.site = :site OR substr(f.site, -length(:site) - 1) = '.' || :site) \
                 ELSE NOT :of_articles AND EXISTS (SELECT 1 FROM posts p \
                   LEFT JOIN snapshots s ON s.id = p.snapshot WHERE p.id = f.post AND {POST_FITS}) END \
                 ORDER BY {order} LIMIT :limit"
            ))?;
            let (from, to) = (filter.since.map(At), filter.until.map(At));
            let mut named: Vec<(&str, &dyn ToSql)> = parameters.named().to_vec();
            named.extend([
                (":from", &from as &dyn ToSql),
                (":to", &to),
                (":of_posts", &of_posts),
                (":of_articles", &of_articles),
                (":name", &filter.article),
            ]);
            let records = statement.query_map(named.as_slice(), failure)?;
            records.collect()
        })
    }
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
