//! Which sources a site has, by its home page, and where to look where the page names none.

use super::{Payload, words::words, xml::resolve};
use crate::html;
use scraper::ElementRef;
use std::collections::HashSet;
use url::Url;

/// More candidates of one page are not told.
const MAX_CANDIDATES: usize = 100;

/// Media types of feeds.
const FEED_TYPES: [&str; 8] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
    "application/xml",
    "text/xml",
    "application/rss",
];

/// Where sites have feeds without saying so, most likely first: the addresses of WordPress, of static site generators,
/// of Ghost and Medium, of Drupal, of Blogger.
const FEED_PATHS: [&str; 16] = [
    "feed/",
    "feed",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "rss",
    "rss/",
    "feed.json",
    "feeds/posts/default?alt=rss",
    "?feed=rss2",
    "blog/feed/",
    "news/rss",
    "news.rss",
    "feeds/all.atom.xml",
    "index.rss",
];

/// Where sites have sitemaps that their robots.txt does not name, most likely first.
const SITEMAP_PATHS: [&str; 14] = [
    "sitemap.xml",
    "sitemap_index.xml",
    "news-sitemap.xml",
    "sitemap-news.xml",
    "sitemap-index.xml",
    "wp-sitemap.xml",
    "sitemap.xml.gz",
    "sitemap_news.xml",
    "sitemapindex.xml",
    "sitemaps/sitemap.xml",
    "sitemap/sitemap.xml",
    "sitemap/index.xml",
    "sitemap_index.xml.gz",
    "sitemap.txt",
];

/// A source that a page names, or that a site may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Absolute, http or https.
    pub url: Url,
    /// What is probably there.
    pub kind: CandidateKind,
    /// As the page calls it.
    pub title: Option<String>,
}

/// What a candidate probably is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap or an index of them.
    Sitemap,
}

/// The sources that a home page names, most likely the one for all its articles first: `<link rel=alternate>`, then
/// links to feeds, then sitemaps; feeds of comments last. Empty where it names none.
#[must_use]
pub fn discover(payload: Payload<'_>) -> Vec<Candidate> {
    let (page, _) = html::decode(payload.bytes, payload.content_type);
    let tree = html::parse(&page);
    let mut base = payload.url.cloned();
    let mut seen = HashSet::new();
    let mut found: Vec<(u8, Candidate)> = Vec::new();
    for element in tree.root_element().descendent_elements() {
        let judged = match element.value().name() {
            "base" => {
                base = html::attr(element, "href").and_then(|href| resolve(href, base.as_ref())).or(base);
                None
            }
            "link" => named_in_head(element),
            "a" => linked(element, base.as_ref()),
            _ => None,
        };
        let Some((rank, kind)) = judged else { continue };
        let Some(url) = html::attr(element, "href").and_then(|href| resolve(href, base.as_ref())) else { continue };
        let title = html::attr(element, "title").map(str::to_owned).or_else(|| Some(html::text(element)));
        let title = title.and_then(|title| words(&title));
        let is_comments = title.as_deref().is_some_and(is_of_comments) || is_of_comments(url.path());
        if seen.insert(url.clone()) && found.len() < MAX_CANDIDATES {
            found.push((if is_comments { u8::MAX } else { rank }, Candidate { url, kind, title }));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

fn named_in_head(link: ElementRef<'_>) -> Option<(u8, CandidateKind)> {
    let rel = html::attr(link, "rel")?.to_ascii_lowercase();
    let has = |word: &str| rel.split_ascii_whitespace().any(|own| own == word);
    if has("sitemap") {
        return Some((3, CandidateKind::Sitemap));
    }
    if has("feed") && !has("alternate") {
        return Some((0, CandidateKind::Feed));
    }
    if !has("alternate")
        || has("stylesheet")
        || html::attr(link, "hreflang").is_some() && html::attr(link, "type").is_none()
    {
        return None;
    }
    let kind = html::attr(link, "type")?.to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    // JSON of an API is none: only what says that it is a feed.
    let is_api = kind == "application/json" && !html::attr(link, "href").is_some_and(|href| href.contains("feed"));
    (FEED_TYPES.contains(&kind) && !is_api).then_some((0, CandidateKind::Feed))
}

/// A link of the page whose address looks like a feed's or a sitemap's.
fn linked(link: ElementRef<'_>, base: Option<&Url>) -> Option<(u8, CandidateKind)> {
    let url = resolve(html::attr(link, "href")?, base)?;
    let path = url.path().to_ascii_lowercase();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if last.starts_with("sitemap") && [".xml", ".xml.gz", ".txt"].iter().any(|ending| last.ends_with(ending)) {
        return Some((3, CandidateKind::Sitemap));
    }
    let is_feed = matches!(last, "feed" | "rss" | "atom" | "rss2" | "feed.json" | "index.rdf")
        || [".rss", ".atom", ".rdf"].iter().any(|ending| last.ends_with(ending))
        || (last.ends_with(".xml") && ["rss", "atom", "feed", "index"].iter().any(|part| last.contains(part)))
        || matches!(url.host_str(), Some("feeds.feedburner.com" | "feeds2.feedburner.com"));
    // Services that make feeds of other sites, and those that add a feed to a reader, are not the site's own.
    let is_own = base.is_none_or(|base| base.host_str() == url.host_str())
        || url.host_str().is_some_and(|host| host.starts_with("feed"));
    (is_feed && is_own).then_some((1, CandidateKind::Feed))
}

fn is_of_comments(text: &str) -> bool {
    let text = text.to_lowercase();
    ["comment", "kommentar", "comentario"].iter().any(|word| text.contains(word))
}

/// Addresses at which sites have feeds and sitemaps without saying so, most likely first. For a site under a path
/// (`https://example.com/blog/`) those under the path come before those at its root.
#[must_use]
pub fn well_known(site: &Url) -> Vec<Candidate> {
    let mut root = site.clone();
    root.set_query(None);
    root.set_fragment(None);
    let mut bases = vec![root.clone()];
    if let Ok(mut segments) = root.path_segments_mut() {
        segments.clear();
    }
    // A path that names a file starts at the file's folder.
    let is_folder = site.path().ends_with('/') || !site.path().rsplit('/').next().unwrap_or_default().contains('.');
    if let (true, Some(base)) = (is_folder && !site.path().ends_with('/'), bases.first_mut()) {
        base.set_path(&format!("{}/", site.path()));
    }
    bases.push(root);
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (kind, paths) in [(CandidateKind::Feed, &FEED_PATHS[..]), (CandidateKind::Sitemap, &SITEMAP_PATHS[..])] {
        for url in bases.iter().flat_map(|base| paths.iter().filter_map(|path| resolve(path, Some(base)))) {
            if seen.insert(url.clone()) {
                found.push(Candidate { url, kind, title: None });
            }
        }
    }
    found
}
