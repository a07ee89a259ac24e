//! What a server that speaks HTTP/2 does wrong.

use super::{Act, End, LIMIT, end, fetched, hasty, play, say};
use crate::server::certificates;
use embalm::fetch::live::{Live, LiveSettings};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200` in HPACK's static table.
const STATUS_200: [u8; 1] = [0x88];

/// What is played on each connection.
type Scripts = Vec<Vec<Act>>;

/// A server that speaks HTTP/2 over TLS as `news.example`: one script for each connection, the last for all that follow.
fn server_of_http_2(scripts: Scripts) -> (SocketAddr, String, Arc<Mutex<usize>>) {
    let (mut tls, pem) = certificates(["news.example"]);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let tls = Arc::new(tls);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let nth = {
                let mut count = counted.lock().unwrap();
                *count += 1;
                *count - 1
            };
            let acts = scripts.get(nth).or(scripts.last()).cloned().unwrap_or_default();
            let session = rustls::ServerConnection::new(Arc::clone(&tls)).unwrap();
            std::thread::spawn(move || {
                let mut stream = rustls::StreamOwned::new(session, stream);
                if stream.write_all(&frame(SETTINGS, 0, 0, &[])).and_then(|()| stream.flush()).is_err() {
                    return;
                }
                // Until the request is there: a frame of headers on the first stream.
                let mut asked = Vec::new();
                let mut part = [0; 4096];
                while !asked.windows(6).any(|bytes| bytes[0] == HEADERS && bytes[2..] == [0, 0, 0, 1]) {
                    match stream.read(&mut part) {
                        Ok(read) if read > 0 => asked.extend_from_slice(&part[..read]),
                        _ => return,
                    }
                }
                play(&mut stream, &acts);
                play(&mut stream, &[Act::Silence]);
            });
        }
    });
    (address, pem, count)
}

#[tokio::test]
async fn faults_of_http_2_end_in_their_class() {
    let headers = || Act::Say(frame(HEADERS, END_HEADERS, 1, &STATUS_200));
    let well = || vec![headers(), Act::Say(frame(DATA, END_STREAM, 1, b"hello"))];
    // The last stream that was worked on is none, so that the request may be sent again.
    let goaway = |last: u32| Act::Say(frame(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()));
    let cases: [(&str, &[End], Scripts); 6] = [
        ("well", &[End::Whole(200)], vec![well()]),
        ("h2-goaway before it was worked on", &[End::Whole(200)], vec![vec![goaway(0)], well()]),
        (
            "h2-goaway in the middle",
            &[End::Broken, End::Late],
            vec![vec![
                headers(),
                Act::Say(frame(DATA, 0, 1, b"hel")),
                goaway(1),
                Act::Say(frame(RST_STREAM, 0, 1, &2_u32.to_be_bytes())),
            ]],
        ),
        ("h2-empty-data-flood", &[End::Broken, End::Late], vec![vec![headers(), Act::Again(frame(DATA, 0, 1, b""))]]),
        (
            "h2-continuation-flood",
            &[End::Broken],
            vec![vec![
                Act::Say(frame(HEADERS, 0, 1, &STATUS_200)),
                Act::Again(frame(CONTINUATION, 0, 1, &[0x00, 0x01, b'a', 0x7f, 0x00])),
            ]],
        ),
        (
            "no http 2 at all",
            &[End::Broken, End::Late],
            vec![vec![say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")]],
        ),
    ];
    let mut wrong = Vec::new();
    for (id, ends, scripts) in cases {
        let (address, pem, _) = server_of_http_2(scripts);
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("authority.pem");
        std::fs::write(&ca_file, pem).unwrap();
        let resolve = vec![format!("news.example:443:{address}").parse().unwrap()];
        let live = LiveSettings { ca_file: Some(ca_file), resolve, timeout: 4 * LIMIT, ..hasty() };
        let exchange = fetched(&Live::new(&live).unwrap(), "https://news.example/a").await;
        if !ends.contains(&end(&exchange)) {
            wrong.push(format!("{id}: {:?}, not {ends:?}", exchange.answer));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
