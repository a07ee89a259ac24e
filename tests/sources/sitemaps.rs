//! Sitemaps as ultimate-sitemap-parser's tests expect them, from robots.txt down; and the protocol's limits.

use super::{Tally, json, shared};
use base64::{Engine, engine::general_purpose::STANDARD};
use embalm::{
    model::When,
    source::{Entry, MAX_SITEMAP_URLS, NotRead, Payload, read_sitemap},
};
use serde_json::{Map, Value};
use std::collections::{HashSet, VecDeque};
use url::Url;

/// Cases that end otherwise here, with the reason, and how many pages they have here.
const OTHERWISE: [(&str, usize, &str); 1] = [(
    "TestTreeSecurity::test_billion_laughs_attack",
    1,
    "its parser refuses every document that declares entities; here they are never expanded, so the page is read",
)];

/// A document's bytes, following its redirects; none where it is not there.
fn fetch(docs: &Map<String, Value>, url: &str) -> Option<(Vec<u8>, Option<String>)> {
    let doc = docs.get(url)?;
    if doc["status"] != 200 {
        return None;
    }
    let bytes = match doc["base64"].as_str() {
        Some(packed) => STANDARD.decode(packed).expect("base64"),
        None => doc["text"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    Some((bytes, doc["headers"]["Content-Type"].as_str().map(str::to_owned)))
}

/// Every page of a site: the sitemaps of its robots.txt, and those that they name.
fn pages(docs: &Map<String, Value>, home: &str) -> Vec<Entry> {
    let robots = fetch(docs, &format!("{home}/robots.txt")).map(|(bytes, _)| bytes).unwrap_or_default();
    let robots = String::from_utf8_lossy(&robots).trim_start_matches('\u{feff}').to_owned();
    let named = robots.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().replace('-', "").eq_ignore_ascii_case("sitemap").then(|| value.trim().to_owned())
    });
    let mut queue: VecDeque<String> = named.collect();
    let (mut seen, mut pages) = (HashSet::new(), Vec::new());
    while let Some(address) = queue.pop_front() {
        if !seen.insert(address.clone()) {
            continue;
        }
        let Some((bytes, kind)) = fetch(docs, &address) else { continue };
        let url = Url::parse(&address).expect("an address");
        let Ok(sitemap) = read_sitemap(Payload::of(&bytes).at(Some(&url)).typed(kind.as_deref())) else { continue };
        pages.extend(sitemap.pages);
        sitemap.sitemaps.into_iter().rev().for_each(|inner| queue.push_front(inner.url.into()));
    }
    pages
}

/// A page as the suite writes it: its own fields for news, or a feed's for the date.
fn same(expected: &Value, found: &Entry) -> bool {
    let date = |value: &Value| value.as_str().and_then(When::parse);
    let url = expected["url"].as_str().and_then(|url| Url::parse(url).ok());
    let news = &expected["news"];
    let same_title = news["title"].as_str().is_none_or(|title| found.title.as_deref() == Some(title));
    let same_date = date(&news["date"]).is_none_or(|date| found.dated() == Some(date));
    let same_change = date(&expected["lastmod"]).is_none_or(|date| found.updated == Some(date));
    found.url == url && same_title && same_date && same_change
}

#[test]
fn every_tree_of_sitemaps_gives_its_pages() {
    let Some(folder) = shared("suites/sitemaps") else { return };
    let mut tally = Tally::default();
    for case in json(&folder.join("usp_cases.json")).as_array().expect("a list") {
        let name = case["test"].as_str().expect("a name");
        let docs = case["docs"].as_object().expect("documents");
        let found = pages(docs, case["homepage"].as_str().expect("a home page"));
        let expected = case["expected_pages"].as_array().expect("pages");
        let otherwise = OTHERWISE.iter().find(|(otherwise, _, _)| *otherwise == name);
        let is_same =
            expected.len() == found.len() && expected.iter().zip(&found).all(|(page, found)| same(page, found));
        match otherwise {
            Some((_, count, reason)) => {
                tally.judge(!is_same && found.len() == *count, || format!("{name}: not otherwise: {reason}"));
            }
            None => tally.judge(is_same, || format!("{name}: {} is not {found:?}", case["expected_pages"])),
        }
    }
    tally.finish("ultimate-sitemap-parser", 17, &[]);
}

#[test]
fn a_sitemap_over_the_limit_is_read_up_to_it() {
    let mut text = String::from("<urlset>");
    for number in 0..=MAX_SITEMAP_URLS {
        text.push_str(&format!("<url><loc>https://tide.example/{number}</loc></url>"));
    }
    let sitemap = read_sitemap(Payload::of(text.as_bytes())).expect("a sitemap");
    assert_eq!(sitemap.pages.len(), MAX_SITEMAP_URLS);
    assert!(sitemap.note.is_some_and(|note| note.contains("50000")));
}

#[test]
fn what_is_no_sitemap_is_named() {
    let error = |text: &str| read_sitemap(Payload::of(text.as_bytes())).expect_err("no sitemap");
    assert!(matches!(error(" "), NotRead::Empty { .. }));
    assert!(matches!(error("<!doctype html><title>404</title>"), NotRead::HtmlPage { .. }));
    assert!(error("User-agent: *\nSitemap: https://tide.example/s.xml").to_string().contains("robots.txt"));
    assert!(error("<opml><body/></opml>").to_string().contains("`opml`"));
}
