//! Recordings that hold metadata records of embalm: where each record stands, so that what belongs together can be read
//! from disk when it is needed, in whatever order the files have it.

pub(in crate::pipeline) mod claims;
mod exchange;
mod payload;

pub(in crate::pipeline) use payload::Payload;

use crate::{
    http::Headers,
    warc::{Body, Damage, Kind, Part, Place, Record},
};
use claims::{ArticleClaim, FORMAT, Head, PostClaim, VersionClaim};
use jiff::Timestamp;
use payload::{MAX_PAYLOAD_BYTES, hex};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, path::PathBuf};

/// Records that are remembered: each takes some hundred bytes of memory.
const MAX_RECORDS: usize = 4_000_000;

/// One metadata record, in bytes: of a post with all of its snapshots.
const MAX_CLAIM_BYTES: u64 = 32 << 20;

/// The body of a request up to this size stands in metadata, in bytes.
const MAX_ASKED_BYTES: u64 = 1 << 20;

/// A larger payload is copied to a temporary file, in bytes.
const MAX_HELD_BYTES: u64 = 4 << 20;

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::pipeline) struct Spot {
    part: u32,
    place: Place,
}

impl Spot {
    /// The order of the records in the files.
    pub(in crate::pipeline) fn order(self) -> (u32, Place) {
        (self.part, self.place)
    }
}

/// What recordings say by metadata records.
#[derive(Default)]
pub(in crate::pipeline) struct Bundle {
    parts: Vec<Part>,
    by_id: HashMap<[u8; 16], Spot>,
    by_sha256: HashMap<[u8; 32], Spot>,
    articles: Vec<Spot>,
    versions: Vec<(Timestamp, Spot)>,
    posts: Vec<Spot>,
    others: u64,
    records: usize,
}

impl Bundle {
    /// A recording to be remembered from; its number.
    pub(in crate::pipeline) fn part(&mut self, part: &Part) -> u32 {
        self.parts.push(part.clone());
        u32::try_from(self.parts.len() - 1).unwrap_or(u32::MAX)
    }

    /// Whether a record's body is wanted by [`Bundle::add`].
    pub(in crate::pipeline) fn wants(kind: &Kind, headers: &Headers) -> bool {
        *kind == Kind::Metadata
            && headers.get("content-type").is_some_and(|value| value.starts_with("application/json"))
    }

    /// Whether a record is one of embalm's own, of any version.
    pub(in crate::pipeline) fn is_own(record: &Record) -> bool {
        matches!(&record.body, Body::Whole(bytes) if Self::wants(&record.kind, &record.headers)
            && serde_json::from_slice::<Head>(bytes).is_ok())
    }

    /// Remembers a record. False where no more fit.
    pub(in crate::pipeline) fn add(&mut self, part: u32, record: &Record) -> bool {
        let spot = Spot { part, place: record.place };
        if matches!(record.kind, Kind::Request { .. }) {
            // What was asked stands in metadata too, but for large bodies.
            let length = record.headers.get("content-length").and_then(|length| length.parse::<u64>().ok());
            if let Some(sha256) = record.said.sha256().filter(|_| length.is_some_and(|bytes| bytes > MAX_ASKED_BYTES))
                && let Some(sha256) = digest_of(&sha256)
            {
                self.by_sha256.entry(sha256).or_insert(spot);
                self.records += 1;
            }
            return self.records < MAX_RECORDS;
        }
        if let Some(id) = &record.said.id {
            self.by_id.insert(key(id), spot);
            self.records += 1;
        }
        let holds_bytes = matches!(record.kind, Kind::Response { .. } | Kind::Resource);
        if let Some(sha256) = record.said.sha256().filter(|_| holds_bytes).and_then(|digits| digest_of(&digits)) {
            // What stands as it is needs no decoding.
            if record.kind == Kind::Resource || !self.by_sha256.contains_key(&sha256) {
                self.by_sha256.insert(sha256, spot);
            }
        }
        if let Body::Whole(bytes) = &record.body
            && Self::wants(&record.kind, &record.headers)
            && let Ok(head) = serde_json::from_slice::<Head>(bytes)
        {
            match head.kind.as_str() {
                _ if head.embalm != FORMAT => self.others += 1,
                "article" => self.articles.push(spot),
                "version" => self.versions.push((head.captured_at.unwrap_or_default(), spot)),
                "post" => self.posts.push(spot),
                _ => {}
            }
        }
        self.records < MAX_RECORDS
    }

    /// Whether there is nothing to restore.
    pub(in crate::pipeline) fn is_empty(&self) -> bool {
        self.versions.is_empty() && self.posts.is_empty()
    }

    /// Metadata records of another version of the format.
    pub(in crate::pipeline) fn others(&self) -> u64 {
        self.others
    }

    /// Where the articles stand.
    pub(in crate::pipeline) fn articles(&self) -> &[Spot] {
        &self.articles
    }

    /// An article.
    pub(in crate::pipeline) fn article(&self, spot: Spot) -> Result<ArticleClaim, Damage> {
        self.claim(spot).map(|(claim, _)| claim)
    }

