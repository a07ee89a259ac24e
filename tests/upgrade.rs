//! An archive of any older version is copied, upgraded, entered and whole, and loses nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod binary;

use binary::{embalm, ends};
use embalm::{
    merkle,
    store::{Store, Verifying},
};
use rusqlite::Connection;
use std::{collections::BTreeMap, fs, path::Path};
use tempfile::TempDir;

/// The step from which on rows are entered as they come.
const ENTRIES: usize = 8;

/// The steps by which archives grew, in their order.
fn steps() -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir("src/store/migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// Rows for every table of the first version: an article that embeds a post, which quotes another one.
fn rows(sql: &Connection) {
    let blobs: [&[u8]; 4] =
        [b"<p>A ferry</p>", b"<p>A ferry.</p>", b"{\"text\":\"the ferry is late\"}", b"\x89PNG\r\n\x1a\nxxxx"];
    for (bytes, mime) in blobs.iter().zip(["text/plain", "text/plain", "text/plain", "image/png"]) {
        sql.execute(
            "INSERT INTO blobs (sha256, size_bytes, mime, encoding, data) VALUES (?1, ?2, ?3, 'none', ?4)",
            (merkle::hex(&merkle::sha256(bytes)), bytes.len() as i64, mime, bytes),
        )
        .unwrap();
    }
    let original = merkle::hex(&merkle::sha256(blobs[0]));
    sql.execute_batch(&format!(
        "INSERT INTO runs (id, command, started_at, finished_at) VALUES
           (1, 'add', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:09.000Z'), (2, 'run', '2026-01-02T00:00:00.000Z', NULL);
         INSERT INTO exchanges (id, run, started_at, elapsed_ms, method, url, request_headers, follow, answered_url, status, response_headers, body)
           VALUES (1, 1, '2026-01-01T00:00:01.000Z', 5, 'GET', 'https://news.example/a', '[]', 1, 'https://news.example/a', 200, '[]', 1),
           (2, 1, '2026-01-01T00:00:02.000Z', 5, 'GET', 'https://cdn.example/1', '[]', 1, 'https://cdn.example/2', 200, '[]', 3);
         INSERT INTO exchange_hops VALUES (2, 0, 'https://cdn.example/1', 302, '[]', NULL);
         INSERT INTO articles (id, name, source, kind, url, site, version, first_captured_at, captured_at, last_looked_at)
           VALUES (1, 'https://news.example/a', 'add', 'html', 'https://news.example/a', 'news.example', NULL,
             '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:01.000Z');
         INSERT INTO article_versions (id, article, run, captured_at, sha256, original, exchange, title, text, body)
           VALUES (1, 1, 1, '2026-01-01T00:00:01.000Z', '{original}', 1, 1, 'Ferry', 'A ferry.', 2);
         UPDATE articles SET version = 1;
         INSERT INTO posts (id, platform, post_id, url, state, state_since, last_looked_at, via, captured_at) VALUES
           (1, 'twitter', '1', 'https://x.com/i/status/1', 'live', '2026-01-01T00:00:02.000Z', '2026-01-01T00:00:02.000Z', 'api', '2026-01-01T00:00:02.000Z'),
           (2, 'twitter', '2', 'https://x.com/i/status/2', 'unknown', NULL, NULL, NULL, NULL);
         INSERT INTO post_aliases VALUES ('twitter', 'short', 'https://t.example/s', 1);
         INSERT INTO embeds (version, position, form, scope, post, target, target_platform, target_post_id, target_url, quoted_links)
           VALUES (1, 0, 'blockquote', 'article', 1, 'post', 'twitter', '1', 'https://x.com/i/status/1', '[]');
         INSERT INTO snapshots (id, post, run, captured_at, via, outcome, digest, text, counts)
           VALUES (1, 1, 1, '2026-01-01T00:00:02.000Z', 'api', 'found', 'd', 'the ferry is late', '{{}}');
         UPDATE posts SET snapshot = 1 WHERE id = 1;
         INSERT INTO relations VALUES (1, 'quoted', 2, NULL);
         INSERT INTO looks (id, post, run, looked_at, via, result, state, snapshot)
           VALUES (1, 1, 1, '2026-01-01T00:00:02.000Z', 'api', 'new', 'live', 1);
         INSERT INTO look_exchanges VALUES (1, 0, 2);
         INSERT INTO snapshot_media (snapshot, position, part, kind, url, blob, answered_url, failure) VALUES
           (1, 0, 'media', 'image', 'https://img.example/1', 4, 'https://img.example/1', NULL),
           (1, 1, 'media', 'image', 'https://img.example/2', NULL, NULL, 'status 404');
         INSERT INTO queue (article_name, source, due_at, attempts, reason, queued_at)
           VALUES ('https://news.example/b', 'site', '2026-01-02T00:00:00.000Z', 1, 'no answer', '2026-01-01T00:00:03.000Z');
         INSERT INTO posts_fts (posts_fts) VALUES ('rebuild'); INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');"
    ))
    .unwrap();
}

/// Rows for the tables that came later.
fn later_rows(sql: &Connection, version: usize) {
    let later = [
        (
            3,
            "INSERT INTO saves (post, run, asked_at, url) VALUES (1, 1, '2026-01-01T00:00:04.000Z', 'https://x.com/i/status/1')",
        ),
        (6, "INSERT INTO sources (name, kind, place) VALUES ('site', 'feed', 'https://news.example/feed')"),
        (
            6,
            "INSERT INTO source_documents (source, url, read_at) VALUES (1, 'https://news.example/feed', '2026-01-01T00:00:00.000Z')",
        ),
        (6, "INSERT INTO source_articles VALUES (1, 'https://news.example/a', NULL, '2026-01-01T00:00:00.000Z')"),
        (6, "INSERT INTO article_aliases VALUES ('https://news.example/a', 1, 'named', '2026-01-01T00:00:01.000Z')"),
        (6, "INSERT INTO article_pages VALUES (1, 1, 'next', 2)"),
        (6, "INSERT INTO hosts VALUES ('news.example', NULL, NULL, 0, 0, NULL, 1)"),
        (
            6,
            "INSERT INTO robots (origin, asked_at, status) VALUES ('https://news.example', '2026-01-01T00:00:00.000Z', 404)",
        ),
        (6, "UPDATE article_versions SET content_digest = 'v1:00'"),
    ];
    for (since, statement) in later {
        if version >= since {
            sql.execute_batch(statement).unwrap();
        }
    }
}

/// An archive as that version left it: the last run in it was killed.
fn old(path: &Path, version: usize) {
    let sql = Connection::open(path).unwrap();
    for (place, step) in steps().iter().take(version).enumerate() {
        sql.execute_batch(step).unwrap();
        if place == 0 {
            rows(&sql);
        }
    }
    later_rows(&sql, version);
    sql.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA application_id = 1162691137; PRAGMA user_version = {version};"
    ))
    .unwrap();
}

