//! Records as they are written, read and damaged.

use super::*;
use crate::http::{Exchange, FetchError, Request, Response};
use std::io::Write;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn exchange() -> Exchange {
    let mut moved = Headers::default();
    moved.push("location", "/post/7");
    moved.push("set-cookie", "session=4711");
    let mut headers = Headers::default();
    headers.push("content-type", "text/html; charset=utf-8");
    headers.push("content-encoding", "gzip");
    headers.push("content-length", "9");
    headers.push("x-words", "two\r\nset-cookie: forged=1");
    let mut request = Request::get(url("https://social.example/p/7?lang=en")).with_header("accept", "text/html");
    request.headers.push("authorization", "Bearer hush");
    Exchange {
        request,
        hops: vec![Response {
            url: url("https://social.example/p/7?lang=en"),
            status: 302,
            headers: moved,
            body: vec![],
        }],
        answer: Ok(Response {
            url: url("https://social.example/post/7"),
            status: 200,
            headers,
            body: "<p>Grüße aus dem Moor</p>".into(),
        }),
        started_at: "2026-03-01T08:00:00.25Z".parse().unwrap(),
        elapsed_ms: 12,
    }
}

fn written() -> Vec<u8> {
    let mut writer = WarcWriter::new(Vec::new(), Timestamp::UNIX_EPOCH).unwrap();
    writer.write(&exchange()).unwrap();
    writer.into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    member.write_all(bytes).unwrap();
    member.finish().unwrap()
}

fn response(address: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let length = head.len() + 4 + body.len();
    let mut record = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-03-01T08:00:00Z\r\n\
         Content-Length: {length}\r\n\r\n{head}\r\n\r\n"
    )
    .into_bytes();
    record.extend_from_slice(body);
    record.extend_from_slice(b"\r\n\r\n");
    record
}

fn read(bytes: &[u8]) -> (Vec<Record>, Vec<Damage>) {
    let (mut records, mut damage) = (Vec::new(), Vec::new());
    for item in Reader::new(bytes) {
        match item {
            Ok(record) => records.push(record),
            Err(spot) => damage.push(spot),
        }
    }
    (records, damage)
}

#[test]
fn what_was_written_is_read_again_without_its_secrets() {
    let bytes = written();
    let (records, damage) = read(&bytes);
    assert_eq!(damage, []);
    let kinds: Vec<_> = records.iter().map(|record| (record.kind.clone(), record.url.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (Kind::Response { status: 302 }, "https://social.example/p/7?lang=en"),
            (Kind::Request { method: "GET".to_owned() }, "https://social.example/p/7?lang=en"),
            (Kind::Response { status: 200 }, "https://social.example/post/7"),
            (Kind::Request { method: "GET".to_owned() }, "https://social.example/post/7"),
        ]
    );
    assert!(records.iter().all(|record| record.date == Some(exchange().started_at)));
    assert_eq!(records[2].body, Body::Whole("<p>Grüße aus dem Moor</p>".into()));
    assert_eq!(records[2].headers.get("x-archive-orig-content-encoding"), Some("gzip"));
    assert_eq!(records[2].headers.get("content-length"), Some("27"));
    for secret in ["authorization", "set-cookie"] {
        assert!(records.iter().all(|record| record.headers.get(secret).is_none()), "{secret} was written");
    }
    assert_eq!(bytes, written(), "equal exchanges give equal bytes");
    let places: Vec<_> = records.iter().map(|record| record.place).collect();
    for (place, record) in places.iter().zip(&records) {
        let at = usize::try_from(place.offset).unwrap();
        let again = Reader::at(&bytes[at..], place.offset).nth_of_member(place.nth).unwrap().unwrap();
        assert_eq!(&again, record);
    }
}

#[test]
fn an_exchange_without_an_answer_leaves_its_hops_only() {
    let mut writer = WarcWriter::new(Vec::new(), Timestamp::UNIX_EPOCH).unwrap();
    writer.write(&Exchange { answer: Err(FetchError::Timeout { limit_s: 5 }), ..exchange() }).unwrap();
    assert_eq!(read(&writer.into_inner()).0.len(), 2);
}

#[test]
fn codings_are_taken_off_and_forgiven_where_they_are_not_there() {
    let brotli = [0x0b, 0x02, 0x80, b'h', b'e', b'l', b'l', b'o', 0x03];
    let zlib = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"hello").unwrap();
        encoder.finish().unwrap()
    };
    let cases: [(&str, Vec<u8>); 9] = [
        ("Content-Encoding: gzip", gzipped(b"hello")),
        ("content-encoding: GZIP", b"hello".to_vec()),
        ("Content-Encoding: br", brotli.to_vec()),
        ("Content-Encoding: deflate", zlib),
        ("Content-Encoding: zstd", zstd::encode_all(&b"hello"[..], 3).unwrap()),
        ("Transfer-Encoding: chunked", b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n".to_vec()),
        ("Transfer-Encoding: chunked", b"hello".to_vec()),
        ("Content-Encoding: utf-8", b"hello".to_vec()),
        ("Content-Encoding: gzip, gzip", gzipped(&gzipped(b"hello"))),
    ];
    for (header, body) in cases {
        let (records, damage) = read(&response("http://example.com/", &format!("HTTP/1.1 200 OK\r\n{header}"), &body));
        assert_eq!(damage, [], "{header}");
        assert_eq!(records[0].body, Body::Whole(b"hello".to_vec()), "{header}");
    }
}

