//! What bytes are, where they are not what was looked for; so that an error says what a person can do.

use super::{CandidateKind, NotRead, Payload, discover, xml};
use crate::html;

/// How much of a document tells what it is.
const SNIFF_BYTES: usize = 4096;

/// How much of an HTML page is read for what it names.
const PAGE_BYTES: usize = 1024 * 1024;

/// Elements with which pages and pieces of pages begin.
const OF_HTML: [&str; 34] = [
    "html", "head", "body", "title", "meta", "base", "script", "style", "noscript", "div", "p", "h1", "h2", "h3", "h4",
    "h5", "h6", "main", "article", "section", "header", "nav", "aside", "footer", "ul", "ol", "table", "center",
    "form", "span", "br", "b", "img", "iframe",
];

/// Feeds named in an HTML page that are told.
const MAX_TOLD: usize = 10;

/// A title is told up to so many characters.
const MAX_TITLE_CHARS: usize = 80;

/// The refusal of a document that is not `wanted`, by what it is.
pub(super) fn refuse(wanted: &'static str, payload: Payload<'_>) -> NotRead {
    let bytes = payload.bytes;
    if bytes.trim_ascii().is_empty() {
        return NotRead::Empty { wanted };
    }
    if is_html(payload) {
        let payload = Payload { bytes: &bytes[..bytes.len().min(PAGE_BYTES)], ..payload };
        let feeds = discover(payload)
            .into_iter()
            .filter(|found| found.kind == CandidateKind::Feed)
            .map(|found| found.url.to_string())
            .take(MAX_TOLD)
            .collect();
        return NotRead::HtmlPage { wanted, title: title(payload), feeds };
    }
    NotRead::Other { wanted, found: name(payload) }
}

/// Whether the document is a web page (XHTML too), by what its first tags are.
pub(super) fn is_html(payload: Payload<'_>) -> bool {
    let head = head(payload);
    let trimmed = head.trim_start();
    if !trimmed.starts_with('<') {
        return payload
            .content_type
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
            && head.contains("</");
    }
    trimmed.starts_with("<!doctype html") || xml::root_name(&head).is_some_and(|root| OF_HTML.contains(&root.as_str()))
}

/// What a document is, with its article, and what reads it.
fn name(payload: Payload<'_>) -> String {
    let bytes = payload.bytes;
    let head = head(payload);
    let head = head.trim_start();
    let what = match bytes {
        [0x1f, 0x8b, ..] => "gzipped data that can't be inflated",
        [b'P', b'K', 3, 4, ..] => "a ZIP file",
        _ if bytes.starts_with(b"%PDF-") => "a PDF",
        _ if head.starts_with('<') => {
            return match xml::root_name(head).as_deref() {
                Some("rss" | "rdf" | "feed" | "channel") => "a feed; its kind is `feed`".to_owned(),
                Some("urlset" | "sitemapindex") => "a sitemap; its kind is `sitemap`".to_owned(),
                Some("opml") => "an OPML list of feeds; its kind is `opml`".to_owned(),
                Some("error") => "an error message in XML".to_owned(),
                Some(root) if root.len() <= 40 => format!("XML that is none: its root is <{root}>"),
                _ => "XML that is none".to_owned(),
            };
        }
        _ if head.starts_with(['{', '[']) => "JSON that is none",
        _ if head.contains('\0') || head.contains('\u{fffd}') => "binary data",
        _ if head.starts_with("http://") || head.starts_with("https://") => "a list of URLs; its kind is `list`",
        _ if head.contains("user-agent:") => "a robots.txt",
        _ => "plain text",
    };
    what.to_owned()
}

/// The beginning as text, in lower case.
fn head(payload: Payload<'_>) -> String {
    let bytes = &payload.bytes[..payload.bytes.len().min(SNIFF_BYTES)];
    xml::decode(Payload { bytes, ..payload }).trim_start_matches('\u{feff}').to_ascii_lowercase()
}

/// The page's title, which often says what went wrong.
fn title(payload: Payload<'_>) -> Option<String> {
    let (page, _) = html::decode(payload.bytes, payload.content_type);
    let tree = html::parse(&page);
    let element = tree.root_element().descendent_elements().find(|element| element.value().name() == "title")?;
    let title: String = html::text(element).split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then(|| title.chars().take(MAX_TITLE_CHARS).collect())
}
