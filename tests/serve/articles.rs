//! The pages of an article: its versions, what changed, its original and that original's bytes.

use crate::{
    desk::post_ref,
    viewer::{STORY, Viewer, room},
};

const HOSTILE: &str = "<body onload=\"alert(1)\"><script>alert(1)</script><img src=\"https://tracker.example/a.gif\" alt=\"Dot\">\
    <h1 id=\"top\">The ferry left at one.</h1><a href=\"#top\">Up</a>";

#[test]
fn versions_changes_and_originals_have_addresses_of_their_own() {
    let mut desk = room();
    desk.article(STORY, HOSTILE, &[post_ref("1822768")]);
    let viewer = Viewer::start(&desk.path, &[]);
    for (address, words) in [
        ("/article/1", "version 2 of 2"),
        ("/article/1?version=2", "version 2 of 2"),
        ("/article/1?version=1", "An older version, 1 of 2."),
        ("/article/1/changes", "What changed"),
        ("/article/1/changes?version=2", "What changed"),
        ("/article/1/original", "The ferry left at one."),
        ("/article/1/original?version=1", "The ferry left at noon."),
    ] {
        let answer = viewer.get(address);
        assert_eq!(answer.status, 200, "{address}");
        assert!(answer.text().contains(words), "{address}: {words}");
    }
    for address in [
        "/article/2",
        "/article/1?version=3",
        "/article/1?version=0",
        "/article/1?version=one",
        "/article/1?version=99999999999999999999",
        "/article/1/changes?version=1",
        "/article/9/changes",
        "/article/9/original",
        "/article/1/original.raw?version=3",
        "/article/one/original",
        "/article/-1",
    ] {
        assert_eq!(viewer.get(address).status, 404, "{address}");
    }
}

#[test]
fn a_preserved_original_runs_nothing_and_its_bytes_are_only_a_download() {
    let mut desk = room();
    desk.article(STORY, HOSTILE, &[]);
    let viewer = Viewer::start(&desk.path, &[]);
    let page = viewer.get("/article/1/original");
    let policy = page.header("content-security-policy").unwrap();
    for part in ["sandbox allow-same-origin", "script-src 'none'", "default-src 'none'", "form-action 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("allow-scripts"));
    let text = page.text();
    assert!(!text.contains("<script") && !text.contains("onload") && !text.contains("src=\"https"), "{text}");
    assert!(text.contains("href=\"#was-top\"") && text.contains("id=\"was-top\""), "{text}");
    let bytes = viewer.get("/article/1/original.raw");
    assert_eq!(bytes.text(), HOSTILE);
    assert_eq!(bytes.header("content-type"), Some("application/octet-stream"));
    assert_eq!(bytes.header("content-disposition"), Some("attachment; filename=\"article-1-version-2.html\""));
    assert!(bytes.header("content-security-policy").unwrap().starts_with("sandbox; default-src 'none'"));
}
