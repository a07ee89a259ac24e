//! What a stranger's file claims beyond its recorded bytes is not taken.

use super::{OF_THE_RUN, content, demo, embalm};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};
use tempfile::TempDir;

/// An export in one piece, unpacked.
fn unpacked(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn find(bytes: &[u8], words: &[u8]) -> Option<usize> {
    bytes.windows(words.len()).position(|window| window == words)
}

/// The same records; every text that a metadata record claims begins with another sign.
fn forged(mut bytes: Vec<u8>) -> (Vec<u8>, usize) {
    const START: &[u8] = b"WARC/1.1\r\nWARC-";
    const KEY: &[u8] = b"\"text\":\"";
    let (mut at, mut changed) = (0, 0);
    while at < bytes.len() {
        let end = find(&bytes[at + 1..], START).map_or(bytes.len(), |next| at + 1 + next);
        let record = &mut bytes[at..end];
        let metadata = find(&record[..record.len().min(200)], b"WARC-Type: metadata").is_some();
        let mut place = 0;
        while let Some(found) = find(&record[place..], KEY).filter(|_| metadata) {
            place += found + KEY.len();
            if record[place].is_ascii_alphabetic() {
                record[place] = b'#';
                changed += 1;
            }
        }
        at = end;
    }
    (bytes, changed)
}

/// In one compressed member too, where the records stand one behind another.
#[test]
fn words_that_only_a_metadata_record_claims_are_not_taken() {
    let first = TempDir::new().unwrap();
    demo(first.path());
    let export = first.path().join("all.warc.gz");
    super::ends(embalm(first.path()).args(["export", "warc", "--out"]).arg(&export), 0);
    let (bytes, changed) = forged(unpacked(&export));
    assert!(changed > 3, "{changed} texts were forged");
    for name in ["forged.warc", "forged.warc.gz"] {
        let second = TempDir::new().unwrap();
        let path = second.path().join(name);
        if name.ends_with(".gz") {
            let mut out = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
            out.write_all(&bytes).unwrap();
            out.finish().unwrap();
        } else {
            std::fs::write(&path, &bytes).unwrap();
        }
        let output = embalm(second.path()).args(["add", "-q", "--offline"]).arg(&path).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("WARC-Block-Digest"), "{told}");
        content::assert_same(&first.path().join("test.db"), &second.path().join("test.db"), OF_THE_RUN);
    }
}
