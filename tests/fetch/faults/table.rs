//! What a server that speaks HTTP/1.1 does wrong, and which ends of a request are right then.

use super::{Act, End, say};
use std::io::Write;

/// A fault, by the suite's name for it.
pub(super) struct Fault {
    pub(super) id: &'static str,
    pub(super) ends: &'static [End],
    pub(super) acts: Vec<Act>,
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A whole answer with these headers.
fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<Act> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    vec![Act::Say(bytes)]
}

fn head(text: &str) -> Act {
    say(&format!("HTTP/1.1 200 OK\r\n{text}\r\n"))
}

/// The faults of a server that speaks HTTP/1.1, by the suite's names; each with the ends that are right.
pub(super) fn faults() -> Vec<Fault> {
    let fault = |id, ends: &'static [End], acts| Fault { id, ends, acts };
    let zeros = vec![0; 3_000_000];
    let nested = gzip(&gzip(&gzip(&zeros)));
    let many = |line: &str, times| Act::Times(times, line.as_bytes().to_vec());
    let raw_deflate = {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"hello").unwrap();
        encoder.finish().unwrap()
    };
    vec![
        fault(
            "tcp-reset-mid-body",
            &[End::Broken],
            vec![head("content-length: 9000\r\n"), many("x", 1000), Act::Reset],
        ),
        fault("tcp-latency", &[End::Whole(200)], [vec![Act::Wait(60)], whole("200 OK", "", b"late")].concat()),
        fault("tcp-bandwidth", &[End::Late], vec![head("content-length: 9000\r\n"), Act::Drip(vec![b'x'; 9000], 5)]),
        fault("tcp-half-open", &[End::Late], vec![Act::Silence]),
        fault(
            "header-100k",
            &[End::Broken],
            vec![head(&format!("x-long: {}\r\ncontent-length: 0\r\n", "x".repeat(100_000)))],
        ),
        fault(
            "headers-10000",
            &[End::Broken],
            vec![say("HTTP/1.1 200 OK\r\n"), many("x-a: b\r\n", 10_000), say("\r\n")],
        ),
        fault("header-nul", &[End::Broken], vec![head("x-a: b\0c\r\ncontent-length: 0\r\n")]),
        fault(
            "header-folded",
            &[End::Broken, End::Whole(200)],
            vec![head("x-a: b\r\n location: http://127.0.0.1/\r\ncontent-length: 0\r\n")],
        ),
        fault("header-bare-cr", &[End::Broken], vec![head("x-a: b\rc: d\r\ncontent-length: 0\r\n")]),
        fault(
            "status-100-flood",
            &[End::Late, End::Broken],
            vec![Act::Again(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())],
        ),
        fault("status-weird:0", &[End::Broken], whole("0 No", "", b"")),
        fault("status-weird:9", &[End::Broken], whole("9 No", "", b"")),
        fault("status-weird:999", &[End::Broken, End::Whole(999)], whole("999 No", "", b"")),
        fault("status-weird:100 digits", &[End::Broken], whole(&"2".repeat(100), "", b"")),
        fault("status-weird:negative", &[End::Broken], whole("-200 No", "", b"")),
        fault("http12:1.2", &[End::Broken], vec![say("HTTP/1.2 200 OK\r\ncontent-length: 0\r\n\r\n")]),
        fault("http12:3.0", &[End::Broken], vec![say("HTTP/3.0 200 OK\r\ncontent-length: 0\r\n\r\n")]),
        fault(
            "cl-overflow",
            &[End::Broken, End::TooLarge],
            vec![head("content-length: 99999999999999999999\r\n"), say("x")],
        ),
        fault("cl-too-small", &[End::Whole(200)], vec![head("content-length: 2\r\n"), say("hello")]),
        fault("cl-too-large", &[End::Broken], vec![head("content-length: 9\r\n"), say("hello")]),
        fault("cl-twice", &[End::Broken], vec![head("content-length: 5\r\ncontent-length: 6\r\n"), say("hello")]),
        fault("two-locations", &[End::Refused], whole("302 Found", "location: /a\r\nlocation: /b\r\n", b"")),
        fault(
            "chunked-bad-hex",
            &[End::Broken],
            vec![head("transfer-encoding: chunked\r\n"), say("zz\r\nhello\r\n0\r\n\r\n")],
        ),
        fault(
            "chunked-trailers",
            &[End::Whole(200), End::Broken],
            vec![
                head("transfer-encoding: chunked\r\n"),
                say("5\r\nhello\r\n0\r\nset-cookie: a=b\r\ncontent-encoding: gzip\r\n\r\n"),
            ],
        ),
        fault(
            "chunked-extension-1mb",
            &[End::Broken, End::Whole(200)],
            vec![
                head("transfer-encoding: chunked\r\n"),
                say("5;"),
                many("x", 1_000_000),
                say("\r\nhello\r\n0\r\n\r\n"),
            ],
        ),
        fault(
            "chunked-1-byte-chunks",
            &[End::Whole(200)],
            vec![head("transfer-encoding: chunked\r\n"), Act::Say(b"1\r\nx\r\n".repeat(5000)), say("0\r\n\r\n")],
        ),
        fault(
            "gzip-members",
            &[End::Broken],
            whole("200 OK", "content-encoding: gzip\r\n", &[gzip(b"hello"), gzip(b"world")].concat()),
        ),
        fault("gzip-bomb", &[End::TooLarge], whole("200 OK", "content-encoding: gzip\r\n", &gzip(&zeros))),
        fault("gzip-bomb-nested", &[End::TooLarge], whole("200 OK", "content-encoding: gzip, gzip, gzip\r\n", &nested)),
        fault(
            "gzip-bomb-nested:6",
            &[End::Broken],
            whole("200 OK", "content-encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n", &nested),
        ),
        fault(
            "zstd-bomb",
            &[End::TooLarge],
            whole("200 OK", "content-encoding: zstd\r\n", &zstd::bulk::compress(&zeros, 3).unwrap()),
        ),
        fault(
            "deflate-raw-vs-zlib",
            &[End::Whole(200)],
            whole("200 OK", "content-encoding: deflate\r\n", &raw_deflate),
        ),
        fault(
            "encoding-lie-gzip-plain",
            &[End::Broken, End::Whole(200)],
            whole("200 OK", "content-encoding: gzip\r\n", b"<html>plain</html>"),
        ),
        fault("gzip-truncated", &[End::Broken], whole("200 OK", "content-encoding: gzip\r\n", &gzip(&[7; 9000])[..30])),
        fault("redirect-300", &[End::Whole(300)], whole("300 Multiple Choices", "location: /a\r\n", b"choose")),
        fault("redirect-loop", &[End::Redirects], whole("302 Found", "location: /a\r\n", b"")),
        fault("408-425-500-502-504-522-524:500", &[End::Whole(500)], whole("500 Broken", "", b"no")),
        fault("404-410-451:410", &[End::Whole(410)], whole("410 Gone", "", b"no")),
        fault("401-403:403", &[End::Whole(403)], whole("403 Forbidden", "", b"no")),
        fault(
            "206-wrong-range",
            &[End::Broken],
            whole("206 Partial Content", "content-range: bytes 5-9/10\r\n", b"hello"),
        ),
        fault("416", &[End::Whole(416)], whole("416 Range Not Satisfiable", "content-range: bytes */10\r\n", b"")),
        fault("304-unasked", &[End::Whole(304)], vec![say("HTTP/1.1 304 Not Modified\r\n\r\n")]),
        fault(
            "date-in-future",
            &[End::Whole(200)],
            whole(
                "200 OK",
                "date: Fri, 01 Jan 2099 00:00:00 GMT\r\nlast-modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
                b"x",
            ),
        ),
        fault(
            "cookie-1000",
            &[End::Broken],
            vec![
                say("HTTP/1.1 200 OK\r\n"),
                many(&format!("set-cookie: a={}\r\n", "x".repeat(4000)), 1000),
                say("\r\n"),
            ],
        ),
        fault("cookie-public-suffix", &[End::Whole(200)], whole("200 OK", "set-cookie: a=b; Domain=co.uk\r\n", b"x")),
        fault(
            "feed-100mb",
            &[End::TooLarge],
            vec![head("content-type: application/rss+xml\r\n"), Act::Again(vec![b'x'; 65536])],
        ),
    ]
}

