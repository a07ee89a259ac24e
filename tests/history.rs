//! `embalm history`: what became of a post and of an article, for people and for scripts.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod binary;

use binary::{embalm, ends};
use embalm::{
    model::{Article, Author, Gone, Media, MediaKind, Outcome, Post, PostRef, Via},
    store::{Capture, NewArticle, OverTime, Rung, Store},
};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

fn at(day: u8) -> Timestamp {
    format!("2026-01-{day:02}T10:00:00Z").parse().unwrap()
}

fn name() -> PostRef {
    let url = "https://twitter.com/i/status/1822768".parse().unwrap();
    PostRef { platform: "twitter".to_owned(), id: "1822768".to_owned(), author: None, url }
}

fn post(text: &str, pictures: &[&str]) -> Outcome {
    let author = Author { handle: "quay".to_owned(), name: Some("The Quay".to_owned()), ..Author::default() };
    let mut post = Post::new(name(), author, text);
    post.media = pictures.iter().map(|url| Media::new(MediaKind::Image, *url)).collect();
    Outcome::Found(Box::new(post))
}

/// A post that was edited, went away and came back, and an article with two versions.
fn archive(folder: &TempDir) {
    let mut store = Store::create_or_open(&folder.path().join("test.db")).unwrap();
    let run = store.begin_run("run", at(1)).unwrap();
    let looks = [
        (1, post("The bridge is open.", &["https://cdn.example/one.jpg"])),
        (2, post("The bridge is open.", &["https://cdn.example/one.jpg"])),
        (3, post("The bridge is closed.", &["https://cdn.example/two.jpg"])),
        (4, Outcome::Gone(Gone::Deleted)),
        (5, post("The bridge is closed.", &["https://cdn.example/two.jpg"])),
    ];
    for (day, outcome) in looks {
        let rung = Rung { captured_at: at(day), outcome, via: Via::Api, exchanges: Vec::new(), media: Vec::new() };
        let capture = Capture { post: name(), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
    }
    for (day, title, text) in [(1, "Bridge opens", "It opened."), (2, "Bridge closes", "It opened, then shut.")] {
        let article = Article { title: title.to_owned(), text: text.to_owned(), ..Article::default() };
        let new = NewArticle {
            name: "story.html",
            source: "add",
            kind: "html",
            original: text.as_bytes(),
            content_type: None,
            article: &article,
            embeds: &[],
            exchange: None,
            captured_at: at(day),
            over_time: OverTime::default(),
        };
        store.save_article(run, &new).unwrap();
    }
}

fn records(folder: &TempDir, args: &[&str]) -> Vec<Value> {
    let (out, _) = ends(embalm(folder.path()).arg("history").args(args).arg("--json"), 0);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn events(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["event"].as_str().unwrap()).collect()
}

#[test]
fn a_post_tells_what_changed_when_it_went_and_when_it_came_back() {
    let folder = TempDir::new().unwrap();
    archive(&folder);
    let newest_first = records(&folder, &["twitter:1822768"]);
    assert_eq!(events(&newest_first), ["returned", "vanished", "changed", "quiet", "captured"]);
    assert_eq!(newest_first[1]["state"], "deleted");
    assert_eq!(newest_first[0]["from"], "deleted");
    let changes = &newest_first[2]["changes"];
    assert_eq!(changes[0]["diff"], "The bridge is [-open-]{+closed+}.");
    assert_eq!(changes[1]["of"], "media");
    assert_eq!(changes[1]["after"], "https://cdn.example/two.jpg");
    assert_eq!(changes[2]["before"], "https://cdn.example/one.jpg");
    let mut oldest_first = records(&folder, &["https://x.com/quay/status/1822768", "--reverse"]);
    oldest_first.reverse();
    assert_eq!(oldest_first, newest_first, "the same in the other order, by another name");
    assert_eq!(events(&records(&folder, &["twitter:1822768", "--changes", "--limit", "2"])), ["returned", "vanished"]);
    assert_eq!(events(&records(&folder, &["twitter:1822768", "--until", "2026-01-01"])), ["captured"]);
}

#[test]
fn every_field_of_a_record_is_there_whatever_happened() {
    let folder = TempDir::new().unwrap();
    archive(&folder);
    let fields = [
        "at",
        "changes",
        "compared_with",
        "event",
        "failures",
        "from",
        "looks",
        "other_rung",
        "snapshot",
        "state",
        "target",
        "text",
        "until",
        "version",
        "via",
    ];
    for record in records(&folder, &["twitter:1822768"]).iter().chain(&records(&folder, &["story.html"])) {
        let mut known: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        known.sort_unstable();
        assert_eq!(known, fields);
    }
}

#[test]
fn an_article_tells_what_its_versions_changed() {
    let folder = TempDir::new().unwrap();
    archive(&folder);
    let records = records(&folder, &["story.html"]);
    assert_eq!(events(&records), ["changed", "captured"]);
    assert_eq!(records[0]["changes"][0]["diff"], "Bridge [-opens-]{+closes+}");
    assert_eq!(records[0]["changes"][1]["of"], "text");
    assert_eq!(records[0]["compared_with"], 1);
}

#[test]
fn a_person_reads_it_with_and_without_colour() {
    let folder = TempDir::new().unwrap();
    archive(&folder);
    let history = |args: &[&str]| ends(embalm(folder.path()).args(["history", "twitter:1822768"]).args(args), 0).0;
    let plain = history(&[]);
    assert!(plain.contains("The bridge is [-open-]{+closed+}."), "{plain}");
    assert!(plain.contains("not there any more: deleted") && plain.contains("as before"), "{plain}");
    let coloured = history(&["--color", "always"]);
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("{+"), "{coloured}");
    let csv = history(&["--csv"]);
    assert!(
        csv.starts_with("target,at,until,event,snapshot,version,compared_with,via,state,from,looks,text,changes\r\n")
    );
    assert_eq!(csv.matches("\r\n").count(), 6, "{csv}");
}

#[test]
fn what_is_not_in_the_archive_has_no_history() {
    let folder = TempDir::new().unwrap();
    archive(&folder);
    let (_, said) = ends(embalm(folder.path()).args(["history", "twitter:7"]), 1);
    assert!(said.contains("is not in the archive"), "{said}");
}
