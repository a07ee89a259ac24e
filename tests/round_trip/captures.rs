//! Captures of one page in recordings of others, read in any order.

use super::{embalm, ends};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A recording of one page, as it was on a day.
fn recording(folder: &Path, day: &str, words: &str) -> PathBuf {
    let text = format!("{words} and the ferry goes out of the harbour with everybody on deck. ").repeat(20);
    let embed = format!("https://twitter.com/harbour/status/18227{}", words.len());
    let page = format!(
        "<!doctype html><title>The ferry, {words}</title><article><h1>The ferry, {words}</h1><p>{text}</p>\
         <blockquote class=\"twitter-tweet\"><a href=\"{embed}\">May 1, 2024</a></blockquote>\
         <blockquote class=\"twitter-tweet\"><a href=\"https://twitter.com/harbour/status/4711\">x</a></blockquote></article>"
    );
    let content = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}");
    let record = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/ferry\r\nWARC-Date: {day}T08:00:00Z\r\n\
         Content-Type: application/http;msgtype=response\r\nContent-Length: {}\r\n\r\n{content}\r\n\r\n",
        content.len()
    );
    let path = folder.join(format!("{day}.warc"));
    std::fs::write(&path, record).unwrap();
    path
}

fn column(archive: &Connection, sql: &str) -> Vec<String> {
    let mut statement = archive.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn older_captures_of_a_page_take_their_place_by_date_and_the_newest_stays_the_one_that_is_shown() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let days = [("2024-05-03", "third"), ("2024-05-01", "one"), ("2024-05-02", "second")];
    let paths = days.map(|(day, words)| recording(folder, day, words));
    for _ in 0..2 {
        for path in &paths {
            let _ = embalm(folder).args(["add", "-q", "--offline"]).arg(path).output().unwrap();
        }
    }
    let archive = Connection::open(folder.join("test.db")).unwrap();
    let titles = column(&archive, "SELECT title FROM article_versions ORDER BY captured_at");
    assert_eq!(titles, ["The ferry, one", "The ferry, second", "The ferry, third"]);
    let shown = "SELECT v.title || ' ' || a.first_captured_at || ' ' || a.captured_at FROM articles a JOIN article_versions v ON v.id = a.version";
    assert_eq!(column(&archive, shown), ["The ferry, third 2024-05-01T08:00:00.000Z 2024-05-03T08:00:00.000Z"]);
    let (found, _) = ends(embalm(folder).args(["list", "articles", "--json"]), 0);
    assert!(found.contains("The ferry, third"), "{found}");
    ends(embalm(folder).arg("verify"), 0);
    let (known, _) = ends(embalm(folder).args(["show", "twitter:4711", "--json"]), 0);
    assert!(!known.contains("\"no_longer\":true"), "{known}");
}
