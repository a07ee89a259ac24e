//! What goes, chosen into temporary tables: first what the rules name, then what nothing that stays refers to.

use super::{Pruning, thin};
use crate::store::{
    columns::{At, count},
    query::{ARTICLE_FITS, POST_FITS},
};
use jiff::Timestamp;
use rusqlite::Connection;

/// The tables: what goes, by kind and number, whether its whole post or article goes with it; the posts and articles that
/// the filter leaves; the posts of which something goes.
const PREPARE: &str = "\
    DROP TABLE IF EXISTS temp.prunable; DROP TABLE IF EXISTS temp.pruned_posts; DROP TABLE IF EXISTS temp.pruned_articles; \
    CREATE TEMP TABLE prunable (kind TEXT NOT NULL, id INTEGER NOT NULL, whole INTEGER NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID; \
    CREATE TEMP TABLE pruned_posts (id INTEGER PRIMARY KEY); \
    CREATE TEMP TABLE pruned_articles (id INTEGER PRIMARY KEY);";

/// Takes them away.
pub(super) const CLEAR: &str = "\
    DROP TABLE IF EXISTS temp.prunable; DROP TABLE IF EXISTS temp.pruned_posts; DROP TABLE IF EXISTS temp.pruned_articles;";

/// Chooses what goes. Of what is redacted nothing goes: it has its own tombstones, and what it hides is kept aside by its
/// rows' numbers.
pub(super) fn select(connection: &Connection, pruning: &Pruning, now: Timestamp) -> rusqlite::Result<()> {
    connection.execute_batch(PREPARE)?;
    scope(connection, pruning)?;
    if pruning.articles {
        connection.execute_batch(
            "INSERT INTO temp.prunable SELECT 'article', id, 1 FROM temp.pruned_articles; \
             INSERT INTO temp.prunable SELECT 'version', v.id, 1 FROM article_versions v \
               JOIN temp.pruned_articles a ON a.id = v.article;",
        )?;
    } else if pruning.versions && pruning.keep.is_set() {
        thin::versions(connection, &pruning.keep, now)?;
    }
    if pruning.posts {
        connection.execute_batch(
            "INSERT INTO temp.prunable SELECT 'post', p.id, 1 FROM temp.pruned_posts p \
               WHERE EXISTS (SELECT 1 FROM looks l WHERE l.post = p.id) OR EXISTS (SELECT 1 FROM snapshots s WHERE s.post = p.id) \
               OR NOT (EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id) OR EXISTS (SELECT 1 FROM relations r WHERE r.post = p.id)); \
             INSERT INTO temp.prunable SELECT 'snapshot', s.id, 1 FROM snapshots s JOIN temp.pruned_posts p ON p.id = s.post; \
             INSERT INTO temp.prunable SELECT 'look', l.id, 1 FROM looks l JOIN temp.pruned_posts p ON p.id = l.post;",
        )?;
    } else {
        if pruning.snapshots && pruning.keep.is_set() {
            thin::snapshots(connection, &pruning.keep, now)?;
        }
        if pruning.repeats {
            thin::repeats(connection)?;
        }
    }
    connection.execute_batch(EXCHANGES)?;
    connection.execute_batch(BLOBS)?;
    if pruning.orphans {
        connection.execute_batch(ORPHANS)?;
    }
    files(connection, pruning)
}

/// The posts and articles that the filter leaves, less those that are redacted.
fn scope(connection: &Connection, pruning: &Pruning) -> rusqlite::Result<()> {
    let Some(parameters) = pruning.filter.parameters(connection)? else { return Ok(()) };
    if pruning.posts || pruning.snapshots || pruning.repeats || pruning.files.is_some() {
        connection
            .prepare(&format!(
                "INSERT INTO temp.pruned_posts SELECT p.id FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot \
                 WHERE {POST_FITS} AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'post' AND r.target IN (SELECT p.key \
                   UNION ALL SELECT a.platform || ':' || a.post_id FROM post_aliases a WHERE a.post = p.id)) LIMIT :limit"
            ))?
            .execute(&parameters.named())?;
    }
    if pruning.articles || pruning.versions {
        let mut insert = connection.prepare(&format!(
            "INSERT INTO temp.pruned_articles SELECT a.id FROM articles a LEFT JOIN article_versions v ON v.id = a.version \
             WHERE {ARTICLE_FITS} AND a.name NOT IN (SELECT target FROM redacted WHERE what = 'article') \
             AND NOT EXISTS (SELECT 1 FROM article_versions w JOIN redacted_rows k ON k.\"table\" = 'article_versions' \
               AND k.row = w.id WHERE w.article = a.id) \
             AND NOT EXISTS (SELECT 1 FROM article_versions w JOIN embeds e ON e.version = w.id \
               JOIN redacted_rows k ON k.\"table\" = 'embeds' AND k.row = e.id WHERE w.article = a.id)"
        ))?;
        let named = parameters.any();
        let named = named.of(&insert)?;
        insert.execute(named.as_slice())?;
    }
    Ok(())
}

