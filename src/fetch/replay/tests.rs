//! What a replay finds, and what it refuses to make up.

use super::*;
use crate::http::Headers;
use crate::warc::WarcWriter;
use std::fs::File;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn answered(address: &str, at: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut kept = Headers::default();
    for (name, value) in headers {
        kept.push(name, *value);
    }
    Exchange {
        request: Request::get(url(address)),
        hops: Vec::new(),
        answer: Ok(Response { url: url(address), status, headers: kept, body: body.as_bytes().to_vec() }),
        started_at: at.parse().unwrap(),
        elapsed_ms: 3,
    }
}

fn recording(exchanges: &[Exchange]) -> (tempfile::TempDir, Replay) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.warc.gz");
    let mut writer = WarcWriter::new(File::create(&path).unwrap(), Timestamp::UNIX_EPOCH).unwrap();
    for exchange in exchanges {
        writer.write(exchange).unwrap();
    }
    let replay = Replay::open(&[folder.path().to_owned()]).unwrap();
    assert!(replay.damage().is_empty());
    (folder, replay)
}

fn body(replay: &Replay, address: &str) -> Option<String> {
    let exchange = replay.exchange(Request::get(url(address)));
    exchange.response().map(|answer| answer.text().into_owned())
}

const DAY: &str = "2026-03-01T08:00:00Z";

#[test]
fn parameters_match_in_any_order_and_then_by_what_identifies() {
    let (_folder, replay) = recording(&[
        answered("https://api.example.com/post?id=41&token=abc&lang=en", DAY, 200, &[], "forty-one"),
        answered("https://api.example.com/post?id=42&token=abc&lang=en", DAY, 200, &[], "forty-two"),
        answered("https://news.example.com/story?page=1", DAY, 200, &[], "first page"),
        answered("https://news.example.com/plain", DAY, 200, &[], "plain"),
    ]);
    assert_eq!(body(&replay, "https://api.example.com/post?lang=en&id=42&token=abc").as_deref(), Some("forty-two"));
    assert_eq!(body(&replay, "http://api.example.com/post?id=41").as_deref(), Some("forty-one"));
    assert_eq!(body(&replay, "https://api.example.com/post?id=43"), None);
    assert_eq!(body(&replay, "https://api.example.com/post"), None);
    assert_eq!(body(&replay, "https://news.example.com/story?page=2"), None, "page is no noise");
    assert_eq!(body(&replay, "https://news.example.com/plain#part").as_deref(), Some("plain"));
    assert_eq!(body(&replay, "https://other.example.com/plain"), None);
}

#[test]
fn an_embedded_post_url_is_compared_by_the_post_that_it_names() {
    let oembed = "https://publish.twitter.com/oembed";
    let (_folder, replay) = recording(&[
        answered(&format!("{oembed}?url=https%3A%2F%2Fx.com%2Fheron%2Fstatus%2F1822768&dnt=1"), DAY, 200, &[], "heron"),
        answered(&format!("{oembed}/?url=https://twitter.com/i/status/1822769"), DAY, 200, &[], "other"),
        answered("https://www.instagram.com/p/Cq1Zx9uLw2_/embed/captioned/", DAY, 200, &[], "framed"),
    ]);
    let asked = |post: &str| format!("{oembed}?omit_script=1&url={post}");
    assert_eq!(body(&replay, &asked("https://twitter.com/i/web/status/1822768?s=20")).as_deref(), Some("heron"));
    assert_eq!(body(&replay, &asked("https%3A%2F%2Ftwitter.com%2Fheron%2Fstatus%2F1822769")).as_deref(), Some("other"));
    assert_eq!(body(&replay, &asked("https://twitter.com/heron/status/1822770")), None);
    let framed = "https://www.instagram.com/p/Cq1Zx9uLw2_/embed/captioned/?cr=1&v=14";
    assert_eq!(body(&replay, framed).as_deref(), Some("framed"));
    assert_eq!(body(&replay, "https://www.instagram.com/p/Cq1Zx9uLw2_/"), None, "the page is not the frame");
}

