//! The same posts twice: nothing is there twice.

use crate::{
    binary::{embalm, ends},
    stage::PNG,
};
use embalm::{
    http::{Exchange, Headers, Request, Response},
    warc::WarcWriter,
};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tempfile::TempDir;

const POSTS: u64 = 200;

/// Two hundred posts with pictures, by twenty authors.
fn recording(path: &Path) -> Vec<String> {
    let at = "2026-11-20T08:00:00Z".parse().unwrap();
    let mut writer = WarcWriter::new(fs::File::create(path).unwrap(), at).unwrap();
    let mut write = |url: &str, body: Vec<u8>| {
        let url: url::Url = url.parse().unwrap();
        let answer = Response { url: url.clone(), status: 200, headers: Headers::default(), body };
        let exchange = Exchange {
            request: Request::get(url),
            hops: Vec::new(),
            answer: Ok(answer),
            started_at: at,
            elapsed_ms: 1,
        };
        writer.write(&exchange).unwrap();
    };
    let picture = |n: u64| [PNG, &n.to_be_bytes()].concat();
    let mut posts = Vec::new();
    for n in 0..POSTS {
        let (id, author) = (109_900_000_000_000_000 + n, n % 20);
        let images: Vec<Value> = (0..n % 4)
            .map(|k| {
                let url = format!("https://files.salt.example/{n}/{k}.png");
                json!({"id": format!("{n}{k}"), "type": "image", "url": url, "description": format!("Picture {k}")})
            })
            .collect();
        for image in &images {
            // Every third picture is the same one.
            write(image["url"].as_str().unwrap(), picture(if n % 3 == 0 { 7 } else { 1000 * n + images.len() as u64 }));
        }
        let body = json!({
            "id": id.to_string(), "created_at": "2026-11-01T10:00:00.000Z", "in_reply_to_id": null, "sensitive": false,
            "spoiler_text": "", "visibility": "public", "language": "en", "edited_at": null,
            "uri": format!("https://salt.example/users/u{author}/statuses/{id}"),
            "url": format!("https://salt.example/@u{author}/{id}"),
            "replies_count": n, "reblogs_count": 0, "favourites_count": 0, "content": format!("<p>Post number {n}</p>"),
            "account": {"id": author.to_string(), "username": format!("u{author}"), "acct": format!("u{author}"),
                "display_name": format!("Author {author}"), "url": format!("https://salt.example/@u{author}"),
                "avatar": format!("https://files.salt.example/avatar/{author}.png")},
            "media_attachments": images, "mentions": [], "tags": [], "emojis": [], "card": null, "poll": null,
        });
        write(&format!("https://salt.example/api/v1/statuses/{id}"), body.to_string().into_bytes());
        posts.push(format!("https://salt.example/@u{author}/{id}"));
    }
    for author in 0..20 {
        write(&format!("https://files.salt.example/avatar/{author}.png"), picture(500_000 + author));
    }
    writer.flush().unwrap();
    posts
}

#[test]
fn capturing_two_hundred_posts_twice_makes_no_second_snapshot_and_no_second_row_of_media() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("posts.warc.gz");
    let posts = recording(&path);
    let list = folder.path().join("posts.txt");
    fs::write(&list, posts.join("\n")).unwrap();
    let add = || {
        let mut command = embalm(folder.path());
        let command = command.args(["add", "--json", "-q", "--replay"]).arg(&path).arg("-i").arg(&list);
        serde_json::from_str::<Value>(ends(command, 0).0.lines().last().unwrap()).unwrap()
    };
    let count = || {
        let sql = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
        ["posts", "snapshots", "snapshot_media", "blobs WHERE mime LIKE 'image/%'", "relations", "queue"].map(|table| {
            sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0)).unwrap()
        })
    };
    let first = add();
    assert_eq!((&first["posts"]["captured"], &first["media"]["failed"]), (&json!(POSTS), &json!(0)), "{first}");
    let before = count();
    assert_eq!((before[0], before[1]), (200, 200));
    assert!(before[2] == 300 + 200 && before[3] < 300, "{before:?}");
    let second = add();
    assert_eq!((&second["posts"]["unchanged"], &second["media"]["stored"]), (&json!(POSTS), &json!(0)), "{second}");
    assert_eq!(count(), before);
    assert_eq!(second["requests"], POSTS, "no file is fetched a second time");
    // By other names they are the same posts still.
    let others: Vec<String> = posts.iter().map(|url| url.replace("/@", "/web/@")).collect();
    fs::write(&list, others.join("\n")).unwrap();
    add();
    assert_eq!(count(), before);
}
