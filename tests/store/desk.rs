//! An archive in a folder of its own, and captures to put into it.

use embalm::{
    http::{Exchange, Headers, Request, Response},
    model::{
        Article, Author, Embed, Failure, Form, Media, MediaKind, Outcome, Post, PostRef, Quoted, Scope, Target, Via,
    },
    store::{
        Capture, CapturedMedia, MediaFile, NewArticle, OverTime, Retry, Rung, SavedArticle, SavedCapture, Store,
        Verifying,
    },
};
use jiff::Timestamp;
use std::path::PathBuf;
use tempfile::TempDir;

/// Bytes that are an image by their first ones.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a small picture";

pub(crate) struct Desk {
    _folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) store: Store,
    pub(crate) run: i64,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("embalm.db");
        let mut store = Store::create_or_open(&path).unwrap();
        let run = store.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap();
        Self { _folder: folder, path, store, run }
    }

    pub(crate) fn capture(&mut self, post: &PostRef, rung: Rung) -> SavedCapture {
        self.store
            .save_capture(
                self.run,
                &Capture { post: post.clone(), rungs: vec![rung], retry: None, related: Vec::new() },
            )
            .unwrap()
    }

    pub(crate) fn article(&mut self, name: &str, original: &str, posts: &[PostRef]) -> SavedArticle {
        let article = article(name);
        let embeds: Vec<_> =
            posts.iter().enumerate().map(|(position, post)| (embed(position, post), post.clone())).collect();
        let new = NewArticle {
            name,
            source: "add",
            kind: "html",
            original: original.as_bytes(),
            content_type: Some("text/html; charset=utf-8"),
            article: &article,
            embeds: &embeds,
            exchange: None,
            captured_at: at("2026-01-01T00:00:01Z"),
            over_time: OverTime::default(),
        };
        self.store.save_article(self.run, &new).unwrap()
    }

    /// A connection of SQLite's own, to look at the file as a stranger would.
    pub(crate) fn sql(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(&self.path).unwrap()
    }

    /// One number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.sql().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

impl Drop for Desk {
    /// Whatever a test did, the file is whole after it.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let sql = self.sql();
        let whole: String = sql.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
        let dangling = sql.prepare("PRAGMA foreign_key_check").unwrap().query([]).unwrap().next().unwrap().is_some();
        assert!(!dangling, "a row refers to nothing");
        let mut faults = Vec::new();
        let read = |told| match told {
            Verifying::Fault(fault) if fault.check == "search" => faults.push(fault),
            _ => {}
        };
        Store::open_read_only_aside(&self.path).unwrap().verify(read).unwrap();
        assert_eq!(faults, []);
        let broken: i64 = sql
            .query_row("SELECT count(*) FROM posts WHERE snapshot IS NOT NULL AND id NOT IN (SELECT post FROM snapshots WHERE id = posts.snapshot)", [], |row| row.get(0))
            .unwrap();
        assert_eq!(broken, 0, "a post shows a snapshot of another one");
        for (kept, scanned) in TALLIES {
            let differ = |one: &str, other: &str| -> bool {
                sql.query_row(
                    &format!("SELECT EXISTS (SELECT * FROM ({one}) EXCEPT SELECT * FROM ({other}))"),
                    [],
                    |row| row.get(0),
                )
                .unwrap()
            };
            assert!(!differ(kept, scanned) && !differ(scanned, kept), "not what a scan finds: {kept}");
        }
    }
}

