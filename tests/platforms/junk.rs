//! Answers that are no answers: no platform may panic on them, take them for a post, or for a deletion.

use crate::{cases, drive, expected};
use embalm::{
    http::{FetchError, Headers, Request, Response},
    model::{Outcome, PostRef},
    platforms,
};

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
