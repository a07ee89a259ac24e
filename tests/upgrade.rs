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

/// Takes an archive of today back to version 8, which had no index for the lists of authors and no record of lifts.
fn back_to_entries(sql: &Connection) {
    let step = &steps()[ENTRIES - 1];
    let from = step.find("CREATE TABLE redactions").unwrap();
    let table = &step[from..from + step[from..].find(';').unwrap()];
    sql.execute_batch(&format!(
        "DROP VIEW redacted; ALTER TABLE redactions RENAME TO later; {table};
         INSERT INTO redactions SELECT id, redacted_at, what, target, mode, reason FROM later; DROP TABLE later;
         DROP INDEX queue_queued_at; DROP INDEX snapshots_author; DROP INDEX posts_author;
         CREATE INDEX snapshots_author ON snapshots (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
         CREATE INDEX posts_author ON posts (author_handle COLLATE NOCASE) WHERE author_handle IS NOT NULL;
         PRAGMA user_version = {ENTRIES};"
    ))
    .unwrap();
}

#[test]
fn what_is_redacted_in_an_archive_of_before_lifts_stays_so_and_can_be_lifted() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, ENTRIES - 1);
    let hidden = || -> i64 {
        let sql = Connection::open(&path).unwrap();
        let hidden = "SELECT count(*) FROM snapshots WHERE text LIKE 'redacted on %: asked'";
        sql.query_row(hidden, [], |row| row.get(0)).unwrap()
    };
    ends(embalm(folder.path()).args(["redact", "twitter:1", "--reason", "asked"]), 0);
    back_to_entries(&Connection::open(&path).unwrap());
    ends(embalm(folder.path()).args(["init"]).arg(folder.path()), 0);
    assert_eq!((faults(&path), hidden()), (Vec::new(), 1));
    ends(embalm(folder.path()).args(["redact", "--lift", "twitter:1", "--reason", "asked again"]), 0);
    assert_eq!((faults(&path), hidden()), (Vec::new(), 0));
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
    back_to_entries(&sql);
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

/// What an upgrade that did not come to its end leaves: the old archive or the new one, and under the copy's name a whole one or none.
fn is_old_or_new(folder: &Path, version: usize, before: &BTreeMap<String, i64>, what: &str) -> bool {
    let path = folder.join("test.db");
    let sql = Connection::open(&path).unwrap();
    let now: i64 = sql.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let now = usize::try_from(now).unwrap();
    let sound: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "{what}");
    drop(sql);
    let is_new = now == steps().len();
    if is_new {
        assert_eq!(faults(&path), Vec::<String>::new(), "{what}");
    } else {
        assert_eq!((now, &counts(&path)), (version, before), "{what}");
    }
    let copy = folder.join(format!("test.schema{version}.db"));
    assert!(copy.exists() || !is_new, "{what}: upgraded without a copy");
    if copy.exists() {
        let sql = Connection::open(&copy).unwrap();
        let sound: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!((sound.as_str(), &counts(&copy)), ("ok", before), "{what}");
    }
    is_new
}

/// Where files may not grow beyond so many bytes, writing fails as on a full disk (`trap`), or the process is killed at that byte.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_and_a_process_that_is_killed_leave_the_old_archive_or_the_new_one() {
    const BLOCK_BYTES: u64 = 512;
    let version = 7;
    let sound = TempDir::new().unwrap();
    old(&sound.path().join("test.db"), version);
    let bytes = fs::read(sound.path().join("test.db")).unwrap();
    let before = counts(&sound.path().join("test.db"));
    let whole = bytes.len() as u64 / BLOCK_BYTES;
    let (mut left_old, mut made_new) = (0, 0);
    for step in 0..12_u64 {
        for trap in ["trap '' XFSZ;", ""] {
            let folder = TempDir::new().unwrap();
            fs::write(folder.path().join("test.db"), &bytes).unwrap();
            let blocks = whole * 2 * (step + 1) / 12;
            let script = format!("{trap} ulimit -c 0; ulimit -f {blocks}; exec \"$0\" init \"$1\"");
            let ended = std::process::Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_embalm")])
                .arg(folder.path())
                .env_clear()
                .env("HOME", folder.path())
                .env("EMBALM_ARCHIVE", folder.path().join("test.db"))
                .output()
                .unwrap();
            let what = format!("{blocks} blocks, {trap:?}: {}", String::from_utf8_lossy(&ended.stderr));
            // What SQLite's own recovery does on the next opening is a part of it.
            let is_new = is_old_or_new(folder.path(), version, &before, &what);
            assert!(is_new || !ended.status.success(), "{what}");
            left_old += u32::from(!is_new);
            made_new += u32::from(is_new);
            // With room, the next one does it.
            ends(embalm(folder.path()).arg("init").arg(folder.path()), 0);
            assert!(is_old_or_new(folder.path(), version, &before, &what));
            let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(left.iter().all(|name| !name.to_string_lossy().contains(".new")), "{what}: {left:?}");
        }
    }
    assert!(left_old > 4 && made_new > 0, "{left_old} stayed old, {made_new} are new");
}

#[test]
fn of_processes_that_upgrade_at_once_one_does_and_all_go_on() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, 6);
    let before = counts(&path);
    let ended: Vec<_> = std::thread::scope(|scope| {
        let begun: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| embalm(folder.path()).arg("init").arg(folder.path()).output().unwrap()))
            .collect();
        begun.into_iter().map(|begun| begun.join().unwrap()).collect()
    });
    assert!(ended.iter().any(|ended| ended.status.success()));
    for ended in &ended {
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(matches!(ended.status.code(), Some(0 | 75)), "{said}");
    }
    assert!(is_old_or_new(folder.path(), 6, &before, "four at once"));
    let sql = Connection::open(&path).unwrap();
    let upgrades: i64 =
        sql.query_row("SELECT count(*) FROM runs WHERE command = 'upgrade'", [], |row| row.get(0)).unwrap();
    assert_eq!(upgrades, 1);
}

#[test]
fn of_processes_that_begin_in_one_folder_at_once_one_writes_its_configuration_and_all_read_it_whole() {
    for _ in 0..5 {
        let folder = TempDir::new().unwrap();
        let ended: Vec<_> = std::thread::scope(|scope| {
            let begun: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| embalm(folder.path()).arg("init").arg(folder.path()).output().unwrap()))
                .collect();
            begun.into_iter().map(|begun| begun.join().unwrap()).collect()
        });
        let mut written = 0;
        for ended in &ended {
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(matches!(ended.status.code(), Some(0 | 75)), "{said}");
            written += usize::from(String::from_utf8_lossy(&ended.stdout).contains("written"));
        }
        // Who wrote it may have found the archive held, and then says that alone.
        assert!(written <= 1 && ended.iter().any(|ended| ended.status.success()), "{written}");
        let text = fs::read_to_string(folder.path().join("config.toml")).unwrap();
        assert!(text.contains("[network]"), "{text}");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".tmp")), "{names:?}");
    }
}

#[cfg(unix)]
#[test]
fn in_a_folder_that_cannot_be_written_nothing_is_upgraded() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("test.db");
    old(&path, 7);
    // As a file of one piece, so that reading it makes no other file.
    Connection::open(&path).unwrap().execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let may_write_all_the_same = fs::write(folder.path().join("probe"), "x").is_ok();
    if !may_write_all_the_same {
        let (_, err) = ends(embalm(folder.path()).args(["add", "-q", "fixtures/articles"]), 1);
        assert!(!err.is_empty());
        assert!(fs::read(&path).unwrap() == bytes);
    } else {
        println!("skipped: permissions do not hold this user back");
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}
