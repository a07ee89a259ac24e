//! What a stranger's file claims beyond its recorded bytes is not taken.

use super::{OF_THE_RUN, content, demo, embalm, ends};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::{
    fs::{self, File},
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

#[test]
fn words_that_only_a_metadata_record_claims_are_not_taken() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    demo(first.path());
    let export = first.path().join("all.warc.gz");
    ends(embalm(first.path()).args(["export", "warc", "--out"]).arg(&export), 0);
    let bytes = unpacked(&export);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // The claims of every post, with other words in the same number of bytes.
    let key = "\"text\":\"";
    let mut forged = bytes.clone();
    let mut changed = 0;
    let mut at = 0;
    let metadata = bytes.windows(23).enumerate().filter(|(_, w)| w == b"WARC-Type: metadata\r\nWA");
    let starts: Vec<usize> = metadata.map(|(at, _)| at).collect();
    assert!(!starts.is_empty() && !text.is_empty());
    while let Some(found) = bytes[at..].windows(key.len()).position(|window| window == key.as_bytes()) {
        let place = at + found + key.len();
        let in_metadata = starts
            .iter()
            .rev()
            .find(|start| **start < place)
            .is_some_and(|start| !bytes[*start..place].windows(10).any(|window| window == b"\r\n\r\nWARC/1"));
        if in_metadata && bytes[place].is_ascii_alphabetic() {
            forged[place] = b'#';
            changed += 1;
        }
        at = place;
    }
    assert!(changed > 3, "{changed} texts were forged");
    let path = second.path().join("forged.warc.gz");
    let mut out = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
    out.write_all(&forged).unwrap();
    out.finish().unwrap();
    let _ = embalm(second.path()).args(["add", "-q", "--offline"]).arg(&path).output().unwrap();
    content::assert_same(&first.path().join("test.db"), &second.path().join("test.db"), OF_THE_RUN);
    assert!(fs::metadata(path).unwrap().len() > 0);
}
