//! Many starts at once, and readers beside them.

use crate::{killed::old_archive, site::Site};
use embalm::{pipeline::Lock, store::Store};
use std::{
    io::{BufRead, BufReader},
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
