//! What failed: it is told on every level of talk, named so that it can be tried again, and tried again only when due.

mod binary;
#[path = "fetch/server.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod server;

use binary::{embalm, ends};
use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

const PAGE: &str = "<title>A tide table</title><p>The tide came in twice, and nobody was surprised by it.</p>";

fn record(text: &str) -> Value {
    serde_json::from_str(text.lines().last().expect("a record")).expect("a line of JSON")
}

/// A recording of answers of the demonstration, those whose URL begins with one of these.
fn part_of_the_demo(path: &Path, beginnings: &[&str]) {
    let list = fs::read_to_string("fixtures/demo/exchanges.json").expect("the demonstration");
    let list: Vec<Value> = serde_json::from_str(&list).expect("a list");
    let at = "2026-11-20T08:00:00Z".parse().expect("a time");
    let mut writer = WarcWriter::new(fs::File::create(path).expect("a file"), at).expect("a recording");
    for entry in list {
        let address = entry["url"].as_str().expect("a URL");
        if !beginnings.iter().any(|beginning| address.starts_with(beginning)) {
            continue;
        }
        let url: url::Url = address.parse().expect("a URL");
        let body = fs::read(format!("fixtures/demo/{}", entry["body"].as_str().expect("a file"))).expect("a body");
        let answer = Response { url: url.clone(), status: 200, headers: Headers::default(), body };
        let request = Request::get(url);
        let exchange = Exchange { request, hops: Vec::new(), answer: Ok(answer), started_at: at, elapsed_ms: 1 };
        writer.write(&exchange).expect("a record");
    }
    writer.flush().expect("written");
}

#[test]
fn what_failed_in_a_folder_is_told_even_quietly_and_written_ready_to_be_tried_again() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir_all(pages.join("sub")).unwrap();
    fs::write(pages.join("a.html"), PAGE).unwrap();
    fs::write(pages.join("sub/empty.html"), "").unwrap();
    let failed = folder.path().join("failed.txt");
    let mut add = embalm(folder.path());
    let (out, err) = ends(add.args(["add", "-q"]).arg(&pages).arg("-e").arg(&failed), 0);
    assert_eq!((out.as_str(), err.as_str()), ("", "failed sub/empty.html: it is empty\n"));
    let words = fs::read_to_string(&failed).unwrap();
    assert_eq!(words, format!("# it is empty\n{}\n", pages.join("sub/empty.html").display()));
    fs::write(pages.join("sub/empty.html"), PAGE).unwrap();
    ends(embalm(folder.path()).args(["add", "-q", "-i"]).arg(&failed), 0);
}

#[test]
fn a_folder_without_articles_is_told() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("css")).unwrap();
    fs::write(folder.path().join("css/site.css"), "p {}").unwrap();
    let (_, err) = ends(embalm(folder.path()).arg("add").arg(folder.path().join("css")), 1);
    assert!(err.is_empty(), "{err}");
    let (_, err) = ends(embalm(folder.path()).arg("detect").arg(folder.path().join("css")), 2);
    assert!(err.contains("holds no .html"), "{err}");
}

#[test]
fn a_recording_that_can_not_be_made_touches_nothing() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("a.html");
    fs::write(&page, PAGE).unwrap();
    let there = folder.path().join("there.warc.gz");
    fs::write(&there, "kept").unwrap();
    for place in [there.clone(), folder.path().join("nowhere/x.warc.gz")] {
        let (_, err) = ends(embalm(folder.path()).arg("add").arg(&page).arg("--record").arg(&place), 2);
        assert!(err.contains(&place.display().to_string()), "{err}");
    }
    assert_eq!(fs::read_to_string(there).unwrap(), "kept");
    assert!(!folder.path().join("test.db").exists());
}

#[test]
fn a_file_that_could_not_be_had_is_queued_and_filled_in_later() {
    let folder = TempDir::new().unwrap();
    let post = "https://x.com/CalderQuayFest/status/1804615623005327362";
    let words_only = folder.path().join("words.warc");
    part_of_the_demo(&words_only, &["https://cdn.syndication.twimg.com/tweet-result?id=1804615623005327362"]);
    let (out, _) = ends(embalm(folder.path()).args(["add", "--json", post, "--replay"]).arg(&words_only), 0);
    let summary = record(&out);
    assert_eq!((&summary["posts"]["captured"], &summary["media"]["failed"]), (&1.into(), &3.into()), "{summary}");
    let queued = |folder: &Path| record(&ends(embalm(folder).args(["status", "--json"]), 0).0)["queued"].clone();
    assert_eq!(queued(folder.path()), 1);
    ends(embalm(folder.path()).args(["add", "-q", post, "--replay", "fixtures/demo.warc.gz"]), 0);
    assert_eq!(queued(folder.path()), 0);
    let (out, _) = ends(embalm(folder.path()).args(["list", "posts", "--json"]), 0);
    assert!(record(&out)["media"].as_array().unwrap().iter().all(|media| media["sha256"].is_string()), "{out}");
}