    /// Where the versions stand, oldest first.
    pub(in crate::pipeline) fn versions(&self) -> Vec<Spot> {
        let mut versions = self.versions.clone();
        versions.sort_by_key(|(at, spot)| (*at, spot.order()));
        versions.into_iter().map(|(_, spot)| spot).collect()
    }

    /// A version.
    pub(in crate::pipeline) fn version(&self, spot: Spot) -> Result<VersionClaim, Damage> {
        self.claim(spot).map(|(claim, _)| claim)
    }

    /// Where the posts stand.
    pub(in crate::pipeline) fn posts(&self) -> &[Spot] {
        &self.posts
    }

    /// A post, with the size of its record in bytes.
    pub(in crate::pipeline) fn post(&self, spot: Spot) -> Result<(PostClaim, usize), Damage> {
        self.claim(spot)
    }

    fn claim<T: DeserializeOwned>(&self, spot: Spot) -> Result<(T, usize), Damage> {
        let damage = |detail: String| Damage { offset: spot.place.offset, detail };
        let record = self.record(spot, MAX_CLAIM_BYTES).map_err(damage)?;
        let Body::Whole(bytes) = record.body else { return Err(damage("a metadata record is not whole".to_owned())) };
        let claim = serde_json::from_slice(&bytes);
        let claim = claim.map_err(|error| damage(format!("a metadata record is not understood: {error}")))?;
        Ok((claim, bytes.len()))
    }

    /// A record by its id.
    fn named(&self, id: &str) -> Option<Spot> {
        self.by_id.get(&key(id)).copied()
    }

    /// Reads a record.
    fn record(&self, spot: Spot, limit_bytes: u64) -> Result<Record, String> {
        self.part_of(spot)?.record(spot.place, limit_bytes)
    }

    fn part_of(&self, spot: Spot) -> Result<&Part, String> {
        self.parts.get(spot.part as usize).ok_or_else(|| "no such recording".to_owned())
    }

    /// The bytes that have this SHA-256 (hex), whichever record holds them. They are compared with it.
    pub(in crate::pipeline) fn payload(&self, sha256: &str) -> Result<Payload, String> {
        let spot = digest_of(sha256).and_then(|digest| self.by_sha256.get(&digest)).copied();
        let spot = spot.ok_or("its bytes are not in the file")?;
        let record = self.record(spot, MAX_HELD_BYTES)?;
        match record.body {
            Body::Whole(bytes) if hex(&Sha256::digest(&bytes)) == sha256 => Ok(Payload::Held(bytes)),
            Body::TooLarge { .. } if record.kind == Kind::Resource => self.spooled(spot, sha256),
            Body::TooLarge { .. } => match self.record(spot, MAX_PAYLOAD_BYTES)?.body {
                Body::Whole(bytes) if hex(&Sha256::digest(&bytes)) == sha256 => Ok(Payload::Held(bytes)),
                _ => Err("its bytes are not what their digest says".to_owned()),
            },
            _ => Err("its bytes are not what their digest says".to_owned()),
        }
    }

    fn spooled(&self, spot: Spot, sha256: &str) -> Result<Payload, String> {
        Payload::copied(sha256, |spool| {
            self.part_of(spot)?.copy_content(spot.place, spool).map_err(|error| error.to_string())
        })
    }

    /// Where a record is, in words.
    pub(in crate::pipeline) fn place(&self, spot: Spot) -> (PathBuf, u64) {
        let name = self.parts.get(spot.part as usize).map(|part| PathBuf::from(&part.name));
        (name.unwrap_or_default(), spot.place.offset)
    }
}

fn key(id: &str) -> [u8; 16] {
    let digest = Sha256::digest(id.trim());
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

fn digest_of(digits: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::replay::Replay;

    fn record(id: &str, kind: &str, uri: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
        let head = format!(
            "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: 2026-03-01T08:00:00Z\r\n\
             WARC-Target-URI: {uri}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    /// A file of some kilobytes can name one large answer for every look of a post.
    #[test]
    fn answers_that_are_read_together_are_bounded_by_their_sum() {
        let url = "https://platform.example/1";
        let answer = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b' '; 24 << 20]].concat();
        let claim = serde_json::json!({"embalm": 1, "kind": "exchange", "started_at": "2026-03-01T08:00:00Z",
            "method": "GET", "url": url, "answers": [{"record": "<urn:uuid:a>", "url": url}]});
        let mut bytes = record("a", "response", url, "application/http; msgtype=response", &answer);
        bytes.extend(record(
            "x",
            "metadata",
            "urn:embalm:exchange:1",
            "application/json",
            claim.to_string().as_bytes(),
        ));
        let file = tempfile::Builder::new().suffix(".warc").tempfile().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let mut bundle = Bundle::default();
        let part = Part::of_file(file.path());
        let number = bundle.part(&part);
        Replay::index(vec![part], Bundle::wants, |_, record| assert!(bundle.add(number, record))).unwrap();
        let named = |times| bundle.exchanges(std::iter::repeat_n("<urn:uuid:x>", times), None);
        assert_eq!(named(2).unwrap().len(), 2);
        let refused = named(1000).unwrap_err();
        assert!(refused.contains("answers of more than"), "{refused}");
    }
}
