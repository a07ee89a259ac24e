//! WACZ files as they are packed, nested, and broken.

use super::*;
use crate::warc::Reader;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn zip(files: &[(&str, &[u8], CompressionMethod)]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, method) in files {
        out.start_file(*name, SimpleFileOptions::default().compression_method(*method)).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn warc(path: &str) -> Vec<u8> {
    let body = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>{path}");
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://tide.example/{path}\r\nContent-Length: {}\r\n\
         Content-Type: application/http;msgtype=response\r\n\r\n{body}\r\n\r\n",
        body.len()
    )
    .into_bytes()
}

fn opened(bytes: &[u8]) -> (Wacz, Vec<String>) {
    let mut file = NamedTempFile::with_suffix(".wacz").unwrap();
    file.write_all(bytes).unwrap();
    let wacz = Wacz::open(file.path()).unwrap();
    let records = wacz.parts.iter().flat_map(|part| Reader::new(part.open().unwrap()));
    let urls = records.map(|record| record.unwrap().url.path().to_owned()).collect();
    (wacz, urls)
}

const LIST: &[u8] = b"{\"format\": \"json-pages-1.0\"}\n{\"url\": \"https://tide.example/a#top\"}\nnonsense\n";

#[test]
fn recordings_stored_or_compressed_are_read_and_pages_are_listed() {
    let (a, b) = (warc("a"), warc("b"));
    let (wacz, urls) = opened(&zip(&[
        ("pages/pages.jsonl", LIST, CompressionMethod::Deflated),
        ("archive/2.warc", &b, CompressionMethod::Deflated),
        ("archive/1.warc", &a, CompressionMethod::Stored),
        ("indexes/index.cdx", b"x", CompressionMethod::Stored),
    ]));
    assert_eq!(urls, ["/a", "/b"]);
    assert_eq!(wacz.pages.iter().map(String::as_str).collect::<Vec<_>>(), ["https://tide.example/a"]);
    assert!(wacz.flaws.is_empty(), "{:?}", wacz.flaws);
}

#[test]
fn a_collection_of_wacz_files_is_read_and_deeper_ones_are_named() {
    let inner = zip(&[("archive/1.warc", &warc("a"), CompressionMethod::Stored)]);
    let middle = zip(&[
        ("in.wacz", &inner, CompressionMethod::Stored),
        ("archive/2.warc", &warc("b"), CompressionMethod::Stored),
    ]);
    let (_, urls) = opened(&zip(&[("one.wacz", &inner, CompressionMethod::Deflated)]));
    assert_eq!(urls, ["/a"]);
    let (wacz, urls) = opened(&zip(&[("two.wacz", &middle, CompressionMethod::Stored)]));
    assert_eq!(urls, ["/b"]);
    assert!(wacz.flaws.iter().any(|flaw| flaw.contains("two.wacz/in.wacz")), "{:?}", wacz.flaws);
}

#[test]
fn a_wacz_that_breaks_off_is_read_as_far_as_it_goes() {
    let whole = zip(&[
        ("archive/1.warc", &warc("a"), CompressionMethod::Stored),
        ("archive/2.warc", &warc("b"), CompressionMethod::Stored),
        ("pages/pages.jsonl", LIST, CompressionMethod::Stored),
    ]);
    for kept in 0..whole.len() {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(&whole[..kept]).unwrap();
        let Ok(wacz) = Wacz::open(file.path()) else { continue };
        assert!(!wacz.flaws.is_empty(), "{kept}");
        let records = wacz.parts.iter().flat_map(|part| Reader::new(part.open().unwrap()));
        assert!(records.filter(Result::is_ok).count() <= 2);
    }
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&whole[..whole.len() - 40]).unwrap();
    let wacz = Wacz::open(file.path()).unwrap();
    let records = wacz.parts.iter().flat_map(|part| Reader::new(part.open().unwrap()));
    assert_eq!(records.filter(Result::is_ok).count(), 2);
}

#[test]
fn names_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner").join("x.wacz");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let bytes = zip(&[
        ("../../archive/1.warc", &warc("a"), CompressionMethod::Deflated),
        ("/srv/archive/2.warc", &warc("b"), CompressionMethod::Deflated),
    ]);
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(Wacz::open(&path).unwrap().parts.len(), 2);
    let beside: Vec<_> =
        walkdir::WalkDir::new(folder.path()).into_iter().flatten().map(|entry| entry.into_path()).collect();
    assert_eq!(beside.len(), 3, "{beside:?}");
}

#[test]
fn what_unpacks_to_far_more_than_it_is_stops_at_its_limit() {
    let zeros = vec![0; usize::try_from(SMALL_BYTES).unwrap() + 1];
    let (wacz, urls) = opened(&zip(&[
        ("archive/0.warc", &zeros, CompressionMethod::Deflated),
        ("archive/1.warc", &warc("a"), CompressionMethod::Deflated),
    ]));
    assert_eq!((urls, wacz.flaws.len()), (vec!["/a".to_owned()], 1));
}

#[test]
fn what_is_no_zip_is_refused() {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(b"WARC/1.1\r\n").unwrap();
    assert!(Wacz::open(file.path()).unwrap_err().to_string().starts_with("no WACZ file"));
}
