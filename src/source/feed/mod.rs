//! Feeds: RSS, Atom and JSON Feed as lists of articles; and what was found instead, where it is no feed.

use super::{Entry, NotRead, Payload};
use crate::html;
use crate::model::When;
use feed_rs::{
    model::{Entry as RawEntry, Link, Text},
    parser::{self, ParseFeedError},
};
use jiff::Timestamp;
use url::Url;

mod dialect;

/// What is looked for, in messages.
const WANTED: &str = "RSS, Atom or JSON Feed";

/// A larger document is not read. The largest honest feeds hold every episode of a daily show.
const MAX_FEED_BYTES: usize = 32 * 1024 * 1024;

/// Entries kept of one feed, the first ones.
const MAX_ENTRIES: usize = 10_000;

/// How much of a document tells what it is.
const SNIFF_BYTES: usize = 4096;

/// A summary with paragraphs and at least this many bytes is the article, as in feeds that know no content element.
const FULL_SUMMARY_BYTES: usize = 1500;

/// Feeds named in an HTML page that are told.
const MAX_DISCOVERED: usize = 10;

/// A feed as a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Of the feed; without markup.
    pub title: Option<String>,
    /// The site that the feed is of.
    pub link: Option<Url>,
    /// In the feed's order. Empty where the feed has none: that is the caller's to say.
    pub entries: Vec<Entry>,
}

/// Reads a feed.
///
/// # Errors
/// [`NotRead`], by what the bytes are instead of a feed.
pub fn read_feed(payload: Payload<'_>) -> Result<Feed, NotRead> {
    let Payload { bytes, url, .. } = payload;
    if bytes.len() > MAX_FEED_BYTES {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_FEED_BYTES });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(NotRead::Empty { wanted: WANTED });
    }
    let bytes = dialect::known(bytes);
    let parser = parser::Builder::new()
        .base_uri(url.map(Url::as_str))
        .sanitize_content(false)
        .id_generator(|links, title, _| own_id(links, title.as_ref()))
        .build();
    match parser.parse(bytes.as_ref()) {
        Ok(feed) => {
            let link = best_link(&feed.links).and_then(|link| resolve(&link.href, url));
            let base = link.as_ref().or(url);
            let entries = feed.entries.iter().take(MAX_ENTRIES).map(|entry| read_entry(entry, url.or(base))).collect();
            Ok(Feed { title: feed.title.as_ref().and_then(words), link, entries })
        }
        Err(error) => Err(not_a_feed(&bytes, url, &error)),
    }
}

fn read_entry(entry: &RawEntry, base: Option<&Url>) -> Entry {
    let own_base = entry.base.as_deref().and_then(|own| resolve(own, base));
    let base = own_base.as_ref().or(base);
    let url = best_link(&entry.links)
        .and_then(|link| resolve(&link.href, base))
        .or_else(|| Url::parse(entry.id.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")));
    Entry {
        id: entry.id.clone(),
        url,
        title: entry.title.as_ref().and_then(words),
        published: entry.published.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos())),
        updated: entry.updated.and_then(|at| instant(at.timestamp(), at.timestamp_subsec_nanos())),
        content_html: content(entry),
        ..Entry::default()
    }
}

fn instant(seconds: i64, nanoseconds: u32) -> Option<When> {
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok().map(When::Instant)
}

/// An id for an entry without one. The parser's own would be new at every reading.
fn own_id(links: &[Link], title: Option<&Text>) -> String {
    best_link(links)
        .map(|link| link.href.clone())
        .or_else(|| title.map(|title| title.content.clone()))
        .unwrap_or_default()
}

/// The link to the article: the alternate one, HTML before others; never the feed's own or an enclosure.
fn best_link(links: &[Link]) -> Option<&Link> {
    let is_alternate = |link: &&Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    let is_html = |link: &&Link| link.media_type.as_deref().is_none_or(|kind| kind.contains("html"));
    links.iter().filter(is_alternate).find(is_html).or_else(|| links.iter().find(is_alternate)).or_else(|| {
        links
            .iter()
            .find(|link| !matches!(link.rel.as_deref(), Some("self" | "enclosure" | "hub" | "replies" | "edit")))
    })
}

