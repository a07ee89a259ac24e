//! The demo's recording: that it is what its sources say, and that every post of the demo's articles is in it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

#[allow(dead_code, reason = "its main is for the command line")]
#[path = "../examples/make_demo.rs"]
mod make_demo;

use embalm::{
    article::{self, Kind, Page},
    detect,
    fetch::replay::Replay,
    http::Request,
    model::{
        ArticleView, Author, EmbedView, Gone, MediaKind, Outcome, Post, PostRef, PostView, State, StoredMedia, Target,
        Via,
    },
    platforms::{self, Step},
    render,
    warc::Reader,
};
use jiff::Timestamp;
use std::{
    env, fs,
    path::{Path, PathBuf},
};
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
    let Some(Target::Post(post)) = platforms::recognize(&Url::parse(url).unwrap()) else { panic!("no post: {url}") };
    capture(&post).0
}

fn capture(post: &PostRef) -> (Outcome, Via) {
    let replay = replay();
    let platform = platforms::by_id(&post.platform).unwrap();
    let mut exchanges = Vec::new();
    for _ in 0..5 {
        match platform.next(post, &exchanges).unwrap() {
            Step::Fetch(request) => exchanges.push(replay.exchange(request)),
            Step::Done(outcome, via) => return (outcome, via),
        }
    }
    panic!("{post} asks without end");
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

#[test]
fn posts_of_the_open_networks_are_there() {
    let quote = found("https://bsky.app/profile/did:plc:z6ixa2fkqwedg4ow7y3sfikr/post/3ldcflqnxxc37");
    assert_eq!(quote.media.iter().filter(|media| media.alt.is_some()).count(), 2);
    let inner = quote.quoted.as_ref().and_then(|quoted| quoted.content.as_deref()).unwrap();
    assert!(inner.card.as_ref().is_some_and(|card| card.image.is_some()));
    assert!(inner.text.ends_with("https://calderline.example/sleepers/winter"), "{}", inner.text);
    let poll = found("https://shore.example/@northernrails/113652557749490039");
    assert_eq!(poll.poll.as_ref().unwrap().options.len(), 3);
    let picture = found("https://shore.example/@harbourlight/115158361768545837/embed");
    assert_eq!(picture.media.len(), 1);
    [quote, poll, picture].iter().for_each(assert_files);
}

/// What the reading side would be given of a post.
fn view(post: &PostRef, embed: &embalm::model::Embed) -> PostView {
    let at: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
    let (outcome, mut via) = capture(post);
    let state = State::proven_by(&outcome).unwrap_or(State::Unknown);
    let content = if let Outcome::Found(found) = outcome {
        Some(*found)
    } else {
        via = Via::Quoted;
        let quoted = &embed.quoted;
        let author = Author {
            handle: quoted.author_handle.clone().unwrap_or_default(),
            name: quoted.author_name.clone(),
            ..Author::default()
        };
        let words = quoted.text.clone().map(|text| Post::new(post.clone(), author, text));
        words.map(|words| Post { published: quoted.published, ..words })
    };
    let mut media = Vec::new();
    content.iter().for_each(|content| stored(content, &mut media));
    PostView {
        post: post.clone(),
        state,
        state_since: Some(at),
        content,
        via: Some(via),
        captured_at: Some(at),
        memento: None,
        login: false,
        media,
        quoted: None,
        reply_to: None,
        last_looked_at: None,
        last_seen_at: None,
        last_failure: None,
        history: Vec::new(),
    }
}

/// The files of a post and of its quote, out of the recording.
fn stored(post: &Post, into: &mut Vec<StoredMedia>) {
    let avatar = post.author.avatar.iter().map(|url| (MediaKind::Avatar, url.clone()));
    let card = post.card.iter().filter_map(|card| card.image.clone()).map(|url| (MediaKind::Image, url));
    let media = post.media.iter().map(|media| (media.kind, media.url.clone()));
    for (kind, url) in media.chain(avatar).chain(card) {
        let exchange = replay().exchange(Request::get(Url::parse(&url).unwrap()));
        let bytes = exchange.response().map(|answer| answer.body.clone());
        into.push(StoredMedia {
            kind,
            url,
            alt: None,
            width_px: None,
            height_px: None,
            duration_ms: None,
            mime: None,
            digest: None,
            size_bytes: None,
            failure: bytes.is_none().then(|| "not recorded".to_owned()),
            obtained: None,
            note: None,
            bytes,
        });
    }
    post.quoted.iter().filter_map(|quoted| quoted.content.as_deref()).for_each(|inner| stored(inner, into));
}

/// An article's embeds, captured out of the recording and drawn.
fn drawn(path: &Path) -> (ArticleView, String) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let bytes = fs::read(path).unwrap();
    let page = Page::new(Kind::of(&name, None, &bytes).unwrap(), &name, None, &bytes, None);
    let detected = detect::mark(&page);
    let embeds = detected.embeds.iter().map(|embed| {
        let post = match &embed.target {
            Target::ShortLink { url, .. } => {
                let exchange = replay().exchange(Request::get(url.clone()).without_redirects());
                let target = exchange.response().and_then(|answer| answer.redirect_target());
                target.and_then(|target| platforms::recognize(&target)).and_then(|target| target.post().cloned())
            }
            target => target.post().cloned(),
        };
        EmbedView { post: post.map(|post| view(&post, embed)), embed: embed.clone() }
    });
    let view = ArticleView {
        source: String::new(),
        labels: Vec::new(),
        id: 1,
        number: 1,
        standing: None,
        embeds: embeds.collect(),
        article: article::read(&page, &detected.marked_html),
        name,
        captured_at: "2026-11-20T08:00:00Z".parse().unwrap(),
        digest: "0".repeat(64),
    };
    let html = render::article_page(&view).unwrap();
    if let Some(folder) = env::var_os("EMBALM_RENDER_OUT") {
        fs::write(Path::new(&folder).join(format!("demo-{}.html", view.name)), &html).unwrap();
    }
    (view, html)
}

#[test]
fn every_embed_of_the_demo_is_found_captured_and_drawn_in_its_place() {
    let states = |name: &str| {
        let (view, html) = drawn(&Path::new("fixtures/articles").join(name));
        assert_eq!(view.embeds.len(), html.matches("class=\"embed\"").count(), "{name}");
        assert!(!html.contains("Also embedded in this page"), "{name}: an embed lost its place");
        let embeds = view.embeds.iter();
        let states = embeds.map(|embed| {
            let state = embed.post.as_ref().map_or("no post", |post| post.state.as_str());
            format!("{} {} {state}", embed.embed.target.platform(), embed.embed.form.as_str())
        });
        states.collect::<Vec<_>>()
    };
    assert_eq!(
        states("harbour-festival.html"),
        ["twitter blockquote live", "youtube iframe live", "instagram blockquote live"]
    );
    assert_eq!(
        states("night-trains.md"),
        ["bluesky blockquote live", "twitter data-attr live", "mastodon iframe live"]
    );
    assert_eq!(states("closing-ceremony.txt"), ["twitter text live", "twitter text no post"]);
    assert_eq!(states("council-vote.html"), ["twitter amp live", "twitter blockquote deleted"]);
}
