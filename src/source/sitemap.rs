//! Sitemaps: pages with their dates, and further sitemaps. <https://www.sitemaps.org/protocol.html>,
//! <https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap>

use super::{
    Entry, NotRead, Payload,
    date::read_date,
    feed::read_feed,
    sniff,
    words::words,
    xml::{self, Element, Space, resolve},
};
use crate::model::When;
use flate2::bufread::MultiGzDecoder;
use std::{borrow::Cow, collections::HashSet, io::Read, ops::ControlFlow};
use url::Url;

/// What is looked for, in messages.
const WANTED: &str = "a sitemap";

/// A larger sitemap, inflated, is read up to here: the protocol allows 50 MB.
pub const MAX_SITEMAP_BYTES: usize = 50 * 1024 * 1024;

/// More addresses of one sitemap are not read: the protocol allows 50,000.
pub const MAX_SITEMAP_URLS: usize = 50_000;

/// A longer address is none: the protocol allows 2,048 characters, and some sites need more.
const MAX_URL_BYTES: usize = 8192;

/// A sitemap: of pages, of further sitemaps, or (against the protocol, but seen) of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Pages in the sitemap's order, each address once; `updated` is their `lastmod`, `published` and `title` those of
    /// a news sitemap.
    pub pages: Vec<Entry>,
    /// Further sitemaps in the index's order, each address once.
    pub sitemaps: Vec<SitemapRef>,
    /// What was left out or could not be read, as a sentence; the rest was read.
    pub note: Option<String>,
    /// It ends in the middle, or its packing is damaged: there is more of it where it is whole.
    pub breaks_off: bool,
}

/// A sitemap that an index names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitemapRef {
    /// Absolute, http or https.
    pub url: Url,
    /// Its `lastmod`.
    pub updated: Option<When>,
}

/// Reads a sitemap, a sitemap index, a news sitemap, a feed that serves as a sitemap, or a plain list of addresses; each
/// also gzipped. It never asks for another document. A page that stands at a cut end is left out, as its address may
/// be cut as well.
///
/// # Errors
/// [`NotRead`], by what the bytes are instead.
pub fn read_sitemap(payload: Payload<'_>) -> Result<Sitemap, NotRead> {
    let (bytes, mut note) = inflated(payload.bytes);
    let (is_damaged, is_over) = (note.is_some(), bytes.len() > MAX_SITEMAP_BYTES);
    let bytes: &[u8] = if is_over {
        note = Some(format!("only the first {MAX_SITEMAP_BYTES} bytes were read"));
        &bytes[..MAX_SITEMAP_BYTES]
    } else {
        &bytes
    };
    let payload = Payload { bytes, ..payload };
    let text = xml::decode(payload);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut sitemap = if text.starts_with('<') { markup(text, payload)? } else { plain(text, payload)? };
    if is_over && sitemap.pages.is_empty() && sitemap.sitemaps.is_empty() {
        return Err(NotRead::TooLarge { wanted: WANTED, limit_bytes: MAX_SITEMAP_BYTES });
    }
    sitemap.breaks_off |= is_damaged;
    sitemap.note = note.or(sitemap.note);
    Ok(sitemap)
}

/// What is gzip inside: as much of it as can be read within the limit, and a word where that is not all.
fn inflated(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<String>) {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return (Cow::Borrowed(bytes), None);
    }
    let mut out = Vec::new();
    let limit = u64::try_from(MAX_SITEMAP_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let done = MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut out);
    if out.is_empty() {
        return (Cow::Borrowed(bytes), None);
    }
    let note = done.err().map(|error| format!("the gzip data is damaged ({error}); what stands before that was read"));
    (Cow::Owned(out), note)
}

/// Pages and sitemaps, each address once, up to the limit.
#[derive(Default)]
struct Gathered {
    sitemap: Sitemap,
    seen: HashSet<Url>,
}

impl Gathered {
    fn is_full(&self) -> bool {
        self.seen.len() >= MAX_SITEMAP_URLS
    }

    fn page(&mut self, entry: Entry) {
        if let Some(url) = &entry.url
            && self.seen.insert(url.clone())
        {
            self.sitemap.pages.push(entry);
        }
    }

