//! What every answer says of itself: every route, and every kind of error.

use crate::{
    desk::{PNG, brought, found, post, post_ref},
    viewer::{Answer, PAPER, Viewer, digest, room},
};
use std::collections::BTreeSet;

/// An address of every route that `src/serve/routes.rs` has, in the order of its text.
fn addresses() -> Vec<(&'static str, String)> {
    let picture = digest(PNG);
    let mut addresses = Vec::new();
    for route in routes() {
        let address = route
            .replace("{id}.", "1.")
            .replace("/article/{id}", "/article/1")
            .replace("{*key}", "twitter:1822768")
            .replace("{key}", "twitter:1822768")
            .replace("{digest}", &picture)
            .replace("/assets/{name}", "/assets/embalm.css")
            .replace("{platform}", "twitter")
            .replace("/platform/{id}", "/platform/twitter")
            .replace("/runs/{id}", "/runs/1")
            .replace("{handle}", "Ferry_Clerk")
            .replace("{*handle}", "Ferry_Clerk")
            .replace("{id}", "1")
            .replace("{*url}", "https://news.example/nothing");
        assert!(!address.contains('{'), "{route}: this test does not know what to put in its place");
        addresses.push((route, address));
    }
    addresses
}

/// The routes, read from the one file that has them: a new one is tested without a word here.
fn routes() -> Vec<&'static str> {
    let text = include_str!("../../src/serve/routes.rs");
    let routes: Vec<_> = text.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1)).collect();
    assert!(routes.len() >= 7, "{routes:?}");
    routes
}

fn assert_marked(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    for never in ["unsafe", "http", "*", "data:", "blob:"] {
        assert!(!policy.contains(never), "{what}: {policy}");
    }
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{what}: {policy}");
    assert!(
        answer
            .header("cache-control")
            .is_some_and(|value| ["no-store", "no-cache"].contains(&value) || value.contains("immutable"))
    );
    for never in ["server", "x-powered-by", "set-cookie", "access-control-allow-origin", "location-absolute"] {
        assert_eq!(answer.header(never), None, "{what}");
    }
}

#[test]
fn every_route_is_there_and_every_answer_of_it_is_marked() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    for (route, address) in addresses() {
        for method in ["GET", "HEAD"] {
            let answer = viewer.ask(viewer.request(method, &address, &[]).as_bytes());
            assert!(answer.status < 500, "{method} {address}: {}", answer.status);
            assert_marked(&answer, &format!("{method} {route}"));
            let is_file = ["/media", "/assets", "/feed"].iter().any(|kept| route.starts_with(kept));
            assert!(is_file || answer.header("cache-control") == Some("no-store"), "{route}");
            assert!(method == "GET" || answer.body.is_empty(), "{route}: a HEAD has no body");
        }
        let length = |method: &str| {
            let answer = viewer.ask(viewer.request(method, &address, &[]).as_bytes());
            (
                answer.status,
                answer.header("content-type").map(str::to_owned),
                answer.header("content-length").map(str::to_owned),
            )
        };
        assert_eq!(length("HEAD"), length("GET"), "{route}: a HEAD says what a GET does");
    }
}

#[test]
fn every_kind_of_error_is_marked_and_tells_nothing_of_the_machine() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let long = format!("/{}", "a".repeat(20_000));
    let mut statuses = BTreeSet::new();
    for (method, path, lines) in [
        ("GET", "/nowhere", vec![]),
        ("GET", "/article/999999", vec![]),
        ("GET", "/article/x", vec![]),
        ("GET", "/post/twitter:999", vec![]),
        ("GET", "/media/x", vec![]),
        ("GET", "/assets/x", vec![]),
        ("GET", "/at", vec![]),
        ("GET", "/at/https://news.example/nothing", vec![]),
        ("GET", "/api/nothing", vec![]),
        ("GET", "/api/../nothing", vec![]),
        ("GET", long.as_str(), vec![]),
        ("POST", "/", vec![]),
        ("POST", "/api/posts", vec![]),
        ("GET", "/", vec!["Host: twice.example"]),
        ("GET", "/", vec!["Origin: https://evil.example"]),
    ] {
        let answer = viewer.ask(viewer.request(method, path, &lines).as_bytes());
        let shown: String = path.chars().take(60).collect();
        assert!((400..500).contains(&answer.status), "{method} {shown}: {}", answer.status);
        assert_marked(&answer, &shown);
        if answer.status == 405 {
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
        let text = answer.text();
        for internal in [desk.path.to_str().unwrap(), "sqlite", "SELECT", "src/", "panicked", "axum", "hyper"] {
            assert!(!text.contains(internal), "{shown}: {internal}");
        }
        if path.starts_with("/api/") {
            let record: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(record["status"], answer.status);
        } else {
            assert!(text.contains("</html>") && text.contains("id=\"main\""), "{shown}: a page like all others");
        }
        statuses.insert(answer.status);
    }
    assert_eq!(statuses, BTreeSet::from([400, 403, 404, 405, 414, 421]));
}

#[test]
fn a_file_has_a_policy_of_its_own() {
    let mut desk = room();
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
    let mut captured = found("2026-01-01T00:00:02Z", post("2", "A film"));
    captured.media = vec![brought("https://files.example/film.mp4", film)];
    desk.capture(&post_ref("2"), captured);
    let viewer = Viewer::start(&desk.path, &[]);
    for (bytes, sandbox, may_play) in
        [(PNG, "sandbox;", false), (PAPER, "sandbox;", false), (film, "sandbox allow-same-origin;", true)]
    {
        let answer = viewer.get(&format!("/media/{}", digest(bytes)));
        assert_eq!(answer.status, 200);
        assert_marked(&answer, "a file");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with(sandbox) && policy.contains("script-src 'none'"), "{policy}");
        assert_eq!(policy.matches("'self'").count(), usize::from(may_play), "{policy}");
    }
}
