//! `embalm export html` as a user runs it.

#[path = "../binary/mod.rs"]
pub(crate) mod binary;

use crate::{faults::faults, stage::files};
use binary::{embalm, ends};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn demo() -> TempDir {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).args(["run", "--quiet", "--config", "config.toml"]), 0);
    folder
}

fn export(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
    ends(embalm(folder).args(["export", "html"]).args(arguments), code)
}

#[test]
fn the_demonstration_becomes_a_site_in_which_every_link_leads_somewhere() {
    let folder = demo();
    let site = folder.path().join("site");
    let out = site.to_str().unwrap();
    let (said, told) = export(folder.path(), &["--out", out], 0);
    assert_eq!(said.trim(), site.join("index.html").to_str().unwrap());
    assert!(told.contains("5 articles, 13 posts"), "{told}");
    let wrong = faults(&files(&site));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let (records, _) = export(folder.path(), &["--json", "--quiet", "--out", out], 0);
    let records = lines(&records);
    assert!(records.iter().all(|record| record["written"] == false), "a second export writes nothing");
    for record in &records {
        let bytes = fs::metadata(record["path"].as_str().unwrap()).unwrap().len();
        assert_eq!(record["bytes"], bytes);
    }
    assert_eq!(records.iter().filter(|record| record["what"] == "article" && record["id"].is_i64()).count(), 5);
    assert_eq!(records.iter().filter(|record| record["what"] == "post" && record["key"].is_string()).count(), 13);
}

#[test]
fn a_selection_is_what_was_named() {
    let folder = demo();
    let site = folder.path().join("site");
    let out = site.to_str().unwrap();
    export(folder.path(), &["--platform", "mastodon", "--out", out], 0);
    let about = fs::read_to_string(site.join("about.html")).unwrap();
    assert!(about.contains("<dd>platform mastodon</dd>"), "{about}");
    let wrong = faults(&files(&site));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let posts = lines(&ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0);
    let key = posts[0]["key"].as_str().unwrap();
    let one = folder.path().join("one");
    let (records, _) = export(folder.path(), &[key, "--json", "--out", one.to_str().unwrap()], 0);
    let pages: Vec<_> = lines(&records).into_iter().filter(|record| record["what"] == "post").collect();
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0]["key"], key);
    let wrong = faults(&files(&one));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_snippet_goes_to_stdout() {
    let folder = demo();
    let posts = lines(&ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0);
    let url = posts.iter().find(|post| post["platform"] == "bluesky").unwrap()["url"].as_str().unwrap();
    let (html, told) = export(folder.path(), &["--embed", url, "--out", "-"], 0);
    assert!(html.starts_with("<style>") && html.contains("<figure class=\"embalm-post\""), "{html}");
    assert_eq!(told, "");
    let (html, _) = export(folder.path(), &["--embed", "--no-css", url, "--out", "-"], 0);
    assert!(html.starts_with("<figure"), "{html}");
    let (record, _) = export(folder.path(), &["--embed", "--json", url, "--out", "-"], 0);
    assert!(lines(&record)[0]["html"].as_str().unwrap().contains("<blockquote"));
    let (all, _) = export(folder.path(), &["--embed", "--no-css", "--out", "-"], 0);
    assert_eq!(all.matches("<figure class=\"embalm-post").count() - all.matches("embalm-inner").count(), posts.len());
}

#[test]
fn bad_input_is_told_and_nothing_is_touched() {
    let folder = demo();
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("mine.txt"), "mine").unwrap();
    let (_, told) = export(folder.path(), &["--out", other.to_str().unwrap()], 2);
    assert!(told.contains("is not empty") && told.contains("--force"), "{told}");
    assert_eq!(files(&other).len(), 1);
    let site = folder.path().join("site");
    let out = site.to_str().unwrap();
    let (_, told) = export(folder.path(), &["no-such-article", "--out", out], 1);
    assert!(told.contains("no-such-article is not in the archive"), "{told}");
    let (_, told) = export(folder.path(), &["--site", "nowhere.example", "--out", out], 1);
    assert!(told.contains("there is no such article or post"), "{told}");
    assert!(!site.exists());
    for bad in ["javascript:alert(1)", "//elsewhere.example/", "data:text/html,x", ""] {
        export(folder.path(), &["--embed", "--media-url", bad, "--out", out], 2);
    }
    export(folder.path(), &["--embed", "--media-url", "/m/", "--out", "-"], 2);
    export(folder.path(), &["--no-css", "--out", out], 2);
}

#[test]
fn no_output_takes_the_place_of_the_archive() {
    let folder = demo();
    let run = |arguments: &[&str]| ends(embalm(folder.path()).current_dir(folder.path()).args(arguments), 2).1;
    let archive = folder.path().join("test.db");
    let bytes = fs::read(&archive).unwrap();
    let name = "test.db";
    let wal = format!("./{name}-wal");
    for out in [name, archive.to_str().unwrap(), &wal] {
        for arguments in [
            &["export", "proof", "1", "--out", out][..],
            &["export", "datasette", "--out", out],
            &["export", "jsonl", "--table", "posts", "--out", out],
            &["export", "html", "1", "--out", out],
            &["add", "https://news.example/none", "--offline", "--error-file", out],
        ] {
            let told = run(arguments);
            assert!(told.contains("is the archive itself, or belongs to it"), "{arguments:?}: {told}");
        }
    }
    assert_eq!(fs::read(&archive).unwrap(), bytes);
}
