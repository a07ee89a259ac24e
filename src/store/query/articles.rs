//! Lists of articles, and the article that a person means.

use super::{
    filter::{ARTICLE_FITS, Filter},
    walk::{self, List, MAX_COUNTED, Narrowing, Sort, few},
};
use crate::{
    article::address,
    model::{ArticleBrief, ArticleRecord, Listed, Part, Start, Total},
    store::{
        Store, StoreError,
        articles::aliases,
        columns::{At, Word, counted},
    },
};
use rusqlite::{Connection, OptionalExtension};
use url::Url;

const fn sort(name: &'static str, key: &'static str, down: bool) -> Sort {
    Sort { name, key, tie: "a.id", down, number: false }
}

pub(super) const SORTS: &[Sort] = &[
    sort("captured", "a.captured_at", true),
    sort("published", "v.published", true),
    sort("title", "v.title COLLATE NOCASE", false),
    sort("site", "a.site", false),
    Sort {
        name: "embeds",
        key: "(SELECT count(*) FROM embeds c WHERE c.version = v.id)",
        tie: "a.id",
        down: true,
        number: true,
    },
];

/// The articles that one filter alone leaves, by their numbers; what is likely to leave few comes first. Those that only
/// posts are narrowed by lead from these to the articles.
const STARTS: &[Narrowing] = &[
    (|filter| filter.article.is_some(), "SELECT a.id FROM articles a WHERE a.id = :article"),
    (
        |filter| filter.author.is_some(),
        "SELECT DISTINCT v.article AS id FROM (SELECT s.post AS id FROM snapshots s WHERE s.author_handle = :author COLLATE NOCASE \
         UNION SELECT p.id FROM posts p WHERE p.author_handle = :author COLLATE NOCASE) p \
         JOIN embeds e ON e.post = p.id JOIN article_versions v ON v.id = e.version",
    ),
    (|filter| filter.label.is_some(), "SELECT DISTINCT b.article AS id FROM article_labels b WHERE b.label = :label"),
];

const COLUMNS: &str = "\
    SELECT a.id, a.url, a.name, a.source, v.title, v.byline, v.site_name, v.published, v.lang, a.captured_at, \
    a.state, a.state_since, a.last_looked_at, a.due_at, v.id AS version, \
    (SELECT count(*) FROM article_versions c WHERE c.article = a.id) AS versions, \
    (SELECT count(*) FROM embeds c WHERE c.version = v.id) AS embeds \
    FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1";

impl Store {
    /// The articles that fit, newest capture first unless the filter sorts them (`captured`, `published`, `title`,
    /// `site`, `embeds`). Filters of posts ask for articles that embed such a post.
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn articles(&self, filter: &Filter) -> Result<Vec<ArticleRecord>, StoreError> {
        let records = self.listed_articles(filter, &all(filter), false, record);
        records.map(|listed| listed.records)
    }

    /// A part of the same list with what a reader chooses by, and how many there are. A damaged row is left out and named.
    ///
    /// # Errors
    /// As [`Store::articles`].
    pub fn articles_part(&self, filter: &Filter, part: &Part) -> Result<Listed<ArticleBrief>, StoreError> {
        self.listed_articles(filter, part, true, brief)
    }

    /// A part of the same list; how many there are is not counted.
    ///
    /// # Errors
    /// As [`Store::articles`].
    pub fn articles_listed(&self, filter: &Filter, part: &Part) -> Result<Listed<ArticleRecord>, StoreError> {
        self.listed_articles(filter, part, false, record)
    }

    /// The numbers of the articles that fit, in the order of [`Store::articles`].
    ///
    /// # Errors
    /// As [`Store::articles`].
    pub fn article_ids(&self, filter: &Filter) -> Result<Vec<i64>, StoreError> {
        self.listed_articles(filter, &all(filter), false, |_, id| Ok(id)).map(|listed| listed.records)
    }

