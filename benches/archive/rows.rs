//! The rows.

use super::{
    EMBEDS, SITES, article_name, articles, author, handle, instant, platform, post_id,
    words::{LANGUAGES, Vocabulary, language, scatter, zipf},
};
use jiff::SignedDuration;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Different pictures.
const PICTURES: u64 = 2000;

/// Writes all rows of an archive that has none yet, but for the index of its words.
pub(super) fn fill(path: &Path, posts: u64) {
    let sql = Connection::open(path).unwrap();
    sql.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN")
        .unwrap();
    let later = put_off(&sql);
    let day = "2024-01-01T00:00:00.000Z";
    sql.execute("INSERT INTO runs (id, command, started_at, finished_at, as_of) VALUES (1, 'run', ?1, ?1, ?1)", [day])
        .unwrap();
    for n in 0..PICTURES {
        blob(&sql, &[b"\x89PNG\r\n\x1a\n".as_slice(), &n.to_le_bytes()].concat(), "image/png");
    }
    let words = Vocabulary::new();
    for n in 0..posts {
        post(&sql, &words, n);
    }
    for n in 0..articles(posts) {
        article(&sql, &words, n, posts);
    }
    sql.execute_batch(&later).unwrap();
    sql.execute_batch(COUNTS).unwrap();
    sql.execute_batch("COMMIT; PRAGMA journal_mode = WAL; ANALYZE sqlite_schema").unwrap();
}

/// Takes indexes and triggers away, and says how they are made again.
fn put_off(sql: &Connection) -> String {
    let mut statement = sql
        .prepare("SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL")
        .unwrap();
    let found = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)));
    let found: Vec<_> = found.unwrap().map(Result::unwrap).collect();
    for (kind, name, _) in &found {
        sql.execute_batch(&format!("DROP {kind} {name}")).unwrap();
    }
    found.into_iter().map(|(_, _, sql)| sql + ";\n").collect()
}

