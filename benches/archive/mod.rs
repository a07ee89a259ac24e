//! An archive of any size as runs would have left it: posts of several languages and platforms, a tenth of them edited, some
//! gone, some that failed, pictures with and without descriptions, authors of whom few write most; and articles that embed
//! them. It is written as rows, in minutes, and kept under `target/`: indexes and triggers are put in place when all rows are
//! there, and the counts that the triggers would have kept are taken then.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

mod rows;
pub(crate) mod shards;
pub(crate) mod words;

use jiff::{SignedDuration, Timestamp};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
pub(crate) use words::{scatter, zipf};

/// Articles for so many posts one.
pub(crate) const POSTS_PER_ARTICLE: u64 = 20;
/// Posts that an article embeds, every one of them in another place of it.
pub(crate) const EMBEDS: u64 = 20;
/// Authors, of whom the first writes as many posts as the second and third together.
const AUTHORS: f64 = 60_000.0;
/// Hosts of articles.
pub(crate) const SITES: u64 = 50;
/// Platforms by their shares in a hundred.
const PLATFORMS: [(&str, u64); 8] = [
    ("twitter", 55),
    ("instagram", 12),
    ("bluesky", 10),
    ("facebook", 8),
    ("youtube", 6),
    ("tiktok", 5),
    ("reddit", 3),
    ("telegram", 1),
];

/// The archive with so many posts, made where it is not there yet.
pub(crate) fn of(posts: u64) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("archive-{posts}.db"));
    if !path.exists() {
        make(&path, posts);
    }
    // One that an older version made is upgraded.
    drop(embalm::store::Store::open(&path).unwrap());
    path
}

/// The articles in an archive with so many posts.
pub(crate) fn articles(posts: u64) -> u64 {
    (posts / POSTS_PER_ARTICLE).max(1)
}

/// Fills an archive, and gives it its name when it is whole.
fn make(path: &Path, posts: u64) {
    let started = Instant::now();
    let unfinished = path.with_extension("unfinished");
    for left in ["", "-wal", "-shm"] {
        let mut name = unfinished.clone().into_os_string();
        name.push(left);
        let _ = fs::remove_file(name);
    }
    drop(embalm::store::Store::create_or_open(&unfinished).unwrap());
    rows::fill(&unfinished, posts);
    println!("rows of {} in {} s", path.display(), started.elapsed().as_secs());
    let mut store = embalm::store::Store::create_or_open(&unfinished).unwrap();
    store.index_again().unwrap();
    drop(store);
    fs::rename(&unfinished, path).unwrap();
    println!("made {} in {} s", path.display(), started.elapsed().as_secs());
}

/// When the n-th post was captured.
pub(crate) fn instant(n: u64) -> Timestamp {
    let first: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
    first + SignedDuration::from_secs(n.cast_signed() * 37)
}

/// The platform of the n-th post.
pub(crate) fn platform(n: u64) -> &'static str {
    let mut left = scatter(n ^ 0x706c) % 100;
    for (name, share) in PLATFORMS {
        if left < share {
            return name;
        }
        left -= share;
    }
    "twitter"
}

/// Its id on it.
pub(crate) fn post_id(n: u64) -> u64 {
    1_500_000_000_000_000_000 + n
}

/// Its key.
pub(crate) fn key(n: u64) -> String {
    format!("{}:{}", platform(n), post_id(n))
}

/// The rank of its author.
fn author(n: u64) -> u64 {
    zipf(n ^ 0x6175, AUTHORS)
}

/// The handle of an author by rank.
pub(crate) fn handle(rank: u64) -> String {
    format!("{}_{rank}", words::LANGUAGES[0].word(rank + 100))
}

/// The n-th article's name.
pub(crate) fn article_name(n: u64) -> String {
    format!("https://news{}.example/story-{n}", n % SITES)
}
