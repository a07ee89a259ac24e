//! Archives of strangers: whatever stands in them is refused with a word that says why, or taken as what it is; this archive
//! stays as it was, and the other file too.

use crate::{Shelf, content, is_whole, made_up, merge, spoil};
use embalm::store::{Store, StoreError};
use std::{fs, io::Read as _, path::Path};

/// What is done to an archive, and what is said of it.
const SPOILT: &[(&str, &str)] = &[
    // Names of posts.
    (
        "INSERT INTO post_aliases (platform, post_id, url, post) SELECT platform, post_id, url, id FROM posts LIMIT 1",
        "rows: posts 1: its name leads to another post as well",
    ),
    (
        "INSERT INTO post_aliases (platform, post_id, url, post) SELECT * FROM (SELECT platform, post_id, url, \
         lead(id) OVER (ORDER BY id) AS next FROM posts) WHERE next IS NOT NULL",
        "its name leads to another post as well, and",
    ),
    (
        "INSERT INTO post_aliases (platform, post_id, url, post) SELECT platform, post_id, url, \
         lead(id, 1, (SELECT min(id) FROM posts)) OVER (ORDER BY id) FROM posts",
        "its name leads to another post as well, and",
    ),
    // Rows.
    ("PRAGMA foreign_keys = OFF; DELETE FROM blobs WHERE id = 1", "refers to a row of blobs that is not there"),
    ("PRAGMA foreign_keys = OFF; UPDATE embeds SET post = 77", "refers to a row of posts that is not there"),
    ("UPDATE snapshots SET text = CAST(x'c328' AS TEXT)", "text is not text"),
    ("UPDATE exchanges SET response_headers = '{'", "response_headers is not JSON"),
    ("UPDATE sources SET last_polled_at = '2026-13-01T00:00:00.000Z'", "last_polled_at is not an instant"),
    ("UPDATE snapshots SET text = text || '.'", "is not as it was entered"),
    (
        "INSERT INTO exchanges (run, started_at, elapsed_ms, method, url, request_headers, follow, max_bytes, error) \
      SELECT run, started_at, elapsed_ms, method, url || '?', request_headers, follow, max_bytes, '{}' FROM exchanges LIMIT 1",
        "no run has entered it as a exchange",
    ),
    // What it says was taken away, or is to be hidden, and no run of it has said.
    (
        "INSERT INTO tombstones (buried_at, kind, sha256, reason) \
         SELECT '2026-01-01T00:00:00.000Z', kind, sha256, 'asked' FROM entries WHERE kind = 'look' LIMIT 1",
        "no run has entered it as a look, and 1 more",
    ),
    (
        "UPDATE blobs SET data = x'', encoding = 'none' WHERE id = 1; INSERT INTO tombstones (buried_at, kind, sha256, reason) \
         SELECT '2026-01-01T00:00:00.000Z', 'blob', unhex(sha256), 'asked' FROM blobs WHERE id = 1",
        "no run has entered it as a tombstone",
    ),
    (
        "INSERT INTO redactions (redacted_at, what, target, mode, reason) \
         SELECT '2026-01-01T00:00:00.000Z', 'post', key, 'removed', 'asked' FROM posts LIMIT 1",
        "no run has entered it as a redaction",
    ),
    ("UPDATE runs SET requests = 77 WHERE id = 1", "its record is not the one that was sealed"),
    (
        "UPDATE blobs SET size_bytes = 1099511627776 WHERE id NOT IN (SELECT blob FROM snapshot_media WHERE blob IS NOT NULL)",
        "is of no size that a file can have",
    ),
    (
        "UPDATE blobs SET size_bytes = size_bytes + 1 WHERE id NOT IN (SELECT blob FROM snapshot_media WHERE blob IS NOT NULL)",
        "has other bytes than its digest says",
    ),
    ("UPDATE blobs SET encoding = 'zstd', data = x'28b52ffd'", "cannot be unpacked"),
    // The schema.
    ("DROP TABLE saves; CREATE VIEW saves AS SELECT * FROM looks", "saves_post: the index is not there, and 1 more"),
    (
        "DROP TABLE saves; CREATE VIRTUAL TABLE saves USING fts5 (post, run, asked_at, url, memento_url, failure)",
        "saves",
    ),
    (
        "ALTER TABLE posts ADD COLUMN twice TEXT AS (post_id || post_id)",
        "posts: the table is not the one that embalm makes",
    ),
    (
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'looks'",
        "looks: the table is not the one that embalm makes",
    ),
    ("CREATE TRIGGER mine AFTER INSERT ON looks BEGIN DELETE FROM snapshots; END", "the trigger is not embalm's"),
    ("DROP INDEX looks_post", "looks_post: the index is not there"),
    ("PRAGMA user_version = 99", "a newer embalm wrote it (schema 99"),
    ("PRAGMA application_id = 7", "it is an SQLite file of another program"),
];

