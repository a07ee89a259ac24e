//! What a site has of an article beside its reading view: the preserved original, older versions, what changed.

use crate::{
    faults::faults,
    stage::{PNG, Stage, article, at, files, post},
};
use embalm::model::{Article, Media, MediaKind};
use std::collections::BTreeMap;

const NAME: &str = "https://news.example/ferry";

const PAGE: &str = "<!doctype html><base href='https://evil.example/'><style>p{}</style><nav>The harbour pages</nav>\
    <p onclick='x()'>It left at noon.<script>x()</script><img src='https://m.example/a' alt='The pier'>\
    <img src='https://m.example/unknown' alt='Never kept'><iframe src='https://evil.example/'></iframe>\
    <svg onload='x()'></svg><form action='https://evil.example/'><input name=q></form><meta http-equiv=refresh content='0;url=//evil.example'>";

fn said(words: &str) -> Article {
    Article { text: words.to_owned(), body_html: format!("<p>{words}</p>"), ..article("The ferry") }
}

fn text<'a>(files: &'a BTreeMap<String, Vec<u8>>, path: &str) -> &'a str {
    let bytes = files.get(path).unwrap_or_else(|| panic!("no {path}: {:?}", files.keys()));
    std::str::from_utf8(bytes).unwrap()
}

/// An article with so many versions, a minute apart.
fn changing(versions: usize) -> Stage {
    let mut stage = Stage::new();
    let mut shown = post("1", "With a picture");
    shown.media = vec![Media::new(MediaKind::Image, "https://m.example/a")];
    let post = stage.post(shown, &[("https://m.example/a", PNG)]);
    for number in 1..=versions {
        let (hour, minute) = (number / 60, number % 60);
        let when = at(&format!("2026-01-01T{hour:02}:{minute:02}:01Z"));
        let words = said(&format!("It left at noon, says number {number}."));
        stage.version(NAME, &words, &format!("{PAGE}<p>Number {number}"), when, std::slice::from_ref(&post));
    }
    stage
}

#[test]
fn the_preserved_original_stands_beside_the_reading_view_and_runs_nothing() {
    let stage = changing(1);
    stage.export_to("site");
    let files = files(&stage.out("site"));
    assert!(faults(&files).is_empty(), "{:?}", faults(&files));
    assert!(text(&files, "article/1.html").contains("<a href=\"../article/1.original.html\">Preserved original</a>"));
    let original = text(&files, "article/1.original.html");
    for expected in
        ["The harbour pages", "It left at noon.", "Number 1", "Never kept", "../media/", "../article/1.html"]
    {
        assert!(original.contains(expected), "{expected}: {original}");
    }
    assert!(original.contains("script-src &#39;none&#39;") && !original.contains("<script"), "{original}");
    assert_eq!(files.keys().filter(|path| path.starts_with("article/")).count(), 2);
}

#[test]
fn older_versions_have_their_pages_their_originals_and_what_changed() {
    let stage = changing(3);
    stage.export_to("site");
    let files = files(&stage.out("site"));
    assert!(faults(&files).is_empty(), "{:?}", faults(&files));
    let own: Vec<_> = files.keys().filter(|path| path.starts_with("article/")).map(String::as_str).collect();
    let expected = [
        "article/1.html",
        "article/1.original.html",
        "article/1.v1.html",
        "article/1.v1.original.html",
        "article/1.v2.changes.html",
        "article/1.v2.html",
        "article/1.v2.original.html",
        "article/1.v3.changes.html",
    ];
    assert_eq!(own, expected);
    assert!(text(&files, "article/1.html").contains("says number 3"));
    assert!(text(&files, "article/1.v2.html").contains("says number 2"));
    assert!(text(&files, "article/1.v2.html").contains("../article/1.v2.original.html"));
    assert!(text(&files, "article/1.v2.original.html").contains("<p>Number 2"));
    assert!(text(&files, "article/1.v2.original.html").contains("../article/1.v2.html"));
    assert_eq!(stage.export_to("site").changed, 0);
}

#[test]
fn of_many_versions_the_newest_ones_are_there_and_the_others_are_named_without_a_link() {
    let stage = changing(70);
    stage.export_to("site");
    let files = files(&stage.out("site"));
    assert!(faults(&files).is_empty(), "{:?}", faults(&files));
    let pages =
        |ending: &str| files.keys().filter(|path| path.starts_with("article/1.v") && path.ends_with(ending)).count();
    assert_eq!((pages(".original.html"), pages(".changes.html"), pages(".html")), (20, 20, 60));
    assert!(files.contains_key("article/1.v69.html") && !files.contains_key("article/1.v49.html"));
    assert!(text(&files, "article/1.html").contains("70, newest first"));
}
