//! Recordings for the archives of this suite: answers of invented servers, written as a WARC that the whole pipeline
//! passes.

use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) url: String,
    pub(crate) status: u16,
    pub(crate) mime: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(url: &str, mime: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { url: url.to_owned(), status: 200, mime: mime.to_owned(), body: body.into() }
    }

    pub(crate) fn json(url: &str, body: &Value) -> Self {
        Self::new(url, "application/json; charset=utf-8", body.to_string())
    }

    /// A file of the demonstration.
    pub(crate) fn file(url: &str, mime: &str, name: &str) -> Self {
        Self::new(url, mime, fs::read(format!("fixtures/demo/media/{name}")).expect("a file of the demonstration"))
    }
}

/// Writes them as one recording, all of that instant.
pub(crate) fn write(folder: &Path, at: &str, answers: &[Answer]) -> PathBuf {
    let path = folder.join(format!("{}-{}.warc", at.replace([':', '-'], ""), answers.len()));
    let at = at.parse().expect("a time");
    let mut writer = WarcWriter::new(fs::File::create(&path).expect("a file"), at).expect("a recording");
    for answer in answers {
        let url: url::Url = answer.url.parse().expect("a URL");
        let mut headers = Headers::default();
        headers.push("content-type", &answer.mime);
        let response = Response { url: url.clone(), status: answer.status, headers, body: answer.body.clone() };
        let request = Request::get(url);
        let exchange = Exchange { request, hops: Vec::new(), answer: Ok(response), started_at: at, elapsed_ms: 1 };
        writer.write(&exchange).expect("a record");
    }
    writer.flush().expect("written");
    path
}

/// The server of the posts.
pub(crate) const SERVER: &str = "quay.example";

/// Where a post's page is.
pub(crate) fn post_url(id: u64) -> String {
    format!("https://{SERVER}/@lamp/{id}")
}

/// Its key.
pub(crate) fn key(id: u64) -> String {
    format!("mastodon:{SERVER}/{id}")
}

/// Where a file of that server is.
pub(crate) fn file_url(name: &str) -> String {
    format!("https://files.{SERVER}/{name}")
}

/// A post as Mastodon's API tells it, to be changed as a test needs it.
pub(crate) fn status(id: u64, content: &str) -> Value {
    json!({
        "id": id.to_string(), "created_at": "2026-03-29T06:15:30.250Z", "in_reply_to_id": null,
        "in_reply_to_account_id": null, "sensitive": false, "spoiler_text": "", "visibility": "public", "language": "en",
        "uri": format!("https://{SERVER}/users/lamp/statuses/{id}"), "url": post_url(id), "replies_count": 1,
        "reblogs_count": 2, "favourites_count": 30, "edited_at": null, "content": content, "reblog": null,
        "account": {
            "id": "7", "username": "lamp", "acct": "lamp", "display_name": "Lamp of the Quay", "locked": false,
            "bot": false, "created_at": "2022-11-06T00:00:00.000Z", "note": "", "url": format!("https://{SERVER}/@lamp"),
            "uri": format!("https://{SERVER}/users/lamp"), "avatar": file_url("lamp.png"),
            "avatar_static": file_url("lamp.png"), "header": "", "emojis": [], "fields": []
        },
        "media_attachments": [], "mentions": [], "tags": [], "emojis": [], "quote": null, "card": null, "poll": null
    })
}

/// The answer that has it.
pub(crate) fn told(status: &Value) -> Answer {
    let id = status["id"].as_str().expect("an id");
    Answer::json(&format!("https://{SERVER}/api/v1/statuses/{id}"), status)
}

/// The picture of its author.
pub(crate) fn avatar() -> Answer {
    Answer::file(&file_url("lamp.png"), "image/png", "avatar-harbourlight.png")
}
