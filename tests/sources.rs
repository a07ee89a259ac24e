//! Feeds as others' suites expect them, where the suites are there: title, link, id and dates.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test ends at what it did not expect")]

use embalm::html::fragment_text;
use embalm::model::When;
use embalm::source::{Entry, Feed, Payload, read_feed};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use url::Url;

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var("EMBALM_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let path = Path::new(&root).join(path);
    if path.exists() {
        return Some(path);
    }
    println!("not there, so not tried: {}", path.display());
    None
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words alone, so that the suites' rewriting of markup does not count.
fn words(text: &str) -> String {
    fragment_text(&fragment_text(text)).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same address: scheme, host and path as a browser reads them.
fn same_url(expected: &str, found: Option<&Url>) -> bool {
    let expected = expected.trim();
    match (Url::parse(expected), found) {
        (Ok(url), Some(found)) => url == *found,
        // An address that leads nowhere is none.
        (Ok(url), None) => !matches!(url.scheme(), "http" | "https"),
        (Err(_), found) => found.is_none_or(|found| found.as_str().ends_with(expected)),
    }
}

/// Whether a feed holds what one row of feedparser's expectations says; none where the row is about something else.
fn holds(feed: &Feed, path: &[Value], expected: &Value) -> Option<bool> {
    let text = expected.as_str();
    let name = |index: usize| path.get(index).and_then(Value::as_str);
    let title = |found: Option<&String>, expected: &str| words(expected) == words(found.map_or("", String::as_str));
    match (name(0)?, path.len()) {
        ("feed", 2 | 3) => match (name(1)?, name(2)) {
            ("title", None) | ("title_detail", Some("value")) => Some(title(feed.title.as_ref(), text?)),
            ("link", None) => Some(same_url(text?, feed.link.as_ref())),
            _ => None,
        },
        ("entries", 3 | 4) => {
            let entry = feed.entries.get(usize::try_from(path[1].as_u64()?).ok()?);
            match (name(2)?, name(3)) {
                ("title", None) | ("title_detail", Some("value")) => {
                    Some(title(entry.and_then(|entry| entry.title.as_ref()), text?))
                }
                ("link", None) => Some(same_url(text?, entry.and_then(|entry| entry.url.as_ref()))),
                ("id", None) => Some(entry.is_some_and(|entry| entry.id == text.unwrap_or_default())),
                ("published_parsed", None) => {
                    let parts: Vec<i64> = expected.as_array()?.iter().filter_map(Value::as_i64).collect();
                    let found = entry.and_then(Entry::dated).map(|when| when.day());
                    Some(found.is_some_and(|day| {
                        parts.first() == Some(&i64::from(day.year())) && parts.get(2) == Some(&i64::from(day.day()))
                    }))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn tell(suite: &str, total: usize, wrong: &[String], least_percent: usize) {
    println!("{suite}: {} of {total}", total - wrong.len());
    for line in wrong {
        println!("  {line}");
    }
    assert!((total - wrong.len()) * 100 >= total * least_percent, "{suite}: under {least_percent} %");
}

#[test]
fn feedparsers_feeds_give_its_titles_links_ids_and_dates() {
    let Some(folder) = shared("suites/feeds") else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for case in json(&folder.join("feedparser_expect.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        let bytes = fs::read(folder.join(file)).expect("the feed");
        let location = case["http_headers"]["content-location"].as_str().and_then(|url| Url::parse(url).ok());
        let feed = read_feed(Payload::of(&bytes).at(location.as_ref()));
        for row in case["expect"].as_array().into_iter().flatten().filter(|row| row["op"] == "==") {
            let path = row["path"].as_array().expect("a path");
            let empty = Feed::default();
            let Some(right) = holds(feed.as_ref().unwrap_or(&empty), path, &row["value"]) else { continue };
            total += 1;
            if !right {
                let found = feed.as_ref().map_err(ToString::to_string);
                wrong.push(format!("{file}: {:?} is not {} in {found:?}", row["path"].to_string(), row["value"]));
            }
        }
    }
    tell("feedparser", total, &wrong, 85);
}

#[test]
fn gofeeds_feeds_give_its_titles_links_ids_and_dates() {
    let Some(folder) = shared("suites/feeds") else { return };
    let (mut total, mut wrong) = (0, Vec::new());
    for case in json(&folder.join("gofeed_index.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        // The rows without expectations are broken feeds; that they end at all is what is asked of them.
        let expected = case["expected"].as_str().map(|path| json(&folder.join(path))).unwrap_or_default();
        let bytes = fs::read(folder.join(file)).expect("the feed");
        let feed = read_feed(Payload::of(&bytes));
        let empty = Feed::default();
        let read = feed.as_ref().unwrap_or(&empty);
        let mut check = |what: &str, right: Option<bool>| {
            total += usize::from(right.is_some());
            if right == Some(false) {
                let found = feed.as_ref().map_err(ToString::to_string);
                wrong.push(format!("{file}: {what} in {found:?}"));
            }
        };
        let same_title = |expected: &Value, found: Option<&String>| {
            expected.as_str().map(|text| words(text) == words(found.map_or("", String::as_str)))
        };
        check("feed title", same_title(&expected["title"], read.title.as_ref()));
        check("feed link", expected["link"].as_str().map(|link| same_url(link, read.link.as_ref())));
        let items = expected["items"].as_array().or(expected["entries"].as_array());
        for (index, item) in items.into_iter().flatten().enumerate() {
            let entry = read.entries.get(index);
            check("title", same_title(&item["title"], entry.and_then(|entry| entry.title.as_ref())));
            check("link", item["link"].as_str().map(|link| same_url(link, entry.and_then(|entry| entry.url.as_ref()))));
            let day = |value: &Value| value.as_str().and_then(When::parse).map(When::day);
            let published = day(&item["publishedParsed"]).or(day(&item["pubDateParsed"]));
            check("date", published.map(|day| entry.and_then(Entry::dated).map(When::day) == Some(day)));
        }
    }
    tell("gofeed", total, &wrong, 70);
}
