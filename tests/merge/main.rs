//! Merging: the laws that hold for any two archives, and what a merge refuses. Archives are made up by the store's own
//! writing functions. `EMBALM_MERGE_CASES` sets how many pairs are tried.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "../content/mod.rs"]
mod content;
mod laws;
mod made_up;
mod strangers;

use embalm::store::{Lift, Merged, Merging, Store, StoreError, Verifying};
use made_up::{Act, acts, write};
use proptest::{prelude::*, test_runner::RngSeed};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Pairs of archives that are tried.
const CASES: u32 = 6;

fn cases() -> ProptestConfig {
    let asked = std::env::var("EMBALM_MERGE_CASES").ok().and_then(|cases| cases.parse().ok());
    // The same archives each time, so that a failure is of the change at hand; as many others as one asks for.
    let rng_seed = if asked.is_none() { RngSeed::Fixed(1) } else { RngSeed::Random };
    let cases = asked.unwrap_or(CASES);
    ProptestConfig { cases, rng_seed, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() }
}

/// Archives of one test, in a folder of their own.
struct Shelf(TempDir);

impl Shelf {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn made(&self, name: &str, machine: u32, acts: &[Act]) -> PathBuf {
        let path = self.path(name);
        write(&path, machine, acts);
        path
    }

    fn copy(&self, of: &Path, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::copy(of, &path).unwrap();
        path
    }

    /// A new archive with all of `into`, and then all of each of `others`.
    fn merged(&self, name: &str, into: &Path, others: &[&Path]) -> PathBuf {
        let path = self.copy(into, name);
        for other in others {
            merge(&path, other).unwrap().unwrap();
        }
        is_whole(&path);
        path
    }
}

fn merge(into: &Path, other: &Path) -> Result<Option<Merged>, StoreError> {
    Store::open(into).unwrap().merge(other, |_| ControlFlow::Continue(()))
}

fn is_whole(path: &Path) {
    let mut faults = Vec::new();
    let store = Store::open_read_only_aside(path).unwrap();
    store.verify(|step| faults.extend(if let Verifying::Fault(fault) = step { Some(fault) } else { None })).unwrap();
    assert!(faults.is_empty(), "{}: {faults:#?}", path.display());
}

/// An archive in which all that is hidden is shown again.
fn lifted(shelf: &Shelf, of: &Path, name: &str) -> PathBuf {
    let path = shelf.copy(of, name);
    let mut store = Store::open(&path).unwrap();
    let hidden = store.redactions(false).unwrap().into_iter().filter(|redaction| redaction.mode == "hidden");
    let hidden: Vec<_> = hidden.map(|redaction| redaction.target).collect();
    if !hidden.is_empty() {
        let done = store.lift(&hidden, "all of it", "2026-06-01T00:00:00Z".parse().unwrap()).unwrap();
        assert!(matches!(done, Lift::Done(_)), "{done:?}");
    }
    drop(store);
    is_whole(&path);
    path
}

