//! Records of posts in an export, read from disk as they are needed, and held as far as memory is meant for them.

use crate::{
    model::Via,
    pipeline::bundle::{Bundle, claims::PostClaim},
};
use jiff::Timestamp;
use std::{collections::HashMap, sync::Arc};

/// Posts whose records are held,
const MAX_HELD_POSTS: usize = 2048;

/// and what these records take in the file, in bytes: in memory it is several times as much. So is what looks of one
/// instant take.
const MAX_HELD_BYTES: usize = 32 << 20;

/// Looks that are put back of one call's files.
pub(super) const MAX_LOOKS: usize = 16_000_000;

/// Where a look stands: its post's number, and its place in that one's list.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) at: Timestamp,
    pub(super) via: Via,
    pub(super) post: usize,
    pub(super) nth: usize,
}

/// Records of posts, read from disk as they are needed.
pub(super) struct Posts<'a> {
    pub(super) bundle: &'a Bundle,
    by_key: HashMap<String, usize>,
    held: HashMap<usize, Arc<PostClaim>>,
    held_bytes: usize,
    /// The size of each post's record, in bytes.
    sizes: Vec<u32>,
}

impl<'a> Posts<'a> {
    /// None of them read yet.
    pub(super) fn new(bundle: &'a Bundle) -> Self {
        let sizes = vec![0; bundle.posts().len()];
        Self { bundle, by_key: HashMap::new(), held: HashMap::new(), held_bytes: 0, sizes }
    }

    /// Remembers a post's key. Of two records of one post the first is meant by it.
    pub(super) fn name(&mut self, number: usize, claim: &PostClaim) {
        self.by_key.entry(format!("{}:{}", claim.platform, claim.post_id)).or_insert(number);
    }

    /// The record of a post by its key.
    pub(super) fn of_key(&mut self, key: &str) -> Option<Arc<PostClaim>> {
        let number = *self.by_key.get(key)?;
        self.get(number).ok()
    }

    /// The record of a post by its number.
    pub(super) fn get(&mut self, number: usize) -> Result<Arc<PostClaim>, String> {
        if let Some(claim) = self.held.get(&number) {
            return Ok(Arc::clone(claim));
        }
        let spot = self.bundle.posts().get(number).copied().ok_or("no such record")?;
        let (claim, size_bytes) = self.bundle.post(spot).map_err(|damage| {
            let (path, _) = self.bundle.place(spot);
            format!("{}: {damage}", path.display())
        })?;
        if self.held.len() >= MAX_HELD_POSTS || self.held_bytes + size_bytes > MAX_HELD_BYTES {
            self.held.clear();
            self.held_bytes = 0;
        }
        self.held_bytes += size_bytes;
        let claim = Arc::new(claim);
        self.held.insert(number, Arc::clone(&claim));
        if let Some(size) = self.sizes.get_mut(number) {
            *size = u32::try_from(size_bytes).unwrap_or(u32::MAX);
        }
        Ok(claim)
    }

    /// How many of these, which are of one instant and one rung, are put back together. A capture brought what its answer
    /// showed at one instant, which is far less than is held.
    pub(super) fn together(&self, rest: &[Place]) -> usize {
        let Some(first) = rest.first() else { return 0 };
        let (mut bytes, mut post) = (0, None);
        let same = rest.iter().take_while(|place| place.at == first.at && place.via == first.via);
        let fits = |place: &&Place| {
            // Looks at one post stay together, for they are told apart by their number.
            if post.replace(place.post) != Some(place.post) {
                bytes += self.sizes.get(place.post).map_or(0, |size| *size as usize);
            }
            bytes <= MAX_HELD_BYTES || place.post == first.post
        };
        same.take_while(fits).count().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fetch::replay::Replay, warc::Part};
    use std::fmt::Write as _;

    fn post(number: usize, text_bytes: usize) -> String {
        let look = r#"{"looked_at":"2026-03-01T08:00:00Z","via":"import","result":"new"}"#;
        let text = "x".repeat(text_bytes);
        let json = format!(
            r#"{{"embalm":1,"kind":"post","platform":"x","post_id":"{number}","url":"https://x.example/{number}","looks":[{look},{look}],"text":"{text}"}}"#
        );
        format!(
            "WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2026-03-01T08:00:00Z\r\n\
             WARC-Target-URI: urn:embalm:post:{number}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}\r\n\r\n",
            json.len()
        )
    }

    /// The largest record may be 32 MiB: two thousand of them would take all memory there is.
    #[test]
    fn records_of_posts_are_held_by_their_bytes_and_looks_at_one_post_stay_together() {
        let file = tempfile::Builder::new().suffix(".warc").tempfile().unwrap();
        let mut records = String::new();
        for number in 0..20 {
            write!(records, "{}", post(number, 5 << 20)).unwrap();
        }
        std::fs::write(file.path(), records).unwrap();
        let mut bundle = Bundle::default();
        let part = Part::of_file(file.path());
        let number = bundle.part(&part);
        Replay::index(vec![part], Bundle::wants, |_, record| assert!(bundle.add(number, record))).unwrap();
        let mut posts = Posts::new(&bundle);
        let mut places = Vec::new();
        for number in 0..bundle.posts().len() {
            let claim = posts.get(number).unwrap();
            places.extend(claim.looks.iter().enumerate().map(|(nth, look)| Place {
                at: look.looked_at,
                via: look.via,
                post: number,
                nth,
            }));
            assert!(posts.held_bytes <= MAX_HELD_BYTES && posts.held.len() <= 6, "{} are held", posts.held.len());
        }
        assert_eq!(places.len(), 40);
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let together = posts.together(rest);
            assert!(together > 0 && together <= 12 && together.is_multiple_of(2), "{together} looks at once");
            rest = &rest[together..];
        }
    }
}