fn resolve(text: &str, base: Option<&Url>) -> Option<Url> {
    let text = text.trim();
    let url = match base {
        Some(base) => base.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// A title's words: entities read, tags dropped, as most feeds write markup into titles in either way.
fn words(text: &Text) -> Option<String> {
    let content = text.content.trim();
    let is_markup = content.contains('<') || (content.contains('&') && content.contains(';'));
    let plain = if is_markup { html::fragment_text(content) } else { content.to_owned() };
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then_some(plain)
}

fn content(entry: &RawEntry) -> Option<String> {
    let is_full = |text: &str| text.len() >= FULL_SUMMARY_BYTES && text.contains("<p");
    let body = entry.content.as_ref().and_then(|content| content.body.clone());
    body.filter(|body| !body.trim().is_empty())
        .or_else(|| entry.summary.as_ref().map(|summary| summary.content.clone()).filter(|text| is_full(text)))
}

fn not_a_feed(bytes: &[u8], url: Option<&Url>, error: &ParseFeedError) -> NotRead {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(SNIFF_BYTES)]).to_ascii_lowercase();
    let head = head.trim_start();
    let found = |what: &str| NotRead::Other { wanted: WANTED, found: what.to_owned() };
    if head.contains("<rss") || head.contains("<feed") || head.contains("<rdf:rdf") || head.contains("jsonfeed.org") {
        return NotRead::Malformed { wanted: WANTED, detail: error.to_string() };
    }
    if head.starts_with("<!doctype html") || head.contains("<html") || head.contains("<body") || head.contains("<head")
    {
        return NotRead::HtmlPage {
            wanted: WANTED,
            title: None,
            feeds: discover(&String::from_utf8_lossy(bytes), url),
        };
    }
    match head {
        _ if head.starts_with("%pdf-") => found("a PDF"),
        _ if head.contains("<urlset") || head.contains("<sitemapindex") => found("a sitemap; its kind is `sitemap`"),
        _ if head.contains("<opml") => found("an OPML list of feeds; its kind is `opml`"),
        _ if head.starts_with(['{', '[']) => found("JSON that is no JSON Feed"),
        _ if head.starts_with('<') => found("XML that is neither RSS nor Atom"),
        _ if head.contains('\0') || head.contains('\u{fffd}') => found("binary data"),
        _ if head.starts_with("http") => found("a list of URLs; its kind is `list`"),
        _ => found("plain text"),
    }
}

/// The feeds that a page names in its head.
fn discover(page: &str, url: Option<&Url>) -> Vec<String> {
    let tree = html::parse(page);
    let mut feeds = Vec::new();
    for element in tree.root_element().descendent_elements().filter(|element| element.value().name() == "link") {
        let is_alternate = html::attr(element, "rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate")));
        let is_feed = html::attr(element, "type").is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            ["rss+xml", "atom+xml", "feed+json", "application/json", "rdf+xml"].iter().any(|known| kind.contains(known))
        });
        if let Some(href) = html::attr(element, "href").filter(|_| is_alternate && is_feed) {
            let address = resolve(href, url).map_or_else(|| href.to_owned(), String::from);
            if !feeds.contains(&address) && feeds.len() < MAX_DISCOVERED {
                feeds.push(address);
            }
        }
    }
    feeds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Feed, NotRead> {
        read_feed(Payload::of(text.as_bytes()).at(Some(&Url::parse("https://tide.example/feed.xml").unwrap())))
    }

    #[test]
    fn rss_atom_and_json_feed_give_the_same_entries() {
        let rss = "<rss version='0.92'><channel><title>Tide</title><link>https://tide.example/</link><item><title>High &amp;amp; low</title>
            <link>/a</link><guid>1</guid><pubDate>Thu, 04 Mar 2021 05:06:07 GMT</pubDate><description>x</description></item></channel></rss>";
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Tide</title><link href='https://tide.example/'/><entry><title>High &amp; low</title>
            <link rel='enclosure' href='/a.mp3'/><link href='/a'/><id>1</id><published>2021-03-04T05:06:07Z</published></entry></feed>";
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Tide","home_page_url":"https://tide.example/",
            "items":[{"id":"1","url":"https://tide.example/a","title":"High & low","date_published":"2021-03-04T05:06:07Z","content_text":"x"}]}"#;
        for text in [rss, atom, json] {
            let feed = read(text).unwrap();
            assert_eq!(feed.title.as_deref(), Some("Tide"), "{text}");
            assert_eq!(feed.link.as_ref().map(Url::as_str), Some("https://tide.example/"), "{text}");
            let entry = &feed.entries[0];
            assert_eq!(entry.url.as_ref().map(Url::as_str), Some("https://tide.example/a"), "{text}");
            assert_eq!((entry.id.as_str(), entry.title.as_deref()), ("1", Some("High & low")), "{text}");
            assert_eq!(entry.published.unwrap().to_string(), "2021-03-04T05:06:07Z", "{text}");
        }
    }

    #[test]
    fn an_empty_feed_is_no_error() {
        let feed = read("<rss version='2.0'><channel><title>Tide</title></channel></rss>").unwrap();
        assert_eq!((feed.entries.len(), feed.title.as_deref()), (0, Some("Tide")));
    }

    #[test]
    fn what_is_no_feed_is_named_and_a_pages_feeds_are_told() {
        let error = |text: &str| read(text).unwrap_err().to_string();
        let page = "<!doctype html><head><link rel=alternate type='application/rss+xml' href='/rss.xml'></head><p>x";
        assert!(error(page).contains("HTML page; it names https://tide.example/rss.xml"), "{}", error(page));
        assert!(error("<html><p>x").contains("names no feed"));
        assert!(error("<?xml version='1.0'?><urlset></urlset>").contains("a sitemap"));
        assert!(error("{\"a\":1}").contains("JSON that is no JSON Feed"));
        assert!(error(" ").contains("empty"));
        assert!(error("hello").contains("plain text"));
        assert!(error("<rss version='2.0'><channel><item></channel>").contains("can't be read"));
    }
}