fn at(n: u64, later_hours: i64) -> String {
    (instant(n) + SignedDuration::from_hours(later_hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Posts are published up to three years before they are captured.
fn published(n: u64) -> String {
    let before = (scatter(n ^ 0x6461) % 24_000).cast_signed();
    (instant(n) - SignedDuration::from_hours(before)).to_string()
}

fn blob(sql: &Connection, bytes: &[u8], mime: &str) -> i64 {
    let sha256: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    sql.prepare_cached("INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, 'none', ?4)")
        .unwrap()
        .execute(params![sha256, bytes.len() as i64, mime, bytes])
        .unwrap();
    sql.last_insert_rowid()
}

/// A post: one in ten was edited, one in twenty is gone, one in forty failed and is tried again.
fn post(sql: &Connection, words: &Vocabulary, n: u64) {
    let id = (n + 1).cast_signed();
    let gone = n % 20 == 7;
    let failed = n % 40 == 11;
    let mut shown = None;
    let mut looked = at(n, 0);
    if failed {
        let reason = if n % 80 == 11 { "rate_limited" } else { "http" };
        look(sql, id, &looked, "failed", None, None, Some(reason));
        sql.prepare_cached(
            "INSERT INTO queue (post, due_at, attempts, reason, queued_at, tried_at) VALUES (?1, ?2, 1, ?3, ?4, ?4)",
        )
        .unwrap()
        .execute(params![id, at(n, 24 * 365), reason, looked])
        .unwrap();
    } else {
        for edit in 0..=u64::from(n % 10 == 3) {
            looked = at(n, edit.cast_signed() * 24);
            let snapshot = snapshot(sql, words, n, edit, &looked);
            look(sql, id, &looked, "new", Some("live"), Some(snapshot), None);
            shown = Some((snapshot, looked.clone()));
        }
        if gone {
            looked = at(n, 48);
            look(sql, id, &looked, "new", Some("deleted"), None, None);
        }
    }
    let state = if failed {
        "unknown"
    } else if gone {
        "deleted"
    } else {
        "live"
    };
    let since = (!failed).then(|| if gone { looked.clone() } else { at(n, 0) });
    sql.prepare_cached(
        "INSERT INTO posts (id, platform, post_id, url, state, state_since, last_looked_at, asked_at, snapshot, via, \
         captured_at, first_captured_at, published) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12)",
    )
    .unwrap()
    .execute(params![
        id,
        platform(n),
        post_id(n).to_string(),
        format!("https://social.example/i/status/{}", post_id(n)),
        state,
        since,
        looked,
        shown.as_ref().map(|shown| shown.0),
        shown.as_ref().map(|_| "syndication"),
        shown.as_ref().map(|shown| &shown.1),
        shown.as_ref().map(|_| at(n, 0)),
        shown.as_ref().map(|_| published(n)),
    ])
    .unwrap();
}

fn look(
    sql: &Connection,
    post: i64,
    at: &str,
    result: &str,
    state: Option<&str>,
    snapshot: Option<i64>,
    reason: Option<&str>,
) {
    sql.prepare_cached(
        "INSERT INTO looks (post, run, looked_at, via, result, state, snapshot, reason) \
         VALUES (?1, 1, ?2, 'syndication', ?3, ?4, ?5, ?6)",
    )
    .unwrap()
    .execute(params![post, at, result, state, snapshot, reason])
    .unwrap();
}

fn snapshot(sql: &Connection, words: &Vocabulary, n: u64, edit: u64, at: &str) -> i64 {
    let language = language(n);
    let rank = author(n);
    let name = format!("{} {}", words.word(0, rank + 500), words.word(language, rank % 3000 + 30));
    let mut text = words.prose(language, n * 2, 6 + scatter(n) % 30);
    if edit > 0 {
        text.push_str(" (edit)");
    }
    if n.is_multiple_of(7) {
        text.push_str(&format!(" #{} 🎉", words.word(language, zipf(n, 300.0))));
    }
    sql.prepare_cached(
        "INSERT INTO snapshots (post, run, captured_at, via, outcome, digest, text, author_handle, author_name, published, \
         lang) VALUES (?1, 1, ?2, 'syndication', 'found', ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .unwrap()
    .execute(params![
        (n + 1).cast_signed(),
        at,
        format!("{:064x}", scatter(n * 2 + edit)),
        text,
        handle(rank),
        name,
        published(n),
        LANGUAGES[language].code
    ])
    .unwrap();
    let snapshot = sql.last_insert_rowid();
    if n.is_multiple_of(3) {
        let missing = n.is_multiple_of(150);
        sql.prepare_cached(
            "INSERT INTO snapshot_media (snapshot, position, part, kind, url, alt, blob, failure) \
             VALUES (?1, 0, 'media', 'image', ?2, ?3, ?4, ?5)",
        )
        .unwrap()
        .execute(params![
            snapshot,
            format!("https://media.example/{n}.png"),
            n.is_multiple_of(6).then(|| words.prose(language, n * 5, 8)),
            (!missing).then_some((1 + scatter(n) % PICTURES).cast_signed()),
            missing.then_some("HTTP 404"),
        ])
        .unwrap();
    }
    snapshot
}

/// An article of some 400 words with its posts.
fn article(sql: &Connection, words: &Vocabulary, n: u64, posts: u64) {
    let (id, name) = ((n + 1).cast_signed(), article_name(n));
    let language = language(n ^ 0x6172);
    let first = n * super::POSTS_PER_ARTICLE;
    let paragraphs: Vec<String> =
        (0..EMBEDS).map(|part| words.prose(language, (n * EMBEDS + part) ^ 0x7465_7874, 20)).collect();
    let html: String = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    let original = blob(sql, format!("<html><!-- {n} -->{html}</html>").as_bytes(), "text/html");
    let body = blob(sql, format!("<!-- {n} -->{html}").as_bytes(), "text/html");
    let captured = at(first, 0);
    sql.prepare_cached(
        "INSERT INTO article_versions (id, article, run, captured_at, sha256, original, url, title, byline, site_name, \
         published, lang, text, body) VALUES (?1, ?1, 1, ?2, ?3, ?4, ?5, ?6, 'A Reporter', 'Harbour News', ?7, ?8, ?9, ?10)",
    )
    .unwrap()
    .execute(params![
        id,
        captured,
        format!("{n:064x}"),
        original,
        name,
        words.prose(language, n ^ 0x7469, 7),
        published(first),
        LANGUAGES[language].code,
        paragraphs.join("\n\n"),
        body
    ])
    .unwrap();
    sql.prepare_cached(
        "INSERT INTO articles (id, name, source, kind, url, site, version, first_captured_at, captured_at, last_looked_at) \
         VALUES (?1, ?2, 'bench', 'html', ?2, ?3, ?1, ?4, ?4, ?4)",
    )
    .unwrap()
    .execute(params![id, name, format!("news{}.example", n % SITES), captured])
    .unwrap();
    sql.prepare_cached("INSERT INTO article_aliases (url, article, how, seen_at) VALUES (?1, ?2, 'named', ?3)")
        .unwrap()
        .execute(params![name, id, captured])
        .unwrap();
    for position in 0..EMBEDS {
        let post = (first + position) % posts;
        sql.prepare_cached(
            "INSERT INTO embeds (version, position, form, scope, post, target, target_platform, target_post_id, target_url, \
             quoted_links) VALUES (?1, ?2, 'blockquote', 'article', ?3, 'post', ?4, ?5, ?6, '[]')",
        )
        .unwrap()
        .execute(params![
            id,
            position.cast_signed(),
            (post + 1).cast_signed(),
            platform(post),
            post_id(post).to_string(),
            format!("https://social.example/i/status/{}", post_id(post))
        ])
        .unwrap();
    }
}

/// What the triggers would have counted.
const COUNTS: &str = "
UPDATE tallies SET n = (SELECT count(*) FROM articles) WHERE what = 'articles';
UPDATE tallies SET n = (SELECT count(*) FROM article_versions) WHERE what = 'versions';
UPDATE tallies SET n = (SELECT count(*) FROM articles a JOIN embeds e ON e.version = a.version) WHERE what = 'embeds';
UPDATE tallies SET n = (SELECT count(*) FROM snapshots) WHERE what = 'snapshots';
UPDATE tallies SET n = (SELECT count(*) FROM blobs b WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id))
  WHERE what = 'media_files';
UPDATE tallies SET n = (SELECT coalesce(sum(b.size_bytes), 0) FROM blobs b
  WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id)) WHERE what = 'media_bytes';
INSERT INTO post_tallies SELECT platform, state, coalesce(via, ''), count(*) FROM posts GROUP BY 1, 2, 3;
INSERT INTO platform_looks SELECT l.run, p.platform, count(*), sum(l.result = 'new' AND l.state IS 'live'), 0,
  sum(coalesce(l.state = 'deleted', 0)), 0, sum(l.result = 'failed'), 0, NULL
  FROM looks l JOIN posts p ON p.id = l.post GROUP BY 1, 2;
INSERT INTO capture_tallies
  SELECT substr(first_captured_at, 1, 10), platform, count(*) FROM posts WHERE first_captured_at IS NOT NULL GROUP BY 1, 2;
INSERT INTO age_tallies SELECT coalesce(substr(s.published, 1, 10), ''), p.state, count(*)
  FROM posts p LEFT JOIN snapshots s ON s.id = p.snapshot GROUP BY 1, 2;
INSERT INTO media_tallies SELECT substr(b.mime, 1, instr(b.mime || '/', '/') - 1), count(*), sum(b.size_bytes) FROM blobs b
  WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id) GROUP BY 1;
";
