//! Sitemaps: an index is walked down to the sitemaps that may have changed, within limits.

use super::{
    Source,
    ask::{Asker, Refusal},
    remote::parsed,
};
use crate::{
    model::When,
    pipeline::input::Input,
    source::{self, CandidateKind, Entry, Sitemap, SitemapRef},
    store::SourceDocument,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::HashSet;
use url::Url;

/// Levels of sitemaps, the source's own the first, where the configuration doesn't say. The protocol knows two.
const DEFAULT_LEVELS: u8 = 3;

/// Addresses of one poll. Sitemaps beyond are read in the next run.
const MAX_POLL_URLS: usize = 100_000;

/// A sitemap that its index calls unchanged is read all the same after this long: indexes are not always told.
const MAX_TRUST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The largest robots.txt that is searched, in bytes (RFC 9309, 2.5).
const MAX_ROBOTS_BYTES: usize = 512 * 1024;

/// The pages that a sitemap, and those that it leads to, name.
pub(super) async fn read(asker: &mut Asker<'_>, source: &Source) -> Result<Vec<Entry>, Refusal> {
    let mut pages = Vec::new();
    let mut level = match site(&source.place) {
        Some(site) => of_site(asker, site, &mut pages).await?,
        None => {
            let Some(fetched) = asker.first(&source.place).await? else { return Ok(pages) };
            let sitemap = parsed(fetched, source::read_sitemap).await?;
            let own = asker.own(&source.place);
            take(asker, own.as_ref(), sitemap, &mut pages)
        }
    };
    let mut seen: HashSet<Url> = HashSet::new();
    if let Input::Url(own) = &source.place {
        seen.insert(own.clone());
    }
    let (mut answered, mut refused) = (pages.len(), None);
    for _ in 1..source.depth.unwrap_or(DEFAULT_LEVELS).max(1) {
        let mut next = Vec::new();
        for child in std::mem::take(&mut level) {
            if !seen.insert(child.url.clone()) {
                continue;
            }
            if is_unchanged(asker, &child) {
                answered += 1;
                continue;
            }
            if pages.len() >= MAX_POLL_URLS {
                asker.findings.whole = false;
            }
            if !asker.may_go_on() || pages.len() >= MAX_POLL_URLS {
                asker.forget(&child.url);
                continue;
            }
            let read = match asker.further(&child.url).await {
                Ok(None) => {
                    answered += 1;
                    continue;
                }
                Ok(Some(fetched)) => parsed(fetched, source::read_sitemap).await,
                Err(refusal) => Err(refusal),
            };
            match read {
                Ok(sitemap) => {
                    answered += 1;
                    next.extend(take(asker, Some(&child.url), sitemap, &mut pages));
                }
                Err(refusal) => {
                    asker.forget(&child.url);
                    asker.findings.notes.push(refusal.reason.clone());
                    refused = Some(refusal);
                }
            }
        }
        level = next;
    }
    // An index is worth what it leads to.
    if let Some(refusal) = refused.filter(|_| answered == 0) {
        return Err(refusal);
    }
    if !level.is_empty() {
        asker.findings.notes.push(format!("{} sitemaps deeper than `depth` allows were left out", level.len()));
    }
    if !asker.findings.whole {
        asker.findings.notes.push("more sitemaps than one run reads; the next run goes on".to_owned());
    }
    let mut once = HashSet::new();
    pages.retain(|entry| entry.url.as_ref().is_some_and(|url| once.insert(url.clone())));
    Ok(pages)
}

/// Takes what a sitemap names. An index is read whole each time: it may stay as it is while what it leads to changes. So is
/// one that broke off.
fn take(asker: &mut Asker<'_>, at: Option<&Url>, sitemap: Sitemap, pages: &mut Vec<Entry>) -> Vec<SitemapRef> {
    if let Some(at) = at.filter(|_| !sitemap.sitemaps.is_empty() || sitemap.breaks_off) {
        asker.forget(at);
    }
    asker.findings.notes.extend(sitemap.note);
    pages.extend(sitemap.pages);
    sitemap.sitemaps
}

/// Whether the index says that the sitemap is as it was when it was read, not too long ago. A day counts to its end.
fn is_unchanged(asker: &Asker<'_>, child: &SitemapRef) -> bool {
    let Some(SourceDocument { read_at, .. }) = asker.known.documents.get(child.url.as_str()) else { return false };
    let Some(changed) = child.updated.and_then(end) else { return false };
    changed < *read_at && asker.now.duration_since(*read_at) < MAX_TRUST
}

fn end(when: When) -> Option<Timestamp> {
    match when {
        When::Instant(at) => Some(at),
        When::Day(day) => day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp()),
    }
}

/// The address of a site, where the source names no sitemap of it.
fn site(place: &Input) -> Option<&Url> {
    match place {
        Input::Url(url) if url.path() == "/" && url.query().is_none() => Some(url),
        _ => None,
    }
}

/// The sitemaps that a site names in its robots.txt, else the first that stands where sitemaps usually do.
async fn of_site(asker: &mut Asker<'_>, site: &Url, pages: &mut Vec<Entry>) -> Result<Vec<SitemapRef>, Refusal> {
    let robots = site.join("/robots.txt").map_err(|error| Refusal::new(error.to_string()))?;
    if let Ok(fetched) = asker.whole(&robots).await {
        let named = named_by_robots(site, &fetched.bytes);
        if !named.is_empty() {
            return Ok(named);
        }
    }
    let mut refused = Refusal::new(format!("{robots} names no sitemap"));
    for candidate in source::well_known(site).into_iter().filter(|found| found.kind == CandidateKind::Sitemap) {
        match asker.further(&candidate.url).await {
            Ok(None) => return Ok(Vec::new()),
            Ok(Some(fetched)) => match parsed(fetched, source::read_sitemap).await {
                Ok(sitemap) => return Ok(take(asker, Some(&candidate.url), sitemap, pages)),
                Err(refusal) => refused = refusal,
            },
            Err(refusal) => refused.retry_at = refusal.retry_at,
        }
        asker.forget(&candidate.url);
    }
    refused.reason =
        format!("{site} names no sitemap in its robots.txt, and none is where they usually are ({})", refused.reason);
    Err(refused)
}

/// The `Sitemap:` lines of a robots.txt, each address once.
pub(super) fn named_by_robots(site: &Url, bytes: &[u8]) -> Vec<SitemapRef> {
    let text = String::from_utf8_lossy(bytes.get(..MAX_ROBOTS_BYTES).unwrap_or(bytes));
    let mut seen = HashSet::new();
    let lines = text.trim_start_matches('\u{feff}').lines().filter_map(|line| {
        let (name, value) = line.split('#').next()?.split_once(':')?;
        name.trim().eq_ignore_ascii_case("sitemap").then(|| site.join(value.trim()).ok())?
    });
    let urls = lines.filter(|url| matches!(url.scheme(), "http" | "https") && seen.insert(url.clone()));
    urls.map(|url| SitemapRef { url, updated: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_name_sitemaps_in_any_case_anywhere_each_once() {
        let site = Url::parse("https://tide.example/").unwrap();
        let robots =
            b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /\r\nsitemap: /a.xml # main\nSITEMAP:https://cdn.example/b.xml\n\
                       Sitemap: /a.xml\nSitemap: file:///etc/passwd\nSitemap\n";
        let named: Vec<_> =
            named_by_robots(&site, robots).into_iter().map(|sitemap| String::from(sitemap.url)).collect();
        assert_eq!(named, ["https://tide.example/a.xml", "https://cdn.example/b.xml"]);
    }
}
