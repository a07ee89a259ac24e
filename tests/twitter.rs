//! X against recorded answers and flattened texts, where the folder of shared data stands beside the repository.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test ends at what it did not expect")]

use embalm::http::{Exchange, FetchError, Headers, Request, Response};
use embalm::model::{MediaKind, Outcome, Post, PostRef, State, Target, When};
use embalm::platforms::{self, Platform, Step};
use jiff::Timestamp;
use regex::Regex;
use serde_json::Value;
use std::{fs, path::PathBuf};
use url::Url;

/// More requests than any capture asks.
const MAX_STEPS: usize = 8;

fn shared() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var("EMBALM_SHARED").unwrap_or_else(|_| "../shared".to_owned()));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no folder of shared data at {}", folder.display());
    None
}

fn twitter() -> &'static dyn Platform {
    platforms::by_id("twitter").expect("the registry has X")
}

fn post(url: &str) -> PostRef {
    match platforms::recognize(&Url::parse(url).unwrap()) {
        Some(Target::Post(post)) => post,
        other => panic!("{url}: {other:?}"),
    }
}

fn exchange(request: Request, answer: Result<(u16, Vec<u8>), FetchError>) -> Exchange {
    let url = request.url.clone();
    let answer = answer.map(|(status, body)| Response { url, status, headers: Headers::default(), body });
    Exchange { request, hops: Vec::new(), answer, started_at: Timestamp::UNIX_EPOCH, elapsed_ms: 0 }
}

/// Drives a capture to its end; `answer` gives what a request's URL is answered with.
fn capture(post: &PostRef, answer: impl Fn(&Url) -> Option<(u16, Vec<u8>)>) -> Outcome {
    let mut exchanges = Vec::new();
    for _ in 0..MAX_STEPS {
        match twitter().next(post, &exchanges).unwrap() {
            Step::Done(outcome, _) => return outcome,
            Step::Fetch(request) => {
                let answer = answer(&request.url).ok_or(FetchError::NotRecorded);
                exchanges.push(exchange(request, answer));
            }
        }
    }
    panic!("no end after {MAX_STEPS} requests");
}

/// Words without picture links and white space, which recordings keep in their own ways.
fn folded(text: &str) -> String {
    let text = Regex::new(r"pic\.(twitter|x)\.com/\w+").unwrap().replace_all(text, "").into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(name: &str, post: &Post, expected: &Value) {
    let text = |key: &str| expected[key].as_str();
    assert_eq!(Some(post.author.handle.as_str()), text("author_handle"), "{name}");
    assert_eq!(post.author.name.as_deref(), text("author_name"), "{name}");
    assert_eq!(post.published, text("created_at").and_then(When::parse), "{name}");
    assert_eq!(folded(&post.text), folded(text("text").unwrap_or_default()), "{name}");
    let media: Vec<_> = post.media.iter().filter(|file| file.kind != MediaKind::Poster).collect();
    let wanted = expected["media"].as_array().cloned().unwrap_or_default();
    assert_eq!(media.len(), wanted.len(), "{name}");
    for (file, wanted) in media.iter().zip(&wanted) {
        let bare = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
        assert_eq!(bare(&file.url), bare(wanted["url"].as_str().unwrap()), "{name}");
        if let Some(poster) = wanted["poster"].as_str() {
            assert!(
                post.media.iter().any(|file| file.kind == MediaKind::Poster && bare(&file.url) == bare(poster)),
                "{name}"
            );
        }
    }
    if let Some(likes) = expected["likes"].as_u64() {
        assert_eq!(post.counts.get("likes"), Some(&likes), "{name}");
    }
    if expected["quoted"].is_object() {
        let quoted = post.quoted.as_ref().and_then(|related| related.content.as_deref()).expect(name);
        check(&format!("{name} (quoted)"), quoted, &expected["quoted"]);
    }
}

#[test]
fn every_recorded_answer_yields_what_a_reader_must_get() {
    let Some(shared) = shared() else { return };
    let index = fs::read_to_string(shared.join("responses/INDEX.jsonl")).unwrap();
    let mut seen = 0;
    for line in index.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let file = entry["file"].as_str().unwrap();
        let route = ["tweet-result", "publish.twitter.com/oembed"]
            .into_iter()
            .find(|route| entry["platform"] == "twitter" && entry["endpoint"].as_str().unwrap().contains(route));
        let Some(route) = route else { continue };
        let expected = &entry["expected"];
        let body = fs::read(shared.join("responses").join(file)).unwrap();
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let id = expected["post_id"].as_str().unwrap_or("1500000000000000000");
        let post = post(&format!("https://x.com/i/status/{id}"));
        let outcome = capture(&post, |url| url.as_str().contains(route).then(|| (status, body.clone())));
        match (&outcome, expected["state"].as_str()) {
            (Outcome::Found(found), None) => check(file, found, expected),
            (outcome, Some("error")) => assert_eq!(State::proven_by(outcome), None, "{file}"),
            (outcome, Some(state)) => assert_eq!(State::proven_by(outcome).map(State::as_str), Some(state), "{file}"),
            (outcome, None) => panic!("{file}: {outcome:?}"),
        }
        seen += 1;
    }
    assert!(seen > 5, "{seen} recordings");
}