#[test]
fn what_does_not_hang_together_is_refused_by_name_and_nothing_of_it_is_taken() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let before = content::of(&a);
    for (n, (words, told)) in SPOILT.iter().enumerate() {
        let path = shelf.copy(&b, &format!("{n}.db"));
        spoil(&path, words);
        let bytes = fs::read(&path).unwrap();
        let error = merge(&a, &path).expect_err(words).to_string();
        assert!(error.contains(told), "{words}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{words}: it was left as it is");
    }
    assert_eq!(content::of(&a), before);
    is_whole(&a);
}

#[test]
fn what_a_user_has_added_beside_the_schema_is_neither_asked_nor_taken() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let all = shelf.merged("all.db", &a, &[&b]);
    spoil(
        &b,
        "CREATE TABLE notes (what); INSERT INTO notes VALUES (x'ff'), ('a'), (1.5), (NULL); \
         CREATE VIRTUAL TABLE own USING fts5 (words); INSERT INTO own VALUES ('ferry'); \
         CREATE VIEW later AS SELECT nobody FROM nowhere",
    );
    content::assert_same(&all, &shelf.merged("beside.db", &a, &[&b]), &[]);
}

#[test]
fn rows_that_no_memory_should_hold_are_refused_before_they_are_read() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    spoil(&b, "UPDATE snapshots SET text = hex(zeroblob(68000000)) WHERE id = 1");
    let error = merge(&a, &b).unwrap_err().to_string();
    assert!(error.contains("a row of snapshots has more than 128 MB of text"), "{error}");
}

#[test]
fn a_file_that_unpacks_to_more_than_it_says_is_not_unpacked_to_its_end() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let bomb = zstd::encode_all(std::io::repeat(0).take(200_000_000), 1).unwrap();
    let sql = rusqlite::Connection::open(&b).unwrap();
    sql.execute("UPDATE blobs SET encoding = 'zstd', data = ?1", [bomb]).unwrap();
    drop(sql);
    let error = merge(&a, &b).unwrap_err().to_string();
    assert!(error.contains("has other bytes than its digest says"), "{error}");
    is_whole(&a);
}

#[test]
fn what_stands_in_a_journal_beside_an_archive_is_taken_too() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let all = shelf.merged("all.db", &a, &[&b]);
    // A machine that lost its power: what it wrote last stands in the journal alone.
    let sql = rusqlite::Connection::open(&b).unwrap();
    sql.execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE sources SET last_error = 'no power'").unwrap();
    let left = shelf.copy(&b, "left.db");
    fs::copy(b.with_extension("db-wal"), left.with_extension("db-wal")).unwrap();
    drop(sql);
    assert!(fs::metadata(left.with_extension("db-wal")).unwrap().len() > 0);
    let merged = shelf.merged("merged.db", &a, &[&left]);
    content::assert_same(&all, &merged, &["sources"]);
    assert!(content::of(&merged)["sources"].iter().any(|line| line.contains("no power")));
}

