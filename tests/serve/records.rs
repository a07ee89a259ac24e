//! `/api/`: the same records as `--json`, in parts, and nothing shown for a question that is not understood.

use crate::{
    binary::{embalm, ends},
    desk::{Desk, found, post, post_ref},
    viewer::{Answer, Viewer, room},
};
use embalm::serve::limits::MAX_RECORDS;
use serde_json::Value;

fn record(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

fn many(count: usize) -> Desk {
    let mut desk = Desk::new();
    for number in 0..count {
        let id = (1000 + number).to_string();
        desk.capture(&post_ref(&id), found("2026-01-01T00:00:02Z", post(&id, "We sail at noon")));
    }
    desk
}

#[test]
fn records_are_those_of_the_command_line() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    for (path, words) in [
        ("/api/articles", &["list", "articles"][..]),
        ("/api/posts", &["list", "posts"]),
        ("/api/media", &["list", "media"]),
        ("/api/runs", &["list", "runs"]),
        ("/api/failures", &["list", "failures"]),
        ("/api/platforms", &["list", "platforms"]),
        ("/api/search?q=noon", &["search", "noon"]),
        ("/api/posts?platform=twitter&author=ferry_clerk", &["list", "posts", "--platform", "twitter"]),
        ("/api/posts?state=deleted", &["list", "posts", "--state", "deleted"]),
    ] {
        let mut command = embalm(desk.path.parent().unwrap());
        let (printed, _) = ends(command.env("EMBALM_ARCHIVE", &desk.path).args(words).arg("--json"), 0);
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = viewer.get(&format!("{path}{sign}format=jsonl"));
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        assert_eq!(answer.text(), printed, "{path}");
        let whole = record(&viewer.get(path));
        assert_eq!(whole["next"], Value::Null, "{path}");
        assert_eq!(whole["records"].as_array().unwrap().len(), printed.lines().count(), "{path}");
    }
}

#[test]
fn one_article_one_post_and_the_whole_are_records_too() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    let post = record(&viewer.get("/api/post/twitter:1822768"));
    assert_eq!((&post["key"], &post["text"]), (&"twitter:1822768".into(), &"We sail at noon".into()));
    assert_eq!(post["timeline"]["entries"][0]["event"], "captured");
    assert_eq!(record(&viewer.get("/api/article/1"))["posts"][0], "twitter:1822768");
    let status = record(&viewer.get("/api/status"));
    assert_eq!((&status["posts"], &status["articles"]), (&1.into(), &1.into()));
    assert!(status["disk_free_bytes"].is_u64(), "what the machine knows is told");
    let index = record(&viewer.get("/api/"));
    for list in index["lists"].as_array().unwrap() {
        let url = list["url"].as_str().unwrap();
        let query = if url.ends_with("search") { "?q=noon" } else { "" };
        assert_eq!(viewer.get(&format!("{url}{query}")).status, 200, "{url}");
    }
}

#[test]
fn a_long_list_comes_in_parts_that_hold_each_record_once() {
    let desk = many(23);
    let viewer = Viewer::start(&desk.path, &[]);
    for (list, sort) in
        [("posts", ""), ("posts", "&sort=key"), ("posts", "&sort=-published"), ("media", ""), ("search", "&q=noon")]
    {
        let mut next = Some(format!("/api/{list}?limit=5&platform=twitter{sort}"));
        let (mut seen, mut parts) = (Vec::new(), 0);
        while let Some(address) = next {
            let answer = viewer.get(&address);
            let part = record(&answer);
            let records = part["records"].as_array().unwrap();
            assert!(records.len() <= 5);
            seen.extend(
                records.iter().filter_map(|one| one["key"].as_str().or(one["target"].as_str()).map(str::to_owned)),
            );
            next = part["next"].as_str().map(str::to_owned);
            assert_eq!(answer.header("link").is_some(), next.is_some());
            parts += 1;
            assert!(parts < 10, "{list}{sort} has no end");
        }
        if list != "media" {
            assert_eq!((seen.len(), parts), (23, 5), "{list}{sort}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 23, "{list}{sort}");
        }
    }
}

#[test]
fn what_is_not_understood_is_refused_by_its_name() {
    let desk = room();
    let viewer = Viewer::start(&desk.path, &[]);
    for (path, named) in [
        ("/api/posts?state=colour", "state"),
        ("/api/posts?via=pigeon", "via"),
        ("/api/posts?platform=twiter", "twitter"),
        ("/api/posts?since=soon", "since"),
        ("/api/posts?sort=colour", "colour"),
        ("/api/posts?colour=red", "colour"),
        ("/api/posts?state=live&state=deleted", "state"),
        ("/api/posts?limit=0", "limit"),
        ("/api/posts?limit=-1", "limit"),
        ("/api/posts?limit=1001", "1000"),
        ("/api/posts?limit=99999999999999999999", "limit"),
        ("/api/posts?format=xml", "format"),
        ("/api/posts?after=x", "after"),
        ("/api/media?page=0", "page"),
        ("/api/media?page=101", "page"),
        ("/api/runs?platform=twitter", "platform"),
        ("/api/search", "q"),
        ("/api/status?q=1", "q"),
        ("/api/post/twitter:1822768?history=x", "history"),
        ("/feed/vanished.atom?colour=red", "colour"),
        ("/feed/captures.atom?platform=twiter", "twitter"),
    ] {
        let answer = viewer.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains(named), "{path}: {}", answer.text());
        if path.starts_with("/api") {
            assert_eq!(record(&answer)["error"], "Not understood");
        }
    }
    for path in ["/api/post/twitter:9", "/api/post/x", "/api/article/9", "/api/article/x", "/api/colours"] {
        assert_eq!(viewer.get(path).status, 404, "{path}");
    }
    assert_eq!(MAX_RECORDS, 1000);
}

#[test]
fn every_address_of_the_records_is_documented() {
    let page = std::fs::read_to_string("docs/viewer.md").unwrap();
    let routes = include_str!("../../src/serve/routes.rs");
    let routed: Vec<_> = routes
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.split('"').nth(1))
        .filter(|route| route.starts_with("/api/") || route.starts_with("/feed/"))
        .map(|route| route.replace("{id}", "ID").replace("{*key}", "KEY"))
        .collect();
    assert!(routed.len() >= 13);
    let documented: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|address| address.starts_with("/api/") || address.starts_with("/feed/"))
        .filter(|address| !address.ends_with('…'))
        .collect();
    for route in &routed {
        assert!(documented.contains(&route.as_str()), "docs/viewer.md has no row for {route}");
    }
    for address in documented {
        assert!(routed.iter().any(|route| route == address), "{address} is documented and answers nothing");
    }
}
