//! `embalm rewrite`: each page of `fixtures/rewrite/` beside what must become of it; every one of them rewritten twice, and
//! put back byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod binary;

use binary::{embalm, ends};
use embalm::{
    export::{RewriteOptions, Rewriter},
    model::{Author, Gone, Outcome, Post, PostRef, Via},
    store::{Capture, Rung, Store},
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::PathBuf};
use tempfile::TempDir;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    /// What is done with each post.
    actions: BTreeMap<String, String>,
    /// What must not be in the page any more, but for the attribute that keeps it.
    gone: Vec<String>,
    kept: Vec<String>,
}

fn cases() -> Vec<(PathBuf, Vec<u8>, Case)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir("fixtures/rewrite").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    paths.sort();
    assert!(paths.len() > 8, "cases");
    let case = |path: PathBuf| {
        let case = serde_json::from_str(&fs::read_to_string(path.with_extension("json")).unwrap());
        let case = case.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.clone(), fs::read(&path).unwrap(), case)
    };
    paths.into_iter().map(case).collect()
}

/// Two dead posts, and a living one, with their words.
fn archive(folder: &TempDir) -> Store {
    let mut store = Store::create_or_open(&folder.path().join("test.db")).unwrap();
    let at = |hour: u8| -> Timestamp { format!("2026-01-01T{hour:02}:00:00Z").parse().unwrap() };
    let run = store.begin_run("run", at(0)).unwrap();
    let mut keep = |platform: &str, id: &str, url: &str, text: &str, gone: bool| {
        let post =
            PostRef { platform: platform.to_owned(), id: id.to_owned(), author: None, url: url.parse().unwrap() };
        let author = Author { handle: "quay".to_owned(), name: Some("The Quay 橋".to_owned()), ..Author::default() };
        let found = Outcome::Found(Box::new(Post::new(post.clone(), author, text)));
        let rung = |hour, outcome| {
            let rung = Rung { captured_at: at(hour), outcome, via: Via::Api, exchanges: Vec::new(), media: Vec::new() };
            Capture { post: post.clone(), rungs: vec![rung], retry: None, related: Vec::new() }
        };
        store.save_capture(run, &rung(1, found)).unwrap();
        if gone {
            store.save_capture(run, &rung(2, Outcome::Gone(Gone::Deleted))).unwrap();
        }
    };
    keep("twitter", "1822768", "https://twitter.com/i/status/1822768", "The bridge is open. </div></figure>", true);
    keep("twitter", "1822769", "https://twitter.com/i/status/1822769", "Still here.", false);
    keep("youtube", "cQ4bNd_St2g", "https://www.youtube.com/watch?v=cQ4bNd_St2g", "Nine brass players", true);
    store
}

#[test]
fn each_page_becomes_what_its_case_says_twice_and_back() {
    let folder = TempDir::new().unwrap();
    let store = archive(&folder);
    for (path, page, case) in cases() {
        let name = format!("{}: {}", path.display(), case.about);
        let mut rewriter = Rewriter::new(&store, RewriteOptions::default(), None).unwrap();
        let once = rewriter.page("page", &page).unwrap();
        assert_eq!(once.problem, None, "{name}");
        let actions: BTreeMap<String, String> =
            once.embeds.iter().map(|embed| (embed.key.clone(), embed.action.as_str().to_owned())).collect();
        assert_eq!(actions, case.actions, "{name}");
        let text = String::from_utf8_lossy(&once.bytes).into_owned();
        for gone in &case.gone {
            assert!(!text.contains(gone.as_str()), "{name}: {gone} is there in {text}");
        }
        for kept in &case.kept {
            assert!(text.contains(kept.as_str()), "{name}: {kept} is not there in {text}");
        }
        let twice = rewriter.page("page", &once.bytes).unwrap();
        assert!(twice.bytes == once.bytes, "{name}: again is as once");
        let back = RewriteOptions { restore: true, ..RewriteOptions::default() };
        let back = Rewriter::new(&store, back, None).unwrap().page("page", &once.bytes).unwrap();
        assert!(back.bytes == page, "{name}: put back");
    }
}

