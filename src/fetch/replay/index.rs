//! Where each recorded URL stands. Exact URLs are indexed as files are read; the looser keys, which cost more, only
//! when a request first misses.

use super::key;
use crate::http::Response;
use crate::warc::{Kind, Place, Record};
use jiff::Timestamp;
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
    newest: Option<Timestamp>,
    loose: OnceLock<Loose>,
}

struct Loose {
    any_order: HashMap<String, Entry>,
    identity: HashMap<String, Entry>,
}

impl Index {
    pub(super) fn add(&mut self, file: u32, record: &Record) {
        let key = key::exact(&record.url);
        let entry = match &record.kind {
            Kind::Request { .. } => return,
            Kind::Response { status } if leads_to_itself(record, *status, &key) => return,
            Kind::Response { .. } => Entry { file, place: record.place, date: record.date },
            // A revisit stands after what it refers to. Without that, there is no body to answer with.
            Kind::Revisit { original, .. } => match self.exact.get(&key::exact(original)) {
                Some(found) => Entry { date: record.date, ..*found },
                None => return,
            },
        };
        self.newest = self.newest.max(entry.date);
        keep_newest(&mut self.exact, key, entry);
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
