//! What `embalm show --json` prints: a record with all that is known of one post or article. Public API.

use super::{ArticleRecord, AskedSnapshot, DatedPostRecord, EmbedRecord, Post};
use serde::{Deserialize, Serialize};

/// One post.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownPost {
    /// As `list posts` prints it, with its dates.
    #[serde(flatten)]
    pub post: DatedPostRecord,
    /// The snapshot that was asked for; left out where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<AskedSnapshot>,
    /// What that snapshot says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Post>,
}

/// One version of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownArticle {
    /// As `list articles` prints it: by its newest version.
    #[serde(flatten)]
    pub article: ArticleRecord,
    /// The version that is shown, from 1.
    pub version: usize,
    /// SHA-256 (hex) of its original bytes.
    pub sha256: String,
    /// Its words.
    pub text: String,
    /// Its embeds, as `detect` prints them.
    pub embedded: Vec<EmbedRecord>,
}