/// The rows of every table with rows of its own.
fn counts(path: &Path) -> BTreeMap<String, i64> {
    let sql = Connection::open(path).unwrap();
    let mut tables = sql
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%fts%' AND name NOT LIKE 'sqlite%'",
        )
        .unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    tables
        .into_iter()
        .map(|table| {
            let rows = sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
            (table, rows)
        })
        .collect()
}

fn faults(path: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let store = Store::open_read_only_aside(path).unwrap();
    store
        .verify(|step| {
            if let Verifying::Fault(fault) = step {
                faults.push(format!("{fault:?}"));
            }
        })
        .unwrap();
    faults
}

#[test]
fn an_archive_of_every_older_version_is_copied_upgraded_entered_and_whole() {
    for version in 1..ENTRIES {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("test.db");
        old(&path, version);
        let before = counts(&path);
        assert!(
            before.iter().all(|(table, rows)| *rows > 0 || table.ends_with("tallies") || table == "platform_looks"),
            "{before:?}"
        );
        let (_, err) = ends(embalm(folder.path()).args(["init"]).arg(folder.path()), 0);
        let copy = folder.path().join(format!("test.schema{version}.db"));
        assert!(err.contains(copy.to_str().unwrap()), "{err}");
        assert_eq!(counts(&copy), before, "version {version}");
        let after = counts(&path);
        for (table, rows) in before.iter().filter(|(table, _)| !table.ends_with("tallies")) {
            assert!(after[table] >= *rows, "version {version}: {table}");
        }
        assert_eq!(faults(&path), Vec::<String>::new(), "version {version}");
        // One link of the chain stands for all of it, and says what it is.
        let sql = Connection::open(&path).unwrap();
        let (command, entries, parents): (String, i64, String) = sql
            .query_row("SELECT command, entries, parents FROM runs WHERE digest IS NOT NULL", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!((command.as_str(), parents.as_str()), ("upgrade", "[]"));
        assert!(entries >= 9, "{entries}");
        let killed: String = sql.query_row("SELECT stopped FROM runs WHERE id = 2", [], |row| row.get(0)).unwrap();
        assert_eq!(killed, "killed");
        drop(sql);
        let proof = folder.path().join("proof.json");
        ends(embalm(folder.path()).args(["export", "proof", "twitter:1", "--out"]).arg(&proof), 0);
        let (out, _) = ends(embalm(folder.path()).args(["verify", "--proof"]).arg(&proof), 0);
        assert!(out.contains("entered when the archive was upgraded"), "{out}");
        let (_, err) = ends(embalm(folder.path()).arg("verify"), 0);
        assert!(err.contains("no longer needed"), "{err}");
        // The runs after it come after it.
        if version + 1 == ENTRIES {
            ends(
                embalm(folder.path()).args(["add", "-q", "--replay", "fixtures/demo.warc.gz", "fixtures/articles"]),
                0,
            );
            assert_eq!(faults(&path), Vec::<String>::new(), "version {version}");
        }
    }
}

#[test]
fn an_archive_whose_rows_are_entered_already_gains_indexes_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, ENTRIES - 1);
    drop(Store::open(&path).unwrap());
    let sql = Connection::open(&path).unwrap();
    let indexes = || -> Vec<String> {
        let mut statement =
            sql.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' ORDER BY name, sql").unwrap();
        statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap().filter_map(Result::unwrap).collect()
    };
    let new = indexes();
    sql.execute_batch(
        "DROP INDEX queue_queued_at; DROP INDEX snapshots_author; DROP INDEX posts_author;
         CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
         CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
         PRAGMA user_version = 8;",
    )
    .unwrap();
    let before = counts(&path);
    drop(Store::open(&path).unwrap());
    assert_eq!(counts(&folder.path().join("test.schema8.db")), before);
    assert_eq!(counts(&path), before);
    assert_eq!(indexes(), new);
    assert_eq!(faults(&path), Vec::<String>::new());
}

