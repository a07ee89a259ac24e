//! How soon the command line answers: twenty typical searches and listings of an archive of 1,000,000 posts, each a new
//! process, from its start to its end, beside two floors of the same run: a process that prints its version, and one bare
//! SELECT in a process that has the archive open.
//!
//! `cargo bench --bench search` prints the median and the 99th percentile of each, how many times the floor each of them is (a
//! process that prints its version: its median, and its own 99th percentile), and what missed the goal. `EMBALM_BENCH_POSTS=100000` asks for
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
/// A question is answered within so many milliseconds, ninety-nine times in a hundred.
const GOAL_MS: f64 = 20.0;

/// A question, and the arguments of its n-th asking.
type Question = (&'static str, fn(u64) -> Vec<String>);

const QUESTIONS: [Question; 24] = [
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
    ("show an article", |n| args(&["show", &archive::article_name(n % 1_000)])),
    ("history of a post", |n| args(&["history", &archive::key(1 + n % 1_000)])),
    ("status", |_| args(&["status"])),
    ("list sources", |_| args(&["list", "sources"])),
    ("list runs", |_| args(&["list", "runs", "--limit", "50"])),
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

/// What asks for much: it has no goal but to grow with what is asked for, and not with the archive. Asked in every so many rounds.
const LONG: [Question; 4] = [
    ("show --known, 1,000 addresses, half unknown", |n| {
        let mut all = args(&["show", "--known", "--json"]);
        all.extend((0..1_000).map(|at| {
            let number = scatter(n ^ at);
            if at % 2 == 0 {
                archive::article_name(number % 100_000)
            } else {
                format!("https://x.com/someone/status/{}", archive::post_id(number % 2_000_000))
            }
        }));
        all
    }),
    ("list posts --csv, 10,000", |_| args(&["list", "posts", "--csv", "--limit", "10000"])),
    ("list failures --json, 10,000", |_| args(&["list", "failures", "--json", "--limit", "10000"])),
    ("export csv, 10,000 posts", |_| args(&["export", "csv", "--table", "posts", "--limit", "10000", "--out", "-"])),
];
const LONG_ROUNDS: usize = 20;

fn args(given: &[&str]) -> Vec<String> {
    given.iter().map(|word| (*word).to_owned()).collect()
}

fn main() {
    let posts = env::var("EMBALM_BENCH_POSTS").ok().map_or(POSTS, |text| text.parse().expect("a number of posts"));
    let rounds = env::var("EMBALM_BENCH_ROUNDS").ok().map_or(ROUNDS, |text| text.parse().expect("a number of rounds"));
    let path = archive::of(posts);
    let size = std::fs::metadata(&path).unwrap().len();
    println!("{posts} posts, {} articles, {} MB; {rounds} rounds\n", archive::articles(posts), size / 1_000_000);
    let all = || QUESTIONS.iter().chain(&LONG);
    let mut times: Vec<_> = all().map(|(name, _)| (*name, Vec::with_capacity(rounds))).collect();
    for round in 0..WARM_ROUNDS + rounds {
        let asked = if round % LONG_ROUNDS == 0 { times.len() } else { QUESTIONS.len() };
        for ((name, times), (_, question)) in times.iter_mut().zip(all()).take(asked) {
            let args = question(scatter(round as u64) >> 8);
            let time = ask(&path, &args);
            if round >= WARM_ROUNDS || asked > QUESTIONS.len() {
                times.push(time);
            }
            if env::var_os("EMBALM_BENCH_SHOW").is_some() && time > Duration::from_millis(20) {
                println!("{name}: {args:?} {} ms", time.as_millis());
            }
        }
    }
    let floors: Vec<Duration> = times.first().map(|(_, times)| times.clone()).unwrap_or_default();
    let (floor_median, floor_last) = (at(&floors, 0.5), at(&floors, 0.99));
    println!("{:44} {:>9} {:>9} {:>9} {:>9}", "from start to end, ms", "median", "99 %", "to floor", "its 99 %");
    let bare = ("floor: one bare SELECT of a post", floor(&path, posts, rounds));
    for (name, times) in times.into_iter().chain([bare]) {
        let (median, last) = (at(&times, 0.5), at(&times, 0.99));
        println!(
            "{name:44} {median:>9.2} {last:>9.2} {:>9.2} {:>9.2}{}",
            median / floor_median,
            last / floor_last,
            if last > GOAL_MS && !LONG.iter().any(|(long, _)| *long == name) { "  missed" } else { "" }
        );
    }
}

/// The time below which so great a share of these is, in milliseconds.
fn at(times: &[Duration], share: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0
}

/// The time that one question takes, as its asker waits for it.
fn ask(archive: &Path, args: &[String]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.args(args).env("EMBALM_ARCHIVE", archive).env("EMBALM_CONFIG", "/dev/null");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let asked = Instant::now();
    let status = command.status().unwrap();
    let time = asked.elapsed();
    // What is not known is exit code 1.
    assert!(status.success() || args.iter().any(|arg| arg == "--known"), "{args:?}");
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
