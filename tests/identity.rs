//! One post is one row, whatever an article calls it: `fixtures/identity/cases.json` has the names of each, with the
//! answers by which some of them are known to be the same.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

mod binary;

use binary::{embalm, ends};
use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

const CASES: &str = "fixtures/identity/cases.json";

/// An article that names a post in this form: as a link, or by markup.
fn article(number: usize, form: &Value) -> String {
    let named = form["html"].as_str().map_or_else(
        || format!("<p>It was seen <a href=\"{}\">in the harbour</a> first.</p>", form.as_str().unwrap_or_default()),
        str::to_owned,
    );
    format!(
        "<!DOCTYPE html><html><head><title>Tides, part {number}</title></head><body><article><h1>Tides, part {number}</h1>\
         <p>The tide came in twice, and nobody who lives there was surprised by it.</p>{named}\
         <p>It will come again tomorrow, and the harbour master has put up a table of its hours.</p></article></body></html>"
    )
}

fn record(path: &Path, answers: &[Value]) {
    let at = "2026-11-20T08:00:00Z".parse().unwrap();
    let mut writer = WarcWriter::new(fs::File::create(path).unwrap(), at).unwrap();
    for answer in answers {
        let url: url::Url = answer["url"].as_str().unwrap().parse().unwrap();
        let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
        let mut headers = Headers::default();
        headers.push("content-type", "application/json");
        let response = Response { url: url.clone(), status, headers, body: answer["body"].to_string().into_bytes() };
        let request = Request::get(url);
        let exchange = Exchange { request, hops: Vec::new(), answer: Ok(response), started_at: at, elapsed_ms: 1 };
        writer.write(&exchange).unwrap();
    }
    writer.flush().unwrap();
}

fn posts(folder: &Path) -> Vec<Value> {
    let (out, _) = ends(embalm(folder).current_dir(folder).args(["list", "posts", "--json"]), 0);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is wrong with the case's archive.
fn differences(case: &Value) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir_all(&pages).unwrap();
    let forms = case["forms"].as_array().unwrap();
    for (number, form) in forms.iter().enumerate() {
        fs::write(pages.join(format!("{number:02}.html")), article(number, form)).unwrap();
    }
    let recording = folder.path().join("answers.warc");
    record(&recording, case["answers"].as_array().unwrap());
    // Twice: what is captured once is not captured again.
    for _ in 0..2 {
        let mut add = embalm(folder.path());
        add.current_dir(folder.path()).args(["add", "-q", "--replay"]).arg(&recording).arg(&pages);
        let output = add.output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let mut wrong = Vec::new();
    let rows = posts(folder.path());
    let keys: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap_or_default()).collect();
    let key = case["key"].as_str().unwrap();
    if keys != [key] {
        wrong.push(format!("want one row {key}, have {keys:?}"));
    }
    let row = rows.iter().find(|row| row["key"] == key).cloned().unwrap_or_default();
    let articles = row["articles"].as_array().map_or(0, Vec::len);
    if articles != forms.len() {
        wrong.push(format!("named by {articles} of {} articles: {}", forms.len(), row["articles"]));
    }
    if !case["answers"].as_array().unwrap().is_empty() && row["state"] != "live" {
        wrong.push(format!("not captured: {row}"));
    }
    let also = case["also"].as_array().into_iter().flatten();
    for form in forms.iter().chain(also).filter_map(Value::as_str) {
        let mut show = embalm(folder.path());
        let output = show.current_dir(folder.path()).args(["show", "--json", form]).output().unwrap();
        if !String::from_utf8_lossy(&output.stdout).contains(key) {
            wrong.push(format!("show {form}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    for form in case["also"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut add = embalm(folder.path());
        let output = add.current_dir(folder.path()).args(["add", "-q", "--replay"]).arg(&recording).arg(form).output();
        let output = output.unwrap();
        if !matches!(output.status.code(), Some(0 | 3)) || posts(folder.path()).len() != 1 {
            wrong.push(format!("add {form}: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    wrong
}

#[test]
fn one_post_is_one_row_with_all_articles_that_name_it() {
    let cases: Vec<Value> = serde_json::from_str(&fs::read_to_string(CASES).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(differences(case).into_iter().map(|line| format!("{}: {line}", case["name"])));
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}