#[test]
fn every_byte_outside_of_the_frames_is_the_pages_own() {
    let folder = TempDir::new().unwrap();
    let store = archive(&folder);
    for (path, page, _) in cases() {
        let all = RewriteOptions { all: true, ..RewriteOptions::default() };
        let new = Rewriter::new(&store, all, None).unwrap().page("page", &page).unwrap().bytes;
        let (mut at, mut rest) = (0, new.as_slice());
        while let Some(start) = memchr::memmem::find(rest, b"<div class=\"embalm-embed\"") {
            assert!(page[at..].starts_with(&rest[..start]), "{}", path.display());
            let end = embalm::detect::element_end(rest, start).unwrap();
            let original =
                std::str::from_utf8(&rest[start..end]).unwrap().split("data-embalm-original=\"").nth(1).unwrap();
            use base64::Engine as _;
            let original =
                base64::engine::general_purpose::STANDARD.decode(original.split('"').next().unwrap()).unwrap();
            assert!(page[at + start..].starts_with(&original), "{}", path.display());
            at += start + original.len();
            rest = &rest[end..];
        }
        assert!(page[at..] == *rest, "{}", path.display());
    }
}

#[test]
fn pages_that_cannot_be_told_apart_by_bytes_stay_as_they_are() {
    let folder = TempDir::new().unwrap();
    let store = archive(&folder);
    let page = fs::read_to_string("fixtures/rewrite/a-dead-post-with-its-script.html").unwrap();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(page.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let rewritten = Rewriter::new(&store, RewriteOptions::default(), None).unwrap().page("page", &wide).unwrap();
    assert!(rewritten.problem.is_some() && rewritten.bytes == wide);
}

#[test]
fn a_folder_is_rewritten_in_place_with_copies_and_to_another_folder() {
    let folder = TempDir::new().unwrap();
    drop(archive(&folder));
    let site = folder.path().join("site/2026");
    fs::create_dir_all(&site).unwrap();
    let page = fs::read("fixtures/rewrite/a-dead-post-with-its-script.html").unwrap();
    fs::write(site.join("story.html"), &page).unwrap();
    fs::write(site.join("plain.html"), "<p>Nothing.</p>").unwrap();
    fs::write(site.join("notes.txt"), &page).unwrap();
    let run =
        |args: &[&str]| ends(embalm(folder.path()).arg("rewrite").arg(folder.path().join("site")).args(args), 0).0;
    let out = folder.path().join("out");
    let told = run(&["--json", "--out", out.to_str().unwrap()]);
    assert!(told.contains("\"action\":\"replaced\"") && told.lines().count() == 1, "{told}");
    let new = fs::read(out.join("2026/story.html")).unwrap();
    assert!(new != page && out.join("2026/plain.html").exists() && !out.join("2026/notes.txt").exists());
    assert!(fs::read(site.join("story.html")).unwrap() == page, "the folder itself is as it was");
    run(&["--dry-run", "--in-place"]);
    assert!(fs::read(site.join("story.html")).unwrap() == page, "a dry run writes nothing");
    run(&["--in-place"]);
    run(&["--in-place"]);
    assert!(fs::read(site.join("story.html")).unwrap() == new, "in place it is the same");
    assert!(fs::read(site.join("story.html.orig")).unwrap() == page, "the copy is the first page");
    assert!(!site.join("plain.html.orig").exists(), "what did not change has no copy");
    run(&["--in-place", "--restore"]);
    assert!(fs::read(site.join("story.html")).unwrap() == page);
}

#[test]
fn a_page_goes_through_stdin_and_stdout_and_wrong_usage_touches_nothing() {
    let folder = TempDir::new().unwrap();
    drop(archive(&folder));
    let page = fs::read("fixtures/rewrite/a-dead-post-with-its-script.html").unwrap();
    let output = assert_cmd::Command::from_std(std::process::Command::new(env!("CARGO_BIN_EXE_embalm")))
        .env("EMBALM_ARCHIVE", folder.path().join("test.db"))
        .args(["rewrite", "-"])
        .write_stdin(page)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("<!DOCTYPE html>\n<html lang=en>") && text.contains("data-embalm-post=\"twitter:1822768\"")
    );
    assert!(!text.contains("<script"), "{text}");
    let wrong = |args: &[&str]| ends(embalm(folder.path()).arg("rewrite").args(args), 2);
    wrong(&[]);
    wrong(&["-", "--in-place"]);
    wrong(&["fixtures/rewrite"]);
    wrong(&["nowhere.html"]);
    wrong(&["fixtures/rewrite/shift-jis.html", "--media-url", "/media/"]);
    let left = "fixtures/rewrite/an-end-tag-that-never-comes.html";
    ends(embalm(folder.path()).args(["rewrite", left, "--dry-run", "--strict"]), 3);
}