/// Counts that triggers keep, and the scans that they spare.
const TALLIES: [(&str, &str); 4] = [
    (
        "SELECT platform, state, via, posts FROM post_tallies WHERE posts <> 0",
        "SELECT platform, state, coalesce(via, ''), count(*) FROM posts GROUP BY 1, 2, 3",
    ),
    (
        "SELECT day, platform, posts FROM capture_tallies WHERE posts <> 0",
        "SELECT day, platform, count(*) FROM (SELECT substr(min(s.captured_at), 1, 10) AS day, p.platform FROM posts p \
         JOIN snapshots s ON s.post = p.id WHERE s.outcome = 'found' AND s.via <> 'quoted' GROUP BY p.id) GROUP BY 1, 2",
    ),
    (
        "SELECT published, state, posts FROM age_tallies WHERE posts <> 0",
        "SELECT coalesce(substr(s.published, 1, 10), ''), p.state, count(*) FROM posts p \
         LEFT JOIN snapshots s ON s.id = p.snapshot GROUP BY 1, 2",
    ),
    (
        "SELECT kind, files, bytes FROM media_tallies WHERE files <> 0",
        "SELECT substr(mime, 1, instr(mime, '/') - 1), count(*), sum(size_bytes) FROM blobs b \
         WHERE EXISTS (SELECT 1 FROM snapshot_media m WHERE m.blob = b.id) GROUP BY 1",
    ),
];

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn post_ref(id: &str) -> PostRef {
    PostRef {
        platform: "twitter".to_owned(),
        id: id.to_owned(),
        author: None,
        url: format!("https://social.example/i/status/{id}").parse().unwrap(),
    }
}

pub(crate) fn post(id: &str, text: &str) -> Post {
    let author = Author { handle: "Ferry_Clerk".to_owned(), name: Some("Zoë Færry".to_owned()), ..Author::default() };
    Post::new(post_ref(id), author, text)
}

pub(crate) fn picture(url: &str) -> Media {
    Media { alt: Some("A ferry at the pier".to_owned()), ..Media::new(MediaKind::Image, url) }
}

pub(crate) fn brought(url: &str, bytes: &[u8]) -> CapturedMedia {
    let file = MediaFile::new(url.to_owned(), bytes.to_vec());
    CapturedMedia { media: picture(url), file: Ok(file) }
}

pub(crate) fn rung(at_text: &str, via: Via, outcome: Outcome) -> Rung {
    Rung { captured_at: at(at_text), outcome, via, exchanges: Vec::new(), media: Vec::new() }
}

pub(crate) fn found(at_text: &str, post: Post) -> Rung {
    rung(at_text, Via::Syndication, Outcome::Found(Box::new(post)))
}

pub(crate) fn failed(at_text: &str) -> Rung {
    rung(at_text, Via::Syndication, Outcome::Failed(Failure::Http { status: 503 }))
}

pub(crate) fn retry(due_at: &str) -> Retry {
    Retry::at(at(due_at), "status 503")
}

pub(crate) fn article(name: &str) -> Article {
    Article {
        url: name.parse().ok(),
        title: "The last ferry to Ærø".to_owned(),
        byline: Some("Ann Onym".to_owned()),
        site_name: Some("Harbour News".to_owned()),
        published: "2026-01-01".parse().ok(),
        lang: Some("en-GB".to_owned()),
        text: "It left at noon, and the café closed.".to_owned(),
        body_html: "<p>It left at noon, and the café closed.</p>".to_owned(),
    }
}

pub(crate) fn embed(position: usize, post: &PostRef) -> Embed {
    Embed {
        position,
        form: Form::Blockquote,
        target: Target::Post(post.clone()),
        scope: Scope::Article,
        quoted: Quoted {
            text: Some("We sail at noon".to_owned()),
            author_name: Some("Zoë".to_owned()),
            author_handle: Some("Ferry_Clerk".to_owned()),
            published: "2025-12-31".parse().ok(),
            links: vec!["pic.social.example/abc".to_owned()],
        },
    }
}

pub(crate) fn exchange(url: &str, status: u16, body: &str) -> Exchange {
    let url: url::Url = url.parse().unwrap();
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    headers.push("Set-Cookie", "session=not-for-the-archive");
    let answer = Response { url: url.clone(), status, headers, body: body.as_bytes().to_vec() };
    Exchange {
        request: Request::get(url).with_header("Authorization", "Bearer not-for-the-archive"),
        hops: Vec::new(),
        answer: Ok(answer),
        started_at: at("2026-01-01T00:00:02.250Z"),
        elapsed_ms: 31,
    }
}
