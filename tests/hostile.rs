//! Any bytes are a page. Each hostile page is read in a process of its own, on a thread with a small stack, and its CPU
//! time and the process's peak memory are measured there; and pages are damaged at random, always by the same dice.
//!
//! `EMBALM_HOSTILE=id cargo test --test hostile -- --nocapture` reads one page alone.

#![allow(clippy::print_stdout, reason = "what a page costs is for whoever reads the test's output")]

mod shared;

use embalm::{
    article::{self, Kind, Page},
    detect,
};
use serde_json::Value;
use std::{
    env, fs,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A worker's stack.
const STACK_BYTES: usize = 2 * 1024 * 1024;
/// CPU time of one page. A build for tests is several times slower than what users run, and machines differ.
const MAX_CPU: Duration = Duration::from_secs(if cfg!(debug_assertions) { 40 } else { 10 });
/// Peak memory of the process that reads it, the page itself included, in bytes.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

const KINDS: [Kind; 3] = [Kind::Html, Kind::Markdown, Kind::Text];

/// A name and what makes the page.
type Own = (&'static str, fn() -> Vec<u8>);

/// Pages of our own.
fn own() -> Vec<Own> {
    fn numbered(n: usize, one: impl Fn(usize) -> String) -> Vec<u8> {
        (0..n).map(one).collect::<String>().into_bytes()
    }
    fn repeated(part: &str, n: usize) -> Vec<u8> {
        part.repeat(n).into_bytes()
    }
    /// The same element in itself, never closed, with a link in each.
    fn nested(tag: &str, address: &str, n: usize) -> Vec<u8> {
        numbered(n, |i| format!("<{tag}><a href={address}{i}>x</a>words "))
    }
    vec![
        ("tags-of-all-names", || numbered(100_000, |i| format!("<x{}>", i % 7))),
        ("tables-in-tables", || repeated("<table><tr><td>", 30_000)),
        ("ends-without-starts", || repeated("</p></div></b></table></x>", 100_000)),
        ("crossed-formatting", || repeated("<b><i><a href=x></b><p></i></a>", 30_000)),
        ("zeros-between-letters", || numbered(200_000, |_| "<\0p\0>\0x\0".to_owned())),
        ("utf-16-without-a-mark", || {
            "<p>Words — and <a href='https://x.com/annex/status/110'>more</a>"
                .repeat(30_000)
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect()
        }),
        ("a-charset-that-lies", || {
            let mut page = b"<meta charset=utf-16be><meta charset=iso-2022-jp>".to_vec();
            page.extend((0..3_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8));
            page
        }),
        ("an-open-attribute", || [b"<p><a href=\"https://x.com/a/status/1".to_vec(), vec![b'x'; 10_000_000]].concat()),
        ("one-long-line", || vec![b'x'; 20_000_000]),
        ("one-long-line-of-words", || repeated("words and words, ", 1_000_000)),
        ("posts-in-one-paragraph", || {
            numbered(60_000, |i| format!("<a href=\"https://x.com/annex/status/{}\">x</a> ", 9_000_000 + i))
        }),
        ("addresses-in-one-paragraph", || {
            numbered(60_000, |i| format!("https://x.com/annex/status/{}<br>", 9_000_000 + i))
        }),
        ("addresses-in-lines", || numbered(100_000, |i| format!("https://x.com/annex/status/{}\n", 9_000_000 + i))),
        ("frames-deep-down", || {
            let mut page = repeated("<div>", 1_900);
            page.extend(numbered(15_000, |i| {
                format!("<iframe src=\"https://www.youtube.com/embed/aB3_dE{i:05}\"></iframe>")
            }));
            page
        }),
        ("frames-in-an-inline", || {
            let mut page = b"<p><span>".to_vec();
            page.extend(numbered(15_000, |i| {
                format!("<iframe src=\"https://www.youtube.com/embed/aB3_dE{i:05}\"></iframe>")
            }));
            page
        }),
        ("blockquotes-in-blockquotes", || {
            numbered(15_000, |i| {
                format!("<blockquote class=twitter-tweet><a href=https://x.com/annex/status/{}></a>", 9_000_000 + i)
            })
        }),
        ("blockquotes-of-no-platform", || {
            numbered(6_000, |i| {
                format!("<blockquote><p>Words</p><a href=https://x.com/annex/status/{}>x</a>", 9_000_000 + i)
            })
        }),
        ("instagram-in-instagram", || {
            nested("blockquote class=instagram-media", "https://www.instagram.com/p/B", 6_000)
        }),
        ("bluesky-in-bluesky", || {
            nested("blockquote class=bluesky-embed", "https://bsky.app/profile/annex.example/post/3k", 6_000)
        }),
        ("reddit-in-reddit", || {
            nested("blockquote class=reddit-embed-bq", "https://www.reddit.com/r/a/comments/a", 6_000)
        }),
        ("tumblr-in-tumblr", || nested("div class=tumblr-post", "https://annex.tumblr.com/post/10000", 6_000)),
        ("snapchat-in-snapchat", || {
            nested("div class=snapchat-embed", "https://www.snapchat.com/spotlight/W7_aaaaaaaaaaaaaa", 6_000)
        }),
        ("fediverse-in-fediverse", || {
            nested(
                "blockquote class=mastodon-embed data-embed-url=https://a.example/@b/1234567/embed",
                "https://a.example/@b/1000",
                6_000,
            )
        }),
        ("tiktok-in-tiktok", || {
            let tag = "blockquote class=tiktok-embed cite=https://www.tiktok.com/@annex/video/7012345678901234567";
            nested(tag, "https://www.tiktok.com/@annex/video/70123456789", 6_000)
        }),
        ("imgur-in-imgur", || nested("blockquote class=imgur-embed-pub data-id=aB3dE", "https://imgur.com/a", 6_000)),
        ("facebook-in-facebook", || {
            let tag = "div class=fb-post data-href=https://www.facebook.com/annex/posts/1000001><blockquote";
            nested(tag, "https://www.facebook.com/annex/posts/10", 4_000)
        }),
        ("codepens-in-codepens", || {
            nested("p class=codepen data-slug-hash=aBcDe><object", "https://codepen.example/a", 4_000)
        }),
        ("embeds-around-many-links", || {
            let mut page = repeated("<blockquote class=instagram-media><div class=tumblr-post>", 900);
            page.extend(numbered(60_000, |i| format!("<a href=https://a.example/{i}>x</a>")));
            page
        }),
        ("paragraphs-in-paragraphs", || {
            let mut page = repeated("<blockquote class=instagram-media>", 20);
            page.extend(numbered(20_000, |i| format!("<p><object><a href=https://www.instagram.com/p/B{i}>(@a)</a>")));
            page
        }),
        ("scripts-begun-in-scripts", || {
            [
                b"<a href=https://x.com/annex/status/110>x</a><script><!--".to_vec(),
                repeated("<script></script>", 60_000),
            ]
            .concat()
        }),
        ("parts-of-lists-and-tables", || {
            let mut page = b"<a href=https://x.com/annex/status/110>x</a>".to_vec();
            page.extend(repeated("<ul><li><span>", 700));
            page.extend(repeated("<li><p>a<p>b<b><td><tr></li></ul></span></i>", 60_000));
            page
        }),
        ("formatting-that-ends-too-late", || {
            let mut page = b"<a href=https://x.com/annex/status/110>x</a>".to_vec();
            page.extend(repeated("<b>", 190));
            page.extend(repeated("<div>", 1_000));
            page.extend(repeated("<b><div></b><i><p></i>(@a)", 40_000));
            page
        }),
        ("signatures", || numbered(25_000, |i| format!("Words of it — Ann Ex (@annex{i}) August 11, 2024\n\n"))),
        ("signatures-in-paragraphs", || {
            numbered(25_000, |i| format!("<p>Words of it &mdash; Ann Ex (@annex{i}) August 11, 2024</p>"))
        }),
        ("openings-of-signatures", || repeated("— (@", 1_000_000)),
        ("state-of-many-objects", || {
            let objects = "{\"embed\":0},".repeat(300_000);
            format!("<script type=application/json>[{objects}{{}}]</script>").into_bytes()
        }),
        ("state-of-many-numbers", || {
            format!("<script type=application/json>{{\"embed\":[{}0]}}</script>", "0,".repeat(1_900_000)).into_bytes()
        }),
        ("state-that-is-deep", || {
            format!("<script type=application/json>{{\"embed\":{}</script>", "[".repeat(2_000_000)).into_bytes()
        }),
        ("state-that-breaks-off", || {
            let long = "\"video\",".repeat(400_000);
            format!("<script>{}</script>", format!("a=[{long}").repeat(1)).into_bytes()
        }),
        ("starts-of-state", || format!("<script>{}</script>", "a={\"video\":[".repeat(300_000)).into_bytes()),
        ("state-in-many-scripts", || {
            let objects = "{\"video\":0},".repeat(80_000);
            format!("<script type=application/json>[{objects}{{}}]</script>").repeat(10).into_bytes()
        }),
        ("markup-in-state", || {
            numbered(20_000, |i| {
                format!(
                    "<script type=application/json>{{\"html\":\"<iframe src='https://www.youtube.com/embed/aB3_dE{i:05}'>\"}}</script>"
                )
            })
        }),
        ("held-in-held", || {
            repeated("<template><noscript><iframe srcdoc='<iframe srcdoc=&quot;<b>&quot;>'></noscript>", 40_000)
        }),
        ("brackets", || repeated("[", 500_000)),
        ("brackets-and-links", || repeated("[a](<b", 200_000)),
        ("stars", || repeated("*a_b**c__", 200_000)),
        ("backticks", || numbered(3_000, |i| format!("{}x", "`".repeat(i % 1_500 + 1)))),
        ("quotes-in-lists", || numbered(3_000, |i| format!("{}- > x\n", "  ".repeat(i % 300)))),
        ("rows-of-tables", || {
            let cells = "|a".repeat(2_000);
            let line = format!("{cells}|\n{}|\n", "|-".repeat(2_000));
            (line + &"|b\n".repeat(100_000)).into_bytes()
        }),
        ("open-shortcodes", || repeated("{{< youtube \"", 200_000)),
        ("open-tags-of-templates", || repeated("{% embed {% raw %} ", 200_000)),
        ("front-matter-without-end", || [b"---\n".to_vec(), repeated("a: [&a *a, {b: c}]\n", 150_000)].concat()),
        ("front-matter-of-aliases", || {
            let mut page = b"---\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_vec();
            page.extend(numbered(30, |i| {
                let aliases = format!("*a{i},").repeat(9);
                format!("a{}: &a{} [{}]\n", i + 1, i + 1, aliases.trim_end_matches(','))
            }));
            page.extend(b"---\nwords");
            page
        }),
        ("entities-without-end", || repeated("&#x1F600&amp&lt", 500_000)),
        ("urls-in-urls", || {
            numbered(20_000, |i| format!("<iframe src=\"https://e.example/?u={}\">", "http%3A%2F%2F".repeat(i % 60)))
        }),
    ]
}

/// The page that one line of the shared specification describes.
fn specified(spec: &Value) -> Vec<u8> {
    let times = usize::try_from(spec["n"].as_u64().expect("a number")).expect("a size");
    if let Some(part) = spec["repeat"].as_str() {
        let part = part.replace("\\0", "\0");
        let page: String = match part.contains("{i}") {
            true => (0..times).map(|index| part.replace("{i}", &index.to_string())).collect(),
            false => part.repeat(times),
        };
        return (page + spec["suffix"].as_str().unwrap_or_default()).into_bytes();
    }
    let template = spec["template"].as_str().expect("a template");
    if let Some(attribute) = spec["attrs"].as_str() {
        let attributes: Vec<_> = (0..times).map(|index| attribute.replace("{i}", &index.to_string())).collect();
        return template.replace("ATTRS", &attributes.join(" ")).into_bytes();
    }
    // `{x*n}` is x n times, `{x*5}` five times; a part may end in a brace of its own, as in `{a{*n}`.
    let factor = regex::Regex::new(r#"\{([^{}"]+\{?)\*(n|\d+)\}"#).expect("a pattern");
    let page =
        factor.replace_all(template, |found: &regex::Captures<'_>| found[1].repeat(found[2].parse().unwrap_or(times)));
    page.into_owned().into_bytes()
}

fn specs() -> Vec<Value> {
    let Some(file) = shared::shared("suites/html/hostile_specs.json") else {
        return Vec::new();
    };
    serde_json::from_slice(&fs::read(file).expect("the suite")).expect("a list")
}

fn names() -> Vec<String> {
    let given = specs().iter().map(|spec| spec["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>();
    own().iter().map(|(name, _)| (*name).to_owned()).chain(given).collect()
}

fn page(name: &str) -> Vec<u8> {
    match own().into_iter().find(|(own, _)| *own == name) {
        Some((_, make)) => make(),
        None => specified(specs().iter().find(|spec| spec["id"] == name).expect("a page of this name")),
    }
}

/// CPU time of this thread so far, where the system tells.
fn cpu_time() -> Option<Duration> {
    let words = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    words.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The most memory that this process had since it was last asked, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    // The next answer counts from here on.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// A name and what is done to a page.
type Task = (&'static str, fn(&Page));

/// What is done to a page: searched, as `detect` does; marked and read, as `add` does.
fn tasks() -> [Task; 2] {
    [
        ("detect", |page| drop(detect::search(page))),
        ("add", |page| drop(article::read(page, &detect::mark(page).marked_html))),
    ]
}

/// The other process: reads one page, and says what it cost. Without a name in the environment there is nothing to do.
#[test]
fn in_a_process_of_its_own() {
    let Ok(name) = env::var("EMBALM_HOSTILE_PAGE") else { return };
    let bytes = std::sync::Arc::new(page(&name));
    for kind in KINDS {
        for (task, run) in tasks() {
            peak_bytes();
            let bytes = std::sync::Arc::clone(&bytes);
            let measured = move || {
                let started = (cpu_time(), Instant::now());
                let page = Page::new(kind, "hostile", None, &bytes, None);
                run(&page);
                match (started.0, cpu_time()) {
                    (Some(from), Some(to)) => to.saturating_sub(from),
                    _ => started.1.elapsed(),
                }
            };
            let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(measured).expect("a thread");
            let cpu = thread.join().expect("no panic");
            println!("cost {name} {kind:?} {task} {} {}", cpu.as_millis(), peak_bytes().unwrap_or_default());
        }
    }
}

#[test]
fn every_hostile_page_is_read_in_bounded_time_and_memory() {
    let names: Vec<_> =
        names().into_iter().filter(|name| env::var("EMBALM_HOSTILE").map_or(true, |only| only == *name)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(name) = names.get(next.fetch_add(1, Ordering::SeqCst)) {
            let child = Command::new(env::current_exe().expect("this test"))
                .args(["--exact", "in_a_process_of_its_own", "--nocapture"])
                .env("EMBALM_HOSTILE_PAGE", name)
                .output()
                .expect("this test again");
            let out = String::from_utf8_lossy(&child.stdout);
            let costs: Vec<_> = out.lines().filter_map(|line| line.split_once("cost ")).map(|(_, cost)| cost).collect();
            if !child.status.success() || costs.len() != KINDS.len() * tasks().len() {
                let err = String::from_utf8_lossy(&child.stderr);
                wrong.push(format!("{name}: {} after {costs:?}\n{err}", child.status));
            }
            for cost in costs {
                let mut numbers = cost.rsplit(' ').map(|number| number.parse::<u64>().expect("a number"));
                let (memory, cpu_ms) = (numbers.next().expect("bytes"), numbers.next().expect("time"));
                println!("{cost}");
                if Duration::from_millis(cpu_ms) > MAX_CPU || memory > MAX_MEMORY_BYTES {
                    wrong.push(format!("{cost}: too much"));
                }
            }
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A generator of numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).expect("below the sides")
    }
}

/// Pieces that change what a parser thinks.
const PIECES: [&[u8]; 20] = [
    b"<",
    b">",
    b"\"",
    b"'",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"&#x110000;",
    b"<!--",
    b"]]>",
    b"</",
    b"<script>",
    b"<template>",
    b"<svg>",
    b"{{<",
    b"```",
    b"https://x.com/a/status/",
    b"(@",
    b"%00",
    b"\xf0\x9f",
];

fn damaged(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut page = seed.to_vec();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(page.len() + 1);
        let to = (at + dice.roll(200)).min(page.len());
        match dice.roll(5) {
            0 => page.truncate(at),
            1 => drop(page.drain(at..to)),
            2 => drop(page.splice(at..at, PIECES[dice.roll(PIECES.len())].iter().copied())),
            3 => {
                if let Some(byte) = page.get_mut(at) {
                    *byte ^= 1 << dice.roll(8);
                }
            }
            _ => {
                let piece = page[at..to].to_vec();
                let elsewhere = dice.roll(page.len() + 1);
                drop(page.splice(elsewhere..elsewhere, piece));
            }
        }
    }
    page
}

/// Reads bytes twice: nothing panics, and the second time finds what the first did.
fn read_twice(bytes: &[u8], kind: Kind) {
    let page = Page::new(kind, "damaged", None, bytes, None);
    let again = Page::new(kind, "damaged", None, bytes, None);
    assert_eq!(detect::search(&page).embeds, detect::search(&again).embeds, "{:?}", page.html);
    let (first, second) = (detect::mark(&page), detect::mark(&again));
    assert_eq!(first.embeds, second.embeds, "{:?}", page.html);
    assert!(first.marked_html == second.marked_html, "{:?}", page.html);
    drop(article::read(&page, &first.marked_html));
}

fn seeds() -> Vec<(Kind, Vec<u8>)> {
    let mut names: Vec<_> = ["fixtures/cases/detect", "fixtures/articles"]
        .iter()
        .flat_map(|folder| fs::read_dir(Path::new(folder)).expect("fixtures"))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    let kinds = names.iter().filter_map(|path| Some((Kind::by_ending(path.to_str()?)?, path)));
    kinds.map(|(kind, path)| (kind, fs::read(path).expect("a fixture"))).collect()
}

#[test]
fn damage_at_random_makes_nothing_panic_and_the_same_page_gives_the_same_embeds() {
    let seeds = seeds();
    assert!(seeds.len() > 20, "fixtures");
    let mut dice = Dice(0x5eed_0e4b_a1a5);
    for round in 0..3_000 {
        let (kind, seed) = &seeds[dice.roll(seeds.len())];
        let page = damaged(seed, &mut dice);
        read_twice(&page, if round % 10 == 0 { KINDS[dice.roll(3)] } else { *kind });
    }
}

#[test]
fn a_page_may_end_at_any_byte() {
    for kind in KINDS {
        let mut small: Vec<_> = seeds().into_iter().filter(|(own, _)| *own == kind).map(|(_, seed)| seed).collect();
        small.sort_by_key(Vec::len);
        for seed in small.iter().take(3) {
            for end in 0..seed.len().min(1_500) {
                read_twice(&seed[..end], kind);
            }
        }
    }
}
