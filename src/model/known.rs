//! All that the archive knows of a post, and of those who post: what the pages about them show.

use super::{Form, PostRef, PostView, QueuedRecord, Quoted, Scope, State, Timeline, Via, When};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A post with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownPost {
    /// As it is best shown, or as the snapshot asked for has it. Its history is left out.
    pub post: PostView,
    /// Set where one snapshot was asked for: `post` then has its content, and the state and dates of now.
    #[serde(default)]
    pub asked: Option<AskedSnapshot>,
    /// Other names that lead to it.
    #[serde(default)]
    pub names: Vec<PostRef>,
    /// How many snapshots there are.
    #[serde(default)]
    pub snapshots: u64,
    /// A part of the articles that embed it.
    #[serde(default)]
    pub articles: Vec<EmbeddedIn>,
    /// All of them.
    #[serde(default)]
    pub articles_total: u64,
    /// The newest posts that quote it.
    #[serde(default)]
    pub quoted_by: Vec<PostLine>,
    /// How many do.
    #[serde(default)]
    pub quoted_by_total: u64,
    /// The newest posts that answer it.
    #[serde(default)]
    pub answered_by: Vec<PostLine>,
    /// How many do.
    #[serde(default)]
    pub answered_by_total: u64,
    /// Its place in the queue, where it waits for another try.
    #[serde(default)]
    pub queued: Option<QueuedRecord>,
    /// What a web archive was asked to save of it.
    #[serde(default)]
    pub saved: Option<SavedCopy>,
    /// What happened to it.
    #[serde(default)]
    pub timeline: Timeline,
}

/// The snapshot that a reader asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedSnapshot {
    /// Its number in the archive.
    pub number: i64,
    /// When it was taken.
    pub captured_at: Timestamp,
    /// The rung.
    pub via: Via,
    /// What it says: `live` with content, or why there is none.
    pub state: State,
    /// It is the one that the post's page shows anyway.
    pub is_shown: bool,
    /// A newer parser has read its answer again, and another one stands in its place.
    #[serde(default)]
    pub is_superseded: bool,
    /// The one before it, of any rung.
    #[serde(default)]
    pub previous: Option<i64>,
    /// The one after it, of any rung.
    #[serde(default)]
    pub next: Option<i64>,
}

/// An article that embeds a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddedIn {
    /// Its number in the archive.
    pub article: i64,
    /// The headline of its newest version; may be empty.
    pub title: String,
    /// Its URL, or the file's name.
    pub name: String,
    /// The publication.
    pub site_name: Option<String>,
    /// First publication.
    pub published: Option<When>,
    /// When the newest version that embeds the post was archived.
    pub captured_at: Timestamp,
    /// That version is not the newest one: the article embeds the post no more.
    pub no_longer: bool,
    /// The markup.
    pub form: Form,
    /// In the article or beside it.
    pub scope: Scope,
    /// What the page says of the post.
    pub quoted: Quoted,
}

/// A post in a list of posts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostLine {
    /// Its name.
    pub post: PostRef,
    /// By now.
    pub state: State,
    /// Since when.
    pub state_since: Option<Timestamp>,
    /// The rung of the content shown.
    pub via: Option<Via>,
    /// When that was captured.
    pub captured_at: Option<Timestamp>,
    /// Display name.
    pub author_name: Option<String>,
    /// Without `@`.
    pub author_handle: Option<String>,
    /// When it was posted.
    pub published: Option<When>,
    /// The beginning of its text.
    pub text: Option<String>,
    /// BCP 47.
    pub lang: Option<String>,
    /// The author's content warning, which stands before the text.
    pub warning: Option<String>,
    /// How many pictures, films and sounds it has.
    pub files: u64,
}

/// What a web archive was asked to save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCopy {
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The copy that it says it made.
    pub memento: Option<url::Url>,
    /// Why there is none.
    pub failure: Option<String>,
}
