//! The documents of sources, read by their kinds into what they name.

use super::{
    Named, Source, SourceKind,
    agenda::feed,
    ask::{Asker, Fetched, Refusal},
    sitemap,
};
use crate::{
    article::Kind,
    model::When,
    pipeline::{
        article::{Document, Hint},
        input::{self, Input, InputError, Work, WorkBody},
    },
    source::{self, BadLine, Entry, Feed, NotRead, Payload},
};
use jiff::{Timestamp, tz::TimeZone};
use std::{cmp::Reverse, collections::HashSet};
use url::Url;

/// Pages of a section that are read where the configuration doesn't say: the first ones.
const DEFAULT_PAGES: u8 = 3;

/// Pages of a feed's history that are read at the first poll, the feed itself the first of them, where the configuration
/// doesn't say.
const DEFAULT_FEED_PAGES: u8 = 10;

/// Levels of lists of feeds that include one another, where the configuration doesn't say.
const DEFAULT_LISTS: u8 = 3;

/// What a source names by now.
pub(super) async fn read(asker: &mut Asker<'_>, source: &Source) -> Result<Named, Refusal> {
    match source.kind {
        SourceKind::Sitemap => Ok(named(source, sitemap::read(asker, source).await?)),
        SourceKind::Page => pages(asker, source).await,
        SourceKind::Opml => feeds(asker, source).await,
        SourceKind::List => list(asker, source).await,
        _ => one_feed(asker, source).await,
    }
}

/// Reads a document on a thread of its own: a large one takes a while.
pub(super) async fn parsed<T: Send + 'static>(
    fetched: Fetched,
    read: impl FnOnce(Payload<'_>) -> Result<T, NotRead> + Send + 'static,
) -> Result<T, Refusal> {
    let at = fetched.url.as_ref().map(Url::to_string).unwrap_or_default();
    let read = move || {
        let Fetched { bytes, url, content_type } = fetched;
        read(Payload::of(&bytes).at(url.as_ref()).typed(content_type.as_deref()))
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(done) => done.map_err(|error| Refusal::new(format!("{at}: {error}"))),
        Err(error) => Err(Refusal::new(format!("{at} could not be read: {error}"))),
    }
}

async fn one_feed(asker: &mut Asker<'_>, source: &Source) -> Result<Named, Refusal> {
    let Some(fetched) = asker.first(&source.place).await? else { return Ok(Named::nothing()) };
    let mut feed = parsed(fetched, source::read_feed).await?;
    if feed.entries.is_empty() {
        asker.findings.notes.push("the feed has no entries".to_owned());
    }
    asker.findings.notes.extend(feed.note.take());
    if asker.known.last_success_at.is_none() {
        older(asker, source, &mut feed).await;
    }
    Ok(named(source, feed.entries))
}

/// What a feed said before, where it says where that is (RFC 5005), the first time that it is asked.
async fn older(asker: &mut Asker<'_>, source: &Source, feed: &mut Feed) {
    let mut seen = HashSet::new();
    let host = asker.own(&source.place).and_then(|url| url.host_str().map(str::to_owned));
    for _ in 1..source.depth.unwrap_or(DEFAULT_FEED_PAGES).max(1) {
        let next = feed.next.take().filter(|url| url.host_str() == host.as_deref() && seen.insert(url.clone()));
        let Some(next) = next.filter(|_| asker.may_go_on()) else { break };
        let read = match asker.whole(&next).await {
            Ok(fetched) => parsed(fetched, source::read_feed).await,
            Err(refusal) => Err(refusal),
        };
        match read {
            Ok(page) => {
                feed.entries.extend(page.entries);
                feed.next = page.next;
            }
            Err(refusal) => asker.findings.notes.push(format!("older entries: {}", refusal.reason)),
        }
    }
    let mut once = HashSet::new();
    feed.entries.retain(|entry| entry.url.as_ref().is_none_or(|url| once.insert(url.clone())));
}

/// A section's page, and the next ones of the same list at the same site.
async fn pages(asker: &mut Asker<'_>, source: &Source) -> Result<Named, Refusal> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen = HashSet::new();
    let mut next = None;
    for nth in 0..source.depth.unwrap_or(DEFAULT_PAGES).max(1) {
        let fetched = match &next {
            None => asker.first(&source.place).await?,
            Some(url) if asker.may_go_on() => match asker.further_page(url).await {
                Ok(fetched) => fetched,
                Err(refusal) => {
                    asker.findings.notes.push(refusal.reason);
                    break;
                }
            },
            Some(_) => break,
        };
        // A page that is as it was leads where it led; what follows it has been read.
        let Some(fetched) = fetched else { break };
        let site = fetched.url.clone();
        seen.extend(site.clone());
        let section = match parsed(fetched, source::read_section).await {
            Ok(section) => section,
            Err(refusal) if nth > 0 => {
                asker.findings.notes.push(refusal.reason);
                break;
            }
            Err(refusal) => return Err(refusal),
        };
        entries.extend(section.entries);
        let same_site = |url: &Url| site.as_ref().is_some_and(|site| site.host_str() == url.host_str());
        next = section.next.filter(|url| same_site(url) && !seen.contains(url));
        if next.is_none() {
            break;
        }
    }
    if entries.is_empty() && asker.known.last_success_at.is_none() {
        asker.findings.notes.push("the page has no links that look like articles".to_owned());
    }
    let mut once = HashSet::new();
    entries.retain(|entry| entry.url.as_ref().is_some_and(|url| once.insert(url.clone())));
    Ok(named(source, entries))
}

