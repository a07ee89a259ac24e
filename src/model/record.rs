//! Records as `--json` prints them: public API, one line each. Field order is the order of the documentation.

use super::{Embed, Form, MediaKind, Memento, Quoted, Scope, State, Target, Via, When};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of [`EmbedRecord`]: it rises when a field changes its meaning or goes away, not when one is added.
pub const EMBED_SCHEMA: u32 = 1;

/// One embed, as `embalm detect --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedRecord {
    /// The input as it was given; for a folder the file's path under it.
    pub article: String,
    /// Reading order, from 0.
    pub position: usize,
    /// None only where even the platform is not known.
    pub platform: Option<String>,
    /// None where only a flattened text or a short link is there.
    pub post_id: Option<String>,
    /// The post's canonical URL, or the short link.
    pub url: Option<String>,
    /// The markup.
    pub form: Form,
    /// In the article or beside it.
    pub scope: Scope,
    /// What the page says.
    pub quoted: Quoted,
    /// [`EMBED_SCHEMA`]. Records that were kept before it was told are of the first version.
    #[serde(default = "first_schema")]
    pub schema: u32,
}

fn first_schema() -> u32 {
    1
}

impl EmbedRecord {
    /// The record of an embed of the input `article`.
    #[must_use]
    pub fn new(article: &str, embed: &Embed) -> Self {
        let (post_id, url) = match &embed.target {
            Target::Post(post) => (Some(post.id.clone()), Some(post.url.to_string())),
            Target::ShortLink { url, .. } => (None, Some(url.to_string())),
            Target::Unresolved { .. } => (None, None),
        };
        Self {
            article: article.to_owned(),
            position: embed.position,
            platform: Some(embed.target.platform().to_owned()),
            post_id,
            url,
            form: embed.form,
            scope: embed.scope,
            quoted: embed.quoted.clone(),
            schema: EMBED_SCHEMA,
        }
    }
}

/// One post, as `embalm list posts --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostRecord {
    /// `platform:id`.
    pub key: String,
    /// The platform.
    pub platform: String,
    /// Its native id.
    pub post_id: String,
    /// The canonical URL.
    pub url: String,
    /// What is known by now.
    pub state: State,
    /// The rung of the snapshot shown.
    pub via: Option<Via>,
    /// When that snapshot was taken.
    pub captured_at: Option<Timestamp>,
    /// The web archive's copy that it was read from; left out where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memento: Option<Memento>,
    /// The platform answered to the user's own login; left out where it did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub login: bool,
    /// Display name.
    pub author_name: Option<String>,
    /// Without `@`.
    pub author_handle: Option<String>,
    /// When it was posted.
    pub published: Option<When>,
    /// What its author warns of, which stands before the words wherever these are shown; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// As a reader sees it.
    pub text: Option<String>,
    /// BCP 47.
    pub lang: Option<String>,
    /// Its files.
    pub media: Vec<MediaRecord>,
    /// Key of the post that it quotes.
    pub quoted: Option<String>,
    /// Key of the post that it answers.
    pub reply_to: Option<String>,
    /// Likes and the like, at that moment.
    pub counts: BTreeMap<String, u64>,
    /// How many snapshots there are.
    pub snapshots: u64,
    /// URLs (or names) of the articles that embed it.
    pub articles: Vec<String>,
}

/// One post with its dates, as `embalm show --json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatedPostRecord {
    /// As `list posts` prints it.
    #[serde(flatten)]
    pub post: PostRecord,
    /// When it was first seen to be in its state: gone, where it is gone.
    pub state_since: Option<Timestamp>,
    /// When the platform last showed it.
    pub last_seen_at: Option<Timestamp>,
    /// When it was last looked at, whatever came of it.
    pub last_looked_at: Option<Timestamp>,
}

/// One file of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRecord {
    /// What it is.
    pub kind: MediaKind,
    /// Where it was.
    pub url: String,
    /// Hex; none where the bytes could not be had.
    pub sha256: Option<String>,
    /// By its bytes.
    pub mime: Option<String>,
    /// In bytes.
    pub size_bytes: Option<u64>,
    /// In pixels.
    pub width_px: Option<u32>,
    /// In pixels.
    pub height_px: Option<u32>,
    /// The author's description.
    pub alt: Option<String>,
}
