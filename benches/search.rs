//! How soon the command line answers: twenty typical searches and listings of an archive of 1,000,000 posts, each a new
//! process, from its start to its end, beside two floors of the same run: a process that prints its version, and one bare
//! SELECT in a process that has the archive open.
//!
//! `cargo bench --bench search` prints the median and the 99th percentile of each. `EMBALM_BENCH_POSTS=100000` asks for
//! another number of posts. Each round asks every question once, with other words each time, so that a busy machine slows
//! all of them alike.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints what it measured")]

mod archive;

use archive::{scatter, words::LANGUAGES, zipf};
use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Posts where the environment names no number.
const POSTS: u64 = 1_000_000;
/// Rounds that are measured, after those that warm the caches.
const ROUNDS: usize = 200;
const WARM_ROUNDS: usize = 5;

/// A question, and the arguments of its n-th asking.
type Question = (&'static str, fn(u64) -> Vec<String>);

const QUESTIONS: [Question; 21] = [
    ("floor: --version", |_| args(&["--version"])),
    ("list posts", |_| args(&["list", "posts", "--limit", "50"])),
    ("list posts --platform --since", |_| {
        args(&["list", "posts", "--platform", "bluesky", "--since", "2024-06-01", "--limit", "50"])
    }),
    ("list posts --author", |n| {
        let author = archive::handle(zipf(n, 2000.0));
        args(&["list", "posts", "--limit", "50", "--author", &author])
    }),
    ("list posts --state deleted", |_| args(&["list", "posts", "--state", "deleted", "--limit", "50"])),
    ("list posts --sort published", |_| args(&["list", "posts", "--sort", "published", "--limit", "50"])),
    ("list articles", |_| args(&["list", "articles", "--limit", "50"])),
    ("list failures", |_| args(&["list", "failures", "--limit", "50"])),
    ("list media", |_| args(&["list", "media", "--limit", "50"])),
    ("show a post", |n| args(&["show", &archive::key(1 + n % 1_000)])),
    ("show --known, one post", |n| args(&["show", "--known", &archive::key(1 + n % 1_000)])),
    ("status", |_| args(&["status"])),
    ("list sources", |_| args(&["list", "sources"])),
    ("search, a common word", |n| args(&["search", LANGUAGES[0].common[8 + (n % 18) as usize]])),
    ("search, a rare word", |n| args(&["search", &LANGUAGES[0].word(400 + zipf(n, 5000.0))])),
    ("search, two words", |n| {
        let word = |by| LANGUAGES[0].common[8 + ((n / by) % 18) as usize];
        args(&["search", word(1), word(18)])
    }),
    ("search, a phrase with OR and NOT", |n| {
        let word = |by| LANGUAGES[0].common[8 + ((n / by) % 18) as usize];
        let query = format!("\"in the {}\" OR {} NOT {}", word(1), LANGUAGES[0].word(300 + n % 500), word(18));
        args(&["search", &query])
    }),
    ("search, the beginning of a word", |n| {
        args(&["search", &format!("{}*", LANGUAGES[0].common[8 + (n % 18) as usize])])
    }),
    ("search, Japanese", |n| args(&["search", LANGUAGES[7].common[4 + (n % 7) as usize]])),
    ("search --sort captured (newest first)", |n| {
        args(&["search", "--sort", "captured", LANGUAGES[0].common[(n % 26) as usize]])
    }),
    ("search --platform --since", |n| {
        let word = LANGUAGES[0].common[8 + (n % 18) as usize];
        args(&["search", word, "--platform", "bluesky", "--since", "2024-06-01"])
    }),
];

fn args(given: &[&str]) -> Vec<String> {
    given.iter().map(|word| (*word).to_owned()).collect()
}

fn main() {
    let posts = env::var("EMBALM_BENCH_POSTS").ok().map_or(POSTS, |text| text.parse().expect("a number of posts"));
    let rounds = env::var("EMBALM_BENCH_ROUNDS").ok().map_or(ROUNDS, |text| text.parse().expect("a number of rounds"));
    let path = archive::of(posts);
    let size = std::fs::metadata(&path).unwrap().len();
    println!("{posts} posts, {} articles, {} MB; {rounds} rounds\n", archive::articles(posts), size / 1_000_000);
    let mut times: Vec<_> = QUESTIONS.iter().map(|(name, _)| (*name, Vec::with_capacity(rounds))).collect();
    for round in 0..WARM_ROUNDS + rounds {
        for ((name, times), (_, question)) in times.iter_mut().zip(QUESTIONS) {
            let args = question(scatter(round as u64) >> 8);
            let time = ask(&path, &args);
            if round >= WARM_ROUNDS {
                times.push(time);
            }
            if env::var_os("EMBALM_BENCH_SHOW").is_some() && time > Duration::from_millis(20) {
                println!("{name}: {args:?} {} ms", time.as_millis());
            }
        }
    }
    println!("{:44} {:>9} {:>9}", "from start to end, ms", "median", "99 %");
    for (name, mut times) in
        times.into_iter().chain([("floor: one bare SELECT of a post", floor(&path, posts, rounds))])
    {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!("{name:44} {:>9.2} {:>9.2}", at(0.5), at(0.99));
    }
}

/// The time that one question takes, as its asker waits for it.
fn ask(archive: &Path, args: &[String]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.args(args).env("EMBALM_ARCHIVE", archive).env("EMBALM_CONFIG", "/dev/null");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let asked = Instant::now();
    let status = command.status().unwrap();
    let time = asked.elapsed();
    assert!(status.success(), "{args:?}");
    time
}

/// A post's own row, and nothing else.
fn floor(path: &Path, posts: u64, rounds: usize) -> Vec<Duration> {
    let sql = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = sql.prepare("SELECT url FROM posts WHERE id = ?1").unwrap();
    let time = |round: usize| {
        let id = 1 + scatter(round as u64) % posts;
        let asked = Instant::now();
        statement.query_row([id.cast_signed()], |row| row.get::<_, String>(0)).unwrap();
        asked.elapsed()
    };
    (0..rounds).map(time).collect()
}
