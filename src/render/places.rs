//! Where the links of a page lead and where its media come from: the same drawing serves a single file that holds
//! everything, a static site of relative files, and the viewer's own addresses.

use crate::model::StoredMedia;

/// The places of one output. What is none has no place in it, and no link leads there.
///
/// Addresses are text: templates escape them.
pub trait Places {
    /// The markup that posts are drawn in.
    fn layout(&self) -> Layout {
        Layout::Page
    }

    /// The page of an article.
    fn article(&self, _id: i64) -> Option<String> {
        None
    }

    /// The original page of an article, as preserved.
    fn original(&self, _id: i64) -> Option<String> {
        None
    }

    /// One version of an article, from 1, the oldest.
    fn version(&self, _id: i64, _number: usize) -> Option<String> {
        None
    }

    /// What changed from the version before to this one.
    fn changes(&self, _id: i64, _number: usize) -> Option<String> {
        None
    }

    /// The original page of one version, as preserved.
    fn original_of(&self, _id: i64, _number: usize) -> Option<String> {
        None
    }

    /// The bytes of one version's original, as a download.
    fn original_bytes(&self, _id: i64, _number: usize) -> Option<String> {
        None
    }

    /// The page of a post, by its key `platform:id`.
    fn post(&self, _key: &str) -> Option<String> {
        None
    }

    /// The page of all posts of a handle.
    fn author(&self, _platform: &str, _handle: &str) -> Option<String> {
        None
    }

    /// The page of a platform, by its id.
    fn platform(&self, _id: &str) -> Option<String> {
        None
    }

    /// The record of a post as JSON, by its key.
    fn data(&self, _key: &str) -> Option<String> {
        None
    }

    /// A page of this output with a question behind its address (`?name=value`); none where pages can't be asked.
    fn asked(&self, _page: &str, _name: &str, _value: &str) -> Option<String> {
        None
    }

    /// A file of a post.
    ///
    /// # Errors
    /// Why the page can't show it, in words that go on from "The picture …".
    fn media(&mut self, file: &StoredMedia) -> Result<Shown, String>;
}

/// How posts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// For pages of our own, with our style sheet.
    Page,
    /// For a page of somebody else's: reads well without any style.
    Snippet,
}

impl Layout {
    /// The template of a post.
    pub(super) fn post(self) -> &'static str {
        match self {
            Self::Page => "post.html",
            Self::Snippet => "snippet.html",
        }
    }

    /// The template of a post's files.
    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Page => "media.html",
            Self::Snippet => "snippet_media.html",
        }
    }
}

/// A file that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its address.
    pub url: String,
    /// Its type by its bytes, one of those that are shown, under the name by which browsers play it.
    pub mime: &'static str,
}
