//! Archives of random histories: whatever was captured, edited, deleted, imported, read anew and pruned in whatever order, an
//! export read into an empty archive is the same archive. The same histories each time.

use super::{content, embalm, ends};
use crate::{
    days::{KEY, alive, case, day, number},
    rich::{look, there_and_back},
};
use std::{fs, path::Path};
use tempfile::TempDir;

/// The number of the first history: it, and the next one, have some of everything.
const FIRST: u64 = 9;

/// Histories; `EMBALM_HISTORIES=40 cargo test --test round_trip whatever` for another number.
const HISTORIES: u64 = 3;

/// What happens in each.
const STEPS: u64 = 9;

/// Numbers that look random and are the same every time (Steele's SplitMix64).
struct Chance(u64);

impl Chance {
    fn of(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

const WORDS: [&str; 4] =
    ["Low water at the old quay.", "High water, says Zoë.", "明日は船が出ません。", "Nobody sails <at> noon & after."];

/// The words of a page, long enough to be an article's.
fn told(words: &str) -> String {
    format!("{words} The ferry goes out of the harbour of Calder Quay with everybody on deck. ").repeat(12)
}

/// An article as a file of pages has it, with the post in it or without.
fn article(folder: &Path, n: u64, words: &str, embeds: bool) {
    let embed =
        if embeds { "<iframe src=\"https://harbour.example/@mole/116300000012345678/embed\"></iframe>" } else { "" };
    let html =
        format!("<title>Story {n}: {words}</title><article><h1>Story {n}</h1><p>{}</p>{embed}</article>", told(words));
    let line = serde_json::json!({"url": format!("https://news.example/story-{n}"), "html": html}).to_string();
    fs::write(folder.join("pages.jsonl"), line).unwrap();
    // Where the post is not recorded, it fails for now: that is kept too.
    let _ = embalm(folder).args(["add", "-q", "--offline"]).arg(folder.join("pages.jsonl")).output().unwrap();
}

/// A feed that has all of an article, whose page has its beginning alone.
fn feed(folder: &Path, at: &str, n: u64, words: &str) {
    let address = format!("https://courier.example/{n}");
    let body = format!(
        "<p>{}</p><blockquote class=\"mastodon-embed\" \
        data-embed-url=\"https://harbour.example/@mole/116300000012345678/embed\"></blockquote>",
        told(words)
    );
    let escaped = body.replace('&', "&amp;").replace('<', "&lt;");
    let feed = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Courier</title>\
         <link>https://courier.example/</link><item><title>Item {n}</title><link>{address}</link><guid>{address}</guid>\
         <content:encoded>{escaped}</content:encoded></item></channel></rss>"
    );
    let page = format!("<title>Item {n}</title><article><h1>Item {n}</h1><p>Read on as a subscriber.</p></article>");
    let answer = |url: &str, kind: &str, body: String| serde_json::json!({"url": url, "status": 200, "headers": {"content-type": kind}, "body": body});
    let mut exchanges = alive(words, n);
    exchanges.push(answer("https://courier.example/feed.xml", "application/rss+xml", feed));
    exchanges.push(answer(&address, "text/html; charset=utf-8", page));
    let config = folder.join("config.toml");
    fs::write(&config, "[[source]]\nname = \"courier\"\nkind = \"feed\"\nurl = \"https://courier.example/feed.xml\"\n")
        .unwrap();
    let recording = day(folder, at, &exchanges);
    let _ =
        embalm(folder).args(["run", "-q", "--config"]).arg(&config).arg("--replay").arg(&recording).output().unwrap();
}

/// One thing that happens, on a day of its own.
fn step(folder: &Path, nth: u64, chance: &mut Chance) {
    let at = format!("2026-{:02}-{:02}T08:00:00Z", 2 + nth, 1 + chance.of(27));
    let words = WORDS[usize::try_from(chance.of(4)).unwrap()];
    let looks = format!("SELECT count(*) FROM looks l JOIN posts p ON p.id = l.post WHERE p.key = '{KEY}'");
    let known = folder.join("test.db").exists() && number(folder, &looks) > 0;
    let command = if known { "recheck" } else { "add" };
    match chance.of(10) {
        0..=2 => look(folder, command, &at, &alive(words, chance.of(90))),
        3 => {
            let mut without_files = alive(words, 7);
            without_files.retain(|exchange| !exchange["url"].as_str().unwrap().ends_with(".png"));
            look(folder, command, &at, &without_files);
        }
        4 => look(folder, command, &at, &case("mastodon/a_tombstone")),
        5 => article(folder, chance.of(2), words, chance.of(2) == 0),
        6 => feed(folder, &at, chance.of(2), words),
        7 => {
            let kinds = ["x", "mastodon", "gallery-dl", "auto-archiver"];
            let source = Path::new("fixtures/imports").join(kinds[usize::try_from(chance.of(4)).unwrap()]);
            let _ = embalm(folder).args(["import", "-q"]).arg(&source).output().unwrap();
        }
        8 if known => drop(embalm(folder).args(["reparse", "-q"]).output().unwrap()),
        9 if known => {
            ends(embalm(folder).args(["prune", "-q", "--yes", "--snapshots", "--keep-last", "2"]), 0);
        }
        _ => look(folder, command, &at, &alive(words, 1)),
    }
}

#[test]
fn whatever_happened_to_an_archive_its_export_read_into_an_empty_one_is_the_same() {
    let histories = std::env::var("EMBALM_HISTORIES").ok().and_then(|number| number.parse().ok()).unwrap_or(HISTORIES);
    for seed in FIRST..FIRST + histories {
        let folder = TempDir::new().unwrap();
        let mut chance = Chance(seed * 1_000_003);
        for nth in 0..STEPS {
            step(folder.path(), nth, &mut chance);
        }
        let all = content::of(&folder.path().join("test.db"));
        println!(
            "history {seed}: {} articles, {} versions, {} embeds, {} posts, {} snapshots, {} media, {} looks",
            all["articles"].len(),
            all["versions"].len(),
            all["embeds"].len(),
            all["posts"].len(),
            all["snapshots"].len(),
            all["media"].len(),
            all["looks"].len()
        );
        there_and_back(folder.path(), &[], &[]);
    }
}
