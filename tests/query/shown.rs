//! `embalm show`: pages for readers, each beside the words that they must have; several targets; what is not there.

use super::{binary::embalm, demonstration, ends, prints};
use serde_json::Value;
use std::fs;

#[test]
fn posts_and_articles_are_shown_as_one_wants_to_read_them() {
    let folder = demonstration();
    let mut cases = 0;
    for entry in fs::read_dir("tests/query/shown").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (command, expected) = text.split_once('\n').unwrap();
        let args: Vec<&str> = command.trim_start_matches("$ embalm ").split(' ').collect();
        let mut show = embalm(folder.path());
        let (shown, _) = ends(show.env("COLUMNS", "72").args(args), 0);
        if std::env::var_os("EMBALM_WRITE_EXPECTED").is_some() {
            fs::write(&path, format!("{command}\n{shown}")).unwrap();
        } else {
            assert_eq!(shown, expected, "{}", path.display());
        }
        cases += 1;
    }
    assert!(cases >= 4, "{cases}");
}

#[test]
fn several_targets_are_shown_and_what_is_missing_is_told_in_the_end() {
    let folder = demonstration();
    let targets = ["1", "twitter:1822728575613931527", "twitter:7"];
    let (out, err) = ends(embalm(folder.path()).args(["show", "--json"]).args(targets), 1);
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(err.contains("twitter:7 is not in the archive"), "{err}");
    let stdin = "1\n\ntwitter:1822728575613931527\n";
    let (piped, _) = ends(embalm(folder.path()).args(["show", "--json", "-"]).write_stdin(stdin), 0);
    assert_eq!(piped, out);
}

#[test]
fn what_was_meant_is_suggested() {
    let folder = demonstration();
    let article: Value =
        serde_json::from_str(prints(folder.path(), &["list", "articles", "--limit", "1", "--json"]).trim()).unwrap();
    let url = article["url"].as_str().unwrap_or_else(|| article["name"].as_str().unwrap()).to_owned();
    let slip = format!("{}x", &url[..url.len() - 1]);
    for (asked, meant) in [
        ("twiter:1822728575613931527", "twitter:1822728575613931527"),
        ("bluesky:1822728575613931527", "twitter:1822728575613931527"),
        ("twitter:1822728575613931537", "twitter:1822728575613931527"),
        (&slip, &url),
    ] {
        let (_, err) = ends(embalm(folder.path()).args(["show", asked]), 1);
        assert!(err.contains(&format!("did you mean `{meant}`?")), "{asked}: {err}");
    }
    let (_, err) = ends(embalm(folder.path()).args(["show", "https://elsewhere.example/nothing/like/it"]), 1);
    assert!(!err.contains("did you mean"), "{err}");
}

#[test]
fn one_snapshot_and_one_version_can_be_asked_for() {
    let folder = demonstration();
    let shown = prints(folder.path(), &["show", "1", "--version", "1", "--json"]);
    let article: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(article["version"], 1);
    assert!(article["text"].as_str().unwrap().len() > 100 && !article["embedded"].as_array().unwrap().is_empty());
    let (_, err) = ends(embalm(folder.path()).args(["show", "1", "--version", "9"]), 1);
    assert!(err.contains("version 9 of 1 is not in the archive"), "{err}");
    let post = "twitter:1822728575613931527";
    let found = (1..40).find_map(|number: i64| {
        let mut show = embalm(folder.path());
        let output = show.args(["show", post, "--json", "--snapshot", &number.to_string()]).output().unwrap();
        output.status.success().then(|| serde_json::from_slice::<Value>(&output.stdout).unwrap())
    });
    let found = found.expect("it has a snapshot");
    assert_eq!(found["snapshot"]["is_shown"], true);
    assert_eq!(found["content"]["text"], found["text"]);
    let (_, err) = ends(embalm(folder.path()).args(["show", post, "--snapshot", "9999"]), 1);
    assert!(err.contains("snapshot 9999 of"), "{err}");
}

#[test]
fn the_answers_are_printed_as_they_came() {
    let folder = demonstration();
    let number = prints(folder.path(), &["show", "1", "--raw"]);
    assert!(number.len() > 100, "an article's original");
    let (out, _) = ends(embalm(folder.path()).args(["show", "twitter:1822728575613931527", "--raw"]), 0);
    assert!(out.starts_with("GET https://") && out.contains("RiverGamesCQ"), "{out}");
}

#[test]
fn show_has_no_rows() {
    let folder = demonstration();
    let (out, err) = ends(embalm(folder.path()).args(["show", "1", "--csv"]), 2);
    assert!(out.is_empty() && err.contains("--json"), "{err}");
}
