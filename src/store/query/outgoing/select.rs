//! Chooses the rows: what the filters leave, or what targets name, with what belongs to it and without what is redacted.

use crate::store::query::{
    articles::find_article,
    filter::{ARTICLE_FITS, Filter, POST_FITS},
    view::find_post,
};
use rusqlite::Connection;

/// What is to be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that the filters leave: articles with all of their posts, and posts.
    Fitting(Box<Filter>),
    /// These articles, with all of their posts, and these posts.
    Named {
        /// Numbers of articles.
        articles: Vec<i64>,
        /// Keys of posts, under any of their names.
        posts: Vec<String>,
    },
}

/// In which order a limit counts: for `ORDER BY`.
pub(super) struct Newest {
    pub(super) articles: String,
    pub(super) posts: String,
}

const TABLES: &str = "\
    DROP TABLE IF EXISTS temp.out_articles; DROP TABLE IF EXISTS temp.out_posts; DROP TABLE IF EXISTS temp.out_exchanges; \
    DROP TABLE IF EXISTS temp.out_runs; DROP TABLE IF EXISTS temp.out_payloads; DROP TABLE IF EXISTS temp.out_redacted; \
    DROP TABLE IF EXISTS temp.out_redactions; DROP TABLE IF EXISTS temp.out_order; \
    CREATE TEMP TABLE out_articles (id INTEGER PRIMARY KEY); \
    CREATE TEMP TABLE out_posts (id INTEGER PRIMARY KEY); \
    CREATE TEMP TABLE out_exchanges (id INTEGER PRIMARY KEY, record TEXT); \
    CREATE TEMP TABLE out_runs (id INTEGER PRIMARY KEY); \
    CREATE TEMP TABLE out_payloads (blob INTEGER PRIMARY KEY, record TEXT, url TEXT, at TEXT); \
    CREATE TEMP TABLE out_order (kind TEXT, position INTEGER, id INTEGER, PRIMARY KEY (kind, position)) WITHOUT ROWID; \
    CREATE TEMP TABLE out_redacted (what TEXT, row INTEGER, redaction INTEGER, PRIMARY KEY (what, row)) WITHOUT ROWID; \
    CREATE TEMP TABLE out_redactions (id INTEGER PRIMARY KEY);";

/// The order of each kind: by what it says, so that archives that hold the same are exported the same, whichever way it came.
const IN_ORDER: [(&str, &str, &str); 5] = [
    ("out_runs", "runs", "x.started_at, x.id"),
    ("out_exchanges", "exchanges", "x.started_at, x.url, x.elapsed_ms, x.id"),
    ("out_articles", "articles", "x.first_captured_at, x.id"),
    ("out_posts", "posts", "x.key"),
    ("out_redactions", "redactions", "x.redacted_at, x.what, x.target"),
];

/// Posts of the articles, then those that any chosen post quotes or answers, however far that goes.
const INSIDE: [&str; 2] = [
    "INSERT OR IGNORE INTO temp.out_posts SELECT e.post FROM temp.out_articles a \
     JOIN main.article_versions v ON v.article = a.id JOIN main.embeds e ON e.version = v.id",
    "INSERT OR IGNORE INTO temp.out_posts WITH RECURSIVE inside (id) AS (SELECT id FROM temp.out_posts \
     UNION SELECT r.post FROM inside i JOIN main.snapshots s ON s.post = i.id JOIN main.relations r ON r.snapshot = s.id) \
     SELECT id FROM inside",
];

/// Exchanges and runs of a selection.
const BELONGING: [&str; 6] = [
    "INSERT OR IGNORE INTO temp.out_exchanges (id) SELECT v.exchange FROM temp.out_articles a \
     JOIN main.article_versions v ON v.article = a.id WHERE v.exchange IS NOT NULL",
    "INSERT OR IGNORE INTO temp.out_exchanges (id) SELECT g.exchange FROM temp.out_articles a \
     JOIN main.article_versions v ON v.article = a.id JOIN main.article_pages g ON g.version = v.id",
    "INSERT OR IGNORE INTO temp.out_exchanges (id) SELECT x.exchange FROM temp.out_posts p \
     JOIN main.looks l ON l.post = p.id JOIN main.look_exchanges x ON x.look = coalesce(l.reparse_of, l.id)",
    "INSERT OR IGNORE INTO temp.out_runs SELECT e.run FROM temp.out_exchanges o JOIN main.exchanges e ON e.id = o.id",
    "INSERT OR IGNORE INTO temp.out_runs SELECT v.run FROM temp.out_articles a JOIN main.article_versions v ON v.article = a.id",
    "INSERT OR IGNORE INTO temp.out_runs SELECT l.run FROM temp.out_posts p JOIN main.looks l ON l.post = p.id",
];

const WITHOUT_ARTICLES: [&str; 2] = [
    "INSERT OR IGNORE INTO temp.out_redactions SELECT r.redaction FROM temp.out_redacted r JOIN temp.out_articles a ON a.id = r.row \
     WHERE r.what = 'article'",
    "DELETE FROM temp.out_articles WHERE id IN (SELECT row FROM temp.out_redacted WHERE what = 'article')",
];