#[test]
fn an_article_that_is_not_due_yet_is_left_alone_by_its_source() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("other.warc");
    part_of_the_demo(&empty, &["https://www.youtube.com/oembed"]);
    fs::write(folder.path().join("list.txt"), "https://news.example/story\n").unwrap();
    fs::write(
        folder.path().join("config.toml"),
        "[network]\nreplay = [\"other.warc\"]\n[[source]]\nname = \"L\"\nkind = \"list\"\npath = \"list.txt\"\n",
    )
    .unwrap();
    let run = || {
        let mut run = embalm(folder.path());
        record(&ends(run.args(["run", "--json", "--config"]).arg(folder.path().join("config.toml")), 0).0)
    };
    let first = run();
    assert_eq!((&first["articles"]["failed"], &first["requests"]), (&1.into(), &1.into()), "{first}");
    let second = run();
    assert_eq!((&second["articles"]["failed"], &second["requests"]), (&0.into(), &0.into()), "{second}");
}

#[test]
fn a_budget_of_articles_is_kept_to_the_article() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    for name in ["a.html", "b.html", "c.html"] {
        fs::write(pages.join(name), PAGE).unwrap();
    }
    let mut add = embalm(folder.path());
    let (out, _) = ends(add.env("EMBALM_BUDGET_ARTICLES", "2").args(["add", "--json"]).arg(&pages), 4);
    let summary = record(&out);
    assert_eq!((&summary["articles"]["new"], &summary["stopped"]), (&2.into(), &"article budget".into()), "{summary}");
}

#[test]
fn files_of_two_sources_with_the_same_name_are_two_articles() {
    let folder = TempDir::new().unwrap();
    let mut config = String::new();
    for (name, words) in [("one", "The first tide came in."), ("two", "The second tide went out.")] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("index.html"), format!("<title>{name}</title><p>{words}</p>")).unwrap();
        config.push_str(&format!("[[source]]\nname = \"{name}\"\nkind = \"files\"\npath = \"{name}\"\n"));
    }
    fs::write(folder.path().join("config.toml"), config).unwrap();
    for (new, unchanged) in [(2, 0), (0, 2)] {
        let mut run = embalm(folder.path());
        let (out, _) = ends(run.args(["run", "--json", "--config"]).arg(folder.path().join("config.toml")), 0);
        let counts = &record(&out)["articles"];
        assert_eq!(
            (&counts["new"], &counts["changed"], &counts["unchanged"]),
            (&new.into(), &0.into(), &unchanged.into())
        );
    }
}

/// The inputs in a list, without the reasons.
fn inputs_of(list: &Path) -> Vec<String> {
    let text = fs::read_to_string(list).expect("a list");
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn a_list_of_what_failed_reads_as_the_very_inputs_whatever_their_names() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    let mut names: Vec<std::ffi::OsString> =
        ["#first.html", " spaces .html ", "two\nlines.html", "-", "ü & 'x'.html", "a:7"].map(Into::into).into();
    #[cfg(target_os = "linux")]
    names.push(std::os::unix::ffi::OsStringExt::from_vec(b"no\xfftext.html".to_vec()));
    for name in &names {
        fs::write(pages.join(name), "").unwrap();
    }
    fs::write(pages.join("pages.jsonl"), "{\"text\": 7}\n[]\n").unwrap();
    let mut add = embalm(folder.path());
    add.current_dir(&pages).args(["add", "-q", "--replay"]).arg(fs::canonicalize("fixtures/demo.warc.gz").unwrap());
    add.args(["./#first.html", "./ spaces .html ", "./two\nlines.html", "./-", "ü & 'x'.html", "./a:7", "pages.jsonl"]);
    add.args(["https://nowhere.example/a?x=1&y=%202#part", "https://x.com/nobody/status/999999999999", "-e", "1.txt"]);
    // A folder brings the file whose name is no text.
    add.arg(&pages);
    ends(&mut add, 0);
    let again = |from: &str, to: &str| {
        let mut add = embalm(folder.path());
        add.current_dir(&pages).args(["add", "-q", "--replay"]).arg(fs::canonicalize("fixtures/demo.warc.gz").unwrap());
        ends(add.args(["-i", from, "-e", to]), 0);
        inputs_of(&pages.join(to))
    };
    let first = inputs_of(&pages.join("1.txt"));
    let (second, third) = (again("1.txt", "2.txt"), again("2.txt", "3.txt"));
    assert_eq!(second, third, "a list of a list is the list");
    for kind in [
        "./#first.html",
        "spaces%20.html%20",
        "two%0Alines.html",
        "/-",
        "ü & 'x'.html",
        "pages.jsonl",
        "x=1&y=%202",
        "/999999999999",
    ] {
        assert!(first.iter().any(|line| line.contains(kind)), "{kind}: {first:?}");
    }
    let text = fs::read_to_string(pages.join("1.txt")).unwrap();
    assert!(text.contains("# could not be fetched: not recorded\nhttps://nowhere.example/"), "{text}");
    #[cfg(target_os = "linux")]
    assert!(first.iter().any(|line| line.contains("no%FFtext.html")), "{first:?}");
    let (out, _) = ends(
        embalm(folder.path()).args([
            "add",
            "-q",
            "-e",
            "-",
            "https://nowhere.example/b",
            "--replay",
            "fixtures/demo.warc.gz",
        ]),
        1,
    );
    assert_eq!(out, "# could not be fetched: not recorded\nhttps://nowhere.example/b\n");
    let mut add = embalm(folder.path());
    let out = add
        .args(["add", "-q", "-i", "-", "-e", "-", "--replay", "fixtures/demo.warc.gz"])
        .write_stdin(out)
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(out.stdout).unwrap(),
        "# could not be fetched: not recorded\nhttps://nowhere.example/b\n"
    );
}

