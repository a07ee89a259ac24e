//! Articles read from files: each case is an input beside a `.json` with what must be read from it; and the suites
//! that others wrote, where they are there.

#![allow(clippy::panic, clippy::print_stdout, reason = "a test ends at what it did not expect")]

mod shared;

use embalm::article::{Kind, Page, decode, read};
use embalm::html;
use serde_json::Value;
use shared::shared;
use std::{
    fs,
    path::{Path, PathBuf},
};
use url::Url;

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn strings<'a>(case: &'a Value, key: &str) -> Vec<&'a str> {
    case[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// What is wrong with one case, a line each.
fn check(input: &Path, case: &Value) -> Vec<String> {
    let bytes = fs::read(input).expect("the input");
    let name = input.file_name().expect("a file's name").to_string_lossy();
    let asked = case["asked"].as_str().map(|url| Url::parse(url).expect("`asked` is a URL"));
    let content_type = case["content_type"].as_str();
    let kind = Kind::of(&name, content_type, &bytes).expect("a case is an article");
    let page = Page::new(kind, &name, asked, &bytes, content_type);
    let article = read(&page, &page.html);
    let mut wrong = Vec::new();
    let found = [
        ("title", Some(article.title.clone())),
        ("byline", article.byline.clone()),
        ("site_name", article.site_name.clone()),
        ("published", article.published.map(|when| when.to_string())),
        ("lang", article.lang.clone()),
        ("url", article.url.as_ref().map(Url::to_string)),
    ];
    for (field, found) in found {
        if let Some(expected) = case.get(field)
            && expected.as_str() != found.as_deref()
        {
            wrong.push(format!("{name}: {field} is {found:?}, not {expected}"));
        }
    }
    let texts = [("text", &article.text), ("body", &article.body_html), ("page_html", &page.html)];
    for (prefix, text) in texts {
        for part in strings(case, &format!("{prefix}_contains")) {
            if !text.contains(part) {
                wrong.push(format!("{name}: {prefix} lacks {part:?}:\n{text}"));
            }
        }
        for part in strings(case, &format!("{prefix}_not_contains")) {
            if text.contains(part) {
                wrong.push(format!("{name}: {prefix} has {part:?}:\n{text}"));
            }
        }
    }
    if let Some(expected) = case["tokens"].as_array() {
        let expected: Vec<_> = expected.iter().filter_map(Value::as_u64).map(|token| token as usize).collect();
        let found: Vec<_> =
            html::split_at_tokens(&article.body_html).into_iter().filter_map(|(_, token)| token).collect();
        if found != expected {
            wrong.push(format!("{name}: tokens {found:?}, not {expected:?}:\n{}", article.body_html));
        }
    }
    wrong
}

#[test]
fn every_case_reads_as_it_says() {
    let folder = Path::new("fixtures/cases/article");
    let cases = files(folder, "json");
    assert!(cases.len() >= 10, "too few cases: {}", cases.len());
    let mut wrong = Vec::new();
    for expected in &cases {
        let input = ["html", "md", "txt", "mdx"]
            .iter()
            .map(|ending| expected.with_extension(ending))
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("no input beside {}", expected.display()));
        wrong.extend(check(&input, &json(expected)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_are_decoded_as_browsers_decode_them() {
    let Some(folder) = shared("suites/encodings") else { return };
    let mut wrong = Vec::new();
    for case in json(&folder.join("derived_index.json")).as_array().expect("a list") {
        let file = case["file"].as_str().expect("a file");
        let bytes = fs::read(folder.join(file)).expect("the page");
        let (text, encoding) = decode(&bytes, case["content_type"].as_str());
        let expected = case["whatwg_encoding"].as_str().expect("an encoding");
        if expected != "?" && !encoding.name().eq_ignore_ascii_case(expected) {
            wrong.push(format!("{file}: {} not {expected}", encoding.name()));
        }
        if let Some(part) = case["expect_text"].as_str()
            && !text.contains(part)
        {
            wrong.push(format!("{file}: lacks {part}"));
        }
    }
    for case in json(&folder.join("html5lib/sniffing.json")).as_array().expect("a list") {
        let bytes: Vec<u8> = case["data_latin1"].as_str().expect("bytes").chars().map(|c| c as u8).collect();
        let (_, encoding) = decode(&bytes, None);
        let label = case["encoding"].as_str().expect("an encoding");
        let expected = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a known label");
        if encoding != expected {
            wrong.push(format!("{}: {} not {}", case["id"], encoding.name(), expected.name()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
