//! Lists of articles, and the article that a person means.

use super::filter::{ARTICLE_FITS, Filter, Orders};
use crate::{
    article::address,
    model::ArticleRecord,
    store::{
        Store, StoreError,
        articles::aliases,
        columns::{At, Word, counted},
    },
};
use rusqlite::{Connection, OptionalExtension};
use url::Url;

const ORDERS: Orders = &[
    ("captured", "a.captured_at DESC, a.id DESC", "a.captured_at, a.id"),
    ("published", "v.published DESC, a.id DESC", "v.published, a.id"),
    ("title", "v.title COLLATE NOCASE, a.id", "v.title COLLATE NOCASE DESC, a.id DESC"),
    ("site", "a.site, a.id", "a.site DESC, a.id DESC"),
    ("embeds", "embeds DESC, a.id DESC", "embeds, a.id"),
];

impl Store {
    /// The articles that fit, newest capture first unless the filter sorts them (`captured`, `published`, `title`,
    /// `site`, `embeds`). Filters of posts ask for articles that embed such a post.
    ///
    /// # Errors
    /// [`StoreError::Sort`], or where the archive cannot be read.
    pub fn articles(&self, filter: &Filter) -> Result<Vec<ArticleRecord>, StoreError> {
        let order = self.order(filter, ORDERS)?;
        self.read("list articles", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT a.id, a.url, a.name, a.source, v.title, v.byline, v.site_name, v.published, v.lang, a.captured_at, \
                 a.state, a.state_since, a.last_looked_at, a.due_at, v.id AS version, (SELECT count(*) FROM article_versions c WHERE c.article = a.id) AS versions, \
                 (SELECT count(*) FROM embeds c WHERE c.version = v.id) AS embeds \
                 FROM articles a JOIN article_versions v ON v.id = a.version \
                 WHERE {ARTICLE_FITS} ORDER BY {order} LIMIT :limit"
            ))?;
            let records = statement.query_map(&parameters.named(), |row| {
                Ok(ArticleRecord {
                    id: row.get("id")?,
                    url: row.get("url")?,
                    name: row.get("name")?,
                    source: row.get("source")?,
                    labels: labels(connection, row.get("id")?)?,
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
            })?;
            records.collect()
        })
    }

    /// The numbers of the articles that fit, in the order of [`Store::articles`].
    ///
    /// # Errors
    /// As [`Store::articles`].
    pub fn article_ids(&self, filter: &Filter) -> Result<Vec<i64>, StoreError> {
        let order = self.order(filter, ORDERS)?;
        self.read("list articles", |connection| {
            let Some(parameters) = filter.parameters(connection)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached(&format!(
                "SELECT a.id, (SELECT count(*) FROM embeds c WHERE c.version = v.id) AS embeds \
                 FROM articles a JOIN article_versions v ON v.id = a.version \
                 WHERE {ARTICLE_FITS} ORDER BY {order} LIMIT :limit"
            ))?;
            let ids = statement.query_map(&parameters.named(), |row| row.get(0))?;
            ids.collect()
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
