//! A Bluesky export: a CAR file with an AT Protocol repository. Its root is a commit, which names the tree of record
//! keys (a Merkle search tree), which names the records.
//!
//! Shapes: atproto repository specification, version 3 (2024): commits `{did, rev, data}`, nodes `{l, e: [{p, k, v, t}]}`.

use ipld_core::{cid::Cid, ipld::Ipld};
use iroh_car::CarReader;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, ReadBuf};

/// The largest repository that is read, in bytes. The largest known have some hundred megabytes.
pub(super) const MAX_CAR_BYTES: u64 = 4 << 30;

/// Blocks of a repository: of each its name and place are in memory, some 150 bytes.
const MAX_BLOCKS: usize = 4_000_000;

/// Nodes of the tree of keys.
const MAX_NODES: usize = 2_000_000;

/// The longest name of a record, in bytes, collection included; atproto allows 317 and 512. Each key of a node goes on from
/// the one before it, so that a small node could name terabytes.
const MAX_KEY_BYTES: usize = 1_024;

/// How deep lists and maps of a record are read.
const MAX_DEPTH: usize = 64;

/// The letters of a TID, the time that is a revision's name (atproto, "record key": base32-sortable).
const TID_LETTERS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// A repository.
pub(super) struct Repository {
    /// Whose it is.
    pub(super) did: String,
    /// When its last revision was made.
    pub(super) revised: Option<Timestamp>,
    /// Records by `collection/rkey`, in their order.
    records: Vec<(String, Cid)>,
    blocks: Blocks,
    /// What of it can't be read, in words.
    pub(super) flaws: Vec<String>,
}

impl Repository {
    /// Reads a CAR file.
    ///
    /// # Errors
    /// In words why it is no repository; one that is cut short is read as far as it goes.
    pub(super) async fn read(file: File) -> Result<Self, String> {
        let reader = Streamed(BufReader::with_capacity(PART_BYTES, file));
        let mut reader = CarReader::new(reader).await.map_err(|error| format!("it is no CAR file: {error}"))?;
        let root = *reader.header().roots().first().ok_or("it names no root")?;
        let unkept = |error: io::Error| format!("its blocks can't be put aside: {error}");
        let mut flaws = Vec::new();
        let (mut places, mut at) = (HashMap::new(), 0_u64);
        let mut aside = BufWriter::with_capacity(PART_BYTES, tempfile::tempfile().map_err(unkept)?);
        loop {
            match reader.next_block().await {
                Ok(Some(_)) if places.len() >= MAX_BLOCKS => {
                    flaws.push(format!("it has more than {MAX_BLOCKS} blocks; the rest is left"));
                    break;
                }
                Ok(Some((cid, block))) => {
                    aside.write_all(&block).map_err(unkept)?;
                    places.insert(cid, (at, block.len()));
                    at += block.len() as u64;
                }
                Ok(None) => break,
                Err(error) => {
                    flaws.push(format!("block {} can't be read: {error}", places.len() + 1));
                    break;
                }
            }
        }
        let file = aside.into_inner().map_err(|error| unkept(error.into_error()))?;
        let blocks = Blocks { places, file };
        let commit = decode(&blocks, &root).ok_or("its root is no commit")?;
        let did = commit["did"].as_str().ok_or("its commit names no account")?.to_owned();
        let revised = commit["rev"].as_str().and_then(time_of);
        let data = commit["data"]["$link"].as_str().and_then(|cid| Cid::try_from(cid).ok());
        let mut repository = Self { did, revised, records: Vec::new(), blocks, flaws };
        repository.walk(data.ok_or("its commit names no records")?);
        Ok(repository)
    }