/// Counts of kinds that only grow.
fn has_all_of(all: &Path, part: &Path) {
    let (all, part) = (content::of(all), content::of(part));
    // A redaction takes addresses and headers out of exchanges; each of them stays.
    assert!(all["exchanges"].len() >= part["exchanges"].len());
    let unchanged = ["blobs", "redactions", "exchanges"];
    for kind in &unchanged[..if all["redactions"].is_empty() { 3 } else { 2 }] {
        for line in &part[kind] {
            assert!(all[kind].contains(line), "{kind}: {line}");
        }
    }
    for kind in ["versions", "snapshots", "looks", "posts", "embeds", "media", "runs", "sources"] {
        assert!(all[kind].len() >= part[kind].len().min(1), "{kind}");
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn it_does_not_matter_which_archive_is_merged_into_which_nor_how_often(
        base in acts(6), one in acts(14), other in acts(14)
    ) {
        laws::of_two(&base, &one, &other);
    }

    #[test]
    fn archives_are_merged_in_any_order(
        base in prop::option::of(acts(5)), one in acts(10), two in acts(10), three in acts(10)
    ) {
        let (mut base, mut parts) = (base, [one, two, three]);
        let all = [base.as_deref().unwrap_or_default(), &parts[0], &parts[1], &parts[2]];
        if laws::contradict(&all) {
            base = base.as_deref().map(laws::hidden_only);
            parts = parts.each_ref().map(|part| laws::hidden_only(part));
        }
        laws::of_three(base.as_deref(), parts.each_ref().map(Vec::as_slice));
    }

    #[test]
    fn an_archive_merged_into_an_empty_one_or_into_a_copy_of_itself_is_as_it_was(one in acts(16)) {
        laws::of_one(&one);
    }
}

#[test]
fn a_merge_that_is_broken_off_anywhere_leaves_no_trace_and_the_next_one_does_it_all() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let all = shelf.merged("all.db", &a, &[&b]);
    for steps in 0.. {
        let path = shelf.copy(&a, &format!("{steps}.db"));
        let mut left = steps;
        let done = Store::open(&path).unwrap().merge(&b, |_: Merging| {
            left -= 1;
            if left < 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if done.unwrap().is_some() {
            assert!(steps > 12, "every step can be broken off");
            return;
        }
        content::assert_same(&a, &path, &[]);
        merge(&path, &b).unwrap().unwrap();
        content::assert_same(&all, &path, &[]);
    }
}

#[test]
fn what_is_no_archive_or_does_not_hold_what_it_says_is_refused_and_nothing_of_it_is_believed() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    let before = content::of(&a);
    assert!(merge(&a, &a).is_err(), "into itself");
    fs::write(shelf.path("text.db"), "no archive").unwrap();
    assert!(merge(&a, &shelf.path("text.db")).is_err());
    let spoilt = [
        "UPDATE snapshots SET captured_at = 'yesterday'",
        "UPDATE posts SET state = 'deleted' WHERE state = 'live'",
        "CREATE VIEW extra AS SELECT 1; DROP VIEW latest_posts; CREATE VIEW latest_posts AS SELECT 1 AS id",
        "PRAGMA foreign_keys = OFF; UPDATE looks SET post = 999999",
    ];
    for (n, words) in spoilt.iter().enumerate() {
        let path = shelf.copy(&b, &format!("spoilt{n}.db"));
        rusqlite::Connection::open(&path).unwrap().execute_batch(words).unwrap();
        assert!(matches!(merge(&a, &path), Err(StoreError::Corrupt { .. })), "{words}");
        assert_eq!(content::of(&a), before, "{words}");
    }
    let path = shelf.copy(&b, "bytes.db");
    let sql = rusqlite::Connection::open(&path).unwrap();
    sql.execute_batch("UPDATE blobs SET data = CAST(data || x'00' AS BLOB)").unwrap();
    drop(sql);
    let error = merge(&a, &path).unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { .. }), "{error}");
    is_whole(&a);
}

#[test]
fn an_archive_of_which_every_run_is_here_is_known_without_a_look_at_its_rows_and_nothing_of_it_is_taken() {
    let shelf = Shelf::new();
    let (a, b) = (shelf.made("a.db", 1, &made_up::some(1)), shelf.made("b.db", 2, &made_up::some(2)));
    assert!(!merge(&a, &b).unwrap().unwrap().known);
    let before = content::of(&a);
    let again = merge(&a, &b).unwrap().unwrap();
    assert_eq!(again, Merged { known: true, ..Merged::default() });
    // A run of a stranger that bears the name of one of ours, with other rows.
    let liar = shelf.copy(&b, "liar.db");
    spoil(&liar, "UPDATE snapshots SET text = 'We never sailed'");
    assert!(merge(&a, &liar).unwrap().unwrap().known);
    assert_eq!(content::of(&a), before);
    // With rows that no run of its has entered, or other entries, it is not known, and refused.
    let more = shelf.copy(&b, "more.db");
    spoil(
        &more,
        "INSERT INTO saves (post, run, asked_at, url, failure) SELECT post, run, '2026-03-01T00:00:00.000Z', url, failure FROM saves",
    );
    assert!(matches!(merge(&a, &more), Err(StoreError::Corrupt { .. })));
    let other = shelf.copy(&b, "other.db");
    spoil(&other, "UPDATE entries SET sha256 = zeroblob(32) WHERE position = 1");
    assert!(matches!(merge(&a, &other), Err(StoreError::Corrupt { .. })));
    assert_eq!(content::of(&a), before);
    // The machine goes on: what is new is taken.
    write(&b, 5, &[Act::Found { post: 5, says: 1, via: 0, picture: 1, quotes: None }]);
    let more = merge(&a, &b).unwrap().unwrap();
    assert_eq!((more.known, more.runs, more.snapshots), (false, 1, 1));
    is_whole(&a);
}