#[test]
fn whatever_is_no_archive_is_refused_by_what_it_is() {
    let shelf = Shelf::new();
    let a = shelf.made("a.db", 1, &made_up::some(1));
    let refused = |path: &Path| merge(&a, path).unwrap_err().to_string();
    fs::write(shelf.path("empty.db"), "").unwrap();
    fs::write(
        shelf.path("text.db"),
        "a letter, and no archive at all, but long enough to have a header of a hundred bytes in the end",
    )
    .unwrap();
    fs::create_dir(shelf.path("folder.db")).unwrap();
    spoil(&shelf.path("foreign.db"), "CREATE TABLE letters (words)");
    fs::write(shelf.path("half.db"), &fs::read(&a).unwrap()[..9000]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&a, shelf.path("link.db")).unwrap();
    for (name, told) in [
        ("empty.db", "the file is empty"),
        ("text.db", "cannot open"),
        ("folder.db", "it is a folder"),
        ("foreign.db", "cannot open"),
        ("half.db", "damaged"),
        ("nowhere.db", "there is no archive"),
        ("a.db", "it is the archive that it was to be merged into"),
        ("link.db", "it is the archive that it was to be merged into"),
    ] {
        let error = refused(&shelf.path(name));
        assert!(error.contains(told), "{name}: {error}");
    }
    is_whole(&a);
}

/// An archive as the version with this schema left it, with a post that was captured.
fn of_schema(path: &Path, schema: usize) {
    let sql = rusqlite::Connection::open(path).unwrap();
    let mut steps: Vec<_> = fs::read_dir("src/store/migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    for step in steps.iter().take(schema) {
        sql.execute_batch(&fs::read_to_string(step).unwrap()).unwrap();
    }
    // The first schema did not have it.
    let as_of = if schema == 1 { "" } else { "UPDATE runs SET as_of = started_at;" };
    sql.execute_batch(&format!(
        "PRAGMA application_id = 0x454d4241; PRAGMA user_version = {schema}; \
         INSERT INTO runs (id, command, started_at, finished_at) VALUES \
           (1, 'run', '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:01.000Z'); {as_of} \
         INSERT INTO posts (id, platform, post_id, url, state, state_since, last_looked_at, snapshot, via, captured_at) VALUES \
           (1, 'vimeo', '7', 'https://vimeo.com/7', 'live', '2026-01-02T00:00:00.500Z', '2026-01-02T00:00:00.500Z', NULL, NULL, NULL); \
         INSERT INTO snapshots (id, post, run, captured_at, via, outcome, digest, text, author_handle) VALUES \
           (1, 1, 1, '2026-01-02T00:00:00.500Z', 'oembed', 'found', '{:064}', 'Low tide', 'ann'); \
         UPDATE posts SET snapshot = 1, via = 'oembed', captured_at = '2026-01-02T00:00:00.500Z'; \
         INSERT INTO looks (post, run, looked_at, via, result, state, snapshot) VALUES \
           (1, 1, '2026-01-02T00:00:00.500Z', 'oembed', 'new', 'live', 1)",
        7
    ))
    .unwrap();
}

#[test]
fn an_archive_of_any_older_schema_is_taken_and_stays_as_it_is() {
    let shelf = Shelf::new();
    // From schema 8 on rows are entered as they come, which these are not.
    for schema in 1..8 {
        let (a, older) = (shelf.path(&format!("into {schema}.db")), shelf.path(&format!("schema {schema}.db")));
        drop(Store::create_or_open(&a).unwrap());
        of_schema(&older, schema);
        let bytes = fs::read(&older).unwrap();
        let merged = merge(&a, &older).unwrap_or_else(|error| panic!("schema {schema}: {error}")).unwrap();
        assert_eq!((merged.posts, merged.snapshots, merged.looks), (1, 1, 1), "schema {schema}");
        assert_eq!(fs::read(&older).unwrap(), bytes, "schema {schema}");
        assert_eq!(merge(&a, &older).unwrap().unwrap().snapshots, 0, "schema {schema}");
        is_whole(&a);
        let left = fs::read_dir(a.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with(".embalm-merge")), "its copy is gone");
    }
}

#[test]
fn an_archive_on_which_nothing_may_be_written_is_taken_all_the_same() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let mut permissions = fs::metadata(&b).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&b, permissions).unwrap();
    assert!(merge(&a, &b).unwrap().unwrap().snapshots > 0);
    assert!(matches!(Store::open(&b.with_extension("nowhere")), Err(StoreError::NotFound { .. })));
    is_whole(&a);
}
