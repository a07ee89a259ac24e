//! What is redacted is read nowhere any more; what is removed is not in the file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "binary/mod.rs"]
mod binary;

use binary::{embalm, ends};
use std::{fs, path::Path, process::Output};
use tempfile::TempDir;

/// Archives the demo's articles out of its recording.
fn demo() -> TempDir {
    let folder = TempDir::new().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (articles, recording) = (root.join("fixtures/articles"), root.join("fixtures/demo.warc.gz"));
    ends(embalm(folder.path()).args(["add", "-q"]).arg(articles).arg("--replay").arg(recording), 0);
    folder
}

fn sql(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("test.db")).unwrap()
}

/// A post with words that no other one has: its key, and its text.
fn victim(folder: &Path) -> (String, String) {
    sql(folder)
        .query_row(
            "SELECT key, text FROM latest_posts WHERE length(text) > 40 AND via NOT IN ('quoted', 'memento') \
             AND author_name IS NOT NULL ORDER BY key LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every file under a folder that has these bytes.
fn files_with(folder: &Path, words: &str) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if fs::read(&path).unwrap().windows(words.len()).any(|part| part == words.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

/// The longest run of plain letters and spaces in a text: it stands so in HTML and JSON as well.
fn plain(text: &str) -> String {
    let parts = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ' '));
    parts.max_by_key(|part| part.len()).unwrap().trim().to_owned()
}

#[test]
fn what_is_hidden_is_read_nowhere_but_its_date_and_reason_are() {
    let folder = demo();
    let (key, text) = victim(folder.path());
    let words = plain(&text);
    let first = words.split(' ').max_by_key(|word| word.len()).unwrap().to_owned();
    ends(embalm(folder.path()).args(["redact", &key, "--reason", "asked by its author"]), 0);
    let site = folder.path().join("site");
    for command in [
        vec!["list", "posts", "--json"],
        vec!["list", "media", "--json"],
        vec!["list", "articles", "--json"],
        vec!["show", &key],
        vec!["show", &key, "--json"],
        vec!["show", &key, "--raw"],
        vec!["history", &key],
        vec!["history", &key, "--json"],
        vec!["search", &first, "--json"],
    ] {
        let output = embalm(folder.path()).args(&command).output().unwrap();
        assert!(!stdout(&output).contains(&words), "{command:?}");
    }
    ends(embalm(folder.path()).args(["export", "html", "-q", "--out"]).arg(&site), 0);
    let tables = folder.path().join("tables");
    ends(embalm(folder.path()).args(["export", "jsonl", "-q", "--out"]).arg(&tables), 0);
    assert_eq!(files_with(&tables, &words), [] as [String; 0]);
    assert_eq!(files_with(&site, &words), [] as [String; 0]);
    assert!(!files_with(&site, "asked by its author").is_empty());
    let shown = stdout(&embalm(folder.path()).args(["show", &key, "--json"]).output().unwrap());
    assert!(shown.contains("redacted on 20") && shown.contains("asked by its author"), "{shown}");
    let listed = stdout(&embalm(folder.path()).args(["redact", "--list", "--json"]).output().unwrap());
    assert!(listed.contains(&key) && listed.contains("hidden"), "{listed}");
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
}

#[test]
fn what_is_removed_is_not_in_the_file_and_does_not_come_back() {
    let folder = demo();
    let other = folder.path().join("other.db");
    fs::copy(folder.path().join("test.db"), &other).unwrap();
    let (key, text) = victim(folder.path());
    let words = plain(&text);
    ends(embalm(folder.path()).args(["redact", &key, "--remove", "--reason", "a court says so"]), 0);
    let raw = fs::read(folder.path().join("test.db")).unwrap();
    assert!(!raw.windows(words.len()).any(|part| part == words.as_bytes()), "{words}");
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    // From another archive that has it, and from a run that meets it again.
    ends(embalm(folder.path()).args(["merge", "-q"]).arg(&other), 0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (articles, recording) = (root.join("fixtures/articles"), root.join("fixtures/demo.warc.gz"));
    ends(embalm(folder.path()).args(["add", "-q"]).arg(articles).arg("--replay").arg(recording), 0);
    let found: i64 = sql(folder.path())
        .query_row(
            "SELECT count(*) FROM snapshots s JOIN posts p ON p.id = s.post WHERE p.key = ?1 AND s.text = ?2",
            (&key, &text),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(found, 0);
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    // And into it.
    ends(embalm(folder.path()).args(["merge", "-q", "--archive"]).arg(&other).arg(folder.path().join("test.db")), 0);
    let listed =
        stdout(&embalm(folder.path()).args(["list", "posts", "--json", "--archive"]).arg(&other).output().unwrap());
    assert!(!listed.contains(&words));
    ends(embalm(folder.path()).args(["verify", "-q", "--archive"]).arg(&other), 0);
}

#[test]
fn an_article_and_a_file_can_be_redacted_and_what_is_nowhere_is_refused() {
    let folder = demo();
    let (article, title): (String, String) = sql(folder.path())
        .query_row("SELECT a.name, v.title FROM articles a JOIN article_versions v ON v.id = a.version ORDER BY a.name LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    ends(embalm(folder.path()).args(["redact", &article, "--reason", "withdrawn"]), 0);
    let listed = stdout(&embalm(folder.path()).args(["list", "articles", "--json"]).output().unwrap());
    assert!(!listed.contains(&title) && listed.contains("redacted on 20"), "{listed}");
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    ends(embalm(folder.path()).args(["redact", "twitter:none", "--reason", "x"]), 2);
    ends(embalm(folder.path()).args(["redact", &article, "--reason", " "]), 2);
    // What the article says by now is not kept, nor is one of two redacted where the other is not here.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (articles, recording) = (root.join("fixtures/articles"), root.join("fixtures/demo.warc.gz"));
    ends(embalm(folder.path()).args(["add", "-q"]).arg(articles).arg("--replay").arg(recording), 0);
    assert!(!stdout(&embalm(folder.path()).args(["list", "articles", "--json"]).output().unwrap()).contains(&title));
    let (key, _) = victim(folder.path());
    ends(embalm(folder.path()).args(["redact", &key, "twitter:none", "--reason", "x"]), 2);
    let listed = stdout(&embalm(folder.path()).args(["redact", "--list", "--json"]).output().unwrap());
    assert!(!listed.contains(&key), "{listed}");
}

#[test]
fn all_posts_of_an_author_are_redacted_by_the_authors_name() {
    let folder = demo();
    let (platform, handle, posts): (String, String, i64) = sql(folder.path())
        .query_row(
            "SELECT p.platform, s.author_handle, count(DISTINCT p.id) FROM posts p JOIN snapshots s ON s.post = p.id \
             WHERE s.author_handle <> '' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let author = format!("{platform}:@{}", handle.to_uppercase());
    ends(embalm(folder.path()).args(["redact", "--author", &author, "--reason", "asked by their author"]), 0);
    let count =
        |question: &str| -> i64 { sql(folder.path()).query_row(question, [&handle], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM redactions WHERE ?1 = ?1"), posts);
    assert_eq!(count("SELECT count(*) FROM snapshots WHERE author_handle = ?1"), 0);
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
    ends(embalm(folder.path()).args(["redact", "--author", "nobody", "--reason", "x"]), 2);
    ends(embalm(folder.path()).args(["redact", "--author", "mastodon:@nobody", "--reason", "x"]), 2);
}

#[test]
fn what_two_archives_redacted_each_for_itself_is_redacted_in_both_when_they_are_merged() {
    let folder = demo();
    let (one, other) = (folder.path().join("test.db"), folder.path().join("other.db"));
    fs::copy(&one, &other).unwrap();
    let kept = folder.path().join("one.db");
    let (key, text) = victim(folder.path());
    let redact = |archive: &Path, more: &[&str]| {
        ends(embalm(folder.path()).args(["redact", &key, "-q"]).args(more).arg("--archive").arg(archive), 0);
    };
    redact(&one, &["--reason", "first"]);
    redact(&other, &["--reason", "second", "--remove"]);
    fs::copy(&one, &kept).unwrap();
    for (into, from) in [(&one, &other), (&other, &kept), (&one, &kept)] {
        ends(embalm(folder.path()).args(["merge", "-q", "--archive"]).arg(into).arg(from), 0);
        ends(embalm(folder.path()).args(["verify", "-q", "--archive"]).arg(into), 0);
        let told: (String, String) = rusqlite::Connection::open(into)
            .unwrap()
            .query_row("SELECT mode, reason FROM redactions", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(told, ("removed".to_owned(), "second".to_owned()));
        let found: i64 = rusqlite::Connection::open(into)
            .unwrap()
            .query_row(
                "SELECT (SELECT count(*) FROM redacted_rows) + (SELECT count(*) FROM snapshots WHERE text = ?1)",
                [&text],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(found, 0);
    }
}
