//! The binary as a user runs it: the demonstration, its second run, exports, and every kind of bad input.

mod binary;

use assert_cmd::Command;
use binary::{embalm, ends};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn demo(folder: &Path) -> Value {
    let (out, _) = ends(embalm(folder).args(["run", "--json", "--config", "config.toml"]), 0);
    json_lines(&out).pop().expect("a summary record")
}

#[test]
fn the_demonstration_captures_posts_and_a_second_run_finds_nothing_new() {
    let folder = TempDir::new().unwrap();
    let first = demo(folder.path());
    assert_eq!(first["articles"]["failed"], 0, "{first}");
    assert!(first["articles"]["new"].as_u64() >= Some(4), "{first}");
    assert!(first["posts"]["captured"].as_u64() >= Some(6), "{first}");
    assert_eq!(first["posts"]["gone"], 1, "{first}");
    assert!(first["media"]["stored"].as_u64() >= Some(5), "{first}");
    let listed = ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0;
    let second = demo(folder.path());
    assert_eq!(second["articles"]["new"], 0, "{second}");
    assert_eq!(second["articles"]["unchanged"], first["articles"]["new"], "{second}");
    assert_eq!(second["posts"]["captured"], 0, "{second}");
    assert_eq!(second["media"]["stored"], 0, "{second}");
    assert_eq!(ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0, listed);
    let (out, _) = ends(embalm(folder.path()).args(["run", "--config", "config.toml"]), 0);
    assert!(out.contains("Nothing new"), "{out}");
}

#[test]
fn a_deleted_post_ends_as_deleted_with_the_words_that_its_article_quotes() {
    let folder = TempDir::new().unwrap();
    demo(folder.path());
    let (out, _) = ends(embalm(folder.path()).args(["list", "posts", "--state", "deleted", "--json"]), 0);
    let posts = json_lines(&out);
    assert_eq!(posts.len(), 1, "{out}");
    assert_eq!(posts[0]["via"], "quoted");
    let words = posts[0]["text"].as_str().expect("the quoted words");
    assert!(words.len() > 20, "{words}");
    let site = folder.path().join("site");
    ends(embalm(folder.path()).args(["export", "html", "--self-contained", "--out"]).arg(&site), 0);
    let pages: Vec<String> =
        fs::read_dir(&site).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    let first_words: String = words.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    let page = pages.iter().find(|page| page.contains(&first_words)).expect("a page with the deleted post");
    assert!(page.contains("Deleted"), "the page marks the post as deleted");
}

#[test]
fn reading_commands_answer_about_the_demonstration() {
    let folder = TempDir::new().unwrap();
    demo(folder.path());
    for what in ["articles", "posts", "media", "runs", "failures"] {
        for form in [None, Some("--json"), Some("--csv")] {
            ends(embalm(folder.path()).args(["list", what]).args(form), 0);
        }
    }
    let posts = json_lines(&ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0);
    let post = posts.iter().find(|post| post["state"] == "live" && post["text"] != "").expect("a live post");
    let by_url = ends(embalm(folder.path()).args(["show", post["url"].as_str().unwrap(), "--json"]), 0).0;
    let by_key = ends(embalm(folder.path()).args(["show", post["key"].as_str().unwrap(), "--json"]), 0).0;
    assert_eq!(by_url, by_key);
    let shown = json_lines(&by_key).swap_remove(0);
    for (field, value) in post.as_object().unwrap() {
        assert_eq!(shown[field], *value, "{field} is shown as it is listed");
    }
    let word = post["text"].as_str().unwrap().split_whitespace().find(|word| word.len() > 4).unwrap();
    let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    let hits = json_lines(&ends(embalm(folder.path()).args(["search", &word, "--json"]), 0).0);
    assert!(hits.iter().any(|hit| hit["target"] == post["key"]), "{word}: {hits:?}");
    let (status, _) = ends(embalm(folder.path()).arg("status"), 0);
    assert!(status.contains("deleted"), "{status}");
    let (_, err) = ends(embalm(folder.path()).args(["show", "twitter:1"]), 1);
    assert!(err.contains("not in the archive"), "{err}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).args(["run", "--dry-run", "--config", "config.toml"]), 0);
    assert!(!folder.path().join("test.db").exists());
}

#[test]
fn a_budget_that_is_used_up_stops_early_with_the_work_saved() {
    let folder = TempDir::new().unwrap();
    let (out, _) =
        ends(embalm(folder.path()).args(["run", "--json", "--max-bytes", "1", "--config", "config.toml"]), 4);
    assert_eq!(json_lines(&out).last().unwrap()["stopped"], "byte budget");
    assert_eq!(demo(folder.path())["stopped"], Value::Null);
    let (out, _) = ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0);
    let fresh = TempDir::new().unwrap();
    demo(fresh.path());
    let (whole, _) = ends(embalm(fresh.path()).args(["list", "posts", "--json"]), 0);
    let keys = |text: &str| {
        let mut keys: Vec<_> = json_lines(text).iter().map(|post| post["key"].to_string()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&out), keys(&whole));
}

