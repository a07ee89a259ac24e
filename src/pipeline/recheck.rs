//! When a known post is looked at again, and which of its files are still to be fetched then.

use super::media;
use crate::{
    model::{Media, Post},
    store::{Known, MAX_STEPS},
};
use std::{collections::HashSet, time::Duration};

/// Waits between two looks at a post: short while things happen to it, long when it has come to rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The wait after each look since the post's state last changed. None: posts are never looked at again by themselves.
    pub waits: Vec<Duration>,
    /// Whether the last wait repeats for ever; else a post is left alone after it.
    pub repeats: bool,
    /// Posts looked at again in one run.
    pub posts: usize,
}

impl Schedule {
    /// The wait before each further look, as far as looks are counted.
    #[must_use]
    pub fn steps(&self) -> Vec<Duration> {
        let last = self.waits.last().filter(|_| self.repeats);
        self.waits.iter().chain(last.into_iter().cycle()).take(MAX_STEPS).copied().collect()
    }
}

/// The files that a post names and that are not stored yet. A post that is as it was has its own files, though their
/// URLs may be signed anew in each answer.
pub(super) fn files_to_fetch(post: &Post, known: &Known) -> Vec<Media> {
    let mut files = media::of_post(post);
    files.retain(|file| !known.files.contains(&file.url));
    if known.complete.contains(&post.digest()) {
        let alone = Post { quoted: None, reply_to: None, ..post.clone() };
        let own: HashSet<_> = media::of_post(&alone).into_iter().map(|file| file.url).collect();
        files.retain(|file| !own.contains(&file.url));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, MediaKind, PostRef};

    fn hours(waits: &[u64]) -> Vec<Duration> {
        waits.iter().map(|h| Duration::from_secs(h * 3600)).collect()
    }

    #[test]
    fn the_last_wait_repeats_or_ends() {
        let mut schedule = Schedule { waits: hours(&[6, 24]), repeats: false, posts: 10 };
        assert_eq!(schedule.steps(), hours(&[6, 24]));
        schedule.repeats = true;
        assert_eq!(schedule.steps()[..4], hours(&[6, 24, 24, 24]));
        assert_eq!(schedule.steps().len(), MAX_STEPS);
        assert!(Schedule { waits: Vec::new(), repeats: true, posts: 10 }.steps().is_empty());
    }

    #[test]
    fn stored_files_are_not_fetched_again_though_their_urls_are_signed_anew() {
        let url = "https://social.example/1".parse().unwrap();
        let name = PostRef { platform: "example".to_owned(), id: "1".to_owned(), author: None, url };
        let mut post = Post::new(name, Author::default(), "words");
        post.media.push(Media::new(MediaKind::Image, "https://files.example/a.png?signed=1"));
        let mut known = Known::default();
        assert_eq!(files_to_fetch(&post, &known).len(), 1);
        known.complete.insert(post.digest());
        post.media[0].url = "https://files.example/a.png?signed=2".to_owned();
        assert!(files_to_fetch(&post, &known).is_empty());
        post.text = "other words".to_owned();
        assert_eq!(files_to_fetch(&post, &known).len(), 1);
        known.files.insert(post.media[0].url.clone());
        assert!(files_to_fetch(&post, &known).is_empty());
    }
}
