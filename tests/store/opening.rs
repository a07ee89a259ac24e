//! Opening: what is not ours stays as it is, and what is ours survives whatever happens to the process.

use crate::desk::*;
use embalm::store::{Filter, Store, StoreError};
use std::{fs, path::Path};

/// All files of a folder with their bytes.
fn bytes_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap_or_default()))
        .collect();
    files.sort();
    files
}

/// Opens `path` in all three ways, and returns the errors; the folder must be byte-identical after it.
fn refusals(path: &Path) -> [StoreError; 3] {
    let before = bytes_of(path.parent().unwrap());
    let errors = [Store::create_or_open(path), Store::open(path), Store::open_read_only(path)].map(|r| r.unwrap_err());
    assert!(bytes_of(path.parent().unwrap()) == before, "something was touched");
    errors
}

#[test]
fn a_file_that_is_no_archive_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "Remember the ferry. ".repeat(20)).unwrap();
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
    let nested = folder.path().join("folder");
    fs::create_dir(&nested).unwrap();
    for (path, detail) in
        [(&text, "it is not an SQLite file"), (&other, "of another program"), (&nested, "it is a folder")]
    {
        for error in refusals(path) {
            assert!(matches!(&error, StoreError::NotAnArchive { .. }), "{error}");
            let words = error.to_string();
            assert!(words.contains(detail) && words.contains(path.to_str().unwrap()), "{words}");
        }
    }
}

#[test]
fn an_archive_of_a_newer_embalm_is_refused_and_left_as_it_is() {
    let desk = Desk::new();
    let newer = tempfile::tempdir().unwrap();
    let path = newer.path().join("newer.db");
    drop(Store::create_or_open(&path).unwrap());
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.pragma_update(None, "user_version", 99).unwrap();
    drop(sql);
    for error in refusals(&path) {
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
        assert!(error.to_string().contains("upgrade embalm"), "{error}");
    }
    drop(desk);
}

#[test]
fn an_archive_that_must_exist_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    for opened in [Store::open(&path), Store::open_read_only(&path)] {
        let error = opened.unwrap_err();
        assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("embalm init"), "{error}");
    }
    assert_eq!(bytes_of(folder.path()), []);
    fs::write(&path, "").unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::NotAnArchive { .. })));
    drop(Store::create_or_open(&path).unwrap());
    drop(Store::create_or_open(&folder.path().join("a/b/new.db")).unwrap());
    assert!(folder.path().join("a/b/new.db").is_file(), "its folder is made with it");
}

