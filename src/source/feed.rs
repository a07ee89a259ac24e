//! RSS, Atom and JSON Feed: the articles that a feed names, with their full content where the feed gives it.

use crate::model::When;
use url::Url;

/// Entries of one feed; real ones have tens, a hostile one could have millions.
const MAX_ENTRIES: usize = 20_000;

/// A feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its title.
    pub title: Option<String>,
    /// Its entries in order, those without an address left out.
    pub entries: Vec<FeedEntry>,
}

/// An article that a feed names.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEntry {
    /// The article's address.
    pub url: Url,
    /// The title as text.
    pub title: Option<String>,
    /// First publication.
    pub published: Option<When>,
    /// The article's content as HTML, where the feed gives more than a summary.
    pub content_html: Option<String>,
}

/// Bytes that are no feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// A web page.
    #[error("this is a web page, not a feed{}", if feeds.is_empty() { String::new() } else { format!("; its feeds are: {}", feeds.join(", ")) })]
    Page {
        /// The feeds that it names itself.
        feeds: Vec<String>,
    },
    /// Something else.
    #[error("not an RSS, Atom or JSON feed: {detail}")]
    Unreadable {
        /// The parser's words.
        detail: String,
    },
}

/// Reads a feed. `url` is where it was fetched from, for relative addresses.
///
/// # Errors
/// The bytes are a web page (with the feeds that it names), or nothing that can be read.
pub fn read_feed(bytes: &[u8], url: Option<&Url>) -> Result<Feed, FeedError> {
    let builder = feed_rs::parser::Builder::new().base_uri(url).sanitize_content(false);
    let feed = builder.build().parse(bytes).map_err(|error| no_feed(bytes, url, &error.to_string()))?;
    let entries = feed.entries.into_iter().take(MAX_ENTRIES).filter_map(|entry| read_entry(entry, url)).collect();
    Ok(Feed { title: feed.title.map(|title| plain(&title)), entries })
}

fn read_entry(entry: feed_rs::model::Entry, base: Option<&Url>) -> Option<FeedEntry> {
    let resolve = |href: &str| base.map_or_else(|| Url::parse(href), |base| base.join(href)).ok();
    let link = entry
        .links
        .iter()
        .find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"))
        .or_else(|| entry.links.iter().find(|link| link.rel.as_deref() != Some("enclosure")))
        .and_then(|link| resolve(link.href.trim()))
        // An id that is an address serves where there is no link (RSS's guid isPermaLink).
        .or_else(|| Url::parse(entry.id.trim()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let published = entry.published.or(entry.updated).and_then(|at| When::parse(&at.to_rfc3339()));
    let content_html = entry.content.and_then(|content| content.body).filter(|body| !body.trim().is_empty());
    Some(FeedEntry { url: link, title: entry.title.map(|title| plain(&title)), published, content_html })
}

/// A title's words; feeds put tags and entities into titles, whatever type they state.
fn plain(text: &feed_rs::model::Text) -> String {
    crate::html::fragment_text(&text.content)
}

fn no_feed(bytes: &[u8], url: Option<&Url>, detail: &str) -> FeedError {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    if !(start.contains("<!doctype html") || start.contains("<html")) {
        return FeedError::Unreadable { detail: detail.to_owned() };
    }
    let page = crate::html::parse(&String::from_utf8_lossy(bytes));
    let feeds = page
        .root_element()
        .descendent_elements()
        .filter(|element| {
            element.value().name() == "link" && element.attr("rel").is_some_and(|rel| rel.contains("alternate"))
        })
        .filter(|link| {
            link.attr("type")
                .is_some_and(|kind| kind.contains("rss") || kind.contains("atom") || kind.contains("feed+json"))
        })
        .filter_map(|link| link.attr("href"))
        .map(|href| url.and_then(|url| url.join(href).ok()).map_or_else(|| href.to_owned(), Into::into))
        .collect();
    FeedError::Page { feeds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_its_address_title_date_and_content() {
        let feed = "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><id>x</id><updated>2024-08-12T08:00:00Z</updated>\
            <entry><id>1</id><title type='html'>A &amp;amp; B</title><link href='/a'/><published>2024-08-12T09:00:00+02:00</published>\
            <content type='html'>&lt;p&gt;Words&lt;/p&gt;</content></entry></feed>";
        let base = Url::parse("https://a.example/feed").unwrap();
        let feed = read_feed(feed.as_bytes(), Some(&base)).unwrap();
        let entry = &feed.entries[0];
        assert_eq!(entry.url.as_str(), "https://a.example/a");
        assert_eq!(entry.title.as_deref(), Some("A & B"));
        assert_eq!(entry.published.unwrap().to_string(), "2024-08-12T07:00:00Z");
        assert_eq!(entry.content_html.as_deref(), Some("<p>Words</p>"));
    }

    #[test]
    fn a_web_page_is_answered_with_the_feeds_that_it_names() {
        let page = "<!doctype html><html><link rel=alternate type='application/rss+xml' href='/rss.xml'>";
        let base = Url::parse("https://a.example/").unwrap();
        let error = read_feed(page.as_bytes(), Some(&base)).unwrap_err();
        assert_eq!(error, FeedError::Page { feeds: vec!["https://a.example/rss.xml".to_owned()] });
        assert!(matches!(read_feed(b"\x00\x01", None), Err(FeedError::Unreadable { .. })));
    }
}
