//! Preserved pages: each page of `fixtures/originals/` beside what must be seen of it.

use crate::{
    dangers::{Output, dangers},
    expect::{Expectation, missed},
    rooms::Rooms,
};
use embalm::{
    model::{MediaKind, OriginalView, StoredMedia},
    render::room,
};
use scraper::Html;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    /// `html`, `markdown` or `text`.
    kind: String,
    content_type: Option<String>,
    url: Option<String>,
    expect: Vec<Expectation>,
    /// What the page must not hold, as written.
    #[serde(default)]
    absent: Vec<String>,
}

/// The one picture of these pages that is kept.
const KEPT: &str = "https://riverside-courier.example/img/quay.jpg";

pub(crate) fn view(bytes: &[u8], url: Option<&str>, title: &str) -> OriginalView {
    OriginalView {
        id: 7,
        name: url.unwrap_or("page.html").to_owned(),
        number: 2,
        versions: 3,
        title: title.to_owned(),
        lang: Some("en".to_owned()),
        kind: "html".to_owned(),
        content_type: None,
        url: url.and_then(|url| url.parse().ok()),
        captured_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        digest: "9f2c61d07a4e88b15d3a".to_owned(),
        bytes: bytes.to_vec(),
    }
}

pub(crate) fn drawn(view: &OriginalView) -> String {
    let mut kept = |url: &str| {
        (url == KEPT).then(|| StoredMedia {
            kind: MediaKind::Image,
            url: url.to_owned(),
            alt: None,
            width_px: None,
            height_px: None,
            duration_ms: None,
            mime: Some("image/jpeg".to_owned()),
            digest: Some("ab".repeat(32)),
            size_bytes: Some(3),
            bytes: None,
            failure: None,
            obtained: None,
            note: None,
        })
    };
    room::original(view, &room::Frame::viewer(), &mut Rooms, &mut kept).unwrap()
}

#[test]
fn every_preserved_page_shows_what_it_must() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in fs::read_dir("fixtures/originals").unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        count += 1;
        let case: Case = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let ending = if case.kind == "html" { "html" } else { "txt" };
        let bytes = fs::read(path.with_extension(ending)).unwrap();
        let view = OriginalView {
            kind: case.kind,
            content_type: case.content_type,
            ..view(&bytes, case.url.as_deref(), "A story")
        };
        let html = drawn(&view);
        let told =
            missed(&Html::parse_document(&html), &case.expect).into_iter().chain(dangers(&html, Output::Original));
        let left = case.absent.iter().filter(|part| html.contains(part.as_str())).map(|part| format!("holds {part}"));
        wrong.extend(told.chain(left).map(|what| format!("{} ({})\n  {what}", path.display(), case.about)));
    }
    assert!(count > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