#[test]
fn how_many_redactions_came_with_a_file_is_told() {
    let shelf = Shelf::new();
    let b = shelf.made("b.db", 2, &made_up::some(2));
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    Store::open(&b).unwrap().redact(&["twitter:101".to_owned()], "Its author asked for it", false, now).unwrap();
    let tell = |into: &str, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_embalm"));
        command
            .arg("merge")
            .arg("--archive")
            .arg(shelf.path(into))
            .arg(&b)
            .args(more)
            .env("EMBALM_CONFIG", "/dev/null");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let told = tell("words.db", &[]);
    assert!(told.contains("1 redaction came with it"), "{told}");
    let told = tell("json.db", &["--json"]);
    assert!(told.contains("\"redactions\":1,"), "{told}");
    let told = tell("words.db", &[]);
    assert!(!told.contains("redaction"), "{told}");
    is_whole(&shelf.path("words.db"));
}

fn spoil(path: &Path, words: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(words).unwrap();
}

#[test]
fn a_hard_link_of_the_archive_is_the_archive_itself() {
    let shelf = Shelf::new();
    let a = shelf.made("a.db", 1, &made_up::some(1));
    fs::hard_link(&a, shelf.path("link.db")).unwrap();
    assert!(matches!(merge(&a, &shelf.path("link.db")), Err(StoreError::NotAnArchive { .. })));
}

#[test]
fn views_and_triggers_of_a_stranger_are_never_asked() {
    const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let shelf = Shelf::new();
    let a = shelf.made("a.db", 1, &made_up::some(1));
    let endless = shelf.made("endless.db", 2, &made_up::some(2));
    let sql = rusqlite::Connection::open(&endless).unwrap();
    sql.execute_batch(&format!("DROP VIEW standing_looks; CREATE VIEW standing_looks AS {ENDLESS}")).unwrap();
    drop(sql);
    assert!(matches!(merge(&a, &endless), Err(StoreError::Corrupt { .. })));

    let older = shelf.path("older.db");
    let sql = rusqlite::Connection::open(&older).unwrap();
    let mut steps: Vec<_> = fs::read_dir("src/store/migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    for step in steps.iter().take(7) {
        sql.execute_batch(&fs::read_to_string(step).unwrap()).unwrap();
    }
    let trigger = |on: &str| format!("CREATE TRIGGER endless{on} AFTER UPDATE ON {on} BEGIN {ENDLESS}; END;");
    sql.execute_batch(&format!(
        "PRAGMA application_id = 0x454d4241; PRAGMA user_version = 7; \
         INSERT INTO runs (command, started_at, finished_at) VALUES \
         ('run', '2026-01-02T00:00:00.000Z', '2026-01-02T00:00:01.000Z'); {}",
        trigger("runs")
    ))
    .unwrap();
    drop(sql);
    assert!(merge(&a, &older).unwrap().unwrap().runs > 0);
    let sql = rusqlite::Connection::open(&older).unwrap();
    sql.execute_batch(&format!("DROP VIEW latest_posts; CREATE VIEW latest_posts AS {ENDLESS}")).unwrap();
    drop(sql);
    assert!(matches!(merge(&a, &older), Err(StoreError::Corrupt { .. })));
    is_whole(&a);
}