    /// The number of the article that a person means by `target`: a number, a name, a URL in any of its forms.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_number(&self, target: &str) -> Result<Option<i64>, StoreError> {
        self.read(&format!("find the article {target}"), |connection| find_article(connection, target))
    }

    fn listed_articles<T>(
        &self,
        filter: &Filter,
        part: &Part,
        count: bool,
        read: fn(&Connection, i64) -> rusqlite::Result<T>,
    ) -> Result<Listed<T>, StoreError> {
        let order = self.sort(filter, SORTS)?;
        self.read("list articles", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Listed::empty()) };
            let few = few(connection, filter, &parameters.any(), STARTS)?;
            let from = few.map_or_else(
                || "articles a JOIN article_versions v ON v.id = a.version".to_owned(),
                |numbers| {
                    format!(
                        "({numbers}) n CROSS JOIN articles a ON a.id = n.id JOIN article_versions v ON v.id = a.version"
                    )
                },
            );
            let list = List { from, fits: ARTICLE_FITS.to_owned(), order, named: parameters.any() };
            let found = list.part(connection, part)?;
            let total = match (count, filter.narrows_nothing()) {
                (false, _) => Total::Exactly(0),
                _ if part.start == Start::First && found.after.is_none() => Total::of(found.records.len()),
                (true, true) => Total::Exactly(tally(connection)?),
                (true, false) => list.count(connection, MAX_COUNTED)?,
            };
            let (records, damaged) = walk::records(connection, &found.records, count, read)?;
            Ok(Listed { records, before: found.before, after: found.after, total, damaged })
        })
    }

    /// The number of the article that a URL leads to, in any of its forms and by any address that is known of it.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn article_at(&self, url: &str) -> Result<Option<i64>, StoreError> {
        self.read(&format!("look for the article at {url}"), |connection| find_by_url(connection, url))
    }
}

/// All that a filter leaves, as one part.
fn all(filter: &Filter) -> Part {
    Part { size: filter.limit.unwrap_or(usize::MAX - 1), start: Start::Skip(filter.offset.unwrap_or(0)) }
}

fn tally(connection: &Connection) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT n FROM tallies WHERE what = 'articles'")?;
    statement.query_row([], |row| row.get(0)).map(counted)
}

fn record(connection: &Connection, id: i64) -> rusqlite::Result<ArticleRecord> {
    connection.prepare_cached(COLUMNS)?.query_row([id], |row| {
        Ok(ArticleRecord {
            id,
            url: row.get("url")?,
            name: row.get("name")?,
            source: row.get("source")?,
            labels: labels(connection, id)?,
            title: row.get("title")?,
            byline: row.get("byline")?,
            site_name: row.get("site_name")?,
            published: row.get::<_, Option<Word<_>>>("published")?.map(|Word(when)| when),
            lang: row.get("lang")?,
            captured_at: row.get::<_, At>("captured_at")?.0,
            state: row.get("state")?,
            state_since: row.get::<_, Option<At>>("state_since")?.map(|At(at)| at),
            last_looked_at: row.get::<_, At>("last_looked_at")?.0,
            due_at: row.get::<_, Option<At>>("due_at")?.map(|At(at)| at),
            versions: counted(row.get("versions")?),
            embeds: counted(row.get("embeds")?),
            posts: posts(connection, row.get("version")?)?,
        })
    })
}

/// Characters of an article's text that its beginning is cut from.
const LEAD_CHARACTERS: i64 = 400;

/// An article with what a list of articles shows beside its record.
pub(super) fn brief(connection: &Connection, id: i64) -> rusqlite::Result<ArticleBrief> {
    let (gone, lead) = connection
        .prepare_cached(
            "SELECT (SELECT count(DISTINCT p.id) FROM embeds e JOIN posts p ON p.id = e.post WHERE e.version = v.id \
             AND p.state IN ('deleted', 'account_deleted', 'suspended')), substr(v.text, 1, ?2) \
             FROM articles a JOIN article_versions v ON v.id = a.version WHERE a.id = ?1",
        )?
        .query_row((id, LEAD_CHARACTERS), |row| Ok((counted(row.get(0)?), row.get(1)?)))?;
    Ok(ArticleBrief { article: record(connection, id)?, gone, lead })
}

