//! A post's page and history over a real archive: captured, edited, deleted and back, as the binary keeps it.
//!
//! To look at the page of it: `EMBALM_POST_OUT=folder cargo test --test post_over_time` leaves the archive there.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod binary;
mod days;

use binary::{embalm, ends};
use days::{KEY, POST, alive, case, day, number, records};
use embalm::{
    model::{Difference, State, StoredMedia, Timeline, TimelineEvent},
    render::{
        Places, Shown,
        room::{self, Frame},
    },
    store::{ARTICLES_OF_A_POST, KnownParts, Store},
};
use scraper::{Html, Selector};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

/// The post on one day, with another name, description of its picture, and so on.
fn otherwise(words: &str, likes: u64, change: impl FnOnce(&mut Value)) -> Vec<Value> {
    let mut exchanges = alive(words, likes);
    change(&mut exchanges[0]["body"]);
    exchanges
}

fn look(folder: &Path, command: &str, at: &str, exchanges: &[Value]) {
    let recording = day(folder, at, exchanges);
    let (out, _) = ends(embalm(folder).args([command, "--json", POST, "--replay"]).arg(&recording), 0);
    assert!(!records(&out).is_empty(), "a summary");
}

/// A post's year: seen, seen again, edited, deleted, back, in trouble.
fn year(folder: &Path) -> Store {
    look(folder, "add", "2026-03-30T08:00:00Z", &alive("Low water at the <b>old</b> quay.", 30));
    look(folder, "recheck", "2026-03-31T08:00:00Z", &alive("Low water at the <b>old</b> quay.", 31));
    look(folder, "recheck", "2026-04-01T08:00:00Z", &alive("Low water at the <b>old</b> quay.", 31));
    look(folder, "recheck", "2026-04-02T08:00:00Z", &alive("High water at the <b>old</b> quay.", 45));
    look(
        folder,
        "recheck",
        "2026-04-03T08:00:00Z",
        &otherwise("High water at the <b>old</b> quay.", 50, |body| {
            body["account"]["display_name"] = "Harbour <script>alert(1)</script>".into();
            body["spoiler_text"] = "Wet".into();
        }),
    );
    look(folder, "recheck", "2026-04-04T08:00:00Z", &case("mastodon/a_tombstone"));
    look(folder, "recheck", "2026-04-05T08:00:00Z", &case("mastodon/a_tombstone"));
    look(folder, "recheck", "2026-04-06T08:00:00Z", &alive("High water at the <b>old</b> quay.", 52));
    let mut broken = case("mastodon/a_post_that_is_not_there");
    for exchange in &mut broken {
        exchange["status"] = 503.into();
    }
    look(folder, "recheck", "2026-04-07T08:00:00Z", &broken);
    Store::open_read_only(&folder.join("test.db")).unwrap()
}

fn told(timeline: &Timeline) -> Vec<String> {
    let words = timeline.entries.iter().map(|entry| match &entry.event {
        TimelineEvent::Captured(captured) => {
            let what = captured.differences.iter().map(|difference| match difference {
                Difference::Text { .. } => "text",
                Difference::Value { of, .. } => of,
                Difference::Count { .. } => "count",
                other => panic!("{other:?}"),
            });
            let back = captured.returned_from.map_or("", |_| "back ");
            format!("captured {back}[{}]", what.collect::<Vec<_>>().join(" "))
        }
        TimelineEvent::Quiet(quiet) => format!("{} {}x", quiet.state.as_str(), quiet.confirmed),
        TimelineEvent::Vanished { state, .. } => state.as_str().to_owned(),
        other => panic!("{other:?}"),
    });
    words.collect()
}

/// The viewer's addresses, as far as the tests ask for them.
struct Rooms;

impl Places for Rooms {
    fn post(&self, key: &str) -> Option<String> {
        Some(format!("/post/{key}"))
    }

    fn asked(&self, page: &str, name: &str, value: &str) -> Option<String> {
        Some(format!("{page}?{name}={value}"))
    }