const WITHOUT_POSTS: [&str; 2] = [
    "INSERT OR IGNORE INTO temp.out_redactions SELECT r.redaction FROM temp.out_redacted r JOIN temp.out_posts p ON p.id = r.row \
     WHERE r.what = 'post'",
    "DELETE FROM temp.out_posts WHERE id IN (SELECT row FROM temp.out_redacted WHERE what = 'post')",
];

/// Every exchange that shows what is redacted, and the redactions of files in what is left.
const WITHOUT_EXCHANGES: [&str; 4] = [
    "DELETE FROM temp.out_exchanges WHERE id IN (SELECT v.exchange FROM temp.out_redacted r \
     JOIN main.article_versions v ON v.article = r.row WHERE r.what = 'article')",
    "DELETE FROM temp.out_exchanges WHERE id IN (SELECT g.exchange FROM temp.out_redacted r \
     JOIN main.article_versions v ON v.article = r.row JOIN main.article_pages g ON g.version = v.id WHERE r.what = 'article')",
    "DELETE FROM temp.out_exchanges WHERE id IN (SELECT x.exchange FROM temp.out_redacted r \
     JOIN main.looks l ON l.post = r.row JOIN main.look_exchanges x ON x.look = l.id WHERE r.what = 'post')",
    "INSERT OR IGNORE INTO temp.out_redactions SELECT r.id FROM main.redacted r JOIN main.blobs b ON b.sha256 = r.target \
     WHERE r.what = 'media' AND EXISTS (SELECT 1 FROM main.snapshot_media m JOIN main.snapshots s ON s.id = m.snapshot \
     JOIN temp.out_posts p ON p.id = s.post WHERE m.blob = b.id)",
];

/// Fills the temporary tables.
pub(super) fn fill(connection: &Connection, wanted: &Wanted, newest: &Newest) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    redacted(connection)?;
    let all = match wanted {
        Wanted::Fitting(filter) => {
            let all = filter.narrows_nothing() && filter.limit.is_none();
            if all {
                everything(connection)?;
            } else {
                fitting(connection, filter, newest)?;
            }
            all
        }
        Wanted::Named { articles, posts } => {
            named(connection, articles, posts)?;
            false
        }
    };
    let mut steps = WITHOUT_ARTICLES.to_vec();
    if !all {
        steps.extend(INSIDE);
    }
    steps.extend(WITHOUT_POSTS);
    if !all {
        steps.extend(BELONGING);
    }
    steps.extend(WITHOUT_EXCHANGES);
    steps.into_iter().try_for_each(|sql| connection.execute(sql, []).map(drop))?;
    for (chosen, table, order) in IN_ORDER {
        let sql = format!(
            "INSERT INTO temp.out_order SELECT '{chosen}', row_number() OVER (ORDER BY {order}), x.id \
             FROM temp.{chosen} o JOIN main.{table} x ON x.id = o.id"
        );
        connection.execute(&sql, [])?;
    }
    Ok(())
}

fn everything(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO temp.out_articles SELECT id FROM main.articles; \
         INSERT INTO temp.out_posts SELECT id FROM main.posts; \
         INSERT INTO temp.out_exchanges (id) SELECT id FROM main.exchanges; \
         INSERT INTO temp.out_runs SELECT id FROM main.runs",
    )
}

fn named(connection: &Connection, articles: &[i64], posts: &[String]) -> rusqlite::Result<()> {
    for id in articles {
        connection.execute("INSERT OR IGNORE INTO temp.out_articles VALUES (?1)", [id])?;
    }
    for key in posts {
        if let Some(id) = find_post(connection, key)? {
            connection.execute("INSERT OR IGNORE INTO temp.out_posts VALUES (?1)", [id])?;
        }
    }
    Ok(())
}

fn fitting(connection: &Connection, filter: &Filter, newest: &Newest) -> rusqlite::Result<()> {
    let Newest { articles, posts } = newest;
    let Some(parameters) = filter.parameters(connection)? else { return Ok(()) };
    let named = parameters.any();
    for sql in [
        format!(
            "INSERT INTO temp.out_articles SELECT a.id FROM main.articles a JOIN main.article_versions v ON v.id = a.version \
             WHERE {ARTICLE_FITS} ORDER BY {articles} LIMIT :limit"
        ),
        format!(
            "INSERT INTO temp.out_posts SELECT p.id FROM main.posts p LEFT JOIN main.snapshots s ON s.id = p.snapshot \
             WHERE {POST_FITS} ORDER BY {posts} LIMIT :limit"
        ),
    ] {
        let mut statement = connection.prepare(&sql)?;
        let named = named.of(&statement)?;
        statement.execute(named.as_slice())?;
    }
    Ok(())
}

/// The rows that redactions name.
fn redacted(connection: &Connection) -> rusqlite::Result<()> {
    let mut redactions = connection.prepare("SELECT id, what, target FROM main.redacted")?;
    let mut rows = redactions.query([])?;
    while let Some(row) = rows.next()? {
        let (redaction, what, target): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let found = match what.as_str() {
            "post" => find_post(connection, &target)?,
            "article" => find_article(connection, &target)?,
            _ => None,
        };
        if let Some(found) = found {
            connection
                .prepare_cached("INSERT OR IGNORE INTO temp.out_redacted VALUES (?1, ?2, ?3)")?
                .execute((what, found, redaction))?;
        }
    }
    Ok(())
}