#[test]
fn bad_configurations_are_told_with_file_line_and_key() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("c.toml");
    let missing = folder.path().join("none.toml");
    let (_, err) = ends(embalm(folder.path()).args(["run", "--config"]).arg(&missing), 2);
    assert!(err.contains("none.toml") && err.contains("embalm init"), "{err}");
    let cases = [
        ("[network]\ntimeout_s = 3\nuser_agnet = 'x'\n", "c.toml:3", "did you mean `user_agent`?"),
        ("[network\n", "c.toml:1", ""),
        ("\n[network]\ntimeout_s = 'soon'\n", "c.toml:3", "expected a whole number"),
        ("[[source]]\nname = 'a'\nkind = 'feed'\n", "[[source]] \"a\"", "needs either `url` or `path`"),
        ("[[source]]\nname = 'a'\nkind = 'feed'\nurl = 'nonsense'\n", "[[source]] \"a\"", "not a URL"),
        ("[capture]\nplatforms = ['twiter']\n", "platforms", "no platform `twiter`"),
        ("[budget]\ntime = 'long'\n", "[budget] time", "is not a time"),
        ("", "[[source]]", "embalm add"),
    ];
    for (text, place, advice) in cases {
        fs::write(&config, text).unwrap();
        let (_, err) = ends(embalm(folder.path()).args(["run", "--config"]).arg(&config), 2);
        assert!(err.contains(place) && err.contains(advice), "{text:?}: {err}");
        assert!(!folder.path().join("test.db").exists(), "{text:?} touched the archive");
    }
}

#[test]
fn bad_archives_are_refused_and_left_as_they_were() {
    let folder = TempDir::new().unwrap();
    let archive = folder.path().join("test.db");
    let (_, err) = ends(embalm(folder.path()).args(["list", "posts"]), 2);
    assert!(err.contains("test.db") && err.contains("embalm"), "{err}");
    fs::write(&archive, "this is a diary, not a database\n".repeat(100)).unwrap();
    let before = fs::read(&archive).unwrap();
    let add = |folder: &Path| {
        let mut command = embalm(folder);
        command.args(["add", "fixtures/articles", "--replay", "fixtures/demo.warc.gz"]);
        command
    };
    let (_, err) = ends(&mut add(folder.path()), 2);
    assert!(err.contains("cannot open") && err.contains("untouched"), "{err}");
    assert_eq!(fs::read(&archive).unwrap(), before);
    fs::remove_file(&archive).unwrap();
    let (_, err) = ends(embalm(folder.path()).args(["add", "fixtures/articles", "--archive", "/proc/nowhere/a.db"]), 2);
    assert!(err.contains("/proc/nowhere"), "{err}");
}

#[test]
fn a_held_archive_is_exit_code_75_and_nothing_is_done() {
    let folder = TempDir::new().unwrap();
    let lock = embalm::pipeline::Lock::take(&folder.path().join("test.db"), "run").unwrap();
    let (_, err) = ends(embalm(folder.path()).args(["run", "--config", "config.toml"]), 75);
    assert!(err.contains("another run holds") && err.contains("since"), "{err}");
    let silent = ends(embalm(folder.path()).args(["run", "--config", "config.toml", "-q"]), 75);
    assert_eq!(silent, (String::new(), String::new()));
    let (_, err) = ends(embalm(folder.path()).args(["run", "--config", "config.toml", "--wait", "1s"]), 75);
    assert!(err.starts_with("waiting for ") && err.contains("`embalm run`, process"), "{err}");
    drop(lock);
    assert!(!folder.path().join("test.db").exists());
}

#[test]
fn inputs_that_are_no_articles_are_told_one_by_one_and_do_not_stop_the_rest() {
    let folder = TempDir::new().unwrap();
    let add = |folder: &Path, inputs: &[&str]| {
        let mut command = embalm(folder);
        command.args(["add", "--json", "--replay", "fixtures/demo.warc.gz"]).args(inputs);
        command
    };
    let (_, err) = ends(&mut add(folder.path(), &["ht!tp://x"]), 2);
    assert!(err.contains("ht!tp://x"), "{err}");
    let (_, err) = ends(&mut add(folder.path(), &["gopher://example.org/1"]), 2);
    assert!(err.contains("gopher"), "{err}");
    fs::write(folder.path().join("a.html"), b"%PDF-1.7\n\x00\x01 not a page").unwrap();
    fs::write(folder.path().join("b.txt"), " date 2024-08-12 Words of an article about nothing.").unwrap();
    let failures = folder.path().join("failed.txt");
    let inputs = [folder.path().join("a.html"), folder.path().join("b.txt")].map(|path| path.display().to_string());
    let mut command = add(folder.path(), &[&inputs[0], &inputs[1], "-e"]);
    let (out, _) = ends(command.arg(&failures), 0);
    let summary = json_lines(&out).pop().unwrap();
    assert_eq!((&summary["articles"]["new"], &summary["articles"]["failed"]), (&1.into(), &1.into()), "{summary}");
    let text = fs::read_to_string(&failures).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("# ") && lines[1] == inputs[0], "{text}");
    let (out, _) = ends(embalm(folder.path()).args(["list", "articles", "--json"]), 0);
    assert_eq!(json_lines(&out)[0]["published"], "2024-08-12");
}

