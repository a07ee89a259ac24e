//! Lists of feeds as listparser's tests expect them. Its assertions are Python; each form of them is read here.

use super::{Reasons, Tally, json, shared};
use embalm::source::{FeedList, FeedRef, NotRead, Payload, read_opml};
use serde_json::Value;
use std::fs;

/// Assertions about what is not kept of a list.
const NOT_KEPT: Reasons<'_> = &[
    ("result['meta']['created*", "when a list was made is not kept"),
    ("result['meta'].get('created_parsed'*", "when a list was made is not kept"),
    ("result['meta']['modified*", "when a list was changed is not kept"),
    ("result['meta']['author']*", "whose list it is is not kept"),
    ("result['version']*", "nothing depends on the version"),
];

/// Python's literal of a string or of a list of strings, as JSON.
fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&text.replace('\'', "\"")).ok())
}

/// What `result['feeds'][0]['title']` and its like stand for.
fn value(list: &FeedList, expression: &str) -> Option<Value> {
    let steps: Vec<&str> = expression
        .trim()
        .strip_prefix("result[")?
        .strip_suffix(']')?
        .split("][")
        .map(|step| step.trim_matches(['\'', '"']))
        .collect();
    let refs = match *steps.first()? {
        "feeds" => &list.feeds,
        "lists" => &list.lists,
        "opportunities" => &list.sites,
        "meta" if steps[1..] == ["title"] => return Some(list.title.clone().unwrap_or_default().into()),
        _ => return None,
    };
    let Some(at) = steps.get(1) else { return Some(refs.len().into()) };
    let found: &FeedRef = refs.get(at.parse::<usize>().ok()?)?;
    let whole: Value = match *steps.get(2)? {
        "url" => found.url.as_str().into(),
        "title" => found.title.clone().unwrap_or_default().into(),
        "tags" => found.tags().collect::<Vec<_>>().into(),
        "categories" => found.categories.clone().into_iter().map(Value::from).collect::<Vec<_>>().into(),
        _ => return None,
    };
    match steps.get(3) {
        Some(at) => whole.get(at.parse::<usize>().ok()?).cloned(),
        None => Some(whole),
    }
}

/// Whether an assertion holds; none where it is of another form.
fn holds(list: &Result<FeedList, NotRead>, assertion: &str) -> Option<bool> {
    let empty = FeedList::default();
    if assertion == "result['bozo'] == 0" {
        // What is no list of feeds at all is refused here with its name, and an empty list there.
        return Some(list.is_ok() || list.as_ref().is_err_and(|error| matches!(error, NotRead::Other { .. })));
    }
    let list = list.as_ref().unwrap_or(&empty);
    if let Some((count, expected)) = assertion.strip_prefix("len(").and_then(|rest| rest.split_once(") == ")) {
        let found = match value(list, count)? {
            Value::Array(found) => found.len(),
            Value::Number(count) => usize::try_from(count.as_u64()?).ok()?,
            _ => return None,
        };
        return Some(expected.trim().parse() == Ok(found));
    }
    if let Some((left, right)) = assertion.split_once(" == ") {
        return Some(value(list, left)? == literal(right)?);
    }
    let (left, right) = assertion.split_once(" in ")?;
    let left = literal(left)?;
    if let Some(several) = right.strip_prefix('(').and_then(|several| several.strip_suffix(')')) {
        return Some(several.split(", ").any(|one| value(list, one).as_ref() == Some(&left)));
    }
    Some(value(list, right)?.as_array()?.contains(&left))
}

#[test]
fn listparsers_lists_hold_what_its_tests_say() {
    let Some(folder) = shared("suites/feeds") else { return };
    let mut tally = Tally::default();
    for case in json(&folder.join("opml_expect.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        let bytes = fs::read(folder.join(file)).expect("the list");
        let list = read_opml(Payload::of(&bytes));
        for assertion in case["asserts"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            match holds(&list, assertion) {
                Some(holds) => tally.judge(holds, || format!("{file}: {assertion} in {list:?}")),
                None => tally.excuse(assertion, NOT_KEPT),
            }
        }
    }
    tally.finish("listparser", 100, NOT_KEPT);
}

#[test]
fn a_long_list_without_end_tags_is_read_whole() {
    let outlines: String =
        (0..1000).map(|at| format!("<outline text='{at}' xmlUrl='https://tide.example/{at}'>")).collect();
    let list = read_opml(Payload::of(format!("<opml><body><outline text='g'>{outlines}").as_bytes())).expect("a list");
    assert_eq!(list.feeds.len(), 1000);
    assert!(list.feeds.iter().all(|feed| feed.tags().eq(["g"])));
}
