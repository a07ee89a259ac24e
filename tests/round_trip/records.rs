//! The records of an export, less what an import cannot keep: runs, the parting into files, and the ids that follow from blocks which name them.

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::{fs::File, io::Read, path::Path};

/// What differs from export to export by design.
const APART_FROM: [&str; 8] = [
    "WARC-Record-ID",
    "WARC-Warcinfo-ID",
    "WARC-Block-Digest",
    "WARC-Payload-Digest",
    "WARC-Refers-To",
    "WARC-Concurrent-To",
    "WARC-Filename",
    "Content-Length",
];

/// Head and block of each record of the data files of a WACZ, in their order.
pub(crate) fn records(wacz: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(File::open(wacz).unwrap()).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.retain(|name| name.starts_with("archive/"));
    // `data.warc.gz`, then `data-00001.warc.gz`.
    names.sort_by_key(|name| (name.len(), name.clone()));
    let mut records = Vec::new();
    for name in names {
        let mut bytes = Vec::new();
        MultiGzDecoder::new(zip.by_name(&name).unwrap()).read_to_end(&mut bytes).unwrap();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let end = rest.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
            let head = std::str::from_utf8(&rest[..end]).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
            let block = &rest[end + 4..end + 4 + length.parse::<usize>().unwrap()];
            rest = &rest[end + 8 + block.len()..];
            records.extend(plain(head, block));
        }
    }
    records
}

fn plain(head: &str, block: &[u8]) -> Option<(String, Vec<u8>)> {
    if head.contains("WARC-Type: warcinfo") || head.contains("urn:embalm:run:") || head.contains("urn:embalm:part:") {
        return None;
    }
    let kept = head.lines().filter(|line| !APART_FROM.iter().any(|name| line.starts_with(name)));
    let text = kept.collect::<Vec<_>>().join("\n");
    if !head.contains("WARC-Type: metadata") {
        return Some((text, block.to_vec()));
    }
    let mut value: Value = serde_json::from_slice(block).unwrap();
    forget(&mut value);
    Some((text, value.to_string().into_bytes()))
}

/// Takes runs and ids out of a metadata record.
fn forget(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("run");
            fields.values_mut().for_each(forget);
        }
        Value::Array(list) => list.iter_mut().for_each(forget),
        Value::String(text) if text.starts_with("<urn:uuid:") => text.clear(),
        _ => {}
    }
}

/// Asserts that two exports hold the same records in the same order.
pub(crate) fn assert_same(left: &[(String, Vec<u8>)], right: &[(String, Vec<u8>)]) {
    for (one, other) in left.iter().zip(right) {
        let text = |record: &(String, Vec<u8>)| format!("{}\n\n{}", record.0, String::from_utf8_lossy(&record.1));
        assert!(one == other, "records differ:\n{}\n\n{}", text(one), text(other));
    }
    assert_eq!(left.len(), right.len(), "one export has more records");
}