#[test]
fn a_body_that_unpacks_beyond_the_limit_is_dropped_and_one_cut_off_is_marked() {
    let bomb = response("http://example.com/", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip", &gzipped(&[0; 300_000]));
    let record = Reader::new(&bomb[..]).with_body_limit(200_000).next().unwrap().unwrap();
    assert_eq!(record.body, Body::TooLarge { limit_bytes: 200_000 });
    let mut short = gzipped(&[7; 3000]);
    short.truncate(short.len() - 6);
    let (records, _) = read(&response("http://example.com/", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip", &short));
    assert!(matches!(&records[0].body, Body::Cut { detail, .. } if detail.starts_with("gzip")));
}

#[test]
fn records_before_damage_are_read_and_the_damage_is_placed() {
    let good = response("http://example.com/1", "HTTP/1.1 200 OK", b"one");
    let other = response("http://example.com/2", "HTTP/1.1 200 OK", b"two");
    let plain = [good.clone(), b"!!\r\n".to_vec(), other.clone()].concat();
    let (records, damage) = read(&plain);
    assert_eq!((records.len(), damage.len()), (2, 1), "a record's first line is found again");
    assert_eq!(damage[0].offset, good.len() as u64);
    assert_eq!(records[1].place.offset, good.len() as u64 + 4);
    let at = usize::try_from(records[1].place.offset).unwrap();
    assert_eq!(Reader::at(&plain[at..], records[1].place.offset).nth_of_member(0).unwrap().unwrap(), records[1]);

    let short =
        String::from_utf8(good.clone()).unwrap().replace("Content-Length: 22", "Content-Length: 4").into_bytes();
    let (records, damage) = read(&[short, other.clone()].concat());
    assert_eq!((records.len(), damage.len()), (1, 1), "{damage:?}");
    assert_eq!((records[0].url.path(), damage[0].offset), ("/2", 0));

    let mut torn = [gzipped(&good), gzipped(&other)].concat();
    torn.truncate(torn.len() - 12);
    let (records, damage) = read(&torn);
    assert_eq!((records.len(), damage.len()), (1, 1));
    assert_eq!(damage[0].offset, gzipped(&good).len() as u64);

    let lying = String::from_utf8(good).unwrap().replace("Content-Length: ", "Content-Length: 9").into_bytes();
    let members = [gzipped(&lying), gzipped(&other)].concat();
    let (records, damage) = read(&members);
    assert_eq!((records.len(), damage.len()), (1, 1), "the next member is sound");
    assert_eq!((records[0].url.path(), damage[0].offset), ("/2", 0));
}

#[test]
fn several_records_in_one_member_are_found_again_by_their_number() {
    let records = [1, 2, 3].map(|n| response(&format!("http://example.com/{n}"), "HTTP/1.1 200 OK", b"x")).concat();
    for file in [gzipped(&records), zstd::encode_all(&records[..], 3).unwrap()] {
        let (records, damage) = read(&file);
        assert_eq!((records.len(), damage), (3, vec![]));
        assert_eq!(records[2].place, Place { offset: 0, nth: 2 });
        let again = Reader::at(&file[..], 0).nth_of_member(2).unwrap().unwrap();
        assert_eq!(again.url.path(), "/3");
    }
}

#[test]
fn a_record_is_found_behind_one_that_is_not_what_its_digest_says() {
    let wrong = String::from_utf8(response("http://example.com/1", "HTTP/1.1 200 OK", b"x")).unwrap();
    let wrong =
        wrong.replace("Content-Length", "WARC-Block-Digest: sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nContent-Length");
    let file = gzipped(&[wrong.into_bytes(), response("http://example.com/2", "HTTP/1.1 200 OK", b"y")].concat());
    let (records, damage) = read(&file);
    assert_eq!((records.len(), damage.len()), (2, 1));
    assert_eq!(Reader::at(&file[..], 0).nth_of_member(1).unwrap().unwrap(), records[1]);
}

#[test]
fn every_record_of_a_plain_file_is_found_again_at_its_place() {
    let file: Vec<u8> =
        (0..3).flat_map(|n| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", b"words")).collect();
    let (records, _) = read(&file);
    assert_eq!(records.len(), 3);
    for record in records {
        let at = usize::try_from(record.place.offset).unwrap();
        let again = Reader::at(&file[at..], record.place.offset).nth_of_member(record.place.nth).unwrap().unwrap();
        assert_eq!(again, record);
    }
}

#[test]
fn no_prefix_and_no_flipped_byte_makes_a_reader_panic_or_go_on_for_ever() {
    let file = written();
    for end in 0..file.len() {
        let items = Reader::new(&file[..end]).count();
        assert!(items <= 5, "{items} items of {end} bytes");
    }
    for at in (0..file.len()).step_by(3) {
        let mut bytes = file.clone();
        bytes[at] ^= 0x55;
        assert!(Reader::new(&bytes[..]).count() <= 6);
    }
}
