//! Files of posts: bytes once, by what they are, and never lost by a later failure.

use crate::desk::*;
use embalm::{
    model::{Media, MediaKind, Outcome, Post, Via},
    store::{CapturedMedia, Filter, MediaFile, Rung},
};

const URL: &str = "https://media.example/ferry.png?size=large";

fn with_picture(id: &str, url: &str) -> Post {
    let mut post = post(id, "We sail at noon");
    post.media.push(picture(url));
    post
}

fn bringing(at: &str, post: Post, media: Vec<CapturedMedia>) -> Rung {
    Rung { media, ..found(at, post) }
}

#[test]
fn equal_bytes_are_stored_once() {
    let mut desk = Desk::new();
    let first = bringing("2026-01-01T10:00:00Z", with_picture("1", URL), vec![brought(URL, PNG)]);
    let other = "https://cdn.example/2.png";
    let second = bringing("2026-01-01T10:00:00Z", with_picture("2", other), vec![brought(other, PNG)]);
    let first = desk.capture(&post_ref("1"), first);
    let second = desk.capture(&post_ref("2"), second);
    assert_eq!((first.media_stored, first.media_deduplicated), (1, 0));
    assert_eq!((second.media_stored, second.media_deduplicated), (0, 1));
    assert_eq!(desk.number("SELECT count(*) FROM blobs"), 1);
    let digest = desk.store.media_digest(URL).unwrap().unwrap();
    assert_eq!(desk.store.media_bytes(&digest).unwrap(), Some((PNG.to_vec(), "image/png".to_owned())));
    assert_eq!(desk.store.media_digest("https://media.example/another.png").unwrap(), None);
    let status = desk.store.status(at("2026-01-03T00:00:00Z")).unwrap();
    assert_eq!((status.media_files, status.media_bytes), (1, PNG.len() as u64));
}

#[test]
fn a_file_known_by_its_url_is_linked_without_being_brought_again() {
    let mut desk = Desk::new();
    desk.capture(&post_ref("1"), bringing("2026-01-01T10:00:00Z", with_picture("1", URL), vec![brought(URL, PNG)]));
    let mut edited = with_picture("1", URL);
    edited.text = "We sail at one".to_owned();
    let failed = CapturedMedia { media: picture(URL), file: Err("status 404".to_owned().into()) };
    desk.capture(&post_ref("1"), bringing("2026-01-02T10:00:00Z", edited, vec![failed]));
    let view = desk.store.post_view("twitter:1", true).unwrap().unwrap();
    assert_eq!(view.content.unwrap().text, "We sail at one");
    assert_eq!(view.media[0].bytes.as_deref(), Some(PNG), "the picture of the day before is not lost");
}

#[test]
fn a_file_that_comes_later_fills_its_gap() {
    let mut desk = Desk::new();
    let failed = CapturedMedia { media: picture(URL), file: Err("status 503".to_owned().into()) };
    desk.capture(&post_ref("1"), bringing("2026-01-01T10:00:00Z", with_picture("1", URL), vec![failed]));
    let media = desk.store.post_view("twitter:1", true).unwrap().unwrap().media;
    assert_eq!((media[0].failure.as_deref(), media[0].bytes.as_ref()), (Some("status 503"), None));
    assert_eq!(desk.store.failures(&Filter::default()).unwrap()[0].detail.as_deref(), Some("status 503"));
    let signed = "https://media.example/ferry.png?size=large&signature=other";
    let again = bringing("2026-01-02T10:00:00Z", with_picture("1", signed), vec![brought(signed, PNG)]);
    desk.capture(&post_ref("1"), again);
    let view = desk.store.post_view("twitter:1", true).unwrap().unwrap();
    assert_eq!(view.history.len(), 1);
    assert_eq!((view.media[0].failure.as_ref(), view.media[0].bytes.as_deref()), (None, Some(PNG)));
    assert_eq!(desk.store.failures(&Filter::default()).unwrap(), []);
}

