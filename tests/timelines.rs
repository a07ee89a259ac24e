//! The page of a post over time: each case of `fixtures/timelines/` drawn and searched for what it must show; and hostile
//! words in every place of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use embalm::{
    model::{KnownPost, StoredMedia},
    render::{
        Places, Shown,
        room::{self, Frame},
    },
};
use scraper::{ElementRef, Html, Selector};
use serde::Deserialize;
use serde_json::Value;
use std::{fs, path::PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    known: Value,
    expect: Vec<Expectation>,
}

/// Of the elements that `select` names: how many, or the words of one of them, all or a part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    select: String,
    count: Option<usize>,
    text: Option<String>,
    has: Option<String>,
}

fn cases() -> Vec<(PathBuf, Case)> {
    let files = fs::read_dir("fixtures/timelines").unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = files
        .map(|path| {
            let case = serde_json::from_str(&fs::read_to_string(&path).unwrap());
            let case = case.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, case)
        })
        .collect();
    cases.sort_by(|(one, _), (other, _): &(PathBuf, Case)| one.cmp(other));
    assert!(cases.len() > 3, "cases");
    cases
}

struct Rooms;

impl Places for Rooms {
    fn article(&self, id: i64) -> Option<String> {
        Some(format!("/article/{id}"))
    }

    fn post(&self, _key: &str) -> Option<String> {
        Some("/post/it".to_owned())
    }

    fn asked(&self, page: &str, name: &str, value: &str) -> Option<String> {
        Some(format!("{page}?{name}={value}"))
    }

    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String> {
        let digest = file.digest.as_ref().ok_or("was not fetched")?;
        Ok(Shown { url: format!("/media/{}", digest.len()), mime: "image/png" })
    }
}

fn draw(known: &Value) -> Html {
    let known: KnownPost = serde_json::from_value(known.clone()).unwrap();
    Html::parse_document(&room::post(&known, (1, 30), &Frame::viewer(), &mut Rooms).unwrap())
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_case_shows_what_it_must() {
    let mut wrong = Vec::new();
    for (path, case) in cases() {
        let page = draw(&case.known);
        for Expectation { select, count, text, has } in &case.expect {
            let selector = Selector::parse(select).unwrap();
            let found: Vec<String> = page.select(&selector).map(words).collect();
            let text = text.as_ref().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
            let right = count.is_none_or(|count| found.len() == count)
                && text.as_ref().is_none_or(|text| found.contains(text))
                && has.as_ref().is_none_or(|part| found.iter().any(|words| words.contains(part)));
            if !right {
                wrong.push(format!(
                    "{} ({})\n  {select} {count:?} {text:?} {has:?}\n  found {found:?}",
                    path.display(),
                    case.about
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words from outside that a page of a post shows.
const FREE: [&str; 21] = [
    "text",
    "text_html",
    "name",
    "handle",
    "alt",
    "label",
    "title",
    "description",
    "site",
    "warning",
    "before",
    "after",
    "detail",
    "failure",
    "note",
    "author_name",
    "author_handle",
    "site_name",
    "avatar",
    "image",
    "lang",
];

fn poison(value: &mut Value, payload: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(words) if FREE.contains(&name.as_str()) => payload.clone_into(words),
                    field => poison(field, payload),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, payload)),
        _ => {}
    }
}

#[test]
fn hostile_words_in_every_place_stay_words() {
    let payloads = [
        "<script>alert(1)</script>",
        "\"><img src=https://evil.example/x onerror=alert(1)>",
        "</dd></section><svg onload=alert(1)>",
        "javascript:alert(1)",
        "'\"`{{7*7}}{% include 'x' %}",
        "\u{202e}evil\u{2066}\u{0}]]>",
    ];
    let every = Selector::parse("*").unwrap();
    for (path, case) in cases() {
        let usual = draw(&case.known).select(&every).map(|one| one.value().name().to_owned()).collect::<Vec<_>>();
        for payload in payloads {
            let mut known = case.known.clone();
            poison(&mut known, payload);
            let page = draw(&known);
            for element in page.select(&every) {
                let element = element.value();
                let is_ours = |url: &str| url.starts_with('/') || url.starts_with('#');
                assert!(
                    usual.iter().any(|name| name == element.name())
                        || matches!(element.name(), "p" | "br" | "details" | "summary"),
                    "{} {payload}: <{}>",
                    path.display(),
                    element.name()
                );
                for (name, value) in element.attrs() {
                    assert!(!name.starts_with("on") && name != "style", "{} {payload}: {name}={value}", path.display());
                    assert!(name != "src" || is_ours(value), "{} {payload}: src={value}", path.display());
                    assert!(
                        name != "href" || is_ours(value) || value.starts_with("https://"),
                        "{payload}: href={value}"
                    );
                    assert!(!value.contains("evil.example/x\""), "{payload}: {value}");
                }
            }
            assert!(!page.html().contains("49}"), "templates draw words, they do not read them");
        }
    }
}