#[test]
fn what_is_changed_in_an_upgraded_archive_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, 7);
    drop(Store::open(&path).unwrap());
    let sound = fs::read(&path).unwrap();
    for (damage, table) in [
        ("UPDATE exchanges SET url = 'https://news.example/c' WHERE id = 1", "exchanges"),
        ("UPDATE exchanges SET run = 2 WHERE id = 1", "exchanges"),
        ("UPDATE snapshots SET author_name = 'x'", "snapshots"),
        ("UPDATE looks SET looked_at = '2026-01-01T00:00:02.001Z'", "looks"),
        ("UPDATE runs SET elapsed_ms = 3 WHERE id = 1", "runs"),
        ("DELETE FROM saves", "saves"),
        (
            "INSERT INTO saves (post, run, asked_at, url) VALUES (1, 1, '2026-01-01T00:00:04.000Z', 'https://x.com/')",
            "saves",
        ),
        ("UPDATE exchanges SET body = CASE id WHEN 1 THEN 3 ELSE 1 END", "exchanges"),
    ] {
        fs::write(&path, &sound).unwrap();
        let sql = Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        sql.execute_batch(damage).unwrap();
        drop(sql);
        let found = faults(&path);
        assert!(found.iter().any(|fault| fault.contains(&format!("table: \"{table}\""))), "{damage}: {found:?}");
    }
}

#[test]
fn a_damaged_older_archive_is_not_upgraded() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, 5);
    let mut bytes = fs::read(&path).unwrap();
    let page = 4096 * 3;
    bytes[page..page + 2000].fill(0xff);
    fs::write(&path, &bytes).unwrap();
    let (_, err) = ends(embalm(folder.path()).args(["init"]).arg(folder.path()), 3);
    assert!(err.contains("damaged"), "{err}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("schema")), "{left:?}");
}