/// The labels of an article, sorted.
pub(super) fn labels(connection: &Connection, article: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT j.value FROM articles a JOIN sources s ON s.name = a.source, json_each(s.labels) j WHERE a.id = ?1 UNION \
         SELECT j.value FROM articles a JOIN source_articles n ON n.name = a.name JOIN sources s ON s.id = n.source, \
         json_each(s.labels) j WHERE a.id = ?1 UNION \
         SELECT j.value FROM article_aliases l JOIN source_articles n ON n.address = l.url JOIN sources s ON s.id = n.source, \
         json_each(s.labels) j WHERE l.article = ?1 ORDER BY 1",
    )?;
    let labels = statement.query_map([article], |row| row.get(0))?;
    labels.collect()
}

pub(super) fn posts(connection: &Connection, version: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.key FROM embeds e JOIN posts p ON p.id = e.post WHERE e.version = ?1 GROUP BY p.id ORDER BY min(e.position)",
    )?;
    let posts = statement.query_map([version], |row| row.get(0))?;
    posts.collect()
}

/// The article that a person means by a number, a name, a URL in any of its forms, or a file's name.
pub(super) fn find_article(connection: &Connection, target: &str) -> rusqlite::Result<Option<i64>> {
    let target = target.trim();
    if target.is_empty() {
        return Ok(None);
    }
    let by = |sql: &str, value: &str| -> rusqlite::Result<Option<i64>> {
        connection.prepare_cached(sql)?.query_row([value], |row| row.get(0)).optional()
    };
    if let Some(id) = by("SELECT id FROM articles WHERE name = ?1", target)? {
        return Ok(Some(id));
    }
    if target.bytes().all(|byte| byte.is_ascii_digit())
        && let Some(id) = by("SELECT id FROM articles WHERE id = CAST(?1 AS INTEGER)", target)?
    {
        return Ok(Some(id));
    }
    if let Some(id) = find_by_url(connection, target)? {
        return Ok(Some(id));
    }
    // No name ends with an address, and looking for an end reads every name.
    if target.contains("://") {
        return Ok(None);
    }
    by(
        "SELECT id FROM articles WHERE substr(name, -length(?1) - 1) IN ('/' || ?1, '\\' || ?1) \
         ORDER BY captured_at DESC, id DESC LIMIT 1",
        target,
    )
}

/// The article that a URL leads to, in any of its forms.
fn find_by_url(connection: &Connection, url: &str) -> rusqlite::Result<Option<i64>> {
    for url in forms(url) {
        if let Some(id) = aliases::find(connection, &url)? {
            return Ok(Some(id));
        }
        let found = connection
            .prepare_cached(
                "SELECT id FROM (SELECT id, captured_at FROM articles WHERE url = ?1 \
                 UNION SELECT id, captured_at FROM articles WHERE name = ?1) ORDER BY captured_at DESC, id DESC LIMIT 1",
            )?
            .query_row([&url], |row| row.get(0))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The forms in which a URL may stand in the archive: with and without what only tracks, closing slash, `www.`, `s` of
/// https.
fn forms(target: &str) -> Vec<String> {
    let Ok(mut url) = Url::parse(target) else { return Vec::new() };
    if !matches!(url.scheme(), "http" | "https") {
        return vec![url.into()];
    }
    let mut forms = vec![url.to_string()];
    url = address::plain(&url);
    forms.push(url.to_string());
    let path = url.path().to_owned();
    let other_path = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
    let host = url.host_str().unwrap_or_default().to_owned();
    let other_host = host.strip_prefix("www.").map_or_else(|| format!("www.{host}"), str::to_owned);
    for scheme in ["https", "http"] {
        for host in [&host, &other_host] {
            for path in [&path, &other_path] {
                let mut form = url.clone();
                if form.set_scheme(scheme).is_ok() && form.set_host(Some(host)).is_ok() {
                    form.set_path(path);
                    forms.push(form.into());
                }
            }
        }
    }
    forms
}
