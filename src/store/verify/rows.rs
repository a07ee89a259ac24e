//! Rows that no version of embalm leaves behind: what refers to the wrong thing, what nobody will look after, text that is
//! none, instants that are none.

use super::Check;
use rusqlite::{Connection, types::ValueRef};

/// A question whose every answer is a fault: the table, what is wrong, and the rows.
struct Question {
    table: &'static str,
    detail: &'static str,
    rows: &'static str,
}

const QUESTIONS: [Question; 18] = [
    Question {
        table: "posts",
        detail: "shows a snapshot of another post",
        rows: "SELECT p.id FROM posts p JOIN snapshots s ON s.id = p.snapshot WHERE s.post <> p.id",
    },
    Question {
        table: "posts",
        detail: "an article embeds it, and it was neither looked at nor is it queued",
        rows: "SELECT p.id FROM posts p WHERE p.last_looked_at IS NULL \
               AND EXISTS (SELECT 1 FROM embeds e WHERE e.post = p.id AND e.scope = 'article') \
               AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.post = p.id) \
               AND NOT EXISTS (SELECT 1 FROM redacted r WHERE r.what = 'post' AND r.target IN (SELECT p.key \
                 UNION ALL SELECT a.platform || ':' || a.post_id FROM post_aliases a WHERE a.post = p.id))",
    },
    Question {
        table: "posts",
        detail: "its last look is not the one that its looks say",
        rows: "SELECT p.id FROM posts p WHERE p.last_looked_at IS NOT (SELECT max(l.looked_at) FROM looks l WHERE l.post = p.id)",
    },
    Question {
        table: "posts",
        detail: "its first capture is not the one that its snapshots say",
        rows: "SELECT p.id FROM posts p WHERE p.first_captured_at IS NOT (SELECT min(s.captured_at) FROM snapshots s \
               WHERE s.post = p.id AND s.outcome = 'found' AND s.via <> 'quoted')",
    },
    Question {
        table: "posts",
        detail: "its state is not the one that its looks prove",
        rows: "SELECT p.id FROM posts p WHERE p.state <> coalesce((SELECT l.state FROM standing_looks l \
               JOIN runs r ON r.id = l.run WHERE l.post = p.id AND l.state IS NOT NULL ORDER BY l.looked_at DESC, \
               r.started_at DESC, r.command DESC, coalesce(r.host, '') DESC, l.id DESC LIMIT 1), 'unknown')",
    },
    Question {
        table: "looks",
        detail: "it found a snapshot of another post, or none",
        rows: "SELECT l.id FROM looks l LEFT JOIN snapshots s ON s.id = l.snapshot \
               WHERE l.result <> 'failed' AND s.post IS NOT l.post",
    },
    Question {
        table: "looks",
        detail: "it failed without a reason",
        rows: "SELECT id FROM looks WHERE result = 'failed' AND reason IS NULL",
    },
    Question {
        table: "snapshots",
        detail: "no look brought it",
        rows: "SELECT s.id FROM snapshots s WHERE NOT EXISTS (SELECT 1 FROM looks l WHERE l.snapshot = s.id)",
    },
    Question {
        table: "snapshot_media",
        detail: "it says how its bytes were had, and has none",
        rows: "SELECT id FROM snapshot_media WHERE blob IS NULL AND failure IS NULL AND answered_url IS NOT NULL",
    },
    Question {
        table: "articles",
        detail: "its newest version is another article's, or none",
        rows: "SELECT a.id FROM articles a LEFT JOIN article_versions v ON v.id = a.version WHERE v.article IS NOT a.id",
    },
    Question {
        table: "articles",
        detail: "its newest version is of another time than it says",
        rows: "SELECT a.id FROM articles a JOIN article_versions v ON v.id = a.version WHERE v.captured_at IS NOT a.captured_at",
    },
    // It may be earlier: a record of before the first version that says the same words is no version of its own.
    Question {
        table: "articles",
        detail: "its first capture is later than its first version",
        rows: "SELECT a.id FROM articles a WHERE a.first_captured_at > (SELECT min(v.captured_at) FROM article_versions v \
               WHERE v.article = a.id) OR a.first_captured_at > a.last_looked_at",
    },
    Question {
        table: "queue",
        detail: "it waits for nothing",
        rows: "SELECT id FROM queue WHERE (post IS NULL AND coalesce(article_name, '') = '') OR attempts < 0",
    },
    Question {
        table: "exchanges",
        detail: "it has neither an answer nor a reason for having none",
        rows: "SELECT id FROM exchanges WHERE status IS NULL AND error IS NULL",
    },
    Question {
        table: "posts",
        detail: "it has no name that a platform gives",
        rows: "SELECT id FROM posts WHERE platform = '' OR post_id = ''",
    },
    Question {
        table: "posts",
        detail: "its name leads to another post as well",
        rows: "SELECT p.id FROM post_aliases a JOIN posts p ON p.platform = a.platform AND p.post_id = a.post_id",
    },
    Question {
        table: "embeds",
        detail: "it stands for another post than the one that its markup names",
        rows: "SELECT e.id FROM embeds e WHERE e.target = 'post' AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.id = e.post \
               AND p.platform = e.target_platform AND p.post_id = e.target_post_id) \
               AND NOT EXISTS (SELECT 1 FROM post_aliases a WHERE a.post = e.post \
               AND a.platform = e.target_platform AND a.post_id = e.target_post_id) \
               AND NOT EXISTS (SELECT 1 FROM former_names f WHERE f.post = e.post \
               AND f.platform = e.target_platform AND f.post_id = e.target_post_id)",
    },
    Question {
        table: "embeds",
        detail: "it stands outside its article",
        rows: "SELECT id FROM embeds WHERE position < 0 OR scope NOT IN ('article', 'page')",
    },
];

