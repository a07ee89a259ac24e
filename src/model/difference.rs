//! What differs between two snapshots of a post: its words, its files, its poll, its counts.

use super::{Card, Media, Post, StoredMedia, When};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One thing in which a snapshot differs from the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// The words.
    Text {
        /// As they were.
        before: String,
        /// As they are.
        after: String,
    },
    /// A single value: `author_name`, `author_handle`, `author_avatar`, `warning`, `published`, `lang`, `quoted`, `reply_to`.
    Value {
        /// Which.
        of: String,
        /// As it was; none where there was none.
        before: Option<String>,
        /// As it is.
        after: Option<String>,
    },
    /// The platform tells of a new edit.
    Edited {
        /// When, by its word.
        at: Timestamp,
    },
    /// The mark of sensitive content.
    Sensitive {
        /// Whether it is set by now.
        after: bool,
    },
    /// A file that was not there.
    MediaAdded {
        /// Which.
        file: Box<StoredMedia>,
    },
    /// A file that is not there any more.
    MediaRemoved {
        /// Which, as stored with the snapshot before.
        file: Box<StoredMedia>,
    },
    /// What the author says of a file.
    AltText {
        /// The file's URL.
        url: String,
        /// As it was.
        before: Option<String>,
        /// As it is.
        after: Option<String>,
    },
    /// The link's preview.
    Card {
        /// As it was.
        before: Option<Box<Card>>,
        /// As it is.
        after: Option<Box<Card>>,
    },
    /// An answer of the poll that was not there, or is not there any more.
    PollOption {
        /// Its words.
        label: String,
        /// Whether it is there by now.
        after: bool,
    },
    /// Votes for one answer of the poll.
    PollVotes {
        /// Its words.
        label: String,
        /// As they were.
        before: Option<u64>,
        /// As they are.
        after: Option<u64>,
    },
    /// Likes and the like.
    Count {
        /// `likes`, `replies`, `reposts`, `quotes`, `views`.
        of: String,
        /// As it was.
        before: Option<u64>,
        /// As it is.
        after: Option<u64>,
    },
}

impl Difference {
    /// Whether it is the author's doing; counts and votes are that of others.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        !matches!(self, Self::Count { .. } | Self::PollVotes { .. })
    }
}

/// What differs between two snapshots of a post, each with its files: what the author changed first, counts last.
#[must_use]
pub fn differences(before: (&Post, &[StoredMedia]), after: (&Post, &[StoredMedia])) -> Vec<Difference> {
    let ((old, old_files), (new, new_files)) = (before, after);
    let mut out = Vec::new();
    if old.text != new.text {
        out.push(Difference::Text { before: old.text.clone(), after: new.text.clone() });
    }
    let mut value = |of: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            out.push(Difference::Value { of: of.to_owned(), before, after });
        }
    };
    value("author_name", old.author.name.clone(), new.author.name.clone());
    let handle = |post: &Post| Some(post.author.handle.clone()).filter(|handle| !handle.is_empty());
    value("author_handle", handle(old), handle(new));
    // The rest of the address is the delivery network's.
    let picture = |post: &Post| post.author.avatar.as_deref().map(|url| file_name(url).to_owned());
    if picture(old) != picture(new) {
        value("author_avatar", old.author.avatar.clone(), new.author.avatar.clone());
    }
    value("warning", old.warning.clone(), new.warning.clone());
    let published = |post: &Post| post.published.map(|when: When| when.to_string());
    value("published", published(old), published(new));
    value("lang", old.lang.clone(), new.lang.clone());
    value(
        "quoted",
        old.quoted.as_ref().map(|other| other.post.key()),
        new.quoted.as_ref().map(|other| other.post.key()),
    );
    value(
        "reply_to",
        old.reply_to.as_ref().map(|other| other.post.key()),
        new.reply_to.as_ref().map(|other| other.post.key()),
    );
    if let Some(at) = new.edited.filter(|at| old.edited != Some(*at)) {
        out.push(Difference::Edited { at });
    }
    if old.sensitive != new.sensitive {
        out.push(Difference::Sensitive { after: new.sensitive });
    }
    files(&mut out, (old, old_files), (new, new_files));
    if old.card.as_ref().map(card_words) != new.card.as_ref().map(card_words) {
        out.push(Difference::Card { before: old.card.clone().map(Box::new), after: new.card.clone().map(Box::new) });
    }
    polls(&mut out, old, new);
    let mut names: Vec<&String> = old.counts.keys().chain(new.counts.keys()).collect();
    names.sort();
    names.dedup();
    for of in names {
        let (before, after) = (old.counts.get(of).copied(), new.counts.get(of).copied());
        if before != after {
            out.push(Difference::Count { of: of.clone(), before, after });
        }
    }
    out
}

