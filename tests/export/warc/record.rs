//! A WARC file taken apart by the letter of the standard, by none of the code that wrote it.

use flate2::bufread::GzDecoder;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Read;

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) headers: Vec<(String, String)>,
    pub(super) block: Vec<u8>,
}

impl Record {
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    pub(super) fn kind(&self) -> &str {
        self.get("WARC-Type")
    }

    pub(super) fn target(&self) -> &str {
        self.get("WARC-Target-URI")
    }

    /// What stands behind the HTTP head; all of it where there is none.
    pub(super) fn payload(&self) -> &[u8] {
        if !self.get("Content-Type").starts_with("application/http") {
            return &self.block;
        }
        let end = self.block.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        &self.block[end + 4..]
    }

    /// The object of a metadata record.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.block).unwrap()
    }
}

/// Every record, each the only one of its gzip member, with lengths and digests that hold.
pub(super) fn records(mut file: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while !file.is_empty() {
        let mut member = GzDecoder::new(file);
        let mut text = Vec::new();
        member.read_to_end(&mut text).unwrap();
        file = member.into_inner();
        let end = text.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(text[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        assert_eq!(lines.next(), Some("WARC/1.1"));
        let headers = lines.map(|line| line.split_once(": ").unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned()));
        let record = Record { headers: headers.collect(), block: Vec::new() };
        let length: usize = record.get("Content-Length").parse().unwrap();
        let block = text[end + 4..end + 4 + length].to_vec();
        assert_eq!(&text[end + 4 + length..], b"\r\n\r\n", "nothing stands behind a record");
        let record = Record { block, ..record };
        assert_eq!(record.get("WARC-Block-Digest"), digest(&record.block), "{}", record.target());
        let payload = record.get("WARC-Payload-Digest");
        if !payload.is_empty() && record.kind() != "revisit" {
            assert_eq!(payload, digest(record.payload()), "{}", record.target());
        }
        records.push(record);
    }
    records
}

pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
