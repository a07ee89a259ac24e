//! What trust costs: entering every row of an archive, verifying all of it, and verifying what came after a known run. Beside the
//! times stand rows and bytes a second, what entries add to the file, and the most memory that the process had.
//!
//! `cargo bench --bench verify` measures an archive of 100,000 posts; `EMBALM_BENCH_POSTS=1000000` one of another number. The
//! archive is made anew where it is not under `target/` yet.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints what it measured")]

mod archive;

use embalm::store::{Store, Verifying, Witness};
use jiff::Timestamp;
use std::{env, fs, path::Path, time::Instant};

/// Posts where the environment names no number.
const POSTS: u64 = 100_000;

fn main() {
    let posts = env::var("EMBALM_BENCH_POSTS").ok().and_then(|n| n.parse().ok()).unwrap_or(POSTS);
    let plain = archive::of(posts);
    let path = plain.with_extension("entered.db");
    fs::copy(&plain, &path).unwrap();
    let mut store = Store::open(&path).unwrap();
    let began = Instant::now();
    store.enter_again(Timestamp::now()).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    drop(store);
    let entries = number(&path, "SELECT count(*) FROM entries");
    let grown = fs::metadata(&path).unwrap().len() - fs::metadata(&plain).unwrap().len();
    println!(
        "entering: {entries:.0} rows in {seconds:.1} s, {:.0} rows/s, {:.1} us and {:.0} bytes a row",
        entries / seconds,
        seconds * 1e6 / entries,
        grown as f64 / entries
    );
    let bytes = fs::metadata(&path).unwrap().len() as f64;
    let digest = text(&path, "SELECT digest FROM runs ORDER BY id DESC LIMIT 1");
    let part = Witness { since: Some(&digest), ..Witness::default() };
    for (name, witness) in [("all", Witness::default()), ("--since", part)] {
        let store = Store::open_read_only_aside(&path).unwrap();
        // What was in memory before is forgotten; where the system can't, it stands in the figure too.
        let _ = fs::write("/proc/self/clear_refs", "5");
        let (began, mut check) = (Instant::now(), (Instant::now(), ""));
        let verified = store.verify_against(&witness, |step| match step {
            Verifying::Check(next) => {
                told(check);
                check = (Instant::now(), next);
            }
            // Some of the made-up rows are not as runs leave them: they are counted below, and cost what others do.
            Verifying::Fault(_) | Verifying::Done(..) => {}
        });
        told(check);
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "verify {name}: {:.0} MB with {entries:.0} entries in {seconds:.1} s, {:.0} entries/s, {:.0} MB/s; {} faults; at most {} MB of memory",
            bytes / 1e6,
            entries / seconds,
            bytes / 1e6 / seconds,
            verified.unwrap().faults,
            most_memory_kib() / 1024
        );
    }
    fs::remove_file(&path).unwrap();
}

fn told((began, check): (Instant, &str)) {
    if !check.is_empty() {
        println!("  {check}: {:.1} s", began.elapsed().as_secs_f64());
    }
}

fn number(path: &Path, sql: &str) -> f64 {
    rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as f64
}

fn text(path: &Path, sql: &str) -> String {
    rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The most that this process had in memory; 0 where the system does not say.
fn most_memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
