//! Records as they are written, read and damaged.

use super::*;
use crate::http::{Exchange, FetchError, Request, Response};
use std::io::{Read, Write};

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
        let again = Reader::at(&bytes[at..], place.offset).record_within(place.within).unwrap().unwrap();
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
    assert_eq!(Reader::at(&plain[at..], records[1].place.offset).record_within(0).unwrap().unwrap(), records[1]);

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
fn several_records_in_one_member_are_found_again_by_their_place() {
    let records = [1, 2, 3].map(|n| response(&format!("http://example.com/{n}"), "HTTP/1.1 200 OK", b"x")).concat();
    for file in [gzipped(&records), zstd::encode_all(&records[..], 3).unwrap()] {
        let (records, damage) = read(&file);
        assert_eq!((records.len(), damage), (3, vec![]));
        assert_eq!((records[0].place, records[2].place.offset), (Place { offset: 0, within: 0 }, 0));
        for record in records {
            let again = Reader::at(&file[..], 0).record_within(record.place.within).unwrap().unwrap();
            assert_eq!(again, record);
        }
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
    assert_eq!(Reader::at(&file[..], 0).record_within(records[1].place.within).unwrap().unwrap(), records[1]);
}

#[test]
fn every_record_of_a_plain_file_is_found_again_at_its_place() {
    let file: Vec<u8> =
        (0..3).flat_map(|n| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", b"words")).collect();
    let (records, _) = read(&file);
    assert_eq!(records.len(), 3);
    for record in records {
        let at = usize::try_from(record.place.offset).unwrap();
        let again = Reader::at(&file[at..], record.place.offset).record_within(record.place.within).unwrap().unwrap();
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

/// What lies in the words of all records, so that a dictionary has something to say.
fn trained(records: &[Vec<u8>]) -> Vec<u8> {
    let samples: Vec<Vec<u8>> = (0..400)
        .map(|n| {
            let mut sample = records[n % records.len()].clone();
            sample.extend(format!("tide table of day {n}, harbour {}", n * 7919 % 1000).bytes());
            sample
        })
        .collect();
    zstd::dict::from_samples(&samples, 8 << 10).unwrap()
}

fn skippable(magic: u8, content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&[magic, 0x2a, 0x4d, 0x18][..], &len[..], content].concat()
}

fn with_dictionary(record: &[u8], dictionary: &[u8]) -> Vec<u8> {
    let mut frame = zstd::Encoder::with_dictionary(Vec::new(), 3, dictionary).unwrap();
    frame.write_all(record).unwrap();
    frame.finish().unwrap()
}

#[test]
fn frames_that_refer_to_a_dictionary_are_read_plain_or_compressed_and_each_one_again() {
    let records: Vec<_> =
        (0..5).map(|n| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", b"words of the sea")).collect();
    let dictionary = trained(&records);
    let packed = zstd::encode_all(&dictionary[..], 3).unwrap();
    for first in [&dictionary, &packed] {
        let frames = records.iter().flat_map(|record| with_dictionary(record, &dictionary));
        let file: Vec<u8> =
            skippable(0x5d, first).into_iter().chain(skippable(0x50, b"passed over")).chain(frames).collect();
        let (found, damage) = read(&file);
        assert_eq!((found.len(), damage), (5, vec![]));
        let mut temporary = tempfile::NamedTempFile::new().unwrap();
        temporary.write_all(&file).unwrap();
        let part = Part::of_file(temporary.path());
        for record in found {
            assert_eq!(part.record(record.place, 100).unwrap(), record);
        }
    }
    let without: Vec<u8> = records.iter().flat_map(|record| with_dictionary(record, &dictionary)).collect();
    let (found, damage) = read(&without);
    assert_eq!((found.len(), damage.is_empty()), (0, false), "its dictionary is not there");
}

#[test]
fn a_dictionary_that_is_none_or_too_large_is_refused_before_memory_is_taken() {
    let bomb = zstd::encode_all(std::io::repeat(7).take(1 << 30), 1).unwrap();
    let huge = [&[0x5d, 0x2a, 0x4d, 0x18][..], &u32::MAX.to_le_bytes()[..], &[1; 100]].concat();
    for file in [skippable(0x5d, &bomb), huge, skippable(0x5d, b"no dictionary"), skippable(0x5d, b"")] {
        let (records, damage) = read(&file);
        assert_eq!((records.len(), damage.len()), (0, 1), "{damage:?}");
    }
}

#[test]
fn a_member_that_cannot_be_unpacked_is_told_and_the_next_one_is_read() {
    let record =
        |n: u32| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", format!("{n}").repeat(900).as_bytes());
    for pack in [gzipped as fn(&[u8]) -> Vec<u8>, |bytes| zstd::encode_all(bytes, 3).unwrap()] {
        let members = [pack(&record(1)), pack(&record(2)), pack(&record(3))];
        let mut file = members.concat();
        let hit = members[0].len() + members[1].len() / 2;
        file[hit..hit + 6].copy_from_slice(&[0xff; 6]);
        let (records, damage) = read(&file);
        assert_eq!(records.iter().map(|record| record.url.path()).collect::<Vec<_>>(), ["/1", "/3"], "{damage:?}");
        assert_eq!(damage.iter().map(|spot| spot.offset).collect::<Vec<_>>(), [members[0].len() as u64]);
        let dirty = [&members[0][..], b"(left over)\r\n WARC not", &members[1], &[0; 512], &members[2]].concat();
        let (records, damage) = read(&dirty);
        assert_eq!((records.len(), damage.len()), (3, 2), "{damage:?}");
    }
}

#[test]
fn what_only_looks_like_members_is_tried_so_often_and_no_more() {
    for magic in [&[0x1f, 0x8b, 8][..], &[0x28, 0xb5, 0x2f, 0xfd], b"WARC/"] {
        let file =
            [gzipped(&response("https://a.example/", "HTTP/1.1 200 OK", b"words")), magic.repeat(30_000)].concat();
        let (records, damage) = read(&file);
        assert_eq!(records.len(), 1);
        assert!((1..=2).contains(&damage.len()), "{damage:?}");
    }
}

#[test]
fn files_put_one_after_another_are_read_whatever_each_is_packed_by() {
    let record = |n: u32| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", b"words");
    let packed = [gzipped(&record(1)), zstd::encode_all(&record(2)[..], 3).unwrap(), record(3)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 2]] {
        let (records, damage) = read(&order.map(|at| packed[at].clone()).concat());
        assert_eq!((records.len(), damage), (3, vec![]), "{order:?}");
    }
}

#[test]
fn drafts_line_endings_continued_lines_and_short_dates_are_read() {
    let text = "WARC/0.18\nWARC-Type: response\nWARC-Target-URI:\n  <https://a.example/x>\nWARC-Date: 2024-02\nContent-Length: 22\n\n\
                HTTP/1.1 200 OK\n\nwords\n\n\nWARC/1.1\nWARC-Type: response\nWARC-Target-URI: https://a.example/y\n\
                WARC-Segment-Number: 1\nContent-Length: 22\n\nHTTP/1.1 200 OK\n\nwords";
    let (records, damage) = read(text.as_bytes());
    assert!(damage.is_empty(), "{damage:?}");
    assert_eq!(records[0].url.as_str(), "https://a.example/x");
    assert_eq!(records[0].date, Some("2024-02-01T00:00:00Z".parse().unwrap()));
    assert!(matches!(&records[1].body, Body::Cut { .. }), "one segment is no whole body");
}

#[test]
fn files_of_the_format_before_are_read() {
    let body = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>tide";
    let one = |line: &str, body: &[u8]| [line.as_bytes(), b"\n", body, b"\n"].concat();
    let about = b"1 0 Tide\nURL IP-address Archive-date Content-type Archive-length\n";
    let first = one(&format!("filedesc://a.arc 0.0.0.0 20090216113300 text/plain {}", about.len()), about);
    let page = one(&format!("http://a.example/a b 192.0.2.1 20090216113301 text/html {}", body.len()), body);
    let two = format!("http://a.example/c 192.0.2.1 20090216113302 text/html 200 - - 9 a.arc {}", body.len());
    let second = one(&two, body);
    let name = one("dns:a.example 192.0.2.1 20090216113301 text/dns 4", b"A 1\n");
    let parts = [first, page, name, second];
    for file in [parts.concat(), parts.iter().flat_map(|part| gzipped(part)).collect()] {
        let (records, damage) = read(&file);
        assert_eq!(damage, []);
        let found: Vec<_> =
            records.iter().map(|record| (record.url.as_str(), record.date.unwrap().to_string())).collect();
        let expected = [("http://a.example/a%20b", "01"), ("http://a.example/c", "02")];
        assert_eq!(found, expected.map(|(url, second)| (url, format!("2009-02-16T11:33:{second}Z"))));
        assert_eq!(records[0].body, Body::Whole(b"<p>tide".to_vec()));
    }
}

#[test]
fn records_of_one_large_member_are_read_in_any_order_with_one_unpacking() {
    let body = vec![b'x'; 20_000];
    let records: Vec<u8> =
        (0..200).flat_map(|n| response(&format!("https://a.example/{n}"), "HTTP/1.1 200 OK", &body)).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let other = gzipped(&response("https://b.example/", "HTTP/1.1 200 OK", b"before"));
    file.write_all(&[other, gzipped(&records)].concat()).unwrap();
    let part = Part::of_file(file.path());
    let (found, damage): (Vec<_>, Vec<_>) = Reader::new(part.open().unwrap()).partition(Result::is_ok);
    assert_eq!((found.len(), damage.len()), (201, 0));
    for record in found.into_iter().rev().map(Result::unwrap) {
        assert_eq!(part.record(record.place, 1 << 20).unwrap(), record);
        let mut content = Vec::new();
        part.clone().copy_content(record.place, &mut content).unwrap();
        assert!(content.starts_with(b"HTTP/1.1 200 OK"));
    }
    assert_eq!(part.spooled_bytes(), records.len() as u64, "200 records of one member cost one unpacking of it");
}
