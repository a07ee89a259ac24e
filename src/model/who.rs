//! Who posts, and where: what the pages of authors and of platforms show.

use super::{PlatformRecord, PostLine, StoredMedia};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All posts of a handle on one platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorView {
    /// The platform's id.
    pub platform: String,
    /// As the newest post writes it, without `@`.
    pub handle: String,
    /// How many posts.
    pub posts_total: u64,
    /// There are more, which were not counted.
    #[serde(default)]
    pub more: bool,
    /// Posts by state; states that none is in are left out.
    pub states: BTreeMap<String, u64>,
    /// Those that no longer exist.
    pub gone: u64,
    /// The oldest and the newest of the shown snapshots.
    pub captured_between: Option<(Timestamp, Timestamp)>,
    /// The names by which they were seen, the newest first.
    pub names: Vec<SeenName>,
    /// The pictures by which they were seen, the newest first.
    pub avatars: Vec<SeenAvatar>,
    /// The sites whose articles embed most of the posts, the first first.
    pub sites: Vec<SiteShare>,
    /// The posts of this page, the newest capture first.
    pub posts: Vec<PostLine>,
    /// Counted from 1.
    pub page: usize,
    /// At least 1.
    pub pages: usize,
}

/// A display name over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenName {
    /// The name; empty where the platform told none.
    pub name: String,
    /// Of its first snapshot.
    pub first_at: Timestamp,
    /// Of its last snapshot.
    pub last_at: Timestamp,
    /// Snapshots with it.
    pub snapshots: u64,
}

/// An author's picture over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAvatar {
    /// The picture, without its bytes.
    pub file: StoredMedia,
    /// Of its first snapshot.
    pub first_at: Timestamp,
    /// Of its last snapshot.
    pub last_at: Timestamp,
}

/// How much of something one site's articles embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteShare {
    /// Its host without `www.`; empty for files.
    pub site: String,
    /// Articles of it.
    pub articles: u64,
    /// Different posts in them.
    pub posts: u64,
}

/// A platform with what the archive has of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlatformView {
    /// How well it answers; without any post all is zero.
    pub record: PlatformRecord,
    /// Posts by state.
    pub states: BTreeMap<String, u64>,
    /// The newest captures.
    pub latest: Vec<PostLine>,
    /// What vanished last.
    pub vanished: Vec<PostLine>,
    /// Those who wrote most of the newest posts.
    pub authors: Vec<AuthorShare>,
    /// How many of the newest posts were looked through for that.
    pub authors_of: u64,
}

/// How many posts are by one author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorShare {
    /// Without `@`.
    pub handle: String,
    /// The newest name.
    pub name: Option<String>,
    /// Posts.
    pub posts: u64,
    /// Those that no longer exist.
    pub gone: u64,
}