/// The last part of an address's path: what a file is called where its host and its signature change.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn card_words(card: &Card) -> (&str, Option<&str>, Option<&str>) {
    (&card.url, card.title.as_deref(), card.description.as_deref())
}

/// Files are the same by their bytes, else by their names: their addresses are signed anew in each answer.
fn files(out: &mut Vec<Difference>, before: (&Post, &[StoredMedia]), after: (&Post, &[StoredMedia])) {
    fn stored(files: &[StoredMedia]) -> HashMap<&str, &StoredMedia> {
        files.iter().map(|file| (file.url.as_str(), file)).collect()
    }
    let (old, new) = (stored(before.1), stored(after.1));
    let named = |files: &HashMap<&str, &StoredMedia>, media: &Media| {
        files.get(media.url.as_str()).map_or_else(|| StoredMedia::not_stored(media), |file| (*file).clone())
    };
    let mut left: Vec<(StoredMedia, bool)> = before.0.media.iter().map(|media| (named(&old, media), true)).collect();
    let mut by_digest: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (file, _)) in left.iter().enumerate().rev() {
        if let Some(digest) = &file.digest {
            by_digest.entry(digest.clone()).or_default().push(at);
        }
        by_name.entry(file_name(&file.url).to_owned()).or_default().push(at);
    }
    let mut alts = Vec::new();
    for media in &after.0.media {
        let file = named(&new, media);
        let mut take = |places: Option<&mut Vec<usize>>| {
            let places = places?;
            while let Some(at) = places.pop() {
                if let Some((_, free @ true)) = left.get_mut(at) {
                    *free = false;
                    return Some(at);
                }
            }
            None
        };
        let same = file.digest.as_ref().and_then(|digest| take(by_digest.get_mut(digest)));
        let same = same.or_else(|| take(by_name.get_mut(file_name(&file.url))));
        match same.and_then(|at| left.get(at)) {
            Some((was, _)) if was.alt != file.alt => {
                alts.push(Difference::AltText {
                    url: file.url.clone(),
                    before: was.alt.clone(),
                    after: file.alt.clone(),
                });
            }
            Some(_) => {}
            None => out.push(Difference::MediaAdded { file: Box::new(file) }),
        }
    }
    let removed = left.into_iter().filter(|(_, free)| *free);
    out.extend(removed.map(|(file, _)| Difference::MediaRemoved { file: Box::new(file) }));
    out.extend(alts);
}

fn polls(out: &mut Vec<Difference>, old: &Post, new: &Post) {
    let votes = |post: &Post| -> HashMap<String, Option<u64>> {
        let options = post.poll.iter().flat_map(|poll| &poll.options);
        options.map(|option| (option.label.clone(), option.votes)).collect()
    };
    let (was, is) = (votes(old), votes(new));
    for option in new.poll.iter().flat_map(|poll| &poll.options) {
        let label = option.label.clone();
        match was.get(&label) {
            None => out.push(Difference::PollOption { label, after: true }),
            Some(before) if *before != option.votes => {
                out.push(Difference::PollVotes { label, before: *before, after: option.votes });
            }
            Some(_) => {}
        }
    }
    let options = old.poll.iter().flat_map(|poll| &poll.options);
    let lost = options.filter(|option| !is.contains_key(&option.label));
    out.extend(lost.map(|option| Difference::PollOption { label: option.label.clone(), after: false }));
}
