//! What the reading side needs of the archive to draw an article with its posts: filled by `store`, drawn by `render`.

use super::{
    Article, Embed, Failure, Media, MediaKind, Memento, Obtained, Outcome, Post, PostRef, Standing, State, Via,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One version of an article with its embeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArticleView {
    /// The article's number in the archive.
    pub id: i64,
    /// Where it came from: its URL, or the file's name.
    pub name: String,
    /// The configured source's name, or `add`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The labels of the sources that name it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What it says.
    pub article: Article,
    /// When this version was archived.
    pub captured_at: Timestamp,
    /// SHA-256 (hex) of the original bytes.
    pub digest: String,
    /// Which of its versions this is, from 1, the oldest.
    #[serde(default = "first")]
    pub number: usize,
    /// What is known of it by now, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Its embeds, in reading order.
    pub embeds: Vec<EmbedView>,
}

fn first() -> usize {
    1
}

/// An embed with the post that it became.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbedView {
    /// As detected.
    pub embed: Embed,
    /// As captured; none where the embed never led to a post.
    pub post: Option<PostView>,
}

/// A post with the snapshot that is best to show, and what is known by now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostView {
    /// Its name.
    pub post: PostRef,
    /// By now.
    pub state: State,
    /// When it was first seen to be in that state.
    pub state_since: Option<Timestamp>,
    /// The content to show: the newest snapshot from the best rung that has any.
    pub content: Option<Post>,
    /// That snapshot's rung.
    pub via: Option<Via>,
    /// When that snapshot was taken.
    pub captured_at: Option<Timestamp>,
    /// The web archive's copy that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memento: Option<Memento>,
    /// The platform answered to the user's own login, so that strangers may not see this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub login: bool,
    /// Its files, those of the avatar and the card's picture included.
    #[serde(default)]
    pub media: Vec<StoredMedia>,
    /// The quoted post, as far as it is archived.
    pub quoted: Option<Box<PostView>>,
    /// The post that it answers, as far as it is archived.
    pub reply_to: Option<Box<PostView>>,
    /// The last look, whatever came of it.
    #[serde(default)]
    pub last_looked_at: Option<Timestamp>,
    /// The last look at which the platform itself showed it.
    #[serde(default)]
    pub last_seen_at: Option<Timestamp>,
    /// Why the last look at the platform learnt nothing, where it learnt nothing.
    #[serde(default)]
    pub last_failure: Option<Failure>,
    /// All snapshots, oldest first; none in the view of an article, which shows one.
    #[serde(default)]
    pub history: Vec<SnapshotView>,
}

/// One line of a post's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotView {
    /// Its number in the archive.
    pub id: i64,
    /// When.
    pub captured_at: Timestamp,
    /// The rung.
    pub via: Via,
    /// What came of it.
    pub outcome: Outcome,
    /// The web archive's copy that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memento: Option<Memento>,
    /// The platform answered to the user's own login, so that strangers may not see this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub login: bool,
}

/// A file of a post, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMedia {
    /// What it is.
    pub kind: MediaKind,
    /// The URL by which the post names it.
    pub url: String,
    /// The author's description.
    pub alt: Option<String>,
    /// In pixels.
    pub width_px: Option<u32>,
    /// In pixels.
    pub height_px: Option<u32>,
    /// In milliseconds.
    pub duration_ms: Option<u64>,
    /// By its bytes, such as `image/jpeg`.
    pub mime: Option<String>,
    /// SHA-256 (hex), where the bytes are stored.
    pub digest: Option<String>,
    /// In bytes.
    pub size_bytes: Option<u64>,
    /// The bytes, where the reader asked for them. They are no part of a record.
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
    /// Why the bytes could not be had.
    pub failure: Option<String>,
    /// How they were had, where they are not what one URL answered.
    #[serde(default)]
    pub obtained: Option<Obtained>,
    /// What a person should know of them.
    #[serde(default)]
    pub note: Option<String>,
}

impl StoredMedia {
    /// A file that a post names and that was never asked for.
    #[must_use]
    pub fn not_stored(media: &Media) -> Self {
        Self {
            kind: media.kind,
            url: media.url.clone(),
            alt: media.alt.clone(),
            width_px: media.width_px,
            height_px: media.height_px,
            duration_ms: media.duration_ms,
            mime: None,
            digest: None,
            size_bytes: None,
            bytes: None,
            failure: None,
            obtained: None,
            note: None,
        }
    }
}
