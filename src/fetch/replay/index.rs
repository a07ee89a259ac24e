//! Where each recorded URL stands. Exact URLs are indexed as files are read; the looser keys, which cost more, only
//! when a request first misses.

use super::key;
use crate::http::Response;
use crate::warc::{Kind, Place, Record};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::OnceLock;
use url::Url;

/// One recorded answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The number of its file.
    pub(super) file: u32,
    /// Where in the file.
    pub(super) place: Place,
    /// When it was recorded.
    pub(super) date: Option<Timestamp>,
}

/// The newest answer of each URL.
#[derive(Default)]
pub(super) struct Index {
    exact: HashMap<String, Entry>,
    /// Answers by the digest of their payload.
    by_payload: HashMap<u128, Entry>,
    /// Answers by address and date.
    by_date: HashMap<u128, Entry>,
    /// Revisits, until every file is read: one may stand before what it refers to.
    revisits: Vec<Revisit>,
    newest: Option<Timestamp>,
    loose: OnceLock<Loose>,
    /// What more it may take, in bytes.
    room: u64,
}

/// What an answer takes beside its address, in all maps, in bytes; its address stands in up to three.
const ENTRY_BYTES: u64 = 400;

/// An answer that is like another one.
struct Revisit {
    key: String,
    date: Option<Timestamp>,
    /// Its own address, where it refers to another one's answer.
    original: String,
    original_date: Option<Timestamp>,
    payload: Option<u128>,
}

struct Loose {
    any_order: HashMap<String, Entry>,
    identity: HashMap<String, Entry>,
}

impl Index {
    /// Lets it take so many bytes more.
    pub(super) fn widen(&mut self, bytes: u64) {
        self.room = self.room.saturating_add(bytes);
    }

    /// Whether there was room for it.
    pub(super) fn add(&mut self, file: u32, record: &Record) -> bool {
        let key = key::exact(&record.url);
        let original = if let Kind::Revisit { original, .. } = &record.kind { original.as_str().len() } else { 0 };
        let takes = ENTRY_BYTES + (key.len() * 3 + original) as u64;
        let Some(left) = self.room.checked_sub(takes) else { return false };
        let entry = match &record.kind {
            Kind::Request { .. } | Kind::Resource | Kind::Metadata => return true,
            Kind::Response { status } if leads_to_itself(record, *status, &key) => return true,
            Kind::Response { .. } => Entry { file, place: record.place, date: record.date },
            Kind::Revisit { original, original_date, .. } => {
                self.room = left;
                self.revisits.push(Revisit {
                    key,
                    date: record.date,
                    original: key::exact(original),
                    original_date: *original_date,
                    payload: record.said.payload_digest.as_deref().map(hashed),
                });
                return true;
            }
        };
        self.room = left;
        if let Some(payload) = record.said.payload_digest.as_deref() {
            self.by_payload.entry(hashed(payload)).or_insert(entry);
        }
        if let Some(date) = record.date {
            self.by_date.insert(hashed(&format!("{date} {key}")), entry);
        }
        self.newest = self.newest.max(entry.date);
        keep_newest(&mut self.exact, key, entry);
        self.loose = OnceLock::new();
        true
    }

    /// Finds what revisits refer to, when every file is read: by address and date, by the digest of the payload, by the
    /// address alone. Without it there is no body to answer with.
    pub(super) fn resolve(&mut self) {
        for Revisit { key, date, original, original_date, payload } in std::mem::take(&mut self.revisits) {
            let dated = original_date.and_then(|at| self.by_date.get(&hashed(&format!("{at} {original}"))));
            let found = dated.or_else(|| self.by_payload.get(&payload?)).or_else(|| self.exact.get(&original)).copied();
            let Some(found) = found else { continue };
            self.newest = self.newest.max(date);
            keep_newest(&mut self.exact, key, Entry { date, ..found });
        }
        (self.by_payload, self.by_date) = (HashMap::new(), HashMap::new());
        self.loose = OnceLock::new();
    }

    pub(super) fn len(&self) -> usize {
        self.exact.len()
    }

    /// The date of the newest record.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// By exact URL, then with parameters in any order, then by those that identify what is asked for.
    pub(super) fn find(&self, url: &Url) -> Option<Entry> {
        if let Some(entry) = self.exact.get(&key::exact(url)) {
            return Some(*entry);
        }
        let loose = self.loose.get_or_init(|| self.loosen());
        let entry = loose.any_order.get(&key::any_order(url));
        entry.or_else(|| loose.identity.get(&key::identity(url)?)).copied()
    }

    fn loosen(&self) -> Loose {
        let mut loose = Loose { any_order: HashMap::new(), identity: HashMap::new() };
        // Sorted, so that of equally old answers the same one is always kept.
        let mut all: Vec<_> = self.exact.iter().collect();
        all.sort_by_key(|(_, entry)| (entry.file, entry.place));
        for (exact, entry) in all {
            let Some(url) = key::url(exact) else { continue };
            keep_newest(&mut loose.any_order, key::any_order(&url), *entry);
            if let Some(identity) = key::identity(&url) {
                keep_newest(&mut loose.identity, identity, *entry);
            }
        }
        loose
    }
}

/// A number for a text: memory stays small over millions of records, and no two texts that occur share one.
fn hashed(text: &str) -> u128 {
    let digest = Sha256::digest(text.trim());
    digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Whether an answer only leads from http to https: to a replay both are the same URL, and the answer to it another.
fn leads_to_itself(record: &Record, status: u16, key: &str) -> bool {
    let answer = Response { url: record.url.clone(), status, headers: record.headers.clone(), body: Vec::new() };
    answer.redirect_target().is_some_and(|target| key::exact(&target) == key)
}

/// Of equally old answers the one recorded later.
fn keep_newest(map: &mut HashMap<String, Entry>, key: String, entry: Entry) {
    let kept = map.entry(key).or_insert(entry);
    if kept.date <= entry.date {
        *kept = entry;
    }
}