/// The feeds of a list, and of the lists that it includes.
async fn feeds(asker: &mut Asker<'_>, source: &Source) -> Result<Named, Refusal> {
    let Some(fetched) = asker.first(&source.place).await? else { return Ok(Named::nothing()) };
    let mut seen: HashSet<Url> = fetched.url.iter().cloned().collect();
    let mut list = parsed(fetched, source::read_opml).await?;
    let mut found = list.feeds;
    let mut sites = list.sites.len();
    for _ in 1..source.depth.unwrap_or(DEFAULT_LISTS).max(1) {
        let mut included = Vec::new();
        for further in std::mem::take(&mut list.lists) {
            if !seen.insert(further.url.clone()) || !asker.may_go_on() {
                continue;
            }
            // A list that is part of another is read whole, for what the other one names is put together anew.
            asker.forget(&further.url);
            let read = match asker.whole(&further.url).await {
                Ok(fetched) => parsed(fetched, source::read_opml).await,
                Err(refusal) => Err(refusal),
            };
            match read {
                Ok(inner) => {
                    found.extend(inner.feeds);
                    included.extend(inner.lists);
                    sites += inner.sites.len();
                }
                Err(refusal) => asker.findings.notes.push(refusal.reason),
            }
        }
        list.lists = included;
    }
    if found.is_empty() {
        asker.findings.notes.push("the list names no feed".to_owned());
    }
    if sites > 0 {
        asker
            .findings
            .notes
            .push(format!("{sites} of its entries name a site without a feed; `embalm init --site URL` looks for one"));
    }
    let mut once = HashSet::new();
    let sources = found.into_iter().filter(|feed| once.insert(feed.url.clone())).map(|found| {
        let mut labels = source.labels.clone();
        for label in found.categories.into_iter().flatten() {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        Source { labels, ..feed(source, found.url) }
    });
    Ok(Named { sources: Some(sources.collect()), ..Named::nothing() })
}

/// A list of URLs, or what a browser or a service for reading later exports.
async fn list(asker: &mut Asker<'_>, source: &Source) -> Result<Named, Refusal> {
    if let Input::Path(path) = &source.place
        && input::holds_lines(path)
    {
        let works = input::expand(&source.place).map_err(|error| Refusal::new(error.to_string()))?;
        return Ok(Named { works, known: None, sources: None });
    }
    let Some(fetched) = asker.first(&source.place).await? else { return Ok(Named::nothing()) };
    if is_export(&fetched.bytes) {
        let saved = parsed(fetched, source::read_saved).await?;
        if saved.skipped > 0 {
            asker.findings.notes.push(format!("{} of its rows name no address that can be fetched", saved.skipped));
        }
        return Ok(named(source, saved.entries));
    }
    let list = source::read_list(&String::from_utf8_lossy(&fetched.bytes));
    let known = list.urls.len();
    let bad = list.bad.into_iter().map(|line| Err(error_of_line(line)));
    let works: Vec<_> = list.urls.into_iter().map(|url| Ok(work_of_url(source, url))).chain(bad).collect();
    Ok(Named { works: Box::new(works.into_iter()), known: Some(known), sources: None })
}

/// Whether bytes are an export, not a list of URLs: markup, JSON, or a table with a head.
fn is_export(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = text.split(|byte| *byte == b'\n').next().unwrap_or_default().to_ascii_lowercase();
    let is_table = head.contains(&b',') && !head.starts_with(b"http") && head.windows(3).any(|word| word == b"url");
    text.starts_with(b"<") || text.starts_with(b"{") || text.starts_with(b"[") || is_table
}

/// Entries as works: those of their time, in the order that is asked for.
fn named(source: &Source, mut entries: Vec<Entry>) -> Named {
    if let Some(since) = source.since {
        entries.retain(|entry| entry.dated().and_then(instant).is_none_or(|at| at >= since));
    }
    if source.newest_first {
        entries.sort_by_key(|entry| Reverse(entry.dated().and_then(instant)));
    }
    Named::of(entries.into_iter().filter_map(|entry| work_of_entry(source, entry)).collect())
}

/// The beginning of a day, or the instant.
pub(super) fn instant(when: When) -> Option<Timestamp> {
    match when {
        When::Instant(at) => Some(at),
        When::Day(day) => day.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp()),
    }
}

fn work_of_url(source: &Source, url: Url) -> Work {
    match input::work_of_url(url) {
        Work { name, body: WorkBody::Url(url, _), .. } => {
            let hint = Hint { lang: source.lang.clone(), ..Hint::default() };
            let spare = Document { hint, ..Document::new(name.clone(), Vec::new()) };
            Work { once: true, ..Work::new(name, WorkBody::Url(url, Some(Box::new(spare)))) }
        }
        work => Work { once: true, ..work },
    }
}

fn error_of_line(bad: BadLine) -> InputError {
    InputError { input: bad.text, reason: format!("line {}: {}", bad.line, bad.why) }
}

/// An entry's page is what counts; its content serves where the page can't be had. An entry without an address names
/// nothing.
fn work_of_entry(source: &Source, entry: Entry) -> Option<Work> {
    let published = entry.dated();
    let mut work = work_of_url(source, entry.url?);
    if let WorkBody::Url(url, Some(spare)) = &mut work.body {
        spare.url = Some(entry.content_base.unwrap_or_else(|| url.clone()));
        spare.kind = Some(Kind::Html);
        spare.content_type = Some("text/html; charset=utf-8".to_owned());
        let lang = entry.lang.or(spare.hint.lang.take());
        spare.hint = Hint { title: entry.title, published, lang, updated: entry.updated, ..Hint::default() };
        spare.bytes = entry.content_html.unwrap_or_default().into_bytes();
    }
    Some(work)
}
