//! Posts flattened into plain text: `fixtures/flattened/<case>.txt` with what must be found beside it as `.json`, and the
//! texts in `../shared` (or where `EMBALM_SHARED` points), where they are.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test ends at what it did not expect")]

mod shared;

use embalm::model::{Embed, EmbedRecord, Form, Scope};
use embalm::platforms;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// The share of posts whose words must begin where they should, in per cent.
const WORDS_AT_LEAST: usize = 90;

fn records(text: &str) -> Vec<EmbedRecord> {
    let platform = platforms::by_id("twitter").expect("the registry has X");
    let spans = platform.detect_in_text(text);
    for pair in spans.windows(2) {
        assert!(pair[0].end <= pair[1].start, "spans overlap: {pair:?}");
    }
    let embed = |span: platforms::TextSpan| {
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end) && span.start <= span.end);
        Embed { position: 0, form: Form::Text, target: span.target, scope: Scope::Article, quoted: span.quoted }
    };
    spans.into_iter().map(embed).map(|embed| EmbedRecord::new("text", &embed)).collect()
}

/// Letters and digits only, lower case, as texts are compared across converters.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c == '_').flat_map(char::to_lowercase).collect()
}

#[test]
fn every_case_is_found_as_its_json_says() {
    let mut seen = 0;
    for entry in fs::read_dir(Path::new("fixtures/flattened")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        let expected: Value = serde_json::from_str(&fs::read_to_string(path.with_extension("json")).unwrap()).unwrap();
        let found: Vec<Value> = records(&fs::read_to_string(&path).unwrap())
            .into_iter()
            .map(|record| {
                json!({
                    "author_name": record.quoted.author_name, "author_handle": record.quoted.author_handle,
                    "published": record.quoted.published, "text": record.quoted.text, "links": record.quoted.links,
                    "url": record.url,
                })
            })
            .collect();
        assert_eq!(Value::Array(found), expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 8, "{seen} cases");
}

#[test]
fn a_flattened_text_gives_up_all_its_posts() {
    let Some(shared) = shared::shared("") else { return };
    let (mut posts, mut words, mut wrong) = (0, 0, Vec::new());
    for line in fs::read_to_string(shared.join("corpus/dev/labels.jsonl")).unwrap().lines() {
        let page: Value = serde_json::from_str(line).unwrap();
        if page["kind"] != "text" {
            continue;
        }
        let file = page["file"].as_str().unwrap();
        let mut found = records(&fs::read_to_string(shared.join("corpus/dev").join(file)).unwrap());
        for label in page["labels"].as_array().unwrap() {
            let (handle, day) = (label["author_handle"].as_str().unwrap(), label["date"].as_str().unwrap());
            let prefix: String = folded(label["text_prefix"].as_str().unwrap()).chars().take(24).collect();
            let begins =
                |record: &EmbedRecord| folded(record.quoted.text.as_deref().unwrap_or_default()).starts_with(&prefix);
            let same = |record: &EmbedRecord| {
                record.quoted.author_handle.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(handle))
                    && record.quoted.published.is_some_and(|at| at.to_string() == day)
            };
            posts += 1;
            let at =
                found.iter().position(|record| same(record) && begins(record)).or_else(|| found.iter().position(same));
            match at.map(|at| found.remove(at)) {
                Some(record) => words += usize::from(begins(&record)),
                None => wrong.push(format!("{file}: missed @{handle} {day}")),
            }
        }
        wrong.extend(found.iter().map(|record| format!("{file}: false {:?}", record.quoted)));
    }
    println!("{posts} posts, the words of {words} begin where they should");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(words * 100 >= posts * WORDS_AT_LEAST, "only {words} of {posts}");
}

#[test]
fn the_first_article_is_read_right() {
    let Some(shared) = shared::shared("") else { return };
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(shared.join("seed/expected.json")).unwrap()).unwrap();
    let text = fs::read_to_string(shared.join("seed").join(expected["file"].as_str().unwrap())).unwrap();
    let found = records(&text);
    let wanted = expected["embeds"].as_array().unwrap();
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (record, wanted) in found.iter().zip(wanted) {
        let wanted = &wanted["quoted"];
        let quoted = serde_json::to_value(&record.quoted).unwrap();
        for key in ["author_name", "author_handle", "published", "links"] {
            assert_eq!(quoted[key], wanted[key], "{key}");
        }
        let text = record.quoted.text.as_deref().unwrap_or_default();
        assert!(text.contains(wanted["text_contains"].as_str().unwrap()), "{text}");
        for not in wanted["text_must_not_contain"].as_array().unwrap() {
            assert!(!text.contains(not.as_str().unwrap()), "{text}");
        }
    }
}