/// More than a run looks ahead.
const MANY: usize = 600;

#[test]
fn of_what_is_named_nothing_is_lost_where_a_run_stops_before_it() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    let mut named: Vec<String> = (0..MANY).map(|nth| format!("https://nowhere.example/{nth}")).collect();
    named.push(pages.to_str().unwrap().to_owned());
    named.push("no such thing".to_owned());
    fs::write(folder.path().join("named.txt"), named.join("\n")).unwrap();
    let again = |from: &str, to: &str| {
        let mut add = embalm(folder.path());
        add.current_dir(folder.path());
        ends(add.args(["add", "-q", "--max-requests", "0", "-i", from, "-e", to]), 4);
        let mut left = inputs_of(&folder.path().join(to));
        left.sort();
        left
    };
    named.sort();
    assert_eq!(again("named.txt", "left.txt"), named);
    assert_eq!(again("left.txt", "left-again.txt"), named);
    let (out, _) = ends(embalm(folder.path()).args(["status", "--json"]), 0);
    assert_eq!(record(&out)["queue"]["articles"], MANY, "{out}");
}

#[test]
fn a_folder_larger_than_a_budget_of_articles_ends_the_run_when_it_is_used_up() {
    let folder = TempDir::new().unwrap();
    let pages = folder.path().join("pages");
    fs::create_dir(&pages).unwrap();
    for nth in 0..MANY {
        fs::write(pages.join(format!("{nth}.html")), PAGE).unwrap();
    }
    fs::write(folder.path().join("config.toml"), "[budget]\narticles = 2\n").unwrap();
    let mut add = embalm(folder.path());
    let (out, _) = ends(add.current_dir(folder.path()).args(["add", "--json"]).arg(&pages), 4);
    let summary = record(&out);
    assert_eq!((&summary["stopped"], &summary["articles"]["new"]), (&"article budget".into(), &2.into()), "{summary}");
}

/// A configuration whose list names these pages of the server.
fn list_of(folder: &Path, server: &server::Server, pages: &[&str]) {
    let list: String = pages.iter().map(|page| format!("{}\n", server.url(page))).collect();
    fs::write(folder.join("list.txt"), list).expect("a list");
    let config = "[network]\nallow_hosts = [\"127.0.0.1\"]\nper_host_delay_ms = 0\nrespect_robots = false\n\
                  [queue]\nattempts = 1\n[[source]]\nname = \"L\"\nkind = \"list\"\npath = \"list.txt\"\n";
    fs::write(folder.join("config.toml"), config).expect("a configuration");
}

