//! What a drawn page must show.

use scraper::{ElementRef, Html, Selector};
use serde::Deserialize;

/// Of the elements that `select` names: how many, or the words of one of them, all or a part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    select: String,
    count: Option<usize>,
    text: Option<String>,
    has: Option<String>,
}

/// What is not as expected, in words.
pub(crate) fn missed(page: &Html, expected: &[Expectation]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Expectation { select, count, text, has } in expected {
        let selector = Selector::parse(select).unwrap();
        let found: Vec<String> = page.select(&selector).map(words).collect();
        let right = count.is_none_or(|count| found.len() == count)
            && text.as_ref().is_none_or(|text| found.contains(text))
            && has.as_ref().is_none_or(|part| found.iter().any(|words| words.contains(part)));
        if !right {
            wrong.push(format!("{select} {count:?} {text:?} {has:?}\n  found {found:?}"));
        }
    }
    wrong
}

/// The words of an element as a person compares them.
pub(crate) fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
