//! How an article stands by now: whether its site still has it, when it is looked at again, its versions, the addresses
//! that lead to it; and one version's bytes as they came. Filled by `store`, drawn by `render`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

/// What is known of an article beside what one version says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// When its site was first seen to have it no more; none while it has.
    #[serde(default)]
    pub gone_since: Option<Timestamp>,
    /// When its first version was archived.
    pub first_captured_at: Timestamp,
    /// When it was last looked at.
    pub last_looked_at: Timestamp,
    /// How often it was looked at.
    pub looks: u64,
    /// When it is looked at again; none for not by itself.
    #[serde(default)]
    pub due_at: Option<Timestamp>,
    /// Whether it says that it is a live blog.
    #[serde(default)]
    pub live_blog: bool,
    /// Addresses that lead to it, as they were found.
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// All its versions, oldest first. The number of a version is its place here, from 1.
    #[serde(default)]
    pub versions: Vec<VersionView>,
}

/// An address that leads to an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Without what only tracks.
    pub url: String,
    /// `named`, `redirect`, `canonical`, `page`, `amp` or `print`.
    pub how: String,
}

/// A version in the list of versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// When it was archived.
    pub captured_at: Timestamp,
    /// SHA-256 (hex) of its original bytes.
    pub digest: String,
    /// Its headline.
    pub title: String,
    /// Its main text, in bytes of UTF-8.
    pub text_bytes: u64,
    /// How many embeds it has.
    pub embeds: u64,
}

/// What one version says, to be held against another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionWords {
    /// Its number, from 1.
    pub number: usize,
    /// When it was archived.
    pub captured_at: Timestamp,
    /// Its headline.
    pub title: String,
    /// Its authors as the page prints them.
    pub byline: Option<String>,
    /// BCP 47.
    pub lang: Option<String>,
    /// Its main text.
    pub text: String,
    /// Keys of the posts that it embeds, in reading order.
    pub posts: Vec<String>,
}

/// One version's bytes as they came, with what is needed to read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalView {
    /// The article's number in the archive.
    pub id: i64,
    /// Its URL or path, as the source gave it.
    pub name: String,
    /// Which of its versions this is, from 1.
    pub number: usize,
    /// How many versions there are.
    pub versions: usize,
    /// Its headline.
    pub title: String,
    /// BCP 47.
    pub lang: Option<String>,
    /// `html`, `markdown` or `text`.
    pub kind: String,
    /// The header's value, where there was a header.
    pub content_type: Option<String>,
    /// The address that answered, or else the one that it states.
    pub url: Option<Url>,
    /// When it was archived.
    pub captured_at: Timestamp,
    /// SHA-256 (hex) of the bytes.
    pub digest: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}
