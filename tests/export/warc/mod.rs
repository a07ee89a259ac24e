//! WARC and WACZ files, read back: by our own reader, and byte by byte as the formats say.

mod package;
mod record;
mod written;

use crate::stage::{article, at, post, post_ref};
use embalm::{
    export::{self, WarcExported, WarcOptions},
    http::{Exchange, FetchError, Headers, Request, Response},
    model::{Outcome, Post, Via},
    store::{Capture, CapturedMedia, Filter, MediaFile, NewArticle, OverTime, Rung, Store, Wanted},
};
use record::{Record, digest as digest_of, records};
use std::path::PathBuf;
use tempfile::TempDir;
use url::Url;

/// An archive in a file: an article that was fetched over a redirect, one that was read from a file, and three posts.
pub(super) struct Archive {
    folder: TempDir,
}

pub(super) const PAGE: &str = "<html><p>The page of the article.</p></html>";
pub(super) const ANSWER: &str = "{\"text\": \"The ferry left\"}";

impl Archive {
    pub(super) fn new() -> Self {
        let archive = Self { folder: tempfile::tempdir().unwrap() };
        let mut store = Store::create_or_open(&archive.path("a.db")).unwrap();
        let run = store.begin_run("run", at("2026-01-01T00:00:00Z")).unwrap();
        let fetched = exchange("https://news.example/story", &["https://news.example/story/"], Ok(PAGE));
        save_article(&mut store, run, "https://news.example/story", Some(&fetched), "1");
        save_article(&mut store, run, "saved/story.html", None, "2");
        let asked = exchange("https://api.example/1?token=a", &[], Ok(ANSWER));
        save_post(&mut store, run, post("1", "The ferry left"), vec![asked]);
        // The same bytes at another address.
        let asked = exchange("https://api.example/2?token=b", &[], Ok(ANSWER));
        save_post(&mut store, run, post("2", "The ferry came back"), vec![asked]);
        let mut failed = exchange("https://api.example/3", &[], Ok(""));
        failed.answer = Err(FetchError::Timeout { limit_s: 30 });
        let rung = Rung {
            captured_at: at("2026-01-01T00:00:05Z"),
            outcome: Outcome::Gone(embalm::model::Gone::Deleted),
            via: Via::Syndication,
            exchanges: vec![failed],
            media: Vec::new(),
        };
        let capture = Capture { post: post_ref("twitter", "3"), rungs: vec![rung], retry: None, related: Vec::new() };
        store.save_capture(run, &capture).unwrap();
        archive
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn store(&self) -> Store {
        Store::open_read_only_aside(&self.path("a.db")).unwrap()
    }

    /// All of it.
    pub(super) fn all(&self) -> Vec<u8> {
        self.of(&everything()).0
    }

    pub(super) fn of(&self, wanted: &Wanted) -> (Vec<u8>, WarcExported) {
        let mut out = Vec::new();
        let exported = export::warc_to(&self.store(), wanted, &mut out, &options(), &mut |_| {}).unwrap();
        (out, exported)
    }

    fn records(&self) -> Vec<Record> {
        records(&self.all())
    }

    pub(super) fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.path("a.db")).unwrap().execute_batch(sql).unwrap();
    }
}

pub(super) fn options() -> WarcOptions {
    WarcOptions {
        now: at("2026-02-03T04:05:06Z"),
        operator: Some("archive@news.example".to_owned()),
        split_bytes: None,
        words: "everything".to_owned(),
    }
}

pub(super) fn everything() -> Wanted {
    Wanted::Fitting(Box::default())
}

pub(super) fn filter(change: impl FnOnce(&mut Filter)) -> Wanted {
    let mut filter = Filter::default();
    change(&mut filter);
    Wanted::Fitting(Box::new(filter))
}

/// An exchange in which every address but the last redirects to the next.
fn exchange(asked: &str, over: &[&str], answer: Result<&str, FetchError>) -> Exchange {
    let url = |text: &str| text.parse::<Url>().unwrap();
    let addresses: Vec<&str> = std::iter::once(asked).chain(over.iter().copied()).collect();
    let hops = addresses.windows(2).map(|pair| {
        let mut headers = Headers::default();
        headers.push("location", pair[1]);
        Response { url: url(pair[0]), status: 301, headers, body: Vec::new() }
    });
    let mut headers = Headers::default();
    headers.push("content-type", "text/html; charset=utf-8");
    headers.push("content-encoding", "gzip");
    let last = url(addresses.last().copied().unwrap());
    Exchange {
        request: Request::get(url(asked)).with_header("accept", "text/html"),
        hops: hops.collect(),
        answer: answer.map(|body| Response { url: last, status: 200, headers, body: body.into() }),
        started_at: at("2026-01-01T00:00:02.125Z"),
        elapsed_ms: 12,
    }
}

fn save_article(store: &mut Store, run: i64, name: &str, exchange: Option<&Exchange>, id: &str) {
    let read = article(&format!("Story {id}"));
    let embed = embalm::model::Embed {
        position: 0,
        form: embalm::model::Form::Blockquote,
        target: embalm::model::Target::Post(post_ref("twitter", id)),
        scope: embalm::model::Scope::Article,
        quoted: embalm::model::Quoted::default(),
    };
    let original = if exchange.is_some() { PAGE.to_owned() } else { format!("<p>The file {name}</p>") };
    let new = NewArticle {
        name,
        source: "add",
        kind: "html",
        original: original.as_bytes(),
        content_type: Some("text/html"),
        article: &read,
        embeds: &[(embed, post_ref("twitter", id))],
        exchange,
        captured_at: at("2026-01-01T00:00:03Z"),
        over_time: OverTime::default(),
    };
    store.save_article(run, &new).unwrap();
}

fn save_post(store: &mut Store, run: i64, post: Post, exchanges: Vec<Exchange>) {
    let url = format!("https://media.example/{}.png", post.post.id);
    let media = embalm::model::Media::new(embalm::model::MediaKind::Image, &url);
    let file = MediaFile::new(url, [crate::stage::PNG, post.post.id.as_bytes()].concat());
    let rung = Rung {
        captured_at: at("2026-01-01T00:00:05Z"),
        via: Via::Syndication,
        exchanges,
        media: vec![CapturedMedia { media: media.clone(), file: Ok(file) }],
        outcome: Outcome::Found(Box::new(Post { media: vec![media], ..post.clone() })),
    };
    store.save_capture(run, &Capture { post: post.post, rungs: vec![rung], retry: None, related: Vec::new() }).unwrap();
}