    /// Notes the keys below a node; each node is read once, whatever the links say.
    fn walk(&mut self, root: Cid) {
        let (mut open, mut seen) = (vec![root], HashSet::new());
        while let Some(cid) = open.pop() {
            if seen.len() >= MAX_NODES || !seen.insert(cid) {
                continue;
            }
            let Some(node) = decode(&self.blocks, &cid) else {
                self.flaws.push(format!("a part of its records is missing ({cid})"));
                continue;
            };
            let link = |value: &Value| value["$link"].as_str().and_then(|cid| Cid::try_from(cid).ok());
            open.extend(link(&node["l"]));
            let mut key = Vec::new();
            for entry in node["e"].as_array().into_iter().flatten() {
                let kept = entry["p"].as_u64().and_then(|kept| usize::try_from(kept).ok()).unwrap_or(0);
                key.truncate(kept);
                let more = entry["k"]["$bytes"].as_array().into_iter().flatten().filter_map(byte);
                key.extend(more.take(MAX_KEY_BYTES + 1));
                open.extend(link(&entry["t"]));
                if key.len() > MAX_KEY_BYTES {
                    self.flaws.push(format!("a record's name has more than {MAX_KEY_BYTES} bytes ({cid})"));
                    break;
                }
                if let (Ok(key), Some(record)) = (std::str::from_utf8(&key), link(&entry["v"])) {
                    self.records.push((key.to_owned(), record));
                }
            }
        }
        self.records.sort();
    }

    /// The records of a collection: their keys, and what they say where it can be read.
    pub(super) fn records<'a>(&'a self, collection: &'a str) -> impl Iterator<Item = (&'a str, Option<Value>)> {
        self.records.iter().filter_map(move |(key, cid)| {
            let rkey = key.strip_prefix(collection)?.strip_prefix('/')?;
            Some((rkey, decode(&self.blocks, cid)))
        })
    }
}

/// Bytes stand in JSON as a list here: keys of the tree are all that is read of them.
fn byte(value: &Value) -> Option<u8> {
    value.as_u64().and_then(|byte| u8::try_from(byte).ok())
}

fn decode(blocks: &Blocks, cid: &Cid) -> Option<Value> {
    let ipld: Ipld = serde_ipld_dagcbor::from_slice(&blocks.get(cid)?).ok()?;
    Some(as_json(ipld, 0))
}

/// Bytes that are read and written at once.
const PART_BYTES: usize = 64 << 10;

/// The blocks of a repository, which stand on the disk: a record may name any of them, in any order.
struct Blocks {
    places: HashMap<Cid, (u64, usize)>,
    file: File,
}

impl Blocks {
    fn get(&self, cid: &Cid) -> Option<Vec<u8>> {
        let (at, length) = *self.places.get(cid)?;
        let mut block = vec![0; length];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut block).ok()?;
        Some(block)
    }
}

/// A file as the reader of CAR files wants one; a part of it is always there at once.
struct Streamed(BufReader<File>);

impl AsyncRead for Streamed {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = self.0.read(into.initialize_unfilled());
        Poll::Ready(read.map(|read| into.advance(read)))
    }
}

/// As the protocol writes it in JSON; links as `{"$link": "bafy..."}`.
fn as_json(value: Ipld, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    match value {
        Ipld::Null => Value::Null,
        Ipld::Bool(value) => json!(value),
        Ipld::Integer(value) => i64::try_from(value).map_or(Value::Null, |value| json!(value)),
        Ipld::Float(value) => json!(value),
        Ipld::String(value) => json!(value),
        Ipld::Bytes(value) => json!({"$bytes": value}),
        Ipld::Link(cid) => json!({"$link": cid.to_string()}),
        Ipld::List(list) => list.into_iter().map(|one| as_json(one, depth + 1)).collect(),
        Ipld::Map(map) => {
            let map: Map<_, _> = map.into_iter().map(|(name, value)| (name, as_json(value, depth + 1))).collect();
            Value::Object(map)
        }
    }
}

/// The time in a TID: 53 bits of microseconds, and 10 of a clock's number.
fn time_of(tid: &str) -> Option<Timestamp> {
    if tid.len() != 13 {
        return None;
    }
    let mut number: u64 = 0;
    for byte in tid.bytes() {
        let digit = TID_LETTERS.iter().position(|letter| *letter == byte)?;
        number = number.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)?;
    }
    Timestamp::from_microsecond(i64::try_from(number >> 10).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_carries_its_time() {
        assert_eq!(time_of("3jzfcijpj2z2a").map(|at| at.strftime("%Y-%m").to_string()).as_deref(), Some("2023-06"));
        assert_eq!(time_of("3jzfcijpj2z2"), None);
        assert_eq!(time_of("0000000000000"), None);
    }
}
