//! A server that stands for every platform and answers with what is no answer: the binary stores none of it as content,
//! and names each for what it is. The answers are those of `fixtures/walls/answers.json`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share are tests too")]

mod binary;
#[path = "fetch/server.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod server;

use binary::{embalm, ends};
use jiff::Timestamp;
use serde_json::Value;
use server::{Reply, Server, certificates};
use std::{fs, path::Path};
use tempfile::TempDir;

/// Posts of each kind of route, with the hosts that are asked for them.
const POSTS: [(&str, &[&str]); 7] = [
    ("https://x.com/annex/status/1000000000000000001", &["cdn.syndication.twimg.com", "publish.twitter.com"]),
    ("https://bsky.app/profile/pat.example/post/3abcdefghij2k", &["public.api.bsky.app", "bsky.app", "embed.bsky.app"]),
    ("https://tide.example/@pat/109000000000000001", &["tide.example"]),
    ("https://www.youtube.com/watch?v=aB3_dE6-gH9", &["www.youtube.com"]),
    ("https://vimeo.com/100200300", &["vimeo.com"]),
    ("https://www.instagram.com/p/BwAbCdEfGh1/", &["www.instagram.com"]),
    ("https://open.spotify.com/track/0aB3dE6gH9jK2mN5pQ8sT1", &["open.spotify.com"]),
];

/// An article of a site that answers in the same way.
const ARTICLE: (&str, &str) = ("https://harbour-news.example/2025/the-lamp", "harbour-news.example");

/// Everything that is asked.
fn hosts() -> impl Iterator<Item = &'static str> {
    POSTS.iter().flat_map(|(_, hosts)| *hosts).copied().chain([ARTICLE.1])
}

/// The case's answer; a page without words where it leads elsewhere.
fn reply(case: &Value, asked: &str) -> Reply {
    let location = case["headers"]["location"].as_str();
    if location.is_some_and(|location| asked.ends_with(location)) {
        return Reply::new("200 OK\r\ncontent-type: text/html", b"<html><head><title>Social</title></head></html>");
    }
    let mut head = format!("{} Said", case["status"]);
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        head.push_str(&format!("\r\n{name}: {}", value.as_str().unwrap_or_default()));
    }
    Reply::new(&head, case["body"].as_str().unwrap_or_default().as_bytes())
}

/// Adds every post and the article to an archive in `folder`, answered so by the server.
fn add_all(folder: &Path, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) {
    let (tls, pem) = certificates(hosts());
    let server = Server::with_tls(tls, move |asked| answer(&asked.url));
    fs::write(folder.join("authority.pem"), pem).unwrap();
    let mut add = embalm(folder);
    add.current_dir(folder)
        .env("EMBALM_NETWORK_PER_HOST_DELAY_MS", "0")
        .args(["add", "-q", "--ca-file"])
        .arg(folder.join("authority.pem"));
    for host in hosts() {
        add.args(["--resolve", &format!("{host}:443:{}", server.address), "--allow-host", host]);
    }
    let output = add.args(POSTS.map(|(url, _)| url)).arg(ARTICLE.0).output().expect("the binary runs");
    // 3 is "a person should look": answers that are not understood.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
}

fn records(folder: &Path, what: &str) -> Vec<Value> {
    let (out, _) = ends(embalm(folder).args(["list", what, "--json"]), 0);
    out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// How long a failure waits from when it failed, in seconds.
fn waits(failure: &Value) -> Option<i64> {
    let at = |name: &str| failure[name].as_str()?.parse::<Timestamp>().ok();
    Some(at("due_at")?.as_second() - at("failed_at")?.as_second())
}

/// The number of `in 600`.
fn seconds(named: &str) -> i64 {
    named.trim_start_matches("in ").parse().expect("seconds")
}

#[test]
fn nothing_that_is_no_answer_is_stored_as_content_and_each_is_named() {
    let text = fs::read_to_string("fixtures/walls/answers.json").expect("the answers");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list");
    let mut wrong = Vec::new();
    for case in cases {
        let what = case["what"].to_string();
        let end = case["end"].as_str().expect("an end").to_owned();
        let folder = TempDir::new().unwrap();
        add_all(folder.path(), move |asked| reply(&case, asked));
        let posts = records(folder.path(), "posts");
        let failures = records(folder.path(), "failures");
        assert_eq!(posts.len(), POSTS.len(), "{what}: {posts:?}");
        let articles = records(folder.path(), "articles");
        // What no platform could be read from may yet be a page with words.
        if end != "drift" && !articles.is_empty() {
            wrong.push(format!("{what}: an article: {articles:?}"));
        }
        for post in posts {
            let key = &post["key"];
            let state = if end == "login_required" { "login_required" } else { "unknown" };
            if post["state"] != state
                || post["text"].as_str().is_some_and(|text| !text.is_empty())
                || post["via"] == "api"
            {
                wrong.push(format!("{what}: {key} is {post}"));
            }
            let row = failures.iter().find(|row| row["subject"] == *key).cloned().unwrap_or_default();
            let named = match (end.split_once(' ').map_or((end.as_str(), ""), |parts| parts), &row["reason"]) {
                (("login_required", _), reason) => reason.is_null(),
                (("http", status), reason) => *reason == "http" && row["detail"].to_string().contains(status),
                // The time that the answer names, or the longest that is believed, counted from the answer.
                (("rate_limited", named), reason) if named.starts_with("in ") => {
                    *reason == "rate_limited" && waits(&row).is_some_and(|wait| wait.abs_diff(seconds(named)) <= 60)
                }
                ((name, _), reason) => reason == name && row["due_at"].is_string(),
            };
            if !named {
                wrong.push(format!("{what}: {key}: {row}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} times\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_answer_that_breaks_off_on_the_wire_is_no_content_either() {
    let folder = TempDir::new().unwrap();
    let body = "{\"title\":\"Low tide\",\"author_name\":\"Ann\",\"html\":\"<iframe></iframe>\"}";
    add_all(folder.path(), move |_| Reply::new("200 OK\r\ncontent-length: 4000", body.as_bytes()));
    for post in records(folder.path(), "posts") {
        assert_eq!(post["state"], "unknown", "{post}");
        assert!(post["text"].as_str().is_none_or(str::is_empty), "{post}");
    }
}
