//! Many starts at once, and readers beside them.

use crate::{killed::old_archive, site::Site};
use embalm::{
    pipeline::Lock,
    store::{Store, Verifying},
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Child,
    sync::atomic::{AtomicBool, Ordering},
};

/// Starts at once.
const STARTS: usize = 20;

#[test]
fn of_twenty_starts_one_runs_and_the_others_are_told_at_once_while_readers_never_fail() {
    let site = Site::new();
    site.ends(&["init", "-q"], 0);
    site.count().gate.store(1, Ordering::SeqCst);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = [
            &["list", "posts", "--json"][..],
            &["list", "failures"],
            &["status", "--json"],
            &["search", "ferry", "--json"],
            &["verify", "-q"],
        ]
        .into_iter()
        .map(|words| {
            let (site, over) = (&site, &over);
            scope.spawn(move || {
                let mut read = 0;
                while read == 0 || !over.load(Ordering::SeqCst) {
                    site.ends(words, 0);
                    read += 1;
                }
                read
            })
        })
        .collect();
        let mut children: Vec<Child> = (0..STARTS).map(|_| site.command(&["run"]).spawn().unwrap()).collect();
        // The one that runs waits for its articles until the others have ended.
        let mut ended = Vec::new();
        while ended.len() < STARTS - 1 {
            children.retain_mut(|child| match child.try_wait().unwrap() {
                Some(status) => {
                    ended.push(status.code());
                    false
                }
                None => true,
            });
            std::thread::yield_now();
        }
        assert_eq!(ended, [Some(75); STARTS - 1]);
        site.count().gate.store(0, Ordering::SeqCst);
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        }
        over.store(true, Ordering::SeqCst);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    site.assert_complete();
}

#[test]
fn readers_wait_for_an_upgrade_that_a_run_is_at() {
    let site = Site::new();
    old_archive(&site.archive());
    // Nobody is at it: a reader says what to do instead of waiting.
    site.ends(&["list", "failures"], 2);
    let lock = Lock::take(&site.archive(), "run").unwrap();
    let readers = [&["status"][..], &["list", "failures"], &["search", "ferry"], &["verify", "-q"]]
        .map(|words| site.command(words).spawn().unwrap());
    drop(Store::open(&site.archive()).unwrap());
    for reader in readers {
        let output = reader.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    drop(lock);
}

#[test]
fn one_that_waits_goes_on_when_the_other_has_ended() {
    let site = Site::new();
    let lock = Lock::take(&site.archive(), "run").unwrap();
    lock.tell("capturing 120 of 300 posts");
    site.ends(&["retry", "--all"], 2);
    let mut waiting = site.command(&["run", "--wait", "5m"]).spawn().unwrap();
    let mut told = String::new();
    let mut talk = BufReader::new(waiting.stderr.take().unwrap());
    talk.read_line(&mut told).unwrap();
    assert!(told.contains("capturing 120 of 300 posts"), "{told}");
    drop(lock);
    assert_eq!(waiting.wait().unwrap().code(), Some(0));
    site.assert_complete();
}

fn assert_whole(archive: &Path) {
    let mut faults = Vec::new();
    let store = Store::open_read_only_aside(archive).unwrap();
    store.verify(|step| faults.extend(if let Verifying::Fault(fault) = step { Some(fault) } else { None })).unwrap();
    assert!(faults.is_empty(), "{}: {faults:#?}", archive.display());
}

#[test]
fn backups_beside_a_run_are_whole_and_a_run_can_neither_be_merged_nor_merged_into() {
    let site = Site::new();
    let path = |name: &str| site.folder.path().join(name);
    let words = |name: &str| path(name).to_str().unwrap().to_owned();
    site.ends(&["init", "-q"], 0);
    site.count().gate.store(1, Ordering::SeqCst);
    let mut run = site.command(&["run"]).spawn().unwrap();
    while Lock::holder(&site.archive()).is_none() {
        std::thread::yield_now();
    }
    site.ends(&["backup", &words("held.db"), "--json"], 0);
    assert_whole(&path("held.db"));
    site.ends(&["merge", &words("held.db")], 75);
    site.ends(&["merge", "--archive", &words("other.db"), &words("held.db"), &words("test.db")], 75);
    assert!(!path("other.db").exists(), "nothing was done");
    site.count().gate.store(0, Ordering::SeqCst);
    loop {
        let is_over = run.try_wait().unwrap().is_some();
        site.ends(&["backup", &words("beside.db"), "--force", "-q"], 0);
        assert_whole(&path("beside.db"));
        if is_over {
            break;
        }
    }
    assert_eq!(run.wait().unwrap().code(), Some(0));
    site.ends(&["backup", &words("beside.db")], 2);
    // Each file twice: the second time there is nothing to take.
    let merged =
        site.ends(&["merge", "--archive", &words("other.db"), &words("beside.db"), &words("test.db"), "--json"], 0);
    let counts: Vec<serde_json::Value> = merged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(counts[0]["snapshots"].as_u64() > Some(0), "{merged}");
    assert!(
        ["runs", "posts", "snapshots", "looks", "exchanges", "blobs"].iter().all(|count| counts[1][*count] == 0),
        "{merged}"
    );
    assert_whole(&path("other.db"));
}

#[test]
fn what_a_killed_writer_left_is_never_read_into_another_file_of_that_name() {
    let site = Site::new();
    site.ends(&["init", "-q"], 0);
    for ending in ["-wal", "-journal"] {
        let (stray, copy) = (site.folder.path().join(format!("stray.db{ending}")), site.folder.path().join("stray.db"));
        fs::write(&stray, "pages of another file").unwrap();
        site.ends(&["init", "-q", "--archive", copy.to_str().unwrap()], 2);
        site.ends(&["backup", copy.to_str().unwrap(), "--force"], 2);
        assert!(!copy.exists() && stray.exists());
        fs::remove_file(stray).unwrap();
    }
}