#[test]
fn a_feed_without_entries_is_said_and_is_no_failure() {
    let folder = TempDir::new().unwrap();
    let feed = "<rss version='2.0'><channel><title>Quiet</title><link>https://quiet.example/</link>\
                <description>nothing</description></channel></rss>";
    fs::write(folder.path().join("feed.xml"), feed).unwrap();
    let config = folder.path().join("c.toml");
    fs::write(&config, "[[source]]\nname = 'quiet'\nkind = 'feed'\npath = 'feed.xml'\n").unwrap();
    let (out, _) = ends(embalm(folder.path()).args(["run", "--config"]).arg(&config), 0);
    assert!(out.contains("no entries"), "{out}");
}

#[test]
fn detect_and_recognize_need_neither_network_nor_archive() {
    let folder = TempDir::new().unwrap();
    let (out, _) = ends(embalm(folder.path()).args(["detect", "--json", "fixtures/articles"]), 0);
    let records = json_lines(&out);
    assert!(records.len() >= 8, "{out}");
    assert!(
        records.iter().all(|record| !record["article"].as_str().unwrap().contains('/')),
        "paths are under the folder"
    );
    let text = records.iter().find(|record| record["form"] == "text" && record["post_id"].is_null());
    assert!(text.expect("a flattened post")["quoted"]["published"].as_str().unwrap().starts_with("2024-08-1"));
    let urls = "https://x.com/ann/status/20\nhttps://example.org/about\n";
    let (out, _) = ends(embalm(folder.path()).args(["recognize", "-", "--json"]).write_stdin(urls), 0);
    let records = json_lines(&out);
    assert_eq!(records[0]["post_id"], "20");
    assert_eq!(records[1]["platform"], Value::Null);
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was written");
}

#[test]
fn init_writes_a_configuration_that_works_and_never_overwrites() {
    let folder = TempDir::new().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_embalm"));
    init.env_clear().env("HOME", folder.path()).current_dir(folder.path()).args(["init", "news"]);
    ends(&mut init, 0);
    let config = folder.path().join("news/config.toml");
    assert!(folder.path().join("news/embalm.db").exists());
    fs::write(&config, "# mine\n").unwrap();
    let (out, _) = ends(&mut init, 0);
    assert!(out.contains("kept"), "{out}");
    assert_eq!(fs::read_to_string(&config).unwrap(), "# mine\n");
}

#[test]
fn jsonl_pages_keep_their_urls_and_bad_lines_are_told() {
    let folder = TempDir::new().unwrap();
    let lines = "{\"url\":\"https://a.example/1\",\"html\":\"<p><a href='https://x.com/ann/status/20'>x</a></p>\"}\n\
                 {\"url\":\"https://a.example/2\"}\n";
    let file = folder.path().join("pages.jsonl");
    fs::write(&file, lines).unwrap();
    let (out, err) = ends(embalm(folder.path()).args(["detect", "--json"]).arg(&file), 1);
    assert_eq!(json_lines(&out)[0]["article"], "https://a.example/1");
    assert!(err.contains("pages.jsonl:2"), "{err}");
}

#[test]
fn a_recording_is_never_left_for_the_network_unasked() {
    let folder = TempDir::new().unwrap();
    let recording = folder.path().join("new.warc.gz");
    let mut run = embalm(folder.path());
    let (_, err) = ends(run.args(["run", "--config", "config.toml", "--record"]).arg(&recording), 2);
    assert!(err.contains("[network] replay"), "{err}");
    assert!(!recording.exists() && !folder.path().join("test.db").exists());
}

