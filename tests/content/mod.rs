//! What an archive holds, as sorted lines of text without row numbers, so that two archives can be compared: after a round
//! trip through a WACZ, or merged in another order.

#![allow(dead_code, reason = "each test binary that shares this file uses a part of it")]

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, path::Path};

/// Names of rows that have none of their own, made of what they say.
const NAMES: &str = "
CREATE TEMP VIEW bytes AS SELECT id, sha256 AS name FROM blobs;
CREATE TEMP VIEW run_names AS SELECT id, command || ' ' || started_at AS name FROM runs;
CREATE TEMP VIEW exchange_names AS
SELECT e.id, json_array(e.started_at, e.elapsed_ms, e.method, e.url, json(e.request_headers), (SELECT name FROM bytes WHERE id = e.request_body),
  e.follow, e.max_bytes, e.answered_url, e.status, json(e.response_headers), (SELECT name FROM bytes WHERE id = e.body), json(e.error), e.login,
  (SELECT json_group_array(hop) FROM (SELECT json_array(h.url, h.status, json(h.headers), (SELECT name FROM bytes WHERE id = h.body)) AS hop
    FROM exchange_hops h WHERE h.exchange = e.id ORDER BY h.position))) AS name FROM exchanges e;
CREATE TEMP VIEW version_names AS
SELECT v.id, json_array(a.name, v.captured_at, v.sha256) AS name FROM article_versions v JOIN articles a ON a.id = v.article;
CREATE TEMP VIEW snapshot_names AS
SELECT s.id, json_array(p.key, s.captured_at, s.via, s.outcome, s.digest) AS name FROM snapshots s JOIN posts p ON p.id = s.post;
CREATE TEMP VIEW look_names AS
SELECT l.id, json_array(p.key, l.looked_at, l.via, l.result) AS name FROM looks l JOIN posts p ON p.id = l.post;
";

/// The kinds of content, each with the query that gives its lines.
const KINDS: &[(&str, &str)] = &[
    ("blobs", "SELECT json_array(sha256, size_bytes, mime) FROM blobs"),
    ("exchanges", "SELECT name FROM exchange_names"),
    (
        "articles",
        "SELECT json_array(a.name, a.source, a.kind, a.url, a.site, (SELECT name FROM version_names WHERE id = a.version), \
         a.first_captured_at, a.captured_at, a.last_looked_at, a.state, a.state_since, a.looks, a.live_blog, a.looked_url, \
         json(a.validators)) FROM articles a",
    ),
    (
        "article_aliases",
        "SELECT json_array(l.url, a.name, l.how, l.seen_at) FROM article_aliases l JOIN articles a ON a.id = l.article",
    ),
    (
        "versions",
        "SELECT json_array((SELECT name FROM version_names WHERE id = v.id), (SELECT name FROM bytes WHERE id = v.original), v.content_type, \
         (SELECT name FROM exchange_names WHERE id = v.exchange), v.url, v.title, v.byline, v.site_name, v.published, v.lang, v.text, \
         (SELECT name FROM bytes WHERE id = v.body), v.content_digest, v.body_from, \
         (SELECT json_group_array(page) FROM (SELECT json_array(p.kind, x.name) AS page FROM article_pages p \
           JOIN exchange_names x ON x.id = p.exchange WHERE p.version = v.id ORDER BY p.position))) FROM article_versions v",
    ),
    (
        "embeds",
        "SELECT json_array((SELECT name FROM version_names WHERE id = e.version), e.position, e.form, e.scope, p.key, e.target, e.target_platform, \
         e.target_post_id, e.target_author, e.target_url, e.quoted_text, e.quoted_author_name, e.quoted_author_handle, e.quoted_published, \
         json(e.quoted_links)) FROM embeds e JOIN posts p ON p.id = e.post",
    ),
    (
        "posts",
        "SELECT json_array(p.key, p.url, p.author_handle, p.state, p.state_since, p.last_looked_at, \
         (SELECT name FROM snapshot_names WHERE id = p.snapshot), p.via, p.captured_at, p.first_captured_at) FROM posts p",
    ),
    (
        "post_aliases",
        "SELECT json_array(a.platform, a.post_id, a.url, p.key) FROM post_aliases a JOIN posts p ON p.id = a.post",
    ),
    (
        "snapshots",
        "SELECT json_array((SELECT name FROM snapshot_names WHERE id = s.id), s.text, s.text_html, s.truncated, s.author_id, s.author_handle, \
         s.author_name, s.author_url, s.author_avatar, s.published, s.edited, s.lang, json(s.counts), json(s.poll), json(s.card), s.sensitive, \
         s.warning, s.memento_url, s.memento_at, json(s.thread)) FROM snapshots s",
    ),
    (
        "relations",
        "SELECT json_array((SELECT name FROM snapshot_names WHERE id = r.snapshot), r.kind, p.key, \
         (SELECT name FROM snapshot_names WHERE id = r.related_snapshot)) FROM relations r JOIN posts p ON p.id = r.post",
    ),
    (
        "media",
        "SELECT json_array((SELECT name FROM snapshot_names WHERE id = m.snapshot), m.position, m.part, m.kind, m.url, json(m.fallbacks), m.alt, \
         m.width_px, m.height_px, m.duration_ms, m.stated_mime, (SELECT name FROM bytes WHERE id = m.blob), m.answered_url, m.failure, m.skipped, \
         m.skipped_limit_bytes, m.obtained, m.note) FROM snapshot_media m",
    ),
    (
        "looks",
        "SELECT json_array((SELECT name FROM look_names WHERE id = l.id), l.state, (SELECT name FROM snapshot_names WHERE id = l.snapshot), \
         l.reason, l.detail, l.retry_at, (SELECT name FROM look_names WHERE id = l.reparse_of), json(l.validators), \
         (SELECT json_group_array(name) FROM (SELECT x.name FROM look_exchanges e JOIN exchange_names x ON x.id = e.exchange \
           WHERE e.look = l.id ORDER BY e.position))) FROM looks l",
    ),
    (
        "saves",
        "SELECT json_array(p.key, s.asked_at, s.url, s.memento_url, s.failure) FROM saves s JOIN posts p ON p.id = s.post",
    ),
    (
        "sources",
        "SELECT json_array(name, parent, kind, place, json(labels), lang, last_polled_at, last_success_at, next_poll_at, failures_in_a_row, \
         last_error, moved_to, rests) FROM sources",
    ),
    (
        "source_articles",
        "SELECT json_array(s.name, n.name, n.address, n.first_named_at) FROM source_articles n JOIN sources s ON s.id = n.source",
    ),
    (
        "queue",
        "SELECT json_array(p.key, q.article_name, q.source, q.due_at, q.attempts, q.reason, q.queued_at, q.tried_at, q.rests) \
         FROM queue q LEFT JOIN posts p ON p.id = q.post",
    ),
    ("recheck", "SELECT json_array(key, asked_at, recheck_step) FROM posts"),
    // What a merge redacted of what came in is told by a run of its own, on the machine that merged.
    ("runs", "SELECT json_array(command, started_at, finished_at, stopped, as_of) FROM runs WHERE command <> 'merge'"),
    (
        "run_of_snapshots",
        "SELECT json_array((SELECT name FROM snapshot_names WHERE id = s.id), (SELECT name FROM run_names WHERE id = s.run)) FROM snapshots s",
    ),
    ("redactions", "SELECT json_array(what, target, mode, reason, redacted_at) FROM redactions"),
    ("redacted", "SELECT json_array(what, target, mode, reason, redacted_at) FROM redacted"),
    ("bytes", "SELECT json_array(sha256, length(data) > 0 OR size_bytes = 0) FROM blobs"),
    (
        "tallies",
        "SELECT json_array('tallies', what, n) FROM tallies \
         UNION ALL SELECT json_array('posts', platform, state, via, posts) FROM post_tallies WHERE posts <> 0 \
         UNION ALL SELECT json_array('captures', day, platform, posts) FROM capture_tallies WHERE posts <> 0 \
         UNION ALL SELECT json_array('ages', published, state, posts) FROM age_tallies WHERE posts <> 0 \
         UNION ALL SELECT json_array('media', kind, files, bytes) FROM media_tallies WHERE files <> 0",
    ),
    (
        "index",
        "SELECT json_array('post', p.key, v.term, v.col) FROM post_words v JOIN posts p ON p.id = v.doc \
         UNION ALL SELECT json_array('article', a.name, v.term, v.col) FROM article_words v JOIN articles a ON a.id = v.doc",
    ),
];

