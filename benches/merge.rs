//! How soon shards of a crawl are one archive: all of them are merged by the command line in their order and in another one,
//! then once more; beside a floor of the same run, one `INSERT INTO ... SELECT` a table for the same rows, which checks
//! nothing, works nothing out and fills no full-text index.
//!
//! `cargo bench --bench merge` prints rows and megabytes a second and the most memory that a merge took, and fails where both
//! orders do not give the same archive. `EMBALM_BENCH_SHARDS=8 EMBALM_BENCH_POSTS=250000` asks for eight shards of so many posts.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a benchmark prints what it measured")]

mod archive;
#[path = "../tests/content/mod.rs"]
mod content;

use rusqlite::Connection;
use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Shards, and posts of each, where the environment names no numbers.
const SHARDS: u64 = 4;
const POSTS: u64 = 20_000;
/// How often the memory of a merge is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// What the rows of one shard are numbered above those of the one before.
const APART: u64 = 100_000_000;

fn main() {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (shards, posts) = (number("EMBALM_BENCH_SHARDS", SHARDS), number("EMBALM_BENCH_POSTS", POSTS));
    let made = Instant::now();
    let paths = archive::shards::of(shards, posts);
    let bytes: u64 = paths.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    println!("{shards} shards of {posts} posts, {} MB; {} s", bytes / 1_000_000, made.elapsed().as_secs());
    let folder = tempfile::Builder::new().prefix("merge-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let floor = floor(&folder.path().join("floor.db"), &paths);
    println!("{:34} {:>8} s", "floor: INSERT INTO ... SELECT", seconds(floor));
    let back: Vec<PathBuf> = paths.iter().rev().cloned().collect();
    let [one, other] = ["one.db", "other.db"].map(|name| folder.path().join(name));
    for (name, into, files) in [
        ("merge, first to last", &one, &paths),
        ("merge, last to first", &other, &back),
        ("the same once more", &one, &paths),
    ] {
        let merge = merge(into, files);
        let per_second = |count: u64| (count as f64 / merge.time.as_secs_f64()) as u64;
        println!(
            "{name:34} {:>8} s, {:.1} of the floor, {} rows/s, {:.1} MB/s, at most {} MB of memory and {} MB beside the archive",
            seconds(merge.time),
            merge.time.as_secs_f64() / floor.as_secs_f64(),
            per_second(merge.rows),
            per_second(bytes) as f64 / 1e6,
            merge.memory_bytes / 1_000_000,
            merge.journal_bytes / 1_000_000,
        );
    }
    println!("{} MB", fs::metadata(&one).unwrap().len() / 1_000_000);
    let (left, right) = (content::digests(&one), content::digests(&other));
    assert_eq!(left, right, "both orders give the same archive");
    println!("both orders give the same: {} lines", left.values().map(|(lines, _)| lines).sum::<u64>());
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

/// What a merge took.
struct Took {
    time: Duration,
    rows: u64,
    memory_bytes: u64,
    journal_bytes: u64,
}

/// Merges as a user does it.
fn merge(into: &Path, files: &[PathBuf]) -> Took {
    let began = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.args(["merge", "--json", "--archive"]).arg(into).args(files);
    let mut child = command.env("EMBALM_CONFIG", "/dev/null").stdout(Stdio::piped()).spawn().unwrap();
    let (mut memory_bytes, mut journal_bytes) = (0, 0);
    let mut journal = into.as_os_str().to_owned();
    journal.push("-wal");
    let status = loop {
        memory_bytes = memory_bytes.max(peak(child.id()).unwrap_or(0));
        journal_bytes = journal_bytes.max(fs::metadata(&journal).map_or(0, |metadata| metadata.len()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let time = began.elapsed();
    assert!(status.success(), "{status}");
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    let records = told.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let rows = records.map(|record| record["rows"].as_u64().unwrap()).sum();
    if env::var_os("EMBALM_BENCH_SHOW").is_some() {
        print!("{told}");
    }
    Took { time, rows, memory_bytes, journal_bytes }
}

/// The most memory that a process has had, in bytes; only Linux tells.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// The time that it takes to copy the rows of all tables, with their indexes and counts.
fn floor(into: &Path, files: &[PathBuf]) -> Duration {
    drop(embalm::store::Store::create_or_open(into).unwrap());
    let sql = Connection::open(into).unwrap();
    sql.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let list = |question: &str, of: &str| -> Vec<(String, Option<String>)> {
        let mut statement = sql.prepare(question).unwrap();
        let rows = statement.query_map([of], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let tables = list(
        "SELECT name, NULL FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE ?1 \
         AND name NOT LIKE '%\\_fts%' ESCAPE '\\' AND name NOT LIKE '%tallies' AND name <> 'platform_looks'",
        "sqlite%",
    );
    let began = Instant::now();
    for (n, file) in files.iter().enumerate() {
        sql.execute("ATTACH ?1 AS other", [file.to_str().unwrap()]).unwrap();
        sql.execute_batch("BEGIN").unwrap();
        for (table, _) in &tables {
            let columns = list("SELECT name, NULL FROM pragma_table_xinfo(?1) WHERE hidden = 0", table);
            let refers = list("SELECT \"from\", NULL FROM pragma_foreign_key_list(?1)", table);
            let is_number = |name: &str| {
                name == "id" || (table == "entries" && name == "row") || refers.iter().any(|(from, _)| from == name)
            };
            let names: Vec<String> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let values: Vec<String> = columns
                .iter()
                .map(|(name, _)| match is_number(name) {
                    true => format!("\"{name}\" + {}", n as u64 * APART),
                    false => format!("\"{name}\""),
                })
                .collect();
            let (names, values) = (names.join(", "), values.join(", "));
            sql.execute_batch(&format!("INSERT OR IGNORE INTO {table} ({names}) SELECT {values} FROM other.{table}"))
                .unwrap();
        }
        sql.execute_batch("COMMIT; DETACH other").unwrap();
    }
    began.elapsed()
}