    fn finish(mut self, is_more: bool) -> Sitemap {
        if is_more {
            self.sitemap.note = Some(format!("only the first {MAX_SITEMAP_URLS} addresses were read"));
        }
        self.sitemap
    }
}

fn markup(text: &str, payload: Payload<'_>) -> Result<Sitemap, NotRead> {
    let mut gathered = Gathered::default();
    let mut is_more = false;
    let read = xml::read(text, &["urlset", "sitemapindex"], |_, record| {
        if gathered.is_full() {
            is_more = true;
            return ControlFlow::Break(());
        }
        if record.is_cut {
            return ControlFlow::Continue(());
        }
        match record.name.as_str() {
            "sitemap" => {
                if let Some(url) = location(&record, payload.url)
                    && gathered.seen.insert(url.clone())
                {
                    gathered.sitemap.sitemaps.push(SitemapRef { url, updated: modified(&record) });
                }
            }
            "url" => drop(page(&record, payload.url).map(|entry| gathered.page(entry))),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    match read.containers.first().map(|root| root.name.as_str()) {
        Some("urlset" | "sitemapindex") => {}
        Some("rss" | "rdf" | "feed" | "channel") => return from_feed(payload),
        _ => return Err(sniff::refuse(WANTED, payload)),
    }
    let mut sitemap = gathered.finish(is_more);
    sitemap.breaks_off = read.is_cut;
    if read.is_cut && sitemap.note.is_none() {
        sitemap.note = Some("the sitemap ends in the middle; what stands before that was read".to_owned());
    }
    Ok(sitemap)
}

fn page(record: &Element, base: Option<&Url>) -> Option<Entry> {
    let url = location(record, base)?;
    let mut entry = Entry { updated: modified(record), ..Entry::of_url(url) };
    let is_news = |element: &&Element| element.name == "news" && matches!(element.space, Space::News | Space::Other);
    if let Some(news) = record.elements().find(is_news) {
        let text = |element: &Element, name: &str| element.named(name).find_map(Element::text);
        entry.published = text(news, "publication_date").and_then(|date| read_date(&date));
        entry.title = text(news, "title").and_then(|title| words(&title));
        let of_publication = news.named("publication").find_map(|publication| text(publication, "language"));
        entry.lang = of_publication.or_else(|| text(news, "language"));
        entry.tags = text(news, "keywords").unwrap_or_default().split(',').filter_map(words).collect();
    }
    Some(entry)
}

fn location(record: &Element, base: Option<&Url>) -> Option<Url> {
    let locations = record.named("loc").filter(|element| element.space != Space::ImageOrVideo);
    locations.filter_map(Element::text).find_map(|text| address(&text, base))
}

fn address(text: &str, base: Option<&Url>) -> Option<Url> {
    if text.len() > MAX_URL_BYTES { None } else { resolve(text, base) }
}

fn modified(record: &Element) -> Option<When> {
    record.named("lastmod").filter_map(Element::text).find_map(|text| read_date(&text))
}

fn from_feed(payload: Payload<'_>) -> Result<Sitemap, NotRead> {
    let feed = read_feed(payload)?;
    let mut gathered = Gathered::default();
    for entry in feed.entries {
        gathered.page(entry);
    }
    let mut sitemap = gathered.finish(false);
    sitemap.note = feed.note;
    Ok(sitemap)
}

/// A list of addresses, one a line. Lines that are none are counted; a text without any address is no sitemap.
fn plain(text: &str, payload: Payload<'_>) -> Result<Sitemap, NotRead> {
    let mut gathered = Gathered::default();
    let (mut bad, mut is_more) = (0_usize, false);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if gathered.is_full() {
            is_more = true;
            break;
        }
        match address(line, None).filter(|_| !line.contains(char::is_whitespace)) {
            Some(url) => gathered.page(Entry::of_url(url)),
            None => bad += 1,
        }
    }
    if gathered.seen.is_empty() {
        return Err(sniff::refuse(WANTED, payload));
    }
    let mut sitemap = gathered.finish(is_more);
    if bad > 0 {
        sitemap.note.get_or_insert_with(|| format!("{bad} lines are no address"));
    }
    Ok(sitemap)
}