/// Exchanges of what goes to which nothing else refers. Each table is read once, however much goes.
const EXCHANGES: &str = "\
    INSERT OR IGNORE INTO temp.prunable SELECT 'exchange', x.exchange, 1 FROM temp.prunable g \
      JOIN look_exchanges x ON x.look = g.id WHERE g.kind = 'look'; \
    INSERT OR IGNORE INTO temp.prunable SELECT 'exchange', v.exchange, 1 FROM temp.prunable g \
      JOIN article_versions v ON v.id = g.id WHERE g.kind = 'version' AND v.exchange IS NOT NULL; \
    INSERT OR IGNORE INTO temp.prunable SELECT 'exchange', p.exchange, 1 FROM temp.prunable g \
      JOIN article_pages p ON p.version = g.id WHERE g.kind = 'version'; \
    DELETE FROM temp.prunable WHERE kind = 'exchange' AND ( \
      id IN (SELECT x.exchange FROM look_exchanges x WHERE NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'look' AND g.id = x.look)) \
      OR id IN (SELECT v.exchange FROM article_versions v WHERE v.exchange IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'version' AND g.id = v.id)) \
      OR id IN (SELECT p.exchange FROM article_pages p WHERE NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'version' AND g.id = p.version)));";

/// Bytes of what goes to which nothing else refers. Those that were taken away before have nothing left to go.
const BLOBS: &str = "\
    INSERT OR IGNORE INTO temp.prunable SELECT 'blob', b.id, 1 FROM ( \
      SELECT e.body AS id FROM temp.prunable g JOIN exchanges e ON e.id = g.id WHERE g.kind = 'exchange' \
      UNION SELECT e.request_body FROM temp.prunable g JOIN exchanges e ON e.id = g.id WHERE g.kind = 'exchange' \
      UNION SELECT h.body FROM temp.prunable g JOIN exchange_hops h ON h.exchange = g.id WHERE g.kind = 'exchange' \
      UNION SELECT v.original FROM temp.prunable g JOIN article_versions v ON v.id = g.id WHERE g.kind = 'version' \
      UNION SELECT v.body FROM temp.prunable g JOIN article_versions v ON v.id = g.id WHERE g.kind = 'version' \
      UNION SELECT m.blob FROM temp.prunable g JOIN snapshot_media m ON m.snapshot = g.id WHERE g.kind = 'snapshot') c \
      JOIN blobs b ON b.id = c.id WHERE length(b.data) > 0 OR b.size_bytes = 0; \
    DELETE FROM temp.prunable WHERE kind = 'blob' AND ( \
      id IN (SELECT row FROM redacted_rows WHERE \"table\" = 'blobs') \
      OR id IN (SELECT e.body FROM exchanges e WHERE e.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'exchange' AND g.id = e.id)) \
      OR id IN (SELECT e.request_body FROM exchanges e WHERE e.request_body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'exchange' AND g.id = e.id)) \
      OR id IN (SELECT h.body FROM exchange_hops h WHERE h.body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'exchange' AND g.id = h.exchange)) \
      OR id IN (SELECT v.original FROM article_versions v WHERE NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'version' AND g.id = v.id)) \
      OR id IN (SELECT v.body FROM article_versions v WHERE NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'version' AND g.id = v.id)) \
      OR id IN (SELECT m.blob FROM snapshot_media m WHERE m.blob IS NOT NULL AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'snapshot' AND g.id = m.snapshot)));";

/// Bytes to which nothing refers at all.
const ORPHANS: &str = "\
    INSERT OR IGNORE INTO temp.prunable SELECT 'blob', b.id, 1 FROM blobs b WHERE (length(b.data) > 0 OR b.size_bytes = 0) \
      AND b.id NOT IN (SELECT row FROM redacted_rows WHERE \"table\" = 'blobs') \
      AND b.id NOT IN (SELECT body FROM exchanges WHERE body IS NOT NULL) \
      AND b.id NOT IN (SELECT request_body FROM exchanges WHERE request_body IS NOT NULL) \
      AND b.id NOT IN (SELECT body FROM exchange_hops WHERE body IS NOT NULL) \
      AND b.id NOT IN (SELECT original FROM article_versions) AND b.id NOT IN (SELECT body FROM article_versions) \
      AND NOT EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id);";

/// Files whose posts all fit: their bytes go, their rows stay.
fn files(connection: &Connection, pruning: &Pruning) -> rusqlite::Result<()> {
    let Some(which) = &pruning.files else { return Ok(()) };
    connection
        .prepare(
            "INSERT OR IGNORE INTO temp.prunable SELECT 'file', b.id, 0 FROM snapshot_media m JOIN blobs b ON b.id = m.blob \
             JOIN snapshots s ON s.id = m.snapshot \
             WHERE length(b.data) > 0 AND b.id NOT IN (SELECT body FROM exchanges WHERE body IS NOT NULL) \
             AND b.id NOT IN (SELECT original FROM article_versions) AND b.id NOT IN (SELECT body FROM article_versions) \
             AND NOT EXISTS (SELECT 1 FROM temp.prunable g WHERE g.kind = 'blob' AND g.id = b.id) \
             AND (?4 OR NOT EXISTS (SELECT 1 FROM snapshot_media n JOIN posts q ON q.id = (SELECT t.post FROM snapshots t WHERE t.id = n.snapshot) \
               WHERE n.blob = b.id AND q.snapshot = n.snapshot)) \
             AND (?1 IS NULL OR b.mime LIKE ?1 || '/%') AND (?2 IS NULL OR b.size_bytes >= ?2) GROUP BY b.id \
             HAVING (?3 IS NULL OR max(s.captured_at) < ?3) AND min(EXISTS (SELECT 1 FROM temp.pruned_posts f WHERE f.id = s.post))",
        )?
        .execute((&which.kind, which.at_least_bytes.map(count), which.older_than.map(At), which.shown))
        .map(drop)
}
