//! How fast embeds are found, beside two floors measured in the same run: reading every byte once, and `scraper`
//! parsing every page with no selector run.
//!
//! `cargo bench --bench detect` prints MB/s of each step, then their ratios over interleaved rounds, which a busy
//! machine changes little. The pages are those of `EMBALM_BENCH` (a folder), else of the shared corpus, else the
//! project's fixtures.

#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use divan::{Bencher, black_box, counter::BytesCount};
use embalm::{
    article::{Kind, Page},
    detect, html,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::{Duration, Instant},
};

/// Rounds of the ratios; each measures every step once.
const ROUNDS: usize = 9;

/// A page as it lies on disk.
struct Document {
    kind: Kind,
    name: String,
    bytes: Vec<u8>,
}

/// Every page, held in memory.
static PAGES: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let shared = env::var_os("EMBALM_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let folder = env::var_os("EMBALM_BENCH").map_or_else(|| shared.join("corpus/dev"), PathBuf::from);
    let folder = if folder.is_dir() { folder } else { PathBuf::from("fixtures") };
    let mut pages = Vec::new();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name().into_iter().flatten() {
        let kind = match entry.path().extension().and_then(|end| end.to_str()) {
            Some("html") => Kind::Html,
            Some("md") => Kind::Markdown,
            Some("txt") => Kind::Text,
            _ => continue,
        };
        let bytes = fs::read(entry.path()).expect("a page");
        pages.push(Document { kind, name: name(entry.path()), bytes });
    }
    assert!(!pages.is_empty(), "no pages in {}", folder.display());
    pages
});

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn total() -> usize {
    PAGES.iter().map(|page| page.bytes.len()).sum()
}

/// The first floor: every byte looked at once.
fn read() -> usize {
    // No page has this byte: it is in no text in UTF-8, and rare in what isn't.
    PAGES.iter().filter(|page| memchr::memchr(0xff, black_box(&page.bytes)).is_some()).count()
}

/// The second floor: a tree of every page, nothing asked of it.
fn scraper() -> usize {
    PAGES.iter().map(tree).sum()
}

fn tree(page: &Document) -> usize {
    scraper::Html::parse_document(&String::from_utf8_lossy(&page.bytes)).tree.values().len()
}

/// The pages as text.
static TEXTS: LazyLock<Vec<Page>> =
    LazyLock::new(|| PAGES.iter().map(|one| Page::new(one.kind, &one.name, None, &one.bytes, None)).collect());

/// Whether there may be an embed at all.
fn prefilter() -> usize {
    TEXTS.iter().filter(|page| detect::may_hold(black_box(&page.html))).count()
}

/// The filter, the skim, and the tree of what it leaves.
fn parse() -> usize {
    let tree = |page: &Page| html::parse(&detect::skimmed(black_box(&page.html))).tree.values().len();
    TEXTS.iter().map(tree).sum()
}

/// Everything that `embalm detect` does with a page's bytes.
fn whole() -> usize {
    PAGES.iter().map(found).sum()
}

fn found(page: &Document) -> usize {
    detect::embeds(&Page::new(page.kind, &page.name, None, &page.bytes, None)).len()
}

/// A step of the work over all pages.
type Pass = fn() -> usize;

/// Name and work of each step, floors first.
const STEPS: [(&str, Pass); 5] = [
    ("read every byte", read),
    ("scraper, no selector", scraper),
    ("prefilter", prefilter),
    ("skim and parse", parse),
    ("whole", whole),
];

#[divan::bench(name = "1 read every byte (floor)")]
fn bench_read(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(total())).bench(read);
}

#[divan::bench(name = "2 scraper, no selector (floor)", sample_count = 10)]
fn bench_scraper(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(total())).bench(scraper);
}

#[divan::bench(name = "3 prefilter", sample_count = 20)]
fn bench_prefilter(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(total())).bench(prefilter);
}

#[divan::bench(name = "4 skim and parse", sample_count = 20)]
fn bench_parse(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(total())).bench(parse);
}

#[divan::bench(name = "5 whole: all platforms", sample_count = 20)]
fn bench_whole(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(total())).bench(whole);
}

/// Steps in turn, round after round, so that a neighbour's load falls on all of them alike.
fn ratios() {
    let mut times = vec![Vec::with_capacity(ROUNDS); STEPS.len()];
    for _ in 0..ROUNDS {
        for ((_, step), times) in STEPS.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(step());
            times.push(start.elapsed());
        }
    }
    let megabytes = total() as f64 / 1e6;
    println!("\n{} pages, {megabytes:.0} MB, {ROUNDS} interleaved rounds: median (slowest to fastest)", PAGES.len());
    let of = |index: usize| times.get(index).map(|times| speeds(times, megabytes)).unwrap_or_default();
    let (read, scraper) = (of(0), of(1));
    for (index, (name, _)) in STEPS.iter().enumerate() {
        let [slow, median, fast] = of(index);
        println!(
            "{name:<22} {median:>8.0} MB/s ({slow:.0} to {fast:.0})  {:>7.2} x scraper  {:>7.4} of reading",
            median / scraper[1],
            median / read[1],
        );
    }
}

/// The whole work over the pages without an embed, as most pages of the web are, and over those with embeds: each
/// beside `scraper` on the same pages.
fn ratios_by_kind() {
    let (with, without): (Vec<&Document>, Vec<&Document>) = PAGES.iter().partition(|page| found(page) > 0);
    for (name, pages) in [("whole, pages with no embed", without), ("whole, pages with embeds", with)] {
        let mut times = [Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS)];
        for _ in 0..ROUNDS {
            for (step, times) in [tree, found].into_iter().zip(&mut times) {
                let start = Instant::now();
                black_box(pages.iter().map(|page| step(black_box(page))).sum::<usize>());
                times.push(start.elapsed());
            }
        }
        let megabytes = pages.iter().map(|page| page.bytes.len()).sum::<usize>() as f64 / 1e6;
        let [scraper, whole] = times.map(|times| speeds(&times, megabytes));
        println!(
            "{name:<26} {:>4} MB/s ({:.0} to {:.0})  {:>7.2} x scraper on them  ({} pages, {megabytes:.0} MB)",
            whole[1].round(),
            whole[0],
            whole[2],
            whole[1] / scraper[1],
            pages.len(),
        );
    }
}

/// Slowest, median and fastest, in MB/s.
fn speeds(times: &[Duration], megabytes: f64) -> [f64; 3] {
    let mut speeds: Vec<_> = times.iter().map(|time| megabytes / time.as_secs_f64()).collect();
    speeds.sort_by(f64::total_cmp);
    let at = |index: usize| speeds.get(index).copied().unwrap_or_default();
    [at(0), at(speeds.len() / 2), at(speeds.len().saturating_sub(1))]
}

fn main() {
    divan::main();
    // `cargo test --benches` runs each step once to see that it works.
    if !env::args().any(|word| word == "--test" || word == "--list") {
        ratios();
        ratios_by_kind();
    }
}
