//! What a reader is given: bytes with what is known about them; and why they could not be read.

use url::Url;

/// A document's bytes and what came with them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payload<'a> {
    /// After transfer and content decoding. A document that is gzip itself (`sitemap.xml.gz`) is inflated by the reader.
    pub bytes: &'a [u8],
    /// The Content-Type header's value, where there was a header.
    pub content_type: Option<&'a str>,
    /// Where the document is, after redirects; relative addresses start there.
    pub url: Option<&'a Url>,
}

impl<'a> Payload<'a> {
    /// Bytes without an address or a header.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// The same with the address that it came from.
    #[must_use]
    pub fn at(self, url: Option<&'a Url>) -> Self {
        Self { url, ..self }
    }

    /// The same with its Content-Type.
    #[must_use]
    pub fn typed(self, content_type: Option<&'a str>) -> Self {
        Self { content_type, ..self }
    }
}

/// Why a document could not be read as what it was taken for. Each message says what was looked for, and what was found
/// instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// No bytes but white space.
    #[error("looked for {wanted}, and the document is empty")]
    Empty {
        /// What the reader reads, such as `a sitemap`.
        wanted: &'static str,
    },
    /// Over the limit, as it came or inflated.
    #[error("looked for {wanted}, and the document is over {limit_bytes} bytes")]
    TooLarge {
        /// What the reader reads.
        wanted: &'static str,
        /// The limit.
        limit_bytes: usize,
    },
    /// A web page; it may name feeds.
    #[error("looked for {wanted}, and found an HTML page{}{}", titled(title.as_deref()), named(feeds))]
    HtmlPage {
        /// What the reader reads.
        wanted: &'static str,
        /// The page's title: often it says what went wrong.
        title: Option<String>,
        /// Addresses of the feeds that the page names, resolved where the page's own address is known.
        feeds: Vec<String>,
    },
    /// Something else.
    #[error("looked for {wanted}, and found {found}")]
    Other {
        /// What the reader reads.
        wanted: &'static str,
        /// With its article, such as `a sitemap`; and the kind of source that reads it, where there is one.
        found: String,
    },
    /// What was looked for, with a mistake that can't be read over.
    #[error("{wanted} can't be read: {detail}")]
    Malformed {
        /// What the reader reads.
        wanted: &'static str,
        /// Where and what.
        detail: String,
    },
}

fn titled(title: Option<&str>) -> String {
    title.map_or_else(String::new, |title| format!(" titled {title:?}"))
}

fn named(feeds: &[String]) -> String {
    if feeds.is_empty() {
        " that names no feed; `kind = \"page\"` takes a page's links".to_owned()
    } else {
        format!("; it names {}: use that address as the source", feeds.join(" and "))
    }
}