/// Every word of the full-text indexes, with the row that it stands for.
const WORDS: &str = "
CREATE VIRTUAL TABLE temp.post_words USING fts5vocab (main, posts_fts, instance);
CREATE VIRTUAL TABLE temp.article_words USING fts5vocab (main, articles_fts, instance);
";

/// What an archive holds: lines by kind, each kind's sorted.
pub(crate) fn of(archive: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = Connection::open_with_flags(archive, flags).expect("the archive opens");
    sqlite.execute_batch(NAMES).and_then(|()| sqlite.execute_batch(WORDS)).expect("views of names");
    let lines = |query: &str| {
        let mut statement = sqlite.prepare(query).unwrap_or_else(|error| panic!("{error}: {query}"));
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("a query runs");
        let mut lines = rows.collect::<rusqlite::Result<Vec<_>>>().expect("rows of text");
        lines.sort();
        lines
    };
    KINDS.iter().map(|(kind, query)| (*kind, lines(query))).collect()
}

/// How many lines of each kind there are, and a sum of their digests, for archives that are too large to be held.
pub(crate) fn digests(archive: &Path) -> BTreeMap<&'static str, (u64, u128)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let sqlite = Connection::open_with_flags(archive, flags).expect("the archive opens");
    sqlite.execute_batch(NAMES).and_then(|()| sqlite.execute_batch(WORDS)).expect("views of names");
    let digest = |query: &str| {
        let mut statement = sqlite.prepare(query).unwrap_or_else(|error| panic!("{error}: {query}"));
        let mut rows = statement.query([]).expect("a query runs");
        let (mut lines, mut sum) = (0, 0_u128);
        while let Some(row) = rows.next().expect("a row of text") {
            let line = row.get_ref(0).and_then(|line| Ok(line.as_str()?)).expect("a row of text");
            let digest = Sha256::digest(line.as_bytes());
            sum = digest.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte)).wrapping_add(sum);
            lines += 1;
        }
        (lines, sum)
    };
    KINDS.iter().map(|(kind, query)| (*kind, digest(query))).collect()
}

/// Asserts that two archives hold the same, apart from these kinds, and shows what only one of them has.
pub(crate) fn assert_same(left: &Path, right: &Path, apart_from: &[&str]) {
    let (left, right) = (of(left), of(right));
    for (kind, lines) in left.iter().filter(|(kind, _)| !apart_from.contains(kind)) {
        let others = &right[kind];
        let only_left: Vec<_> = lines.iter().filter(|line| !others.contains(line)).take(8).collect();
        let only_right: Vec<_> = others.iter().filter(|line| !lines.contains(line)).take(8).collect();
        assert!(
            lines == others,
            "{kind}: {} lines in one, {} in the other\nonly in the first:\n{only_left:#?}\nonly in the second:\n{only_right:#?}",
            lines.len(),
            others.len()
        );
    }
}
