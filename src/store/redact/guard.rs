//! What comes in of something that is redacted by then: nothing of it is kept.

use super::{
    Redaction, notice, record,
    work::{Run, Work},
};
use crate::store::{Transaction, articles::aliases};
use jiff::Timestamp;
use rusqlite::Connection;

/// Whether a post must not be kept any more of.
pub(in crate::store) fn is_redacted(connection: &Connection, post: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM redacted WHERE what = 'post' AND target IN (SELECT key FROM posts WHERE id = ?1 \
             UNION ALL SELECT platform || ':' || post_id FROM post_aliases WHERE post = ?1))",
        )?
        .query_row([post], |row| row.get(0))
}

/// Whether an article must not be kept any more of.
pub(in crate::store) fn is_article_redacted(connection: &Connection, article: i64) -> rusqlite::Result<bool> {
    let mut redacted = connection.prepare_cached("SELECT target FROM redacted WHERE what = 'article'")?;
    let mut redacted = redacted.query([])?;
    while let Some(row) = redacted.next()? {
        if aliases::find_named(connection, row.get_ref(0)?.as_str().unwrap_or_default())? == Some(article) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes what a new version of an article quotes of redacted posts out of it, before the version is entered.
pub(in crate::store) fn guard_version(
    main: &Transaction<'_>,
    run: i64,
    version: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    guard(main, "SELECT DISTINCT post FROM embeds WHERE version = ?1", version, |redaction, post| {
        let run = Run::new(Some(run), now);
        Work { main, run: &run, redaction, notice: notice(redaction), touched: None }.quotation(version, post)
    })
}

/// Takes the answers away that a post was read from and that hold a redacted one too.
pub(in crate::store) fn guard_post(
    main: &Transaction<'_>,
    run: i64,
    post: i64,
    now: Timestamp,
) -> rusqlite::Result<()> {
    const RELATED: &str =
        "SELECT DISTINCT r.post FROM relations r JOIN snapshots s ON s.id = r.snapshot WHERE s.post = ?1";
    guard(main, RELATED, post, |redaction, related| {
        let run = Run::new(Some(run), now);
        Work { main, run: &run, redaction, notice: notice(redaction), touched: None }.answers(related)
    })
}

/// Does `work` for those of these posts that are redacted.
fn guard(
    main: &Transaction<'_>,
    posts: &str,
    of: i64,
    mut work: impl FnMut(&Redaction, i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let any: bool = main.prepare_cached("SELECT EXISTS (SELECT 1 FROM redacted)")?.query_row([], |row| row.get(0))?;
    if !any {
        return Ok(());
    }
    let mut found = main.prepare_cached(&format!(
        "SELECT p.id, r.what, r.target, r.mode, r.redacted_at, r.reason FROM posts p JOIN redacted r ON r.what = 'post' \
         AND r.target IN (SELECT p.key UNION ALL SELECT platform || ':' || post_id FROM post_aliases WHERE post = p.id) \
         WHERE p.id IN ({posts})"
    ))?;
    let found: Vec<(i64, Redaction)> =
        found.query_map([of], |row| Ok((row.get(0)?, record(row)?)))?.collect::<rusqlite::Result<_>>()?;
    found.iter().try_for_each(|(post, redaction)| work(redaction, *post))
}
