//! robots.txt as others read it: verdicts of their test suites, and those of Google's parser over real files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

mod shared;

use embalm::robots::Robots;
use serde_json::Value;

/// Where other parsers differ from Google's, which is followed: the case, by its test and what it asks, and why.
const OTHERWISE: [(&str, &str, &str); 7] = [
    ("test_1996rfc_examples", "5bot /a/b.html", "an escaped slash is not a slash (RFC 9309, 2.2.2: octet by octet)"),
    ("test_1996rfc_examples", "6bot /a%2fb.html", "the same the other way round"),
    ("test_grouping_unknown_keys", "agent ", "a line of no known kind ends no list of agents (RFC 9309, 2.2.4)"),
    ("test_generosity", " http://foo.bar/myprofile", "an agent's name has no wildcards"),
    (
        "test_percentage_encoding",
        "FooBot ",
        "an address has no bytes beyond ASCII, and escapes are compared as they are",
    ),
    ("test_with_absolute_urls", "FooBot ", "a rule is about paths, and begins with a slash"),
    ("test_skip_malformed_line", "agent /no/colon", "two words without a colon are a rule"),
];

/// What stands behind the host of an address, as it is given and not as a browser would write it.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    match rest.find(['/', '?', ';']) {
        Some(at) if rest[at..].starts_with('/') => rest[at..].to_owned(),
        Some(at) => format!("/{}", &rest[at..]),
        None => "/".to_owned(),
    }
}

/// Bytes of a case: each character of `_latin1` is one.
fn bytes(case: &Value, key: &str) -> Vec<u8> {
    match (&case[key], &case[format!("{key}_latin1")]) {
        (Value::String(text), _) => text.clone().into_bytes(),
        (_, Value::String(text)) => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        other => panic!("no {key}: {other:?}"),
    }
}

fn verdict(robots: &[u8], agent: &str, url: &str) -> bool {
    Robots::parse(robots, &[agent]).allows(&path(url)).is_ok()
}

fn is_otherwise(test: &str, asked: &str) -> bool {
    OTHERWISE.iter().any(|(known, what, _)| test.ends_with(known) && asked.contains(what))
}

#[test]
fn suites_of_other_parsers_agree() {
    let Some(folder) = shared::shared("suites/robots") else { return };
    let mut wrong = Vec::new();
    for name in ["google_unit", "protego_unit", "reppy_unit"] {
        let text = std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        let (mut ours, mut theirs) = (0, 0);
        for case in &cases {
            let test = case["test"].as_str().unwrap_or_default();
            if test.starts_with("GoogleOnly_") {
                continue;
            }
            let (robots, url) = (bytes(case, "robots"), bytes(case, "url"));
            let (agent, url) = (case["agent"].as_str().unwrap(), String::from_utf8(url).unwrap());
            let allowed = verdict(&robots, agent, &url);
            if Some(allowed) == case["allowed"].as_bool() {
                ours += 1;
            } else if is_otherwise(test, &format!("{agent} {url}")) {
                theirs += 1;
            } else {
                wrong.push(format!(
                    "{name} {test}: {agent} {url} is allowed={allowed} in {:?}",
                    String::from_utf8_lossy(&robots)
                ));
            }
        }
        println!("{name}: {ours} agree, {theirs} are known to differ");
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn real_files_are_read_as_google_reads_them() {
    let Some(folder) = shared::shared("suites/robots") else { return };
    let text = std::fs::read_to_string(folder.join("real_cases_google_oracle.jsonl")).unwrap();
    let (mut cases, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let robots = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        let (agent, url) = (case["agent"].as_str().unwrap(), case["url"].as_str().unwrap());
        cases += 1;
        if Some(verdict(&robots, agent, url)) != case["allowed"].as_bool() {
            wrong.push(line);
        }
    }
    println!("{} of {cases} agree", cases - wrong.len());
    assert!(wrong.len() * 1000 <= cases, "{}", wrong.join("\n"));
}