#[test]
fn a_dead_link_and_one_tried_too_often_rest_until_they_are_released() {
    let folder = TempDir::new().unwrap();
    let server = server::Server::new(|asked| match asked.url.rsplit('/').next() {
        Some("gone") => server::Reply::new("410 Gone", b""),
        Some("gate") => server::Reply::new("200 OK\r\ncontent-type: application/pdf", b"%PDF-1.7\n\x00\x01 no page"),
        _ => server::Reply::new("500 Trouble", b""),
    });
    list_of(folder.path(), &server, &["/gone", "/gate", "/ill?a=1&b=2"]);
    let asked = |page: &str| server.asked().iter().filter(|asked| asked.url.ends_with(page)).count();
    let run = || {
        let mut run = embalm(folder.path());
        ends(run.current_dir(folder.path()).args(["run", "-q"]), 0);
        [asked("/gone"), asked("/gate"), asked("/ill?a=1&b=2")]
    };
    assert_eq!((run(), run()), ([1, 1, 1], [1, 1, 1]), "a list that goes on naming them changes nothing");
    let failures = || ends(embalm(folder.path()).args(["list", "failures", "--sort", "reason"]), 0).0;
    let told = failures();
    let (ill, gone) = (server.url("/ill?a=1&b=2"), server.url("/gone"));
    assert!(told.contains(&format!("rests; `embalm retry '{ill}'`")), "{told}");
    assert!(told.contains("status 410; tried once since 20") && told.contains("rests, one more look 20"), "{told}");
    assert_eq!(told.lines().count(), 3, "{told}");
    ends(embalm(folder.path()).args(["retry", ill.as_str(), "-q"]), 0);
    assert!(failures().contains("due at the next run"));
    assert_eq!(run(), [1, 1, 2]);
    let (out, _) = ends(embalm(folder.path()).args(["retry", "--site", "127.0.0.1", "--dry-run", "--json"]), 0);
    assert_eq!(out.lines().count(), 3);
    let (_, err) = ends(embalm(folder.path()).args(["retry", "https://nowhere.example/"]), 2);
    assert!(err.contains("nothing that failed"), "{err}");
    ends(embalm(folder.path()).args(["retry", "--all"]), 0);
    assert_eq!(run(), [2, 2, 3]);
    assert!(failures().contains(gone.as_str()));
}

#[test]
fn a_list_that_is_resumed_asks_for_nothing_that_was_looked_at() {
    let folder = TempDir::new().unwrap();
    let list = folder.path().join("posts.txt");
    fs::write(&list, "https://twitter.com/ivo_castellane/status/1902103783112032259\n").unwrap();
    let add = |flags: &[&str]| {
        let mut add = embalm(folder.path());
        add.args(["add", "--json", "--replay", "fixtures/demo.warc.gz", "-i"]).arg(&list).args(flags);
        record(ends(&mut add, 0).0.lines().last().unwrap())
    };
    let first = add(&["--resume"]);
    assert_eq!((&first["requests"], &first["posts"]["gone"]), (&1.into(), &1.into()), "{first}");
    let second = add(&["--resume"]);
    assert_eq!((&second["requests"], &second["posts"]["gone"]), (&0.into(), &0.into()), "{second}");
    let named = add(&[]);
    assert_eq!(named["requests"], 1, "without it a post that is named is looked at now: {named}");
}

#[test]
fn a_record_of_an_embed_keeps_the_words_that_its_article_quotes_of_a_post_that_is_gone() {
    let folder = TempDir::new().unwrap();
    let gone = r#"{"article":"a.html","url":"https://twitter.com/ivo_castellane/status/1902103783112032259","form":"blockquote","quoted":{"text":"Low water at nine","author_name":"Ivo"}}"#;
    let unnamed = r#"{"article":"a.html","platform":"twitter","post_id":null,"url":null,"quoted":{"text":"No address was given","author_handle":"ivo"}}"#;
    let lines = folder.path().join("records.jsonl");
    fs::write(&lines, format!("{gone}\n{unnamed}\n{{\"url\":\"https://site.example/story\",\"quoted\":{{}}}}\n"))
        .unwrap();
    let list = folder.path().join("list");
    fs::write(&list, format!("{gone}\n{unnamed}\n")).unwrap();
    // As a file of lines, as a list, and as a list that is gone on with once the post was looked at without those words.
    for (archive, first, then) in [
        ("a.db", vec![lines.to_str().unwrap()], None),
        ("b.db", vec!["-i", list.to_str().unwrap()], None),
        ("c.db", vec!["https://x.com/i/status/1902103783112032259"], Some(lines.to_str().unwrap())),
    ] {
        let archive = folder.path().join(archive);
        let add = |words: &[&str]| {
            let mut add = embalm(folder.path());
            add.args(["add", "--json", "--replay", "fixtures/demo.warc.gz", "--archive"]).arg(&archive).args(words);
            ends(&mut add, 0);
        };
        add(&first);
        then.iter().for_each(|then| add(&["--resume", then]));
        let mut posts = embalm(folder.path());
        posts.args(["list", "posts", "--json", "--sort", "key", "--archive"]).arg(&archive);
        let said = ends(&mut posts, 0).0;
        let mut said: Vec<_> = said
            .lines()
            .map(record)
            .map(|post| [post["state"].to_string(), post["via"].to_string(), post["text"].to_string()].join(" "))
            .collect();
        said.sort();
        assert_eq!(
            said,
            [r#""deleted" "quoted" "Low water at nine""#, r#""unknown" "quoted" "No address was given""#,],
            "{}",
            archive.display()
        );
    }
}
