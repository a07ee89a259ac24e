//! Answers that are no answers: no platform may panic on them, take them for a post, or for a deletion.

use crate::{cases, drive, expected};
use embalm::{
    http::{FetchError, Headers, Request, Response},
    model::{Failure, Outcome, PostRef},
    platforms,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::fs;

const JUNK: [&str; 14] = [
    "",
    " \n",
    "null",
    "{}",
    "[]",
    "[[[]]]",
    "0",
    "\"text\"",
    "<!doctype html><html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>",
    "<html><body><p>This post was deleted. Page not found. This account is suspended. Video unavailable.</p></body></html>",
    "<html><head><meta property=\"og:title\" content=\"\"><meta property=\"og:description\"></head></html>",
    "{\"id\": \"1\", \"text\": ",
    "{\"data\": null, \"error\": {}, \"post\": [], \"user\": 3, \"html\": 5, \"title\": [], \"content\": {}, \"thread\": 1}",
    "\u{0}\u{ffff}\u{202e}",
];

/// Platforms whose only word for a post that is gone is the status 404, from each of their routes.
const SAYS_GONE_BY_STATUS: [&str; 1] = ["twitter"];

fn posts() -> Vec<PostRef> {
    let samples = platforms::ALL.iter().flat_map(|platform| platform.samples().posts);
    let embedded =
        ["https://codepen.io/annex/embed/aBcDeF", "https://player.simplecast.com/0a1b2c3d-0000-4000-8000-00000000"];
    let urls = samples.map(|(url, _)| *url).chain(embedded);
    urls.filter_map(|url| platforms::embedded(url)?.post().cloned()).collect()
}

fn answered(request: Request, status: u16, kind: &str, body: &[u8]) -> embalm::http::Exchange {
    let mut headers = Headers::default();
    headers.push("content-type", kind);
    let answer = Response { url: request.url.clone(), status, headers, body: body.to_vec() };
    drive::exchange(request, Vec::new(), Ok(answer))
}

#[test]
fn junk_is_neither_a_post_nor_a_deletion() {
    let mut wrong = Vec::new();
    for post in posts() {
        for body in JUNK {
            for status in [200, 204, 302, 401, 403, 404, 429, 500, 503] {
                for kind in ["application/json", "text/html"] {
                    match drive::capture(&post, |request| answered(request, status, kind, body.as_bytes())) {
                        Err(why) => wrong.push(format!("{post} given {status} {body:?}: {why}")),
                        Ok(capture) => {
                            let by_status = status == 404 && SAYS_GONE_BY_STATUS.contains(&post.platform.as_str());
                            if by_status && matches!(capture.end, Ok((Outcome::Gone(_), _))) {
                                continue;
                            }
                            if let Ok((Outcome::Found(_) | Outcome::Gone(_), _)) = &capture.end {
                                wrong.push(format!("{post} given {status} {body:?}: {}", expected::ending(&capture)));
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} times\n{}", wrong.len(), wrong.join("\n"));
}

/// Answers that say nothing of a post: status, headers and body, and what a capture ends at that is given no other.
const NO_ANSWERS: &str = "fixtures/walls/answers.json";

fn end_of(capture: &drive::Capture) -> String {
    match &capture.end {
        Ok((Outcome::Found(_), _)) => "found".to_owned(),
        Ok((Outcome::Gone(gone), _)) => format!("gone, {gone:?}"),
        Ok((Outcome::Withheld(withheld), _)) => json!(withheld).as_str().unwrap_or_default().to_owned(),
        Ok((Outcome::Failed(Failure::RateLimited { retry_at }), _)) => {
            retry_at.map_or("rate_limited".to_owned(), |at| format!("rate_limited {at}"))
        }
        Ok((Outcome::Failed(Failure::Http { status }), _)) => format!("http {status}"),
        Ok((Outcome::Failed(failure), _)) => json!(failure)["reason"].as_str().unwrap_or_default().to_owned(),
        Err(_) => "drift".to_owned(),
    }
}

#[test]
fn an_answer_that_says_nothing_of_a_post_is_named_for_what_it_is() {
    let text = fs::read_to_string(NO_ANSWERS).expect("the answers");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list");
    let mut wrong = Vec::new();
    for post in posts() {
        for case in &cases {
            let what = &case["what"];
            let capture = drive::capture(&post, |request| no_answer(request, case));
            let capture = capture.unwrap_or_else(|why| panic!("{post} given {what}: {why}"));
            let have = end_of(&capture);
            let want = match case["end"].as_str().expect("an end").split_once(" in ") {
                Some((limit, seconds)) => {
                    let at: Timestamp = drive::AT.parse().expect("a time");
                    format!("{limit} {}", at + SignedDuration::from_secs(seconds.parse().expect("seconds")))
                }
                None => case["end"].as_str().unwrap_or_default().to_owned(),
            };
            // Of some posts strangers can ask nothing.
            if have != want && !capture.asked.is_empty() {
                wrong.push(format!("{post} given {what}: want {want}, have {have}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} times\n{}", wrong.len(), wrong.join("\n"));
}

fn no_answer(request: Request, case: &Value) -> embalm::http::Exchange {
    let mut headers = Headers::default();
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        headers.push(name, value.as_str().unwrap_or_default());
    }
    let status = case["status"].as_u64().and_then(|n| u16::try_from(n).ok()).expect("a status");
    let body = case["body"].as_str().unwrap_or_default();
    let mut answer = drive::response(request.url.clone(), status, headers, body.into());
    let mut hops = Vec::new();
    if let Some(target) = answer.redirect_target().filter(|_| request.follow) {
        let page = "<!DOCTYPE html><html><head><title>Social</title></head><body></body></html>";
        let page = drive::response(target, 200, Headers::default(), page.into());
        hops.push(std::mem::replace(&mut answer, page));
    }
    drive::exchange(request, hops, Ok(answer))
}

#[test]
fn without_any_answer_a_capture_fails() {
    for post in posts() {
        for error in [
            FetchError::NotRecorded,
            FetchError::Timeout { limit_s: 1 },
            FetchError::TooLarge { limit_bytes: 1 },
            FetchError::Refused { detail: "a private address".to_owned() },
        ] {
            let capture = drive::capture(&post, |request| drive::exchange(request, Vec::new(), Err(error.clone())));
            let capture = capture.unwrap_or_else(|why| panic!("{post} given {error}: {why}"));
            let failed = matches!(capture.end, Ok((Outcome::Failed(_), _)));
            assert!(failed, "{post} given {error}: {}", expected::ending(&capture));
        }
    }
}

#[test]
fn a_recorded_answer_cut_anywhere_or_spoiled_ends_without_panic() {
    for case in cases::all() {
        for part in [1, 3, 7, 10, 13] {
            let mut answers = drive::Answers::default();
            for answer in &case.answers {
                let mut cut = answer.clone();
                cut.body.truncate(answer.body.len() * part / 14);
                answers.add(cut);
            }
            let end = drive::capture(&case.post, |request| answers.exchange(request));
            assert!(end.is_ok(), "{} cut at {part}/14: {}", case.name, end.err().unwrap_or_default());
        }
        for (from, to) in
            [("\":", "\":[],\"x\":"), ("\"", "\u{e9}\""), ("1", "99999999999999999999"), (":\"", ":{\"a\":\"")]
        {
            let mut answers = drive::Answers::default();
            for answer in &case.answers {
                let body = answer.text().replace(from, to).into_bytes();
                answers.add(Response { body, ..answer.clone() });
            }
            let end = drive::capture(&case.post, |request| answers.exchange(request));
            assert!(end.is_ok(), "{} with {from} as {to}: {}", case.name, end.err().unwrap_or_default());
        }
    }
}
