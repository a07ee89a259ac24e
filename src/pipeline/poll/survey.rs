//! Looks around at a site for what it can be polled by: the feeds and sitemaps that its home page and its robots.txt name
//! or that stand where they usually do, and the page's own links. Each is tried.

use super::{
    SourceKind,
    ask::{Asker, Fetched, Refusal},
    remote::{instant, parsed},
    sitemap::named_by_robots,
};
use crate::{
    fetch::Transport,
    model::When,
    source::{self, Candidate, CandidateKind, Entry, Payload},
    store::SourceState,
};
use std::collections::HashSet;
use url::Url;

/// Candidates that are tried.
const MAX_TRIED: usize = 16;

/// Places where sources usually stand are tried only until this many sources were found elsewhere.
const ENOUGH: usize = 2;

/// A source that was tried and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: SourceKind,
    /// Where it is, after redirects.
    pub url: Url,
    /// As it or the page calls it.
    pub title: Option<String>,
    /// Articles that it names.
    pub entries: usize,
    /// Sitemaps that it leads to.
    pub sitemaps: usize,
    /// The newest date that it gives.
    pub newest: Option<When>,
    /// How many of its entries carry the whole article.
    pub whole: usize,
}

/// What a site has.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The home page's address, after redirects.
    pub site: Option<Url>,
    /// What was read: the best first.
    pub found: Vec<Found>,
    /// What was tried and could not be read, in words. Places that nobody named are left out.
    pub failed: Vec<String>,
}

/// Looks around at the site of this address.
pub async fn survey(transport: &dyn Transport, url: &Url) -> Survey {
    let known = SourceState::default();
    let mut asker = Asker::new(transport, &known);
    let mut survey = Survey::default();
    let mut candidates = Vec::new();
    let home = asker.page(url).await;
    let site = match &home {
        Ok(home) => home.url.clone().unwrap_or_else(|| url.clone()),
        Err(refusal) => {
            survey.failed.push(refusal.reason.clone());
            url.clone()
        }
    };
    if let Ok(home) = &home {
        survey.site = Some(site.clone());
        let payload = Payload::of(&home.bytes).at(home.url.as_ref()).typed(home.content_type.as_deref());
        candidates = source::discover(payload);
    }
    candidates.extend(sitemaps_of(&mut asker, &site).await);
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.url.clone()));
    for candidate in candidates.into_iter().take(MAX_TRIED) {
        match tried(&mut asker, &candidate).await {
            Ok(found) => survey.add(found),
            Err(refusal) => survey.failed.push(refusal.reason),
        }
    }
    let usual = source::well_known(&site).into_iter().filter(|candidate| !seen.contains(&candidate.url));
    for candidate in usual.take(MAX_TRIED) {
        let has = |kind| survey.found.iter().filter(|found| found.kind == kind).count();
        if has(kind_of(candidate.kind)) > 0 || survey.found.len() >= ENOUGH {
            continue;
        }
        if let Ok(found) = tried(&mut asker, &candidate).await {
            survey.add(found);
        }
    }
    if let Ok(home) = home {
        // The address itself may be a feed or a sitemap.
        if let Some(found) = itself(&home, &site) {
            survey.add(found);
        }
        if let Ok(section) = parsed(home, source::read_section).await {
            survey.add(found(SourceKind::Page, site, None, &section.entries, 0));
        }
    }
    // The page names the most likely feed first; the order among equals is kept.
    survey.found.sort_by_key(rank);
    survey
}

impl Survey {
    fn add(&mut self, found: Found) {
        let is_known = self.found.iter().any(|known| known.url == found.url && known.kind == found.kind);
        if !is_known && found.entries + found.sitemaps > 0 {
            self.found.push(found);
        }
    }
}

/// Feeds say most of what is new, and of what articles say; sitemaps name all that a site has; a page what it shows.
fn rank(found: &Found) -> u8 {
    match found.kind {
        SourceKind::Feed => 0,
        SourceKind::Sitemap => 1,
        _ => 2,
    }
}

fn kind_of(kind: CandidateKind) -> SourceKind {
    match kind {
        CandidateKind::Feed => SourceKind::Feed,
        CandidateKind::Sitemap => SourceKind::Sitemap,
    }
}

async fn sitemaps_of(asker: &mut Asker<'_>, site: &Url) -> Vec<Candidate> {
    let Ok(robots) = site.join("/robots.txt") else { return Vec::new() };
    let Ok(fetched) = asker.whole(&robots).await else { return Vec::new() };
    let named = named_by_robots(site, &fetched.bytes).into_iter();
    named.map(|sitemap| Candidate { url: sitemap.url, kind: CandidateKind::Sitemap, title: None }).collect()
}

async fn tried(asker: &mut Asker<'_>, candidate: &Candidate) -> Result<Found, Refusal> {
    let fetched = asker.whole(&candidate.url).await?;
    let url = fetched.url.clone().unwrap_or_else(|| candidate.url.clone());
    match candidate.kind {
        CandidateKind::Feed => {
            let feed = parsed(fetched, source::read_feed).await?;
            Ok(found(SourceKind::Feed, url, feed.title.or_else(|| candidate.title.clone()), &feed.entries, 0))
        }
        CandidateKind::Sitemap => {
            let sitemap = parsed(fetched, source::read_sitemap).await?;
            Ok(found(SourceKind::Sitemap, url, candidate.title.clone(), &sitemap.pages, sitemap.sitemaps.len()))
        }
    }
}

fn itself(home: &Fetched, site: &Url) -> Option<Found> {
    let payload = Payload::of(&home.bytes).at(home.url.as_ref()).typed(home.content_type.as_deref());
    if let Ok(feed) = source::read_feed(payload) {
        return Some(found(SourceKind::Feed, site.clone(), feed.title, &feed.entries, 0));
    }
    let sitemap = source::read_sitemap(payload).ok()?;
    Some(found(SourceKind::Sitemap, site.clone(), None, &sitemap.pages, sitemap.sitemaps.len()))
}

fn found(kind: SourceKind, url: Url, title: Option<String>, entries: &[Entry], sitemaps: usize) -> Found {
    let named: Vec<_> = entries.iter().filter(|entry| entry.url.is_some()).collect();
    Found {
        kind,
        url,
        title,
        entries: named.len(),
        sitemaps,
        newest: named.iter().filter_map(|entry| entry.dated()).max_by_key(|when| instant(*when)),
        whole: named.iter().filter(|entry| entry.content_html.is_some()).count(),
    }
}