#[test]
fn a_page_is_not_taken_for_a_picture() {
    let mut desk = Desk::new();
    let page = brought(URL, b"<!DOCTYPE html><title>Sign in</title>");
    let drawing = "https://media.example/drawing.svg";
    let mut post = with_picture("1", URL);
    post.media.push(picture(drawing));
    let svg = brought(drawing, b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>");
    desk.capture(&post_ref("1"), bringing("2026-01-01T10:00:00Z", post, vec![page, svg]));
    let media = desk.store.post_view("twitter:1", true).unwrap().unwrap().media;
    assert_eq!(media[0].bytes, None);
    assert_eq!(media[0].failure.as_deref(), Some("a web page came instead of the image"));
    assert_eq!(media[1].mime.as_deref(), Some("text/xml"), "whatever its header said");
}

#[test]
fn avatar_and_card_are_files_of_the_snapshot_but_not_of_the_post() {
    let mut desk = Desk::new();
    let mut post = with_picture("1", URL);
    post.author.avatar = Some("https://media.example/face.png".to_owned());
    post.card = Some(embalm::model::Card {
        url: "https://harbour.example/".to_owned(),
        image: Some("https://media.example/card.png".to_owned()),
        ..Default::default()
    });
    let extra = "https://media.example/extra.bin";
    let media = vec![
        brought(URL, PNG),
        CapturedMedia {
            media: Media::new(MediaKind::Video, extra),
            file: Ok(MediaFile::new(extra.to_owned(), vec![0xc3, 0x28, 7])),
        },
    ];
    desk.capture(&post_ref("1"), bringing("2026-01-01T10:00:00Z", post.clone(), media));
    let view = desk.store.post_view("twitter:1", true).unwrap().unwrap();
    assert_eq!(view.content.unwrap(), post);
    let urls: Vec<_> = view.media.iter().map(|media| (media.url.as_str(), media.digest.is_some())).collect();
    assert_eq!(
        urls,
        [
            (URL, true),
            ("https://media.example/face.png", false),
            ("https://media.example/card.png", false),
            (extra, true)
        ]
    );
    let record = &desk.store.posts(&Filter::default()).unwrap()[0];
    let kinds: Vec<_> = record.media.iter().map(|media| media.kind).collect();
    assert_eq!(kinds, [MediaKind::Image, MediaKind::Avatar]);
    assert_eq!(desk.store.media(&Filter::default()).unwrap().len(), 4);
}

#[test]
fn exchanges_come_back_as_they_were_less_their_secrets() {
    let mut desk = Desk::new();
    let body = "{\"text\": \"We sail at noon\"}".repeat(40);
    let mut first = exchange("https://api.example/1", 200, &body);
    first.hops.push(exchange("https://api.example/0", 302, "moved").answer.unwrap());
    let mut second = exchange("https://api.example/2", 200, "");
    second.answer = Err(embalm::http::FetchError::Timeout { limit_s: 30 });
    second.request.body = Some(b"q=1".to_vec());
    let rung =
        Rung { exchanges: vec![first.clone(), second.clone()], ..found("2026-01-01T10:00:00Z", post("1", "We")) };
    desk.capture(&post_ref("1"), rung);
    desk.capture(&post_ref("1"), rung_of_the_page());
    let stored = desk.store.raw_exchanges("twitter:1").unwrap();
    for exchange in [&mut first, &mut second] {
        exchange.request.headers.0.retain(|(name, _)| name != "authorization");
        for response in exchange.hops.iter_mut().chain(exchange.answer.as_mut().ok()) {
            response.headers.0.retain(|(name, _)| name != "set-cookie");
        }
    }
    assert_eq!(stored, [first, second]);
    let everything: Vec<u8> = std::fs::read(&desk.path)
        .unwrap()
        .into_iter()
        .chain(std::fs::read(desk.path.with_extension("db-wal")).unwrap_or_default())
        .collect();
    assert!(!everything.windows(19).any(|window| window == b"not-for-the-archive"), "a secret is in the file");
    let (encoding, size): (String, bool) = desk
        .sql()
        .query_row("SELECT encoding, length(data) < size_bytes FROM blobs ORDER BY size_bytes DESC", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((encoding.as_str(), size), ("zstd", true));
    assert_eq!(desk.store.raw_exchanges("twitter:404").unwrap(), []);
}

fn rung_of_the_page() -> Rung {
    rung("2026-01-02T10:00:00Z", Via::Quoted, Outcome::Found(Box::new(post("1", "We sail, it says here"))))
}
