//! What somebody may have meant by a target that the archive does not have.

use crate::{
    platforms,
    store::{Candidates, Store},
};

/// As alike as two names must be, from 0 to 1.
const ALIKE: f64 = 0.8;

/// Names that are compared, of each beginning.
const COMPARED: usize = 200;

/// Longer targets are nobody's typing.
const MAX_BYTES: usize = 500;

/// The post or article that is most like it; none where nothing is.
pub(super) fn nearest(store: &Store, target: &str) -> Option<String> {
    if target.len() > MAX_BYTES {
        return None;
    }
    let key = platforms::post_key(target).or_else(|| misspelt(target));
    if let Some((_, id)) = key.as_deref().and_then(|key| key.split_once(':')) {
        // The same number on another platform, or under the platform's right name.
        let platforms = store.platforms().unwrap_or_default();
        let found = platforms.into_iter().map(|platform| format!("{platform}:{id}"));
        if let Some(found) = found.into_iter().find(|key| store.post_name(key).is_ok_and(|name| name.is_some())) {
            return Some(found);
        }
    }
    let wanted = key.as_deref().unwrap_or(target);
    let kind = if key.is_some() { Candidates::Posts } else { Candidates::Articles };
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(name, wanted);
    let pool = beginnings(wanted).flat_map(|begun| store.candidates(kind, begun, COMPARED).unwrap_or_default());
    let best = pool.map(|(name, _)| name).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= ALIKE).then_some(best)
}

/// A key whose platform nobody knows, under the name of the platform that is most like it.
fn misspelt(target: &str) -> Option<String> {
    let (platform, id) = target.split_once(':').filter(|(_, id)| !id.starts_with("//"))?;
    Some(format!("{}:{id}", platforms::nearest(platform)))
}

/// Shorter and shorter beginnings, the last of them empty: a slip may stand anywhere.
fn beginnings(wanted: &str) -> impl Iterator<Item = &str> {
    let count = wanted.chars().count();
    [1, 2, 4, 8, count / 2, count].into_iter().map(move |cut| {
        let end = wanted.char_indices().nth(count.saturating_sub(cut)).map_or(wanted.len(), |(at, _)| at);
        wanted.get(..end).unwrap_or_default()
    })
}
