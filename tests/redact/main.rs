//! What is redacted is read nowhere any more; what is removed is not in the file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[path = "../binary/mod.rs"]
mod binary;
#[path = "../content/mod.rs"]
mod content;
mod everywhere;

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
            .query_row("SELECT mode, reason FROM redacted", [], |row| Ok((row.get(0)?, row.get(1)?)))
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

/// An archive's content, less what says that something was redacted and shown again.
fn content_but_for_records(archive: &Path) -> std::collections::BTreeMap<&'static str, Vec<String>> {
    let mut content = content::of(archive);
    content.retain(|kind, _| !["runs", "redactions"].contains(kind));
    content
}

#[test]
fn what_is_hidden_is_shown_again_as_it_was_and_what_is_removed_is_not() {
    let folder = demo();
    let archive = folder.path().join("test.db");
    let before = content_but_for_records(&archive);
    let (key, text, article): (String, String, String) = sql(folder.path())
        .query_row(
            "SELECT p.key, p.text, a.name FROM articles a JOIN embeds e ON e.version = a.version JOIN latest_posts p ON p.id = e.post \
             WHERE e.quoted_text IS NOT NULL AND length(p.text) > 20 ORDER BY p.key LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let sha256: String = sql(folder.path())
        .query_row("SELECT sha256 FROM stored_media ORDER BY sha256 LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let redact = |arguments: &[&str], code: i32| {
        let (_, said) = ends(embalm(folder.path()).arg("redact").args(arguments), code);
        ends(embalm(folder.path()).args(["verify", "-q"]), 0);
        said
    };
    let said = redact(&["--lift", &key, "--reason", "x"], 2);
    assert!(said.contains("is not redacted"), "{said}");
    // The article hides what it quotes of the post too, until both are lifted.
    redact(&[&key, &sha256, "--reason", "asked"], 0);
    redact(&[&article, "--reason", "asked as well"], 0);
    assert_ne!(content_but_for_records(&archive), before);
    let said = redact(&["--lift", &key, "twitter:none", "--reason", "x"], 2);
    assert!(said.contains("twitter:none is not redacted"), "{said}");
    redact(&["--lift", &key, "--reason", "changed their mind"], 0);
    let shown = stdout(&embalm(folder.path()).args(["show", &key, "--json"]).output().unwrap());
    assert!(shown.contains(&plain(&text)), "{shown}");
    let quoted: i64 = sql(folder.path())
        .query_row(
            "SELECT count(*) FROM embeds e JOIN article_versions v ON v.id = e.version JOIN articles a ON a.id = v.article \
             WHERE a.name = ?1 AND e.quoted_text IS NOT NULL",
            [&article],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(quoted, 0, "the article's redaction stands");
    redact(&["--lift", &article, &sha256, "--reason", "as well"], 0);
    assert_eq!(content_but_for_records(&archive), before);
    let all = stdout(&embalm(folder.path()).args(["redact", "--list", "--all", "--json"]).output().unwrap());
    assert_eq!((all.matches("\"lifted\"").count(), all.lines().count()), (3, 6), "{all}");
    assert!(all.contains("changed their mind"));
    assert_eq!(stdout(&embalm(folder.path()).args(["redact", "--list", "--json"]).output().unwrap()), "");
    // Again, and for ever.
    redact(&[&key, "--reason", "asked again"], 0);
    redact(&[&key, "--remove", "--reason", "a court says so"], 0);
    let said = redact(&["--lift", &key, "--reason", "x"], 2);
    assert!(said.contains("was removed") && said.contains("nothing was lifted"), "{said}");
    redact(&["--lift", &key, "--remove", "--reason", "x"], 2);
}

#[test]
fn all_posts_of_an_author_are_shown_again_by_the_name_that_is_kept_aside() {
    let folder = demo();
    let archive = folder.path().join("test.db");
    let before = content_but_for_records(&archive);
    let (platform, handle): (String, String) = sql(folder.path())
        .query_row(
            "SELECT platform, author_handle FROM latest_posts WHERE author_handle <> '' ORDER BY key LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let author = format!("{platform}:@{handle}");
    ends(embalm(folder.path()).args(["redact", "--author", &author, "--reason", "asked"]), 0);
    assert_ne!(content_but_for_records(&archive), before);
    ends(embalm(folder.path()).args(["redact", "--lift", "--author", &author, "--reason", "asked again"]), 0);
    assert_eq!(content_but_for_records(&archive), before);
    ends(embalm(folder.path()).args(["redact", "--lift", "--author", &author, "--reason", "asked again"]), 2);
    ends(embalm(folder.path()).args(["verify", "-q"]), 0);
}

#[test]
fn the_newest_record_counts_in_every_archive_that_is_merged() {
    let folder = demo();
    let at = |name: &str| folder.path().join(name);
    let (key, text) = victim(folder.path());
    let redact = |archive: &str, arguments: &[&str]| {
        ends(
            embalm(folder.path())
                .args(["redact", "-q", &key, "--reason", "asked"])
                .args(arguments)
                .arg("--archive")
                .arg(at(archive)),
            0,
        );
    };
    fs::copy(at("test.db"), at("never.db")).unwrap();
    redact("test.db", &[]);
    fs::copy(at("test.db"), at("hides.db")).unwrap();
    redact("test.db", &["--lift"]);
    fs::copy(at("test.db"), at("lifted.db")).unwrap();
    redact("test.db", &[]);
    fs::copy(at("test.db"), at("anew.db")).unwrap();
    fs::copy(at("never.db"), at("removed.db")).unwrap();
    redact("removed.db", &["--remove"]);
    for (one, other, mode) in [
        ("lifted", "hides", None),
        ("lifted", "never", None),
        ("hides", "never", Some("hidden")),
        ("anew", "lifted", Some("hidden")),
        ("anew", "removed", Some("removed")),
        ("lifted", "removed", Some("removed")),
        ("hides", "removed", Some("removed")),
    ] {
        let merged = |into: &str, from: &str| {
            let path = at(&format!("{into}-{from}.db"));
            fs::copy(at(&format!("{into}.db")), &path).unwrap();
            for _ in 0..2 {
                ends(
                    embalm(folder.path()).args(["merge", "-q", "--archive"]).arg(&path).arg(at(&format!("{from}.db"))),
                    0,
                );
                ends(embalm(folder.path()).args(["verify", "-q", "--archive"]).arg(&path), 0);
            }
            path
        };
        let (left, right) = (merged(one, other), merged(other, one));
        content::assert_same(&left, &right, &[]);
        let sqlite = rusqlite::Connection::open(&left).unwrap();
        let told: Option<String> = sqlite.query_row("SELECT max(mode) FROM redacted", [], |row| row.get(0)).unwrap();
        assert_eq!(told.as_deref(), mode, "{one} and {other}");
        let shown: i64 =
            sqlite.query_row("SELECT count(*) FROM snapshots WHERE text = ?1", [&text], |row| row.get(0)).unwrap();
        assert_eq!(shown > 0, mode.is_none(), "{one} and {other}");
    }
}

#[test]
fn a_redacted_file_is_in_no_table_until_that_is_lifted() {
    let folder = demo();
    let sha256: String = sql(folder.path())
        .query_row("SELECT sha256 FROM stored_media ORDER BY sha256 LIMIT 1", [], |row| row.get(0))
        .unwrap();
    let tables = |name: &str| {
        let out = folder.path().join(name);
        ends(embalm(folder.path()).args(["export", "jsonl", "-q", "--out"]).arg(&out), 0);
        out
    };
    assert!(files_with(&tables("before"), &sha256).len() >= 2, "of its post, and of files");
    ends(embalm(folder.path()).args(["redact", &sha256, "--reason", "asked"]), 0);
    assert_eq!(files_with(&tables("hidden"), &sha256), [] as [String; 0]);
    ends(embalm(folder.path()).args(["redact", "--lift", &sha256, "--reason", "asked again"]), 0);
    let names = |of: &Path| {
        let found = files_with(of, &sha256);
        let names = found.iter().map(|path| Path::new(path).file_name().unwrap().to_owned());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&tables("lifted")), names(&folder.path().join("before")));
}
