//! What an export is of: articles and posts as the filters of lists leave them, in tables aside that the others are joined to.
//! Numbers alone stand there, on disk where they are many.

use super::TableChoice;
use crate::store::{
    columns::At,
    query::{
        filter::{ARTICLE_FITS, Filter, POST_FITS},
        view::find_post,
    },
};
use rusqlite::{Connection, named_params};

const ASIDE: &str = "\
    CREATE TEMP TABLE chosen_articles (id INTEGER PRIMARY KEY);\
    CREATE TEMP TABLE chosen_posts (id INTEGER PRIMARY KEY);\
    CREATE TEMP TABLE redacted_files (id INTEGER PRIMARY KEY);\
    CREATE TEMP TABLE chosen_runs (id INTEGER PRIMARY KEY);\
    CREATE TEMP TABLE chosen_exchanges (id INTEGER PRIMARY KEY);\
    CREATE TEMP TABLE exchange_posts (exchange INTEGER, post INTEGER, PRIMARY KEY (exchange, post)) WITHOUT ROWID;";

/// What was redacted is in no export, and nothing that belongs to it: posts under any of their names, articles, files.
const REDACTED: &str = "\
    DELETE FROM temp.chosen_posts WHERE id IN \
      (SELECT p.id FROM redacted r JOIN posts p ON p.key = r.target WHERE r.what = 'post' \
       UNION ALL SELECT a.post FROM redacted r JOIN post_aliases a ON a.platform || ':' || a.post_id = r.target WHERE r.what = 'post');\
    DELETE FROM temp.chosen_articles WHERE id IN \
      (SELECT a.id FROM redacted r JOIN articles a ON r.target IN (a.name, a.url) WHERE r.what = 'article' \
       UNION ALL SELECT l.article FROM redacted r JOIN article_aliases l ON l.url = r.target WHERE r.what = 'article');\
    INSERT INTO temp.redacted_files SELECT b.id FROM redacted r JOIN blobs b ON b.sha256 = r.target WHERE r.what = 'media';";

/// Fills the tables aside.
pub(super) fn choose(connection: &Connection, choice: &TableChoice) -> rusqlite::Result<()> {
    connection.execute_batch(ASIDE)?;
    let narrowed = !choice.filter.narrows_nothing() || choice.filter.limit.is_some();
    let named = !choice.articles.is_empty() || !choice.posts.is_empty();
    if named {
        by_name(connection, choice)?;
    } else {
        by_filter(connection, &choice.filter)?;
    }
    connection.execute_batch(REDACTED)?;
    runs(connection, &choice.filter)?;
    exchanges(connection, named || narrowed)
}

fn by_filter(connection: &Connection, filter: &Filter) -> rusqlite::Result<()> {
    let Some(parameters) = filter.parameters(connection)? else { return Ok(()) };
    // The newest count where there is a limit.
    let order = |newest: &'static str| if filter.limit.is_some() { newest } else { "1" };
    let posts = format!(
        "INSERT INTO temp.chosen_posts SELECT p.id FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot \
         WHERE {POST_FITS} ORDER BY {} LIMIT :limit",
        order("p.captured_at DESC, p.id DESC")
    );
    let articles = format!(
        "INSERT INTO temp.chosen_articles SELECT a.id FROM articles a JOIN article_versions v ON v.id = a.version \
         WHERE {ARTICLE_FITS} ORDER BY {} LIMIT :limit",
        order("a.captured_at DESC, a.id DESC")
    );
    for sql in [posts, articles] {
        let mut statement = connection.prepare(&sql)?;
        let named = parameters.any().of(&statement)?;
        statement.execute(named.as_slice())?;
    }
    Ok(())
}

fn by_name(connection: &Connection, choice: &TableChoice) -> rusqlite::Result<()> {
    let mut article = connection.prepare("INSERT OR IGNORE INTO temp.chosen_articles VALUES (?1)")?;
    let mut its_posts = connection.prepare(
        "INSERT OR IGNORE INTO temp.chosen_posts SELECT e.post FROM article_versions v JOIN embeds e ON e.version = v.id \
         WHERE v.article = ?1",
    )?;
    for id in &choice.articles {
        article.execute([id])?;
        its_posts.execute([id])?;
    }
    let mut post = connection.prepare("INSERT OR IGNORE INTO temp.chosen_posts VALUES (?1)")?;
    let mut its_articles = connection.prepare(
        "INSERT OR IGNORE INTO temp.chosen_articles SELECT v.article FROM embeds e JOIN article_versions v ON v.id = e.version \
         WHERE e.post = ?1",
    )?;
    for key in &choice.posts {
        if let Some(id) = find_post(connection, key)? {
            post.execute([id])?;
            its_articles.execute([id])?;
        }
    }
    Ok(())
}

fn runs(connection: &Connection, filter: &Filter) -> rusqlite::Result<()> {
    let limit = filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    connection.execute(
        "INSERT INTO temp.chosen_runs SELECT id FROM runs WHERE (:since IS NULL OR started_at >= :since) \
         AND (:until IS NULL OR started_at <= :until) ORDER BY started_at DESC, id DESC LIMIT :limit",
        named_params! { ":since": filter.since.map(At), ":until": filter.until.map(At), ":limit": limit },
    )?;
    Ok(())
}

/// Those that speak of a chosen post or article; in a whole archive also those that speak of none.
fn exchanges(connection: &Connection, narrowed: bool) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT OR IGNORE INTO temp.exchange_posts SELECT le.exchange, l.post FROM looks l JOIN look_exchanges le ON le.look = l.id \
           WHERE l.post IN (SELECT id FROM temp.chosen_posts);\
         INSERT OR IGNORE INTO temp.chosen_exchanges SELECT exchange FROM temp.exchange_posts;\
         INSERT OR IGNORE INTO temp.chosen_exchanges SELECT v.exchange FROM temp.chosen_articles c \
           JOIN article_versions v ON v.article = c.id WHERE v.exchange IS NOT NULL;\
         INSERT OR IGNORE INTO temp.chosen_exchanges SELECT g.exchange FROM temp.chosen_articles c \
           JOIN article_versions v ON v.article = c.id JOIN article_pages g ON g.version = v.id;",
    )?;
    if !narrowed {
        connection.execute_batch(
            "INSERT OR IGNORE INTO temp.chosen_exchanges SELECT id FROM exchanges \
             EXCEPT SELECT exchange FROM look_exchanges \
             EXCEPT SELECT exchange FROM article_versions EXCEPT SELECT exchange FROM article_pages;",
        )?;
    }
    Ok(())
}
