//! An archive in which most things have happened: the demonstration, and what two later runs might have found.

#[path = "../binary/mod.rs"]
mod binary;

pub(crate) use binary::{embalm, ends};

use embalm::{
    model::{
        Article, Author, Embed, Failure, Form, Gone, Media, MediaKind, Outcome, Post, PostRef, Quoted, Scope, Target,
        Via,
    },
    platforms,
    store::{Capture, CapturedMedia, MediaFile, MissingFile, NewArticle, OverTime, Retry, Rung, Store},
};
use jiff::Timestamp;
use std::{fs, path::Path, sync::LazyLock};
use tempfile::TempDir;
use url::Url;

/// Bytes that are a picture by their first ones.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR a small picture";

/// One archive for all tests, which only read it. It is left at `EMBALM_TEST_ARCHIVE`, where that is set, for programs of others.
static ARCHIVE: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    ends(embalm(folder.path()).args(["run", "--quiet", "--config", "config.toml"]), 0);
    let path = folder.path().join("test.db");
    later(&path);
    if let Some(place) = std::env::var_os("EMBALM_TEST_ARCHIVE") {
        fs::copy(&path, &place).unwrap();
        // Theirs has a redaction too. Ours has none, as exports leave out what is redacted.
        let redact = ["redact", "--quiet", "https://mastodon.example/@ferry/113000000000000002", "--reason", "asked"];
        ends(embalm(folder.path()).args(redact).env("EMBALM_ARCHIVE", place), 0);
    }
    folder
});

/// The folder of the archive, for [`embalm`].
pub(crate) fn folder() -> &'static Path {
    ARCHIVE.path()
}

/// A connection of SQLite's own.
pub(crate) fn sql() -> rusqlite::Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    rusqlite::Connection::open_with_flags(folder().join("test.db"), flags).unwrap()
}

fn later(path: &Path) {
    let mut store = Store::create_or_open(path).unwrap();
    let lanterns = "https://x.com/CalderQuayFest/status/1804615623005327362";
    let run = store.begin_run("run", at("2026-12-01T08:00:00Z")).unwrap();
    let mut edited = post(lanterns, "The lanterns are lit. #lanterns #quay");
    edited.author.name = Some("Calder Quay Lantern Festival".to_owned());
    edited.counts = [("likes".to_owned(), 900), ("replies".to_owned(), 12)].into();
    let mut rung = found("2026-12-01T08:00:01Z", edited);
    rung.media = vec![
        CapturedMedia {
            media: image("https://pictures.example/a.png"),
            file: Ok(MediaFile::new("https://pictures.example/a.png".to_owned(), PNG.to_vec())),
        },
        CapturedMedia {
            media: image("https://pictures.example/gone.png"),
            file: Err(MissingFile { reason: "status 404".to_owned(), skipped: None }),
        },
    ];
    save(&mut store, run, lanterns, rung, None);
    let ferry = "https://mastodon.example/@ferry/113000000000000001";
    let mut rung = found(
        "2026-12-01T08:00:02Z",
        post(ferry, "=HYPERLINK(\"https://example.com\") says the ferry, \"at noon\"\nand sails"),
    );
    rung.media = vec![CapturedMedia {
        media: image("https://pictures.example/b.png"),
        file: Ok(MediaFile::new("https://pictures.example/b.png".to_owned(), PNG.to_vec())),
    }];
    save(&mut store, run, ferry, rung, None);
    let lost = "https://mastodon.example/@ferry/113000000000000002";
    let failed = Outcome::Failed(Failure::Http { status: 503 });
    let retry = Retry::at(at("2026-12-02T08:00:00Z"), "status 503");
    save(&mut store, run, lost, rung_of("2026-12-01T08:00:03Z", failed), Some(retry));
    let name = "https://riverside-courier.example/2026/12/ferry/";
    for (captured_at, text) in
        [("2026-12-01T08:00:04Z", "The ferry sails."), ("2026-12-01T09:00:04Z", "The ferry sailed.")]
    {
        version(&mut store, run, name, text, captured_at, &[reference(ferry), reference(lost)]);
    }
    let run = store.begin_run("recheck", at("2027-03-01T08:00:00Z")).unwrap();
    let gone = Outcome::Gone(Gone::Deleted);
    save(&mut store, run, lanterns, rung_of("2027-03-01T08:00:01Z", gone), None);
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reference(url: &str) -> PostRef {
    let Some(Target::Post(post)) = platforms::recognize(&Url::parse(url).unwrap()) else { panic!("no post: {url}") };
    post
}

fn post(url: &str, text: &str) -> Post {
    let post = reference(url);
    let handle = post.author.clone().unwrap();
    let mut post = Post::new(post, Author { handle, name: Some("The ferry".to_owned()), ..Author::default() }, text);
    post.published = "2026-11-30T07:00:00Z".parse().ok();
    post
}

fn image(url: &str) -> Media {
    Media::new(MediaKind::Image, url)
}

fn rung_of(captured_at: &str, outcome: Outcome) -> Rung {
    Rung { captured_at: at(captured_at), outcome, via: Via::Syndication, exchanges: Vec::new(), media: Vec::new() }
}

fn found(captured_at: &str, post: Post) -> Rung {
    rung_of(captured_at, Outcome::Found(Box::new(post)))
}

fn save(store: &mut Store, run: i64, url: &str, rung: Rung, retry: Option<Retry>) {
    let capture = Capture { post: reference(url), rungs: vec![rung], retry, related: Vec::new() };
    store.save_capture(run, &capture).unwrap();
}

fn version(store: &mut Store, run: i64, name: &str, text: &str, captured_at: &str, posts: &[PostRef]) {
    let article = Article {
        url: name.parse().ok(),
        title: text.to_owned(),
        byline: None,
        site_name: None,
        published: "2026-12-01".parse().ok(),
        lang: Some("en".to_owned()),
        text: text.to_owned(),
        body_html: format!("<p>{text}</p>"),
    };
    let embed = |(position, post): (usize, &PostRef)| {
        let target = Target::Post(post.clone());
        let quoted = Quoted::default();
        (Embed { position, form: Form::Blockquote, target, scope: Scope::Article, quoted }, post.clone())
    };
    let embeds: Vec<_> = posts.iter().enumerate().map(embed).collect();
    let new = NewArticle {
        name,
        source: "add",
        kind: "html",
        original: text.as_bytes(),
        content_type: Some("text/html; charset=utf-8"),
        article: &article,
        embeds: &embeds,
        exchange: None,
        captured_at: at(captured_at),
        over_time: OverTime::default(),
    };
    store.save_article(run, &new).unwrap();
}
