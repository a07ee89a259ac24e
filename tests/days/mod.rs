//! Recordings of one post on several days, for the tests that look at it again and again.

use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use rusqlite::Connection;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The post of the cases in `fixtures/platforms/mastodon/` that these days are made of.
pub(crate) const POST: &str = "https://harbour.example/@mole/116300000012345678";
/// Its key.
pub(crate) const KEY: &str = "mastodon:harbour.example/116300000012345678";

/// The exchanges of a case of a platform.
pub(crate) fn case(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("fixtures/platforms/{name}.json")).expect("a case");
    let case: Value = serde_json::from_str(&text).expect("JSON");
    case["exchanges"].as_array().expect("exchanges").clone()
}

/// The post alive, with these words, liked so often.
pub(crate) fn alive(words: &str, likes: u64) -> Vec<Value> {
    let mut exchanges = case("mastodon/words_links_and_counts");
    let body = &mut exchanges[0]["body"];
    body["content"] = format!("<p>{words}</p>").into();
    body["favourites_count"] = likes.into();
    for exchange in ["original/a.png", "card.png"] {
        let place = if exchange == "card.png" { "media_attachments" } else { "accounts/avatars/4711" };
        exchanges.push(serde_json::json!({
            "url": format!("https://files.harbour.example/{place}/{exchange}"),
            "status": 200,
            "headers": {"content-type": "image/png"},
            "body": "\u{0}PNG",
        }));
    }
    exchanges
}

/// Writes a recording of these exchanges, all of that instant.
pub(crate) fn day(folder: &Path, at: &str, exchanges: &[Value]) -> PathBuf {
    let path = folder.join(format!("{}.warc", at.replace([':', '-'], "")));
    let at = at.parse().expect("a time");
    let mut writer = WarcWriter::new(fs::File::create(&path).expect("a file"), at).expect("a recording");
    for exchange in exchanges {
        let url: url::Url = exchange["url"].as_str().expect("a URL").parse().expect("a URL");
        let mut headers = Headers::default();
        for (name, value) in exchange["headers"].as_object().into_iter().flatten() {
            headers.push(name, value.as_str().expect("a header"));
        }
        let body = match &exchange["body"] {
            Value::String(text) if text.starts_with('\0') => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a small picture".to_vec(),
            Value::String(text) => text.clone().into_bytes(),
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let status = exchange["status"].as_u64().and_then(|n| u16::try_from(n).ok()).expect("a status");
        let answer = Response { url: url.clone(), status, headers, body };
        let request = Request::get(url);
        let exchange = Exchange { request, hops: Vec::new(), answer: Ok(answer), started_at: at, elapsed_ms: 1 };
        writer.write(&exchange).expect("a record");
    }
    writer.flush().expect("written");
    path
}

/// The records that a command printed.
pub(crate) fn records(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// One number of the archive `test.db` in the folder.
pub(crate) fn number(folder: &Path, sql: &str) -> i64 {
    let sqlite = Connection::open(folder.join("test.db")).expect("the archive");
    sqlite.query_row(sql, [], |row| row.get(0)).expect(sql)
}
