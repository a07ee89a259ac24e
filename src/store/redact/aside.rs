//! What is kept aside of what is only hidden, and how it is put back: the one place that reads `redacted_rows`.

use crate::store::{
    Transaction,
    entries::{self, Kind},
    index, posts,
};
use rusqlite::Connection;

/// The columns that a redaction takes something out of. What is put back goes nowhere else, whatever an archive of a stranger's
/// says.
const COLUMNS: &[(&str, &[&str])] = &[
    ("posts", &["url", "author_handle"]),
    (
        "snapshots",
        &[
            "text",
            "text_html",
            "author_id",
            "author_handle",
            "author_name",
            "author_url",
            "author_avatar",
            "published",
            "edited",
            "lang",
            "counts",
            "poll",
            "card",
            "warning",
            "memento_url",
            "memento_at",
            "thread",
        ],
    ),
    (
        "snapshot_media",
        &["url", "fallbacks", "alt", "answered_url", "failure", "blob", "note", "obtained", "stated_mime", "skipped"],
    ),
    (
        "embeds",
        &[
            "quoted_text",
            "quoted_author_name",
            "quoted_author_handle",
            "quoted_published",
            "quoted_links",
            "target_author",
            "target_url",
        ],
    ),
    ("articles", &["due_at"]),
    ("article_versions", &["title", "text", "byline", "site_name", "published"]),
    ("exchanges", &["url", "answered_url", "request_headers", "response_headers"]),
    ("looks", &["detail", "validators"]),
    ("saves", &["url", "memento_url", "failure"]),
];

/// The columns of the queue, which has no row of what is redacted: all of it is kept aside, under the post's number.
pub(super) const QUEUE: &[&str] = &["source", "site", "due_at", "attempts", "reason", "queued_at", "tried_at", "rests"];

/// Whether anything is kept aside.
pub(in crate::store) fn hides(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM redacted_rows)", [], |row| row.get(0))
}

/// Puts back everything that is kept aside. What was entered of the rows is left as it is: who calls this either
/// redacts again what is redacted and enters the rest, or throws the archive away.
///
/// # Errors
/// Where the archive cannot be written, or what is kept aside does not fit.
pub(in crate::store) fn reveal(main: &Transaction<'_>) -> rusqlite::Result<()> {
    if !hides(main)? {
        return Ok(());
    }
    let posts = numbers(
        main,
        "SELECT s.post FROM redacted_rows r JOIN snapshots s ON s.id = r.row WHERE r.\"table\" = 'snapshots' \
         UNION SELECT s.post FROM redacted_rows r JOIN snapshot_media m ON m.id = r.row JOIN snapshots s ON s.id = m.snapshot \
           WHERE r.\"table\" = 'snapshot_media' \
         UNION SELECT p.id FROM redacted_rows r JOIN posts p ON p.id = r.row WHERE r.\"table\" IN ('posts', 'queue')",
    )?;
    let articles = numbers(
        main,
        "SELECT DISTINCT v.article FROM redacted_rows r JOIN article_versions v ON v.id = r.row \
         WHERE r.\"table\" = 'article_versions'",
    )?;
    for post in &posts {
        open(main, *post)?;
    }
    for article in &articles {
        index::remove(main, &index::ARTICLES, *article)?;
    }
    for (table, columns) in COLUMNS {
        let set: Vec<_> = columns
            .iter()
            .map(|column| {
                format!(
                    "\"{column}\" = CASE WHEN json_type(r.content, '$.{column}') IS NULL THEN t.\"{column}\" \
                         ELSE json_extract(r.content, '$.{column}') END"
                )
            })
            .collect();
        main.execute(
            &format!(
                "UPDATE {table} AS t SET {} FROM redacted_rows r WHERE r.\"table\" = '{table}' AND r.row = t.id",
                set.join(", ")
            ),
            [],
        )?;
    }
    main.execute(
        "UPDATE blobs SET data = r.data, encoding = r.content FROM redacted_rows r \
         WHERE r.\"table\" = 'blobs' AND r.row = blobs.id AND r.data IS NOT NULL AND length(blobs.data) = 0",
        [],
    )?;
    let values: Vec<_> = QUEUE.iter().map(|column| format!("json_extract(content, '$.{column}')")).collect();
    main.execute(
        &format!(
            "INSERT OR IGNORE INTO queue (post, {}) SELECT row, {} FROM redacted_rows \
             WHERE \"table\" = 'queue' AND row IN (SELECT id FROM posts) ORDER BY row",
            QUEUE.join(", "),
            values.join(", ")
        ),
        [],
    )?;
    main.execute(
        "UPDATE exchange_hops AS h SET url = json_extract(j.value, '$[1]'), headers = json_extract(j.value, '$[2]') \
         FROM redacted_rows r, json_each(r.content) j \
         WHERE r.\"table\" = 'exchange_hops' AND h.exchange = r.row AND h.position = json_extract(j.value, '$[0]')",
        [],
    )?;
    main.execute("DELETE FROM redacted_rows", [])?;
    for post in &posts {
        posts::refresh(main, *post)?;
    }
    articles.iter().try_for_each(|article| index::add(main, &index::ARTICLES, *article))
}

/// The first row of a stranger's archive that, put back, is none that was ever entered: its table and number. Versions of
/// articles are no part of it, for what is removed of one beside what is hidden is not to be had back.
///
/// # Errors
/// As [`reveal`].
pub(in crate::store) fn reveal_checked(main: &Transaction<'_>) -> rusqlite::Result<Option<(&'static str, i64)>> {
    let of =
        |table: &str| numbers(main, &format!("SELECT row FROM redacted_rows WHERE \"table\" = '{table}' ORDER BY row"));
    let (snapshots, files, exchanges) = (of("snapshots")?, of("snapshot_media")?, of("exchanges")?);
    let (looks, saves) = (of("looks")?, of("saves")?);
    reveal(main)?;
    for (table, rows, kinds) in [
        ("snapshots", snapshots, &[Kind::Snapshot][..]),
        ("snapshot_media", files, &[Kind::File, Kind::Media]),
        ("exchanges", exchanges, &[Kind::Exchange]),
        ("looks", looks, &[Kind::Look]),
        ("saves", saves, &[Kind::Save]),
    ] {
        for row in rows {
            let known = kinds.iter().map(|kind| entries::was_entered(main, *kind, row));
            if !known.collect::<rusqlite::Result<Vec<_>>>()?.contains(&true) {
                return Ok(Some((table, row)));
            }
        }
    }
    Ok(None)
}

/// Takes a post out of the index, and what is shown of it out of what is worked out: before its words change.
/// [`posts::refresh`] works both out again.
pub(super) fn open(main: &Connection, post: i64) -> rusqlite::Result<()> {
    index::remove(main, &index::POSTS, post)?;
    main.prepare_cached("UPDATE posts SET snapshot = NULL WHERE id = ?1")?.execute([post]).map(drop)
}

fn numbers(main: &Connection, question: &str) -> rusqlite::Result<Vec<i64>> {
    main.prepare(question)?.query_map([], |row| row.get(0))?.collect()
}
