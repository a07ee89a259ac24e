//! Posts as people have them already: in their own data exports, and in the records of other tools. What is read here
//! is what the export says, which is not the platform's word to this archive.
//!
//! | what | where |
//! |---|---|
//! | X's data export | `twitter::export` |
//! | ActivityPub exports (Mastodon and its kin) | `fediverse::export` |
//! | records of an AT Protocol repository | `bluesky::repository` |
//! | gallery-dl's metadata | `gallery_dl` |
//! | auto-archiver's records and sheets | `auto_archiver` |
//! | values as Python prints them | `python` |

mod auto_archiver;
mod gallery_dl;
mod python;

pub use auto_archiver::{auto_archiver, auto_archiver_row};
pub use gallery_dl::gallery_dl;

use crate::model::{Post, PostRef};
use jiff::Timestamp;

/// What one record of an export is.
#[derive(Clone, Debug, PartialEq)]
pub enum Imported {
    /// A post with its content.
    Post(Box<ImportedPost>),
    /// A post that is named alone: liked, bookmarked, or without words.
    Named(PostRef),
    /// Nothing to import, and why, in words that many records share.
    Left(&'static str),
}

/// A post as an export has it.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedPost {
    /// What it says.
    pub post: Post,
    /// Its files by their URLs, each with the names under which the export may have the bytes, best first.
    pub files: Vec<(String, Vec<String>)>,
    /// When the tool that wrote the record looked at the post, where the record says so.
    pub dated: Option<Timestamp>,
}

impl ImportedPost {
    /// A post without files.
    #[must_use]
    pub fn new(post: Post) -> Self {
        Self { post, files: Vec::new(), dated: None }
    }
}

/// The last part of an address or a path, without what follows the path.
pub(in crate::platforms) fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
