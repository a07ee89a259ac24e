//! The demo's recording: that it is what its sources say, and that every post of the demo's articles is in it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[allow(dead_code, reason = "its main is for the command line")]
#[path = "../examples/make_demo.rs"]
mod make_demo;

use embalm::{
    fetch::replay::Replay,
    http::Request,
    model::{Gone, MediaKind, Outcome, Post, Target},
    platforms::{self, Step},
    warc::Reader,
};
use std::{fs, path::PathBuf};
use url::Url;

/// A record without its place in the file, which compression decides.
fn records(warc: &[u8]) -> Vec<String> {
    Reader::new(warc)
        .map(|record| {
            let record = record.unwrap();
            format!("{} {:?} {:?} {:?} {:?}", record.url, record.date, record.kind, record.headers, record.body)
        })
        .collect()
}

#[test]
fn the_recording_is_what_its_sources_say() {
    let mut fresh = Vec::new();
    make_demo::write("fixtures/demo".as_ref(), &mut fresh).unwrap();
    let (fresh, kept) = (records(&fresh), records(&fs::read("fixtures/demo.warc.gz").unwrap()));
    assert!(fresh == kept, "fixtures/demo.warc.gz is out of date: cargo run --example make_demo");
    assert!(fresh.len() > 30);
}

#[test]
fn the_demo_stays_small() {
    let size = |path: &str| fs::metadata(path).unwrap().len();
    let media: u64 =
        fs::read_dir("fixtures/demo/media").unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(size("fixtures/demo.warc.gz") < 300_000 && media < 250_000);
}

fn replay() -> Replay {
    Replay::open(&[PathBuf::from("fixtures/demo.warc.gz")]).unwrap()
}

/// Captures by the platform's own plan, out of the recording.
fn captured(url: &str) -> Outcome {
    let replay = replay();
    let Some(Target::Post(post)) = platforms::recognize(&Url::parse(url).unwrap()) else { panic!("no post: {url}") };
    let platform = platforms::by_id(&post.platform).unwrap();
    let mut exchanges = Vec::new();
    for _ in 0..5 {
        match platform.next(&post, &exchanges).unwrap() {
            Step::Fetch(request) => exchanges.push(replay.exchange(request)),
            Step::Done(outcome, _) => return outcome,
        }
    }
    panic!("{url} asks without end");
}

fn found(url: &str) -> Post {
    match captured(url) {
        Outcome::Found(post) => *post,
        other => panic!("{url}: {other:?}"),
    }
}

/// Every file that the post names, its quote's included, answers.
fn assert_files(post: &Post) {
    let replay = replay();
    let avatar = post.author.avatar.iter().cloned();
    let card = post.card.iter().filter_map(|card| card.image.clone());
    for url in post.media.iter().map(|media| media.url.clone()).chain(avatar).chain(card) {
        let exchange = replay.exchange(Request::get(Url::parse(&url).unwrap()));
        assert!(exchange.response().is_some_and(|answer| answer.status == 200), "not recorded: {url}");
    }
    if let Some(quoted) = post.quoted.as_ref().and_then(|quoted| quoted.content.as_deref()) {
        assert_files(quoted);
    }
}

#[test]
fn posts_of_x_are_all_there() {
    let photos = found("https://twitter.com/CalderQuayFest/status/1804615623005327362");
    assert_eq!(photos.media.iter().filter(|media| media.kind == MediaKind::Image && media.alt.is_some()).count(), 2);
    assert!(photos.text.ends_with("https://harbourfestival.example/tonight"), "{}", photos.text);
    assert_eq!(photos.published.unwrap().to_string(), "2024-06-22T20:41:07Z");
    let video = found("https://twitter.com/RiverGamesCQ/status/1822728575613931527");
    assert!(video.media.iter().any(|media| media.kind == MediaKind::Video), "{:?}", video.media);
    assert!(video.text.ends_with("#RiverGames"), "{}", video.text);
    let quote = found("https://x.com/i/status/1902078248922857473");
    assert_eq!(quote.quoted.as_ref().unwrap().post.id, "1902071766654525449");
    let words = found("https://x.com/CalderLineRail/status/1868196847334490117");
    assert!(words.text.contains("tonight & every Friday"), "{}", words.text);
    [photos, video, quote, words].iter().for_each(assert_files);
    assert_eq!(captured("https://x.com/ivo_castellane/status/1902103783112032259"), Outcome::Gone(Gone::Deleted));
}

#[test]
fn a_short_link_of_the_demo_leads_to_its_post() {
    let link = Url::parse("https://pic.twitter.com/6mNdRk2LqZ").unwrap();
    let exchange = replay().exchange(Request::get(link).without_redirects());
    let target = exchange.response().and_then(|answer| answer.redirect_target()).unwrap();
    assert!(matches!(platforms::recognize(&target), Some(Target::Post(post)) if post.id == "1822728575613931527"));
}

#[test]
fn the_film_and_the_picture_are_there() {
    let film = found("https://www.youtube.com/embed/cQ4bNd_St2g?feature=oembed");
    assert_eq!(film.author.handle, "quaysidebrasscq");
    assert_eq!(film.published.unwrap().to_string(), "2024-06-23T08:12:09Z");
    let picture = found("https://www.instagram.com/p/C8jYDeDkAAf/?utm_source=ig_embed");
    assert_eq!(picture.author.handle, "calderquay.lightbox");
    assert!(picture.text.starts_with("Two hundred paper boats"));
    [film, picture].iter().for_each(assert_files);
}