#[test]
fn the_words_of_a_lost_post_are_kept_from_whichever_article_quotes_them() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    let url = "https://x.com/ivo_castellane/status/1902103783112032259";
    let filler = "<p>The council met again, and what it decided was heard in the street before the bells rang.</p>";
    let link = format!("<html><body><article>{filler}<p><a href='{url}'>{url}</a></p>{filler}</article></body></html>");
    let quote = format!(
        "<html><body><article>{filler}<blockquote class='twitter-tweet'><p>The bells rang twice</p>&mdash; Ivo \
         (@ivo_castellane) <a href='{url}'>March 18, 2025</a></blockquote>{filler}</article></body></html>"
    );
    fs::write(pages.join("a-link.html"), link).unwrap();
    fs::write(pages.join("b-quote.html"), quote).unwrap();
    for _ in 0..2 {
        let mut add = embalm(folder.path());
        ends(add.args(["add", "--replay", "fixtures/demo.warc.gz"]).arg(&pages), 0);
        let posts = json_lines(&ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0).0);
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert_eq!((&posts[0]["state"], &posts[0]["via"]), (&"deleted".into(), &"quoted".into()));
        assert_eq!((&posts[0]["text"], &posts[0]["snapshots"]), (&"The bells rang twice".into(), &2.into()));
    }
}

#[test]
fn platforms_are_listed_with_what_they_give_and_a_misspelt_one_is_refused() {
    let folder = TempDir::new().unwrap();
    let listed = json_lines(&ends(embalm(folder.path()).args(["list", "platforms", "--json"]), 0).0);
    assert!(listed.iter().all(|row| row["routes"].as_array().is_some_and(|routes| !routes.is_empty())), "{listed:?}");
    assert!(listed.iter().all(|row| row["text"].is_string() && row["media"].is_string()), "{listed:?}");
    let args = ["list", "platforms", "--platform", "gist", "--json"];
    assert_eq!(json_lines(&ends(embalm(folder.path()).args(args), 0).0).len(), 1);
    for command in [["recheck", "--platform", "twiter"], ["reparse", "--platform", "twiter"]] {
        let (_, said) = ends(embalm(folder.path()).args(command), 2);
        assert!(said.contains("did you mean `twitter`?"), "{said}");
    }
}

/// Every row that the input and the recording decide, in the order in which it was written; the clock's are left out.
fn rows(archive: &Path) -> Vec<String> {
    let archive = rusqlite::Connection::open(archive).expect("an archive");
    let queries = [
        "SELECT id, platform, post_id, url, state, via FROM posts ORDER BY id",
        "SELECT s.id, p.post_id, s.via, s.outcome, s.digest, s.text, s.text_html, s.author_handle, s.published, \
         CASE s.via WHEN 'quoted' THEN '' ELSE s.captured_at END FROM snapshots s JOIN posts p ON p.id = s.post \
         ORDER BY s.id",
        "SELECT * FROM relations ORDER BY 1, 2, 3, 4",
        "SELECT * FROM snapshot_media ORDER BY 1, 2, 3, 4",
        "SELECT * FROM embeds ORDER BY 1, 2, 3, 4",
        "SELECT id, name, source, kind, url, site FROM articles ORDER BY id",
        "SELECT id, article, sha256, title, byline, published, lang, text, body FROM article_versions ORDER BY id",
        "SELECT id, post, via, result, state, snapshot, reason FROM looks ORDER BY id",
    ];
    let mut rows = Vec::new();
    for query in queries {
        let mut statement = archive.prepare(query).expect("a query of the schema");
        let columns = statement.column_count();
        let read = statement.query_map([], |row| {
            let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
            Ok(format!("{:?}", values.collect::<Result<Vec<_>, _>>()?))
        });
        rows.extend(read.expect("rows").map(|row| row.expect("a row")));
    }
    rows
}

#[test]
fn the_same_input_and_the_same_recording_give_the_same_rows() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    [&one, &other].into_iter().for_each(|folder| drop(demo(folder.path())));
    let [first, second] = [&one, &other].map(|folder| rows(&folder.path().join("test.db")));
    assert!(first.len() > 50, "{}", first.len());
    for (first, second) in first.iter().zip(&second) {
        assert_eq!(first, second);
    }
    assert_eq!(first.len(), second.len());
}

#[test]
fn a_platform_that_is_switched_on_later_is_asked_for_what_was_left_out() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("vote.html");
    let html = fs::read_to_string("fixtures/articles/council-vote.html").unwrap();
    fs::write(&page, &html).unwrap();
    let add = |platforms: &str| {
        let mut command = embalm(folder.path());
        command.args(["add", "--json", "--replay", "fixtures/demo.warc.gz"]).arg(&page);
        command.env("EMBALM_CAPTURE_PLATFORMS", platforms);
        json_lines(&ends(&mut command, 0).0).pop().unwrap()
    };
    let without = add("youtube");
    assert_eq!(without["posts"]["captured"], 0, "{without}");
    fs::write(&page, html + "\n").unwrap();
    let with = add("youtube, twitter");
    assert!(with["posts"]["captured"].as_u64() > Some(0), "{with}");
}