#[test]
fn the_newest_answer_wins_wherever_it_stands() {
    let (_folder, replay) = recording(&[
        answered("https://example.com/", "2026-03-02T08:00:00Z", 200, &[], "new"),
        answered("https://example.com/", "2026-03-01T08:00:00Z", 200, &[], "old"),
    ]);
    let exchange = replay.exchange(Request::get(url("https://example.com/")));
    assert_eq!(exchange.response().unwrap().text(), "new");
    assert_eq!((exchange.started_at.to_string().as_str(), exchange.elapsed_ms), ("2026-03-02T08:00:00Z", 0));
}

#[test]
fn redirects_are_followed_only_when_asked_and_never_for_ever() {
    let (_folder, replay) = recording(&[
        answered("https://a.example/1", DAY, 301, &[("location", "/2")], ""),
        answered("https://a.example/2", DAY, 302, &[("location", "https://b.example/3")], ""),
        answered("https://b.example/3", DAY, 200, &[], "there"),
        answered("https://a.example/loop", DAY, 302, &[("location", "/pool")], ""),
        answered("https://a.example/pool", DAY, 302, &[("location", "/loop")], ""),
        answered("https://a.example/lost", DAY, 302, &[("location", "/nowhere")], ""),
        answered("https://c.example/", DAY, 200, &[], "safe"),
        answered("http://c.example/", DAY, 301, &[("location", "https://c.example/")], ""),
    ]);
    let exchange = replay.exchange(Request::get(url("https://a.example/1")));
    assert_eq!(exchange.hops.iter().map(|hop| hop.url.path()).collect::<Vec<_>>(), ["/1", "/2"]);
    assert_eq!(exchange.response().unwrap().url.as_str(), "https://b.example/3");
    let single = replay.exchange(Request::get(url("https://a.example/1")).without_redirects());
    assert_eq!(single.response().unwrap().redirect_target().unwrap().as_str(), "https://a.example/2");
    let looped = replay.exchange(Request::get(url("https://a.example/loop")));
    assert_eq!(looped.answer, Err(FetchError::TooManyRedirects { limit: MAX_REDIRECTS }));
    let lost = replay.exchange(Request::get(url("https://a.example/lost")));
    assert_eq!((lost.answer, lost.hops.len()), (Err(FetchError::NotRecorded), 1));
    assert_eq!(body(&replay, "http://c.example/").as_deref(), Some("safe"));
}

#[test]
fn a_body_over_the_limit_of_its_request_is_too_large() {
    let (_folder, replay) = recording(&[answered("https://example.com/big", DAY, 200, &[], &"x".repeat(5000))]);
    let mut request = Request::get(url("https://example.com/big"));
    request.max_bytes = Some(4999);
    assert_eq!(replay.exchange(request.clone()).answer, Err(FetchError::TooLarge { limit_bytes: 4999 }));
    request.max_bytes = Some(5000);
    assert_eq!(replay.exchange(request).response().unwrap().body.len(), 5000);
}

#[test]
fn addresses_that_were_made_to_fill_the_memory_are_left_out_from_there_on() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.warc.gz");
    let mut packed = flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::fast());
    let block = "HTTP/1.1 200 OK\r\n\r\n";
    let filler = "a".repeat(200_000);
    for number in 0..150 {
        let head =
            format!("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://example.com/{number}/{filler}\r\n");
        let more = "WARC-Date: 2026-03-01T08:00:00Z\r\nContent-Type: application/http;msgtype=response\r\n";
        write!(packed, "{head}{more}Content-Length: {}\r\n\r\n{block}\r\n\r\n", block.len()).unwrap();
    }
    packed.finish().unwrap();
    let replay = Replay::open(&[path]).unwrap();
    assert!((50..150).contains(&replay.len()), "{}", replay.len());
    let [(_, damage)] = replay.damage() else { panic!("{:?}", replay.damage()) };
    assert!(damage.offset == 0 || damage.detail.contains("not replayed"), "{damage}");
}

#[test]
fn what_is_no_recording_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Replay::open(&[folder.path().to_owned()]).err().unwrap().to_string();
    assert!(error.starts_with("no .warc, .warc.gz or .wacz file in"), "{error}");
    let path = folder.path().join("page.warc");
    std::fs::write(&path, "<html>not a recording").unwrap();
    let error = Replay::open(std::slice::from_ref(&path)).err().unwrap().to_string();
    assert!(error.contains("is not a WARC file: damaged at byte 0: expected WARC/1.0"), "{error}");
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Replay::open(&[path]), Err(ReplayError::Unreadable { .. })));
}
