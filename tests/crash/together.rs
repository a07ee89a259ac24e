//! Many starts at once, and readers beside them.

use crate::site::Site;
use std::{
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