pub(super) fn rows(connection: &Connection, check: &mut Check<'_>) -> rusqlite::Result<()> {
    for question in QUESTIONS {
        let mut statement = connection.prepare(question.rows)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            check.fault(question.table, row.get(0)?, question.detail);
        }
    }
    let mut tables = connection.prepare(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )?;
    let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let tables: Vec<(String, bool)> = tables.collect::<rusqlite::Result<_>>()?;
    for (table, without_rowid) in &tables {
        texts(connection, check, table, *without_rowid)?;
    }
    Ok(())
}

/// Reads every text of a table: text is UTF-8, an instant is one, JSON is JSON.
fn texts(connection: &Connection, check: &mut Check<'_>, table: &str, without_rowid: bool) -> rusqlite::Result<()> {
    let mut columns =
        connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE type = 'TEXT' AND hidden = 0")?;
    let columns: Vec<String> = columns.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if columns.is_empty() {
        return Ok(());
    }
    let row_id = if without_rowid { "NULL" } else { "rowid" };
    let named: Vec<_> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let mut statement = connection.prepare(&format!("SELECT {row_id}, {} FROM \"{table}\"", named.join(", ")))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for (place, column) in columns.iter().enumerate() {
            let ValueRef::Text(bytes) = row.get_ref(place + 1)? else { continue };
            if let Some(fault) = fault(column, bytes) {
                check.fault(table, row.get(0)?, format!("{column} {fault}"));
            }
        }
    }
    Ok(())
}

/// What is wrong with a text of this column.
fn fault(column: &str, bytes: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Some("is not text") };
    if column.ends_with("_at") && !is_instant(bytes) {
        return Some("is not an instant");
    }
    if column.ends_with("sha256")
        && !(bytes.len() == 64 && bytes.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
    {
        return Some("is not a SHA-256");
    }
    let begins_as_json = text.starts_with('{') || text.starts_with('[');
    let is_json = matches!(
        column,
        "request_headers" | "response_headers" | "headers" | "counts" | "quoted_links" | "fallbacks" | "validators"
    );
    (is_json && !(begins_as_json && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()))
        .then_some("is not JSON")
}

/// Whether this is `2026-11-22T07:00:00.000Z`, the width of every instant.
fn is_instant(bytes: &[u8]) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000Z";
    bytes.len() == SHAPE.len()
        && bytes
            .iter()
            .zip(SHAPE)
            .all(|(byte, shape)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape })
        && std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<jiff::Timestamp>().is_ok())
}