/// Cases of the suite that are held elsewhere, or that don't apply, and why.
pub(super) const ELSEWHERE: [(&str, &str); 14] = [
    ("tcp-refused", "here: a_port_where_nobody_listens_and_a_full_line_end_in_time"),
    ("tcp-backlog-full", "here: a_port_where_nobody_listens_and_a_full_line_end_in_time"),
    ("redirect-chain-60", "live.rs: loops_and_long_chains_of_redirects_end"),
    ("redirect-fragment", "live.rs: redirects_are_kept_as_hops_and_cookies_are_not_carried"),
    ("429-date", "politeness.rs: both forms of Retry-After, short ones waited for"),
    ("429-huge", "src/fetch/live/heard.rs: a_time_to_come_back_counts_with_a_limit_and_with_a_fault"),
    ("200-same-body", "tests/again.rs: what says the same makes no snapshot"),
    ("html-as-octet", "tests/sources and src/article/kind.rs: a document is what its bytes are"),
    ("image-is-html", "tests/media: files are what their bytes are"),
    ("bom-variants", "tests/encodings: as browsers decode"),
    ("tls-self-signed", "live.rs: a_mapped_host_speaks_tls_by_its_own_name_to_whoever_the_authority_vouches_for"),
    ("h2-goaway", "here: faults_of_http_2_end_in_their_class"),
    ("h2-empty-data-flood", "here: faults_of_http_2_end_in_their_class"),
    ("h2-continuation-flood", "here: faults_of_http_2_end_in_their_class"),
];

/// `robots-html` is politeness.rs: the_status_of_a_robots_txt_says_what_holds.
pub(super) const OF_ROBOTS: &str = "robots-html";
