//! A run that is killed at any moment leaves an archive that is whole, and the runs after it bring everything, once.

use crate::site::{Site, spin};
use embalm::store::{Store, StoreError, Verifying};
use std::{
    fs,
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

/// Kills in all.
const KILLS: u64 = 200;

/// Sites under way at once.
const WORKERS: u64 = 4;

/// Numbers that look random and are the same every time (Steele's SplitMix64).
fn number(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The archive is whole, or not there yet.
fn assert_whole(path: &Path, when: &str) {
    let store = match Store::open_read_only_aside(path) {
        Err(StoreError::NotFound { .. }) => return,
        Err(error) => panic!("after {when}: {error}"),
        Ok(store) => store,
    };
    let mut faults = Vec::new();
    store
        .verify(|step| {
            if let Verifying::Fault(fault) = step {
                faults.push(fault);
            }
        })
        .unwrap();
    assert!(faults.is_empty(), "after {when}: {faults:?}");
}

/// The bytes of the archive and of its journal.
fn written(archive: &Path) -> u64 {
    let sized = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    sized(archive) + sized(&archive.with_extension("db-wal"))
}

/// Kills the child at the moment that the seed names; how, or none where it had ended by itself.
fn kill(child: &mut Child, site: &Site, seed: u64) -> Option<String> {
    let began = Instant::now();
    let (requests, bytes) = (site.count().now() + number(seed) % 24, written(&site.archive()) + number(seed) % 400_000);
    let pause = Duration::from_micros(number(!seed) % 1_500);
    let when = match number(seed) >> 40 & 3 {
        0 => format!("{:?}", Duration::from_micros(number(seed) % 150_000)),
        1 => format!("{bytes} bytes"),
        _ => format!("{requests} requests"),
    };
    while child.try_wait().unwrap().is_none() {
        let is_time = match number(seed) >> 40 & 3 {
            0 => began.elapsed() >= Duration::from_micros(number(seed) % 150_000),
            1 => written(&site.archive()) >= bytes,
            _ => site.count().reaches(requests),
        };
        if is_time {
            spin(Instant::now() + pause);
            child.kill().unwrap();
            child.wait().unwrap();
            return Some(format!("{when} and {pause:?} (seed {seed})"));
        }
        std::thread::yield_now();
    }
    None
}

/// Kills runs over one site after another until it has killed its share.
fn worker(worker: u64) {
    let mut seeds = (0..).map(|n| worker << 32 | n);
    let mut kills = 0;
    while kills < KILLS / WORKERS {
        let site = Site::new();
        loop {
            let mut child = site.command(&["run", "-q"]).spawn().unwrap();
            let seed = seeds.next().unwrap();
            let Some(when) = kill(&mut child, &site, seed).filter(|_| kills < KILLS / WORKERS) else {
                let output = child.wait_with_output().unwrap();
                let told = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.code().is_none_or(|code| code == 0), "{output:?} {told}");
                break;
            };
            kills += 1;
            assert_whole(&site.archive(), &when);
        }
        // The last word is that of a run which nobody disturbs.
        site.ends(&["run", "-q"], 0);
        assert_whole(&site.archive(), "the end");
        site.assert_complete();
    }
}

#[test]
fn a_run_killed_at_two_hundred_moments_loses_nothing_and_brings_nothing_twice() {
    std::thread::scope(|scope| {
        for n in 0..WORKERS {
            scope.spawn(move || worker(n));
        }
    });
}

/// An archive as the version before this one left it, with many posts that had been tried too often.
pub(crate) fn old_archive(path: &Path) {
    let sql = rusqlite::Connection::open(path).unwrap();
    for step in [
        include_str!("../../src/store/migrations/0001_first.sql"),
        include_str!("../../src/store/migrations/0002_rechecks.sql"),
        include_str!("../../src/store/migrations/0003_mementos.sql"),
        include_str!("../../src/store/migrations/0004_media.sql"),
        include_str!("../../src/store/migrations/0005_threads.sql"),
    ] {
        sql.execute_batch(step).unwrap();
    }
    sql.execute_batch(
        "INSERT INTO runs (id, command, started_at, finished_at, as_of) VALUES \
           (1, 'add', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:09.000Z', '2026-01-01T00:00:00.000Z'); \
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000) \
         INSERT INTO posts (id, platform, post_id, url, last_looked_at) \
           SELECT n, 'vimeo', n, 'https://vimeo.com/' || n, '2026-01-01T00:00:01.000Z' FROM n; \
         INSERT INTO looks (post, run, looked_at, via, result, reason, detail) \
           SELECT id, 1, '2026-01-01T00:00:01.000Z', 'oembed', 'failed', 'http', 'status 503' FROM posts; \
         INSERT INTO queue (article_name, source, due_at, attempts, reason, queued_at) VALUES \
           ('https://www.News.example/a', 'site', '2026-01-02T00:00:00.000Z', 3, 'no answer', '2026-01-01T00:00:01.000Z'); \
         PRAGMA journal_mode = WAL; PRAGMA application_id = 1162691137; PRAGMA user_version = 5;",
    )
    .unwrap();
}

#[test]
fn an_upgrade_killed_at_any_moment_is_done_by_the_next_start_and_nothing_is_lost() {
    let site = Site::new();
    old_archive(&site.archive());
    let old = fs::read(site.archive()).unwrap();
    let mut killed = 0;
    for seed in 0..30 {
        let mut child = site.command(&["init", "-q"]).spawn().unwrap();
        let until = Instant::now() + Duration::from_micros(number(seed) % 120_000);
        while Instant::now() < until && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        killed += u64::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        // The copy of before is whole, or not there.
        let copy = site.archive().with_extension("schema5.db");
        if copy.exists() {
            let sql = rusqlite::Connection::open(&copy).unwrap();
            let held: (String, i64) = sql
                .query_row(
                    "SELECT integrity_check, (SELECT count(*) FROM looks) FROM pragma_integrity_check",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .unwrap();
            assert_eq!(held, ("ok".to_owned(), 3000), "seed {seed}");
        }
        match Store::open_read_only(&site.archive()) {
            Err(StoreError::Older { found: 5, .. }) => {}
            Ok(_) => {
                assert_whole(&site.archive(), &format!("seed {seed}"));
                // The next kills meet an archive that is still to be upgraded.
                for file in ["test.db", "test.db-wal", "test.db-shm"] {
                    let _ = fs::remove_file(site.folder.path().join(file));
                }
                fs::write(site.archive(), &old).unwrap();
            }
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(killed > 0, "the kills come too late");
    site.ends(&["init", "-q"], 0);
    assert_whole(&site.archive(), "the end");
    let failures = site.ends(&["list", "failures", "--json"], 0);
    let resting = failures.lines().filter(|line| line.contains("\"rests\":\"failed\"")).count();
    assert_eq!((failures.lines().count(), resting), (3001, 3000), "those that had left the queue are seen again");
    assert_eq!(site.ends(&["list", "failures", "--site", "news.example", "--csv"], 0).lines().count(), 2);
}

#[test]
fn a_recheck_and_a_verification_that_are_killed_change_nothing_that_was_kept() {
    let site = Site::new();
    site.ends(&["run", "-q"], 0);
    for seed in 0..12 {
        let words: &[&str] = if seed % 3 == 0 { &["verify", "-q"] } else { &["recheck", "-q"] };
        let mut child = site.command(words).spawn().unwrap();
        if let Some(when) = kill(&mut child, &site, seed) {
            assert_whole(&site.archive(), &format!("{words:?}, {when}"));
        }
    }
    site.ends(&["recheck", "-q"], 0);
    site.assert_complete();
}
