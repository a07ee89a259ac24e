//! Which names of files are taken in a run.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

/// The names of files in one run, as digests, so that a million files take little. Two folders may each hold an
/// `index.html`, and these are two articles.
#[derive(Default)]
pub(in crate::pipeline) struct Names(HashMap<u64, u64>);

impl Names {
    /// Whether another file of this run has the name. The first one keeps it, and the order of inputs is stable.
    pub(in crate::pipeline) fn are_taken(&mut self, name: &str, path: &Path) -> bool {
        let path = digest(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        *self.0.entry(digest(name)).or_insert(path) != path
    }
}

fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
