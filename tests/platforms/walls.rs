//! Walls in a platform's place: `fixtures/walls/cases.json` has each kind as we wrote it, and what is none; the recordings
//! and pages in `../shared` are no walls.

use crate::{drive, shared::shared};
use embalm::{
    http::{Exchange, FetchError, Headers, Request, Response, Wall},
    model::{Failure, Outcome, PostRef, Via},
    platforms::{self, Drift, Markup, Needles, Platform, Samples, Step},
};
use scraper::ElementRef;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};
use url::Url;

const CASES: &str = "fixtures/walls/cases.json";

fn cases() -> Vec<Value> {
    let text = fs::read_to_string(CASES).expect("the cases");
    serde_json::from_str::<Vec<Value>>(&text).expect("a list")
}

fn exchange(case: &Value) -> Exchange {
    let url = |name: &str| case[name].as_str().map(|url| Url::parse(url).expect("a URL"));
    let asked = url("url").expect("each case has a URL");
    let at = url("answered_at").unwrap_or_else(|| asked.clone());
    let mut headers = Headers::default();
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        headers.push(name, value.as_str().expect("a text"));
    }
    let mut hops = Vec::new();
    if at != asked {
        let mut location = Headers::default();
        location.push("location", at.as_str());
        hops.push(drive::response(asked.clone(), 302, location, Vec::new()));
    }
    let status = case["status"].as_u64().and_then(|n| u16::try_from(n).ok()).expect("a status");
    let body = case["body"].as_str().unwrap_or_default().as_bytes().to_vec();
    let answer =
        if status == 0 { Err(FetchError::NotRecorded) } else { Ok(Response { url: at, status, headers, body }) };
    drive::exchange(Request::get(asked), hops, answer)
}

#[test]
fn each_wall_is_known_and_nothing_else_is_one() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = platforms::wall(&exchange(&case));
        let have = json!([found.map(|(wall, _)| wall), found.map(|(_, by)| by)]);
        let want = json!([case["wall"], case["by"]]);
        if have != want {
            wrong.push(format!("{}: want {want}, have {have}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_its_case_and_its_source() {
    let cases = cases();
    let seen: BTreeSet<_> = cases.iter().filter_map(|case| case["by"].as_str()).collect();
    for (name, source) in platforms::wall_rules() {
        assert!(seen.contains(name), "no case for {name:?}");
        assert!(source.contains("20") || source.contains("documentation"), "{name:?} has no dated source: {source}");
    }
}

/// A platform that takes whatever answers for a post, and whatever does not for a failure of the network.
struct Credulous;

impl Platform for Credulous {
    fn id(&self) -> &'static str {
        "credulous"
    }
    fn samples(&self) -> Samples {
        Samples { posts: &[], others: &[] }
    }
    fn needles(&self) -> Needles {
        Needles { hosts: &[], words: &[], marks: &[] }
    }
    fn recognize(&self, _: &Url) -> Option<embalm::model::Target> {
        None
    }
    fn detect(&self, _: ElementRef<'_>) -> Option<Markup> {
        None
    }
    fn next(&self, post: &PostRef, exchanges: &[Exchange]) -> Result<Step, Drift> {
        let Some(last) = exchanges.last() else { return Ok(Step::Fetch(Request::get(post.url.clone()))) };
        let outcome = match &last.answer {
            Ok(answer) => {
                let post = embalm::model::Post::new(post.clone(), embalm::model::Author::default(), answer.text());
                Outcome::Found(Box::new(post))
            }
            Err(error) => Outcome::Failed(Failure::Network { detail: error.to_string() }),
        };
        Ok(Step::Done(outcome, Via::Api))
    }
}

#[test]
fn a_platform_is_shown_no_wall_and_the_end_bears_its_name() {
    for case in cases() {
        let exchange = exchange(&case);
        let url = exchange.request.url.clone();
        let post = PostRef { platform: "credulous".to_owned(), id: "1".to_owned(), author: None, url };
        let end = platforms::next(&Credulous, &post, std::slice::from_ref(&exchange));
        let Ok(Step::Done(outcome, _)) = end else { panic!("{}: {end:?}", case["name"]) };
        let have = match outcome {
            Outcome::Found(_) => "content".to_owned(),
            Outcome::Withheld(withheld) => json!(withheld).as_str().expect("a word").to_owned(),
            Outcome::Failed(failure) => {
                if let (Failure::RateLimited { retry_at }, Some(_)) = (&failure, case["retry_at"].as_str()) {
                    assert_eq!(json!(retry_at), case["retry_at"], "{}", case["name"]);
                }
                json!(failure)["reason"].as_str().expect("a word").to_owned()
            }
            Outcome::Gone(_) => "gone".to_owned(),
        };
        let want = match case["wall"].as_str() {
            Some("challenge" | "consent") => "blocked",
            Some("login") => "login_required",
            Some("limit") => "rate_limited",
            Some("empty" | "half") => "drift",
            _ if case["status"] == 0 => "network",
            _ => "content",
        };
        assert_eq!(have, want, "{}", case["name"]);
    }
}

#[test]
fn no_recording_and_no_page_is_taken_for_a_wall() {
    let Some(shared) = shared("") else { return };
    let index = fs::read_to_string(shared.join("responses/INDEX.jsonl")).expect("the index");
    let rows = index.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let mut wrong = Vec::new();
    let mut judge = |name: &str, status: u16, body: Vec<u8>| {
        let url = Url::parse("https://social.example/posts/1").expect("a URL");
        let answer = drive::response(url.clone(), status, Headers::default(), body);
        let found = platforms::wall(&drive::exchange(Request::get(url), Vec::new(), Ok(answer)));
        // The page of a site that never closes its documents.
        if let Some((wall, by)) = found.filter(|(wall, _)| *wall != Wall::Half) {
            wrong.push(format!("{name}: {wall}, by {by}"));
        }
    };
    for row in rows.filter(|row| row["platform"].is_string()) {
        let file = row["file"].as_str().unwrap_or_default();
        let status = row["status"].as_u64().and_then(|n| u16::try_from(n).ok()).unwrap_or(200);
        if let Ok(body) = fs::read(shared.join("responses").join(file)) {
            judge(file, status, body);
        }
    }
    for page in walkdir::WalkDir::new(shared.join("corpus")).into_iter().filter_map(Result::ok) {
        if page.path().extension().is_some_and(|ending| ending == "html") {
            judge(&page.path().display().to_string(), 200, fs::read(page.path()).expect("a page"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