/// Whether file permissions mean nothing here, as for root.
#[cfg(unix)]
fn permissions_are_ignored(folder: &Path) -> bool {
    let ignored = fs::write(folder.join("probe"), "").is_ok();
    if ignored {
        println!("skipped: this user may write where nobody may");
    }
    ignored
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_gives_a_clear_error_and_can_still_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embalm.db");
    drop(Store::create_or_open(&path).unwrap());
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if !permissions_are_ignored(folder.path()) {
        let before = bytes_of(folder.path());
        for opened in [Store::create_or_open(&path), Store::create_or_open(&folder.path().join("new.db"))] {
            let error = opened.unwrap_err();
            assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        }
        assert_eq!(Store::open_read_only(&path).unwrap().posts(&Filter::default()).unwrap(), []);
        assert!(bytes_of(folder.path()) == before);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_no_file_can_be_made_gives_a_clear_error() {
    let error = Store::create_or_open(Path::new("/proc/embalm.db")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert!(error.to_string().contains("/proc/embalm.db"), "{error}");
}

#[test]
fn reading_opens_read_only() {
    let mut desk = Desk::new();
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", post("1", "We sail at noon")));
    let mut reader = Store::open_read_only(&desk.path).unwrap();
    assert_eq!(reader.posts(&Filter::default()).unwrap().len(), 1);
    let error = reader.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    desk.capture(&post_ref("2"), found("2026-01-01T10:00:00Z", post("2", "While somebody reads")));
    assert_eq!(reader.posts(&Filter::default()).unwrap().len(), 2, "a reader sees what is committed beside it");
}

#[test]
fn an_archive_that_nobody_has_open_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embalm.db");
    drop(Store::create_or_open(&path).unwrap());
    let names: Vec<_> = bytes_of(folder.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["embalm.db"]);
    drop(Store::open(&path).unwrap());
    assert_eq!(bytes_of(folder.path()).len(), 1);
}

#[test]
fn what_a_killed_process_had_not_committed_is_not_there_and_the_rest_is() {
    let mut desk = Desk::new();
    desk.capture(&post_ref("1"), found("2026-01-01T10:00:00Z", post("1", "We sail at noon")));
    // The files as a killed process leaves them: the WAL is there, a transaction in it has no end.
    let killed = tempfile::tempdir().unwrap();
    let mut other = desk.sql();
    let open = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    open.execute_batch("PRAGMA cache_spill = 1; UPDATE snapshots SET text = 'half'; DELETE FROM looks").unwrap();
    for (name, bytes) in bytes_of(desk.path.parent().unwrap()) {
        fs::write(killed.path().join(name), bytes).unwrap();
    }
    drop(open);
    let store = Store::open(&killed.path().join("embalm.db")).unwrap();
    let view = store.post_view("twitter:1", false).unwrap().unwrap();
    assert_eq!(view.content.unwrap().text, "We sail at noon");
    drop(store);
    let sql = rusqlite::Connection::open(killed.path().join("embalm.db")).unwrap();
    assert_eq!(sql.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap(), "ok");
    assert_eq!(sql.query_row("SELECT count(*) FROM looks", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[test]
fn a_file_that_is_damaged_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("embalm.db");
    let mut store = Store::create_or_open(&path).unwrap();
    store.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..8000].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let error = Store::open_read_only(&path).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn the_file_says_what_it_is() {
    let desk = Desk::new();
    let pragma = |name: &str| -> String {
        let value: rusqlite::types::Value =
            desk.sql().query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap();
        match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(pragma("application_id"), "1162691137");
    assert_eq!(pragma("page_size"), "8192");
    assert_eq!(pragma("journal_mode"), "wal");
}

#[test]
fn an_archive_of_the_first_schema_knows_after_its_upgrade_when_its_posts_are_due() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch(include_str!("../../src/store/migrations/0001_first.sql")).unwrap();
    sql.execute_batch(
        "INSERT INTO runs (id, command, started_at) VALUES (1, 'add', '2026-01-01T00:00:00.000Z'), \
           (2, 'add', '2026-01-03T00:00:00.000Z'); \
         INSERT INTO posts (id, platform, post_id, url, state, state_since, last_looked_at) VALUES \
           (1, 'twitter', '1', 'https://x.com/i/status/1', 'live', '2026-01-01T00:00:01.000Z', '2026-01-03T00:00:01.000Z'); \
         INSERT INTO snapshots (id, post, run, captured_at, via, outcome, text) VALUES \
           (1, 1, 1, '2026-01-01T00:00:01.000Z', 'api', 'found', 'We sail at noon'); \
         INSERT INTO looks (post, run, looked_at, via, result, state, snapshot) VALUES \
           (1, 1, '2026-01-01T00:00:01.000Z', 'api', 'new', 'live', 1), \
           (1, 2, '2026-01-03T00:00:01.000Z', 'api', 'unchanged', 'live', 1); \
         PRAGMA application_id = 1162691137; PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(sql);
    let store = Store::open(&path).unwrap();
    let day = std::time::Duration::from_secs(86_400);
    let due = |now: &str| store.due_rechecks(at(now), &[day, day * 7], &[], 10).unwrap().len();
    assert_eq!((due("2026-01-05T00:00:00Z"), due("2026-01-11T00:00:00Z")), (0, 1), "two looks: a week, and its jitter");
}