    fn media(&mut self, _file: &StoredMedia) -> Result<Shown, String> {
        Err("is left out of this test".to_owned())
    }
}

fn page(store: &Store, parts: KnownParts) -> Html {
    let known = store.known_post(KEY, parts).unwrap().unwrap();
    Html::parse_document(&room::post(&known, (1, ARTICLES_OF_A_POST), &Frame::viewer(), &mut Rooms).unwrap())
}

fn words(page: &Html, select: &str) -> Vec<String> {
    let select = Selector::parse(select).unwrap();
    let found = page.select(&select);
    found.map(|one| one.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_post_s_year_is_told_from_its_capture_to_its_return() {
    let folder = TempDir::new().unwrap();
    let store = year(folder.path());
    if let Some(out) = std::env::var_os("EMBALM_POST_OUT") {
        fs::create_dir_all(&out).unwrap();
        fs::copy(folder.path().join("test.db"), Path::new(&out).join("a.db")).unwrap();
    }
    let timeline = store.timeline(KEY, 1).unwrap().unwrap();
    assert_eq!(
        told(&timeline),
        [
            "captured []",
            "live 2x",
            "captured [text count]",
            "captured [author_name warning count]",
            "deleted",
            "deleted 1x",
            "captured back [author_name warning count]",
            "live 0x",
        ]
    );
    assert_eq!((timeline.page, timeline.pages, timeline.looks, timeline.older), (1, 1, 9, 0));
    let likes: Vec<u64> = timeline.counts.iter().map(|at| at.counts["likes"]).collect();
    assert_eq!(likes, [30, 45, 50, 52]);
    let record = serde_json::to_string(&timeline).unwrap();
    assert_eq!(serde_json::from_str::<Timeline>(&record).unwrap(), timeline, "a record is read as it was written");
}

#[test]
fn the_page_says_all_that_is_known_in_plain_words() {
    let folder = TempDir::new().unwrap();
    let store = year(folder.path());
    let page = page(&store, KnownParts::default());
    let timeline = words(&page, ".timeline > li .what strong");
    assert_eq!(
        timeline,
        [
            "Captured",
            "Seen alive twice",
            "Changed",
            "Changed",
            "Seen gone: deleted",
            "Seen gone again, once",
            "There again, and changed",
            "Learnt nothing, once"
        ]
    );
    assert_eq!(words(&page, ".timeline del")[0], "[removed: Low]");
    assert_eq!(words(&page, ".timeline ins")[0], "[added: High]");
    assert!(words(&page, ".timeline .told").iter().any(|words| words.contains("status 503")));
    assert!(words(&page, ".timeline dd").iter().any(|words| words.contains("<script>alert(1)</script>")));
    assert_eq!(words(&page, "script").concat(), "", "no script stands in the page itself");
    assert_eq!(words(&page, ".page-head .state"), ["Still there"]);
    let facts = words(&page, "dl.facts dd").join(" | ");
    for part in ["mastodon:harbour.example/116300000012345678", "6 Apr 2026", "status 503", "public API"] {
        assert!(facts.contains(part), "{part}: {facts}");
    }
    assert_eq!(words(&page, ".curves .label").len(), 4);
}

#[test]
fn every_snapshot_can_be_read_by_itself_and_says_that_it_is_old() {
    let folder = TempDir::new().unwrap();
    let store = year(folder.path());
    let first = number(folder.path(), "SELECT min(id) FROM snapshots");
    let page = page(&store, KnownParts { snapshot: Some(first), ..KnownParts::default() });
    assert!(words(&page, ".old-state")[0].contains("This is an old state of the post."));
    assert!(words(&page, ".embed .words")[0].contains("Low water"));
    let gone = number(folder.path(), "SELECT id FROM snapshots WHERE outcome = 'deleted'");
    let known = store.known_post(KEY, KnownParts { snapshot: Some(gone), ..KnownParts::default() }).unwrap().unwrap();
    assert_eq!((known.asked.unwrap().state, known.post.content), (State::Deleted, None));
    let other = KnownParts { snapshot: Some(1_000_000), ..KnownParts::default() };
    assert_eq!(store.known_post(KEY, other).unwrap(), None, "no snapshot of this post");
}

#[test]
fn an_author_is_found_by_any_form_of_the_handle_with_the_names_of_the_year() {
    let folder = TempDir::new().unwrap();
    let store = year(folder.path());
    for handle in ["mole", "@MOLE", "mole@harbour.example", "@Mole@HARBOUR.example "] {
        let view = store.author_view("mastodon", handle, 1).unwrap().unwrap_or_else(|| panic!("{handle}"));
        assert_eq!((view.posts_total, view.pages, view.gone), (1, 1, 0), "{handle}");
        let names: Vec<&str> = view.names.iter().map(|seen| seen.name.as_str()).collect();
        assert_eq!(names, ["Mole of the Pier :anchor:", "Harbour <script>alert(1)</script>"]);
        assert_eq!(view.names[0].snapshots, 3);
        let page = Html::parse_document(&room::author(&view, &Frame::viewer(), &mut Rooms).unwrap());
        assert_eq!(words(&page, "h1"), ["Mole of the Pier :anchor:"]);
        assert!(words(&page, ".seen li").concat().contains("<script>"), "words stay words");
    }
    for (platform, handle) in
        [("mastodon", "mol"), ("mastodon", "mole@other.example"), ("twitter", "mole"), ("mastodon", "@")]
    {
        assert_eq!(store.author_view(platform, handle, 1).unwrap(), None, "{platform} {handle}");
    }
}

#[test]
fn a_platform_tells_how_it_answered_and_what_can_be_captured_there() {
    let folder = TempDir::new().unwrap();
    let store = year(folder.path());
    let view = store.platform_view("mastodon").unwrap();
    assert_eq!((view.record.posts, view.latest.len(), view.vanished.len()), (1, 1, 0));
    assert_eq!((view.authors[0].handle.as_str(), view.authors[0].posts, view.authors_of), ("mole", 1, 1));
    let page = Html::parse_document(&room::platform(&view, &Frame::viewer(), &mut Rooms).unwrap());
    assert!(words(&page, "dl.facts dd").concat().contains("originals"));
    assert!(words(&page, "table tbody tr").len() >= 2, "runs and authors");
    let all = room::platforms(&store.platform_records().unwrap(), &Frame::viewer(), &Rooms).unwrap();
    let all = Html::parse_document(&all);
    assert_eq!(words(&all, "#here ~ div tbody th"), ["Mastodon"]);
    assert!(words(&all, "#others ~ div tbody th").len() > 20);
    let none = store.platform_view("vine").unwrap();
    assert_eq!(none.record.posts, 0);
    assert!(room::platform(&none, &Frame::viewer(), &mut Rooms).unwrap().contains("No post of it is in this archive."));
}

#[test]
fn a_history_that_was_kept_quiet_is_drawn_in_one_line() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    look(folder, "add", "2026-03-30T08:00:00Z", &alive("Low water.", 30));
    let sqlite = rusqlite::Connection::open(folder.join("test.db")).unwrap();
    sqlite
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
             INSERT INTO looks (post, run, looked_at, via, result, state, snapshot)
             SELECT p.id, 1, strftime('%Y-%m-%dT%H:%M:%S.000Z', 1780000000 + i * 3600, 'unixepoch'), 'api', 'unchanged', 'live', p.snapshot
             FROM n, posts p WHERE p.platform = 'mastodon' AND p.snapshot IS NOT NULL;",
        )
        .unwrap();
    let store = Store::open_read_only(&folder.join("test.db")).unwrap();
    let timeline = store.timeline(KEY, 7).unwrap().unwrap();
    assert_eq!(told(&timeline), ["captured []", "live 10000x"]);
    assert_eq!((timeline.page, timeline.looks), (1, 10_001), "a page beyond the last is the last");
}
